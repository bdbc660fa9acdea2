package creditnotestest

import (
	"errors"
	"sync"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

func runBelongsToOneAtATime(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Charged(WorkedExample()...)
		other := w.Elsewhere()
		w.Runner = w.PausedRunner(func() {
			_, err := other.Run(t.Context(), ByAnna("2026-10"))
			Says(t, err, "run_taken_by")
		})
		w.Month("2026-10")
		w.HasNumbers("GS-2026-00001")
		if n := w.Count("runs"); n != 1 {
			t.Errorf("%d runs", n)
		}
	})
}

func processesThatStartAtOnceMakeOneRun(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Charged(WorkedExample()...)
		runners := []*creditnotes.Runner{w.Elsewhere(), w.Elsewhere(), w.Elsewhere(), w.Elsewhere()}
		var all sync.WaitGroup
		start := make(chan struct{})
		for _, r := range runners {
			all.Go(func() {
				<-start
				if _, err := r.Run(t.Context(), ByAnna("2026-10")); err != nil && !fault.Is(err, fault.Conflict) {
					t.Error(err)
				}
			})
		}
		close(start)
		all.Wait()
		if n := w.Count("runs"); n != 1 {
			t.Errorf("%d runs", n)
		}
		w.HasNumbers("GS-2026-00001")
	})
}

func runOfTheDeadIsTakenOver(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Charged(WorkedExample()...)
		dead := w.NewRunner(&Crashing{Store: w.Store, At: 8})
		if _, err := dead.Run(t.Context(), ByAnna("2026-10")); !errors.Is(err, ErrCrash) {
			t.Fatal(err)
		}
		w.Runner = w.Elsewhere()
		_, err := w.Try("2026-10")
		Says(t, err, "run_taken_by")
		w.Now = w.Now.Add(2*time.Minute + time.Second)
		w.Set("community_discount_percent", "50") // not for a run that has begun
		if report := w.Month("2026-10"); report.Name != "2026-10" || report.Notes[0].Net != 1684 {
			t.Error(Story(report))
		}
		w.HasNumbers("GS-2026-00001")
	})
}

func whoLostItsRunWritesNothingMore(t *testing.T, open Open) {
	for name, one := range map[string]struct {
		dies  int // the call at which the other process dies; 0: it finishes
		fault string
	}{"to one that works on it": {5, "run_lease_lost"}, "to one that finished it": {0, "run_stage_changed"}} {
		t.Run(name, func(t *testing.T) {
			tell(t, open, func(t *testing.T, w *World) {
				w.Charged(WorkedExample()...)
				other := w.NewRunner(&Crashing{Store: w.Another(), At: one.dies})
				slow := w.PausedRunner(func() {
					w.Now = w.Now.Add(3 * time.Minute)
					if _, err := other.Run(t.Context(), ByAnna("2026-10")); (err != nil) != (one.dies > 0) {
						t.Error(err)
					}
				})
				_, err := slow.Run(t.Context(), ByAnna("2026-10"))
				Says(t, err, one.fault)
				w.Now = w.Now.Add(3 * time.Minute)
				w.Month("2026-10")
				w.HasNumbers("GS-2026-00001")
			})
		})
	}
}

func runThatIsDiscardedWhileItIsDraftedKeepsNothing(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Charged(WorkedExample()...)
		other := w.Elsewhere()
		slow := w.PausedRunner(func() {
			if err := other.Discard(t.Context(), "2026-10", "berta"); err != nil {
				t.Error(err)
			}
		})
		_, err := slow.Run(t.Context(), ByAnna("2026-10"))
		Says(t, err, "run_stage_changed")
		if n := w.Count("lines"); n != 0 {
			t.Errorf("%d sessions are settled by a discarded run", n)
		}
		if report := w.Month("2026-10"); report.Total.Credited.Sessions != 5 {
			t.Error(Story(report))
		}
		w.Proven()
	})
}

// Activated turns the feature on at the beginning of November.
func (w *World) Activated() {
	w.T.Helper()
	w.Now = Evening("2026-11-02")
	w.Set("active", "false")
	w.Set("active", "true")
}

func dueMonthsAreRunOnce(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Activated()
		w.Charged(WorkedExample()...)
		w.Now = time.Date(2026, 11, 30, 22, 29, 59, 0, time.UTC)
		if done, err := w.Runner.RunDue(t.Context(), "scheduler"); err != nil || len(done) != 0 {
			t.Errorf("before its time: %d runs, %v", len(done), err)
		}
		w.Now = w.Now.Add(time.Second)
		processes := []*creditnotes.Runner{w.Elsewhere(), w.Elsewhere(), w.Elsewhere()}
		var all sync.WaitGroup
		for _, r := range processes {
			all.Go(func() {
				if _, err := r.RunDue(t.Context(), "scheduler"); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		runs, err := w.Store.Runs(t.Context())
		if err != nil || len(runs) != 1 || runs[0].Month != "2026-11" || runs[0].Trigger != creditnotes.Schedule {
			t.Fatalf("%+v, %v", runs, err)
		}
		w.Render(&runs[0])
		if done, err := w.Runner.RunDue(t.Context(), "scheduler"); err != nil || len(done) != 0 {
			t.Errorf("once more: %d runs, %v", len(done), err)
		}
		w.HasNumbers("GS-2026-00001")
	})
}
