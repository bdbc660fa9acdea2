package creditnotestest

import (
	"context"
	"errors"
	"sync"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/numbering"
	"creditrun/tariffs"
)

// ErrCrash is what every call says from the death of a process on.
var ErrCrash = errors.New("the process is dead")

// Crashing is the store of a process that dies at a call: before it, or after
// it so that the answer is lost. From then on nothing works.
type Crashing struct {
	creditnotes.Store
	At    int // 0: never
	After bool
	Once  bool // it is not the process that dies, only this call fails

	mu    sync.Mutex
	Calls int
}

// step counts a call, and reports whether the process still lives.
func (c *Crashing) step(call func() error) error {
	c.mu.Lock()
	c.Calls++
	n := c.Calls
	c.mu.Unlock()
	if c.At > 0 && (n > c.At && !c.Once || n == c.At && !c.After) {
		return ErrCrash
	}
	if err := call(); err != nil {
		return err
	}
	if c.At > 0 && n == c.At {
		return ErrCrash
	}
	return nil
}

func stepping[T any](c *Crashing, call func() (T, error)) (value T, err error) {
	err = c.step(func() (err error) {
		value, err = call()
		return err
	})
	return value, err
}

func (c *Crashing) Configuration(ctx context.Context) (*creditnotes.Configuration, error) {
	return stepping(c, func() (*creditnotes.Configuration, error) { return c.Store.Configuration(ctx) })
}

func (c *Crashing) BeginRun(ctx context.Context, r *creditnotes.Run) (run *creditnotes.Run, mine bool, err error) {
	err = c.step(func() error {
		run, mine, err = c.Store.BeginRun(ctx, r)
		return err
	})
	return run, mine, err
}

func (c *Crashing) DraftedOwners(ctx context.Context, runID int64) (map[int64]bool, error) {
	return stepping(c, func() (map[int64]bool, error) { return c.Store.DraftedOwners(ctx, runID) })
}

func (c *Crashing) PendingReversals(ctx context.Context, run *creditnotes.Run, q creditnotes.SessionQuery) ([]creditnotes.Reversal, error) {
	return stepping(c, func() ([]creditnotes.Reversal, error) { return c.Store.PendingReversals(ctx, run, q) })
}

func (c *Crashing) CancelledCredits(ctx context.Context) (map[int64]creditnotes.CancelledCredit, error) {
	return stepping(c, func() (map[int64]creditnotes.CancelledCredit, error) { return c.Store.CancelledCredits(ctx) })
}

func (c *Crashing) CarriedForward(ctx context.Context) ([]creditnotes.WaitingNote, error) {
	return stepping(c, func() ([]creditnotes.WaitingNote, error) { return c.Store.CarriedForward(ctx) })
}

func (c *Crashing) Objections(ctx context.Context, f creditnotes.ObjectionFilter) ([]creditnotes.Objection, error) {
	return stepping(c, func() ([]creditnotes.Objection, error) { return c.Store.Objections(ctx, f) })
}

func (c *Crashing) NotedOwners(ctx context.Context, run *creditnotes.Run) (map[int64]bool, error) {
	return stepping(c, func() (map[int64]bool, error) { return c.Store.NotedOwners(ctx, run) })
}

func (c *Crashing) UnclaimedConnectors(ctx context.Context) ([]int64, error) {
	return stepping(c, func() ([]int64, error) { return c.Store.UnclaimedConnectors(ctx) })
}

func (c *Crashing) ReceivedBy(ctx context.Context, run *creditnotes.Run, q creditnotes.SessionQuery) (creditnotes.Count, error) {
	return stepping(c, func() (creditnotes.Count, error) { return c.Store.ReceivedBy(ctx, run, q) })
}

func (c *Crashing) Waiting(ctx context.Context, cutoff, until time.Time) (creditnotes.Waiting, error) {
	return stepping(c, func() (creditnotes.Waiting, error) { return c.Store.Waiting(ctx, cutoff, until) })
}

func (c *Crashing) NoteIDs(ctx context.Context, n int) (int64, error) {
	return stepping(c, func() (int64, error) { return c.Store.NoteIDs(ctx, n) })
}

func (c *Crashing) OpenSessions(ctx context.Context, q creditnotes.SessionQuery) (creditnotes.SessionCursor, error) {
	cursor, err := stepping(c, func() (creditnotes.SessionCursor, error) { return c.Store.OpenSessions(ctx, q) })
	if err != nil && cursor != nil {
		err = errors.Join(err, cursor.Close()) // as the end of a process would
	}
	return cursor, err
}

