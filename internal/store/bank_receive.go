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
	named, err := b.debtsNamed(row.EndToEndID + " " + row.Text)
	if err != nil {
		return err
	}
	var sum int64
	for _, d := range named {
		sum -= d.open
	}
	switch {
	case len(named) == 0:
		row.queue(payouts.WhyUnmatched)
	case slices.ContainsFunc(named, func(d *openItem) bool { return d.EntityKey != named[0].EntityKey }):
		row.queue(payouts.WhyAmbiguous)
	case slices.ContainsFunc(named, func(d *openItem) bool { return d.payout != "" }):
		row.queue(payouts.WhyPayoutState)
	case sum != row.Amount || slices.ContainsFunc(named, func(d *openItem) bool { return d.Currency != row.Currency }):
		row.queue(payouts.WhyAmountDiffers)
	case b.today.AddDays(mostAhead).Before(entities.Date(row.Day)), slices.ContainsFunc(named, func(d *openItem) bool { return row.Day < d.ValueDate }):
		row.queue(payouts.WhyDay)
	default:
		return b.receive(row, named)
	}
	return b.add(row)
}

// receive has a payment settle what it names.
func (b *bankImport) receive(row *bankEntryRow, named []*openItem) error {
	items := make([]int64, len(named))
	for i, d := range named {
		items[i] = d.ID
		b.debts.settled[d.ID] = true
	}
	account := creditnotes.Account{Entity: named[0].EntityKey, Currency: row.Currency}
	b.unsaved.bookings = append(b.unsaved.bookings, bankBooking{movement: payment(b.tx, b.who, row, account), row: row, items: items})
	row.settle(payouts.OutcomeReceived)
	return b.add(row)
}

// payment is the movement of an entry on an account.
func payment(tx *Tx, who string, row *bankEntryRow, account creditnotes.Account) creditnotes.Movement {
	return creditnotes.Movement{Account: account, Kind: creditnotes.MovedPayment, Amount: money.Amount(row.Amount), Booked: tx.now(),
		Value: entities.Date(row.Day), Reference: paymentReference(row), Who: who}
}

// pay books an entry on an account: it settles the named items, or the oldest.
func (tx *Tx) pay(who string, row *bankEntryRow, account creditnotes.Account, items ...int64) error {
	list := []creditnotes.Movement{payment(tx, who, row, account)}
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

// debtIndex finds what recipients owe by the numbers that a text mentions. It is
// read once: what a file settles is marked.
type debtIndex struct {
	numbers *payouts.Numbers[*openItem] // nil: not read yet
	settled map[int64]bool
}

// debtsNamed lists what recipients owe and a text names.
func (b *bankImport) debtsNamed(text string) ([]*openItem, error) {
	if b.debts.numbers == nil {
		if err := b.write(); err != nil {
			return nil, err
		}
		list, err := b.tx.debts()
		if err != nil {
			return nil, err
		}
		b.debts = debtIndex{&payouts.Numbers[*openItem]{}, map[int64]bool{}}
		for i := range list {
			b.debts.numbers.Add(list[i].Reference, &list[i])
		}
	}
	return slices.DeleteFunc(b.debts.numbers.In(text), func(d *openItem) bool { return b.debts.settled[d.ID] }), nil
}

func (tx *Tx) debts() ([]openItem, error) {
	list, err := openMovementsOn(tx.ctx, tx.sql, lastDay, "")
	return slices.DeleteFunc(list, func(r openItem) bool { return r.open >= 0 || !creditnotes.MovementKind(r.Kind).IsItem() }), err
}
