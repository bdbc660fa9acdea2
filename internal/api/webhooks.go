package api

import (
	"strconv"
	"time"

	"creditrun/internal/fault"
	"creditrun/internal/store"
)

// WebhookSpec is what can be set of a webhook.
type WebhookSpec struct {
	URL         string            `json:"url" example:"https://example.com/creditrun" doc:"https, or http to this machine"`
	Events      []store.HookEvent `json:"events" nullable:"false" minItems:"1" enum:"run.drafted,run.completed,run.failed,credit_note.issued,fee_invoice.issued,payout.exported,delivery.failed,question.asked,question.answered,objection.raised,objection.settled,message.written,mail.paused,mail.resumed"`
	Description string            `json:"description,omitempty"`
	Active      *bool             `json:"active,omitempty" doc:"true when left out"`
}

// Webhook is an address that is told of events.
type Webhook struct {
	ID int64 `json:"id"`
	WebhookSpec
	CreatedAt time.Time `json:"created_at"`
	CreatedBy string    `json:"created_by"`
	Secret    string    `json:"secret,omitempty" doc:"signs what is posted (Standard Webhooks); told when the webhook is added and never again"`
}

func (c *call) webhookOf(h store.Webhook) Webhook {
	return Webhook{h.ID, WebhookSpec{h.URL, h.Events, h.Description, &h.Active}, c.at(h.CreatedAt), h.CreatedBy, h.Secret}
}

func (w WebhookSpec) webhook(id int64) store.Webhook {
	return store.Webhook{ID: id, URL: w.URL, Events: w.Events, Description: w.Description, Active: w.Active == nil || *w.Active}
}

// webhooks lists the webhooks.
func (c *call) webhooks(in *pageInput) (*List[Webhook], error) {
	all, err := c.Store.Webhooks(c.ctx)
	if err != nil {
		return nil, err
	}
	some, place, err := cut(c, in.Paging, all, func(h *store.Webhook) string { return strconv.FormatInt(h.ID, 10) })
	if err != nil {
		return nil, err
	}
	items := make([]Webhook, len(some))
	for i := range some {
		items[i] = c.webhookOf(some[i])
	}
	return listed(c, items, place), nil
}

// webhook shows one.
func (c *call) webhook(in *IDInput) (*Tagged[Webhook], error) {
	hook, err := c.Store.Webhook(c.ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &Tagged[Webhook]{quoted(store.WebhookFingerprint(hook)), c.webhookOf(hook)}, nil
}

// addWebhookInput is a new webhook.
type addWebhookInput struct{ Body WebhookSpec }

// addedWebhook is a webhook with its address.
type addedWebhook struct {
	Location string `header:"Location"`
	Body     Webhook
}

// addWebhook adds one and tells its secret.
func (c *call) addWebhook(in *addWebhookInput) (*addedWebhook, error) {
	hook, err := c.Store.AddWebhook(c.ctx, c.name(), in.Body.webhook(0))
	if err != nil {
		return nil, err
	}
	return &addedWebhook{Base + "/webhooks/" + strconv.FormatInt(hook.ID, 10), c.webhookOf(hook)}, nil
}

// putWebhookInput is a webhook as it shall be.
type putWebhookInput struct {
	IDInput
	IfMatch
	Body WebhookSpec
}

// putWebhook changes one; its secret stays.
func (c *call) putWebhook(in *putWebhookInput) (*Tagged[Webhook], error) {
	if err := c.Store.PutWebhook(c.ctx, c.name(), in.Body.webhook(in.ID), in.precondition()); err != nil {
		return nil, err
	}
	return c.webhook(&in.IDInput)
}

// deleteWebhook deletes one with all its events.
func (c *call) deleteWebhook(in *IDInput) (*none, error) {
	return &none{}, c.Store.DeleteWebhook(c.ctx, c.name(), in.ID)
}

// rotateWebhook gives one another secret and tells it.
func (c *call) rotateWebhook(in *IDInput) (*One[Webhook], error) {
	secret, err := c.Store.RotateWebhookSecret(c.ctx, c.name(), in.ID)
	if err != nil {
		return nil, err
	}
	hook, err := c.Store.Webhook(c.ctx, in.ID)
	out := c.webhookOf(hook)
	out.Secret = secret
	return &One[Webhook]{out}, err
}

// hookEventInput names an event of a webhook.
type hookEventInput struct {
	IDInput
	Event int64 `path:"event"`
}

// retryEvent posts an event of a webhook again that was given up.
func (c *call) retryEvent(in *hookEventInput) (*none, error) {
	event, err := c.Store.WebhookDelivery(c.ctx, in.Event)
	if err != nil {
		return nil, err
	}
	if event.WebhookID != in.ID {
		return nil, fault.New(fault.NotFound, "webhook_delivery_unknown", fault.Args{"delivery": in.Event})
	}
	return &none{}, c.Store.RetryWebhookDelivery(c.ctx, c.name(), in.Event)
}
