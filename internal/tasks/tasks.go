// Package tasks runs work that goes on after the request that asked for it was
// answered: previews, what-if questions, checks, the work on runs. A task has a
// kind and a subject, and in the end a result or a failure. It is recorded in
// the store, so that a page finds it again after a restart and on another
// process. The package decides nothing about what the work is.
package tasks

import (
	"context"
	"time"

	"creditrun/internal/fault"
)

// Rule says how the tasks of one kind are treated.
type Rule struct {
	Kind string
	// AtOnce is how many tasks of the kind this process works on at once; the
	// others wait their turn. 0: any number.
	AtOnce int
	// Newest stops an older task of the same user when a newer one starts: a
	// person waits for one of the kind only.
	Newest bool
	// Keep is how long an outcome can be found after the task has ended.
	Keep time.Duration
	// Cached is how many outcomes this process keeps in memory; others are read
	// from the store again. 0: the default.
	Cached int
	// Unrecorded keeps the kind out of the store: what is started again by
	// itself when someone looks.
	Unrecorded bool
}

// Status is where a task is on its way.
type Status string

// The states of tasks.
const (
	UnderWay Status = "under_way"
	Done     Status = "done"
	Failed   Status = "failed"
	// Stopped: its process ended before it was done, or a newer task of the
	// user took its place.
	Stopped Status = "stopped"
)

// Record is a task as the store keeps it.
type Record struct {
	ID, Kind, Subject string
	Who               string // name of the user; empty: it belongs to no one
	Status            Status
	Begun             time.Time
	Beat              time.Time // when it last told how far it was
	Ended             time.Time // zero: it is under way
	Expires           time.Time // when the store may forget it
	Progress          Count
	Failure           fault.List
	Reference         string // of the line in the log, where the failure is not for people
	Result            []byte // in the encoding of this package; nil: none is kept
}

// Count is how much of a task is done; Of 0: not known.
type Count struct{ Done, Of int }

// Store keeps tasks. A task that is under way and whose process is gone is read
// as Stopped.
type Store interface {
	// SaveTask adds a task or replaces what is kept of it.
	SaveTask(ctx context.Context, r *Record) error
	// BeatTask records how far a task is that is under way.
	BeatTask(ctx context.Context, id string, at time.Time, progress Count) error
	// TaskByID finds a task of a kind; nil: there is none.
	TaskByID(ctx context.Context, kind, id string) (*Record, error)
	// LatestTask finds the latest task about a subject; nil: there is none. An
	// empty who is any user.
	LatestTask(ctx context.Context, kind, who, subject string) (*Record, error)
	// ForgetTask removes a task; one that is not there is no error.
	ForgetTask(ctx context.Context, id string) error
}

// Progress is told by the work how far it is. It is safe for concurrent use; a
// nil Progress ignores what it is told.
type Progress struct{ count func(Count) }

// Set says that so many of so many steps are done.
func (p *Progress) Set(done, of int) {
	if p != nil && p.count != nil {
		p.count(Count{done, of})
	}
}

// Interrupted is the failure of a task that was stopped before it was done.
func Interrupted() *fault.Fault { return fault.New(fault.Unavailable, "task_interrupted", nil) }

// Places limits how many computations go on at once.
type Places chan struct{}

// NewPlaces makes n places.
func NewPlaces(n int) Places { return make(Places, n) }

// Enter waits until there is a place; leave makes it free again. Without places
// no one waits. The error is that of the context.
func (p Places) Enter(ctx context.Context) (leave func(), err error) {
	if p == nil {
		return func() {}, ctx.Err()
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case p <- struct{}{}:
		return func() { <-p }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// RunWork is the work on runs, by name of the run. Why a run failed is kept with
// the run; the task says what became of one piece of work on it.
func RunWork(r *Runner) *Kind[bool] {
	return NewKind[bool](r, Rule{Kind: "run", Keep: 7 * 24 * time.Hour})
}
