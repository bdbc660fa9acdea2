package memory

import (
	"cmp"
	"context"
	"slices"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/tariffs"
)

// OwnSessions implements creditnotes.DraftStore.
func (s *Store) OwnSessions(_ context.Context, q creditnotes.OwnQuery) (ids []int64, err error) {
	d, billed := s.read(), map[int64]bool{}
	for _, c := range d.Own {
		if c.Live && c.Kind == creditnotes.LineOwnCharging {
			billed[c.SessionID] = true
		}
	}
	for i := range d.Sessions {
		v := &d.Sessions[i]
		if (q.Only == nil || slices.Contains(q.Only, v.ID)) && slices.Contains(q.Media, entities.MediumKey(v.MediumUID)) && v.knownAt(utc(q.Cutoff)) &&
			!v.End.Before(utc(q.From)) && v.End.Before(utc(q.Until)) && !billed[v.ID] {
			ids = append(ids, v.ID)
		}
	}
	return ids, nil
}

// ReplacedCharges implements creditnotes.DraftStore.
func (s *Store) ReplacedCharges(_ context.Context, run *creditnotes.Run, q creditnotes.SessionQuery) ([]creditnotes.ReplacedCharge, error) {
	d, taken := s.read(), map[int64]bool{}
	for _, c := range d.Own {
		if c.Live && c.Kind == creditnotes.LineOwnReversal {
			taken[c.SessionID] = true
		}
	}
	var list []creditnotes.ReplacedCharge
	for i := range d.Own {
		c := &d.Own[i]
		old := d.session(c.SessionID)
		if !c.Live || c.Kind != creditnotes.LineOwnCharging || taken[c.SessionID] || old.Current || old.SupersededAt.After(utc(run.Cutoff)) {
			continue
		}
		for k := range d.Sessions {
			v := &d.Sessions[k]
			if q.Only != nil && !slices.Contains(q.Only, v.ID) || !v.sameSession(old) || v.Version <= old.Version || !v.knownAt(utc(run.Cutoff)) || !v.End.Before(utc(q.Until)) {
				continue
			}
			note := d.note(c.NoteID)
			r := creditnotes.ReplacedCharge{OwnCharge: c.OwnCharge, Currency: note.Currency, End: old.End, CurrentID: v.ID, Discount: d.discountOf(c.PathID)}
			if tax := taxIn(note, c.Tax); tax != nil {
				r.TaxTotal = *tax
				r.TaxTotal.Slot, r.TaxTotal.Base, r.TaxTotal.Tax = 0, 0, 0
			}
			list = append(list, r)
		}
	}
	slices.SortFunc(list, func(a, b creditnotes.ReplacedCharge) int {
		return cmp.Or(cmp.Compare(a.OwnerID, b.OwnerID), cmp.Compare(a.SessionID, b.SessionID))
	})
	return list, nil
}

func (w *draftWriter) SaveOwnCharges(list []creditnotes.OwnCharge) error {
	for _, c := range list {
		for i := range w.t.Own {
			if other := &w.t.Own[i]; other.Live && other.SessionID == c.SessionID && other.Kind == c.Kind {
				return fault.New(fault.Conflict, "draft_overtaken", fault.Args{"run": w.t.run(w.runID).Name})
			}
		}
		w.t.Own = append(w.t.Own, OwnCharge{c, w.runID, true})
	}
	return nil
}

func (w *draftWriter) SaveOwnWaits(list []creditnotes.Hold) error {
	w.t.OwnWaits = appendHolds(w.t.OwnWaits, w.runID, list)
	return nil
}

// OwnWaits implements creditnotes.RunStore.
func (s *Store) OwnWaits(_ context.Context, runID int64) ([]creditnotes.Hold, error) {
	d := s.read()
	return d.named(d.OwnWaits, runID)
}

// discountOf is the discount of a price path; 0 where there is none.
func (d *Data) discountOf(path int64) money.Percent {
	if found, err := tariffs.ParsePath(d.Paths[path]); err == nil {
		return found.Discount
	}
	return 0
}

// ownOf lists the charges that fit, by session and kind.
func (d *Data) ownOf(fits func(*OwnCharge) bool) (list []OwnCharge) {
	for i := range d.Own {
		if fits(&d.Own[i]) {
			list = append(list, d.Own[i])
		}
	}
	slices.SortFunc(list, func(a, b OwnCharge) int {
		return cmp.Or(cmp.Compare(a.SessionID, b.SessionID), cmp.Compare(a.Kind, b.Kind))
	})
	return list
}
