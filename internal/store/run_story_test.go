package store_test

import (
	"context"
	"flag"
	"sync"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

var update = flag.Bool("update", false, "write the golden files anew")

// tampering changes the database when everything is drafted and nothing is
// proven yet.
type tampering struct {
	creditnotes.Store
	tamper func() // once
}

func (s tampering) ReceivedBy(ctx context.Context, run *creditnotes.Run, q creditnotes.SessionQuery) (creditnotes.Count, error) {
	s.tamper()
	return s.Store.ReceivedBy(ctx, run, q)
}

func (s tampering) LineSums(ctx context.Context, runID int64) (map[int64]creditnotes.TaxSums, error) {
	s.tamper()
	return s.Store.LineSums(ctx, runID)
}

func TestImbalanceStopsTheRun(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.unlock()
		w.Charged(workedExample()...)
		evening := w.Now
		w.Charged(charge("S-late", "ST-1", "2026-10-30 10:00", "1"))
		w.Now = evening
		for name, statement := range map[string]string{
			"a line is worth more":   "UPDATE lines SET net_energy = net_energy + 1 WHERE session_id = (SELECT min(session_id) FROM lines)",
			"a line is gone":         "DELETE FROM lines WHERE session_id = (SELECT min(session_id) FROM lines)",
			"a sheet lost a session": "UPDATE run_owners SET received_sessions = received_sessions - 1, credited_sessions = credited_sessions - 1 WHERE credited_sessions > 0",
			"a sheet lost energy":    "UPDATE run_owners SET received_energy = received_energy - 1, credited_energy = credited_energy - 1 WHERE credited_sessions > 0",
			"a session appeared":     "UPDATE sessions SET received_at = (SELECT min(received_at) FROM sessions) WHERE external_id = 'S-late'",
		} {
			w.Runner = w.NewRunner(tampering{w.s, sync.OnceFunc(func() {
				if n, err := w.sql(statement); err != nil || n == 0 {
					t.Error(name, n, err)
				}
			})})
			if _, err := w.Try("2026-10"); err == nil || len(fault.Of(err)) > 0 {
				t.Errorf("%s: the run went on: %v", name, err)
			}
			if n := w.rows("credit_notes WHERE number IS NOT NULL"); n != 0 {
				t.Errorf("%s: %d notes were issued", name, n)
			}
			if runs, err := w.s.Runs(t.Context()); err != nil || runs[0].Stage != creditnotes.StageDrafting {
				t.Errorf("%s: stage %s, %v", name, runs[0].Stage, err)
			}
			w.wipe()
			if _, err := w.sql("DELETE FROM sessions WHERE external_id = 'S-late'"); err != nil {
				t.Fatal(err)
			}
			w.Now = evening.Add(2 * time.Minute)
			w.Charged(charge("S-late", "ST-1", "2026-10-30 10:00", "1"))
			w.Now = evening
		}
	})
}
