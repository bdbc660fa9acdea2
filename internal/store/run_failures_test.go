package store_test

import (
	"context"
	"errors"
	"iter"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/store"
	"creditrun/internal/store/storetest"
)

// failure is what another process reads of a run.
func (w *world) failure(run string) *creditnotes.Failure {
	w.t.Helper()
	stored, err := storetest.Open(w.t, w.url, w.clock).RunByName(w.t.Context(), run)
	if err != nil {
		w.t.Fatal(err)
	}
	return stored.Failure
}

func TestWhyARunFailedIsKeptUntilItGoesOn(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(workedExample()...)
		healthy := w.runner
		w.runner = w.newRunner(breaking{w.s})
		_, err := w.try("2026-10")
		var logged *creditnotes.LoggedError
		if !errors.As(err, &logged) || !strings.Contains(err.Error(), "the disk is full") {
			t.Fatal(err)
		}
		f := w.failure("2026-10")
		if f == nil || f.Reference == "" || f.Reference != logged.Reference || len(f.Faults) != 0 || !f.At.Equal(w.now) {
			t.Fatalf("%+v, logged as %s", f, logged.Reference)
		}
		w.runner = healthy
		if report := w.month("2026-10"); report.Failure != nil {
			t.Errorf("%+v", report.Failure)
		}
		if f := w.failure("2026-10"); f != nil {
			t.Errorf("%+v", f)
		}
	})
}

func TestAPanicIsAFailureOfTheRun(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(workedExample()...)
		w.runner = w.newRunner(panicking{w.s})
		if _, err := w.try("2026-10"); err == nil {
			t.Fatal("it went well")
		}
		if f := w.failure("2026-10"); f == nil || f.Reference == "" {
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
	inEach(t, func(t *testing.T, w *world) {
		w.set("require_agreement", "true")
		w.charged(workedExample()...)
		w.now = evening("2026-11-10")
		// It stops when it is drafted, and goes on the next day.
		healthy := w.runner
		w.runner = w.newRunner(breakingRelease{w.s})
		if _, err := w.try("2026-10"); err == nil {
			t.Fatal("it went well")
		}
		w.now, w.runner = evening("2026-11-11"), healthy
		_, err := w.try("2026-10")
		says(t, err, "run_release_agreement")
		f := w.failure("2026-10")
		if f == nil || f.Reference != "" || len(f.Faults) != 1 {
			t.Fatalf("%+v", f)
		}
		same(t, f.Faults[0].Error(), "run_release_agreement date=2026-11-11 recipient=a run=2026-10")
		if err := w.runner.Discard(t.Context(), "2026-10", "anna"); err != nil {
			t.Fatal(err)
		}
		if f := w.failure("2026-10"); f != nil {
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

func TestAScheduledRunThatFailsIsToldOnce(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		hook := w.hooked(store.RunFailed)
		w.charged(workedExample()...)
		w.now = evening("2026-10-31").Add(4 * time.Hour)
		healthy := w.runner
		w.runner = w.newRunner(breaking{w.s})
		for range 3 {
			if _, err := w.runner.RunDue(t.Context(), "schedule"); err == nil {
				t.Fatal("it went well")
			}
			w.now = w.now.Add(5 * time.Minute)
		}
		if f := w.failure("2026-10"); f == nil || !f.At.Equal(w.now.Add(-5*time.Minute)) {
			t.Errorf("%+v", f)
		}
		told := w.told(hook.ID)
		if len(told) != 1 || !strings.Contains(told[0], `"run":"2026-10","month":"2026-10","stage":"released","notes":1`) ||
			!strings.Contains(told[0], `"failure":{"at":"2026-10-31T23:00:00Z","reasons":[],"reference":"`) {
			t.Errorf("%q", told)
		}
		w.runner = healthy
		if done, err := w.runner.RunDue(t.Context(), "schedule"); err != nil || len(done) != 1 {
			t.Errorf("%v, %v", done, err)
		}
		if f := w.failure("2026-10"); f != nil {
			t.Errorf("%+v", f)
		}
	})
}

func TestAScheduledRunThatCannotBeginIsKeptWithItsMonth(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		hook := w.hooked(store.RunFailed)
		w.charged(workedExample()...)
		w.set("number_range", "")
		w.now = evening("2026-10-31").Add(4 * time.Hour)
		for range 2 {
			if _, err := w.runner.RunDue(t.Context(), "schedule"); err == nil {
				t.Fatal("it went well")
			}
		}
		list, err := w.runner.DueFailures(t.Context())
		if err != nil || len(list) != 1 || list[0].Month != "2026-10" || len(list[0].Faults) != 1 || list[0].Faults[0].Key != "range_missing" {
			t.Fatalf("%+v, %v", list, err)
		}
		want := `run.failed {"run":"","month":"2026-10","stage":"","notes":0,"totals":[],` +
			`"failure":{"at":"2026-10-31T23:00:00Z","reasons":[{"reason":"range_missing","args":{"range":"","type":"credit_note"}}]}}`
		if told := w.told(hook.ID); len(told) != 1 || told[0] != want {
			t.Errorf("%q\nwant %q", told, want)
		}
		w.set("number_range", "gs")
		if done, err := w.runner.RunDue(t.Context(), "schedule"); err != nil || len(done) != 1 {
			t.Errorf("%v, %v", done, err)
		}
		if n := w.rows("month_failures"); n != 0 {
			t.Errorf("%d months still fail", n)
		}
	})
}

func TestWhyNoDocumentIsMadeIsKeptUntilAllAreThere(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(workedExample()...)
		run, err := w.runner.Run(t.Context(), byAnna("2026-10"))
		if err != nil {
			t.Fatal(err)
		}
		notes, err := w.s.RunNotes(t.Context(), run.ID)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.runner.Render(t.Context(), notes[0].ID, noPaper{}); err == nil {
			t.Fatal("it went well")
		}
		if f := w.failure("2026-10"); f == nil || f.Reference == "" {
			t.Errorf("%+v", f)
		}
		w.render(run)
		if f := w.failure("2026-10"); f != nil {
			t.Errorf("%+v", f)
		}
		// A run that is done is not failed by what comes after.
		c, err := w.tryCancel("GS-2026-00001")
		if err != nil {
			t.Fatal(err)
		}
		if err := w.runner.Render(t.Context(), c.ID, noPaper{}); err == nil {
			t.Fatal("it went well")
		}
		if f := w.failure("2026-10"); f != nil {
			t.Errorf("%+v", f)
		}
	})
}

// noPaper makes no document.
type noPaper struct{}

func (noPaper) Files(*creditnotes.Note, iter.Seq2[creditnotes.Detail, error]) ([]creditnotes.File, error) {
	return nil, errors.New("out of paper")
}

func TestAProcessThatIsStoppedIsNoFailure(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(workedExample()...)
		ctx, stop := context.WithCancel(t.Context())
		w.runner = w.newRunner(stopping{w.s, stop})
		if _, err := w.runner.Run(ctx, byAnna("2026-10")); err == nil {
			t.Fatal("it went well")
		}
		if f := w.failure("2026-10"); f != nil {
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
