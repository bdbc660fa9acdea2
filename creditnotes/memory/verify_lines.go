package memory

import (
	"context"
	"maps"
	"slices"

	"creditrun/creditnotes"
	"creditrun/internal/money"
)

func (b *books) RunFates(context.Context) (list []creditnotes.RunFates, err error) {
	for i := range b.d.Runs {
		r := &b.d.Runs[i]
		if r.Stage == creditnotes.StageDrafting || r.Stage == creditnotes.StageDiscarded || r.CreatedAt.Before(b.since) {
			continue
		}
		list = append(list, b.outcomes(r))
	}
	return list, nil
}

func (b *books) outcomes(r *Run) creditnotes.RunFates {
	f := creditnotes.RunFates{Run: r.Name}
	for _, o := range b.d.Owners {
		if c := o.Control; o.RunID == r.ID {
			f.SheetPaid = f.SheetPaid.Plus(c.Credited).Plus(c.Zero)
			f.SheetClosed = f.SheetClosed.Plus(c.Excluded).Plus(c.Withdrawn)
			f.SheetHeld = f.SheetHeld.Plus(c.Held)
		}
	}
	for i := range b.d.Lines {
		l := &b.d.Lines[i]
		switch {
		case l.RunID != r.ID:
		case l.Kind == creditnotes.LineCredit:
			f.LinesPaid.Add(l.Energy)
		case l.Kind == creditnotes.LineExcluded && !l.Correction, l.Kind == creditnotes.LineWithdrawn:
			f.LinesDone.Add(l.Energy)
		}
	}
	for _, h := range b.d.Holds {
		switch v := b.d.session(h.SessionID); {
		case h.RunID != r.ID:
		case v == nil:
			f.HeldGone++
		default:
			f.Holds.Add(v.worth())
		}
	}
	return f
}

// takenBack reports whether a live line takes back what a session was paid.
func (b *books) takenBack(session int64) bool {
	return slices.ContainsFunc(b.d.Lines, func(l Line) bool {
		return l.SessionID == session && l.Live && l.Kind == creditnotes.LineReversal
	})
}

// PaidTwice implements creditnotes.VerifyStore: sessions that are paid in two
// versions while the owner of the first does not fail, and those that are paid
// although an earlier payment is undone without a reason.
func (b *books) PaidTwice(context.Context) ([]string, error) {
	twice := map[string]bool{}
	for i := range b.d.Lines {
		first := &b.d.Lines[i]
		v := b.d.session(first.SessionID)
		if v == nil || first.Kind != creditnotes.LineCredit {
			continue
		}
		for k := range b.d.Lines {
			second := &b.d.Lines[k]
			w := b.d.session(second.SessionID)
			if w == nil || !second.Live || second.Kind != creditnotes.LineCredit || i == k || !w.sameSession(v) || w.Version < v.Version ||
				b.takenBack(v.ID) || b.takenBack(w.ID) {
				continue
			}
			later := w.Version > v.Version && first.Live && !v.Current && !v.SupersededAt.Before(b.since) && !b.waitsFor(first.OwnerID, second.RunID)
			if later || !first.Live && b.d.stands(first.NoteID) || w.Version == v.Version && first.Live {
				twice[v.name()] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(twice)), nil
}

// waitsFor reports whether an owner fails in the latest run that could take back
// what it was paid.
func (b *books) waitsFor(owner, paidIn int64) bool {
	month := b.d.run(paidIn).Month
	for i := range slices.Backward(b.d.Runs) {
		r := &b.d.Runs[i]
		if r.Stage == creditnotes.StageDrafting || r.Stage == creditnotes.StageDiscarded || r.Month.Before(month) {
			continue
		}
		return slices.ContainsFunc(b.d.Owners, func(o OwnerResult) bool { return o.RunID == r.ID && o.OwnerID == owner && o.Failed != nil })
	}
	return false
}

func (b *books) UndoneLines(context.Context) ([]string, error) {
	undone := map[string]bool{}
	for i := range b.d.Lines {
		if l := &b.d.Lines[i]; l.Live != (l.NoteID == 0 || b.d.stands(l.NoteID)) {
			undone[b.sessionOf(l)] = true
		}
	}
	return slices.Sorted(maps.Keys(undone)), nil
}

func (b *books) UnequalLines(context.Context) ([]string, error) {
	unequal := map[string]bool{}
	for i := range b.d.Lines {
		l := &b.d.Lines[i]
		n := b.d.note(l.NoteID)
		if !l.Live || n != nil && !b.recent(n) || n == nil && !b.since.IsZero() {
			continue
		}
		sign := money.Quantity(1)
		if l.Kind == creditnotes.LineReversal {
			sign = -1
		}
		if v := b.d.session(l.SessionID); v == nil || l.Energy != sign*v.worth() {
			unequal[b.sessionOf(l)] = true
		}
	}
	return slices.Sorted(maps.Keys(unequal)), nil
}
