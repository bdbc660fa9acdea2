package month

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"creditrun/entities"
	"creditrun/internal/tasks"
)

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
		return &monthNow{Err: ctx.Err()}
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
	l := &live{compute: c.compute, now: now, work: NewWork(work).months}
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
	for c.times() < 3 { // it is being computed
		time.Sleep(time.Millisecond)
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
	l := &live{now: now, work: NewWork(work).months, compute: func(context.Context, entities.Month) *monthNow { panic("broken") }}
	last, _ := l.look(t.Context(), "2026-11", time.Minute)
	if last == nil || last.Err == nil {
		t.Fatalf("got %+v", last)
	}
}
