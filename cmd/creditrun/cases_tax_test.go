package main

import (
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/document/einvoice"
)

// monthEnd runs a month on its last day, late in the evening.
func (w *world) monthEnd(month string) creditnotes.ReportJSON {
	w.Helper()
	first, err := time.Parse("2006-01", month)
	if err != nil {
		w.Fatal(err)
	}
	w.now = first.AddDate(0, 1, 0).Add(-2 * time.Hour)
	return w.monthAgain(month)
}

// monthAgain runs a month once more, now.
func (w *world) monthAgain(month string) (report creditnotes.ReportJSON) {
	w.Helper()
	w.read(&report, "run", "--month", month)
	return report
}

// taxesOf writes down the figures of a note: positions, taxes, totals.
func taxesOf(n *creditnotes.NoteJSON) string {
	var b strings.Builder
	for _, p := range n.Positions {
		fmt.Fprintf(&b, "%s %s %s correction=%t late=%t %s\n", p.Month, p.Component, p.Tax, p.Correction, p.Late, p.Net)
	}
	for _, t := range n.Taxes {
		fmt.Fprintf(&b, "%s %s of %s: %s\n", t.Category, t.Rate, t.Base, t.Tax)
	}
	fmt.Fprintf(&b, "%s → %s\n", n.Net, n.Gross)
	return b.String()
}

func sameText(t testing.TB, got, want string) {
	t.Helper()
	var lines []string
	for line := range strings.Lines(want) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	if want := strings.Join(lines, "\n"); strings.TrimSpace(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// invoices checks the stored e-invoices of a note, and how many breakdowns of
// VAT each has.
func (w *world) invoices(month, number string, breakdowns int) {
	w.Helper()
	folder := filepath.Join(w.dir, "xml-"+number)
	w.do("export", "notes", "--month", month, "--out", folder)
	files, err := filepath.Glob(filepath.Join(folder, number+"*.xml"))
	if err != nil || len(files) < 2 { // XRechnung asks for more master data
		w.Fatalf("%s has the e-invoices %v, %v", number, files, err)
	}
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			w.Fatal(err)
		}
		if err := einvoice.Check(content); err != nil {
			w.Errorf("%s: %v", name, err)
		}
		if got := strings.Count(string(content), "<ram:BasisAmount>") + strings.Count(string(content), "<cbc:TaxableAmount "); got != breakdowns {
			w.Errorf("%s has %d breakdowns of VAT, want %d", name, got, breakdowns)
		}
		if err := xml.Unmarshal(content, new(struct{})); err != nil {
			w.Errorf("%s: %v", name, err)
		}
	}
}

func TestLatecomerKeepsTheRateOfItsDay(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		const name = "vat-change-late"
		w.at("2026-12-06", 12)
		w.do("import", caseFile(name, "network.yaml"), caseFile(name, "december.csv"))
		w.monthEnd("2026-12")
		w.at("2027-01-06", 12)
		w.do("import", caseFile(name, "january.csv"))
		report := w.monthEnd("2027-01")
		sameText(t, taxesOf(&report.Notes[0]), `
			2026-12 energy S 19 correction=false late=true 4.00
			2027-01 energy S 21 correction=false late=false 4.00
			S 19 of 4.00: 0.76
			S 21 of 4.00: 0.84
			8.00 → 9.60`)
		w.do("deliver")
		w.invoices(report.Run, *report.Notes[0].Number, 2)
		w.clean()
	})
}

func TestCorrectionTakesBackTheTaxThatWasPaid(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		const name = "vat-change-correction"
		w.at("2026-12-06", 12)
		w.do("import", caseFile(name, "network.yaml"), caseFile(name, "december.csv"))
		w.monthEnd("2026-12")
		w.at("2027-01-06", 12)
		w.do("import", caseFile(name, "january.csv"))
		report := w.monthEnd("2027-01")
		sameText(t, taxesOf(&report.Notes[0]), `
			2026-12 energy S 19 correction=true late=true -4.00
			2027-01 energy S 21 correction=false late=false 8.00
			S 19 of -4.00: -0.76
			S 21 of 8.00: 1.68
			4.00 → 4.92`)
		w.do("deliver")
		w.invoices(report.Run, *report.Notes[0].Number, 2)
		w.clean()
	})
}

func TestSmallBusinessThatBecomesStandardInsideAMonth(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		const name = "small-business-mid-month"
		w.at("2026-10-31", 20)
		w.do("import", caseFile(name, "network.yaml"), caseFile(name, "s.csv"))
		if warned := w.do("readiness", "--month", "2026-10"); !strings.Contains(warned, "2026-10-31") || !strings.Contains(warned, "small 0 %") {
			t.Errorf("readiness does not name the change:\n%s", warned)
		}
		report := w.monthEnd("2026-10")
		sameText(t, taxesOf(&report.Notes[0]), `
			2026-10 energy E 0 correction=false late=false 4.00
			2026-10 energy S 19 correction=false late=false 4.00
			E 0 of 4.00: 0.00
			S 19 of 4.00: 0.76
			8.00 → 8.76`)
		w.do("deliver")
		w.invoices(report.Run, *report.Notes[0].Number, 2)
		w.clean()
	})
}
