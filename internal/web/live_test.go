package web

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/tasks"
)

// eventually opens a page until it shows a text: figures of the month are
// computed beside the requests.
func (b *browser) eventually(path, text string) page {
	b.w.t.Helper()
	var p page
	for range 200 {
		if p = b.get(path); strings.Contains(p.body, text) {
			return p
		}
		time.Sleep(20 * time.Millisecond)
	}
	b.w.t.Fatalf("%s never shows %q\n%s", path, text, p.body)
	return p
}

// counter is a computation that counts how often it was begun and ends when it
// may.
type counter struct {
	mu    sync.Mutex
	begun int
	end   chan struct{}
}

func (c *counter) compute(ctx context.Context, _ entities.Month) *monthNow {
	c.mu.Lock()
	c.begun++
	c.mu.Unlock()
	select {
	case <-c.end:
	case <-ctx.Done():
	}
	return &monthNow{}
}

func (c *counter) times() int { c.mu.Lock(); defer c.mu.Unlock(); return c.begun }

func TestTheMonthIsCountedBesideTheRequests(t *testing.T) {
	var (
		mu    sync.Mutex
		clock = today
	)
	now := func() time.Time { mu.Lock(); defer mu.Unlock(); return clock }
	later := func(d time.Duration) { mu.Lock(); defer mu.Unlock(); clock = clock.Add(d) }
	background, stop := context.WithCancel(t.Context())
	c := &counter{end: make(chan struct{})}
	work := tasks.NewRunner(background, nil, now, slog.New(slog.DiscardHandler))
	l := &live{compute: c.compute, now: now, work: newPageTasks(work).months}
	look := func(month entities.Month, patience time.Duration) *monthNow {
		last, _ := l.look(t.Context(), month, patience)
		return last
	}

	var crowd sync.WaitGroup
	for range 8 {
		crowd.Go(func() {
			if look("2026-11", time.Millisecond) != nil {
				t.Error("there is a result before it was computed")
			}
		})
	}
	crowd.Wait()
	if c.times() != 1 {
		t.Errorf("%d computations at once, want 1", c.times())
	}
	later(2 * time.Second) // it took two seconds
	c.end <- struct{}{}
	first := look("2026-11", time.Minute)
	if first == nil || !first.At.Equal(today) || first.Took != 2*time.Second {
		t.Fatalf("the first result is %+v", first)
	}
	later(19 * time.Second)
	if look("2026-11", time.Minute) != first || c.times() != 1 {
		t.Error("it was computed again before ten times as long had gone by")
	}
	later(2 * time.Second)
	if look("2026-11", 0) != first {
		t.Error("the last result is not shown while a newer one is computed")
	}
	c.end <- struct{}{}
	work.Close()
	if second := look("2026-11", time.Minute); second == first || c.times() != 2 {
		t.Errorf("computed %d times, want twice", c.times())
	}
	later(4 * time.Second)
	if look("2026-11", 0); c.times() != 2 {
		t.Error("a quick computation is repeated within five seconds")
	}
	if look("2026-12", 0) != nil {
		t.Error("the figures of another month are shown")
	}
	stop()
	work.Close() // would wait for ever if it went on
	if last := look("2026-12", 0); last != nil {
		t.Errorf("what was cut short is kept: %+v", last)
	}
	if c.times() != 3 {
		t.Errorf("computed %d times, want three times: none after the end", c.times())
	}
}

func TestABrokenComputationIsAnError(t *testing.T) {
	now := func() time.Time { return today }
	work := tasks.NewRunner(t.Context(), nil, now, slog.New(slog.DiscardHandler))
	l := &live{now: now, work: newPageTasks(work).months, compute: func(context.Context, entities.Month) *monthNow { panic("broken") }}
	last, _ := l.look(t.Context(), "2026-11", time.Minute)
	if last == nil || last.Err == nil {
		t.Fatalf("got %+v", last)
	}
	w := newWorld(t)
	w.server.live.compute = func(context.Context, entities.Month) *monthNow { return &monthNow{Err: errors.New("out of reach")} }
	w.as("vera").eventually("/", "The cause is in the log")
	w.later(time.Minute)
	w.server.live.compute = func(context.Context, entities.Month) *monthNow {
		return &monthNow{Err: fault.New(fault.Invalid, "tree_no_root", nil)}
	}
	w.as("vera").eventually("/", "every entity names a parent")
}

func TestAPageThatRenewsItselfKeepsNobodyLoggedIn(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	for range 5 {
		w.later(30 * time.Minute)
		anna.renew("/overview/next")
	}
	if p := anna.get("/"); p.path != "/login" {
		t.Errorf("after two and a half hours nobody was there, the browser is at %s", p.path)
	}
}

// renew asks for a part of a page as htmx does.
func (b *browser) renew(path string) page {
	b.w.t.Helper()
	r, err := http.NewRequest(http.MethodGet, b.w.http.URL+path, nil)
	must(b.w.t, err)
	r.Header.Set("HX-Request", "true")
	answer, err := b.client.Do(r)
	must(b.w.t, err)
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	must(b.w.t, err)
	return page{answer.StatusCode, answer.Request.URL.Path, string(content), answer.Header}
}

func TestTheBrowserFetchesTheFiguresWhenTheyAreThere(t *testing.T) {
	withChrome(t, func(t *testing.T, c *chrome) {
		c.w.charged()
		counted := make(chan struct{})
		c.w.server.live.compute = func(ctx context.Context, month entities.Month) *monthNow {
			<-counted
			return c.w.server.countMonth(ctx, month)
		}
		c.as("anna")
		c.open("/")
		c.untilShown("The sessions are being priced")
		close(counted)
		c.untilShown("Owed, net")
		for _, complaint := range c.complaints() {
			t.Error(complaint)
		}
		c.press("form[action='/logout'] button")
		c.until("anna has gone", "location.pathname == '/login'")
		c.as("paul")
		c.untilShown("Under review")
		for _, complaint := range c.complaints() {
			t.Error(complaint)
		}
	})
}
