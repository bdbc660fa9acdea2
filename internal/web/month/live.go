package month

import (
	"context"
	"sync"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/tasks"
)

// How what would go wrong in the next run is kept up to date. Looking at a month
// takes seconds where there are a million sessions, so no request does it: one
// computation at a time runs beside them, no sooner again than leaves most of the
// time free. The figures of the month follow what changes by themselves
// (creditnotes.OpenMonth), and are only brought up to date here.
const (
	liveEvery    = 5 * time.Second
	liveShare    = 10 // a computation rests this many times as long as it took
	livePatience = 60 * time.Millisecond
)

// monthNow is what would go wrong in the run of a month.
type monthNow struct {
	Month entities.Month
	Ready *creditnotes.Readiness
	Err   error     // why it is not known
	At    time.Time // when it was begun
	Took  time.Duration
}

// live keeps the last result of a computation that takes too long for a
// request. It computes only when someone looks.
type live struct {
	compute func(context.Context, entities.Month) *monthNow
	now     func() time.Time
	work    *tasks.Kind[monthNow]

	mu   sync.Mutex
	last *monthNow
	busy *tasks.Task[monthNow] // the computation under way; nil: none
}

// look returns the last result for a month, nil where there is none yet, and
// whether a newer one is being computed. It starts that where the last is too
// old, and waits a moment for it: small networks are done by then.
func (l *live) look(ctx context.Context, month entities.Month, patience time.Duration) (*monthNow, bool) {
	if busy := l.begin(month); busy != nil {
		enough := time.NewTimer(patience)
		defer enough.Stop()
		select {
		case <-busy.Done():
		case <-enough.C:
		case <-ctx.Done():
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.settle()
	if l.last == nil || l.last.Month != month {
		return nil, l.busy != nil
	}
	return l.last, l.busy != nil
}

// begin starts a computation if one is wanted and returns the one under way.
func (l *live) begin(month entities.Month) *tasks.Task[monthNow] {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.settle()
	if l.busy == nil && !l.fresh(month) {
		l.busy = l.work.Start("", string(month), func(ctx context.Context, _ *tasks.Progress) (monthNow, error) {
			result := l.compute(ctx, month)
			return *result, result.Err
		})
	}
	return l.busy
}

// settle takes over the result of the computation when it has ended, unless it
// was stopped.
func (l *live) settle() {
	if l.busy == nil {
		return
	}
	state := l.busy.State()
	if !state.Over() {
		return
	}
	l.busy = nil
	if state.Status == tasks.Stopped {
		return
	}
	last := state.Value
	last.Month, last.At, last.Took, last.Err = entities.Month(state.Subject), state.Begun, state.Ended.Sub(state.Begun), state.Err
	l.last = &last
}

// fresh reports whether the last result will do.
func (l *live) fresh(month entities.Month) bool {
	if l.last == nil || l.last.Month != month {
		return false
	}
	ended := l.last.At.Add(l.last.Took)
	return l.now().Sub(ended) < max(liveEvery, liveShare*l.last.Took)
}

// countMonth brings the figures of the month up to date and looks what would go
// wrong in its run. One worker does it, so that the others of the machine answer
// browsers meanwhile.
func (s *Pages) countMonth(ctx context.Context, month entities.Month) *monthNow {
	result := &monthNow{}
	if _, result.Err = s.Open.Refresh(ctx); result.Err != nil {
		return result
	}
	calm := calmly(s.Runner)
	result.Ready, result.Err = calm.Readiness(ctx, month)
	return result
}

// calmly is a runner that leaves most of the machine to others.
func calmly(r *creditnotes.Runner) *creditnotes.Runner {
	calm := *r
	calm.Workers, calm.Progress = 1, nil
	return &calm
}

// figures are those of the current month with when they were last right.
type figures struct {
	*creditnotes.MonthSoFar
	at time.Time
}

// monthSoFar is the current month in real time, as far as it is known: its
// figures, and what would go wrong. What has changed since is looked at meanwhile.
func (v *Visit) monthSoFar() (sums *figures, now *monthNow, counting bool) {
	month := entities.MonthOf(v.Now(), v.Zone())
	v.refresh()
	now, counting = v.live.look(v.R.Context(), month, livePatience)
	m, book, err := v.Open.MonthSoFar(v.R.Context())
	if err != nil || book == nil || book.Month != month {
		return nil, now, counting
	}
	return &figures{m, book.AsOf}, now, counting
}

// refresh brings the figures up to date, and waits a moment for that.
func (s *Pages) refresh() {
	done := make(chan struct{})
	if !s.refreshing.CompareAndSwap(false, true) {
		return
	}
	s.Tasks.Go(func(ctx context.Context) {
		defer close(done)
		defer s.refreshing.Store(false)
		if _, err := s.Open.Refresh(ctx); err != nil && ctx.Err() == nil {
			s.Log.Debug("open month", "err", err) // the page says it
		}
	})
	enough := time.NewTimer(livePatience)
	defer enough.Stop()
	select {
	case <-done:
	case <-enough.C:
	}
}
