package memory

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/numbering"
	"creditrun/tariffs"
)

// WriteDraft implements creditnotes.DraftStore. A process that has lost the run
// meanwhile writes nothing: that is a Conflict fault.
func (s *Store) WriteDraft(ctx context.Context, run *creditnotes.Run, fn func(creditnotes.DraftWriter) error) error {
	return s.write(ctx, func(t *tx) error {
		stored := t.run(run.ID)
		switch {
		case stored == nil:
			return fmt.Errorf("run %s is not there", run.Name)
		case stored.Stage != creditnotes.StageDrafting:
			return fault.New(fault.Conflict, "run_stage_changed", fault.Args{"run": run.Name, "stage": string(creditnotes.StageDrafting)})
		case stored.LeasedTo != s.process:
			return fault.New(fault.Conflict, "run_lease_lost", fault.Args{"run": run.Name})
		}
		return fn(&draftWriter{t, run.ID})
	})
}

// NoteIDs implements creditnotes.DraftStore.
func (s *Store) NoteIDs(ctx context.Context, n int) (first int64, err error) {
	err = s.write(ctx, func(t *tx) error {
		first = t.takeIDs("credit_notes", n)
		return nil
	})
	return first, err
}

type draftWriter struct {
	t     *tx
	runID int64
}

func (w *draftWriter) CopyLines(src creditnotes.LineSource) error {
	taken := map[string]bool{}
	key := func(l *Line) string {
		kind := creditnotes.LineCredit // whatever settles the session
		if l.Kind == creditnotes.LineReversal {
			kind = l.Kind
		}
		return fmt.Sprint(l.SessionID, kind)
	}
	for i := range w.t.Lines {
		if w.t.Lines[i].Live {
			taken[key(&w.t.Lines[i])] = true
		}
	}
	for src.Next() {
		l := Line{copied(*src.Line()), w.runID, true}
		if taken[key(&l)] {
			return fmt.Errorf("session %d has a line already", l.SessionID)
		}
		taken[key(&l)] = true
		w.t.Lines = append(w.t.Lines, l)
	}
	return src.Err()
}

func (w *draftWriter) SavePaths(paths []*tariffs.Path) error {
	for _, path := range paths {
		if _, known := w.t.Paths[path.ID]; !known {
			w.t.Paths[path.ID] = bytes.Clone(path.JSON)
		}
	}
	return nil
}

func (t *tx) saveNotes(notes []*creditnotes.Note) error {
	for _, n := range notes {
		if t.note(n.ID) != nil {
			return fmt.Errorf("note %d is there already", n.ID)
		}
		t.Notes = append(t.Notes, copied(*n))
		for _, p := range n.Positions {
			use := CarryUse{p.CarriedFrom, t.ownerID(p.Owner)}
			if p.CarriedFrom == 0 || t.CarryUses[use] == n.ID {
				continue
			}
			if other := t.CarryUses[use]; other != 0 {
				return fmt.Errorf("what %s has of note %d is brought along by note %d", p.Owner, p.CarriedFrom, other)
			}
			t.CarryUses[use] = n.ID
		}
	}
	return nil
}

func (w *draftWriter) SaveHolds(holds []creditnotes.Hold) error {
	w.t.Holds = appendHolds(w.t.Holds, w.runID, holds)
	return nil
}

func (w *draftWriter) SaveWarnings(warned []creditnotes.Hold) error {
	w.t.Warnings = appendHolds(w.t.Warnings, w.runID, warned)
	return nil
}

func appendHolds(to []Hold, runID int64, holds []creditnotes.Hold) []Hold {
	for _, h := range holds {
		to = append(to, Hold{h, runID})
	}
	return to
}

