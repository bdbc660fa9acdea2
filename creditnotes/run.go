package creditnotes

import (
	"time"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
)

// Run is one month end (domain.md §9.3). Its stage says what has been done;
// every stage can be taken up again after a crash without doing anything twice.
type Run struct {
	ID           int64
	Name         string // the month; from the second run of a month on with a counter: 2026-10-2
	Month        entities.Month
	Trigger      Trigger
	Stage        Stage
	DocumentDate entities.Date
	DateGiven    bool      // otherwise the run is dated the day on which it is issued; until then DocumentDate is the day of drafting
	Cutoff       time.Time // sessions received later belong to a later run
	SettledUntil time.Time // every session that ends before it, received until the cut-off, has an outcome; set when that is proven
	Settings     Settings  // as they were when the run began
	CreatedAt    time.Time
	CreatedBy    string
	ApprovedAt   time.Time
	ApprovedBy   string
	FinishedAt   time.Time
	Failure      *Failure // why it stopped; nil while nothing is wrong
	Holder       *Holder  // who works on it, where that kept another process from it
	Seen         *int     // DraftChanges of the draft that is released; nil: whatever it is
}

// Holder is the process that works on a run.
type Holder struct {
	Who    string    // command, process id and host; empty where it is not known
	Until  time.Time // when others may take the run up, should nothing be heard of the process
	Silent bool      // nothing was heard of it for a while: it hangs, or cannot reach the database
}

// Trigger says what started a run.
type Trigger string

// The triggers of runs.
const (
	Manual   Trigger = "manual"
	Schedule Trigger = "schedule"
)

// Stage is how far a run has come.
type Stage string

// The stages of a run.
const (
	StageDrafting  Stage = "drafting"  // sessions are priced and grouped, owner by owner
	StageDrafted   Stage = "drafted"   // complete and proven, numberless; waits for release
	StageReleased  Stage = "released"  // may be issued
	StageIssued    Stage = "issued"    // numbered and frozen; documents are being rendered
	StageCompleted Stage = "completed" // all documents are stored
	StageDiscarded Stage = "discarded" // thrown away before anything was issued
)

// Done reports whether nothing is left to do for a run itself.
func (s Stage) Done() bool { return s == StageCompleted || s == StageDiscarded }

// Numberless reports whether the notes of a run have no numbers yet.
func (s Stage) Numberless() bool {
	return s == StageDrafting || s == StageDrafted || s == StageReleased
}

// Period returns the half-open interval of instants a run's month covers.
func (r *Run) Period(zone *time.Location) (from, until time.Time) {
	return r.Month.Start(zone), r.Month.Next().Start(zone)
}

// Count is a number of sessions with their energy: one cell of the control
// sheet.
type Count struct {
	Sessions int64          `json:"sessions"`
	Energy   money.Quantity `json:"energy_kwh"`
}

// Add counts one more session.
func (c *Count) Add(energy money.Quantity) {
	c.Sessions++
	c.Energy += energy
}

// Plus returns the sum of two counts.
func (c Count) Plus(d Count) Count {
	return Count{c.Sessions + d.Sessions, c.Energy + d.Energy}
}

// Control is a control sheet: what was received and what became of it
// (domain.md §3.8).
type Control struct {
	Received Count `json:"received"`
	Credited Count `json:"credited"`
	Held     Count `json:"held"`
	Zero     Count `json:"zero"`
	Excluded Count `json:"excluded"`
	// Withdrawn are sessions that their source took back before they were
	// credited. They count with 0 kWh, here and as received.
	Withdrawn Count `json:"withdrawn"`
}

// Balanced reports whether every session received has exactly one outcome.
func (c Control) Balanced() bool {
	return c.Received == c.Credited.Plus(c.Held).Plus(c.Zero).Plus(c.Excluded).Plus(c.Withdrawn)
}

// Plus adds two sheets.
func (c Control) Plus(d Control) Control {
	return Control{
		Received:  c.Received.Plus(d.Received),
		Credited:  c.Credited.Plus(d.Credited),
		Held:      c.Held.Plus(d.Held),
		Zero:      c.Zero.Plus(d.Zero),
		Excluded:  c.Excluded.Plus(d.Excluded),
		Withdrawn: c.Withdrawn.Plus(d.Withdrawn),
	}
}

// OwnerResult is an owner's control sheet in a run, and the fault with which
// the owner failed, if it did.
type OwnerResult struct {
	Owner   string // key; empty for sessions without an owner
	OwnerID int64  // NotOwnedYet or NeverOwned for sessions without an owner
	Control Control
	Failed  *fault.Fault
}

// Owner ids of sessions without an owner.
const (
	// NotOwnedYet: at a station before its first owner. Several shards add to it.
	NotOwnedYet int64 = 0
	// NeverOwned: at connectors that never had an owner.
	NeverOwned int64 = -1
)

// Hold is a session that waits, with the reason (domain.md §3.5); or one that
// is credited although the reason applies, because its rule only warns.
type Hold struct {
	SessionID int64
	Session   string // external id
	Owner     string // key; empty when there is none
	OwnerID   int64
	Reason    sessions.Reason
	Energy    money.Quantity
	OtherID   int64  // id of the session that it overlaps; 0: none
	Other     string // external id of that session
	// Worth is what the session would come to if it were released, in the currency
	// WorthIn; nil: unknown.
	Worth   *money.Micros
	WorthIn string

	// Of the open month only.
	Connector int64     // id
	End       time.Time // of the session
	Closed    LineKind  // it is not held but excluded or withdrawn; empty: held
}
