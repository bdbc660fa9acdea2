package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
)

func (w *world) as(who string) *world {
	w.vars["CREDITRUN_USER"] = who
	return w
}

func TestAnotherPersonApprovesARun(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.small().do("settings", "set", "release", "approve")
		r := w.try("run", "--month", "2026-10")
		if r.status != exitDone || !strings.Contains(r.stderr, "waits for another person than erika to approve it: creditrun approve 2026-10") {
			t.Fatalf("the run ends with %d: %s", r.status, r.stderr)
		}
		if !strings.Contains(r.stdout, "(draft)") || len(w.notes()) != 0 {
			t.Errorf("a draft has numbers:\n%s", r.stdout)
		}
		if said := w.fails(exitFailed, "approve", "2026-10"); !strings.Contains(said, "erika drafted the run 2026-10 and may not approve it") {
			t.Errorf("it says %q", said)
		}
		var report creditnotes.ReportJSON
		w.as("max").read(&report, "approve", "2026-10")
		if len(report.Notes) != 2 || *report.Notes[0].Number != "GS-2026-00001" || report.Stage != creditnotes.StageCompleted {
			t.Errorf("%+v", report)
		}
		var runs []runJSON
		w.read(&runs, "runs")
		if len(runs) != 1 || runs[0].CreatedBy != "erika" || runs[0].ApprovedBy != "max" {
			t.Errorf("%+v", runs)
		}
		if out := w.do("deliver"); out != "sent 2\n" {
			t.Errorf("deliver prints %q", out)
		}
		w.clean()
	})
}

func TestADiscardedRunLeavesItsSessionsOpen(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.small().do("settings", "set", "release", "approve")
		var first, second creditnotes.ReportJSON
		w.read(&first, "run", "--month", "2026-10")
		w.do("discard", "2026-10")
		w.as("max").fails(exitFailed, "approve", "2026-10")
		w.as("erika").do("settings", "set", "release", "automatic")
		w.read(&second, "run", "--month", "2026-10")
		if second.Run != "2026-10-2" || len(second.Notes) != 2 || *second.Notes[0].Number != "GS-2026-00001" {
			t.Fatalf("%+v", second)
		}
		if diff := cmp.Diff(first.Control, second.Control); diff != "" {
			t.Error(diff)
		}
		w.clean()
	})
}

func TestACancelledNoteIsCreditedAgain(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.ran()
		before := w.notes()
		var cancellation creditnotes.NoteJSON
		w.read(&cancellation, "cancel", "GS-2026-00001", "--reason", "wrong tariff")
		if *cancellation.Number != "ST-2026-00001" || cancellation.Net != "-16.84" || cancellation.Gross != "-20.04" || cancellation.Cancels != "GS-2026-00001" {
			t.Errorf("%+v", cancellation)
		}
		var report creditnotes.ReportJSON
		w.read(&report, "run", "--month", "2026-10")
		if len(report.Notes) != 1 || *report.Notes[0].Number != "GS-2026-00003" {
			t.Fatalf("%+v", report)
		}
		again, original := report.Notes[0], before[0].NoteJSON
		again.Number, again.Hash, original.Number, original.Hash = nil, "", nil, ""
		for i := range original.Positions {
			original.Positions[i].Again = "GS-2026-00001"
		}
		if diff := cmp.Diff(original, again); diff != "" {
			t.Errorf("credited again is something else:\n%s", diff)
		}
		listed := w.do("notes")
		for _, want := range []string{"cancelled by ST-2026-00001", "cancels GS-2026-00001"} {
			if !strings.Contains(listed, want) {
				t.Errorf("the list lacks %q:\n%s", want, listed)
			}
		}
		if out := w.do("deliver"); out != "sent 4\n" || len(w.outbox()) != 4 {
			t.Errorf("deliver prints %q", out)
		}
		if said := w.fails(exitFailed, "cancel", "GS-2026-00001", "--reason", "twice"); !strings.Contains(said, "already") {
			t.Errorf("it says %q", said)
		}
		w.clean()
	})
}

func TestAReleasedSessionIsCreditedByTheNextRun(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.ran().do("sessions", "release", "S-6", "--reason", "checked with the owner")
		w.do("sessions", "release", "csv/S-6", "--reason", "twice does no harm")
		var report creditnotes.ReportJSON
		w.at("2026-11-30", 20)
		w.read(&report, "run", "--month", "2026-11")
		if len(report.Notes) != 1 || report.Notes[0].Net != "0.84" || !report.Notes[0].Positions[0].Late || report.Notes[0].Positions[0].Month != "2026-10" {
			t.Errorf("%+v", report)
		}
		w.clean()
	})
}

func TestWithoutAutomaticMailNothingIsSent(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.small().do("settings", "set", "mail", "false")
		w.do("run", "--month", "2026-10")
		r := w.try("deliver")
		if r.status != exitDone || r.stdout != "" || !strings.Contains(r.stderr, "There are no mails.") {
			t.Errorf("deliver ends with %d: %s%s", r.status, r.stdout, r.stderr)
		}
		w.clean()
	})
}

func TestARunMayBeRepeated(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.ran()
		var again creditnotes.ReportJSON
		w.read(&again, "run", "--month", "2026-10")
		if len(again.Notes) != 0 || again.Control.Credited.Sessions != 0 || len(again.Held) != 1 || len(w.notes()) != 2 {
			t.Errorf("%+v", again)
		}
		w.clean()
	})
}
