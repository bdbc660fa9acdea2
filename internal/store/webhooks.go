package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

// HookEvent is a kind of event that webhooks are told of.
type HookEvent string

// The events. Each is written in the transaction in which the thing happens.
const (
	RunDrafted       HookEvent = "run.drafted"        // a draft is complete and waits for its release
	RunCompleted     HookEvent = "run.completed"      // all documents of a run are stored
	RunFailed        HookEvent = "run.failed"         // a run stopped, or the scheduled run of a month could not begin
	CreditNoteIssued HookEvent = "credit_note.issued" // a credit note or its cancellation has its number
	FeeInvoiceIssued HookEvent = "fee_invoice.issued" // a fee invoice or its cancellation has its number
	PayoutExported   HookEvent = "payout.exported"    // a payout is in a bank file, or to be paid by hand
	DeliveryFailed   HookEvent = "delivery.failed"    // a mailing has failed, is parked, or did not reach some recipients
	QuestionAsked    HookEvent = "question.asked"     // a question on a session
	QuestionAnswered HookEvent = "question.answered"  // it has its answer
	ObjectionRaised  HookEvent = "objection.raised"   // to a credit note
	ObjectionSettled HookEvent = "objection.settled"  // it was withdrawn, or the note was cancelled
	MessageWritten   HookEvent = "message.written"    // in a conversation, or in the thread of a question or an objection
	MailPaused       HookEvent = "mail.paused"        // the mail server takes no mails
	MailResumed      HookEvent = "mail.resumed"       // it takes them again
)

// HookEvents lists all events there are.
func HookEvents() []HookEvent {
	return []HookEvent{RunDrafted, RunCompleted, RunFailed, CreditNoteIssued, FeeInvoiceIssued, PayoutExported, DeliveryFailed, QuestionAsked, QuestionAnswered, ObjectionRaised, ObjectionSettled, MessageWritten, MailPaused, MailResumed}
}

// Webhook is an address that is told of events.
type Webhook struct {
	ID     int64
	URL    string // https, or http to this machine
	Events []HookEvent
	// Secret signs what is posted: whsec_ and base64. Only AddWebhook and
	// RotateWebhookSecret give it out; it is empty in every other answer.
	Secret      string
	Description string
	Active      bool
	CreatedAt   time.Time
	CreatedBy   string
	Whole       string // fingerprint of all of it, the secret included, as it is stored
}

// HookState is what has become of an event for one webhook.
type HookState string

// The states of an event for a webhook.
const (
	HookQueued HookState = "queued" // is posted, or posted again, when its time has come
	HookSent   HookState = "sent"   // was accepted
	HookFailed HookState = "failed" // is not tried any more
)

// WebhookDelivery is one event for one webhook.
type WebhookDelivery struct {
	ID          int64
	WebhookID   int64
	Event       HookEvent
	EventID     string // the same for all webhooks; receivers know doubles by it
	Payload     string // JSON, exactly as it is posted and signed
	State       HookState
	Attempts    int       // since it was last queued by hand
	StatusCode  int       // of the last reply; 0: there was none
	Reply       string    // why there was none
	CreatedAt   time.Time // when it happened
	LastTriedAt time.Time
	SentAt      time.Time
}

// webhookRow is a row of webhooks.
type webhookRow struct {
	ID          int64     `gorm:"column:id"`
	URL         string    `gorm:"column:url"`
	Events      jsonText  `gorm:"column:events"`
	Secret      string    `gorm:"column:secret"`
	Description string    `gorm:"column:description"`
	Active      bool      `gorm:"column:active"`
	CreatedAt   time.Time `gorm:"column:created_at;autoCreateTime:false"`
	CreatedBy   string    `gorm:"column:created_by"`
}

// TableName implements schema.Tabler.
func (webhookRow) TableName() string { return "webhooks" }

// webhook is the webhook without its secret.
func (r webhookRow) webhook() (Webhook, error) {
	h := Webhook{ID: r.ID, URL: r.URL, Description: r.Description, Active: r.Active, CreatedAt: r.CreatedAt.UTC(), CreatedBy: r.CreatedBy}
	err := r.Events.read("events", &h.Events)
	h.Whole = creditnotes.FingerprintOf([]byte(auditedWebhook(h) + r.Secret))
	return h, err
}

