package store

import (
	"context"
	"errors"
	"strconv"
	"time"

	"creditrun/creditnotes"
)

// DeliveryEntry is a mailing in a listing of many, with what it carries.
type DeliveryEntry struct {
	creditnotes.Delivery
	Number    string // of the note, or the name of the report
	Recipient string // key
}

// DeliveryFilter narrows a listing of mailings; what is not set does not
// narrow.
type DeliveryFilter struct {
	State creditnotes.DeliveryState
	Below int64 // only mailings with a smaller id: the next page
	Limit int
}

// ListDeliveries lists mailings, the latest first.
func (s *Store) ListDeliveries(ctx context.Context, f DeliveryFilter) ([]DeliveryEntry, error) {
	var where condition
	if f.State != "" {
		where.and("state = ?", string(f.State))
	}
	if f.Below > 0 {
		where.and("id < ?", f.Below)
	}
	tail := where.String() + " ORDER BY id DESC"
	if f.Limit > 0 {
		tail += " LIMIT " + strconv.Itoa(f.Limit)
	}
	type row struct {
		DeliveryEntry
		to     jsonText
		sentAt *time.Time
	}
	rows, err := collect(ctx, s.readSQL, func(r *row) []any {
		return []any{&r.ID, &r.NoteID, &r.ReportID, &r.PayoutID, &r.ReminderID, &r.State, &r.Copy, &r.to, &r.ReplyTo, &r.MessageID, &r.Attempts, &r.Reply, &r.CreatedAt, &r.sentAt,
			&r.Number, &r.Recipient}
	}, `
		SELECT d.id, coalesce(d.note_id, 0), coalesce(d.report_id, 0), coalesce(d.payout_id, 0), coalesce(d.reminder_id, 0), d.state, d.copy, d.recipients, d.reply_to, d.message_id, d.attempts, d.reply, d.created_at, d.sent_at,
			`+carriedNumber+`, `+carriedRecipient+`
		FROM (SELECT * FROM deliveries `+tail+`) AS d `+carrier+`
		ORDER BY d.id DESC`, where.args...)
	list := make([]DeliveryEntry, len(rows))
	for i := range rows {
		list[i] = rows[i].DeliveryEntry
		list[i].CreatedAt, list[i].SentAt = list[i].CreatedAt.UTC(), orZero(rows[i].sentAt)
		err = errors.Join(err, rows[i].to.read("recipients", &list[i].To))
	}
	if err != nil {
		return nil, err
	}
	all := make([]*creditnotes.Delivery, len(list))
	for i := range list {
		all[i] = &list[i].Delivery
	}
	return list, s.addRecipients(ctx, all)
}
