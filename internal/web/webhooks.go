package web

import (
	"slices"
	"strconv"

	"creditrun/internal/store"
)

// webhooksView lists the webhooks.
type webhooksView struct {
	List     *List
	Webhooks []store.Webhook
	Form     webhookForm
	Open     bool // the form to add one
	Confirm  confirmView
}

// webhookForm is what can be said about a webhook.
type webhookForm struct {
	*form
	URL, Description string
	Events           []choice
}

func webhookFormOf(f *form, h store.Webhook) webhookForm {
	fields := webhookForm{form: f, URL: h.URL, Description: h.Description}
	for _, event := range store.HookEvents() {
		fields.Events = append(fields.Events, choice{Value: string(event), Chosen: slices.Contains(h.Events, event)})
	}
	return fields
}

// formWebhook puts what a form says over a webhook.
func formWebhook(f *form, h store.Webhook) store.Webhook {
	h.URL = f.text("url")
	h.Description = f.text("description")
	h.Events = nil
	for _, event := range f.all("events") {
		h.Events = append(h.Events, store.HookEvent(event))
	}
	return h
}

// webhooks lists the webhooks.
func (v *visit) webhooks() error { return v.showWebhooks(v.form(""), store.Webhook{}) }

func (v *visit) showWebhooks(f *form, filled store.Webhook) error {
	list, err := v.Store.Webhooks(v.r.Context())
	if err != nil {
		return err
	}
	l := NewList(v.r.URL.Query(), ListOptions{Path: "/webhooks", Order: "created", Size: rowsPerPage, Empty: "webhooks_none"})
	view := webhooksView{List: l, Webhooks: Rows(l, list, webhookColumns...), Form: webhookFormOf(f, filled), Open: !f.ok(), Confirm: v.confirmTo("/webhooks").on(f)}
	f.fail(l.Err())
	return v.showForm(f, "webhooks", v.message("webhooks_title"), view)
}

var webhookColumns = []Column[store.Webhook]{
	{Head{Key: "url", Message: "webhook_url"}, ByText(func(h store.Webhook) string { return h.URL })},
	{Head{Key: "description", Message: "webhook_description"}, ByText(func(h store.Webhook) string { return h.Description })},
	{Head{Key: "events", Message: "webhook_events"}, By(func(h store.Webhook) int { return len(h.Events) })},
	{Head{Key: "state", Message: "webhook_state"}, ByText(func(h store.Webhook) string { return strconv.FormatBool(!h.Active) })},
	{Head{Key: "created", Message: "webhook_created"}, By(func(h store.Webhook) int64 { return h.CreatedAt.UnixMilli() })},
}

// addWebhook adds a webhook and shows its secret, this once.
func (v *visit) addWebhook() error {
	f := v.form("")
	h := formWebhook(f, store.Webhook{Active: true})
	if f.fail(v.confirm()) {
		return v.showWebhooks(f, h)
	}
	added, err := v.Store.AddWebhook(v.r.Context(), v.name(), h)
	if f.fail(err) {
		return v.showWebhooks(f, h)
	}
	return v.showAs("secret", "webhook_added", secretView{Kind: "webhook", Name: added.URL, Secret: added.Secret, Back: webhookPath(added.ID)})
}
