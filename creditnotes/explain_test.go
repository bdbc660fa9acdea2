package creditnotes_test

import (
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/creditnotes/memory"
	"creditrun/entities"
	"creditrun/internal/sessions"
)

func (w *world) explained(session string) *creditnotes.Explanation {
	w.T.Helper()
	found, err := w.s.FindSessions(w.T.Context(), session)
	if err != nil {
		w.T.Fatal(err)
	}
	e, err := w.Runner.Explain(w.T.Context(), w.s, &found[0])
	if err != nil {
		w.T.Fatal(err)
	}
	return e
}

func TestASessionIsExplainedBeforeAndAfterItIsCredited(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Set("start_date", "2026-10-02")
		w.Charged(append(workedExample(),
			charge("S-0", "ST-1", "2026-10-01 10:00", "1"), charge("S-7", "ST-2", "2026-10-15 08:30", "1"), charge("S-8", "ST-0", "2026-10-15 08:30", "1"))...)
		for _, run := range []bool{false, true} {
			if run {
				w.Month("2026-10")
			}
			for session, want := range map[string]creditnotes.Explanation{
				"S-1": {Outcome: creditnotes.OutcomePriced, Nets: creditnotes.Nets{NetEnergy: 3_150_000}, Owner: "a"},
				"S-6": {Outcome: creditnotes.OutcomeHeld, Reason: sessions.ReasonInvalid, Owner: "a"},
				"S-7": {Outcome: creditnotes.OutcomeHeld, Reason: sessions.Overlap, Other: "S-3", Owner: "a"},
				"S-0": {Outcome: creditnotes.OutcomeExcluded, Reason: sessions.BeforeStartDate, Owner: "a"},
				"S-8": {Outcome: creditnotes.OutcomeExcluded, Reason: sessions.OperatorOwned, Owner: "op"},
			} {
				e := w.explained(session)
				if e.Outcome != want.Outcome || e.Reason != want.Reason || e.Nets != want.Nets || e.Owner != want.Owner || e.Other != want.Other {
					t.Errorf("%s, run %t: %+v", session, run, e)
				}
				if out := e.JSON(); out.Session != session || out.Outcome != want.Outcome || out.Steps == nil || out.Tried == nil {
					t.Errorf("%s, run %t: %+v", session, run, out)
				}
			}
			e := w.explained("S-1")
			if out := e.JSON(); out.Total != "3.150000" || out.Tariff != "COM" || out.CostRate != "com" || out.Version != 1 || len(out.Steps) == 0 || out.Number != map[bool]string{true: "GS-2026-00001"}[run] {
				t.Errorf("run %t: %+v", run, out)
			}
		}
		w.s.Tamper(func(d *memory.Data) {
			for i := range d.Lines {
				d.Lines[i].Reason = "" // a line from before the reason was kept
			}
			clear(d.Paths)
		})
		if e := w.explained("S-0"); e.Reason != sessions.BeforeStartDate {
			t.Errorf("%+v", e)
		}
		found, err := w.s.FindSessions(t.Context(), "S-1")
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.Runner.Explain(t.Context(), w.s, &found[0])
		says(t, err, "explain_path_gone")
		w.s.Tamper(func(d *memory.Data) { d.Paths[d.Lines[0].PathID] = []byte("{") })
		_, err = w.Runner.Explain(t.Context(), w.s, &found[0])
		says(t, err, "explain_path_gone")
	}, func(c *creditnotes.Configuration) { station(c, "ST-0", "op", "COM") })
}

func TestASessionThatIsTakenBackIsExplained(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"))
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10", reversed))
		if e := w.explained("S-1"); e.Outcome != creditnotes.OutcomeWithdrawn {
			t.Errorf("%+v", e)
		}
		w.Set("plausibility.too_long", "warn")
		w.Charged(charge("S-2", "ST-1", "2026-10-04 10:00", "10", lasting(8*24*time.Hour)))
		if e := w.explained("S-2"); e.Outcome != creditnotes.OutcomePriced || e.Warned != sessions.TooLong {
			t.Errorf("%+v", e)
		}
		report := w.Month("2026-10")
		if len(report.Warned) != 1 || report.Warned[0].Reason != sessions.TooLong || creditnotes.CountReasons(report.Warned)[sessions.TooLong] != 1 {
			t.Errorf("%+v", report.Warned)
		}
		w.Proven()
	})
}

func TestSessionsThatOthersAreHeldForAreNamed(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(charge("L-1", "ST-1", "2026-10-03 10:00", "1", lasting(6*24*time.Hour)), charge("S-1", "ST-1", "2026-10-04 10:00", "10"),
			charge("S-2", "ST-1", "2026-10-05 10:00", "20"), charge("S-3", "ST-2", "2026-10-05 10:00", "20"))
		long, err := w.s.FindSessions(t.Context(), "L-1")
		if err != nil {
			t.Fatal(err)
		}
		ids, err := w.Runner.Blocked(t.Context(), &long[0])
		if err != nil || len(ids) != 2 || ids[0] != w.ID("S-1") || ids[1] != w.ID("S-2") {
			t.Errorf("%v, %v", ids, err)
		}
		other, err := w.s.FindSessions(t.Context(), "S-3")
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.Runner.Blocked(t.Context(), &other[0])
		says(t, err, "session_blocks_nothing")
		blockers := creditnotes.Blockers(w.Previewed("2026-10").Held)
		if len(blockers) != 1 || blockers[0].Session != "L-1" || blockers[0].Sessions != 2 {
			t.Errorf("%+v", blockers)
		}
		if !w.warns("2026-10", "session_blocks") {
			t.Error("readiness does not name it")
		}
	})
}

// warns reports whether readiness finds something.
func (w *world) warns(month entities.Month, key string) bool {
	w.T.Helper()
	ready, err := w.Runner.Readiness(w.T.Context(), month)
	if err != nil {
		w.T.Fatal(err)
	}
	for _, f := range ready.Findings {
		if f.Fault.Key == key {
			return true
		}
	}
	return false
}
