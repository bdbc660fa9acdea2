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
	"creditrun/internal/store"
	"creditrun/internal/store/storetest"
	"creditrun/internal/tasks"
)

// restarted gives the pages another process on the same database: they remember
// nothing.
func (w *world) restarted(url string) {
	w.t.Helper()
	w.server.Tasks.Close()
	w.store = storetest.Open(w.t, url, w.clock)
	w.server.Store = w.store
	runner := *w.server.Runner
	runner.Store = w.store
	w.server.Runner = &runner
	w.server.Tasks = tasks.NewRunner(w.server.Background, w.store, w.clock, slog.New(slog.DiscardHandler))
	w.server.tasks = newPageTasks(w.server.Tasks)
}

func eachRestart(t *testing.T, test func(t *testing.T, w *world, restart func())) {
	t.Helper()
	eachWorldURL(t, func(t *testing.T, w *world, url string) { test(t, w, func() { w.restarted(url) }) })
}

func TestAPreviewIsFoundAgainAfterARestart(t *testing.T) {
	eachRestart(t, func(t *testing.T, w *world, restart func()) {
		w.charged()
		felix := w.as("felix")
		const path = "/runs/preview?month=2026-11"
		parts := []string{"", "notes", "owners", "held", "changes"}
		before := map[string]string{}
		for _, part := range parts {
			before[part] = felix.get(path + "&part=" + part).body
		}
		if !strings.Contains(before[""], "12 Nov 2026 11:00") {
			t.Fatal(before[""])
		}
		restart()
		w.later(time.Minute) // a new preview would have another time
		for _, part := range parts {
			if after := felix.get(path + "&part=" + part).body; after != before[part] {
				t.Errorf("part %q is different after a restart:\n%s\nbefore:\n%s", part, after, before[part])
			}
		}
	})
}

// stuck starts a preview of felix that ends as it is told.
func (w *world) stuck(month string, fn func(context.Context) error) *tasks.Task[preview] {
	w.t.Helper()
	b := mustBooks(w.t, w)
	subject := previewSubject(creditnotes.Request{Month: "2026-11"}, b)
	return w.server.tasks.previews.Start("felix", subject, func(ctx context.Context, _ *tasks.Progress) (preview, error) {
		return preview{}, fn(ctx)
	})
}

func TestTheFailureOfAPreviewIsFoundAgainAfterARestart(t *testing.T) {
	const path = "/runs/preview?month=2026-11"
	for name, one := range map[string]struct {
		fails error
		shown string
	}{
		"in words":     {fault.New(fault.NotReady, "tax_account_unset", fault.Args{"account": "s19"}), "s19"},
		"by reference": {errors.New("the disk is full"), "reference to the log: "},
	} {
		t.Run(name, func(t *testing.T) {
			eachRestart(t, func(t *testing.T, w *world, restart func()) {
				<-w.stuck("2026-11", func(context.Context) error { return one.fails }).Done()
				restart()
				felix := w.as("felix")
				p := felix.get(path)
				p.shows(t, one.shown)
				p.lacks(t, "the disk is full", "Control sheet")
				felix.get(path).shows(t, "Control sheet") // who looks again makes it anew
			})
		})
	}
}

func TestAPreviewWhoseProcessEndedSaysWhatToDo(t *testing.T) {
	eachRestart(t, func(t *testing.T, w *world, restart func()) {
		const path = "/runs/preview?month=2026-11"
		running := make(chan struct{})
		other := storetest.Open(t, w.url, w.clock)
		runner := tasks.NewRunner(t.Context(), other, w.clock, slog.New(slog.DiscardHandler))
		mine := w.server.tasks
		w.server.tasks = newPageTasks(runner)
		task := w.stuck("2026-11", func(context.Context) error { <-running; return nil })
		w.server.tasks = mine
		felix := w.as("felix")
		felix.get(path).shows(t, "preview is being") // on another process
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
