package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/internal/store/storetest"
	"creditrun/numbering"
	"creditrun/tariffs"
)

var errCrash = errors.New("the process is dead")

// crashing is the store of a process that dies at a call: before it, or after
// it so that nobody hears the answer. From then on nothing works.
type crashing struct {
	creditnotes.Store
	at    int // 0: never
	after bool
	once  bool // it is not the process that dies, only this call fails

	mu    sync.Mutex
	calls int
}

// step counts a call, and says whether the process still lives.
func (c *crashing) step(call func() error) error {
	c.mu.Lock()
	c.calls++
	n := c.calls
	c.mu.Unlock()
	if c.at > 0 && (n > c.at && !c.once || n == c.at && !c.after) {
		return errCrash
	}
	if err := call(); err != nil {
		return err
	}
	if c.at > 0 && n == c.at {
		return errCrash
	}
	return nil
}

func stepping[T any](c *crashing, call func() (T, error)) (value T, err error) {
	err = c.step(func() (err error) {
		value, err = call()
		return err
	})
	return value, err
}

func (c *crashing) Configuration(ctx context.Context) (*creditnotes.Configuration, error) {
	return stepping(c, func() (*creditnotes.Configuration, error) { return c.Store.Configuration(ctx) })
}

func (c *crashing) BeginRun(ctx context.Context, r *creditnotes.Run) (run *creditnotes.Run, mine bool, err error) {
	err = c.step(func() error {
		run, mine, err = c.Store.BeginRun(ctx, r)
		return err
	})
	return run, mine, err
}

func (c *crashing) DraftedOwners(ctx context.Context, runID int64) (map[int64]bool, error) {
	return stepping(c, func() (map[int64]bool, error) { return c.Store.DraftedOwners(ctx, runID) })
}

func (c *crashing) PendingReversals(ctx context.Context, run *creditnotes.Run, q creditnotes.SessionQuery) ([]creditnotes.Reversal, error) {
	return stepping(c, func() ([]creditnotes.Reversal, error) { return c.Store.PendingReversals(ctx, run, q) })
}

func (c *crashing) CarriedForward(ctx context.Context) ([]creditnotes.WaitingNote, error) {
	return stepping(c, func() ([]creditnotes.WaitingNote, error) { return c.Store.CarriedForward(ctx) })
}

func (c *crashing) Objections(ctx context.Context, f creditnotes.ObjectionFilter) ([]creditnotes.Objection, error) {
	return stepping(c, func() ([]creditnotes.Objection, error) { return c.Store.Objections(ctx, f) })
}

func (c *crashing) NotedOwners(ctx context.Context, run *creditnotes.Run) (map[int64]bool, error) {
	return stepping(c, func() (map[int64]bool, error) { return c.Store.NotedOwners(ctx, run) })
}

func (c *crashing) UnclaimedConnectors(ctx context.Context) ([]int64, error) {
	return stepping(c, func() ([]int64, error) { return c.Store.UnclaimedConnectors(ctx) })
}

func (c *crashing) ReceivedBy(ctx context.Context, run *creditnotes.Run, q creditnotes.SessionQuery) (creditnotes.Count, error) {
	return stepping(c, func() (creditnotes.Count, error) { return c.Store.ReceivedBy(ctx, run, q) })
}

func (c *crashing) Waiting(ctx context.Context, cutoff, until time.Time) (creditnotes.Waiting, error) {
	return stepping(c, func() (creditnotes.Waiting, error) { return c.Store.Waiting(ctx, cutoff, until) })
}

func (c *crashing) NoteIDs(ctx context.Context, n int) (int64, error) {
	return stepping(c, func() (int64, error) { return c.Store.NoteIDs(ctx, n) })
}

func (c *crashing) OpenSessions(ctx context.Context, q creditnotes.SessionQuery) (creditnotes.SessionCursor, error) {
	cursor, err := stepping(c, func() (creditnotes.SessionCursor, error) { return c.Store.OpenSessions(ctx, q) })
	if err != nil && cursor != nil {
		err = errors.Join(err, cursor.Close()) // as the end of a process would
	}
	return cursor, err
}

func (c *crashing) LineSums(ctx context.Context, runID int64) (map[int64]creditnotes.TaxSums, error) {
	return stepping(c, func() (map[int64]creditnotes.TaxSums, error) { return c.Store.LineSums(ctx, runID) })
}

func (c *crashing) OwnerResults(ctx context.Context, runID int64) ([]creditnotes.OwnerResult, error) {
	return stepping(c, func() ([]creditnotes.OwnerResult, error) { return c.Store.OwnerResults(ctx, runID) })
}

func (c *crashing) RunNotes(ctx context.Context, runID int64) ([]*creditnotes.Note, error) {
	return stepping(c, func() ([]*creditnotes.Note, error) { return c.Store.RunNotes(ctx, runID) })
}

func (c *crashing) AdvanceRun(ctx context.Context, run *creditnotes.Run, from, to creditnotes.Stage, who string) error {
	return c.step(func() error { return c.Store.AdvanceRun(ctx, run, from, to, who) })
}

// FailRun keeps nothing: a process that dies says nothing more.
func (c *crashing) FailRun(ctx context.Context, runID int64, faults fault.List) (*creditnotes.Failure, error) {
	if !c.once {
		return nil, errCrash
	}
	return c.Store.FailRun(ctx, runID, faults)
}

func (c *crashing) ReleaseLease(ctx context.Context, runID int64) error {
	return c.step(func() error { return c.Store.ReleaseLease(ctx, runID) })
}

