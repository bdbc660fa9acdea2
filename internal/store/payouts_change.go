package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/payouts"
)

// PayoutBatches lists batches with their payouts and what was left out, the
// latest first. Ids narrow the list.
func (s *Store) PayoutBatches(ctx context.Context, ids ...int64) (list []payouts.Batch, err error) {
	err = s.snapshot(ctx, func(v view) error {
		list, err = payoutBatches(ctx, v, v.db, ids...)
		return err
	})
	return list, err
}

// PayoutBatch returns a batch, or a NotFound fault.
func (s *Store) PayoutBatch(ctx context.Context, id int64) (*payouts.Batch, error) {
	list, err := s.PayoutBatches(ctx, id)
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

func payoutBatches(ctx context.Context, q querier, db *gorm.DB, ids ...int64) ([]payouts.Batch, error) {
	query := db.Order("id DESC")
	if len(ids) > 0 {
		query = query.Where("id IN ?", ids)
	}
	rows, err := find[payoutBatchRow](query)
	if err != nil {
		return nil, err
	}
	list := make([]payouts.Batch, len(rows))
	at := map[int64]*payouts.Batch{}
	for i := range rows {
		list[i] = rows[i].domain()
		at[list[i].ID] = &list[i]
		ids = append(ids, list[i].ID)
	}
	left, err := find[payoutLeftOutRow](db.Where("batch_id IN ?", ids).Order("batch_id, place"))
	if err != nil {
		return nil, err
	}
	for _, l := range left {
		b := at[l.BatchID]
		b.LeftOut = append(b.LeftOut, payouts.LeftOut{Entity: l.EntityKey, Currency: l.Currency, Amount: money.Amount(l.Amount), Reason: payouts.Reason(l.Reason), Detail: l.Detail})
	}
	paid, err := payoutsBy(ctx, q, db.Where("batch_id IN ?", ids))
	for _, p := range paid {
		at[p.Batch].Payouts = append(at[p.Batch].Payouts, p)
	}
	return list, err
}

// payoutsBy reads payouts with their items, in the order of their ids.
func payoutsBy(ctx context.Context, q querier, query *gorm.DB) ([]payouts.Payout, error) {
	rows, err := find[payoutRow](query.Order("id"))
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	list := make([]payouts.Payout, len(rows))
	at := map[int64]*payouts.Payout{}
	for i := range rows {
		if list[i], err = rows[i].domain(); err != nil {
			return nil, err
		}
		at[list[i].ID] = &list[i]
	}
	type row struct {
		payout int64
		payouts.PaidItem
	}
	items, err := collect(ctx, q, func(r *row) []any { return []any{&r.payout, &r.Movement, &r.Kind, &r.Reference, &r.Value, &r.Amount} },
		`SELECT i.payout_id, i.movement_id, m.kind, m.reference, m.value_date, i.amount FROM payout_items i JOIN movements m ON m.id = i.movement_id
			WHERE i.payout_id BETWEEN $1 AND $2 ORDER BY i.payout_id, m.value_date, m.id`, rows[0].ID, rows[len(rows)-1].ID)
	for _, item := range items {
		if p := at[item.payout]; p != nil {
			p.Items = append(p.Items, item.PaidItem)
		}
	}
	return list, err
}

// ApprovePayouts releases a batch that another person prepared: from now on its
// items are in payment. Where what is open of an item has changed since, for
// instance because a document was cancelled, it is refused; the batch is to be
// discarded and prepared again.
func (s *Store) ApprovePayouts(ctx context.Context, who string, batch int64) error {
	return s.durably(ctx, func(tx *Tx) error {
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
		if err := tx.stillOpen(batch); err != nil {
			return err
		}
		return tx.moveBatch(b, payouts.Approved, set{"approved_at": utc(tx.now()), "approved_by": who}, who)
	})
}

// stillOpen refuses a batch of which an item changed since it was prepared.
func (tx *Tx) stillOpen(batch int64) error {
	changed, err := column[string](tx.ctx, tx.sql, `SELECT m.reference FROM payouts p JOIN payout_items i ON i.payout_id = p.id AND i.standing JOIN movements m ON m.id = i.movement_id
		WHERE p.batch_id = $1 AND i.amount <> m.amount
			- coalesce((SELECT sum(a.amount) FROM allocations a WHERE a.item_id = m.id), 0)
			+ coalesce((SELECT sum(a.amount) FROM allocations a WHERE a.movement_id = m.id), 0)
		ORDER BY m.id`, batch)
	if err != nil || len(changed) == 0 {
		return err
	}
	return fault.New(fault.Conflict, "payout_item_changed", fault.Args{"batch": batch, "document": changed[0]})
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

// ExecutePayout books a payout on the account of its recipient: the bank paid it
// on a day. Its items are settled.
func (s *Store) ExecutePayout(ctx context.Context, who, number string, on entities.Date) error {
	return s.durably(ctx, func(tx *Tx) error {
		p, err := tx.payout(number, payouts.Approved, payouts.Exported)
		if err != nil {
			return err
		}
		m := creditnotes.Movement{Account: creditnotes.Account{Entity: p.Entity, Currency: p.Currency}, Kind: creditnotes.MovedPayout, Amount: -p.Amount,
			Booked: tx.now(), Value: on, Reference: p.Number, Who: who}
		list := []creditnotes.Movement{m}
		if err := tx.book(list); err != nil {
			return err
		}
		if err := tx.settleItems(&list[0], p.Items); err != nil {
			return err
		}
		return tx.endPayout(p, payouts.Executed, who, "", set{"executed_on": string(on), "movement_id": list[0].ID})
	})
}

// settleItems settles the items of a payout as far as they are open still: what
// is not, because a document was cancelled meanwhile, stays unallocated.
func (tx *Tx) settleItems(m *creditnotes.Movement, items []payouts.PaidItem) error {
	open, err := openItems(tx.ctx, tx.sql, m.Account)
	if err != nil {
		return err
	}
	left := map[int64]money.Amount{}
	for _, item := range open {
		left[item.ID] = item.Open
	}
	var list []creditnotes.Allocation
	for _, item := range items {
		if left[item.Movement] == item.Amount {
			list = append(list, creditnotes.Allocation{Movement: m.ID, Item: item.Movement, Amount: item.Amount})
		}
	}
	return tx.addAllocations(list)
}

// ReturnPayout books the money of an executed payout back: its items are open
// again, and nothing is paid out to the recipient until the hold is taken away.
func (s *Store) ReturnPayout(ctx context.Context, who, number, reason string, on entities.Date) error {
	return s.durably(ctx, func(tx *Tx) error {
		p, err := tx.payout(number, payouts.Executed)
		if err != nil {
			return err
		}
		m := creditnotes.Movement{Account: creditnotes.Account{Entity: p.Entity, Currency: p.Currency}, Kind: creditnotes.MovedPayoutReturn, Amount: p.Amount,
			Booked: tx.now(), Value: on, Reference: p.Number, Reason: reason, Who: who}
		list := []creditnotes.Movement{m}
		if err := tx.book(list); err != nil {
			return err
		}
		if err := tx.settlePayment(&list[0], []int64{p.MovementID}); err != nil {
			return err
		}
		if err := tx.holdPayouts(who, p, reason, on); err != nil {
			return err
		}
		return tx.endPayout(p, payouts.Returned, who, reason, nil)
	})
}

// RejectPayout opens the items of an exported payout again that the bank did not
// execute, and holds further ones.
func (s *Store) RejectPayout(ctx context.Context, who, number, reason string, on entities.Date) error {
	return s.durably(ctx, func(tx *Tx) error {
		p, err := tx.payout(number, payouts.Exported)
		if err != nil {
			return err
		}
		if err := tx.holdPayouts(who, p, reason, on); err != nil {
			return err
		}
		return tx.endPayout(p, payouts.Rejected, who, reason, nil)
	})
}

// holdPayouts puts the bank data of a recipient on hold.
func (tx *Tx) holdPayouts(who string, p *payouts.Payout, reason string, on entities.Date) error {
	if err := tx.lockConfiguration(); err != nil {
		return err
	}
	e, err := tx.entity(p.Entity)
	if err != nil || !e.PayoutHold.Since.IsZero() {
		return err
	}
	hold := entities.PayoutHold{Since: on, Reason: fmt.Sprintf("%s: %s", p.Number, reason)}
	if err := inTable(tx.db.Model(&entityRow{}).Where("key = ?", p.Entity).Updates(set{"payout_hold": jsonOf(hold)})); err != nil {
		return err
	}
	if err := tx.audit(Entry{Who: who, Action: "payout.held", Subject: p.Entity, After: string(jsonOf(hold))}); err != nil {
		return err
	}
	return tx.configurationChanged()
}

// batch reads a batch in one of some states and keeps others from changing it.
func (tx *Tx) batch(id int64, in ...payouts.State) (*payouts.Batch, error) {
	if err := tx.lock("payouts"); err != nil {
		return nil, err
	}
	list, err := payoutBatches(tx.ctx, tx.sql, tx.db, id)
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
	list, err := payoutsBy(tx.ctx, tx.sql, tx.db.Where("number = ?", number))
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
		if err := inTable(tx.db.Model(&payoutItemRow{}).Where("payout_id = ?", p.ID).Updates(set{"standing": false})); err != nil {
			return err
		}
	}
	return tx.audit(Entry{Who: who, Action: "payout." + string(state), Subject: p.Number, Before: string(p.State), After: reason})
}
