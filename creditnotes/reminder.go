package creditnotes

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/numbering"
)

// Actions of the audit log about reminders. The subject is the number of the
// reminder, or the key of the entity.
const (
	ActionReminderSent     = "reminder.sent" // After is a ReminderEvidence as JSON
	ActionRemindersStopped = "reminders.stopped"
	ActionRemindersResumed = "reminders.resumed"
)

// ReminderLevels is how many reminders there are of an item.
const ReminderLevels = 3

// KindOfReminder is the kind under which a reminder is set as a letter. No number
// range has it.
func KindOfReminder(level int) numbering.DocumentType {
	return numbering.DocumentType(fmt.Sprintf("reminder_%d", level))
}

// Reminder is a letter that asks a recipient to pay what is overdue, frozen when it
// was sent (settlement.md §10.3).
type Reminder struct {
	ID        int64          `json:"-"`
	Number    string         `json:"number"`
	Level     int            `json:"level"` // the highest of its items
	Day       entities.Date  `json:"day"`
	Until     entities.Date  `json:"until"` // when it is to be paid
	Recipient string         `json:"recipient"`
	Language  string         `json:"language"`
	Currency  string         `json:"currency"`
	Digits    int            `json:"digits"`
	Items     []ReminderItem `json:"items"`
	Amount    money.Amount   `json:"amount"` // that is owed, in the minor unit
	Issuer    Party          `json:"issuer"`
	To        Party          `json:"to"`
	Emails    []string       `json:"emails"`
	ReplyTo   string         `json:"reply_to,omitempty"`
	Color     string         `json:"color,omitempty"`
	Logo      string         `json:"logo,omitempty"` // SHA-256
	Layout    *PrintedLayout `json:"layout,omitempty"`
	SentAt    time.Time      `json:"sent_at"`
	SentBy    string         `json:"sent_by"`
	LogoFile  []byte         `json:"-"`
}

// ReminderItem is one document of which a reminder reminds.
type ReminderItem struct {
	Movement int64         `json:"-"`
	Kind     MovementKind  `json:"kind"`
	Document string        `json:"document"` // number
	Date     entities.Date `json:"date"`
	Due      entities.Date `json:"due"`
	Open     money.Amount  `json:"open"` // that is owed, in the minor unit
	Level    int           `json:"level"`
}

// ReminderNumber is the number of the reminder with an id.
func ReminderNumber(id int64) string { return fmt.Sprintf("MA-%06d", id) }

// ReminderID is the id of the reminder with a number; false: it is the number of
// no reminder.
func ReminderID(number string) (id int64, ok bool) {
	digits, ok := strings.CutPrefix(number, "MA-")
	id, err := strconv.ParseInt(digits, 10, 64)
	return id, ok && err == nil && id > 0 && ReminderNumber(id) == number
}

// PayWithin is how many days a reminder gives.
const PayWithin = 7

// Letter is the head of the reminder as a note has one.
func (r *Reminder) Letter() *Note {
	return &Note{
		Kind: KindOfReminder(r.Level), Number: r.Number, Recipient: r.Recipient, Language: r.Language, Currency: r.Currency, Date: r.Day, Gross: r.Amount,
		IssuedAt: r.SentAt, Logo: r.LogoFile,
		Document: Document{
			Issuer: r.Issuer, Recipient: r.To, CurrencyDigits: r.Digits, Color: r.Color, Layout: r.Layout, DueDate: r.Until, Month: r.Day.Month(), MailTo: r.Emails, ReplyTo: r.ReplyTo,
		},
	}
}

// FileName names the letter.
func (r *Reminder) FileName() string { return FilePDF.FileName(numbering.FileName(r.Number)) }

// Addressed fills in who reminds whom, in which language and with which letterhead.
func (r *Reminder) Addressed(operator, to *entities.Entity, settings *Settings, supports func(language string) bool) {
	r.Recipient, r.To, r.Emails, r.ReplyTo, r.Issuer = to.Key, partyOf(to), to.Emails, to.ReplyTo, partyOf(operator)
	r.Language = "en"
	for _, language := range []string{settings.Language, to.Language} {
		if supports(language) {
			r.Language = language
		}
	}
	look := settings.LookOf(to, r.Language)
	r.Color, r.Logo, r.Layout = look.Color, look.Logo, look.Layout
}
