package main

import (
	"os"
	"strings"
	"testing"

	"creditrun/creditnotes"
)

func (w *world) runs() (list []runJSON) {
	w.Helper()
	w.read(&list, "runs")
	return list
}

// A typed wrong year would have issued notes dated a year ahead.
func TestCaseFutureMonth(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.at("2026-10-31", 20)
		w.do("import", caseFile("future-month", "network.yaml"), caseFile("future-month", "sessions.csv"))
		w.at("2026-11-29", 20)
		for _, line := range []string{"run --month 2027-10", "run --month 2027-10 --yes", "preview --month 2027-10"} {
			if said := w.fails(exitFailed, strings.Fields(line)...); !strings.Contains(said, "2027-10 has not begun") {
				t.Errorf("creditrun %s says %q", line, said)
			}
		}
		if out := w.do("readiness", "--month", "2027-10"); !strings.Contains(out, "2027-10 has not begun") || !strings.Contains(out, "2027-10 is not ready") {
			t.Errorf("readiness prints %s", out)
		}
		if said := w.fails(exitFailed, "run", "--month", "2026-10", "--date", "2031-01-01"); !strings.Contains(said, "2031-01-01 lies in the future") {
			t.Errorf("it says %q", said)
		}
		if list := w.runs(); len(list) != 0 {
			t.Errorf("%+v", list)
		}
		var report creditnotes.ReportJSON
		w.read(&report, "run", "--month", "2026-10")
		n := report.Notes[0]
		if *n.Number != "GS-2026-00001" || n.Date != "2026-11-29" || n.DueDate != "2026-12-13" || n.Net != "16.84" || n.Gross != "20.04" {
			t.Errorf("%s of %s, due %s: %s, %s", *n.Number, n.Date, n.DueDate, n.Net, n.Gross)
		}
		var cancellation creditnotes.NoteJSON
		w.read(&cancellation, "cancel", "GS-2026-00001", "--reason", "typo")
		if cancellation.Date != "2026-11-29" || cancellation.Gross != "-20.04" {
			t.Errorf("%+v", cancellation)
		}
		w.clean()
	})
}

func TestCaseDocumentDateBeforeService(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.at("2026-10-31", 20)
		w.do("import", caseFile("document-date-before-service", "network.yaml"), caseFile("document-date-before-service", "s.csv"))
		for date, want := range map[string]string{"2026-09-01": "before the last day of 2026-10", "2026-10-30": "before the last day of 2026-10"} {
			if said := w.fails(exitFailed, "run", "--month", "2026-10", "--date", date, "--yes"); !strings.Contains(said, want) {
				t.Errorf("%s: %q", date, said)
			}
		}
		if list := w.runs(); len(list) != 0 {
			t.Errorf("%+v", list)
		}
		var report creditnotes.ReportJSON
		w.read(&report, "run", "--month", "2026-10")
		if n := report.Notes[0]; n.Date != "2026-10-31" || n.DueDate != "2026-11-14" || n.Net != "4.00" || n.Gross != "4.76" {
			t.Errorf("%s, due %s: %s, %s", n.Date, n.DueDate, n.Net, n.Gross)
		}
		w.clean()
	})
}

func TestTheRunningMonthIsAskedForAtTheTerminal(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.at("2026-10-10", 20)
		w.small()
		const consequence = "21 days are still to come until 2026-10-31"
		r := w.try("run", "--month", "2026-10")
		if r.status != exitFailed || r.stdout != "" || !strings.Contains(r.stderr, consequence) || !strings.Contains(r.stderr, "--yes") {
			t.Errorf("without a terminal: %d %s%s", r.status, r.stdout, r.stderr)
		}
		w.answers, w.stdin = true, "no\n"
		if r = w.try("run", "--month", "2026-10"); r.status != exitFailed || !strings.Contains(r.stderr, consequence) || !strings.Contains(r.stderr, "[yes/no]") {
			t.Errorf("answered no: %d %s%s", r.status, r.stdout, r.stderr)
		}
		if list := w.runs(); len(list) != 0 {
			t.Errorf("%+v", list)
		}
		w.stdin = "yes\n"
		if r = w.try("run", "--month", "2026-10"); r.status != exitDone {
			t.Errorf("answered yes: %d %s", r.status, r.stderr)
		}
		w.answers = false
		w.do("run", "--month", "2026-10", "--yes")
		if list := w.runs(); len(list) != 2 || list[1].DocumentDate != "2026-10-10" || list[1].DateGiven {
			t.Errorf("%+v", list)
		}
		w.clean()
	})
}

// domain.md §9.4, with the e-invoice as it is written: a small business without
// any tax id has none.
func TestARequiredEInvoiceThatCannotBeWrittenFailsItsOwner(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.at("2026-10-31", 20)
		network, err := os.ReadFile(caseFile("small-business-mid-month", "network.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		w.do("import", w.file("network.yaml", strings.Replace(string(network), "    vat_id: DE136695976\n", "", 1)),
			caseFile("document-date-before-service", "s.csv"))
		w.do("settings", "set", "einvoice_required", "DE 2026-10-31")
		var report creditnotes.ReportJSON
		w.read(&report, "preview", "--month", "2026-10")
		if len(report.Failed) != 1 || report.Failed[0].Reason != "einvoice_tax_id_missing" || len(report.Notes) != 0 ||
			!strings.Contains(report.Failed[0].Text, "Enter it at the entity") {
			t.Fatalf("%+v", report)
		}
		w.do("settings", "set", "einvoice_required", "")
		w.read(&report, "preview", "--month", "2026-10")
		if len(report.Failed) != 0 || len(report.Notes) != 1 {
			t.Errorf("%+v", report)
		}
	})
}
