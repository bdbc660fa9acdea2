package store_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/creditnotes/creditnotestest"
	"creditrun/internal/fault"
	"creditrun/internal/store"
)

// hooked adds a webhook for these events, for all without any.
func (w *world) hooked(events ...store.HookEvent) store.Webhook {
	w.T.Helper()
	if len(events) == 0 {
		events = store.HookEvents()
	}
	h, err := w.s.AddWebhook(w.T.Context(), "admin", store.Webhook{URL: "https://erp.example/in", Events: events, Active: true})
	if err != nil {
		w.T.Fatal(err)
	}
	return h
}

// events lists what a webhook is told, the oldest first.
func (w *world) events(hook int64) []store.WebhookDelivery {
	w.T.Helper()
	list, err := w.s.WebhookDeliveries(w.T.Context(), hook, 0, 0)
	if err != nil {
		w.T.Fatal(err)
	}
	slices.Reverse(list)
	return list
}

// told is what a webhook is told, without ids and times.
func (w *world) told(hook int64) (list []string) {
	w.T.Helper()
	for _, d := range w.events(hook) {
		var p struct {
			ID, Type, Created string
			Data              json.RawMessage
		}
		if err := json.Unmarshal([]byte(d.Payload), &p); err != nil {
			w.T.Fatal(err)
		}
		at, err := time.Parse(time.RFC3339, p.Created)
		if p.ID != d.EventID || !strings.HasPrefix(p.ID, "evt_") || p.Type != string(d.Event) || err != nil || !at.Equal(d.CreatedAt) {
			w.T.Errorf("%s of %+v", d.Payload, d)
		}
		list = append(list, p.Type+" "+string(p.Data))
	}
	return list
}

func TestWebhooksAreToldOfAMonthEnd(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		all, some, off := w.hooked(), w.hooked(store.CreditNoteIssued), w.hooked()
		off.Active = false
		if err := w.s.ChangeWebhook(t.Context(), "admin", off); err != nil {
			t.Fatal(err)
		}
		w.Charged(workedExample()...)
		w.Month("2026-10")
		w.Now = evening("2026-11-02")
		w.Cancel("GS-2026-00001")
		const (
			note   = `credit_note.issued {"number":"GS-2026-00001","kind":"credit_note","recipient":"a","owners":["a"],"currency":"EUR","net":"16.84","gross":"20.04","date":"2026-10-31","run":"2026-10"}`
			cancel = `credit_note.issued {"number":"ST-2026-00001","kind":"cancellation","recipient":"a","owners":["a"],"currency":"EUR","net":"-16.84","gross":"-20.04","date":"2026-11-02","run":"2026-10"}`
			run    = ` {"run":"2026-10","month":"2026-10","stage":"%s","notes":1,"totals":[{"currency":"EUR","notes":1,"net":"16.84","gross":"20.04"}]}`
		)
		want := []string{"run.drafted" + fmt.Sprintf(run, "drafted"), note, "run.completed" + fmt.Sprintf(run, "completed"), cancel}
		if diff := gocmp.Diff(want, w.told(all.ID)); diff != "" {
			t.Error(diff)
		}
		if diff := gocmp.Diff([]string{note, cancel}, w.told(some.ID)); diff != "" {
			t.Error(diff)
		}
		if got := w.told(off.ID); got != nil {
			t.Errorf("a webhook that is off is told %q", got)
		}
		if jobs := w.rows("river_job WHERE kind = 'post_event'"); jobs != 6 {
			t.Errorf("%d jobs", jobs)
		}
		if w.events(all.ID)[1].EventID != w.events(some.ID)[0].EventID {
			t.Error("one event has two ids")
		}
	})
}

func TestARunWithoutDocumentsIsToldAsCompleted(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		h := w.hooked(store.RunCompleted)
		w.Month("2026-10")
		want := []string{`run.completed {"run":"2026-10","month":"2026-10","stage":"completed","notes":0,"totals":[]}`}
		if diff := gocmp.Diff(want, w.told(h.ID)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestWithoutWebhooksNothingIsWritten(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		w.Month("2026-10")
		if n := w.rows("webhook_deliveries") + w.rows("river_job WHERE kind = 'post_event'"); n != 0 {
			t.Errorf("%d rows", n)
		}
	})
}