func (c *Crashing) LineSums(ctx context.Context, runID int64) (map[int64]creditnotes.TaxSums, error) {
	return stepping(c, func() (map[int64]creditnotes.TaxSums, error) { return c.Store.LineSums(ctx, runID) })
}

func (c *Crashing) OwnerResults(ctx context.Context, runID int64) ([]creditnotes.OwnerResult, error) {
	return stepping(c, func() ([]creditnotes.OwnerResult, error) { return c.Store.OwnerResults(ctx, runID) })
}

func (c *Crashing) RunNotes(ctx context.Context, runID int64) ([]*creditnotes.Note, error) {
	return stepping(c, func() ([]*creditnotes.Note, error) { return c.Store.RunNotes(ctx, runID) })
}

func (c *Crashing) AdvanceRun(ctx context.Context, run *creditnotes.Run, from, to creditnotes.Stage, who string) error {
	return c.step(func() error { return c.Store.AdvanceRun(ctx, run, from, to, who) })
}

// FailRun keeps nothing: a process that dies says nothing more.
func (c *Crashing) FailRun(ctx context.Context, runID int64, faults fault.List) (*creditnotes.Failure, error) {
	if !c.Once {
		return nil, ErrCrash
	}
	return c.Store.FailRun(ctx, runID, faults)
}

func (c *Crashing) ReleaseLease(ctx context.Context, runID int64) error {
	return c.step(func() error { return c.Store.ReleaseLease(ctx, runID) })
}

func (c *Crashing) FileInfos(ctx context.Context, noteID int64) ([]creditnotes.FileInfo, error) {
	return stepping(c, func() ([]creditnotes.FileInfo, error) { return c.Store.FileInfos(ctx, noteID) })
}

func (c *Crashing) SaveFiles(ctx context.Context, noteID int64, files []creditnotes.File) error {
	return c.step(func() error { return c.Store.SaveFiles(ctx, noteID, files) })
}

func (c *Crashing) WriteDraft(ctx context.Context, run *creditnotes.Run, fn func(creditnotes.DraftWriter) error) error {
	return c.step(func() error {
		return c.Store.WriteDraft(ctx, run, func(w creditnotes.DraftWriter) error { return fn(crashingDraft{w, c}) })
	})
}

func (c *Crashing) WriteIssue(ctx context.Context, fn func(creditnotes.IssueWriter) error) error {
	return c.step(func() error {
		return c.Store.WriteIssue(ctx, func(w creditnotes.IssueWriter) error { return fn(crashingIssue{w, c}) })
	})
}

// crashingDraft dies inside the transaction of a shard.
type crashingDraft struct {
	creditnotes.DraftWriter
	c *Crashing
}

func (w crashingDraft) CopyLines(src creditnotes.LineSource) error {
	return w.c.step(func() error { return w.DraftWriter.CopyLines(src) })
}

func (w crashingDraft) SavePaths(paths []*tariffs.Path) error {
	return w.c.step(func() error { return w.DraftWriter.SavePaths(paths) })
}

func (w crashingDraft) SaveDrafts(notes []*creditnotes.Note) error {
	return w.c.step(func() error { return w.DraftWriter.SaveDrafts(notes) })
}

func (w crashingDraft) SaveWarnings(warned []creditnotes.Hold) error {
	return w.c.step(func() error { return w.DraftWriter.SaveWarnings(warned) })
}

func (w crashingDraft) SaveHolds(holds []creditnotes.Hold) error {
	return w.c.step(func() error { return w.DraftWriter.SaveHolds(holds) })
}

func (w crashingDraft) SaveOwners(results []creditnotes.OwnerResult) error {
	return w.c.step(func() error { return w.DraftWriter.SaveOwners(results) })
}

// crashingIssue dies inside the transaction that issues.
type crashingIssue struct {
	creditnotes.IssueWriter
	c *Crashing
}

func (w crashingIssue) TakeNumbers(r *numbering.Range, counter numbering.Counter, n int) (int64, error) {
	return stepping(w.c, func() (int64, error) { return w.IssueWriter.TakeNumbers(r, counter, n) })
}

func (w crashingIssue) Issue(notes []*creditnotes.Note, who string) error {
	return w.c.step(func() error { return w.IssueWriter.Issue(notes, who) })
}

func (w crashingIssue) AddDeliveries(list []creditnotes.Delivery) error {
	return w.c.step(func() error { return w.IssueWriter.AddDeliveries(list) })
}

func (w crashingIssue) AdvanceRun(run *creditnotes.Run, from, to creditnotes.Stage, who string) error {
	return w.c.step(func() error { return w.IssueWriter.AdvanceRun(run, from, to, who) })
}