func (w *draftWriter) SaveOwners(results []creditnotes.OwnerResult) error {
	for _, r := range results {
		row := OwnerResult{copied(r), w.runID}
		row.Failed = stored(r.Failed)
		at := slices.IndexFunc(w.t.Owners, func(o OwnerResult) bool { return o.RunID == w.runID && o.OwnerID == r.OwnerID })
		switch {
		case at < 0:
			w.t.Owners = append(w.t.Owners, row)
		case r.OwnerID == creditnotes.NotOwnedYet:
			w.t.Owners[at].Control = w.t.Owners[at].Control.Plus(r.Control)
		default:
			return fmt.Errorf("owner %s is drafted already", r.Owner)
		}
	}
	return nil
}

// stored is a fault as it is kept: without its cause, its arguments as JSON
// writes them.
func stored(f *fault.Fault) *fault.Fault {
	if f == nil {
		return nil
	}
	args := fault.Args{}
	_ = json.Unmarshal([]byte(jsonOf(f.Args)), &args)
	return fault.New(f.Kind, f.Key, args)
}

// FrozenContracts implements creditnotes.DraftStore.
func (s *Store) FrozenContracts(context.Context, *creditnotes.Run) (list []creditnotes.FrozenContracts, err error) {
	d := s.read()
	for i := range d.Contracts {
		c := &d.Contracts[i]
		later := slices.ContainsFunc(d.Contracts, func(o RunContracts) bool {
			return o.OwnerID == c.OwnerID && o.Month == c.Month && o.RunID > c.RunID && d.settledBy(&o)
		})
		if !later && d.settledBy(c) {
			list = append(list, copied(c.FrozenContracts))
		}
	}
	return list, nil
}

// settledBy reports whether something that a run settled by its contracts stands.
func (d *Data) settledBy(c *RunContracts) bool {
	return slices.ContainsFunc(d.Notes, func(n creditnotes.Note) bool {
		return n.RunID == c.RunID && n.Cancels == 0 && d.stands(n.ID) && slices.ContainsFunc(n.Positions, func(p creditnotes.Position) bool {
			return p.Contract != "" && p.Month == c.Month && d.ownerID(p.Owner) == c.OwnerID
		})
	})
}

func (w *draftWriter) SaveContracts(list []creditnotes.FrozenContracts) error {
	for _, f := range list {
		w.t.Contracts = append(w.t.Contracts, RunContracts{copied(f), w.runID})
	}
	return nil
}

// DraftedOwners implements creditnotes.DraftStore.
func (s *Store) DraftedOwners(_ context.Context, runID int64) (map[int64]bool, error) {
	drafted := map[int64]bool{}
	for _, o := range s.read().Owners {
		if o.RunID == runID {
			drafted[o.OwnerID] = true
		}
	}
	return drafted, nil
}

// LineSums implements creditnotes.DraftStore.
func (s *Store) LineSums(_ context.Context, runID int64) (map[int64]creditnotes.TaxSums, error) {
	sums := map[int64]creditnotes.TaxSums{}
	for _, l := range s.read().Lines {
		if l.RunID != runID || l.NoteID == 0 {
			continue
		}
		if sums[l.NoteID] == nil {
			sums[l.NoteID] = creditnotes.TaxSums{}
		}
		sums[l.NoteID][l.Tax] += l.Total()
	}
	for _, c := range s.read().Own {
		if c.RunID != runID {
			continue
		}
		if sums[c.NoteID] == nil {
			sums[c.NoteID] = creditnotes.TaxSums{}
		}
		sums[c.NoteID][c.Tax] += c.Net
	}
	return sums, nil
}

// NotedOwners implements creditnotes.DraftStore.
func (s *Store) NotedOwners(_ context.Context, run *creditnotes.Run) (map[int64]bool, error) {
	d, noted := s.read(), map[int64]bool{}
	for i := range d.Notes {
		n := &d.Notes[i]
		if of := d.run(n.RunID); of.Month == run.Month && of.ID != run.ID && n.Kind == numbering.CreditNote && d.stands(n.ID) {
			for _, owner := range n.Owners {
				noted[d.ownerID(owner)] = true
			}
		}
	}
	return noted, nil
}

