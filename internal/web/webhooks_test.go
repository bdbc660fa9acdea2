package web

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/store"
)

func TestWebhooksAreAddedWithASecretShownOnce(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		olga := w.as("olga")
		olga.get("/webhooks").shows(t, "There is no webhook yet")
		p := olga.post("/webhooks", "url", "https://erp.example/in", "description", "books", "events", "run.drafted", "events", "delivery.failed", "confirm_password", password)
		first := secretOf(t, p)
		list, err := w.store.Webhooks(t.Context())
		must(t, err)
		if len(list) != 1 || list[0].URL != "https://erp.example/in" || len(list[0].Events) != 2 || !list[0].Active || !strings.HasPrefix(first, "whsec_") {
			t.Fatalf("%+v, %q", list, first)
		}
		path := webhookPath(list[0].ID)
		second := secretOf(t, olga.save(path, path+"/secret", "confirm_password", password))
		if second == first {
			t.Error("the new secret is the old one")
		}
		for _, page := range []reply{olga.get("/webhooks"), olga.get(path)} {
			page.shows(t, "https://erp.example/in", "books")
			if strings.Contains(page.body, "whsec_") {
				t.Errorf("%s shows a secret again", page.path)
			}
		}
		w.neverLogged(t, first)
		w.neverLogged(t, second)
	})
}

func TestWebhooksAreChangedPausedAndDeleted(t *testing.T) {
	w := newWorld(t)
	h, err := w.store.AddWebhook(t.Context(), "test", store.Webhook{URL: "https://erp.example/in", Events: store.HookEvents(), Active: true})
	must(t, err)
	olga, path := w.as("olga"), webhookPath(h.ID)
	olga.save(path, path, "url", "https://erp.example/out", "events", "run.completed", "confirm_password", password).shows(t, "The webhook is saved", "https://erp.example/out")
	olga.post(path+"/pause").shows(t, "The webhook is paused", "Resume")
	olga.post(path+"/resume").shows(t, "The webhook is active again", "Pause")
	head := w.changed(t)
	for claim, one := range map[string]struct {
		path   string
		fields []string
		status int
		says   string
	}{
		"changed without the password": {path, []string{"url", "https://x.example", "events", "run.drafted"}, 403, "Your password is wrong"},
		"changed to a bad address":     {path, []string{"url", "ftp://x", "events", "run.drafted", "confirm_password", password}, 422, "begins with https://"},
		"changed to no event":          {path, []string{"url", "https://x.example", "confirm_password", password}, 422, "at least one event"},
		"added with a bad address":     {"/webhooks", []string{"url", "x", "events", "run.drafted", "confirm_password", password}, 422, "begins with https://"},
		"deleted without the password": {path + "/delete", nil, 403, "Your password is wrong"},
		"rotated without the password": {path + "/secret", nil, 403, "Your password is wrong"},
		"one that is not there":        {"/webhooks/99/pause", nil, 404, "There is no webhook 99"},
		"one that cannot be":           {"/webhooks/x/pause", nil, 404, "There is no webhook x"},
	} {
		t.Run(claim, func(t *testing.T) {
			send := olga.post
			if one.path == path {
				send = func(action string, fields ...string) reply { return olga.save(path, action, fields...) }
			}
			if p := send(one.path, one.fields...); p.status != one.status || !strings.Contains(p.body, one.says) {
				t.Errorf("status %d, wanted %d %q\n%s", p.status, one.status, one.says, p.body)
			}
		})
	}
	if w.changed(t) != head {
		t.Error("something was changed")
	}
	olga.save(path, path+"/delete", "confirm_password", password).shows(t, "The webhook https://erp.example/out is deleted", "There is no webhook yet")
	if p := olga.get(path); p.status != http.StatusNotFound {
		t.Errorf("it is still there: %d", p.status)
	}
}

func TestEventsOfAWebhookAreShown(t *testing.T) {
	w := newWorld(t)
	h, d := w.hooked()
	other, err := w.store.AddWebhook(t.Context(), "test", store.Webhook{URL: "https://other.example", Events: store.HookEvents(), Active: true})
	must(t, err)
	olga, retry := w.as("olga"), "/events/"+formatID(d.ID)+"/retry"
	olga.get(webhookPath(h.ID)).shows(t, "queued", d.EventID)
	if p := olga.post(webhookPath(h.ID) + retry); p.status != http.StatusConflict || !strings.Contains(p.body, "has not failed") {
		t.Errorf("what waits is queued again: %d", p.status)
	}
	if p := olga.post(webhookPath(other.ID) + retry); p.status != http.StatusNotFound {
		t.Errorf("under another webhook: %d", p.status)
	}
	w.failed(d)
	shown := olga.get(webhookPath(h.ID))
	shown.shows(t, "failed", "410")
	shown.lacks(t, "gone for good") // what a receiver answers is not for users
	olga.post(webhookPath(h.ID)+"/resume").shows(t, "active again", "Try again")
	olga.post(webhookPath(h.ID)+retry).shows(t, "The event is queued again", "queued")
}

// hooked is a webhook with an event that waits to be posted.
func (w *world) hooked() (store.Webhook, store.WebhookDelivery) {
	w.t.Helper()
	ctx := w.t.Context()
	h, err := w.store.AddWebhook(ctx, "test", store.Webhook{URL: "https://erp.example/in", Events: store.HookEvents(), Active: true})
	must(w.t, err)
	run, err := w.store.RunByName(ctx, "2026-10")
	must(w.t, err)
	notes, err := w.store.RunNotes(ctx, run.ID)
	must(w.t, err)
	_, err = w.server.Runner.Cancel(ctx, creditnotes.CancelRequest{Number: notes[0].Number, Reason: "test", Who: "test"})
	must(w.t, err)
	list, err := w.store.WebhookDeliveries(ctx, h.ID, 0, 0)
	must(w.t, err)
	if len(list) != 1 {
		w.t.Fatalf("%+v", list)
	}
	return h, list[0]
}

// failed posts an event in vain.
func (w *world) failed(d store.WebhookDelivery) {
	w.t.Helper()
	stop, err := w.store.StartWork(w.t.Context(), store.Work{WebhookWorkers: 1, Post: func(context.Context, store.Posting) store.PostReply {
		return store.PostReply{Status: 410, Text: "gone for good", Gone: true}
	}})
	must(w.t, err)
	defer stop()
	for begin := time.Now(); time.Since(begin) < 20*time.Second; time.Sleep(20 * time.Millisecond) {
		now, err := w.store.WebhookDelivery(w.t.Context(), d.ID)
		must(w.t, err)
		if now.State == store.HookFailed {
			return
		}
	}
	w.t.Fatal("the event has not failed")
}
