package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
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

// Reminders lists the reminders that were sent, the last first; of one entity, or
// of all whose keys are in scope (nil: all).
func (s *Store) Reminders(ctx context.Context, entity string, scope []string) (list []creditnotes.Reminder, err error) {
	query := s.db(ctx).Select("id", "content").Order("id DESC")
	if entity != "" {
		query = query.Where("entity_key = ?", entity)
	}
	rows, err := find[reminderRow](query)
	for i := range rows {
		one, bad := rows[i].domain()
		err = errors.Join(err, bad)
		if scope == nil || slices.Contains(scope, one.Recipient) {
			list = append(list, one)
		}
	}
	return list, err
}

// Reminder finds a reminder by its number.
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
		list, err = dueReminders(ctx, v, v.db, day)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reminders: %w", err)
	}
	return list, nil
}

func dueReminders(ctx context.Context, q querier, db *gorm.DB, day entities.Date) ([]payouts.DueReminder, error) {
	settings, _, err := loadSettings(db)
	if err != nil {
		return nil, err
	}
	accounts, err := payoutAccounts(ctx, q, db)
	if err != nil {
		return nil, err
	}
	type sentItem struct {
		movement int64
		payouts.SentReminder
	}
	rows, err := collect(ctx, q, func(r *sentItem) []any { return []any{&r.movement, &r.Level, &r.Day} },
		"SELECT i.movement_id, i.level, r.day FROM reminder_items i JOIN reminders r ON r.id = i.reminder_id ORDER BY i.movement_id, i.level")
	if err != nil {
		return nil, err
	}
	sent := map[int64]payouts.SentReminder{}
	for _, r := range rows {
		sent[r.movement] = r.SentReminder
	}
	return payouts.RemindersOf(day, settings.ReminderDays, accounts, sent), nil
}

// ReminderMaker makes what a reminder is sent with.
type ReminderMaker struct {
	Print     func(*creditnotes.Reminder) ([]byte, error)
	MessageID func(number string, copy int, operatorEmail string) string
	Supports  func(language string) bool
}

// SendReminders makes the letters of the reminders that are due on a day and queues
// their mails, each letter in a transaction of its own. recipients are the keys of
// those to be reminded; nil: all. What another process sends at the same time, or
// what was paid or set off meanwhile, is not sent.
func (s *Store) SendReminders(ctx context.Context, who string, day entities.Date, recipients []string, m ReminderMaker) (sent []creditnotes.Reminder, err error) {
	due, err := s.DueReminders(ctx, day)
	if err != nil {
		return nil, err
	}
	for i := range due {
		if due[i].Apart != "" || recipients != nil && !slices.Contains(recipients, due[i].Recipient.Key) {
			continue
		}
		one, err := s.sendReminder(ctx, who, day, &due[i], m)
		if err != nil {
			return sent, err
		}
		if one != nil {
			sent = append(sent, *one)
		}
	}
	return sent, nil
}

// sendReminder sends one letter, as it is due now; nil: it no longer is.
func (s *Store) sendReminder(ctx context.Context, who string, day entities.Date, wanted *payouts.DueReminder, m ReminderMaker) (sent *creditnotes.Reminder, err error) {
	err = s.WriteIssue(ctx, func(writer creditnotes.IssueWriter) error {
		sent = nil
		w, ok := writer.(*issueWriter)
		if !ok {
			return fmt.Errorf("reminders: %T", writer)
		}
		if err := w.tx.lockConfiguration(); err != nil { // stops and addresses stay as they are
			return err
		}
		if err := w.tx.lock("reminders"); err != nil {
			return err
		}
		list, err := dueReminders(w.tx.ctx, w.tx.sql, w.tx.db, day)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(list, func(r payouts.DueReminder) bool {
			return r.Recipient.Key == wanted.Recipient.Key && r.Currency == wanted.Currency && r.Apart == ""
		})
		if at < 0 {
			return nil
		}
		sent, err = w.remind(who, day, &list[at], m)
		return err
	})
	if errors.Is(err, gorm.ErrDuplicatedKey) { // of reminder_items
		return nil, fault.Wrap(fault.Conflict, "reminder_twice", fault.Args{"recipient": wanted.Recipient.Key}, err)
	}
	return sent, err
}

