package creditnotestest

import (
	"context"
	"errors"
	"sync"

	"creditrun/creditnotes"
)

// Again is a database that asks for every issue to be tried again, and that
// lets something happen while a run is being drafted.
type Again struct {
	creditnotes.Store
	DuringDraft func()
}

func (s *Again) DraftedOwners(ctx context.Context, runID int64) (map[int64]bool, error) {
	if s.DuringDraft != nil {
		s.DuringDraft()
	}
	return s.Store.DraftedOwners(ctx, runID)
}

func (s *Again) WriteDraft(ctx context.Context, run *creditnotes.Run, fn func(creditnotes.DraftWriter) error) error {
	return twice(func(fail error) error {
		return s.Store.WriteDraft(ctx, run, func(w creditnotes.DraftWriter) error { return errors.Join(fn(w), fail) })
	})
}

func (s *Again) WriteIssue(ctx context.Context, fn func(creditnotes.IssueWriter) error) error {
	return twice(func(fail error) error {
		return s.Store.WriteIssue(ctx, func(w creditnotes.IssueWriter) error { return errors.Join(fn(w), fail) })
	})
}

// Overtaken lets something happen before a transaction that issues.
type Overtaken struct {
	creditnotes.Store
	Meanwhile func()
}

func (s Overtaken) WriteIssue(ctx context.Context, fn func(creditnotes.IssueWriter) error) error {
	s.Meanwhile()
	return s.Store.WriteIssue(ctx, fn)
}

// twice does something, lets it fail at the end, and does it again.
func twice(try func(fail error) error) error {
	deadlock := errors.New("deadlock")
	if err := try(deadlock); !errors.Is(err, deadlock) {
		return err
	}
	return try(nil)
}

// Paused lets something happen before the first shard is written.
type Paused struct {
	creditnotes.Store
	Meanwhile func()
}

func (s Paused) WriteDraft(ctx context.Context, run *creditnotes.Run, fn func(creditnotes.DraftWriter) error) error {
	s.Meanwhile()
	return s.Store.WriteDraft(ctx, run, fn)
}

// PausedRunner is a process to which something happens before it writes the
// first shard.
func (w *World) PausedRunner(meanwhile func()) *creditnotes.Runner {
	r := w.NewRunner(Paused{w.Store, sync.OnceFunc(meanwhile)})
	r.Workers = 1
	return r
}

// Breaking fails at the end of every issue, when the numbers are taken.
type Breaking struct{ creditnotes.Store }

func (s Breaking) WriteIssue(ctx context.Context, fn func(creditnotes.IssueWriter) error) error {
	return s.Store.WriteIssue(ctx, func(w creditnotes.IssueWriter) error {
		return errors.Join(fn(w), errors.New("the disk is full"))
	})
}
