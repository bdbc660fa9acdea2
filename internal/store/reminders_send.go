package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/payouts"
)

// ReminderMaker makes what a reminder is sent with.
type ReminderMaker struct {
	Print     func(*creditnotes.Reminder) ([]byte, error)
	MessageID func(number string, copy int, operatorEmail string) string
	Supports  func(language string) bool
	Progress  func(done, of int) // letters; nil: no one asks
}

// MakerOfReminders makes reminders with the printer of a runner.
func MakerOfReminders(r *creditnotes.Runner, supports func(language string) bool) (ReminderMaker, error) {
	printer, ok := r.Printer.(creditnotes.ReminderPrinter)
	if !ok {
		return ReminderMaker{}, errors.New("the printer prints no reminders")
	}
	return ReminderMaker{Print: printer.ReminderPDF, MessageID: r.MessageID, Supports: supports}, nil
}

// SendReminders makes the letters of the reminders that are due on a day and queues
// their mails, each letter in a transaction of its own. wanted says which of them,
// and is asked again just before; nil: all. What another process sends at the same
// time, or what was paid or set off meanwhile, is not sent.
func (s *Store) SendReminders(ctx context.Context, who string, day entities.Date, wanted func(*payouts.DueReminder) bool, m ReminderMaker) (sent []creditnotes.Reminder, err error) {
	due, err := s.DueReminders(ctx, day)
	if err != nil {
		return nil, err
	}
	for i := range due {
		if m.Progress != nil {
			m.Progress(i, len(due))
		}
		if due[i].Apart != "" || wanted != nil && !wanted(&due[i]) {
			continue
		}
		one, err := s.sendReminder(ctx, who, day, &due[i], wanted, m)
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
func (s *Store) sendReminder(ctx context.Context, who string, day entities.Date, due *payouts.DueReminder, wanted func(*payouts.DueReminder) bool, m ReminderMaker) (
	sent *creditnotes.Reminder, err error,
) {
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
		list, err := dueReminders(w.tx.ctx, w.tx.sql, w.tx.db, day, due.Recipient.Key)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(list, func(r payouts.DueReminder) bool { return r.Currency == due.Currency && r.Apart == "" })
		if at < 0 || wanted != nil && !wanted(&list[at]) {
			return nil
		}
		sent, err = w.remind(who, day, &list[at], m)
		return err
	})
	if errors.Is(err, gorm.ErrDuplicatedKey) { // of reminder_items
		return nil, fault.Wrap(fault.Conflict, "reminder_twice", fault.Args{"recipient": due.Recipient.Key}, err)
	}
	return sent, err
}

// remind freezes a letter, stores it and queues its mail.
func (w *issueWriter) remind(who string, day entities.Date, due *payouts.DueReminder, m ReminderMaker) (*creditnotes.Reminder, error) {
	r, err := reminderLetter(w.tx.db, day, due, m)
	if err != nil {
		return nil, err
	}
	if r.ID, err = w.tx.takeIDs("reminders", 1); err != nil {
		return nil, err
	}
	r.Number, r.SentAt, r.SentBy = creditnotes.ReminderNumber(r.ID), utc(w.tx.now()), who
	file, err := m.Print(r)
	if err != nil {
		return nil, err
	}
	content, sum := jsonOf(r), sha256.Sum256(file)
	row := reminderRow{ID: r.ID, Number: r.Number, EntityKey: r.Recipient, Currency: r.Currency, Level: r.Level, Day: string(day), Amount: int64(r.Amount),
		Content: content, File: file, SHA256: hex.EncodeToString(sum[:]), CreatedAt: r.SentAt, CreatedBy: who}
	if err := create(w.tx.db, row); err != nil {
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
	frozen := sha256.Sum256([]byte(content))
	evidence := creditnotes.ReminderEvidence{Mail: (creditnotes.Mailing{MessageID: mail.MessageID, To: mail.To}).Seal(),
		Content: hex.EncodeToString(frozen[:]), File: row.SHA256}
	return r, w.Audit(who, creditnotes.ActionReminderSent, r.Number, "", string(jsonOf(evidence)))
}

// PreviewReminder makes the letter of a reminder that is due on a day as it would
// be sent, without a number.
func (s *Store) PreviewReminder(ctx context.Context, day entities.Date, entity, currency string, m ReminderMaker) (content []byte, err error) {
	err = s.snapshot(ctx, func(v view) error {
		list, err := dueReminders(ctx, v, v.db, day, entity)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(list, func(r payouts.DueReminder) bool { return r.Currency == currency && r.Apart != payouts.Objection })
		if at < 0 {
			return fault.New(fault.Conflict, "reminder_not_due", fault.Args{"recipient": entity, "currency": currency})
		}
		r, err := reminderLetter(v.db, day, &list[at], m)
		if err != nil {
			return err
		}
		r.SentAt = utc(s.now())
		content, err = m.Print(r)
		return err
	})
	return content, err
}

// reminderLetter is the content of a reminder, without its number.
func reminderLetter(db *gorm.DB, day entities.Date, due *payouts.DueReminder, m ReminderMaker) (*creditnotes.Reminder, error) {
	settings, _, err := loadSettings(db)
	if err != nil {
		return nil, err
	}
	row, err := first[entityRow](db.Where("parent_key IS NULL"))
	if err != nil || row == nil {
		return nil, errorOr(err, fault.New(fault.NotReady, "operator_missing", nil))
	}
	operator, err := row.domain()
	if err != nil {
		return nil, err
	}
	digits, _ := money.Digits(due.Currency)
	r := &creditnotes.Reminder{Level: due.Level, Day: day, Until: day.AddDays(creditnotes.PayWithin), Currency: due.Currency, Digits: digits, Items: due.Items, Amount: due.Amount}
	r.Addressed(&operator, due.Recipient, &settings, m.Supports)
	if r.Logo != "" {
		logo, err := first[assetRow](db.Where("sha256 = ?", r.Logo))
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
