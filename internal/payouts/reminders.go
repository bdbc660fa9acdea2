package payouts

import (
	"cmp"
	"slices"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
)

// SentReminder is a level at which an item was reminded of.
type SentReminder struct {
	Level int
	Day   entities.Date
}

// DueReminder is a letter that is due: all items of a recipient in a currency
// whose next level has come.
type DueReminder struct {
	Recipient *entities.Entity
	Currency  string
	Level     int // the highest of its items
	Items     []creditnotes.ReminderItem
	Amount    money.Amount // that is owed
	Apart     Reason       // why it is not sent; empty: it is
	Detail    string
}

// The reasons for which a reminder that is due is not sent.
const (
	RemindersStopped Reason = "stopped"  // ReminderStop of the entity
	NoEmail          Reason = "no_email" // the recipient has no address
)

// RemindersOf finds the reminders that are due on a day. An item is overdue for
// each level so many days after it is due, and a level follows on the one before
// after the days between them. sent says what was sent of each movement.
func RemindersOf(day entities.Date, days creditnotes.ReminderDays, accounts []Account, sent map[int64]SentReminder) (list []DueReminder) {
	for i := range accounts {
		a := &accounts[i]
		r := DueReminder{Recipient: a.Recipient, Currency: a.Currency}
		var objected []creditnotes.ReminderItem
		left := a.leftAfterSetOff()
		for j := range a.Items {
			item := &a.Items[j]
			level := levelOf(item, day, days, sent[item.ID])
			if level == 0 || left[item.ID] == 0 || !reminded(item.Kind) {
				continue
			}
			one := creditnotes.ReminderItem{Movement: item.ID, Kind: item.Kind, Document: item.Reference, Date: item.Value, Due: item.Due, Open: left[item.ID], Level: level}
			if item.Objection {
				objected = append(objected, one)
				continue
			}
			r.add(one)
		}
		if len(r.Items) > 0 {
			r.Apart, r.Detail = notReminded(a.Recipient, day)
			list = append(list, r)
		}
		for _, one := range objected {
			apart := DueReminder{Recipient: a.Recipient, Currency: a.Currency, Apart: Objection, Detail: one.Document}
			apart.add(one)
			list = append(list, apart)
		}
	}
	slices.SortStableFunc(list, func(x, y DueReminder) int {
		return cmp.Or(cmp.Compare(x.Recipient.Key, y.Recipient.Key), cmp.Compare(x.Currency, y.Currency))
	})
	return list
}

// reminded reports whether letters ask for debts of a kind: documents, and money
// that settles nothing. Top-ups and adjustments are set off only.
func reminded(kind creditnotes.MovementKind) bool {
	return !kind.IsItem() || kind == creditnotes.MovedInvoice || kind == creditnotes.MovedCancellation
}

func (r *DueReminder) add(one creditnotes.ReminderItem) {
	r.Items, r.Amount, r.Level = append(r.Items, one), r.Amount+one.Open, max(r.Level, one.Level)
}

// notReminded says why an entity gets no reminders.
func notReminded(e *entities.Entity, day entities.Date) (Reason, string) {
	stop := e.ReminderStop
	switch {
	case !stop.Since.IsZero() && !day.Before(stop.Since):
		return RemindersStopped, stop.Reason
	case len(e.Emails) == 0:
		return NoEmail, ""
	}
	return "", ""
}

// leftAfterSetOff is what the recipient still owes of each item, by the id of its
// movement, when all that the operator owes and has not put into a payout, and
// money of the recipient that settles nothing, is set off against it, the earliest
// due first. Fee invoices of a recipient without
// set-off, and what the recipient objects to, stay whole.
func (a *Account) leftAfterSetOff() map[int64]money.Amount {
	left, credit := map[int64]money.Amount{}, money.Amount(0)
	var debts []*Item
	for i := range a.Items {
		item := &a.Items[i]
		switch {
		case item.Payout != "":
		case item.Open > 0:
			credit += item.Open
		case item.Open < 0:
			left[item.ID] = -item.Open
			if !item.Objection && (item.Kind != creditnotes.MovedInvoice || a.Recipient.SetOff) {
				debts = append(debts, item)
			}
		}
	}
	slices.SortStableFunc(debts, func(x, y *Item) int { return cmp.Or(cmp.Compare(x.Due, y.Due), cmp.Compare(x.ID, y.ID)) })
	for _, item := range debts {
		off := min(credit, left[item.ID])
		left[item.ID], credit = left[item.ID]-off, credit-off
	}
	return left
}

// levelOf is the level at which an item is to be reminded of on a day; 0: none.
func levelOf(item *Item, day entities.Date, days creditnotes.ReminderDays, last SentReminder) int {
	next := last.Level + 1
	if next > creditnotes.ReminderLevels || item.Due.DaysUntil(day) < days[next-1] {
		return 0
	}
	if last.Level > 0 && last.Day.DaysUntil(day) < days[next-1]-days[last.Level-1] {
		return 0
	}
	return next
}
