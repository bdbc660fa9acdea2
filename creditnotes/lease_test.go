package creditnotes_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"creditrun/creditnotes/creditnotestest"
	"creditrun/entities"
)

func TestMonthsAreDraftedOneAfterTheOther(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Now = time.Date(2026, 12, 1, 11, 0, 0, 0, time.UTC)
		w.Charged(workedExample()...) // open for both months
		other := w.Elsewhere()
		w.Runner = w.PausedRunner(func() {
			_, err := other.Run(t.Context(), byAnna("2026-11"))
			says(t, err, "run_taken_by")
		})
		w.Month("2026-10")
		w.Runner = other
		w.Tells("2026-11", `
			held S-6 a invalid
			received 1: credited 0 held 1 zero 0 excluded 0`)
		w.HasNumbers("GS-2026-00001")
	})
}

func TestMonthOfADeadProcessDoesNotStandInTheWay(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Now = time.Date(2026, 12, 1, 11, 0, 0, 0, time.UTC)
		w.Charged(workedExample()...)
		dead := w.NewRunner(&creditnotestest.Crashing{Store: w.s, At: 9})
		if _, err := dead.Run(t.Context(), byAnna("2026-10")); !errors.Is(err, creditnotestest.ErrCrash) {
			t.Fatal(err)
		}
		w.Runner = w.Elsewhere()
		w.Now = w.Now.Add(3 * time.Minute)
		w.Month("2026-11")
		w.Month("2026-10")
		w.HasNumbers("GS-2026-00001")
	})
}

func TestDueMonthThatAnotherProcessWorksOnIsLeftToIt(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Activated()
		w.Now = time.Date(2026, 12, 1, 11, 0, 0, 0, time.UTC)
		w.Charged(workedExample()...)
		other := w.Elsewhere()
		w.Runner = w.PausedRunner(func() {
			if done, err := other.RunDue(t.Context(), "scheduler"); err != nil || len(done) != 0 {
				t.Errorf("%d done, %v", len(done), err)
			}
		})
		if done, err := w.Runner.RunDue(t.Context(), "scheduler"); err != nil || len(done) != 1 {
			t.Errorf("%d done, %v", len(done), err)
		}
		w.HasNumbers("GS-2026-00001")
	})
}

func TestMissedMonthsAreCaughtUp(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Activated()
		w.Now = time.Date(2027, 2, 10, 11, 0, 0, 0, time.UTC)
		w.Charged(workedExample()...)
		done, err := w.Runner.RunDue(t.Context(), "scheduler")
		if err != nil {
			t.Fatal(err)
		}
		var months []entities.Month
		for _, run := range done {
			months = append(months, run.Month)
			w.Render(run)
		}
		if want := []entities.Month{"2026-11", "2026-12", "2027-01"}; !slices.Equal(months, want) {
			t.Errorf("%v", months)
		}
		w.HasNumbers("GS-2026-00001")
	})
}

func TestDueMonthThatFailsDoesNotStopTheOthers(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Activated()
		w.Now = time.Date(2027, 1, 10, 11, 0, 0, 0, time.UTC)
		w.Charged(workedExample()...)
		broken := w.NewRunner(&creditnotestest.Crashing{Store: w.s, At: 5, Once: true})
		done, err := broken.RunDue(t.Context(), "scheduler")
		if !errors.Is(err, creditnotestest.ErrCrash) || len(done) != 1 || done[0].Month != "2026-12" {
			t.Errorf("%d done, %v", len(done), err)
		}
	})
}
