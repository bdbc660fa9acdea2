package store

import (
	"context"
	"time"

	"creditrun/creditnotes"
)

// OpenFilter narrows a listing of open recipients; what is not set does not
// narrow.
type OpenFilter struct {
	Run   string // name
	After OpenPlace
	Limit int
}

// OpenPlace is a place in a listing of open recipients.
type OpenPlace struct {
	Mailing int64
	Address string
}

// open is the condition for a mailing d that has not reached everyone.
const open = "d.state <> 'sent' AND " + latest

// OpenRecipients lists the recipients that have not got the latest mailing of a
// note, of all runs, in the order in which the mailings were queued.
func (s *Store) OpenRecipients(ctx context.Context, f OpenFilter) ([]creditnotes.OpenRecipient, error) {
	var where condition
	where.and(open + " AND r.state <> 'accepted'")
	if f.Run != "" {
		where.and("x.name = ?", f.Run)
	}
	if f.After != (OpenPlace{}) {
		where.and("(d.id, r.address) > (?, ?)", f.After.Mailing, f.After.Address)
	}
	type row struct {
		creditnotes.OpenRecipient
		due *time.Time
	}
	rows, err := collect(ctx, s.readSQL, func(o *row) []any {
		return []any{&o.Run, &o.Month, &o.Number, &o.Report, &o.Payout, &o.Reminder, &o.OpenRecipient.Recipient, &o.Mailing, &o.Copy, &o.Mailed, &o.Address, &o.State, &o.Reply, &o.Since, &o.due}
	}, limited(`SELECT coalesce(x.name, ''), coalesce(x.month, ''), `+carriedNumber+`, d.report_id IS NOT NULL, d.payout_id IS NOT NULL, d.reminder_id IS NOT NULL, `+carriedRecipient+`, d.id, d.copy, d.state, r.address, r.state, r.reply, d.created_at, d.due_at
		FROM deliveries d JOIN delivery_recipients r ON r.delivery_id = d.id `+carrier+` LEFT JOIN runs x ON x.id = coalesce(n.run_id, p.run_id)
		`+where.String()+` ORDER BY d.id, r.address`, f.Limit), where.args...)
	list := make([]creditnotes.OpenRecipient, len(rows))
	for i, r := range rows {
		list[i] = r.OpenRecipient
		list[i].Since, list[i].DueAt = list[i].Since.UTC(), orZero(r.due).UTC()
	}
	return list, err
}

// CountOpen counts the notes and reports whose latest mailing has not reached
// everyone.
func (s *Store) CountOpen(ctx context.Context) (n int, err error) {
	err = s.readSQL.QueryRowContext(ctx, "SELECT count(*) FROM deliveries d WHERE "+open).Scan(&n)
	return n, translateError(err)
}
