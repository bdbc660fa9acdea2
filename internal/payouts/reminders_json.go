package payouts

import (
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
)

// DueReminderJSON is a reminder that is due as programs read it.
type DueReminderJSON struct {
	Recipient string             `json:"recipient" doc:"key"`
	Level     int                `json:"level" doc:"1 to 3: the highest of its items"`
	Amount    string             `json:"amount"`
	Currency  string             `json:"currency"`
	Reason    Reason             `json:"reason,omitempty" doc:"why it is not sent: stopped, no_email or objection; none: it is"`
	Detail    string             `json:"detail,omitempty"`
	Items     []ReminderItemJSON `json:"items" nullable:"false"`
}

// ReminderItemJSON is a document of a reminder as programs read it.
type ReminderItemJSON struct {
	Document string                   `json:"document"`
	Kind     creditnotes.MovementKind `json:"kind"`
	Due      entities.Date            `json:"due_date" format:"date"`
	Open     string                   `json:"open"`
	Level    int                      `json:"level"`
}

// ReminderJSON is a reminder that was sent as programs read it.
type ReminderJSON struct {
	Reminder  string             `json:"reminder" doc:"number" example:"MA-000001"`
	Recipient string             `json:"recipient" doc:"key"`
	Level     int                `json:"level" doc:"1 to 3: the highest of its items"`
	Day       entities.Date      `json:"day" format:"date"`
	Until     entities.Date      `json:"pay_until" format:"date"`
	Amount    string             `json:"amount" doc:"that the recipient owes"`
	Currency  string             `json:"currency"`
	SentAt    time.Time          `json:"sent_at"`
	SentBy    string             `json:"sent_by,omitempty" doc:"not told to recipients"`
	Items     []ReminderItemJSON `json:"items" nullable:"false"`
}

// JSON is the reminder as programs read it.
func (r *DueReminder) JSON() DueReminderJSON {
	digits, _ := money.Digits(r.Currency)
	return DueReminderJSON{r.Recipient.Key, r.Level, r.Amount.Format(digits), r.Currency, r.Apart, r.Detail, reminderItemsJSON(r.Items, digits)}
}

// JSONOfReminder is a reminder that was sent as programs read it.
func JSONOfReminder(r *creditnotes.Reminder) ReminderJSON {
	return ReminderJSON{r.Number, r.Recipient, r.Level, r.Day, r.Until, r.Amount.Format(r.Digits), r.Currency, r.SentAt, r.SentBy, reminderItemsJSON(r.Items, r.Digits)}
}

func reminderItemsJSON(items []creditnotes.ReminderItem, digits int) []ReminderItemJSON {
	list := []ReminderItemJSON{}
	for _, i := range items {
		list = append(list, ReminderItemJSON{i.Document, i.Kind, i.Due, i.Open.Format(digits), i.Level})
	}
	return list
}
