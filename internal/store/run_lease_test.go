package store_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/store/storetest"
)

// process is another process on the same database.
func (w *world) process() *creditnotes.Runner {
	w.t.Helper()
	return w.newRunner(storetest.Open(w.t, w.url, w.clock))
}

// paused lets something happen before the first shard is written.
type paused struct {
	creditnotes.Store
	meanwhile func()
}

func (s paused) WriteDraft(ctx context.Context, run *creditnotes.Run, fn func(creditnotes.DraftWriter) error) error {
	s.meanwhile()
	return s.Store.WriteDraft(ctx, run, fn)
}

func (w *world) pausedRunner(meanwhile func()) *creditnotes.Runner {
	r := w.newRunner(paused{w.s, sync.OnceFunc(meanwhile)})
	r.Workers = 1
	return r
}

func TestRunBelongsToOneProcessAtATime(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(workedExample()...)
		other := w.process()
		w.runner = w.pausedRunner(func() {
			_, err := other.Run(t.Context(), byAnna("2026-10"))
			says(t, err, "run_taken_by")
		})
		w.month("2026-10")
		w.hasNumbers("GS-2026-00001")
		if n := w.rows("runs"); n != 1 {
			t.Errorf("%d runs", n)
		}
	})
}

func TestMonthsAreDraftedOneAfterTheOther(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.now = time.Date(2026, 12, 1, 11, 0, 0, 0, time.UTC)
		w.charged(workedExample()...) // open for both months
		other := w.process()
		w.runner = w.pausedRunner(func() {
			_, err := other.Run(t.Context(), byAnna("2026-11"))
			says(t, err, "run_taken_by")
		})
		w.month("2026-10")
		w.runner = other
		w.tells("2026-11", `
			held S-6 a invalid
			received 1: credited 0 held 1 zero 0 excluded 0`)
		w.hasNumbers("GS-2026-00001")
	})
}

func TestMonthOfADeadProcessDoesNotStandInTheWay(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.now = time.Date(2026, 12, 1, 11, 0, 0, 0, time.UTC)
		w.charged(workedExample()...)
		dead := w.newRunner(&crashing{Store: w.s, at: 9})
		if _, err := dead.Run(t.Context(), byAnna("2026-10")); !errors.Is(err, errCrash) {
			t.Fatal(err)
		}
		w.runner = w.process()
		w.now = w.now.Add(3 * time.Minute)
		w.month("2026-11")
		w.month("2026-10")
		w.hasNumbers("GS-2026-00001")
	})
}

func TestProcessesThatStartAtOnceMakeOneRun(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(workedExample()...)
		runners := []*creditnotes.Runner{w.process(), w.process(), w.process(), w.process()}
		var all sync.WaitGroup
		start := make(chan struct{})
		for _, r := range runners {
			all.Go(func() {
				<-start
				if _, err := r.Run(t.Context(), byAnna("2026-10")); err != nil && !fault.Is(err, fault.Conflict) {
					t.Error(err)
				}
			})
		}
		close(start)
		all.Wait()
		if n := w.rows("runs"); n != 1 {
			t.Errorf("%d runs", n)
		}
		w.hasNumbers("GS-2026-00001")
	})
}

func TestRunOfADeadProcessIsTakenOver(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(workedExample()...)
		dead := w.newRunner(&crashing{Store: w.s, at: 8})
		if _, err := dead.Run(t.Context(), byAnna("2026-10")); !errors.Is(err, errCrash) {
			t.Fatal(err)
		}
		w.runner = w.process()
		_, err := w.try("2026-10")
		says(t, err, "run_taken_by")
		w.now = w.now.Add(2*time.Minute + time.Second)
		w.set("community_discount_percent", "50") // not for a run that has begun
		if report := w.month("2026-10"); report.Name != "2026-10" || report.Notes[0].Net != 1684 {
			t.Error(story(report))
		}
		w.hasNumbers("GS-2026-00001")
	})
}

func TestProcessThatLostItsRunWritesNothingMore(t *testing.T) {
	for name, one := range map[string]struct {
		dies  int // the call at which the other process dies; 0: it finishes
		fault string
	}{"to one that works on it": {5, "run_lease_lost"}, "to one that finished it": {0, "run_stage_changed"}} {
		t.Run(name, func(t *testing.T) {
			inEach(t, func(t *testing.T, w *world) {
				w.charged(workedExample()...)
				other := w.newRunner(&crashing{Store: storetest.Open(t, w.url, w.clock), at: one.dies})
				slow := w.pausedRunner(func() {
					w.now = w.now.Add(3 * time.Minute)
					if _, err := other.Run(t.Context(), byAnna("2026-10")); (err != nil) != (one.dies > 0) {
						t.Error(err)
					}
				})
				_, err := slow.Run(t.Context(), byAnna("2026-10"))
				says(t, err, one.fault)
				w.now = w.now.Add(3 * time.Minute)
				w.month("2026-10")
				w.hasNumbers("GS-2026-00001")
			})
		})
	}
}