// ContractSums implements creditnotes.DraftStore.
func (s *Store) ContractSums(_ context.Context, run *creditnotes.Run) (list []creditnotes.ContractSum, err error) {
	d := s.read()
	for i := range d.Notes {
		n := &d.Notes[i]
		if n.Cancels != 0 || n.RunID == run.ID || !d.stands(n.ID) {
			continue
		}
		for _, p := range n.Positions {
			if p.Contract != "" {
				list = append(list, creditnotes.ContractSum{Owner: p.Owner, Contract: p.Contract, Month: p.Month,
					Component: p.Component, Currency: n.Currency, Net: p.Net, Energy: p.Energy})
			}
		}
	}
	return list, nil
}

// PendingReversals implements creditnotes.DraftStore.
func (s *Store) PendingReversals(_ context.Context, run *creditnotes.Run, q creditnotes.SessionQuery) ([]creditnotes.Reversal, error) {
	d := s.read()
	cutoff := utc(run.Cutoff)
	takenBy := map[int64]int64{} // the run that took a session back
	for _, l := range d.Lines {
		if l.Live && l.Kind == creditnotes.LineReversal {
			takenBy[l.SessionID] = l.RunID
		}
	}
	list := []creditnotes.Reversal{}
	for i := range d.Lines {
		l := &d.Lines[i]
		old := d.session(l.SessionID)
		if !l.Live || l.Kind != creditnotes.LineCredit || old == nil || old.Current || old.SupersededAt.After(cutoff) {
			continue
		}
		for k := range d.Sessions {
			v := &d.Sessions[k]
			if q.Only != nil && !slices.Contains(q.Only, v.ID) || !v.sameSession(old) || v.Version <= old.Version || !v.knownAt(cutoff) || !v.ends(utc(q.Until), utc(q.Future)) {
				continue
			}
			if !l.ByDriver && v.alike(old) {
				continue
			}
			by := takenBy[old.ID]
			if by != 0 && by != run.ID && !d.paidAnew(v.ID, by) {
				continue
			}
			r, err := d.reversal(l, old, v)
			if err != nil {
				return nil, err
			}
			r.Taken = by != 0
			list = append(list, r)
		}
	}
	slices.SortFunc(list, func(a, b creditnotes.Reversal) int {
		return cmp.Or(cmp.Compare(a.Line.OwnerID, b.Line.OwnerID), a.Start.Compare(b.Start), cmp.Compare(a.Line.SessionID, b.Line.SessionID))
	})
	return list, nil
}

// paidAnew reports whether a session was paid by a run on a note that has been
// cancelled since then.
func (d *Data) paidAnew(session, run int64) bool {
	return slices.ContainsFunc(d.Lines, func(l Line) bool {
		return l.SessionID == session && !l.Live && l.Kind == creditnotes.LineCredit && l.RunID == run
	})
}

func (d *Data) reversal(l *Line, old, current *Session) (r creditnotes.Reversal, err error) {
	path, err := tariffs.ParsePath(d.Paths[l.PathID])
	if err != nil {
		return r, err
	}
	note := d.note(l.NoteID)
	r = creditnotes.Reversal{
		Line: creditnotes.Line{OwnerID: l.OwnerID, SessionID: l.SessionID, PathID: l.PathID, Energy: l.Energy,
			Nets: l.Nets, ByDriver: l.ByDriver, DriverAmount: l.DriverAmount, DriverFee: l.DriverFee, Sold: l.Sold, Sale: l.Sale},
		Path: creditnotes.PathInfoOf(path), Priced: path, Duration: old.Duration, Currency: note.Currency, Start: old.Start, End: old.End, CurrentID: current.ID,
	}
	if tax := taxIn(note, l.Tax); tax != nil {
		r.Tax = *tax
		r.Tax.Slot, r.Tax.Base, r.Tax.Tax = 0, 0, 0
	}
	return r, nil
}

