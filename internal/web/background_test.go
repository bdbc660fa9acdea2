package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/internal/snapshot"
	"creditrun/internal/store"
	"creditrun/internal/store/storetest"
	"creditrun/internal/tasks"
	"creditrun/internal/web/month"
	"creditrun/internal/web/page"
)

// restart gives the pages another process on the same database: they remember
// nothing.
func (w *world) restart() {
	w.t.Helper()
	w.server.Tasks.Close()
	w.store = storetest.Open(w.t, w.url, w.clock)
	w.with(func(o *Options) {
		runner := *o.Runner
		runner.Store = w.store
		o.Store, o.Runner = w.store, &runner
		o.Tasks = tasks.NewRunner(o.Background, w.store, w.clock, slog.New(slog.DiscardHandler))
	})
}

func TestAPreviewIsFoundAgainAfterARestart(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.charged()
		felix := w.as("felix")
		const path = "/runs/preview?month=2026-11"
		parts := []string{"", "notes", "owners", "held", "changes"}
		before := map[string]string{}
		felix.eventually(path, "12 Nov 2026 11:00")
		for _, part := range parts {
			before[part] = felix.get(path + "&part=" + part).body
		}
		if !strings.Contains(before[""], "12 Nov 2026 11:00") {
			t.Fatal(before[""])
		}
		w.restart()
		w.later(time.Minute) // a new preview would have another time
		for _, part := range parts {
			if after := felix.get(path + "&part=" + part).body; after != before[part] {
				t.Errorf("part %q is different after a restart:\n%s\nbefore:\n%s", part, after, before[part])
			}
		}
	})
}

// stuck starts a preview of felix that ends as it is told.
func (w *world) stuck(fn func(context.Context) error) *tasks.Task[month.Preview] {
	w.t.Helper()
	b := mustBooks(w.t, w)
	subject := month.PreviewSubject(creditnotes.Request{Month: "2026-11"}, b.Version)
	return w.server.month.Work.Previews.Start("felix", subject, func(ctx context.Context, _ *tasks.Progress) (month.Preview, error) {
		return month.Preview{}, fn(ctx)
	})
}

func TestTheFailureOfAPreviewIsFoundAgainAfterARestart(t *testing.T) {
	const path = "/runs/preview?month=2026-11"
	for name, one := range map[string]struct {
		fails  error
		status int
		shown  string
	}{
		"in words":     {fault.New(fault.NotReady, "tax_account_unset", fault.Args{"account": "s19"}), http.StatusConflict, "s19"},
		"by reference": {errors.New("the disk is full"), http.StatusInternalServerError, "reference to the log: "},
	} {
		t.Run(name, func(t *testing.T) {
			eachWorld(t, func(t *testing.T, w *world) {
				<-w.stuck(func(context.Context) error { return one.fails }).Done()
				w.restart()
				felix := w.as("felix")
				p := felix.get(path)
				p.refuses(t, one.status, one.shown)
				p.lacks(t, "the disk is full", "Control sheet")
				felix.get(path).shows(t, "Control sheet") // who looks again makes it anew
			})
		})
	}
}

func TestAPreviewWhoseProcessEndedSaysWhatToDo(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		const path = "/runs/preview?month=2026-11"
		running := make(chan struct{})
		other := storetest.Open(t, w.url, w.clock)
		runner := tasks.NewRunner(t.Context(), other, w.clock, slog.New(slog.DiscardHandler))
		mine := w.server.month.Work
		w.server.month.Work = month.NewWork(runner)
		task := w.stuck(func(context.Context) error { <-running; return nil })
		w.server.month.Work = mine
		felix := w.as("felix")
		felix.get(path).shows(t, "are being priced") // on another process
		w.later(3 * time.Minute)                     // it hangs, or was killed
		must(t, w.store.Probe(t.Context()))
		p := felix.get(path)
		p.refuses(t, http.StatusServiceUnavailable, "Start it again")
		felix.get(path).shows(t, "Control sheet")
		close(running)
		<-task.Done()
		runner.Close()
	})
}

var _ tasks.Store = (*store.Store)(nil)

// The same visitors, asked of the rules and of the pages.
func TestPagesShowWhatTheSnapshotLetsThrough(t *testing.T) {
	w := newWorld(t)
	b := mustBooks(t, w)
	for _, name := range []string{"vera", "paul"} {
		who, browser := b.Visitor(w.user(t, name), nil), w.as(name)
		agrees := func(path string, sees bool) {
			t.Helper()
			if status := browser.get(path).status; (status == http.StatusOK) != sees {
				t.Errorf("%s: %s has status %d, seen %t", name, path, status, sees)
			}
		}
		for n, err := range w.store.EachNote(t.Context(), creditnotes.NoteFilter{}) {
			must(t, err)
			agrees(page.NotePath(&n), snapshot.SeesNote(who, n.Recipient, n.Owners))
		}
		for _, s := range b.Network.Stations() {
			agrees("/stations/"+s.Key, snapshot.SeesStation(who, s))
		}
		seen := b.TariffsSeen(who)
		for _, one := range b.Config.Tariffs.ChargePoint {
			agrees("/tariffs/charge-point/"+one.Key, seen.ChargePoint(one.Key))
		}
		for _, one := range b.Config.Tariffs.CostRates {
			agrees("/tariffs/rates/"+one.Key, seen.Rate(one.Key))
		}
		shown, err := w.store.ListSessions(t.Context(), creditnotes.SessionFilter{}, creditnotes.Page{Limit: 60})
		must(t, err)
		for i := range shown.Sessions {
			one := &shown.Sessions[i].Session
			agrees(page.SessionPath(one.ID), b.SeesSession(who, one))
		}
	}
}
