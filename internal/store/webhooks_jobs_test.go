package store_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"creditrun/internal/store"
	"creditrun/internal/store/storetest"
)

// receiver stands for the other side: it answers in turn, and keeps what it got.
type receiver struct {
	answers []store.PostReply
	got     []store.Posting
}

func (r *receiver) post(_ context.Context, p store.Posting) store.PostReply {
	r.got = append(r.got, p)
	answer := r.answers[0]
	r.answers = r.answers[1:]
	return answer
}

var (
	accepted = store.PostReply{Status: 204, Accepted: true}
	refused  = store.PostReply{Status: 503, Text: "later"}
	gone     = store.PostReply{Status: 410, Text: "gone", Gone: true}
)

// oneEvent is a webhook and one event that waits for it.
func (w *world) oneEvent() (store.Webhook, store.WebhookDelivery) {
	w.T.Helper()
	h := w.hooked(store.RunCompleted)
	w.Month("2026-10")
	return h, w.events(h.ID)[0]
}

func (w *world) event(id int64) store.WebhookDelivery {
	w.T.Helper()
	d, err := w.s.WebhookDelivery(w.T.Context(), id)
	if err != nil {
		w.T.Fatal(err)
	}
	return d
}

func TestAnEventIsPostedUntilItIsAccepted(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		h, d := w.oneEvent()
		r := &receiver{answers: []store.PostReply{refused, {Text: "no answer"}, accepted}}
		work := store.Work{Post: r.post}
		for _, pause := range []time.Duration{0, 29 * time.Second, time.Second, time.Minute - time.Microsecond, time.Microsecond, 24 * time.Hour} {
			w.Now = w.Now.Add(pause)
			_ = w.s.PostEvent(t.Context(), work, d.ID)
		}
		after := w.event(d.ID)
		if len(r.got) != 3 || after.State != store.HookSent || after.Attempts != 3 || after.StatusCode != 204 || after.Reply != "" ||
			!after.SentAt.Equal(w.Now.Add(-24*time.Hour)) || !after.LastTriedAt.Equal(after.SentAt) {
			t.Errorf("%d posted, %+v", len(r.got), after)
		}
		want := store.Posting{EventID: d.EventID, URL: h.URL, Secret: h.Secret, Body: d.Payload}
		for _, got := range r.got {
			if got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
		}
	})
}

func TestAnEventThatNobodyAcceptsFailsAfterADay(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		_, d := w.oneEvent()
		began, tries := w.Now, 0
		work := store.Work{Post: func(context.Context, store.Posting) store.PostReply {
			tries++
			return store.PostReply{Text: "\x00\xff" + strings.Repeat("ä", 500)}
		}}
		for w.event(d.ID).State == store.HookQueued && tries < 20 {
			_ = w.s.PostEvent(t.Context(), work, d.ID)
			w.Now = w.Now.Add(30 * time.Second)
		}
		after := w.event(d.ID)
		took := after.LastTriedAt.Sub(began)
		if tries != 12 || after.State != store.HookFailed || took < 20*time.Hour || took > 28*time.Hour || after.Reply != "��"+strings.Repeat("ä", 247) {
			t.Errorf("%d tries in %s, %+v", tries, took, after)
		}
	})
}

func TestAFailedEventMayBeRetried(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		h, d := w.oneEvent()
		r := &receiver{answers: []store.PostReply{gone, refused, accepted}}
		work := store.Work{Post: r.post}
		says(t, w.s.RetryWebhookDelivery(t.Context(), "anna", d.ID), "webhook_delivery_not_failed")
		if err := w.s.PostEvent(t.Context(), work, d.ID); err != nil {
			t.Error(err)
		}
		says(t, w.s.RetryWebhookDelivery(t.Context(), "anna", d.ID), "webhook_inactive")
		if err := w.s.ChangeWebhook(t.Context(), "anna", h); err != nil {
			t.Fatal(err)
		}
		if err := w.s.RetryWebhookDelivery(t.Context(), "anna", d.ID); err != nil {
			t.Fatal(err)
		}
		if n := w.rows("river_job WHERE kind = 'post_event'"); n != 2 {
			t.Errorf("%d jobs", n)
		}
		_ = w.s.PostEvent(t.Context(), work, d.ID)
		w.Now = w.Now.Add(time.Minute)
		_ = w.s.PostEvent(t.Context(), work, d.ID)
		if after := w.event(d.ID); after.State != store.HookSent || after.Attempts != 2 || len(r.got) != 3 {
			t.Errorf("%+v", after)
		}
		says(t, w.s.RetryWebhookDelivery(t.Context(), "anna", d.ID), "webhook_delivery_not_failed")
		says(t, w.s.RetryWebhookDelivery(t.Context(), "anna", 99), "webhook_delivery_unknown")
	})
}