func (c *crashing) FileInfos(ctx context.Context, noteID int64) ([]creditnotes.FileInfo, error) {
	return stepping(c, func() ([]creditnotes.FileInfo, error) { return c.Store.FileInfos(ctx, noteID) })
}

func (c *crashing) SaveFiles(ctx context.Context, noteID int64, files []creditnotes.File) error {
	return c.step(func() error { return c.Store.SaveFiles(ctx, noteID, files) })
}

func (c *crashing) WriteDraft(ctx context.Context, run *creditnotes.Run, fn func(creditnotes.DraftWriter) error) error {
	return c.step(func() error {
		return c.Store.WriteDraft(ctx, run, func(w creditnotes.DraftWriter) error { return fn(crashingDraft{w, c}) })
	})
}

func (c *crashing) WriteIssue(ctx context.Context, fn func(creditnotes.IssueWriter) error) error {
	return c.step(func() error {
		return c.Store.WriteIssue(ctx, func(w creditnotes.IssueWriter) error { return fn(crashingIssue{w, c}) })
	})
}

// crashingDraft dies inside the transaction of a shard.
type crashingDraft struct {
	creditnotes.DraftWriter
	c *crashing
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
	c *crashing
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

// monthEnd runs October and stores the documents, as far as it comes.
func monthEnd(ctx context.Context, r *creditnotes.Runner) error {
	run, err := r.Run(ctx, byAnna("2026-10"))
	if err != nil {
		return err
	}
	notes, err := r.Store.RunNotes(ctx, run.ID)
	for _, n := range notes {
		if n.State == creditnotes.Issued {
			err = errors.Join(err, r.Render(ctx, n.ID, paper{}))
		}
	}
	return err
}

// outcome is all that a month end leaves behind.
type outcome struct {
	Story                    string
	Hashes, Files            []string
	Events                   []string // what webhooks are told
	Runs, Deliveries, Lines  int
	Stage                    creditnotes.Stage
	Live, Counters, Problems int
}

func (w *world) outcome() (o outcome) {
	w.t.Helper()
	run, err := w.s.RunByName(w.t.Context(), "2026-10")
	if err != nil {
		w.t.Fatal(err)
	}
	report := w.report(run)
	o = outcome{
		Story: story(report), Stage: run.Stage, Runs: w.rows("runs"), Deliveries: w.rows("deliveries"), Lines: w.rows("lines"),
		Live: w.rows("lines WHERE live"), Counters: w.rows("number_counters"), Problems: len(w.problems()),
	}
	o.Events = w.told(1)
	for _, n := range report.Notes {
		o.Hashes = append(o.Hashes, n.Hash)
		files, err := w.s.Files(w.t.Context(), n.ID)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, f := range files {
			o.Files = append(o.Files, f.Name+" "+f.SHA256)
		}
	}
	return o
}

// wipe takes back a month end: what no user can do, and quicker than another
// database.
func (w *world) wipe() {
	w.t.Helper()
	tables := []string{"files", "delivery_recipients", "mail_pause", "deliveries", "carry_uses", "credit_note_owners", "positions", "note_taxes", "lines", "price_paths",
		"credit_notes", "run_holds", "run_owners", "runs", "number_counters", "river_job", "webhook_deliveries"}
	for _, table := range tables {
		if _, err := w.sql("DELETE FROM " + table); err != nil {
			w.t.Fatal(err)
		}
	}
	if _, err := w.sql("DELETE FROM audit"); err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.sql("UPDATE audit_head SET id = 0, hash = ''"); err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.sql("DELETE FROM id_counters WHERE name IN ('runs', 'credit_notes', 'deliveries')"); err != nil {
		w.t.Fatal(err)
	}
}

func TestCrashedMonthEndIsResumed(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.unlock()
		w.set("create_zero_notes", "true")
		w.hooked()
		w.charged(append(workedExample(), charge("S-7", "NOWHERE", "2026-10-05 10:00", "4"))...)
		now, first := w.now, &crashing{Store: w.s}
		if err := monthEnd(t.Context(), w.crashRunner(first)); err != nil {
			t.Fatal(err)
		}
		want := w.outcome()
		if want.Problems != 0 || want.Stage != creditnotes.StageCompleted || len(want.Hashes) != 2 || len(want.Events) != 4 || first.calls < 25 {
			t.Fatalf("%d calls, %+v", first.calls, want)
		}
		other := storetest.Open(t, w.url, w.clock)
		for at := 1; at <= first.calls; at++ {
			for _, after := range []bool{false, true} {
				w.wipe()
				dying := &crashing{Store: w.s, at: at, after: after}
				if err := monthEnd(t.Context(), w.crashRunner(dying)); !errors.Is(err, errCrash) {
					t.Fatalf("call %d: survived: %v", at, err)
				}
				// Another process takes over when the lease has run out.
				w.now = now.Add(3 * time.Minute)
				if run, err := w.s.RunByName(t.Context(), "2026-10"); err != nil || !run.Stage.Done() {
					if err := monthEnd(t.Context(), w.crashRunner(other)); err != nil {
						t.Fatalf("call %d, after %t: %v", at, after, err)
					}
				}
				if diff := gocmp.Diff(want, w.outcome()); diff != "" {
					t.Errorf("call %d, after %t:\n%s", at, after, diff)
				}
				w.now = now
			}
		}
		t.Log(fmt.Sprint(first.calls, " calls"))
	})
}

// crashRunner is a process that does one thing after the other, always at the
// same time.
func (w *world) crashRunner(s creditnotes.Store) *creditnotes.Runner {
	r, now := w.newRunner(s), time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)
	r.Workers, r.Now = 1, func() time.Time { return now }
	return r
}
