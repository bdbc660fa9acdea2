package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/payouts"
)

// reminderRow is a row of reminders.
type reminderRow struct {
	ID        int64     `gorm:"column:id"`
	Number    string    `gorm:"column:number"`
	EntityKey string    `gorm:"column:entity_key"`
	Currency  string    `gorm:"column:currency"`
	Level     int       `gorm:"column:level"`
	Day       string    `gorm:"column:day"`
	Amount    int64     `gorm:"column:amount"`
	Content   jsonText  `gorm:"column:content"`
	File      []byte    `gorm:"column:file"`
	SHA256    string    `gorm:"column:sha256"`
	CreatedAt time.Time `gorm:"column:created_at;autoCreateTime:false"`
	CreatedBy string    `gorm:"column:created_by"`
}

// TableName implements schema.Tabler.
func (reminderRow) TableName() string { return "reminders" }

// reminderItemRow is a row of reminder_items.
type reminderItemRow struct {
	ReminderID int64 `gorm:"column:reminder_id"`
	MovementID int64 `gorm:"column:movement_id"`
	Level      int   `gorm:"column:level"`
	Open       int64 `gorm:"column:open"`
}

// TableName implements schema.Tabler.
func (reminderItemRow) TableName() string { return "reminder_items" }

func (r *reminderRow) domain() (creditnotes.Reminder, error) {
	one := creditnotes.Reminder{}
	err := r.Content.read("content", &one)
	one.ID = r.ID
	return one, err
}

// Reminder implements creditnotes.ReminderStore.
func (s *Store) Reminder(ctx context.Context, number string) (*creditnotes.Reminder, error) {
	row, err := first[reminderRow](s.db(ctx).Select("id", "content").Where("number = ?", number))
	if err == nil && row == nil {
		err = fault.New(fault.NotFound, "reminder_unknown", fault.Args{"reminder": number})
	}
	if err != nil {
		return nil, err
	}
	one, err := row.domain()
	return &one, err
}

// ReminderDeliveries implements creditnotes.ReminderStore.
func (s *Store) ReminderDeliveries(ctx context.Context, id int64) ([]creditnotes.Delivery, error) {
	return s.deliveriesOf(ctx, "reminder_id = ?", id)
}

// ReminderFile returns the letter of a reminder as it was sent.
func (s *Store) ReminderFile(ctx context.Context, number string) (*creditnotes.File, error) {
	one, err := s.Reminder(ctx, number)
	if err != nil {
		return nil, err
	}
	files, err := s.reminderFiles(ctx, one.ID)
	if err != nil {
		return nil, err
	}
	return &files[0], nil
}

// reminderFiles is the letter of a reminder, as what its mail carries.
func (s *Store) reminderFiles(ctx context.Context, id int64) ([]creditnotes.File, error) {
	row, err := first[reminderRow](s.db(ctx).Where("id = ?", id))
	if err == nil && row == nil {
		err = fault.New(fault.NotFound, "reminder_unknown", fault.Args{"reminder": id})
	}
	if err != nil {
		return nil, err
	}
	one, err := row.domain()
	return []creditnotes.File{{Kind: creditnotes.FilePDF, Name: one.FileName(), MediaType: "application/pdf", SHA256: row.SHA256, Content: row.File}}, err
}

// carriedReminder is the letter of the reminder that a mailing carries.
func (s *Store) carriedReminder(ctx context.Context, d *creditnotes.Delivery) (*creditnotes.Note, error) {
	row, err := first[reminderRow](s.db(ctx).Select("id", "content").Where("id = ?", d.ReminderID))
	if err == nil && row == nil {
		err = fault.New(fault.NotFound, "reminder_unknown", fault.Args{"reminder": d.ReminderID})
	}
	if err != nil {
		return nil, err
	}
	one, err := row.domain()
	d.Reminder = &one
	return one.Letter(), err
}

// DueReminders lists the reminders that are due on a day, with those that are not
// sent and why (settlement.md §10.3).
func (s *Store) DueReminders(ctx context.Context, day entities.Date) (list []payouts.DueReminder, err error) {
	err = s.snapshot(ctx, func(v view) error {
		list, err = dueReminders(ctx, v, v.db, day, "")
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reminders: %w", err)
	}
	return list, nil
}

// dueReminders are those of one entity or, where its key is empty, of all.
func dueReminders(ctx context.Context, q querier, db *gorm.DB, day entities.Date, entity string) ([]payouts.DueReminder, error) {
	settings, _, err := loadSettings(db)
	if err != nil {
		return nil, err
	}
	accounts, err := payoutAccountsOn(ctx, q, db, lastDay, entity)
	if err != nil {
		return nil, err
	}
	type sentItem struct {
		movement int64
		payouts.SentReminder
	}
	rows, err := collect(ctx, q, func(r *sentItem) []any { return []any{&r.movement, &r.Level, &r.Day} },
		`SELECT i.movement_id, i.level, r.day FROM open_items o JOIN reminder_items i ON i.movement_id = o.movement_id JOIN reminders r ON r.id = i.reminder_id
			WHERE $1 = '' OR o.entity_key = $1 ORDER BY i.movement_id, i.level`, entity)
	if err != nil {
		return nil, err
	}
	sent := map[int64]payouts.SentReminder{}
	for _, r := range rows {
		sent[r.movement] = r.SentReminder
	}
	return payouts.RemindersOf(day, settings.ReminderDays, accounts, sent), nil
}
