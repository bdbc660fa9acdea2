package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
)

// implausible imports the files of a case on the evening of the last day of
// October 2026, when all its sessions are over, and stays there.
func (w *world) implausible(name string, files ...string) {
	w.Helper()
	w.now = time.Date(2026, 10, 31, 22, 0, 0, 0, time.UTC)
	args := []string{"import", "testdata/cases/" + name + "/network.yaml"}
	for _, file := range files {
		args = append(args, "testdata/cases/"+name+"/"+file)
	}
	w.do(args...)
}

// reasons is what became of the sessions: state, reason and what they overlap.
func (w *world) reasons() map[string]string {
	w.Helper()
	var list []sessionJSON
	w.read(&list, "sessions")
	got := map[string]string{}
	for _, s := range list {
		got[s.Session] = strings.TrimSpace(string(s.State) + " " + reasonWords(s.Reason, s.Overlaps))
	}
	return got
}

// october runs the month and compares its notes and held sessions.
func (w *world) october(wantNets []string, wantHeld map[string]string) {
	w.Helper()
	var report creditnotes.ReportJSON
	w.read(&report, "run", "--month", "2026-10")
	var nets []string
	for _, n := range report.Notes {
		nets = append(nets, n.Net+" "+n.Gross)
	}
	held := map[string]string{}
	for _, h := range report.Held {
		held[h.Session] = reasonWords(h.Reason, h.Overlaps)
	}
	if diff := cmp.Diff(wantNets, nets); diff != "" {
		w.Errorf("notes (- want + got)\n%s", diff)
	}
	if diff := cmp.Diff(wantHeld, held); diff != "" {
		w.Errorf("held (- want + got)\n%s", diff)
	}
	if !report.Control.Balanced {
		w.Errorf("control sheet %+v", report.Control)
	}
	w.clean()
}

// A source that reports minutes or seconds where hours are meant.
func TestAStatedDurationThatContradictsTheTimesIsHeld(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.implausible("duration-contradicts", "a.json", "s.csv")
		for id, want := range map[string]string{
			"DE*OPX*ok": "priced  9.450000", "DE*OPX*minutes": "held duration_mismatch 0.000000",
			"DE*OPX*seconds": "held duration_mismatch 0.000000", "C1": "held duration_mismatch 0.000000",
		} {
			var e creditnotes.ExplanationJSON
			w.read(&e, "explain", id)
			if got := string(e.Outcome) + " " + string(e.Reason) + " " + e.Total; got != want {
				t.Errorf("%s: %s, want %s", id, got, want)
			}
		}
		if out := w.do("readiness", "--month", "2026-10"); !strings.Contains(out, `held   3 sessions with 920 kWh of "a": duration_mismatch`) {
			t.Errorf("readiness:\n%s", out)
		}
		w.october([]string{"9.45 11.25"}, map[string]string{
			"DE*OPX*minutes": "duration_mismatch", "DE*OPX*seconds": "duration_mismatch", "C1": "duration_mismatch",
		})
	})
}

// Meter readings that stand in the place of the energy.
func TestEnergyThatTheMeterContradictsIsHeld(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.implausible("odometer-as-energy", "s.csv")
		held := map[string]string{"O1": "too_much_energy", "O2": "too_much_energy", "O3": "meter_mismatch", "O4": "negative_energy"}
		w.october(nil, held)
		want := map[string]string{}
		for id, reason := range held {
			want[id] = "held " + reason
		}
		if diff := cmp.Diff(want, w.reasons()); diff != "" {
			t.Error(diff)
		}
		// O3 is right all the same; a limit of the owner lets the energy of O2
		// pass, not the meter.
		w.do("sessions", "release", "O3", "--reason", "the meter was exchanged")
		w.do("settings", "set", "max_energy_kwh", "5000")
		w.october([]string{"8.00 9.52"}, map[string]string{"O1": "too_much_energy", "O2": "too_much_energy", "O4": "negative_energy"})
	})
}

func TestARuleThatWarnsNamesTheSessionAndCreditsIt(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.implausible("odometer-as-energy", "s.csv")
		w.do("settings", "set", "plausibility.meter_mismatch", "warn")
		w.do("settings", "set", "plausibility.too_much_energy", "off")
		if out := w.do("readiness", "--month", "2026-10"); !strings.Contains(out, `warned 2 sessions with 930.031 kWh of "a" are credited: meter_mismatch`) {
			t.Errorf("readiness:\n%s", out)
		}
		var e creditnotes.ExplanationJSON
		if w.read(&e, "explain", "O2"); e.Warned != "meter_mismatch" || e.Outcome != creditnotes.OutcomePriced {
			t.Errorf("%+v", e)
		}
		var report creditnotes.ReportJSON
		w.read(&report, "run", "--month", "2026-10")
		want := []creditnotes.HoldJSON{
			{Session: "O2", Owner: "a", Reason: "meter_mismatch", Energy: "910.031"}, {Session: "O3", Owner: "a", Reason: "meter_mismatch", Energy: "20"},
		}
		if diff := cmp.Diff(want, report.Warned); diff != "" {
			t.Error(diff)
		}
		if len(report.Notes) != 1 || report.Notes[0].Net != "736.02" { // 0.40 × 1840.062
			t.Errorf("%+v", report.Notes)
		}
		var again creditnotes.ReportJSON
		if w.read(&again, "runs", "show", "2026-10"); len(again.Warned) != 2 {
			t.Errorf("the run has forgotten what it warned of: %+v", again.Warned)
		}
		w.clean()
	})
}

