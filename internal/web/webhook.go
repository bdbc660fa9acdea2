package web

import (
	"cmp"
	"context"
	"errors"
	"strconv"

	"creditrun/internal/fault"
	"creditrun/internal/store"
)

// webhookView is one webhook and what has become of its events.
type webhookView struct {
	Webhook store.Webhook
	Path    string
	Form    webhookForm
	Seen    string
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
	return v.showWebhook(h, h, nil)
}

// webhookOfID is the webhook of the address.
func (v *visit) webhookOfID() (store.Webhook, error) {
	id, err := v.id("webhook_unknown", "webhook")
	if err != nil {
		return store.Webhook{}, err
	}
	return v.Store.Webhook(v.r.Context(), id)
}

// showWebhook shows a webhook and the form as it was filled in, with what was
// wrong on top.
func (v *visit) showWebhook(h, filled store.Webhook, problem error) error {
	path := webhookPath(h.ID)
	view := webhookView{Webhook: h, Path: path, Form: webhookFormOf(filled), Seen: v.seenOr(store.WebhookFingerprint(h), problem), Whole: h.Whole, Confirm: v.confirmTo(path)}
	view.List = NewList(v.r.URL.Query(), ListOptions{Path: path, Size: rowsPerPage, Empty: "webhook_no_events"})
	view.List.SetHeads(Head{Message: "webhook_event_at"}, Head{Message: "webhook_event"}, Head{Message: "webhook_event_state"},
		Head{Message: "webhook_attempts", Num: true}, Head{Message: "webhook_tried"}, Head{Message: "webhook_status", Num: true},
		Head{Message: "webhook_reply"}, Head{Message: "token_action", Unseen: true})
	list, err := v.Store.WebhookDeliveries(v.r.Context(), h.ID, rowsPerPage+1, view.List.Below())
	if err != nil {
		return err
	}
	view.Events = More(view.List, list, ParamBelow, func(d store.WebhookDelivery) string { return formatID(d.ID) })
	if problem = errors.Join(problem, view.List.Err()); problem != nil {
		return v.retry(problem, "webhook", h.URL, view)
	}
	return v.show("webhook", h.URL, view)
}

// changeWebhook stores what the form says.
func (v *visit) changeWebhook() error {
	h, err := v.webhookOfID()
	if err != nil {
		return err
	}
	wanted := v.formWebhook(h)
	if err = v.confirm(); err == nil {
		err = v.Store.ChangeWebhook(v.r.Context(), v.name(), wanted, v.sentSeen())
	}
	if err != nil {
		return v.showWebhook(h, wanted, err)
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
	if err := v.Store.ChangeWebhook(v.r.Context(), v.name(), wanted, store.WebhookFingerprint(h)); err != nil {
		return v.showWebhook(h, h, err)
	}
	return v.done(webhookPath(h.ID), message)
}

// rotateWebhook gives a webhook a new secret and shows it, this once.
func (v *visit) rotateWebhook() error {
	h, err := v.webhookOfID()
	if err != nil {
		return err
	}
	if err := v.confirm(); err != nil {
		return v.showWebhook(h, h, err)
	}
	secret, err := v.Store.RotateWebhookSecret(v.r.Context(), v.name(), h.ID, v.sentWhole())
	if err != nil {
		return v.showWebhook(h, h, err)
	}
	return v.showAs("secret", "webhook_rotated", secretView{Kind: "webhook", Name: h.URL, Secret: secret, Back: webhookPath(h.ID)})
}

// sentWhole is the webhook that a form has seen, its secret included.
func (v *visit) sentWhole() string { return cmp.Or(v.r.PostFormValue("whole"), unseen) }

// deleteWebhook deletes a webhook with all its events.
func (v *visit) deleteWebhook() error {
	h, err := v.webhookOfID()
	if err != nil {
		return err
	}
	if err = v.confirm(); err == nil {
		err = v.Store.DeleteWebhook(v.r.Context(), v.name(), h.ID, v.sentWhole())
	}
	if err != nil {
		return v.showWebhook(h, h, err)
	}
	return v.done("/webhooks", "webhook_deleted", "URL", h.URL)
}

// retryEvent queues an event of a webhook that has failed again.
func (v *visit) retryEvent() error {
	h, err := v.webhookOfID()
	if err != nil {
		return err
	}
	if err := v.retryEventOf(v.r.Context(), h.ID); err != nil {
		return v.showWebhook(h, h, err)
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
