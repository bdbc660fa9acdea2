package web

import (
	"cmp"
	"context"
	"strconv"

	"creditrun/internal/fault"
	"creditrun/internal/store"
)

// webhookView is one webhook and what has become of its events.
type webhookView struct {
	Webhook store.Webhook
	Path    string
	Form    webhookForm
	Whole   string // what the forms that make a new secret or delete it have seen
	List    *List
	Events  []store.WebhookDelivery
	Confirm confirmView
}

// webhookPage shows one webhook.
func (v *visit) webhookPage() error {
	h, err := v.webhookOfID()
	if err != nil {
		return err
	}
	return v.showWebhook(v.form(changeForm), h, h)
}

// webhookOfID is the webhook of the address.
func (v *visit) webhookOfID() (store.Webhook, error) {
	id, err := v.id("webhook_unknown", "webhook")
	if err != nil {
		return store.Webhook{}, err
	}
	return v.Store.Webhook(v.r.Context(), id)
}

// showWebhook shows a webhook and the form as it was filled in.
func (v *visit) showWebhook(f *form, h, filled store.Webhook) error {
	path, change := webhookPath(h.ID), f.In(changeForm)
	change.see(store.WebhookFingerprint(h))
	view := webhookView{Webhook: h, Path: path, Form: webhookFormOf(change, filled), Whole: h.Whole, Confirm: v.confirmTo(path).on(f)}
	view.List = NewList(v.r.URL.Query(), ListOptions{Path: path, Size: rowsPerPage, Empty: "webhook_no_events"})
	view.List.SetHeads(Head{Message: "webhook_event_at"}, Head{Message: "webhook_event"}, Head{Message: "webhook_event_state"},
		Head{Message: "webhook_attempts", Num: true}, Head{Message: "webhook_tried"}, Head{Message: "webhook_status", Num: true},
		Head{Message: "webhook_reply"}, Head{Message: "token_action", Unseen: true})
	list, err := v.Store.WebhookDeliveries(v.r.Context(), h.ID, rowsPerPage+1, view.List.Below())
	if err != nil {
		return err
	}
	view.Events = More(view.List, list, ParamBelow, func(d store.WebhookDelivery) string { return formatID(d.ID) })
	f.fail(view.List.Err())
	return v.showForm(f, "webhook", h.URL, view)
}

// changeWebhook stores what the form says.
func (v *visit) changeWebhook() error {
	h, err := v.webhookOfID()
	if err != nil {
		return err
	}
	f := v.form(changeForm)
	wanted := formWebhook(f, h)
	if f.fail(v.confirm()) || f.fail(v.Store.ChangeWebhook(v.r.Context(), v.name(), wanted, f.sent())) {
		return v.showWebhook(f, h, wanted)
	}
	return v.done(webhookPath(h.ID), "webhook_saved")
}

// pauseWebhook turns a webhook off: it is told of nothing until it is resumed.
func (v *visit) pauseWebhook() error { return v.turnWebhook(false, "webhook_paused") }

// resumeWebhook turns a webhook on again.
func (v *visit) resumeWebhook() error { return v.turnWebhook(true, "webhook_resumed") }

func (v *visit) turnWebhook(on bool, message string) error {
	h, err := v.webhookOfID()
	if err != nil {
		return err
	}
	wanted := h
	wanted.Active = on
	if f := v.form(actionsForm); f.fail(v.Store.ChangeWebhook(v.r.Context(), v.name(), wanted, store.WebhookFingerprint(h))) {
		return v.showWebhook(f, h, h)
	}
	return v.done(webhookPath(h.ID), message)
}

// rotateWebhook gives a webhook a new secret and shows it, this once.
func (v *visit) rotateWebhook() error {
	h, err := v.webhookOfID()
	if err != nil {
		return err
	}
	f := v.form(actionsForm)
	if f.fail(v.confirm()) {
		return v.showWebhook(f, h, h)
	}
	secret, err := v.Store.RotateWebhookSecret(v.r.Context(), v.name(), h.ID, f.whole())
	if f.fail(err) {
		return v.showWebhook(f, h, h)
	}
	return v.showAs("secret", "webhook_rotated", secretView{Kind: "webhook", Name: h.URL, Secret: secret, Back: webhookPath(h.ID)})
}

// whole is the webhook that a form has seen, its secret included.
func (f *form) whole() string { return cmp.Or(f.text("whole"), unseen) }

// deleteWebhook deletes a webhook with all its events.
func (v *visit) deleteWebhook() error {
	h, err := v.webhookOfID()
	if err != nil {
		return err
	}
	f := v.form(actionsForm)
	if f.fail(v.confirm()) || f.fail(v.Store.DeleteWebhook(v.r.Context(), v.name(), h.ID, f.whole())) {
		return v.showWebhook(f, h, h)
	}
	return v.done("/webhooks", "webhook_deleted", "URL", h.URL)
}

// retryEvent queues an event of a webhook that has failed again.
func (v *visit) retryEvent() error {
	h, err := v.webhookOfID()
	if err != nil {
		return err
	}
	if f := v.form(actionsForm); f.fail(v.retryEventOf(v.r.Context(), h.ID)) {
		return v.showWebhook(f, h, h)
	}
	return v.done(webhookPath(h.ID), "webhook_event_queued")
}

func (v *visit) retryEventOf(ctx context.Context, webhook int64) error {
	unknown := fault.New(fault.NotFound, "webhook_delivery_unknown", fault.Args{"delivery": v.r.PathValue("event")})
	id, err := strconv.ParseInt(v.r.PathValue("event"), 10, 64)
	if err != nil {
		return unknown
	}
	d, err := v.Store.WebhookDelivery(ctx, id)
	if err != nil {
		return err
	}
	if d.WebhookID != webhook {
		return unknown
	}
	return v.Store.RetryWebhookDelivery(ctx, v.name(), id)
}
