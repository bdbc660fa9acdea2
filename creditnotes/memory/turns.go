package memory

import (
	"context"
	"slices"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/internal/sessions"
)

func (w *draftWriter) SaveDrafts(notes []*creditnotes.Note) error {
	turns := w.t.turns()
	for _, n := range notes {
		for i := range n.Positions {
			if p := &n.Positions[i]; p.Turn > 0 && p.Turn <= turns[p.Booking()] {
				return fault.New(fault.Conflict, "draft_overtaken", fault.Args{"run": w.t.run(w.runID).Name})
			}
		}
	}
	return w.t.saveNotes(notes)
}

// Awaited implements creditnotes.DraftStore.
func (s *Store) Awaited(_ context.Context, run *creditnotes.Run) (map[int64]bool, error) {
	d, awaited := s.read(), map[int64]bool{}
	for _, h := range d.Holds {
		held := d.session(h.SessionID)
		if h.Reason != sessions.NotCollected || h.RunID >= run.ID || held == nil {
			continue
		}
		for i := range d.Sessions {
			v := &d.Sessions[i]
			credited := slices.ContainsFunc(d.Lines, func(l Line) bool { return l.SessionID == v.ID && l.Live && l.Kind == creditnotes.LineCredit })
			if v.sameSession(held) && !credited {
				awaited[v.ID] = true
			}
		}
	}
	return awaited, nil
}

// Turns implements creditnotes.DraftStore.
func (s *Store) Turns(context.Context) (map[creditnotes.Booking]int, error) {
	return s.read().turns(), nil
}

func (d *Data) turns() map[creditnotes.Booking]int {
	turns := map[creditnotes.Booking]int{}
	for i := range d.Notes {
		for k := range d.Notes[i].Positions {
			if p := &d.Notes[i].Positions[k]; p.Turn > 0 {
				turns[p.Booking()] = max(turns[p.Booking()], p.Turn)
			}
		}
	}
	return turns
}
