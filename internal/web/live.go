package web

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
)

// How the month in real time is kept up to date. Pricing a month takes seconds
// where there are a million sessions, so no request does it: one computation at
// a time runs beside them, no sooner again than leaves most of the time free.
const (
	liveEvery    = 5 * time.Second
	liveShare    = 10 // a computation rests this many times as long as it took
	livePatience = 60 * time.Millisecond
)

// monthNow is what a month comes to so far and what would go wrong in its run.
type monthNow struct {
	Month entities.Month
	Sums  *creditnotes.MonthSoFar
	Ready *creditnotes.Readiness
	Err   error     // why there are no sums
	At    time.Time // when it was begun
	Took  time.Duration
}

// live keeps the last result of a computation that takes too long for a
// request. It computes only when somebody looks.
type live struct {
	compute func(context.Context, entities.Month) *monthNow
	now     func() time.Time
	log     *slog.Logger

	mu   sync.Mutex
	last *monthNow
	busy chan struct{} // closed when the computation under way has ended; nil: none
}

// look returns the last result for a month, nil where there is none yet, and
// whether a newer one is being computed. It starts that where the last is too
// old, on the wait group and for as long as the context lasts, and waits a
// moment for it: small networks are done by then.
func (l *live) look(ctx, background context.Context, group *sync.WaitGroup, month entities.Month, patience time.Duration) (*monthNow, bool) {
	if busy := l.begin(background, group, month); busy != nil {
		enough := time.NewTimer(patience)
		defer enough.Stop()
		select {
		case <-busy:
		case <-enough.C:
		case <-ctx.Done():
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.last == nil || l.last.Month != month {
		return nil, l.busy != nil
	}
	return l.last, l.busy != nil
}

// begin starts a computation if one is wanted and returns what tells when the
// one under way has ended.
func (l *live) begin(background context.Context, group *sync.WaitGroup, month entities.Month) <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.busy != nil || l.fresh(month) || background.Err() != nil {
		return l.busy
	}
	busy := make(chan struct{})
	l.busy = busy
	group.Go(func() {
		result := l.attempt(background, month)
		l.mu.Lock()
		defer l.mu.Unlock()
		if background.Err() == nil { // else it was cut short
			l.last = result
		}
		l.busy = nil
		close(busy)
	})
	return busy
}

// fresh tells whether the last result will do.
func (l *live) fresh(month entities.Month) bool {
	if l.last == nil || l.last.Month != month {
		return false
	}
	ended := l.last.At.Add(l.last.Took)
	return l.now().Sub(ended) < max(liveEvery, liveShare*l.last.Took)
}

// attempt computes and takes the time; a panic is an error like any other.
func (l *live) attempt(ctx context.Context, month entities.Month) (result *monthNow) {
	begun := l.now()
	defer func() {
		if broken := recover(); broken != nil {
			result = &monthNow{Err: fmt.Errorf("panic: %v\n%s", broken, debug.Stack())}
		}
		result.Month, result.At, result.Took = month, begun, l.now().Sub(begun)
		if result.Err != nil && len(fault.Of(result.Err)) == 0 && ctx.Err() == nil {
			l.log.Error("month so far", "month", string(month), "err", result.Err)
		}
	}()
	return l.compute(ctx, month)
}

// countMonth prices a month. One worker does it, so that the others of the
// machine answer browsers meanwhile.
func (s *Server) countMonth(ctx context.Context, month entities.Month) *monthNow {
	calm := *s.Runner
	calm.Workers, calm.Progress = 1, nil
	result := &monthNow{}
	if result.Sums, result.Err = calm.MonthSoFar(ctx, month); result.Err != nil {
		return result
	}
	result.Ready, result.Err = calm.Readiness(ctx, month)
	return result
}

// monthSoFar is the current month in real time, as far as it is known.
func (v *visit) monthSoFar() (*monthNow, bool) {
	month := entities.MonthOf(v.Now(), v.zone())
	return v.live.look(v.r.Context(), v.Background, &v.runs, month, livePatience)
}
