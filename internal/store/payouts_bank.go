package store

import (
	"context"
	"fmt"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/payouts"
)

// ExecutePayout books a payout on the account of its recipient: the bank paid it
// on a day. Its items are settled. A day that cannot be gives the fault payout_day.
func (s *Store) ExecutePayout(ctx context.Context, who, number string, on entities.Date) error {
	return s.durably(ctx, func(tx *Tx) error {
		if err := tx.dayFits(number, on); err != nil {
			return err
		}
		return tx.executePayout(who, number, on)
	})
}

func (tx *Tx) executePayout(who, number string, on entities.Date) error {
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
		if err := tx.dayFits(number, on); err != nil {
			return err
		}
		return tx.returnPayout(who, number, reason, on)
	})
}

func (tx *Tx) returnPayout(who, number, reason string, on entities.Date) error {
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
}

// RejectPayout opens the items of an exported payout again that the bank did not
// execute, and holds further ones.
func (s *Store) RejectPayout(ctx context.Context, who, number, reason string, on entities.Date) error {
	return s.durably(ctx, func(tx *Tx) error {
		if err := tx.dayFits(number, on); err != nil {
			return err
		}
		return tx.rejectPayout(who, number, reason, on)
	})
}

func (tx *Tx) rejectPayout(who, number, reason string, on entities.Date) error {
	p, err := tx.payout(number, payouts.Exported)
	if err != nil {
		return err
	}
	if err := tx.holdPayouts(who, p, reason, on); err != nil {
		return err
	}
	return tx.endPayout(p, payouts.Rejected, who, reason, nil)
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
