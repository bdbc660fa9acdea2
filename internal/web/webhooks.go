package web

import (
	"slices"
	"strings"

	"creditrun/internal/store"
)

// eventsShown is how many events a page of a webhook lists.
const eventsShown = 50

// webhooksView lists the webhooks.
type webhooksView struct {
	Webhooks []store.Webhook
	Form     webhookForm
	Open     bool // the form to add one
	Confirm  confirmView
}

// webhookForm is what can be said about a webhook.
type webhookForm struct {
	URL, Description string
	Events           []choice
}

func webhookFormOf(h store.Webhook) webhookForm {
	f := webhookForm{URL: h.URL, Description: h.Description}
	for _, event := range store.HookEvents() {
		f.Events = append(f.Events, choice{Value: string(event), Chosen: slices.Contains(h.Events, event)})
	}
	return f
}

// formWebhook puts what a form says over a webhook.
func (v *visit) formWebhook(h store.Webhook) store.Webhook {
	h.URL = strings.TrimSpace(v.r.PostFormValue("url"))
	h.Description = strings.TrimSpace(v.r.PostFormValue("description"))
	h.Events = nil
	for _, event := range v.r.PostForm["events"] {
		h.Events = append(h.Events, store.HookEvent(event))
	}
	return h
}

// webhooks lists the webhooks.
func (v *visit) webhooks() error { return v.showWebhooks(store.Webhook{}, nil) }

func (v *visit) showWebhooks(filled store.Webhook, problem error) error {
	list, err := v.Store.Webhooks(v.r.Context())
	if err != nil {
		return err
	}
	view := webhooksView{Webhooks: list, Form: webhookFormOf(filled), Open: problem != nil, Confirm: v.confirmTo("/webhooks")}
	title, err := v.text("webhooks_title")
	if err != nil {
		return err
	}
	if problem != nil {
		return v.retry(problem, "webhooks", title, view)
	}
	return v.show("webhooks", title, view)
}

// addWebhook adds a webhook and shows its secret, this once.
func (v *visit) addWebhook() error {
	h := v.formWebhook(store.Webhook{Active: true})
	if err := v.confirm(); err != nil {
		return v.showWebhooks(h, err)
	}
	added, err := v.Store.AddWebhook(v.r.Context(), v.name(), h)
	if err != nil {
		return v.showWebhooks(h, err)
	}
	return v.showAs("secret", "webhook_added", secretView{Kind: "webhook", Name: added.URL, Secret: added.Secret, Back: webhookPath(added.ID)})
}

// webhookPath is the page of a webhook.
func webhookPath(id int64) string { return "/webhooks/" + decimal(id) }
