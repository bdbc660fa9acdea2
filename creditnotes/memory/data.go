package memory

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/sessions"
	"creditrun/numbering"
)

// Data is all that a store keeps: its tables. Rows in slices are in the order in
// which they were written.
type Data struct {
	Configuration creditnotes.Configuration // without connectors and settings
	Connectors    []entities.Connector      // also those that only sessions name: without a station
	Settings      creditnotes.Settings
	ActiveSince   time.Time

	Sessions  []Session // by id
	Runs      []Run     // by id
	Owners    []OwnerResult
	Contracts []RunContracts
	Holds     []Hold
	Warnings  []Hold
	OwnWaits  []Hold
	LeftOut   []LeftOut
	Remarks   []Remark
	RunNets   map[int64][]creditnotes.OwnerNet // of discarded drafts
	Own       []OwnCharge
	Notes     []creditnotes.Note
	Lines     []Line
	Paths     map[int64][]byte // JSON
	CarryUses map[CarryUse]int64
	Withdrawn map[int64]int64 // the cancellation by the note that it withdrew
	Counters  map[numbering.Counter]Range
	Files     []creditnotes.File
	Jobs      map[int64]time.Time // notes whose files are to be made, by when they were issued

	Reports []creditnotes.FrozenReport
	TopUps  []creditnotes.TopUp
	Records []creditnotes.CustomRecord // without the notes that they are on

	OpenBooks []OpenBook
	Touched   []OpenMark

	Movements   []creditnotes.Movement // by id
	Allocations []creditnotes.Allocation

	Deliveries      []creditnotes.Delivery
	MarkedAddresses []creditnotes.MarkedAddress
	EntityDocuments []creditnotes.EntityDocument // by id
	Objections      []creditnotes.Objection
	Proposals       []creditnotes.Proposal
	SamePersons     map[string]string
	MonthFailures   map[entities.Month]creditnotes.Failure
	Assets          map[string][]byte
	Audit           []AuditEntry
	AuditHead       creditnotes.AuditHead
	IDs             map[string]int64 // the next of a name
}

// Session is one version of a session.
type Session struct {
	sessions.Session
	Current      bool
	SupersededAt time.Time // when a later version was received
	Fingerprint  string
}

// Run is a run with its lease.
type Run struct {
	creditnotes.Run
	LeasedTo     string
	LeaseUntil   time.Time
	SettledBelow int64     // every session with a lower id was received until the cut-off
	SettledUntil time.Time // of these, those that end before it have an outcome
}

// Line is a line with its run.
type Line struct {
	creditnotes.Line
	RunID int64
	Live  bool
}

// OwnCharge is a charge with its run.
type OwnCharge struct {
	creditnotes.OwnCharge
	RunID int64
	Live  bool
}

// Hold is a session that a run held, or credited with a warning.
type Hold struct {
	creditnotes.Hold
	RunID int64
}

// LeftOut is an owner that was left out of a run.
type LeftOut struct {
	creditnotes.LeftOut
	RunID int64
}

// Remark is what was written about a run.
type Remark struct {
	creditnotes.Remark
	RunID int64
}

// OwnerResult is what a run did with an owner.
type OwnerResult struct {
	creditnotes.OwnerResult
	RunID int64
}

// CarryUse is an owner's part of a sum that a note brings along.
type CarryUse struct{ Carried, Owner int64 }

// Range is how far a counter has come.
type Range struct{ First, Next int64 }

func newData() *Data {
	return &Data{
		Settings: creditnotes.DefaultSettings(), Paths: map[int64][]byte{}, RunNets: map[int64][]creditnotes.OwnerNet{}, CarryUses: map[CarryUse]int64{}, Withdrawn: map[int64]int64{},
		Counters: map[numbering.Counter]Range{}, Jobs: map[int64]time.Time{}, SamePersons: map[string]string{},
		MonthFailures: map[entities.Month]creditnotes.Failure{}, Assets: map[string][]byte{}, IDs: map[string]int64{},
	}
}

// clone copies the tables and not what rows point at: a transaction replaces
// rows and never changes what is behind them.
func (d *Data) clone() *Data {
	c := *d
	c.Connectors, c.Sessions, c.Runs = slices.Clone(d.Connectors), slices.Clone(d.Sessions), slices.Clone(d.Runs)
	c.Own, c.OwnWaits = slices.Clone(d.Own), slices.Clone(d.OwnWaits)
	c.Owners, c.Holds, c.Warnings = slices.Clone(d.Owners), slices.Clone(d.Holds), slices.Clone(d.Warnings)
	c.Notes, c.Lines, c.Files = slices.Clone(d.Notes), slices.Clone(d.Lines), slices.Clone(d.Files)
	c.Deliveries, c.Objections, c.Audit = slices.Clone(d.Deliveries), slices.Clone(d.Objections), slices.Clone(d.Audit)
	c.Movements, c.Allocations = slices.Clone(d.Movements), slices.Clone(d.Allocations)
	c.Reports = slices.Clone(d.Reports)
	c.OpenBooks, c.Touched = slices.Clone(d.OpenBooks), slices.Clone(d.Touched)
	c.TopUps, c.Records = slices.Clone(d.TopUps), slices.Clone(d.Records)
	c.Paths, c.CarryUses, c.Withdrawn = maps.Clone(d.Paths), maps.Clone(d.CarryUses), maps.Clone(d.Withdrawn)
	c.Counters, c.Jobs, c.IDs = maps.Clone(d.Counters), maps.Clone(d.Jobs), maps.Clone(d.IDs)
	c.MonthFailures, c.Assets = maps.Clone(d.MonthFailures), maps.Clone(d.Assets)
	return &c
}