func TestAWebhookThatIsGoneIsTurnedOff(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		h := w.hooked()
		w.Month("2026-10")
		list := w.events(h.ID)
		r := &receiver{answers: []store.PostReply{gone}}
		for _, d := range list {
			if err := w.s.PostEvent(t.Context(), store.Work{Post: r.post}, d.ID); err != nil {
				t.Error(err)
			}
		}
		if len(list) != 2 || len(r.got) != 1 {
			t.Errorf("%d of %d events were posted", len(r.got), len(list))
		}
		now, err := w.s.Webhook(t.Context(), h.ID)
		if err != nil || now.Active {
			t.Errorf("%+v, %v", now, err)
		}
		first, second := w.event(list[0].ID), w.event(list[1].ID)
		if first.State != store.HookFailed || first.StatusCode != 410 || second.State != store.HookFailed || second.Attempts != 0 || second.Reply == "" {
			t.Errorf("%+v\n%+v", first, second)
		}
		entries, err := w.s.Audit(t.Context(), store.AuditFilter{Action: "webhook.deactivated"})
		if err != nil || len(entries) != 1 {
			t.Errorf("%+v, %v", entries, err)
		}
	})
}

func TestAnEventWhosePosterDiesIsPostedAgain(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		_, d := w.oneEvent()
		dying := storetest.Open(t, w.url, w.Clock)
		var got []string
		err := dying.PostEvent(t.Context(), store.Work{Post: func(_ context.Context, p store.Posting) store.PostReply {
			got = append(got, p.EventID)
			_ = dying.Close()
			return accepted
		}}, d.ID)
		if after := w.event(d.ID); err == nil || after.State != store.HookQueued || after.Attempts != 1 {
			t.Fatalf("%v, %+v", err, after)
		}
		posted := make(chan string, 10)
		work := store.Work{Post: func(_ context.Context, p store.Posting) store.PostReply {
			posted <- p.EventID
			return accepted
		}}
		w.Now = w.Now.Add(31 * time.Second)
		stop, err := w.s.StartWork(t.Context(), work)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, <-posted)
		stop()
		if got[0] != got[1] || w.event(d.ID).State != store.HookSent || w.rows("webhook_deliveries") != 1 {
			t.Errorf("%q, %+v", got, w.event(d.ID))
		}
	})
}

func TestTheQueuePostsInTheOrderOfTheEvents(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		h := w.hooked()
		w.Charged(workedExample()...)
		w.Month("2026-10")
		want := w.events(h.ID)
		posted := make(chan string, 10)
		work := store.Work{WebhookWorkers: 1, Post: func(_ context.Context, p store.Posting) store.PostReply {
			posted <- p.EventID
			return accepted
		}}
		stop, err := w.s.StartWork(t.Context(), work)
		if err != nil {
			t.Fatal(err)
		}
		defer stop()
		for _, d := range want {
			if got := <-posted; got != d.EventID {
				t.Errorf("%s before %s %s", got, d.Event, d.EventID)
			}
		}
	})
}

func TestARestartDoesNotUseUpAttempts(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		_, d := w.oneEvent()
		var tries atomic.Int32
		work := store.Work{Post: func(context.Context, store.Posting) store.PostReply {
			tries.Add(1)
			return refused
		}}
		for range 3 {
			stop, err := w.s.StartWork(t.Context(), work)
			if err != nil {
				t.Fatal(err)
			}
			for deadline := time.Now().Add(10 * time.Second); w.rows("river_job WHERE kind = 'post_event' AND state = 'scheduled'") != 1; {
				if time.Now().After(deadline) {
					t.Fatal("the job is not put off")
				}
				time.Sleep(5 * time.Millisecond)
			}
			stop()
		}
		if n := w.rows("river_job WHERE kind = 'post_event'"); n != 1 || tries.Load() != 1 || w.event(d.ID).Attempts != 1 {
			t.Errorf("%d jobs, %d tries, %+v", n, tries.Load(), w.event(d.ID))
		}
	})
}

func TestTwoProcessesPostAnEventOnce(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		_, d := w.oneEvent()
		other := storetest.Open(t, w.url, w.Clock)
		var posted atomic.Int32
		work := store.Work{Post: func(context.Context, store.Posting) store.PostReply {
			posted.Add(1)
			time.Sleep(20 * time.Millisecond)
			return accepted
		}}
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() { _ = []*store.Store{w.s, other}[i%2].PostEvent(t.Context(), work, d.ID) })
		}
		all.Wait()
		if posted.Load() != 1 {
			t.Errorf("posted %d times", posted.Load())
		}
	})
}

// A webhook may be deleted while an event is written for it.
func TestAnEventWithoutItsWebhookVanishes(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		_, d := w.oneEvent()
		if _, err := w.sql("DELETE FROM webhooks"); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := w.s.PostEvent(t.Context(), store.Work{}, d.ID); err != nil {
				t.Fatal(err)
			}
		}
		if n := w.rows("webhook_deliveries"); n != 0 {
			t.Errorf("%d rows", n)
		}
	})
}
