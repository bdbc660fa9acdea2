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
		for j := range a.Items {
			item := &a.Items[j]
			level := levelOf(item, day, days, sent[item.ID])
			if level == 0 || !a.isReminded(item) {
				continue
			}
			one := creditnotes.ReminderItem{Movement: item.ID, Kind: item.Kind, Document: item.Reference, Date: item.Value, Due: item.Due, Open: -item.Open, Level: level}
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

// isReminded reports whether the recipient is asked to pay an item: a fee invoice,
// or the cancellation of a note that was paid out, against which nothing is set
// off. What the operator owes and has not paid is set off with the next payout.
func (a *Account) isReminded(item *Item) bool {
	if item.Open >= 0 || item.Payout != "" || item.Kind != creditnotes.MovedInvoice && item.Kind != creditnotes.MovedCancellation {
		return false
	}
	if item.Kind == creditnotes.MovedInvoice && !a.Recipient.SetOff {
		return true
	}
	return !slices.ContainsFunc(a.Items, func(i Item) bool { return i.Open > 0 && i.Kind.IsItem() && i.Payout == "" })
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
