package api

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"creditrun/creditnotes"
)

func TestTwoEqualRequestsAtOnceStartOneRun(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		anna := w.as("anna").with(keyHeader, "run of november")
		answers := make([]answer, 2)
		errs := make([]error, 2)
		var both sync.WaitGroup
		for i := range answers {
			both.Go(func() {
				answers[i], errs[i] = anna.send(http.MethodPost, "/runs", object{"month": "2026-11", "confirmed": true})
			})
		}
		both.Wait()
		for i, a := range answers {
			must(t, errs[i])
			if a.status == http.StatusConflict {
				a.problem(http.StatusConflict, "idempotency_key_busy")
			} else {
				a.is(http.StatusAccepted)
			}
		}
		again := anna.post("/runs", object{"month": "2026-11", "confirmed": true}).is(http.StatusAccepted)
		if again.header.Get(replayedHeader) != "true" || read[Run](again).Run != "2026-11" {
			t.Errorf("%v %s", again.header, again.body)
		}
		w.api.Close()
		november := 0
		for _, run := range all[Run](anna, "/runs?limit=1") {
			if run.Month == "2026-11" {
				november++
			}
		}
		if november != 1 {
			t.Errorf("%d runs", november)
		}
	})
}

func TestARepeatedRequestIsAnsweredLikeTheFirst(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		anna := w.as("anna").with(keyHeader, "k1")
		hook := object{"url": "https://example.com/hook", "events": []string{"run.completed"}}
		first := anna.post("/webhooks", hook).is(http.StatusCreated)
		second := anna.post("/webhooks", hook).is(http.StatusCreated)
		if !bytes.Equal(first.body, second.body) || first.header.Get(replayedHeader) != "" || second.header.Get(replayedHeader) != "true" {
			t.Errorf("first %v %s\nsecond %v %s", first.header, first.body, second.header, second.body)
		}
		if hooks := all[Webhook](anna, "/webhooks"); len(hooks) != 1 {
			t.Errorf("%d webhooks", len(hooks))
		}
		hook["description"] = "another"
		anna.post("/webhooks", hook).problem(http.StatusUnprocessableEntity, "idempotency_key_reused")
		anna.do(http.MethodPatch, "/settings", hook).problem(http.StatusUnprocessableEntity, "idempotency_key_reused")
		w.as("olga").with(keyHeader, "k1").post("/webhooks", hook).is(http.StatusCreated) // keys are of a user
	})
}

func TestARefusedRequestMayBeSentAgain(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna").with(keyHeader, "k2")
	body := object{"release": "approve"}
	must(t, setLicence(w, "false"))
	anna.post("/runs", object{"month": "2026-11", "confirmed": true}).problem(http.StatusForbidden, "right_missing")
	must(t, setLicence(w, "true"))
	anna.post("/runs", object{"month": "2026-13"}).problem(http.StatusUnprocessableEntity, "run_month_invalid")
	anna.post("/runs", object{"month": "2026-11", "confirmed": true}).is(http.StatusAccepted)
	anna.with(keyHeader, strings.Repeat("k", mostKey+1)).do(http.MethodPatch, "/settings", body).
		problem(http.StatusUnprocessableEntity, "request_invalid")
}

func TestACancellationIsNotMadeTwice(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna").with(keyHeader, "k3")
	list := all[Note](anna, "/credit-notes")
	number := list[len(list)-1].Number
	body := object{"reason": "wrong"}
	first := anna.post("/credit-notes/"+number+"/cancel", body).is(http.StatusCreated)
	again := anna.post("/credit-notes/"+number+"/cancel", body).is(http.StatusCreated)
	if read[creditnotes.NoteJSON](first).Number == nil || !bytes.Equal(first.body, again.body) {
		t.Errorf("%s\n%s", first.body, again.body)
	}
	anna.with(keyHeader, "k4").post("/credit-notes/"+number+"/cancel", body).is(http.StatusConflict)
}

func TestWhatBeganIsKeptWhenTheCallerGoesAway(t *testing.T) {
	w := newWorld(t)
	user, err := w.store.UserByName(t.Context(), "anna")
	must(t, err)
	_, err = w.store.BeginRequest(t.Context(), user.ID, "k", "f")
	must(t, err)
	ctx, goAway := context.WithCancel(t.Context())
	c := &call{API: w.api, ctx: ctx, r: httptest.NewRequestWithContext(ctx, http.MethodPost, Base+"/runs", nil)}
	_, err = c.first(nil, user.ID, "k", func(work huma.Context) {
		goAway()
		if err := work.Context().Err(); err != nil {
			t.Errorf("the work stops: %v", err)
		}
		work.SetStatus(http.StatusAccepted)
	}, http.Header{})
	must(t, err)
	kept, err := w.store.BeginRequest(t.Context(), user.ID, "k", "f")
	must(t, err)
	if kept == nil || kept.Status != http.StatusAccepted {
		t.Errorf("%+v", kept)
	}
}
