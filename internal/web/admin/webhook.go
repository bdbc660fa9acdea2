package admin

import (
	"cmp"
	"context"
	"strconv"

	"creditrun/internal/fault"
	"creditrun/internal/store"
	"creditrun/internal/web/page"
)

// webhookView is one webhook and what has become of its events.
type webhookView struct {
	Webhook store.Webhook
	Path    string
	Form    webhookForm
	Whole   string // what the forms that make a new secret or delete it have seen
	List    *page.List
	Events  []store.WebhookDelivery
	Confirm page.ConfirmView
}

// WebhookPage shows one webhook.
func (v *Visit) WebhookPage() error {
	h, err := v.webhookOfID()
	if err != nil {
		return err
	}
	return v.showWebhook(v.Form(changeForm), h, h)
}

// webhookOfID is the webhook of the address.
func (v *Visit) webhookOfID() (store.Webhook, error) {
	id, err := v.ID("webhook_unknown", "webhook")
	if err != nil {
		return store.Webhook{}, err
	}
	return v.Store.Webhook(v.R.Context(), id)
}

// showWebhook shows a webhook and the form as it was filled in.
func (v *Visit) showWebhook(f *page.FormState, h, filled store.Webhook) error {
	path, change := page.WebhookPath(h.ID), f.In(changeForm)
	change.See(store.WebhookFingerprint(h))
	view := webhookView{Webhook: h, Path: path, Form: webhookFormOf(change, filled), Whole: h.Whole, Confirm: v.ConfirmTo(path).On(f)}
	view.List = page.NewList(v.R.URL.Query(), page.ListOptions{Path: path, Size: page.RowsPerPage, Empty: "webhook_no_events"})
	view.List.SetHeads(page.Head{Message: "webhook_event_at"}, page.Head{Message: "webhook_event"}, page.Head{Message: "webhook_event_state"},
		page.Head{Message: "webhook_attempts", Num: true}, page.Head{Message: "webhook_tried"}, page.Head{Message: "webhook_status", Num: true},
		page.Head{Message: "webhook_reply"}, page.Head{Message: "token_action", Unseen: true})
	list, err := v.Store.WebhookDeliveries(v.R.Context(), h.ID, page.RowsPerPage+1, view.List.Below())
	if err != nil {
		return err
	}
	view.Events = page.More(view.List, list, page.ParamBelow, func(d store.WebhookDelivery) string { return page.FormatID(d.ID) })
	f.Fail(view.List.Err())
	return v.ShowForm(f, "webhook", h.URL, view)
}

// ChangeWebhook stores what the form says.
func (v *Visit) ChangeWebhook() error {
	h, err := v.webhookOfID()
	if err != nil {
		return err
	}
	f := v.Form(changeForm)
	wanted := formWebhook(f, h)
	if f.Fail(v.Confirm()) || f.Fail(v.Store.ChangeWebhook(v.R.Context(), v.Name(), wanted, f.Sent())) {
		return v.showWebhook(f, h, wanted)
	}
	return v.Done(page.WebhookPath(h.ID), "webhook_saved")
}

// PauseWebhook turns a webhook off: it is told of nothing until it is resumed.
func (v *Visit) PauseWebhook() error { return v.turnWebhook(false, "webhook_paused") }

// ResumeWebhook turns a webhook on again.
func (v *Visit) ResumeWebhook() error { return v.turnWebhook(true, "webhook_resumed") }

func (v *Visit) turnWebhook(on bool, message string) error {
	h, err := v.webhookOfID()
	if err != nil {
		return err
	}
	wanted := h
	wanted.Active = on
	if f := v.Form(actionsForm); f.Fail(v.Store.ChangeWebhook(v.R.Context(), v.Name(), wanted, store.WebhookFingerprint(h))) {
		return v.showWebhook(f, h, h)
	}
	return v.Done(page.WebhookPath(h.ID), message)
}

// RotateWebhook gives a webhook a new secret and shows it, this once.
func (v *Visit) RotateWebhook() error {
	h, err := v.webhookOfID()
	if err != nil {
		return err
	}
	f := v.Form(actionsForm)
	if f.Fail(v.Confirm()) {
		return v.showWebhook(f, h, h)
	}
	secret, err := v.Store.RotateWebhookSecret(v.R.Context(), v.Name(), h.ID, wholeIn(f))
	if f.Fail(err) {
		return v.showWebhook(f, h, h)
	}
	return v.ShowAs("secret", "webhook_rotated", page.SecretView{Kind: "webhook", Name: h.URL, Secret: secret, Back: page.WebhookPath(h.ID)})
}

// wholeIn is the webhook that a form has seen, its secret included.
func wholeIn(f *page.FormState) string { return cmp.Or(f.Text("whole"), page.Unseen) }

// DeleteWebhook deletes a webhook with all its events.
func (v *Visit) DeleteWebhook() error {
	h, err := v.webhookOfID()
	if err != nil {
		return err
	}
	f := v.Form(actionsForm)
	if f.Fail(v.Confirm()) || f.Fail(v.Store.DeleteWebhook(v.R.Context(), v.Name(), h.ID, wholeIn(f))) {
		return v.showWebhook(f, h, h)
	}
	return v.Done("/webhooks", "webhook_deleted", "URL", h.URL)
}

// RetryEvent queues an event of a webhook that has failed again.
func (v *Visit) RetryEvent() error {
	h, err := v.webhookOfID()
	if err != nil {
		return err
	}
	if f := v.Form(actionsForm); f.Fail(v.retryEventOf(v.R.Context(), h.ID)) {
		return v.showWebhook(f, h, h)
	}
	return v.Done(page.WebhookPath(h.ID), "webhook_event_queued")
}

func (v *Visit) retryEventOf(ctx context.Context, webhook int64) error {
	unknown := fault.New(fault.NotFound, "webhook_delivery_unknown", fault.Args{"delivery": v.R.PathValue("event")})
	id, err := strconv.ParseInt(v.R.PathValue("event"), 10, 64)
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
	return v.Store.RetryWebhookDelivery(ctx, v.Name(), id)
}