// webhookDeliveryRow is a row of webhook_deliveries.
type webhookDeliveryRow struct {
	ID          int64      `gorm:"column:id"`
	WebhookID   int64      `gorm:"column:webhook_id"`
	Event       string     `gorm:"column:event"`
	EventID     string     `gorm:"column:event_id"`
	Payload     string     `gorm:"column:payload"`
	State       string     `gorm:"column:state"`
	Attempts    int        `gorm:"column:attempts"`
	StatusCode  int        `gorm:"column:status_code"`
	Reply       string     `gorm:"column:reply"`
	CreatedAt   time.Time  `gorm:"column:created_at;autoCreateTime:false"`
	LastTriedAt *time.Time `gorm:"column:last_tried_at"`
	SentAt      *time.Time `gorm:"column:sent_at"`
}

// TableName implements schema.Tabler.
func (webhookDeliveryRow) TableName() string { return "webhook_deliveries" }

func (r webhookDeliveryRow) delivery() WebhookDelivery {
	if r.StatusCode != 0 { // earlier versions kept what receivers answered
		r.Reply = ""
	}
	return WebhookDelivery{
		ID: r.ID, WebhookID: r.WebhookID, Event: HookEvent(r.Event), EventID: r.EventID, Payload: r.Payload, State: HookState(r.State),
		Attempts: r.Attempts, StatusCode: r.StatusCode, Reply: r.Reply, CreatedAt: r.CreatedAt.UTC(),
		LastTriedAt: orZero(r.LastTriedAt).UTC(), SentAt: orZero(r.SentAt).UTC(),
	}
}

// Webhooks lists all webhooks, the oldest first, without their secrets.
func (s *Store) Webhooks(ctx context.Context) ([]Webhook, error) {
	rows, err := find[webhookRow](s.db(ctx).Order("id"))
	if err != nil {
		return nil, err
	}
	var list []Webhook
	for _, row := range rows {
		h, err := row.webhook()
		if err != nil {
			return nil, err
		}
		list = append(list, h)
	}
	return list, nil
}

// Webhook returns one webhook without its secret; a missing one is a NotFound
// fault.
func (s *Store) Webhook(ctx context.Context, id int64) (Webhook, error) {
	row, err := webhookByID(s.db(ctx), id)
	if err != nil {
		return Webhook{}, err
	}
	return row.webhook()
}

func webhookByID(db *gorm.DB, id int64) (webhookRow, error) {
	row, err := first[webhookRow](db.Where("id = ?", id))
	if err == nil && row == nil {
		err = fault.New(fault.NotFound, "webhook_unknown", fault.Args{"webhook": id})
	}
	return orZero(row), err
}

// WebhookDeliveries lists the events for a webhook, newest first: at most limit
// of them (0: all), and only those with an id below (0: from the newest on).
func (s *Store) WebhookDeliveries(ctx context.Context, webhookID int64, limit int, below int64) ([]WebhookDelivery, error) {
	query := s.db(ctx).Where("webhook_id = ?", webhookID).Order("id DESC")
	if below > 0 {
		query = query.Where("id < ?", below)
	}
	if limit > 0 {
		query = query.Limit(limit)
	}
	rows, err := find[webhookDeliveryRow](query)
	if err != nil {
		return nil, err
	}
	var list []WebhookDelivery
	for _, row := range rows {
		list = append(list, row.delivery())
	}
	return list, nil
}

// WebhookDelivery returns one event for one webhook; a missing one is a
// NotFound fault.
func (s *Store) WebhookDelivery(ctx context.Context, id int64) (WebhookDelivery, error) {
	row, err := webhookDeliveryByID(s.db(ctx), id)
	return row.delivery(), err
}

func webhookDeliveryByID(db *gorm.DB, id int64) (webhookDeliveryRow, error) {
	row, err := first[webhookDeliveryRow](db.Where("id = ?", id))
	if err == nil && row == nil {
		err = fault.New(fault.NotFound, "webhook_delivery_unknown", fault.Args{"delivery": id})
	}
	return orZero(row), err
}