func TestAnIssueThatIsRolledBackTellsNothing(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		h := w.hooked(store.CreditNoteIssued)
		w.Charged(workedExample()...)
		w.Set("release", "approve")
		w.Month("2026-10")
		run, err := w.s.RunByName(t.Context(), "2026-10")
		if err != nil {
			t.Fatal(err)
		}
		issue := func(end error) error {
			return w.s.WriteIssue(t.Context(), func(iw creditnotes.IssueWriter) error {
				notes, err := iw.Drafts(run.ID)
				if err != nil || len(notes) != 1 {
					t.Fatal(notes, err)
				}
				n := notes[0]
				n.Number, n.Range, n.Sequence, n.IssuedAt = "GS-1", "gs", 1, w.Now
				return errors.Join(iw.Issue(notes, "anna"), end)
			})
		}
		if err := issue(creditnotestest.ErrCrash); !errors.Is(err, creditnotestest.ErrCrash) {
			t.Fatal(err)
		}
		if n := w.rows("webhook_deliveries") + w.rows("river_job WHERE kind = 'post_event'"); n != 0 {
			t.Errorf("%d rows of what never happened", n)
		}
		if err := issue(nil); err != nil {
			t.Fatal(err)
		}
		if got := w.told(h.ID); len(got) != 1 {
			t.Errorf("%q", got)
		}
	})
}

func TestWebhooksAreToldOfMailsThatFailWithoutTheirAddresses(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		h := w.hooked(store.DeliveryFailed)
		w.Charged(workedExample()...)
		note := w.Month("2026-10").Notes[0]
		mails, err := w.s.Deliveries(t.Context(), note.ID)
		if err != nil || len(mails) != 1 {
			t.Fatal(mails, err)
		}
		for _, end := range []creditnotes.RecipientState{
			creditnotes.RecipientDeferred, creditnotes.RecipientParked, creditnotes.RecipientParked, creditnotes.RecipientRefused, creditnotes.RecipientRefused,
		} {
			if err := w.s.Finish(t.Context(), mails[0].ID, ended(mails[0], end, `550 5.1.1 <anna@a.example>: unknown, ask "bob@x.example"`, w.Now)); err != nil {
				t.Fatal(err)
			}
		}
		const data = `delivery.failed {"number":"GS-2026-00001","copy":0,"state":"%s","attempts":0,"reply":"550 5.1.1 \u003c•••\u003e: unknown, ask \"•••\"","open":1}`
		if diff := gocmp.Diff([]string{fmt.Sprintf(data, "parked"), fmt.Sprintf(data, "failed")}, w.told(h.ID)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestWhatIsWrongWithAWebhookIsTold(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		fine := store.Webhook{URL: "https://erp.example/in?x=1", Events: []store.HookEvent{store.RunDrafted}, Active: true}
		add := func(change func(h *store.Webhook)) error {
			h := fine
			change(&h)
			_, err := w.s.AddWebhook(t.Context(), "admin", h)
			return err
		}
		for _, url := range []string{"", "erp.example", "http://erp.example", "ftp://erp.example", "https://", "https://u:p@erp.example", "http://10.0.0.1",
			"http://localhost.erp.example", "https://erp.example/#a", "https://erp.example/" + strings.Repeat("x", 2000)} {
			says(t, add(func(h *store.Webhook) { h.URL = url }), "webhook_url")
		}
		for _, url := range []string{"http://localhost:1", "http://127.0.0.1:1/a", "http://[::1]:1", "https://10.0.0.1"} {
			says(t, add(func(h *store.Webhook) { h.URL = url }))
		}
		says(t, add(func(h *store.Webhook) { h.Events = nil }), "webhook_events")
		says(t, add(func(h *store.Webhook) { h.Events = append(h.Events, "run.begun") }), "webhook_events")
		for _, secret := range []string{"x", "whsec_", "whsec_AAAA", "whsec_!", strings.Repeat("A", 44)} {
			says(t, add(func(h *store.Webhook) { h.Secret = secret }), "webhook_secret")
		}
		says(t, add(func(h *store.Webhook) { h.URL, h.Events, h.Secret = "", nil, "x" }), "webhook_url", "webhook_events", "webhook_secret")
		says(t, w.s.ChangeWebhook(t.Context(), "admin", store.Webhook{ID: 1}), "webhook_url", "webhook_events")
		for _, err := range []error{
			w.s.ChangeWebhook(t.Context(), "admin", store.Webhook{ID: 99}), w.s.DeleteWebhook(t.Context(), "admin", 99),
			func() error { _, err := w.s.Webhook(t.Context(), 99); return err }(),
			func() error { _, err := w.s.RotateWebhookSecret(t.Context(), "admin", 99); return err }(),
		} {
			says(t, err, "webhook_unknown")
			if !fault.Is(err, fault.NotFound) {
				t.Error(err)
			}
		}
	})
}

