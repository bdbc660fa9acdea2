package store

import (
	"slices"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/payouts"
)

// received books a payment of a recipient: its text names documents that are owed
// to the operator, all of one account, and that come to the amount.
func (b *bankImport) received(row *bankEntryRow) error {
	debts, err := b.openDebts()
	if err != nil {
		return err
	}
	text := row.EndToEndID + " " + row.Text
	var named []openItem
	var sum int64
	for _, d := range debts {
		if payouts.Mentions(text, d.Reference) {
			named, sum = append(named, d), sum-d.open
		}
	}
	switch {
	case len(named) == 0:
		row.queue(payouts.WhyUnmatched)
	case slices.ContainsFunc(named, func(d openItem) bool { return d.EntityKey != named[0].EntityKey }):
		row.queue(payouts.WhyAmbiguous)
	case slices.ContainsFunc(named, func(d openItem) bool { return d.payout != "" }):
		row.queue(payouts.WhyPayoutState)
	case sum != row.Amount || slices.ContainsFunc(named, func(d openItem) bool { return d.Currency != row.Currency }):
		row.queue(payouts.WhyAmountDiffers)
	default:
		return b.receive(row, named)
	}
	return b.add(row)
}

func (b *bankImport) receive(row *bankEntryRow, named []openItem) error {
	items := make([]int64, len(named))
	for i, d := range named {
		items[i] = d.ID
	}
	account := creditnotes.Account{Entity: named[0].EntityKey, Currency: row.Currency}
	if err := b.tx.pay(b.who, row, account, items...); err != nil {
		return err
	}
	b.debts = slices.DeleteFunc(b.debts, func(d openItem) bool { return slices.Contains(items, d.ID) })
	return b.add(row)
}

// pay books an entry on an account: it settles the named items, or the oldest.
func (tx *Tx) pay(who string, row *bankEntryRow, account creditnotes.Account, items ...int64) error {
	m := creditnotes.Movement{Account: account, Kind: creditnotes.MovedPayment, Amount: money.Amount(row.Amount), Booked: tx.now(),
		Value: entities.Date(row.Day), Reference: paymentReference(row), Who: who}
	list := []creditnotes.Movement{m}
	if err := tx.book(list); err != nil {
		return err
	}
	if err := tx.settlePayment(&list[0], items); err != nil {
		return err
	}
	row.MovementID = &list[0].ID
	if row.settle(payouts.OutcomeReceived); row.Amount < 0 {
		row.settle(payouts.OutcomePaid)
	}
	return tx.audit(Entry{Who: who, Action: "account.payment", Subject: account.Entity, After: string(jsonOf(list[0]))})
}

// paymentReference is the text of a payment on the account.
func paymentReference(row *bankEntryRow) string {
	for _, text := range []string{row.Text, row.EndToEndID, row.Reference} {
		if text != "" && text != "NOTPROVIDED" {
			return cutText(text, 140)
		}
	}
	return row.Day
}

// openDebts are the open items that recipients owe. They are read once: what a
// file settles is taken out of them.
func (b *bankImport) openDebts() ([]openItem, error) {
	if b.loaded {
		return b.debts, nil
	}
	b.loaded = true
	var err error
	b.debts, err = b.tx.debts()
	return b.debts, err
}

func (tx *Tx) debts() ([]openItem, error) {
	list, err := collect(tx.ctx, tx.sql, func(r *openItem) []any { return append(r.fields(), &r.open, &r.document, &r.objection, &r.payout) }, openMovements, lastDay)
	return slices.DeleteFunc(list, func(r openItem) bool { return r.open >= 0 || !creditnotes.MovementKind(r.Kind).IsItem() }), err
}
