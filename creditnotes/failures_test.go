package creditnotes_test

import (
	"context"
	"errors"
	"iter"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/creditnotes/creditnotestest"
	"creditrun/entities"
)

func TestWhyARunFailedIsKeptUntilItGoesOn(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		healthy := w.Runner
		w.Runner = w.NewRunner(creditnotestest.Breaking{Store: w.s})
		_, err := w.Try("2026-10")
		var logged *creditnotes.LoggedError
		if !errors.As(err, &logged) || !strings.Contains(err.Error(), "the disk is full") {
			t.Fatal(err)
		}
		f := w.Failure("2026-10")
		if f == nil || f.Reference == "" || f.Reference != logged.Reference || len(f.Faults) != 0 || !f.At.Equal(w.Now) {
			t.Fatalf("%+v, logged as %s", f, logged.Reference)
		}
		w.Runner = healthy
		if report := w.Month("2026-10"); report.Failure != nil {
			t.Errorf("%+v", report.Failure)
		}
		if f := w.Failure("2026-10"); f != nil {
			t.Errorf("%+v", f)
		}
	})
}

func TestAPanicIsAFailureOfTheRun(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		w.Runner = w.NewRunner(panicking{w.s})
		if _, err := w.Try("2026-10"); err == nil {
			t.Fatal("it went well")
		}
		if f := w.Failure("2026-10"); f == nil || f.Reference == "" {
			t.Errorf("%+v", f)
		}
	})
}

// panicking breaks in the middle of an issue.
type panicking struct{ creditnotes.Store }

func (panicking) WriteIssue(context.Context, func(creditnotes.IssueWriter) error) error {
	panic("out of range")
}

func TestAFaultIsKeptInItsParticulars(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Set("require_agreement", "true")
		w.Charged(workedExample()...)
		w.Now = evening("2026-11-10")
		// It stops when it is drafted, and goes on the next day.
		healthy := w.Runner
		w.Runner = w.NewRunner(breakingRelease{w.s})
		if _, err := w.Try("2026-10"); err == nil {
			t.Fatal("it went well")
		}
		w.Now, w.Runner = evening("2026-11-11"), healthy
		_, err := w.Try("2026-10")
		says(t, err, "run_release_agreement")
		f := w.Failure("2026-10")
		if f == nil || f.Reference != "" || len(f.Faults) != 1 {
			t.Fatalf("%+v", f)
		}
		same(t, f.Faults[0].Error(), "run_release_agreement date=2026-11-11 recipient=a run=2026-10")
		if err := w.Runner.Discard(t.Context(), "2026-10", "anna"); err != nil {
			t.Fatal(err)
		}
		if f := w.Failure("2026-10"); f != nil {
			t.Errorf("a discarded run keeps %+v", f)
		}
	}, func(c *creditnotes.Configuration) {
		entityIn(c, "a").Agreement = entities.Agreement{ValidFrom: "2026-01-01", ValidUntil: "2026-11-10"}
	})
}

// breakingRelease cannot release a run.
type breakingRelease struct{ creditnotes.Store }

func (s breakingRelease) AdvanceRun(ctx context.Context, run *creditnotes.Run, from, to creditnotes.Stage, who string) error {
	if to == creditnotes.StageReleased {
		return errors.New("the disk is full")
	}
	return s.Store.AdvanceRun(ctx, run, from, to, who)
}

func TestWhyNoDocumentIsMadeIsKeptUntilAllAreThere(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		run, err := w.Runner.Run(t.Context(), byAnna("2026-10"))
		if err != nil {
			t.Fatal(err)
		}
		notes, err := w.s.RunNotes(t.Context(), run.ID)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Runner.Render(t.Context(), notes[0].ID, noPaper{}); err == nil {
			t.Fatal("it went well")
		}
		if f := w.Failure("2026-10"); f == nil || f.Reference == "" {
			t.Errorf("%+v", f)
		}
		w.Render(run)
		if f := w.Failure("2026-10"); f != nil {
			t.Errorf("%+v", f)
		}
		// A run that is done is not failed by what comes after.
		c, err := w.TryCancel("GS-2026-00001")
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Runner.Render(t.Context(), c.ID, noPaper{}); err == nil {
			t.Fatal("it went well")
		}
		if f := w.Failure("2026-10"); f != nil {
			t.Errorf("%+v", f)
		}
	})
}

// noPaper makes no document.
type noPaper struct{ creditnotestest.Paper }

func (noPaper) Files(*creditnotes.Note, iter.Seq2[creditnotes.Detail, error]) ([]creditnotes.File, error) {
	return nil, errors.New("out of paper")
}

func TestAProcessThatIsStoppedIsNoFailure(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		ctx, stop := context.WithCancel(t.Context())
		w.Runner = w.NewRunner(stopping{w.s, stop})
		if _, err := w.Runner.Run(ctx, byAnna("2026-10")); err == nil {
			t.Fatal("it went well")
		}
		if f := w.Failure("2026-10"); f != nil {
			t.Errorf("%+v", f)
		}
	})
}

// stopping is the store of a process that is told to stop while it issues.
type stopping struct {
	creditnotes.Store
	stop context.CancelFunc
}

func (s stopping) WriteIssue(ctx context.Context, fn func(creditnotes.IssueWriter) error) error {
	s.stop()
	return s.Store.WriteIssue(ctx, fn)
}

func TestAScheduledRunThatFailsIsTriedAgain(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		w.Now = evening("2026-10-31").Add(4 * time.Hour)
		healthy := w.Runner
		w.Runner = w.NewRunner(creditnotestest.Breaking{Store: w.s})
		for range 3 {
			if _, err := w.Runner.RunDue(t.Context(), "schedule"); err == nil {
				t.Fatal("it went well")
			}
			w.Now = w.Now.Add(5 * time.Minute)
		}
		if f := w.Failure("2026-10"); f == nil || !f.At.Equal(w.Now.Add(-5*time.Minute)) {
			t.Errorf("%+v", f)
		}
		w.Runner = healthy
		if done, err := w.Runner.RunDue(t.Context(), "schedule"); err != nil || len(done) != 1 {
			t.Errorf("%v, %v", done, err)
		}
		if f := w.Failure("2026-10"); f != nil {
			t.Errorf("%+v", f)
		}
	})
}

func TestAScheduledRunThatCannotBeginIsKeptWithItsMonth(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		w.Set("number_range", "")
		w.Now = evening("2026-10-31").Add(4 * time.Hour)
		for range 2 {
			if _, err := w.Runner.RunDue(t.Context(), "schedule"); err == nil {
				t.Fatal("it went well")
			}
		}
		list, err := w.Runner.DueFailures(t.Context())
		if err != nil || len(list) != 1 || list[0].Month != "2026-10" || len(list[0].Faults) != 1 || list[0].Faults[0].Key != "range_missing" {
			t.Fatalf("%+v, %v", list, err)
		}
		w.Set("number_range", "gs")
		if done, err := w.Runner.RunDue(t.Context(), "schedule"); err != nil || len(done) != 1 {
			t.Errorf("%v, %v", done, err)
		}
		if n := len(w.s.Look().MonthFailures); n != 0 {
			t.Errorf("%d months still fail", n)
		}
	})
}
