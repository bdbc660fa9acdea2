package store

import (
	"context"
	"errors"
	"iter"

	"creditrun/creditnotes"
)

// ReminderFilter narrows a listing of reminders; what is not set does not narrow.
type ReminderFilter struct {
	Entity string   // key of the recipient
	Level  int      //
	Scope  []string // keys of the recipients; nil: all
}

// Reminders lists one page of the reminders that were sent, by their numbers, with
// the cursors of the pages beside it. A cursor that this listing never gave out is a
// Usage fault.
func (s *Store) Reminders(ctx context.Context, f ReminderFilter, p creditnotes.Page) (list []creditnotes.Reminder, next, previous string, err error) {
	query, err := s.reminderPage(ctx, f, p)
	if err != nil {
		return nil, "", "", err
	}
	rows, err := collect(ctx, s.readSQL, func(r *reminderRow) []any { return []any{&r.ID, &r.Content} }, query.text, query.args...)
	rows, next, previous = inOrder(rows, p, func(r *reminderRow) string { return idCursor(r.ID) })
	for i := range rows {
		one, bad := rows[i].domain()
		err = errors.Join(err, bad)
		list = append(list, one)
	}
	return list, next, previous, err
}

// reminderPage finds the reminders of a page, and one more where there are more.
func (s *Store) reminderPage(ctx context.Context, f ReminderFilter, p creditnotes.Page) (statement, error) {
	where, err := s.remindersLike(ctx, f)
	if err != nil {
		return statement{}, err
	}
	order, err := byID("r.id").narrow(where, p)
	return statement{limited("SELECT r.id, r.content FROM reminders r "+where.String()+order, p.Size()+1), where.args}, err
}

func (s *Store) remindersLike(ctx context.Context, f ReminderFilter) (*condition, error) {
	where := &condition{}
	if f.Entity != "" {
		where.and("r.entity_key = ?", f.Entity)
	}
	if f.Level != 0 {
		where.and("r.level = ?", f.Level)
	}
	return where, s.addRecipientScope(ctx, where, "reminders", "r", f.Scope)
}

// EachReminder yields all reminders that a filter lets through, the oldest first,
// page by page. After an error there are no more.
func (s *Store) EachReminder(ctx context.Context, f ReminderFilter) iter.Seq2[creditnotes.Reminder, error] {
	return eachPage(func(p creditnotes.Page) ([]creditnotes.Reminder, string, error) {
		list, next, _, err := s.Reminders(ctx, f, p)
		return list, next, err
	})
}

// CountReminders counts the reminders that a filter lets through.
func (s *Store) CountReminders(ctx context.Context, f ReminderFilter) (n int, err error) {
	where, err := s.remindersLike(ctx, f)
	if err != nil {
		return 0, err
	}
	err = s.readSQL.QueryRowContext(ctx, "SELECT count(*) FROM reminders r "+where.String(), where.args...).Scan(&n)
	return n, translateError(err)
}

// ReminderMails says what became of the latest mail of reminders, by their ids.
func (s *Store) ReminderMails(ctx context.Context, ids ...int64) (map[int64]creditnotes.DeliveryState, error) {
	type mail struct {
		reminder int64
		state    creditnotes.DeliveryState
	}
	rows, err := collect(ctx, s.readSQL, func(m *mail) []any { return []any{&m.reminder, &m.state} },
		"SELECT d.reminder_id, d.state FROM deliveries d WHERE d.reminder_id "+s.dialect.in("$1")+" AND "+latest, s.dialect.list(ids))
	states := map[int64]creditnotes.DeliveryState{}
	for _, m := range rows {
		states[m.reminder] = m.state
	}
	return states, err
}
