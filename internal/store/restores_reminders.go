package store

import (
	"context"
	"fmt"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

// lostReminderRow is a row of lost_reminders.
type lostReminderRow struct {
	ID        int64  `gorm:"column:id"`
	Number    string `gorm:"column:number"`
	SHA256    string `gorm:"column:sha256"`
	Reason    string `gorm:"column:reason"`
	RestoreID int64  `gorm:"column:restore_id"`
}

// TableName implements schema.Tabler.
func (lostReminderRow) TableName() string { return "lost_reminders" }

// nextReminder is the id that the next reminder has.
const nextReminder = "SELECT coalesce(max(next), 1) FROM id_counters WHERE name = 'reminders'"

// NextReminder implements creditnotes.ArchiveStore.
func (s *Store) NextReminder(ctx context.Context) (next int64, err error) {
	err = s.readSQL.QueryRowContext(ctx, nextReminder).Scan(&next)
	return next, translateError(err)
}

// KnownReminder implements creditnotes.ArchiveStore.
func (s *Store) KnownReminder(ctx context.Context, number string) (*creditnotes.KnownDocument, error) {
	row, err := first[reminderRow](s.db(ctx).Select("id", "sha256", "created_at").Where("number = ?", number))
	if err != nil {
		return nil, err
	}
	if row != nil {
		return &creditnotes.KnownDocument{Files: map[creditnotes.FileKind]string{creditnotes.FilePDF: row.SHA256}, IssuedAt: row.CreatedAt.UTC()}, nil
	}
	id, _ := creditnotes.ReminderID(number)
	lost, err := first[lostReminderRow](s.db(ctx).Where("id = ?", id))
	if err != nil || lost == nil {
		return nil, err
	}
	restore, err := first[restoreRow](s.db(ctx).Where("id = ? AND confirmed_at IS NULL", lost.RestoreID))
	return &creditnotes.KnownDocument{Later: restore != nil}, err
}

// loseReminders records the numbers of reminders up to the highest of those that a
// comparison has found as lost, and returns how many. The next reminder has the
// number after them.
func (tx *Tx) loseReminders(found []creditnotes.KeptDocument, restore int64, reason string) (int, error) {
	documents, last := map[int64]creditnotes.KeptDocument{}, int64(0)
	for _, d := range found {
		if d.Reminder {
			documents[d.Sequence], last = d, max(last, d.Sequence)
		}
	}
	var next int64
	if err := tx.scanRow(nextReminder, nil, &next); err != nil || last < next {
		return 0, err
	}
	if last-next >= mostLost {
		return 0, fault.New(fault.Conflict, "restore_too_many_lost", fault.Args{"counter": "reminders", "next": next, "last": last, "most": mostLost})
	}
	rows := make([]lostReminderRow, 0, last-next+1)
	for id := next; id <= last; id++ {
		d := documents[id]
		rows = append(rows, lostReminderRow{id, d.Number, d.SHA256, reason, restore})
	}
	if _, err := tx.takeIDs("reminders", len(rows)); err != nil {
		return 0, fmt.Errorf("reminders: %w", err)
	}
	return len(rows), create(tx.db, rows...)
}
