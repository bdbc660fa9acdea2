package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"creditrun/creditnotes"
)

// carriedStory writes down what a month did: documents and sums carried
// forward with their positions.
func carriedStory(r *creditnotes.ReportJSON) string {
	var b strings.Builder
	for _, n := range append(append(append([]creditnotes.NoteJSON{}, r.Notes...), r.Zero...), r.Carried...) {
		number := string(n.State)
		if n.Number != nil {
			number = *n.Number
		}
		fmt.Fprintf(&b, "%s %s to %s: %s\n", number, strings.Join(n.Owners, "+"), n.Recipient, n.Net)
		for _, p := range n.Positions {
			fmt.Fprintf(&b, "%s %s %s %s\n", p.Owner, p.Component, p.Month, p.Net)
			for _, m := range p.Carried {
				fmt.Fprintf(&b, "of %s: %d× %s\n", m.Month, m.Sessions, m.Net)
			}
		}
	}
	return b.String()
}

// stranded tells the months until October: a owes 14.00, b is owed 5.60, and
// both go to hold.
func stranded(t *testing.T, w *world) {
	t.Helper()
	w.at("2026-09-06", 12)
	w.do("import", caseFile("stranded-share", "network.yaml"), caseFile("stranded-share", "a.csv"))
	w.monthEnd("2026-09")
	w.do("deliver")
	w.at("2026-10-06", 12)
	w.do("import", caseFile("stranded-share", "b.csv"))
	report := w.monthEnd("2026-10")
	sameText(t, carriedStory(&report), `
		carried a+b to hold: -8.40
		a energy 2026-09 -14.00
		b energy 2026-10 5.60`)
}

func TestWhatIsOwedToOneOwnerIsNotStrandedBehindTheDebtOfAnother(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		stranded(t, w)
		w.at("2026-11-06", 12)
		w.do("import", caseFile("stranded-share", "c.csv"))
		report := w.monthEnd("2026-11")
		sameText(t, carriedStory(&report), `
			GS-2026-00002 a+b to hold: 5.60
			a energy 2026-11 14.00
			a carried_forward 2026-10 -14.00
			of 2026-09: 1× -14.00
			b carried_forward 2026-10 5.60
			of 2026-10: 1× 5.60`)
		w.do("deliver")
		w.invoices("2026-11", "GS-2026-00002", 1)
		// The sessions of the sum carried forward are in the session file.
		csv := filepath.Join(w.dir, "sessions.csv")
		w.do("notes", "show", "GS-2026-00002", "--csv", csv)
		content, err := os.ReadFile(csv)
		if err != nil {
			t.Fatal(err)
		}
		var rows []string
		for i, line := range strings.Split(strings.TrimSpace(string(content)), "\r\n") {
			cells := strings.Split(line, ";")
			if i > 0 {
				rows = append(rows, strings.Join(strings.Fields(strings.Join([]string{cells[1], cells[6], cells[10], cells[21], cells[23], cells[25], cells[36], cells[37], cells[38]}, " ")), " "))
			}
		}
		sameText(t, strings.Join(rows, "\n"), `
			A1 a -40 -14.000000 2026-09 GS-2026-00001 S 19 2026-10
			A1 a 0 0.000000 2026-09 GS-2026-00001 S 19 2026-10
			A2 a 40 14.000000 2026-11 S 19
			B1 b 20 5.600000 2026-10 S 19 2026-10`)
		// And each session names the document it stands on.
		var sessions []struct {
			Session, State, Number string
		}
		if err := json.Unmarshal([]byte(w.do("sessions", "--json")), &sessions); err != nil {
			t.Fatal(err)
		}
		for _, s := range sessions {
			if s.State != "credited" || s.Number != "GS-2026-00002" {
				t.Errorf("%+v", s)
			}
		}
		for _, month := range []string{"2026-12", "2027-01"} {
			if report := w.monthEnd(month); len(report.Notes)+len(report.Carried)+len(report.Zero) > 0 {
				t.Errorf("%s: %s", month, carriedStory(&report))
			}
		}
		w.clean()
	})
}

func TestShareIsPaidWhenRecipientsAreNotConsolidatedAnyMore(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		stranded(t, w)
		if report := w.monthEnd("2026-11"); len(report.Notes)+len(report.Carried) > 0 {
			t.Errorf("nothing new came, and yet: %s", carriedStory(&report))
		}
		w.do("settings", "set", "consolidate_by_recipient", "false")
		report := w.monthEnd("2026-12")
		sameText(t, carriedStory(&report), `
			GS-2026-00002 b to hold: 5.60
			b carried_forward 2026-10 5.60
			of 2026-10: 1× 5.60`)
		// The debt of a waits by itself, and readiness says so after three months.
		w.at("2027-01-30", 12)
		said := w.do("readiness", "--month", "2027-01")
		if !strings.Contains(said, "14.00 EUR") || strings.Contains(said, "5.60") {
			t.Errorf("readiness:\n%s", said)
		}
		w.at("2026-12-30", 12)
		if said := w.do("readiness", "--month", "2026-12"); strings.Contains(said, "14.00 EUR") {
			t.Errorf("readiness speaks too early:\n%s", said)
		}
		w.clean()
	})
}