// remind freezes a letter, stores it and queues its mail.
func (w *issueWriter) remind(who string, day entities.Date, due *payouts.DueReminder, m ReminderMaker) (*creditnotes.Reminder, error) {
	r, err := w.letter(who, day, due, m)
	if err != nil {
		return nil, err
	}
	file, err := m.Print(r)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(file)
	err = create(w.tx.db, reminderRow{ID: r.ID, Number: r.Number, EntityKey: r.Recipient, Currency: r.Currency, Level: r.Level, Day: string(day), Amount: int64(r.Amount),
		Content: jsonOf(r), File: file, SHA256: hex.EncodeToString(sum[:]), CreatedAt: r.SentAt, CreatedBy: who})
	if err != nil {
		return nil, err
	}
	var items []reminderItemRow
	for _, i := range r.Items {
		items = append(items, reminderItemRow{ReminderID: r.ID, MovementID: i.Movement, Level: i.Level, Open: -int64(i.Open)})
	}
	if err := create(w.tx.db, items...); err != nil {
		return nil, err
	}
	mail := creditnotes.Delivery{ReminderID: r.ID, State: creditnotes.DeliveryQueued, To: r.Emails, ReplyTo: r.ReplyTo,
		MessageID: m.MessageID(r.Number, 0, r.Issuer.Email), CreatedAt: r.SentAt}
	if err := w.AddDeliveries([]creditnotes.Delivery{mail}); err != nil {
		return nil, err
	}
	return r, w.Audit(who, creditnotes.ActionReminderSent, r.Number, "", (creditnotes.Mailing{MessageID: mail.MessageID, To: mail.To}).Seal())
}

// letter is the content of a reminder with its number.
func (w *issueWriter) letter(who string, day entities.Date, due *payouts.DueReminder, m ReminderMaker) (*creditnotes.Reminder, error) {
	settings, _, err := loadSettings(w.tx.db)
	if err != nil {
		return nil, err
	}
	row, err := first[entityRow](w.tx.db.Where("parent_key IS NULL"))
	if err != nil || row == nil {
		return nil, errorOr(err, fault.New(fault.NotReady, "operator_missing", nil))
	}
	operator, err := row.domain()
	if err != nil {
		return nil, err
	}
	id, err := w.tx.takeIDs("reminders", 1)
	if err != nil {
		return nil, err
	}
	digits, _ := money.Digits(due.Currency)
	r := &creditnotes.Reminder{ID: id, Number: fmt.Sprintf("MA-%06d", id), Level: due.Level, Day: day, Until: day.AddDays(creditnotes.PayWithin), Currency: due.Currency,
		Digits: digits, Items: due.Items, Amount: due.Amount, SentAt: utc(w.tx.now()), SentBy: who}
	r.Addressed(&operator, due.Recipient, &settings, m.Supports)
	if r.Logo != "" {
		logo, err := first[assetRow](w.tx.db.Where("sha256 = ?", r.Logo))
		if err != nil || logo == nil {
			return nil, errorOr(err, fault.New(fault.NotFound, "asset_unknown", fault.Args{"sha256": r.Logo}))
		}
		r.LogoFile = logo.Content
	}
	return r, nil
}

// StopReminders sends an entity no more reminders from a day on, for a reason.
func (s *Store) StopReminders(ctx context.Context, who, entity string, since entities.Date, reason string) error {
	if reason == "" {
		return fault.New(fault.Invalid, "reminder_reason_missing", nil).At("reason")
	}
	return s.setReminderStop(ctx, who, entity, creditnotes.ActionRemindersStopped, entities.ReminderStop{Since: since, Reason: reason})
}

// ResumeReminders sends an entity reminders again.
func (s *Store) ResumeReminders(ctx context.Context, who, entity string) error {
	return s.setReminderStop(ctx, who, entity, creditnotes.ActionRemindersResumed, entities.ReminderStop{})
}

func (s *Store) setReminderStop(ctx context.Context, who, entity, action string, stop entities.ReminderStop) error {
	return s.durably(ctx, func(tx *Tx) error {
		if err := tx.lockConfiguration(); err != nil {
			return err
		}
		e, err := tx.entity(entity)
		if err != nil || e.ReminderStop == stop {
			return err
		}
		if err := inTable(tx.db.Model(&entityRow{}).Where("key = ?", entity).Updates(set{"reminder_stop": jsonOf(stop)})); err != nil {
			return err
		}
		if err := tx.audit(Entry{Who: who, Action: action, Subject: entity, Before: string(jsonOf(e.ReminderStop)), After: string(jsonOf(stop))}); err != nil {
			return err
		}
		return tx.configurationChanged()
	})
}
