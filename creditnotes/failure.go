package creditnotes

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"time"

	"creditrun/entities"
	"creditrun/internal/fault"
)

// Failure is why a run stopped: faults for people, or else the reference of the
// line in the log that says it. It is kept with the run until the run goes on
// to its next stage.
type Failure struct {
	At        time.Time
	Faults    fault.List
	Reference string
}

// MonthFailure is why the scheduled run of a month could not begin.
type MonthFailure struct {
	Month entities.Month
	Failure
}

// LoggedError is an error that has been logged already, and kept as the failure
// of a run. Reference is in its line of the log.
type LoggedError struct {
	Reference string
	Err       error
}

// Error is the text of the error that was logged.
func (e *LoggedError) Error() string { return e.Err.Error() }

// Unwrap returns the error that was logged.
func (e *LoggedError) Unwrap() error { return e.Err }

// attempt carries out a step of a run and keeps with the run why it failed, on
// whatever process and on anyone's behalf. A panic is a failure, too.
func (r *Runner) attempt(ctx context.Context, run *Run, step func(context.Context) error) error {
	err := recovered(func() error { return step(ctx) })
	return r.failed(ctx, err, slog.String("run", run.Name), func(ctx context.Context, faults fault.List) (*Failure, error) {
		return r.Store.FailRun(ctx, run.ID, faults)
	})
}

// panicError is what a panic of a step has become.
type panicError struct {
	value any
	stack []byte
}

// Error says what the panic said, without the stack.
func (e *panicError) Error() string { return fmt.Sprintf("the program failed: %v", e.value) }

// recovered carries out a step. A panic becomes an error: what goes wrong with
// one document must not end the process and all it is working on.
func recovered(step func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &panicError{value, debug.Stack()}
		}
	}()
	return step()
}

// logPanic logs the stack behind an error that was a panic.
func (r *Runner) logPanic(err error, subject slog.Attr) {
	if broken, ok := errors.AsType[*panicError](err); ok && r.Log != nil {
		r.Log.Error("panic", subject, "err", broken, "stack", string(broken.stack))
	}
}

// failed keeps an error as a failure and logs it when it is not for people.
// What stops because the process ends, or because another process or person has
// moved the run on, is no failure.
func (r *Runner) failed(
	ctx context.Context, err error, subject slog.Attr, keep func(context.Context, fault.List) (*Failure, error),
) error {
	if err == nil || errors.Is(err, context.Canceled) || fault.Is(err, fault.Conflict) {
		return err
	}
	faults := fault.Of(err)
	keeping, done := context.WithTimeout(context.WithoutCancel(ctx), releaseTime)
	defer done()
	failure, unkept := keep(keeping, faults)
	if unkept != nil && fault.Is(err, fault.Unavailable) {
		return err // the same keeps it from being kept
	}
	if unkept != nil {
		return errors.Join(err, fmt.Errorf("keep the failure: %w", unkept))
	}
	if len(faults) > 0 {
		return err
	}
	r.logPanic(err, subject)
	if r.Log != nil {
		r.Log.Error("run failed", subject, "ref", failure.Reference, "err", err)
	}
	return &LoggedError{failure.Reference, err}
}

// beginDue begins and carries out a scheduled run. Why it cannot even begin is
// kept with the month.
func (r *Runner) beginDue(ctx context.Context, q Request) (*Run, error) {
	run, carryOut, err := r.Begin(ctx, q)
	if err != nil {
		return run, r.failed(ctx, err, slog.String("month", string(q.Month)), func(ctx context.Context, faults fault.List) (*Failure, error) {
			return r.Store.FailMonth(ctx, q.Month, faults)
		})
	}
	return run, carryOut(ctx)
}

// DueFailures lists the months that are due now and whose scheduled run could
// not begin, with the reason.
func (r *Runner) DueFailures(ctx context.Context) ([]MonthFailure, error) {
	list, err := r.Store.MonthFailures(ctx)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	config, err := r.Store.Configuration(ctx)
	if err != nil {
		return nil, err
	}
	runs, err := r.Store.Runs(ctx)
	if err != nil {
		return nil, err
	}
	due, err := Due(config, runs, r.Now())
	return slices.DeleteFunc(list, func(f MonthFailure) bool { return !slices.Contains(due, f.Month) }), err
}

// FailureJSON is a failure as reports and answers show it.
type FailureJSON struct {
	At        time.Time    `json:"at"`
	Reasons   []ReasonJSON `json:"reasons" nullable:"false"`
	Reference string       `json:"reference,omitempty" doc:"of the line in the log of the server, where the reason is not for people"`
}

// ReasonJSON is one reason of a failure.
type ReasonJSON struct {
	Reason string     `json:"reason" doc:"the same whatever the words"`
	Args   fault.Args `json:"args"`
	Text   string     `json:"text"`
}

// JSON turns a failure into its contract; words puts a fault into words. No
// failure is nil.
func (f *Failure) JSON(words func(*fault.Fault) string) *FailureJSON {
	if f == nil {
		return nil
	}
	out := &FailureJSON{At: f.At, Reasons: []ReasonJSON{}, Reference: f.Reference}
	for _, one := range f.Faults {
		args := one.Args
		if args == nil {
			args = fault.Args{}
		}
		out.Reasons = append(out.Reasons, ReasonJSON{one.Key, args, words(one)})
	}
	return out
}
