package creditnotes_test

import (
	"slices"
	"testing"

	"creditrun/creditnotes"
	"creditrun/creditnotes/creditnotestest"
	"creditrun/creditnotes/memory"
	"creditrun/internal/sessions"
)

// TestEachIdentityOfAReportIsProven breaks every figure that an identity of
// settlement.md §7.1 stands on, and expects verify to find it.
func TestEachIdentityOfAReportIsProven(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Reported()
		w.Now = evening("2026-11-30")
		if err := w.s.TakeCollections(t.Context(), []sessions.Collection{{Source: "csv", ExternalID: "S-1", At: w.Now}}); err != nil {
			t.Fatal(err)
		}
		top := creditnotes.TopUp{Key: "T-1", Entity: "a", User: "u", Amount: 500, Currency: "EUR", At: w.Now}
		if err := w.s.TakeTopUps(t.Context(), []creditnotes.TopUp{top}); err != nil {
			t.Fatal(err)
		}
		w.Charged(charge("S-2", "ST-1", "2026-11-03 10:00", "10", creditnotestest.Driven(3_333_333)))
		w.Month("2026-11")
		w.Proven()
		report, err := w.Frozen("a-2026-11-EUR").Report()
		if err != nil || report.Totals.CollectedPrevious != "4.90" || report.Totals.TopUps != "5.00" || report.Totals.Rounding == "0.000000" {
			t.Fatalf("%+v, %v", report.Totals, err)
		}
		for name, broken := range map[string]struct {
			change func(d *memory.Data)
			want   string
		}{
			"revenue: the share of a session": {func(d *memory.Data) { d.Lines[0].NetShare++ }, "verify_report_balance"},
			"revenue: rounding":               {func(d *memory.Data) { d.Notes[0].Positions[0].Sum++ }, "verify_report_balance"},
			"revenue: a position as printed":  {func(d *memory.Data) { d.Notes[0].Positions[0].Net++ }, "verify_report_sums"},
			"awaited: at the end":             {func(d *memory.Data) { d.Reports[len(d.Reports)-1].Awaited.Share++ }, "verify_report_awaited"},
			"awaited: collected for previous": {func(d *memory.Data) {
				d.Sessions[0].CollectedAt = w.Now.AddDate(1, 0, 0)
				d.Sessions[0].CollectionKnownAt = w.Now.AddDate(1, 0, 0)
			}, "verify_report_awaited"},
			"awaited: what was cancelled":            {func(d *memory.Data) { d.Lines[0].Live = false }, "verify_report_sums"},
			"records and documents: net":             {func(d *memory.Data) { d.Notes[0].Net++ }, "verify_report_sums"},
			"documents and movements: gross":         {func(d *memory.Data) { d.Notes[0].Gross++ }, "verify_report_balance"},
			"documents and movements: a movement":    {func(d *memory.Data) { d.Movements[0].Amount++ }, "verify_report_balance"},
			"documents and movements: a top-up":      {func(d *memory.Data) { d.TopUps[0].Amount++ }, "verify_report_balance"},
			"the mail: another note":                 {func(d *memory.Data) { d.Reports[0].NoteID, d.Reports[0].Number = 0, "" }, "verify_report_mail"},
			"the mail: a file":                       {func(d *memory.Data) { d.Files = withoutReports(d.Files) }, "verify_file_recorded"},
			"the mail: recipients of a report alone": {func(d *memory.Data) { d.Deliveries = elsewhere(d.Deliveries) }, "verify_mailing"},
		} {
			before := w.s.Look()
			w.s.Tamper(func(d *memory.Data) {
				d.Lines, d.Sessions, d.Reports = slices.Clone(d.Lines), slices.Clone(d.Sessions), slices.Clone(d.Reports)
				d.Movements, d.TopUps, d.Notes = slices.Clone(d.Movements), slices.Clone(d.TopUps), slices.Clone(d.Notes)
				for i := range d.Notes {
					d.Notes[i].Positions = slices.Clone(d.Notes[i].Positions)
				}
				broken.change(d)
			})
			if got := w.Problems(); !slices.Contains(got, broken.want) {
				t.Errorf("%s: verify finds %v, want %s", name, got, broken.want)
			}
			w.s.Tamper(func(d *memory.Data) { *d = *before })
		}
		w.Proven()
	})
}

// withoutReports leaves out the files of settlement reports.
func withoutReports(files []creditnotes.File) []creditnotes.File {
	return slices.DeleteFunc(slices.Clone(files), func(f creditnotes.File) bool { return f.ReportID != 0 })
}

// elsewhere sends the reports that are mailed alone to someone else.
func elsewhere(list []creditnotes.Delivery) []creditnotes.Delivery {
	list = slices.Clone(list)
	for i := range list {
		if list[i].ReportID != 0 {
			list[i].To = []string{"x@x.example"}
		}
	}
	return list
}