func taxIn(n *creditnotes.Note, slot int) *creditnotes.TaxTotal {
	for i := range n.Taxes {
		if n.Taxes[i].Slot == slot {
			return &n.Taxes[i]
		}
	}
	return nil
}

// issued reports whether a run is issued.
func (r *Run) issued() bool {
	return r.Stage == creditnotes.StageIssued || r.Stage == creditnotes.StageCompleted
}

// CarriedForward implements creditnotes.DraftStore.
func (s *Store) CarriedForward(context.Context) (list []creditnotes.WaitingNote, err error) {
	d := s.read()
	for _, n := range d.notesWhere(func(n *creditnotes.Note) bool {
		return n.State == creditnotes.Carried && d.Withdrawn[n.ID] == 0 && d.run(n.RunID).issued()
	}) {
		var owners []string
		for _, p := range n.Positions {
			if d.CarryUses[CarryUse{n.ID, d.ownerID(p.Owner)}] == 0 && !slices.Contains(owners, p.Owner) {
				owners = append(owners, p.Owner)
			}
		}
		if slices.Sort(owners); len(owners) > 0 {
			list = append(list, creditnotes.WaitingNote{Note: n, Owners: owners})
		}
	}
	slices.SortFunc(list, func(a, b creditnotes.WaitingNote) int { return cmp.Compare(a.Note.ID, b.Note.ID) })
	return list, nil
}

// Offsets implements creditnotes.DraftStore.
func (s *Store) Offsets(context.Context) (map[string]map[string][]creditnotes.Offset, error) {
	d, found := s.read(), map[string]map[string][]creditnotes.Offset{}
	notes := d.notesWhere(func(n *creditnotes.Note) bool {
		return n.State == creditnotes.Zero && n.Kind == numbering.CreditNote && d.Withdrawn[n.ID] == 0 && d.run(n.RunID).issued() && !d.followed(n)
	})
	slices.SortFunc(notes, func(a, b *creditnotes.Note) int { return cmp.Compare(a.ID, b.ID) })
	for _, n := range notes {
		o := creditnotes.Offset{Month: d.run(n.RunID).Month}
		brings := false
		for _, p := range n.Positions {
			if p.CarriedFrom != 0 {
				o.Credits, brings = o.Credits-p.Net, true
			}
		}
		if !brings {
			continue
		}
		if found[n.Recipient] == nil {
			found[n.Recipient] = map[string][]creditnotes.Offset{}
		}
		found[n.Recipient][n.Currency] = append(found[n.Recipient][n.Currency], o)
	}
	return found, nil
}

// followed reports whether the recipient got a credit note in a later run.
func (d *Data) followed(n *creditnotes.Note) bool {
	return slices.ContainsFunc(d.Notes, func(later creditnotes.Note) bool {
		return later.Recipient == n.Recipient && later.Currency == n.Currency && later.Kind == numbering.CreditNote &&
			later.State == creditnotes.Issued && later.RunID > n.RunID
	})
}

// notesWhere copies the notes that fit, in the order of their place.
func (d *Data) notesWhere(fits func(*creditnotes.Note) bool) (list []*creditnotes.Note) {
	for i := range d.Notes {
		if n := &d.Notes[i]; fits(n) {
			found := copied(*n)
			slices.SortFunc(found.Taxes, func(a, b creditnotes.TaxTotal) int { return cmp.Compare(a.Slot, b.Slot) })
			found.SortTaxes()
			slices.SortFunc(found.Positions, func(a, b creditnotes.Position) int { return cmp.Compare(a.Ordinal, b.Ordinal) })
			list = append(list, &found)
		}
	}
	slices.SortFunc(list, func(a, b *creditnotes.Note) int {
		return cmp.Or(cmp.Compare(a.Ordinal, b.Ordinal), strings.Compare(a.Currency, b.Currency), cmp.Compare(a.ID, b.ID))
	})
	return list
}
