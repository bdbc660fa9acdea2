package creditnotes

import (
	"context"
	"time"
)

// ReminderStore keeps the reminders that were sent, and what was mailed of them.
type ReminderStore interface {
	// Reminder finds a reminder by its number.
	Reminder(ctx context.Context, number string) (*Reminder, error)
	// ReminderDeliveries are the mailings of a reminder, the original first.
	ReminderDeliveries(ctx context.Context, id int64) ([]Delivery, error)
}

// ReminderPrinter sets reminders on paper.
type ReminderPrinter interface {
	ReminderPDF(r *Reminder) ([]byte, error)
}

// resendReminder queues one more mail with a reminder. The letter stays as it was
// sent: it is no reminder of a higher level.
func (r *Runner) resendReminder(ctx context.Context, one *Reminder, q ResendRequest, but []string) (*Delivery, error) {
	d := Delivery{ReminderID: one.ID, State: DeliveryQueued, CreatedAt: r.Now().UTC().Truncate(time.Microsecond)}
	if q.Addresses == AddressesStored {
		d.To, d.ReplyTo = one.Emails, one.ReplyTo
	} else if err := r.address(ctx, &d, one.Letter(), q); err != nil {
		return nil, err
	}
	return r.queueAgain(ctx, &d, mailOf{one.Number, one.Recipient, one.Issuer.Email}, q.Who, but)
}