// run finds a run by id, or nil.
func (d *Data) run(id int64) *Run {
	for i := range d.Runs {
		if d.Runs[i].ID == id {
			return &d.Runs[i]
		}
	}
	return nil
}

// note finds a note by id, or nil.
func (d *Data) note(id int64) *creditnotes.Note {
	for i := range d.Notes {
		if d.Notes[i].ID == id {
			return &d.Notes[i]
		}
	}
	return nil
}

// session finds a version of a session by id, or nil.
func (d *Data) session(id int64) *Session {
	if i, ok := slices.BinarySearchFunc(d.Sessions, id, func(s Session, id int64) int { return int(s.ID - id) }); ok {
		return &d.Sessions[i]
	}
	return nil
}

// cancelledBy returns the cancellation of a note, or nil.
func (d *Data) cancelledBy(id int64) *creditnotes.Note {
	for i := range d.Notes {
		if d.Notes[i].Cancels == id {
			return &d.Notes[i]
		}
	}
	return nil
}

// stands reports whether a note is neither cancelled nor withdrawn.
func (d *Data) stands(id int64) bool { return d.cancelledBy(id) == nil && d.Withdrawn[id] == 0 }

// ownerKey returns the key of an entity by its id; empty: there is none.
func (d *Data) ownerKey(id int64) string {
	for i := range d.Configuration.Entities {
		if d.Configuration.Entities[i].ID == id {
			return d.Configuration.Entities[i].Key
		}
	}
	return ""
}

// ownerID returns the id of an entity by its key; 0: there is none.
func (d *Data) ownerID(key string) int64 {
	for i := range d.Configuration.Entities {
		if d.Configuration.Entities[i].Key == key {
			return d.Configuration.Entities[i].ID
		}
	}
	return 0
}

// RunContracts are contracts as a run read them.
type RunContracts struct {
	creditnotes.FrozenContracts
	RunID int64
}

// settled are the sessions that have an outcome.
func (d *Data) settled() map[int64]bool {
	settled := map[int64]bool{}
	for i := range d.Lines {
		if l := &d.Lines[i]; l.Live && l.Kind != creditnotes.LineReversal {
			settled[l.SessionID] = true
		}
	}
	d.settleAlike(settled)
	return settled
}

// settleAlike adds the versions that differ from one that was credited in
// nothing but the driver amount, which its settlement did not use.
func (d *Data) settleAlike(settled map[int64]bool) {
	for i := range d.Lines {
		l := &d.Lines[i]
		if !l.Live || l.Kind != creditnotes.LineCredit || l.ByDriver {
			continue
		}
		paid := d.session(l.SessionID)
		for k := range d.Sessions {
			if v := &d.Sessions[k]; v.alike(paid) {
				settled[v.ID] = true
			}
		}
	}
}

// alike reports whether a version differs from an earlier one in nothing but the
// driver amount.
func (s *Session) alike(earlier *Session) bool {
	return s.SameAs != 0 && s.Version > earlier.Version && s.sameSession(earlier) && (earlier.ID == s.SameAs || earlier.SameAs == s.SameAs)
}

// knownAt reports whether this is the version that counts at a cut-off:
// received until then and not replaced until then.
func (s *Session) knownAt(cutoff time.Time) bool {
	return !s.ReceivedAt.After(cutoff) && (s.SupersededAt.IsZero() || s.SupersededAt.After(cutoff))
}

func (s *Session) name() string { return s.Source + "/" + s.ExternalID }

// sameSession reports whether two versions are of one session.
func (s *Session) sameSession(other *Session) bool {
	return s.Source == other.Source && s.ExternalID == other.ExternalID
}

// Count counts the rows of a table.
func (s *Store) Count(_ context.Context, table string) (int, error) {
	d := s.read()
	switch table {
	case "runs":
		return len(d.Runs), nil
	case "notes":
		return len(d.Notes), nil
	case "lines":
		return len(d.Lines), nil
	case "live lines":
		return len(slices.DeleteFunc(slices.Clone(d.Lines), func(l Line) bool { return !l.Live })), nil
	case "deliveries":
		return len(d.Deliveries), nil
	case "objections":
		return len(d.Objections), nil
	case "number counters":
		return len(d.Counters), nil
	case "files":
		return len(d.Files), nil
	case "audit entries":
		return len(d.Audit), nil
	}
	return 0, fmt.Errorf("there is no table %q", table)
}
