package web

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

// answerWithin is how long a page waits for what goes on in the background,
// before it says that it is not done yet.
const answerWithin = time.Second

// work is what goes on for a run, or for a preview, after the page that started
// it was answered.
type work struct {
	done chan struct{}
	// The rest may be read when done is closed.
	err       error
	reference string // of the log line, where err is not for people
}

// finished tells whether the work is done.
func (w *work) finished() bool {
	select {
	case <-w.done:
		return true
	default:
		return false
	}
}

// finishes waits a moment for the work to be done, and tells whether it is.
func (w *work) finishes(within time.Duration) bool {
	select {
	case <-w.done:
	case <-time.After(within):
	}
	return w.finished()
}

// start lets fn go on in the background until it is done or the process ends.
// What fails and is not for people goes to the log.
func (s *Server) start(subject string, fn func(context.Context) error) *work {
	w := &work{done: make(chan struct{})}
	s.runs.Go(func() {
		defer close(w.done)
		w.err = attempted(s.Background, fn)
		if logged := (*creditnotes.LoggedError)(nil); errors.As(w.err, &logged) {
			w.reference = logged.Reference
			return
		}
		if w.err == nil || errors.Is(w.err, context.Canceled) || len(fault.Of(w.err)) > 0 {
			return
		}
		w.reference = rand.Text()[:8]
		s.Log.Error("background work failed", "ref", w.reference, "run", subject, "err", w.err)
	})
	return w
}

// attempted makes an error of a panic, which would end the process here.
func attempted(ctx context.Context, fn func(context.Context) error) (err error) {
	defer func() {
		if broken := recover(); broken != nil {
			err = fmt.Errorf("panic: %v\n%s", broken, debug.Stack())
		}
	}()
	return fn(ctx)
}

// runWorks is what this process does for runs, or did last, by name of the run.
type runWorks struct {
	mu    sync.Mutex
	byRun map[string]*work
}

// of is the work on a run that goes on or failed; nil: none.
func (l *runWorks) of(run string) *work {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.byRun[run]
}

// set keeps the work on a run; nil forgets it.
func (l *runWorks) set(run string, w *work) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if w == nil {
		delete(l.byRun, run)
		return
	}
	if l.byRun == nil {
		l.byRun = map[string]*work{}
	}
	l.byRun[run] = w
}

// workOn starts work on a run and waits a moment for its end: what fails so
// soon comes back and is told at once, what fails later is told on the page of
// the run.
func (s *Server) workOn(run string, fn func(context.Context) error) error {
	w := s.start(run, fn)
	s.works.set(run, w)
	if w.finishes(answerWithin) {
		s.works.set(run, nil)
		return w.err
	}
	return nil
}

// trouble is why a run failed, in words: what is kept with it, or else what this
// process met before there was something to keep. What is worked on is not in
// trouble.
func (v *visit) trouble(run *creditnotes.Run, stopped bool) (view troubleView, err error) {
	switch w := v.works.of(run.Name); {
	case run.Failure != nil && (stopped || run.Stage == creditnotes.StageIssued):
		view.At = run.Failure.At
		view.Reasons, err = v.sentences(run.Failure.Faults, run.Failure.Reference)
	case w != nil && w.finished() && w.err != nil:
		view.Reasons, err = v.sentences(fault.Of(w.err), w.reference)
	}
	return view, err
}

// troubleView is why something failed, and when.
type troubleView struct {
	At      time.Time // zero: just now
	Reasons []string
}

// sentences puts what went wrong into words.
func (v *visit) sentences(faults []*fault.Fault, reference string) (list []string, err error) {
	if reference != "" {
		text, err := v.text("sorry_reference", "Reference", reference)
		return []string{text}, err
	}
	for _, f := range faults {
		list = append(list, v.Texts.Fault(v.lang, f))
	}
	return list, nil
}
