package creditnotestest

import (
	"context"
	"errors"
	"fmt"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
)

// MonthEnd runs October and stores the documents, as far as it comes.
func MonthEnd(ctx context.Context, r *creditnotes.Runner) error {
	run, err := r.Run(ctx, ByAnna("2026-10"))
	if err != nil {
		return err
	}
	notes, err := r.Store.RunNotes(ctx, run.ID)
	for _, n := range notes {
		if n.State == creditnotes.Issued {
			err = errors.Join(err, r.Render(ctx, n.ID, Paper{}))
		}
	}
	return err
}

// CrashRunner is a process that does one thing after the other, always at the
// same time.
func (w *World) CrashRunner(s creditnotes.Store) *creditnotes.Runner {
	r, now := w.NewRunner(s), time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)
	r.Workers, r.Now = 1, func() time.Time { return now }
	return r
}

// Outcome is all that a month end leaves behind.
type Outcome struct {
	Story         string
	Hashes, Files []string
	Stage         creditnotes.Stage
	Problems      []string
	Counts        map[string]int // by table
}

// Outcome is what the month end of October left behind.
func (w *World) Outcome() Outcome {
	w.T.Helper()
	run := w.Run("2026-10")
	report := w.Report(run)
	o := Outcome{Story: Story(report), Stage: run.Stage, Problems: w.Problems(), Counts: map[string]int{}}
	for _, table := range Tables {
		if table != "audit entries" { // a run that was taken up has more of them
			o.Counts[table] = w.Count(table)
		}
	}
	for _, n := range report.Notes {
		o.Hashes = append(o.Hashes, n.Hash)
		files, err := w.Store.StoredFiles(w.T.Context(), n.ID)
		w.must(err)
		for _, f := range files {
			o.Files = append(o.Files, f.Name+" "+f.SHA256)
		}
	}
	return o
}

// CrashedMonthEndIsResumed lets a process die before and after each of its calls
// of the store; another one takes the month end up and comes to the same. mark
// returns a function that takes back what comes after mark, and more returns
// what else a month end leaves behind. Where a month takes its time, both is
// false and the process dies before one call and after the next.
func CrashedMonthEndIsResumed(w *World, both bool, mark func() (back func()), more func() []string) {
	t := w.T
	w.Set("create_zero_notes", "true")
	w.Charged(append(WorkedExample(), Charge("S-7", "NOWHERE", "2026-10-05 10:00", "4"))...)
	wipe := mark()
	type everything struct {
		Outcome Outcome
		More    []string
	}
	now, first := w.Now, &Crashing{Store: w.Store}
	w.must(MonthEnd(t.Context(), w.CrashRunner(first)))
	want := everything{w.Outcome(), more()}
	if o := want.Outcome; len(o.Problems) != 0 || o.Stage != creditnotes.StageCompleted || len(o.Hashes) != 2 || first.Calls < 25 {
		t.Fatalf("%d calls, %+v", first.Calls, want)
	}
	other := w.Another()
	for at := 1; at <= first.Calls; at++ {
		for _, after := range []bool{false, true} {
			if !both && after != (at%2 == 0) {
				continue
			}
			wipe()
			dying := &Crashing{Store: w.Store, At: at, After: after}
			if err := MonthEnd(t.Context(), w.CrashRunner(dying)); !errors.Is(err, ErrCrash) {
				t.Fatalf("call %d: survived: %v", at, err)
			}
			// Another process takes over when the lease has run out.
			w.Now = now.Add(3 * time.Minute)
			if run, err := w.Store.RunByName(t.Context(), "2026-10"); err != nil || !run.Stage.Done() {
				if err := MonthEnd(t.Context(), w.CrashRunner(other)); err != nil {
					t.Fatalf("call %d, after %t: %v", at, after, err)
				}
			}
			if diff := gocmp.Diff(want, everything{w.Outcome(), more()}); diff != "" {
				t.Errorf("call %d, after %t:\n%s", at, after, diff)
			}
			w.Now = now
		}
	}
	t.Log(fmt.Sprint(first.Calls, " calls"))
}
