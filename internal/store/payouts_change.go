package store

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/internal/payouts"
)

// PayoutBatches lists one page of batches by their ids, with their payouts and what
// was left out, and the cursors of the pages beside it, as ListPayoutBatches does.
func (s *Store) PayoutBatches(ctx context.Context, p creditnotes.Page) (list []payouts.Batch, next, previous string, err error) {
	some, next, previous, err := s.ListPayoutBatches(ctx, p)
	if err != nil || len(some) == 0 {
		return nil, "", "", err
	}
	ids := make([]int64, len(some))
	for i := range some {
		ids[i] = some[i].ID
	}
	list, err = s.batchesWith(ctx, ids)
	if p.OldestFirst {
		slices.Reverse(list)
	}
	return list, next, previous, err
}

// batchesWith are the batches with ids, the latest first.
func (s *Store) batchesWith(ctx context.Context, ids []int64) (list []payouts.Batch, err error) {
	err = s.snapshot(ctx, func(v view) error {
		list, err = payoutBatches(ctx, v, s.dialect, v.db, ids...)
		return err
	})
	return list, err
}

// PayoutBatch returns a batch, or a NotFound fault.
func (s *Store) PayoutBatch(ctx context.Context, id int64) (*payouts.Batch, error) {
	list, err := s.batchesWith(ctx, []int64{id})
	if err != nil || len(list) == 0 {
		return nil, errorOr(err, batchUnknown(id))
	}
	return &list[0], nil
}

func errorOr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

func batchUnknown(id int64) error {
	return fault.New(fault.NotFound, "payout_batch_unknown", fault.Args{"batch": id})
}

func payoutBatches(ctx context.Context, q querier, d dialect, db *gorm.DB, ids ...int64) ([]payouts.Batch, error) {
	rows, err := find[payoutBatchRow](db.Where("id IN ?", ids).Order("id DESC"))
	if err != nil {
		return nil, err
	}
	list := make([]payouts.Batch, len(rows))
	at := map[int64]*payouts.Batch{}
	for i := range rows {
		list[i] = rows[i].domain()
		at[list[i].ID] = &list[i]
	}
	left, err := find[payoutLeftOutRow](db.Where("batch_id IN ?", ids).Order("batch_id, place"))
	if err != nil {
		return nil, err
	}
	for _, l := range left {
		b := at[l.BatchID]
		one, err := l.domain()
		if err != nil {
			return nil, err
		}
		b.LeftOut = append(b.LeftOut, one)
	}
	paid, err := payoutsBy(ctx, q, d, db.Where("batch_id IN ?", ids))
	for _, p := range paid {
		at[p.Batch].Payouts = append(at[p.Batch].Payouts, p)
	}
	return list, err
}

// payoutsBy reads payouts with their items, in the order of their ids.
func payoutsBy(ctx context.Context, q querier, d dialect, query *gorm.DB) ([]payouts.Payout, error) {
	rows, err := find[payoutRow](query.Order("id"))
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	list := make([]payouts.Payout, len(rows))
	at, ids := map[int64]*payouts.Payout{}, make([]int64, len(rows))
	for i := range rows {
		if list[i], err = rows[i].domain(); err != nil {
			return nil, err
		}
		at[list[i].ID], ids[i] = &list[i], list[i].ID
	}
	type row struct {
		payout int64
		payouts.PaidItem
	}
	items, err := collect(ctx, q, func(r *row) []any { return []any{&r.payout, &r.Movement, &r.Kind, &r.Reference, &r.Value, &r.Amount} },
		`SELECT i.payout_id, i.movement_id, m.kind, m.reference, m.value_date, i.amount FROM payout_items i JOIN movements m ON m.id = i.movement_id
			WHERE i.payout_id `+d.in("$1")+` ORDER BY i.payout_id, m.value_date, m.id`, d.list(ids))
	for _, item := range items {
		at[item.payout].Items = append(at[item.payout].Items, item.PaidItem)
	}
	if err != nil {
		return nil, err
	}
	known, err := externalIDsOf(ctx, q, d, payoutIDs, ids)
	for id, external := range known {
		at[id].ExternalID = external
	}
	return list, err
}

// ApprovePayouts releases a batch that another person prepared: from now on its
// items are in payment. Where something is not as it was when the batch was
// prepared, it is refused with a fault for each payout (lookAgain), which is to be
// discarded; the others can be approved then.
func (s *Store) ApprovePayouts(ctx context.Context, who string, batch int64) error {
	return s.durably(ctx, func(tx *Tx) error {
		if err := tx.lockConfiguration(); err != nil { // bank data and holds stay as they are
			return err
		}
		b, err := tx.batch(batch, payouts.Prepared)
		if err != nil {
			return err
		}
		if b.PreparedBy == who {
			return fault.New(fault.Forbidden, "payout_same_person", fault.Args{"batch": batch, "who": who})
		}
		if err := secondPerson(tx.db, b.PreparedBy, who, tx.now()); err != nil {
			return err
		}
		if err := tx.lookAgain(b); err != nil {
			return err
		}
		iban, err := tx.debtorIBAN()
		if err != nil {
			return err
		}
		return tx.moveBatch(b, payouts.Approved, set{"approved_at": utc(tx.now()), "approved_by": who, "debtor_iban": iban}, who)
	})
}

