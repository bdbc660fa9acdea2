package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"creditrun/creditnotes"
)

// StoredReminders implements creditnotes.ReminderBooks. Letters are read one at a
// time.
func (b *books) StoredReminders(ctx context.Context) (list []creditnotes.StoredReminder, err error) {
	items, err := b.reminderItems(ctx)
	if err != nil {
		return nil, err
	}
	for r, err := range each(ctx, b.q, func(r *storedReminder) []any {
		return []any{&r.ID, &r.Number, &r.Entity, &r.Currency, &r.Level, &r.Day, &r.Amount, &r.SHA256, &r.Earlier, &r.Content, &r.file}
	}, `SELECT id, number, entity_key, currency, level, day, amount, sha256, created_at < $1,
			CASE WHEN created_at < $1 THEN '' ELSE content END, CASE WHEN created_at < $1 THEN NULL ELSE file END
		FROM reminders ORDER BY id`, b.since) {
		if err != nil {
			return nil, fmt.Errorf("reminders: %w", err)
		}
		if !r.Earlier {
			sum := sha256.Sum256(r.file)
			r.Actual, r.Items = hex.EncodeToString(sum[:]), items[r.ID]
		}
		list = append(list, r.StoredReminder)
	}
	return list, nil
}

// LostReminders implements creditnotes.ReminderBooks.
func (b *books) LostReminders(ctx context.Context) ([]int64, error) {
	return column[int64](ctx, b.q, "SELECT id FROM lost_reminders ORDER BY id")
}

// storedReminder is a reminder with its letter.
type storedReminder struct {
	creditnotes.StoredReminder
	file []byte
}

// reminderItems are the items of all reminders, by the id of the reminder.
func (b *books) reminderItems(ctx context.Context) (map[int64][]creditnotes.Reminded, error) {
	type row struct {
		reminder int64
		creditnotes.Reminded
	}
	rows, err := collect(ctx, b.q, func(r *row) []any { return []any{&r.reminder, &r.Movement, &r.Level, &r.Open} },
		"SELECT reminder_id, movement_id, level, open FROM reminder_items ORDER BY reminder_id, movement_id, level")
	items := map[int64][]creditnotes.Reminded{}
	for _, r := range rows {
		items[r.reminder] = append(items[r.reminder], r.Reminded)
	}
	return items, err
}