func TestRunThatIsDiscardedWhileItIsDraftedKeepsNothing(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(workedExample()...)
		other := w.process()
		slow := w.pausedRunner(func() {
			if err := other.Discard(t.Context(), "2026-10", "berta"); err != nil {
				t.Error(err)
			}
		})
		_, err := slow.Run(t.Context(), byAnna("2026-10"))
		says(t, err, "run_stage_changed")
		if n := w.rows("lines"); n != 0 {
			t.Errorf("%d sessions are settled by a discarded run", n)
		}
		if report := w.month("2026-10"); report.Total.Credited.Sessions != 5 {
			t.Error(story(report))
		}
		w.proven()
	})
}

// pausedShard lets something happen when a shard is written and not committed.
type pausedShard struct {
	creditnotes.Store
	meanwhile func()
}

func (s pausedShard) WriteDraft(ctx context.Context, run *creditnotes.Run, fn func(creditnotes.DraftWriter) error) error {
	return s.Store.WriteDraft(ctx, run, func(w creditnotes.DraftWriter) error {
		err := fn(w)
		s.meanwhile()
		return err
	})
}

func TestShardIsNotCommittedIntoADiscardedRun(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		if w.s.IsSQLite() {
			return // whoever writes is alone
		}
		w.charged(workedExample()...)
		other := w.process()
		slow := w.newRunner(pausedShard{w.s, sync.OnceFunc(func() {
			if err := other.Discard(t.Context(), "2026-10", "berta"); err != nil {
				t.Error(err)
			}
		})})
		slow.Workers = 1
		_, err := slow.Run(t.Context(), byAnna("2026-10"))
		says(t, err, "run_stage_changed")
		if n := w.rows("lines"); n != 0 {
			t.Errorf("%d sessions are settled by a discarded run", n)
		}
	})
}

// activated turns the feature on at the beginning of November.
func (w *world) activated() {
	w.t.Helper()
	w.now = evening("2026-11-02")
	w.set("active", "false")
	w.set("active", "true")
}

func TestDueMonthsAreRunOnce(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.activated()
		w.charged(workedExample()...)
		w.now = time.Date(2026, 11, 30, 22, 29, 59, 0, time.UTC)
		if done, err := w.runner.RunDue(t.Context(), "scheduler"); err != nil || len(done) != 0 {
			t.Errorf("before its time: %d runs, %v", len(done), err)
		}
		w.now = w.now.Add(time.Second)
		processes := []*creditnotes.Runner{w.process(), w.process(), w.process()}
		var all sync.WaitGroup
		for _, r := range processes {
			all.Go(func() {
				if _, err := r.RunDue(t.Context(), "scheduler"); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		runs, err := w.s.Runs(t.Context())
		if err != nil || len(runs) != 1 || runs[0].Month != "2026-11" || runs[0].Trigger != creditnotes.Schedule {
			t.Fatalf("%+v, %v", runs, err)
		}
		w.render(&runs[0])
		if done, err := w.runner.RunDue(t.Context(), "scheduler"); err != nil || len(done) != 0 {
			t.Errorf("once more: %d runs, %v", len(done), err)
		}
		w.hasNumbers("GS-2026-00001")
	})
}

func TestDueMonthThatAnotherProcessWorksOnIsLeftToIt(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.activated()
		w.now = time.Date(2026, 12, 1, 11, 0, 0, 0, time.UTC)
		w.charged(workedExample()...)
		other := w.process()
		w.runner = w.pausedRunner(func() {
			if done, err := other.RunDue(t.Context(), "scheduler"); err != nil || len(done) != 0 {
				t.Errorf("%d done, %v", len(done), err)
			}
		})
		if done, err := w.runner.RunDue(t.Context(), "scheduler"); err != nil || len(done) != 1 {
			t.Errorf("%d done, %v", len(done), err)
		}
		w.hasNumbers("GS-2026-00001")
	})
}

func TestMissedMonthsAreCaughtUp(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.activated()
		w.now = time.Date(2027, 2, 10, 11, 0, 0, 0, time.UTC)
		w.charged(workedExample()...)
		done, err := w.runner.RunDue(t.Context(), "scheduler")
		if err != nil {
			t.Fatal(err)
		}
		var months []entities.Month
		for _, run := range done {
			months = append(months, run.Month)
			w.render(run)
		}
		if want := []entities.Month{"2026-11", "2026-12", "2027-01"}; !slices.Equal(months, want) {
			t.Errorf("%v", months)
		}
		w.hasNumbers("GS-2026-00001")
	})
}

func TestDueMonthThatFailsDoesNotStopTheOthers(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.activated()
		w.now = time.Date(2027, 1, 10, 11, 0, 0, 0, time.UTC)
		w.charged(workedExample()...)
		broken := w.newRunner(&crashing{Store: w.s, at: 5, once: true})
		done, err := broken.RunDue(t.Context(), "scheduler")
		if !errors.Is(err, errCrash) || len(done) != 1 || done[0].Month != "2026-12" {
			t.Errorf("%d done, %v", len(done), err)
		}
	})
}