// DiscardPayouts gives up a batch that was not exported: its items are open
// again.
func (s *Store) DiscardPayouts(ctx context.Context, who string, batch int64, reason string) error {
	return s.durably(ctx, func(tx *Tx) error {
		b, err := tx.batch(batch, payouts.Prepared, payouts.Approved)
		if err != nil {
			return err
		}
		for _, p := range b.Payouts {
			if p.State.Standing() {
				if err := tx.endPayout(&p, payouts.Discarded, who, reason, nil); err != nil {
					return err
				}
			}
		}
		return tx.moveBatch(b, payouts.Discarded, set{}, who)
	})
}

// DiscardPayout takes one payout out of a batch that was not exported.
func (s *Store) DiscardPayout(ctx context.Context, who, number, reason string) error {
	return s.durably(ctx, func(tx *Tx) error {
		p, err := tx.payout(number, payouts.Prepared, payouts.Approved)
		if err != nil {
			return err
		}
		return tx.endPayout(p, payouts.Discarded, who, reason, nil)
	})
}

// batch reads a batch in one of some states and keeps others from changing it.
func (tx *Tx) batch(id int64, in ...payouts.State) (*payouts.Batch, error) {
	if err := tx.lock("payouts"); err != nil {
		return nil, err
	}
	list, err := payoutBatches(tx.ctx, tx.sql, tx.dialect, tx.db, id)
	if err != nil || len(list) == 0 {
		return nil, errorOr(err, batchUnknown(id))
	}
	for _, state := range in {
		if list[0].State == state {
			return &list[0], nil
		}
	}
	return nil, fault.New(fault.Conflict, "payout_batch_state", fault.Args{"batch": id, "state": string(list[0].State)})
}

// payout reads a payout in one of some states and keeps others from changing it.
func (tx *Tx) payout(number string, in ...payouts.State) (*payouts.Payout, error) {
	if err := tx.lock("payouts"); err != nil {
		return nil, err
	}
	list, err := payoutsBy(tx.ctx, tx.sql, tx.dialect, tx.db.Where("number = ?", number))
	if err != nil || len(list) == 0 {
		return nil, errorOr(err, fault.New(fault.NotFound, "payout_unknown", fault.Args{"payout": number}))
	}
	for _, state := range in {
		if list[0].State == state {
			return &list[0], nil
		}
	}
	return nil, fault.New(fault.Conflict, "payout_state", fault.Args{"payout": number, "state": string(list[0].State)})
}

// moveBatch gives a batch another state. Payouts that stand follow it until they
// are exported.
func (tx *Tx) moveBatch(b *payouts.Batch, state payouts.State, values set, who string) error {
	values["state"] = string(state)
	if err := inTable(tx.db.Model(&payoutBatchRow{}).Where("id = ?", b.ID).Updates(values)); err != nil {
		return err
	}
	if state == payouts.Approved {
		changed := tx.db.Model(&payoutRow{}).Where("batch_id = ? AND state = ?", b.ID, string(payouts.Prepared))
		if err := inTable(changed.Updates(set{"state": string(state), "changed_at": utc(tx.now()), "changed_by": who})); err != nil {
			return err
		}
	}
	return tx.audit(Entry{Who: who, Action: "payouts." + string(state), Subject: batchName(b.ID), Before: string(b.State), After: string(state)})
}

// endPayout gives a payout another state; one that stands no longer leaves its
// items to another.
func (tx *Tx) endPayout(p *payouts.Payout, state payouts.State, who, reason string, also set) error {
	values := set{"state": string(state), "changed_at": utc(tx.now()), "changed_by": who, "reason": reason}
	for column, value := range also {
		values[column] = value
	}
	if err := inTable(tx.db.Model(&payoutRow{}).Where("id = ?", p.ID).Updates(values)); err != nil {
		return err
	}
	// What was executed is settled by its movement, and what is open again after a
	// return may be paid again.
	if !state.Standing() || state == payouts.Executed {
		tx.touch(p.Entity)
		if err := inTable(tx.db.Model(&payoutItemRow{}).Where("payout_id = ?", p.ID).Updates(set{"standing": false})); err != nil {
			return err
		}
	}
	return tx.audit(Entry{Who: who, Action: "payout." + string(state), Subject: p.Number, Before: string(p.State), After: reason})
}
