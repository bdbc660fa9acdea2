package memory

import (
	"context"
	"maps"
	"slices"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/numbering"
)

// OwnSums implements creditnotes.OwnBooks.
func (b *books) OwnSums(context.Context) (creditnotes.OwnProofs, error) {
	sums := creditnotes.OwnProofs{}
	for _, c := range b.d.Own {
		n, v := b.d.note(c.NoteID), b.d.session(c.SessionID)
		if n == nil || v == nil || n.Kind != numbering.Invoice || !b.recent(n) {
			continue
		}
		zone, err := time.LoadLocation(n.Document.TimeZone)
		if err != nil {
			return nil, err
		}
		part := creditnotes.OwnPart{Owner: b.d.ownerKey(c.OwnerID), Contract: c.Contract, Month: entities.MonthOf(v.End, zone), Correction: c.Correction, Tax: c.Tax}
		sums.Add(n.ID, part, &c.OwnCharge, b.d.discountOf(c.PathID))
	}
	return sums, nil
}

// OwnTwice implements creditnotes.OwnBooks.
func (b *books) OwnTwice(context.Context) ([]string, error) {
	live := func(session int64, kind creditnotes.LineKind) (n int) {
		for _, c := range b.d.Own {
			if c.Live && c.SessionID == session && c.Kind == kind {
				n++
			}
		}
		return n
	}
	twice := map[string]bool{}
	for _, c := range b.d.Own {
		v := b.d.session(c.SessionID)
		if !c.Live || v == nil {
			continue
		}
		if live(v.ID, c.Kind) > 1 || c.Kind == creditnotes.LineOwnReversal && live(v.ID, creditnotes.LineOwnCharging) == 0 {
			twice[v.name()] = true
		}
		for _, other := range b.d.Own {
			later := b.d.session(other.SessionID)
			if c.Kind == creditnotes.LineOwnCharging && other.Live && other.Kind == c.Kind && other.OwnerID == c.OwnerID && later != nil &&
				later.sameSession(v) && later.Version > v.Version && live(v.ID, creditnotes.LineOwnReversal) == 0 {
				twice[v.name()] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(twice)), nil
}
