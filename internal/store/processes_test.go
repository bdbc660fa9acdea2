package store_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"creditrun/creditnotes/creditnotestest"
	"creditrun/internal/fault"
	"creditrun/internal/store"
	"creditrun/internal/store/storetest"
)

// rendered remembers which notes were rendered.
type rendered struct {
	mu    sync.Mutex
	notes map[int64]int
}

func (r *rendered) render(_ context.Context, id int64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.notes == nil {
		r.notes = map[int64]int{}
	}
	r.notes[id]++
	return nil
}

func (r *rendered) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.notes)
}

func (r *rendered) until(t *testing.T, n int) {
	t.Helper()
	for range 1000 {
		if r.count() == n {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("%d of %d notes were rendered", r.count(), n)
}

// issued runs October without rendering anything.
func (w *world) issued() {
	w.T.Helper()
	w.Charged(append(workedExample(), charge("S-9", "ST-9", "2026-10-05 10:00", "4"))...)
	if _, err := w.Runner.Run(w.T.Context(), byAnna("2026-10")); err != nil {
		w.T.Fatal(err)
	}
}

// taken makes the jobs look as if a process works on them.
func (w *world) taken(by string) {
	w.T.Helper()
	list := "ARRAY['" + by + "']"
	if w.s.IsSQLite() {
		list = `jsonb('["` + by + `"]')`
	}
	if _, err := w.sql("UPDATE river_job SET state = 'running', attempt = 1, attempted_at = created_at, attempted_by = " + list); err != nil {
		w.T.Fatal(err)
	}
}

func TestJobsOfAProcessThatIsGoneAreTakenUpWithinSeconds(t *testing.T) {
	for name, gone := range map[string]func(w *world, id string){
		"it left":             func(*world, string) {},
		"it was killed":       func(w *world, id string) { w.known(id, "1", w.Now) },
		"it was not heard of": func(w *world, id string) { w.known(id, "", w.Now.Add(-3*time.Minute)) },
	} {
		t.Run(name, func(t *testing.T) {
			inEach(t, func(t *testing.T, w *world) {
				w.issued()
				w.s.RescueEvery(20 * time.Millisecond)
				var work rendered
				stop, err := w.s.StartWork(t.Context(), store.Work{Notify: func(context.Context, int64) error { return nil }})
				if err != nil {
					t.Fatal(err)
				}
				defer stop()
				id := strings.Repeat("A", len(w.s.Process()))
				gone(w, id)
				w.taken(id)
				other := storetest.Open(t, w.url, w.Clock)
				stopOther, err := other.StartWork(t.Context(), store.Work{Render: work.render, RenderWorkers: 1})
				if err != nil {
					t.Fatal(err)
				}
				defer stopOther()
				work.until(t, 2)
			})
		})
	}
}

// known enters a process: one of this machine that began at another time than
// the process with its id, so that it is gone; or, without a start, one elsewhere.
func (w *world) known(id, started string, seen time.Time) {
	w.T.Helper()
	if _, err := w.s.Runs(w.T.Context()); err != nil {
		w.T.Fatal(err)
	}
	_, err := w.sql(`INSERT INTO processes (id, command, host, boot, space, pid, started, application, began_at, seen_at)
		SELECT $1, command, host, boot, space, pid, $2, application, began_at, $3 FROM processes LIMIT 1`, id, started, seen.UTC())
	if err != nil {
		w.T.Fatal(err)
	}
}

func TestJobsOfAProcessThatLivesAreLeftToIt(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.issued()
		id := strings.Repeat("A", len(w.s.Process()))
		w.known(id, "", w.Now) // elsewhere, and heard of just now
		w.taken(id)
		w.s.RescueEvery(10 * time.Millisecond)
		stop, err := w.s.StartWork(t.Context(), store.Work{Notify: func(context.Context, int64) error { return nil }})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(60 * time.Millisecond)
		stop()
		if n := w.rows("river_job WHERE state = 'running'"); n != 2 {
			t.Errorf("%d of 2 jobs are left", n)
		}
	})
}

// The database was away when jobs ended: it says that this process works on them,
// and it does not.
func TestJobsThatThisProcessDoesNotWorkOnAreTakenUp(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.issued()
		w.s.RescueEvery(20 * time.Millisecond)
		var work rendered
		stop, err := w.s.StartWork(t.Context(), store.Work{Render: work.render, RenderWorkers: 2})
		if err != nil {
			t.Fatal(err)
		}
		defer stop()
		work.until(t, 2)
		for range 1000 { // the queue knows that they are done
			if w.rows("river_job WHERE kind = 'render_note' AND state = 'completed'") == 2 {
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
		work.mu.Lock()
		work.notes = nil
		work.mu.Unlock()
		if _, err := w.sql("UPDATE river_job SET finalized_at = NULL, state = 'running' WHERE kind = 'render_note'"); err != nil {
			t.Fatal(err)
		}
		work.until(t, 2)
	})
}

