package tasks

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

// Runner works on the tasks of one process.
type Runner struct {
	ctx   context.Context // of the process
	store Store           // nil: nothing is recorded
	now   func() time.Time
	log   *slog.Logger
	group sync.WaitGroup
}

// NewRunner makes the runner of a process; the context ends with it. A nil store
// records nothing.
func NewRunner(ctx context.Context, store Store, now func() time.Time, log *slog.Logger) *Runner {
	return &Runner{ctx: ctx, store: store, now: now, log: log}
}

// Close waits until all work has ended. The context of the process tells it to.
func (r *Runner) Close() { r.group.Wait() }

// Go lets fn go on beside the requests: small work that is no task, such as
// warming a cache. A panic is logged.
func (r *Runner) Go(fn func(context.Context)) {
	r.group.Go(func() {
		err := recovered(func() error { fn(r.ctx); return nil })
		if err != nil {
			r.log.Error("background work failed", "err", err)
		}
	})
}

// recovered makes an error of a panic, which would end the process here.
func recovered(fn func() error) (err error) {
	defer func() {
		if broken := recover(); broken != nil {
			err = fmt.Errorf("panic: %v\n%s", broken, debug.Stack())
		}
	}()
	return fn()
}

// explained turns the error of a task into its status and into what pages show:
// faults as they are, anything else as a reference to the line in the log, which
// is written here unless it has been logged already.
func (r *Runner) explained(ctx context.Context, t *Record, err error) (Status, error) {
	logged := (*creditnotes.LoggedError)(nil)
	switch {
	case err == nil:
		return Done, nil
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		return Stopped, Interrupted()
	case errors.As(err, &logged):
		t.Reference = logged.Reference
		return Failed, err
	}
	if t.Failure = fault.Of(err); len(t.Failure) > 0 {
		return Failed, err
	}
	t.Reference = rand.Text()[:8]
	r.log.Error("background work failed", "ref", t.Reference, t.Kind, t.Subject, "err", err)
	return Failed, &creditnotes.LoggedError{Reference: t.Reference, Err: err}
}

// How long the store may take, and how often progress is recorded.
const (
	beginPatience = 500 * time.Millisecond // a request waits for it
	endPatience   = 30 * time.Second
	beatEvery     = 2 * time.Second
)

// keep writes to the store, also when the process is told to end.
func (r *Runner) keep(patience time.Duration, write func(context.Context) error) error {
	ctx, done := context.WithTimeout(context.WithoutCancel(r.ctx), patience)
	defer done()
	return write(ctx)
}
