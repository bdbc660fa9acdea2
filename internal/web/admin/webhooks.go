package admin

import (
	"slices"
	"strconv"

	"creditrun/internal/store"
	"creditrun/internal/web/page"
)

// webhooksView lists the webhooks.
type webhooksView struct {
	List     *page.List
	Webhooks []store.Webhook
	Form     webhookForm
	Open     bool // the form to add one
	Confirm  page.ConfirmView
}

// webhookForm is what can be said about a webhook.
type webhookForm struct {
	*page.FormState
	URL, Description string
	Events           []page.Choice
}

func webhookFormOf(f *page.FormState, h store.Webhook) webhookForm {
	fields := webhookForm{FormState: f, URL: h.URL, Description: h.Description}
	for _, event := range store.HookEvents() {
		fields.Events = append(fields.Events, page.Choice{Value: string(event), Chosen: slices.Contains(h.Events, event)})
	}
	return fields
}

// formWebhook puts what a form says over a webhook.
func formWebhook(f *page.FormState, h store.Webhook) store.Webhook {
	h.URL = f.Text("url")
	h.Description = f.Text("description")
	h.Events = nil
	for _, event := range f.All("events") {
		h.Events = append(h.Events, store.HookEvent(event))
	}
	return h
}

// Webhooks lists the webhooks.
func (v *Visit) Webhooks() error { return v.showWebhooks(v.Form(""), store.Webhook{}) }

func (v *Visit) showWebhooks(f *page.FormState, filled store.Webhook) error {
	list, err := v.Store.Webhooks(v.R.Context())
	if err != nil {
		return err
	}
	l := page.NewList(v.R.URL.Query(), page.ListOptions{Path: "/webhooks", Order: "created", Size: page.RowsPerPage, Empty: "webhooks_none"})
	view := webhooksView{List: l, Webhooks: page.Rows(l, list, webhookColumns...), Form: webhookFormOf(f, filled), Open: !f.Ok(), Confirm: v.ConfirmTo("/webhooks").On(f)}
	f.Fail(l.Err())
	return v.ShowForm(f, "webhooks", v.Message("webhooks_title"), view)
}

var webhookColumns = []page.Column[store.Webhook]{
	{Head: page.Head{Key: "url", Message: "webhook_url"}, By: page.ByText(func(h store.Webhook) string { return h.URL })},
	{Head: page.Head{Key: "description", Message: "webhook_description"}, By: page.ByText(func(h store.Webhook) string { return h.Description })},
	{Head: page.Head{Key: "events", Message: "webhook_events"}, By: page.By(func(h store.Webhook) int { return len(h.Events) })},
	{Head: page.Head{Key: "state", Message: "webhook_state"}, By: page.ByText(func(h store.Webhook) string { return strconv.FormatBool(!h.Active) })},
	{Head: page.Head{Key: "created", Message: "webhook_created"}, By: page.By(func(h store.Webhook) int64 { return h.CreatedAt.UnixMilli() })},
}

// AddWebhook adds a webhook and shows its secret, this once.
func (v *Visit) AddWebhook() error {
	f := v.Form("")
	h := formWebhook(f, store.Webhook{Active: true})
	if f.Fail(v.Confirm()) {
		return v.showWebhooks(f, h)
	}
	added, err := v.Store.AddWebhook(v.R.Context(), v.Name(), h)
	if f.Fail(err) {
		return v.showWebhooks(f, h)
	}
	return v.ShowAs("secret", "webhook_added", page.SecretView{Kind: "webhook", Name: added.URL, Secret: added.Secret, Back: page.WebhookPath(added.ID)})
}