func TestLeaseOfAProcessThatIsGoneIsFreeAtOnce(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		dead := w.NewRunner(&creditnotestest.Crashing{Store: w.s, At: 8})
		if _, err := dead.Run(t.Context(), byAnna("2026-10")); err == nil {
			t.Fatal("it survived")
		}
		w.Runner = w.Elsewhere()
		if _, err := w.sql("UPDATE processes SET started = '1'"); err != nil {
			t.Fatal(err)
		}
		if left, err := w.s.Abandoned(t.Context()); err != nil || len(left) != 1 || left[0].Name != "2026-10" {
			t.Errorf("abandoned are %v: %v", left, err)
		}
		w.Month("2026-10")
		w.HasNumbers("GS-2026-00001")
	})
}

func TestLeaseSurvivesAClockThatIsSetBack(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		right := w.Now
		w.Now = right.Add(5 * time.Hour)
		dead := w.NewRunner(&creditnotestest.Crashing{Store: w.s, At: 8})
		if _, err := dead.Run(t.Context(), byAnna("2026-10")); err == nil {
			t.Fatal("it survived")
		}
		w.Now = right
		w.Runner = w.Elsewhere()
		w.Month("2026-10") // not in five hours
		w.HasNumbers("GS-2026-00001")
	})
}

func TestSilentProcessIsNamedWithTheEndOfItsLease(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		hung := w.NewRunner(&creditnotestest.Crashing{Store: w.s, At: 8})
		if _, err := hung.Run(t.Context(), byAnna("2026-10")); err == nil {
			t.Fatal("it survived")
		}
		other := w.Elsewhere()
		begun := w.Now
		w.Now = begun.Add(time.Minute)
		run, err := other.Run(t.Context(), byAnna("2026-10"))
		says(t, err, "run_taken_by")
		if run.Holder == nil || !run.Holder.Silent || !run.Holder.Until.Equal(begun.Add(2*time.Minute)) || !strings.Contains(run.Holder.Who, "(pid ") {
			t.Errorf("held by %+v", run.Holder)
		}
	})
}

func TestWhatLeavesTheHouseIsOnDiskFirst(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite(t), storetest.Now)
	synchronous := func(in func(context.Context, func(*store.TestTx) error) error) (level int) {
		t.Helper()
		if err := in(t.Context(), func(tx *store.TestTx) error { return tx.ScanRow("PRAGMA synchronous", nil, &level) }); err != nil {
			t.Fatal(err)
		}
		return level
	}
	const normal, full = 1, 2
	for range 2 {
		if level := synchronous(s.Durably); level != full {
			t.Errorf("synchronous is %d where it must be on disk", level)
		}
		if level := synchronous(s.InTx); level != normal {
			t.Errorf("synchronous is %d for drafts and imports", level)
		}
	}
}

func TestSQLiteWriterThatHangsIsNamed(t *testing.T) {
	url := storetest.SQLite(t)
	s, other := storetest.Open(t, url, storetest.Now), storetest.Open(t, url, storetest.Now)
	other.BusyTries(1)
	err := s.InTx(t.Context(), func(*store.TestTx) error {
		err := other.InTx(t.Context(), func(*store.TestTx) error { return nil })
		faults := fault.Of(err)
		if len(faults) != 1 || faults[0].Key != "database_busy" || !strings.Contains(faults[0].Args["who"].(string), "(pid ") || faults[0].Args["since"] == "" {
			t.Errorf("it says %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestScheduleWaitsUntilAJumpOfTheClockIsConfirmed(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		paused := func() bool {
			t.Helper()
			jump, err := w.s.ClockPause(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return jump != nil
		}
		says(t, w.s.ConfirmClock(t.Context(), "anna"), "clock_not_paused")
		was := w.Now
		w.Now = was.Add(5 * time.Hour)
		jumped := func() {
			if err := w.s.ClockJumped(t.Context(), was, w.Now); err != nil {
				t.Fatal(err)
			}
		}
		jumped()
		if !paused() {
			t.Error("it does not pause")
		}
		w.Now = w.Now.Add(time.Hour)
		if paused() {
			t.Error("it pauses for longer than an hour")
		}
		jumped()
		if err := w.s.ConfirmClock(t.Context(), "anna"); err != nil || paused() {
			t.Errorf("it pauses after it was confirmed: %v", err)
		}
		jumped()
		w.Now = was
		if paused() {
			t.Error("it pauses until a time that the clock shows no more")
		}
	})
}

func TestJobsThatAreTooOldAreLate(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.issued()
		late := func() (n int) {
			t.Helper()
			ages, err := w.s.JobAges(t.Context())
			if err != nil || len(ages) != 4 || ages[0].Queue != "render" || ages[0].Jobs != 2 {
				t.Fatalf("%v, %v", ages, err)
			}
			for _, a := range ages {
				if a.Late() {
					n++
				}
			}
			return n
		}
		if n := late(); n != 0 {
			t.Errorf("%d queues are late", n)
		}
		if _, err := w.sql("UPDATE river_job SET created_at = '2020-01-01 00:00:00'"); err != nil {
			t.Fatal(err)
		}
		if n := late(); n != 1 {
			t.Errorf("%d queues are late", n)
		}
	})
}
