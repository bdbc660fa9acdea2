package creditnotes

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
)

// ReminderBooks reads what the proof of reminders needs.
type ReminderBooks interface {
	// StoredReminders lists all reminders by their ids; those that Since leaves out
	// are marked as earlier, without content and items.
	StoredReminders(ctx context.Context) ([]StoredReminder, error)
	// LostReminders lists the ids of the reminders that were lost with a restore.
	LostReminders(ctx context.Context) ([]int64, error)
}

// StoredReminder is a reminder as it is stored now.
type StoredReminder struct {
	Account
	ID      int64
	Number  string
	Level   int
	Day     entities.Date
	Amount  money.Amount
	Content []byte // Reminder as JSON
	SHA256  string // of the letter, as it was stored with it
	Actual  string // of the letter, as it is now
	Items   []Reminded
	Earlier bool
}

// Reminded is an open item of a reminder as it is stored now.
type Reminded struct {
	Movement int64
	Level    int
	Open     money.Amount // below 0: it is owed by the recipient
}

// ReminderEvidence is what the audit log records when a reminder is sent.
type ReminderEvidence struct {
	Mail    string `json:"mail"`    // Mailing.Seal
	Content string `json:"content"` // SHA-256 of the content
	File    string `json:"file"`    // SHA-256 of the letter
}

// reminder takes what was recorded when a reminder was sent. Earlier versions
// recorded its mail alone.
func (e *evidence) reminder(number, after string) error {
	e.allMails[number] = true
	recorded := ReminderEvidence{Mail: after}
	if after != "" && after[0] == '{' {
		if err := json.Unmarshal([]byte(after), &recorded); err != nil {
			return err
		}
	}
	e.mailed(number, recorded.Mail)
	e.reminders[number] = recorded
	return nil
}

// reminders proves the reminders (settlement.md §10.3): none is missing, each is
// what it was when it was sent, it comes to its items, these are what moved the
// account of the recipient, and each was reminded of level by level.
func (v *Verification) reminders(ctx context.Context, store VerifyStore, all []Movement) error {
	list, err := store.StoredReminders(ctx)
	if err != nil {
		return err
	}
	moved := make(map[int64]*Movement, len(all))
	for i := range all {
		moved[all[i].ID] = &all[i]
	}
	lost, err := store.LostReminders(ctx)
	if err != nil {
		return err
	}
	next, levels, unknown := int64(1), map[int64]Reminded{}, false
	for i := range list {
		s := &list[i]
		for ; next < s.ID; next++ {
			if !slices.Contains(lost, next) {
				v.reminderGone(ReminderNumber(next))
			}
		}
		next = s.ID + 1
		unknown = unknown || s.Earlier
		v.reminder(s, moved)
		if !unknown && !inTurn(levels, s.Items) {
			v.add("verify_reminder_levels", fault.Args{"reminder": s.Number})
		}
	}
	for _, number := range slices.Sorted(maps.Keys(v.recorded.reminders)) {
		v.reminderGone(number)
	}
	return nil
}

func (v *Verification) reminderGone(number string) {
	v.add("verify_reminder_gone", fault.Args{"reminder": number})
	delete(v.recorded.reminders, number)
}

// reminder compares a reminder with what was recorded of it, with its items, and
// with the movements of the account.
func (v *Verification) reminder(s *StoredReminder, moved map[int64]*Movement) {
	recorded := v.recorded.reminders[s.Number]
	delete(v.recorded.reminders, s.Number)
	if s.Earlier {
		return
	}
	v.Reminders++
	if s.Actual != s.SHA256 || recorded.File != "" && recorded.File != s.SHA256 {
		v.add("verify_file", fault.Args{"file": s.Number + ".pdf"})
	}
	sum := sha256.Sum256(s.Content)
	if recorded.Content != "" && recorded.Content != hex.EncodeToString(sum[:]) || !s.fits(moved) {
		v.add("verify_reminder", fault.Args{"reminder": s.Number})
	}
}

// fits reports whether a reminder says what its columns, its items and the
// movements of the account say.
func (s *StoredReminder) fits(moved map[int64]*Movement) bool {
	var r Reminder
	if json.Unmarshal(s.Content, &r) != nil || len(r.Items) != len(s.Items) {
		return false
	}
	total, level := money.Amount(0), 0
	for _, i := range s.Items {
		m := moved[i.Movement]
		if m == nil || m.Account != s.Account || i.Open >= 0 || i.Open < m.Amount {
			return false
		}
		if !slices.ContainsFunc(r.Items, func(x ReminderItem) bool {
			return x.Document == m.Reference && x.Kind == m.Kind && x.Level == i.Level && x.Open == -i.Open
		}) {
			return false
		}
		total, level = total-i.Open, max(level, i.Level)
	}
	return s.Number == ReminderNumber(s.ID) && r.Number == s.Number && r.Recipient == s.Entity && r.Currency == s.Currency && r.Day == s.Day &&
		r.Level == s.Level && r.Amount == s.Amount && total == s.Amount && level == s.Level
}

// inTurn reports whether items are reminded of at the level after the last one.
func inTurn(levels map[int64]Reminded, items []Reminded) bool {
	for _, i := range items {
		if i.Level != levels[i.Movement].Level+1 {
			return false
		}
		levels[i.Movement] = i
	}
	return true
}
