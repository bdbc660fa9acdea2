package web

import (
	"errors"
	"slices"
	"strconv"
	"strings"

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
	l := NewList(v.r.URL.Query(), ListOptions{Path: "/webhooks", Order: "created", Size: rowsPerPage, Empty: "webhooks_none"})
	view := webhooksView{List: l, Webhooks: Rows(l, list, webhookColumns...), Form: webhookFormOf(filled), Open: problem != nil, Confirm: v.confirmTo("/webhooks")}
	return v.showList("webhooks", "webhooks_title", view, errors.Join(problem, l.Err()))
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
