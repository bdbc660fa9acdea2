package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"creditrun/internal/store"
	"creditrun/internal/store/storetest"
)

// erp is another person's system that is told of events. It believes only what
// is signed, and is down for the first two events that arrive.
type erp struct {
	testing.TB
	secret string

	mu    sync.Mutex
	down  int
	tries int
	heard []string
	told  []json.RawMessage // of each event
}

func (e *erp) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.tries++
	body, err := io.ReadAll(r.Body)
	if err != nil {
		e.Error(err)
	}
	id, timestamp := r.Header.Get("webhook-id"), r.Header.Get("webhook-timestamp")
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(e.secret, "whsec_"))
	if err != nil {
		e.Error(err)
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + timestamp + "." + string(body)))
	if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); r.Header.Get("webhook-signature") != want {
		e.Errorf("signature %q, want %q", r.Header.Get("webhook-signature"), want)
	}
	if e.down > 0 {
		e.down--
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	var event struct {
		ID, Type string
		Data     json.RawMessage
	}
	if err := json.Unmarshal(body, &event); err != nil || event.ID != id {
		e.Errorf("%s: %v", body, err)
	}
	e.heard, e.told = append(e.heard, event.Type), append(e.told, event.Data)
	w.WriteHeader(http.StatusNoContent)
}

func (e *erp) count() (tries, heard int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.tries, len(e.heard)
}

// serving runs serve until something is so.
func (w *world) serving(t testing.TB, what string, done func() bool) string {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	served, serve, said := make(chan result, 1), *w, &heard{}
	go func() { served <- serve.tryUntil(ctx, said, "serve", "--only", "delivery") }()
	until(t, what, done)
	stop()
	r := <-served
	if r.status != exitDone {
		t.Errorf("serve ends with %d: %s", r.status, r.stderr)
	}
	return r.stderr
}

func TestServeTellsWebhooksUntilTheyAccept(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.small()
		w.vars["CREDITRUN_WEBHOOK_NETWORKS"] = "127.0.0.1"
		e := &erp{TB: t, down: 2}
		server := httptest.NewServer(e)
		defer server.Close()
		s := storetest.Open(t, w.db, w.clock)
		hook, err := s.AddWebhook(t.Context(), "erika", store.Webhook{
			URL: server.URL + "/a?token=abc", Events: []store.HookEvent{store.RunCompleted}, Active: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		e.secret = hook.Secret
		w.do("run", "--month", "2026-10")
		w.do("deliver")
		if tries, _ := e.count(); tries != 0 {
			t.Errorf("deliver posted %d events", tries)
		}
		for tries := 1; tries <= 3; tries++ {
			said := w.serving(t, "the event is posted", func() bool {
				list, err := s.WebhookDeliveries(t.Context(), hook.ID, 0, 0)
				if err != nil || len(list) != 1 {
					t.Fatal(list, err)
				}
				return list[0].Attempts == tries && list[0].StatusCode != 0 && (tries < 3 || list[0].State == store.HookSent)
			})
			if strings.Contains(said, "abc") || strings.Contains(said, e.secret) {
				t.Errorf("the log tells secrets: %s", said)
			}
			w.now = w.now.Add(5 * time.Minute)
		}
		if tries, _ := e.count(); tries != 3 {
			t.Errorf("%d tries", tries)
		}
		if diff := cmp.Diff([]string{"run.completed"}, e.heard); diff != "" {
			t.Error(diff)
		}
	})
}
