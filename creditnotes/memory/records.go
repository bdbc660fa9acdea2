package memory

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/numbering"
)

// TakeTopUps takes in top-ups (settlement.md §3.9): all of the list, or nothing
// where one of them has the id of another and other content.
func (s *Store) TakeTopUps(ctx context.Context, list []creditnotes.TopUp) error {
	config, err := s.Configuration(ctx)
	if err != nil {
		return err
	}
	plan, err := creditnotes.NewPlan(config, "")
	if err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		for _, one := range list {
			at := slices.IndexFunc(t.TopUps, func(known creditnotes.TopUp) bool { return known.Key == one.Key })
			switch {
			case at >= 0 && t.TopUps[at].Same(&one):
			case at >= 0 || t.ownerID(one.Entity) == 0:
				return fault.New(fault.Invalid, "file_record", fault.Args{"file": "", "line": 0, "field": "id", "expected": "a new id", "got": one.Key})
			default:
				one.ID, one.At, one.ReceivedAt = t.takeIDs("top_ups", 1), utc(one.At), t.now
				t.TopUps = append(t.TopUps, one)
				account := one.Entity
				if recipient, err := plan.Network.Tree.Recipient(plan.Network.Tree.Entity(one.Entity)); err == nil {
					account = recipient.Key
				}
				t.book(creditnotes.TopUpMovement(&one, account, plan.Network.Zone()))
			}
		}
		return nil
	})
}

// TakeRecords takes in custom records (settlement.md §3.10): all of the list, or
// nothing where one of them is refused. One that is known is changed while it is
// on no document.
func (s *Store) TakeRecords(ctx context.Context, list []creditnotes.CustomRecord) error {
	config, err := s.Configuration(ctx)
	if err != nil {
		return err
	}
	plan, err := creditnotes.NewPlan(config, "")
	if err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		for _, one := range list {
			if owner := plan.Network.Tree.Entity(one.Owner); owner != nil && one.Currency == "" {
				one.Currency = plan.CurrencyOf(owner)
			}
			if f := plan.CheckRecord(&one); f != nil {
				return f
			}
			at := slices.IndexFunc(t.Records, func(known creditnotes.CustomRecord) bool { return known.Key == one.Key })
			if at < 0 {
				one.ID = t.takeIDs("custom_records", 1)
				if one.Key == "" {
					one.Key = fmt.Sprintf("record-%d", one.ID)
				}
				t.Records = append(t.Records, one)
				continue
			}
			if one.ID = t.Records[at].ID; one != t.Records[at] && t.noteOfRecord(one.Key) != 0 {
				return fault.New(fault.Conflict, "record_on_document", fault.Args{"record": one.Key, "number": t.note(t.noteOfRecord(one.Key)).Number})
			}
			t.Records[at] = one
		}
		t.touch(0)
		return nil
	})
}

// noteOfRecord is the standing document, draft or carried sum that a record is
// on, or 0.
func (d *Data) noteOfRecord(key string) (id int64) {
	for i := range d.Notes {
		n := &d.Notes[i]
		on := slices.ContainsFunc(n.Positions, func(p creditnotes.Position) bool { return p.Record == key })
		if on && n.Kind != numbering.Cancellation && d.stands(n.ID) {
			id = max(id, n.ID)
		}
	}
	return id
}

// CustomRecords implements creditnotes.DraftStore.
func (s *Store) CustomRecords(_ context.Context, until entities.Month) (list []creditnotes.CustomRecord, err error) {
	d := s.read()
	for _, r := range d.Records {
		if r.Month <= until && d.noteOfRecord(r.Key) == 0 {
			list = append(list, r)
		}
	}
	slices.SortFunc(list, func(a, b creditnotes.CustomRecord) int {
		return cmp.Or(cmp.Compare(a.Month, b.Month), cmp.Compare(a.Date, b.Date), cmp.Compare(a.Key, b.Key))
	})
	return list, nil
}
