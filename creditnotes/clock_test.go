package creditnotes_test

import (
	"testing"

	"creditrun/creditnotes"
)

// ahead returns what readiness says of runs that were issued while the clock was
// ahead.
func (w *world) ahead() (found []string) {
	w.T.Helper()
	ready, err := w.Runner.Readiness(w.T.Context(), "2026-10")
	if err != nil {
		w.T.Fatal(err)
	}
	for _, f := range ready.Findings {
		if f.Fault.Key == "run_ahead_of_clock" && f.Severity == creditnotes.Warns {
			found = append(found, f.Fault.Args["run"].(string))
		}
	}
	return found
}

func TestReadinessFindsAMonthIssuedWhileTheClockWasAhead(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		right := w.Now
		w.Now = evening("2026-11-30")
		w.Month("2026-11")
		w.Now = right
		if found := w.ahead(); len(found) != 1 || found[0] != "2026-11" {
			t.Errorf("it finds %v", found)
		}
		// Later its time has come, and what came in meanwhile is open.
		w.Charged(charge("S-20", "ST-1", "2026-11-05 10:00", "4"))
		w.Month("2026-10")
		w.Now = evening("2026-12-01")
		if found := w.ahead(); len(found) != 1 {
			t.Errorf("later it finds %v", found)
		}
	})
}

func TestReadinessHasNothingToSayOfARightClock(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		w.Month("2026-10")
		w.Now = evening("2026-11-30")
		w.Month("2026-11")
		if found := w.ahead(); len(found) != 0 {
			t.Errorf("it finds %v", found)
		}
	})
}