// A station with a wrong clock.
func TestSessionsOfAWrongClockAreNamed(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.implausible("clock-1970-and-future", "s.csv")
		out := w.do("readiness", "--month", "2026-10")
		for _, want := range []string{
			"more than 400 days before they were received: 1 (C1)", `held   1 sessions with 10 kWh of "a": in_the_future`,
		} {
			if !strings.Contains(out, want) {
				t.Errorf("readiness lacks %q:\n%s", want, out)
			}
		}
		w.october([]string{"4.00 4.76"}, map[string]string{"C2": "in_the_future"})
		want := map[string]string{"C1": "excluded before_start_date", "C2": "held in_the_future", "C3": "credited"}
		if diff := cmp.Diff(want, w.reasons()); diff != "" {
			t.Error(diff)
		}
		w.october(nil, map[string]string{"C2": "in_the_future"}) // judged again by every run
		w.do("sessions", "correct", "C1", "--end", "1970-01-01T01:30:00Z", "--reason", "read off the station")
		w.october(nil, map[string]string{"C2": "in_the_future"})
		if got := w.reasons()["C1"]; got != "excluded before_start_date" {
			t.Errorf("corrected, and still long ago: %s", got)
		}
	})
}

const (
	hungHeld    = "overlap (H)"
	hungFinding = "Session H (0.2 kWh, 2026-10-01 08:00 to 2026-10-07 20:00) holds others that overlap it: 6, with 120 kWh."
)

func hungAll(reason string) map[string]string {
	held := map[string]string{}
	for _, id := range []string{"G1", "G2", "G3", "G4", "G5", "G6"} {
		held[id] = reason
	}
	return held
}

// A session that never stopped holds the real ones; the operator is led to it,
// and corrects it although it was credited.
func TestASessionThatNeverStoppedIsCorrectedAndFreesTheOthers(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.implausible("hung-session", "s.csv")
		if out := w.do("readiness", "--month", "2026-10"); !strings.Contains(out, hungFinding) {
			t.Errorf("readiness:\n%s", out)
		}
		if out := w.do("explain", "G1"); !strings.Contains(out, "held: overlap (H)") {
			t.Errorf("explain:\n%s", out)
		}
		w.october([]string{"0.08 0.10"}, hungAll(hungHeld))
		if got := w.reasons()["G6"]; got != "held overlap (H)" {
			t.Errorf("G6: %s", got)
		}
		if said := w.fails(exitFailed, "sessions", "invalidate", "H", "--reason", "never stopped"); !strings.Contains(said, "already") {
			t.Error(said)
		}
		w.do("sessions", "correct", "H", "--invalid", "--reason", "never stopped")
		w.october([]string{"47.92 57.02"}, map[string]string{"H": "invalid"}) // 48.00 − 0.08
		w.october(nil, map[string]string{"H": "invalid"})
	})
}

func TestWhatASessionBlocksIsReleasedInOneAction(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.implausible("hung-session", "s.csv")
		w.october([]string{"0.08 0.10"}, hungAll(hungHeld))
		r := w.try("sessions", "release", "--blocked-by", "H", "--reason", "two cars at one plug")
		if r.status != exitDone || !strings.Contains(r.stderr, "6 sessions that H blocks are released") {
			t.Errorf("%d %s", r.status, r.stderr)
		}
		if said := w.fails(exitFailed, "sessions", "release", "--blocked-by", "H", "--reason", "again"); !strings.Contains(said, "No session is held because it overlaps session H") {
			t.Error(said)
		}
		w.october([]string{"48.00 57.12"}, map[string]string{})
	})
}

// A corrected end lets go of what the session no longer overlaps.
func TestACorrectedEndIsPaidAnew(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.implausible("hung-session", "s.csv")
		w.october([]string{"0.08 0.10"}, hungAll(hungHeld))
		for _, args := range [][]string{
			{"--end", "2026-10-01T07:00:00+02:00"}, {"--end", "2026-10-07T20:00:00+02:00"}, {"--energy", "0.2"},
		} {
			w.fails(exitFailed, append([]string{"sessions", "correct", "H", "--reason", "r"}, args...)...)
		}
		w.do("sessions", "correct", "H", "--end", "2026-10-02T11:00:00+02:00", "--energy", "0.5", "--reason", "read off the station")
		w.october([]string{"32.12 38.22"}, map[string]string{"G1": hungHeld, "G2": hungHeld}) // 4 × 8.00 + 0.20 − 0.08
		w.do("import", "testdata/cases/hung-session/s.csv")                                   // what the source said once more
		w.october(nil, map[string]string{"G1": hungHeld, "G2": hungHeld})
	})
}