func TestChangesOfWebhooksAreAuditedWithoutTheSecret(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		h := w.hooked(store.RunDrafted)
		if !strings.HasPrefix(h.Secret, "whsec_") || len(h.Secret) != 50 {
			t.Errorf("secret of %d letters", len(h.Secret))
		}
		second := h.Secret
		h.Description, h.Secret = "books", ""
		for range 2 { // the second changes nothing
			if err := w.s.ChangeWebhook(t.Context(), "anna", h); err != nil {
				t.Fatal(err)
			}
		}
		first := second
		second, err := w.s.RotateWebhookSecret(t.Context(), "anna", h.ID)
		if err != nil || second == first || len(second) != 50 {
			t.Fatal(second, err)
		}
		got, err := w.s.Webhooks(t.Context())
		if len(got) == 1 {
			h.Whole = got[0].Whole
		}
		if diff := gocmp.Diff([]store.Webhook{h}, got); err != nil || diff != "" {
			t.Error(err, diff)
		}
		w.Charged(workedExample()...)
		w.Month("2026-10")
		r := &receiver{answers: []store.PostReply{accepted}}
		if err := w.s.PostEvent(t.Context(), store.Work{Post: r.post}, w.events(h.ID)[0].ID); err != nil || r.got[0].Secret != second {
			t.Errorf("%v, %+v", err, r.got)
		}
		if err := w.s.DeleteWebhook(t.Context(), "anna", h.ID); err != nil {
			t.Fatal(err)
		}
		if n := w.rows("webhooks") + w.rows("webhook_deliveries"); n != 0 {
			t.Errorf("%d rows are left", n)
		}
		entries, err := w.s.Audit(t.Context(), store.AuditFilter{Action: "webhook"})
		if err != nil {
			t.Fatal(err)
		}
		var actions []string
		for _, e := range entries {
			actions = append(actions, e.Action)
			if e.Subject != "1" || strings.Contains(e.Before+e.After, "whsec") {
				t.Errorf("%+v", e)
			}
		}
		if diff := gocmp.Diff([]string{"webhook.deleted", "webhook.secret_rotated", "webhook.changed", "webhook.created"}, actions); diff != "" {
			t.Error(diff)
		}
	})
}

func TestEventsAreListedPageByPage(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		h := w.hooked()
		w.Charged(workedExample()...)
		w.Month("2026-10")
		var ids []int64
		for below := int64(0); ; {
			page, err := w.s.WebhookDeliveries(t.Context(), h.ID, 2, below)
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			for _, d := range page {
				ids = append(ids, d.ID)
			}
			below = page[len(page)-1].ID
		}
		if diff := gocmp.Diff([]int64{3, 2, 1}, ids); diff != "" {
			t.Error(diff)
		}
	})
}
