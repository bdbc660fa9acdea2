package store_test

import (
	"slices"
	"testing"

	"creditrun/creditnotes"
	"creditrun/creditnotes/creditnotestest"
	"creditrun/internal/store"
)

func TestSettlementReportsAreFrozenAndProven(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.October()
		list, _, _, err := w.s.Reports(t.Context(), creditnotes.ReportFilter{Owner: "a"}, creditnotes.Page{})
		if err != nil || len(list) != 1 || list[0].Name != "a-2026-10-EUR" {
			t.Fatalf("reports %+v, %v", list, err)
		}
		report, err := list[0].Report()
		if err != nil || report.Totals.Revenue != "3.15" || !report.Control.Balanced || report.RecordCount != 1 {
			t.Fatalf("report %+v, %v", report, err)
		}
		if _, err := w.sql("UPDATE settlement_reports SET sha256 = ''"); err == nil {
			t.Error("a frozen report was changed")
		}
		if _, err := w.sql("DELETE FROM settlement_reports"); err == nil {
			t.Error("a frozen report was deleted")
		}
		if other, err := w.s.FrozenReport(t.Context(), list[0].Name, []string{"b"}); err == nil {
			t.Errorf("b sees the report %s", other.Name)
		}
		w.Proven()
		w.edited("UPDATE settlement_reports SET awaited_share = awaited_share + 1", "verify_report_awaited")
		w.edited("UPDATE settlement_reports SET awaited_share = awaited_share - 1")
		w.edited("UPDATE settlement_reports SET sha256 = 'x'", "verify_report_seal")
		w.edited("DELETE FROM settlement_reports", "verify_report_gone")
	})
}

func TestReportMailsAreListedSentAndProven(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		_, ofB := w.Reported()
		list, err := w.s.ListDeliveries(ctx, store.DeliveryFilter{})
		if err != nil || len(list) != 3 {
			t.Fatalf("%d mails, %v", len(list), err)
		}
		alone := list[slices.IndexFunc(list, func(d store.DeliveryEntry) bool { return d.ReportID == ofB.ID })]
		if alone.Number != "b-2026-10-EUR" || alone.Recipient != "b" || alone.NoteID != 0 || alone.Recipients[0].Address != "b@a.example" {
			t.Errorf("%+v", alone)
		}
		d, letter, files, err := w.s.Delivery(ctx, alone.ID)
		if err != nil || letter.Kind != creditnotes.KindReport || d.Report.Name != letter.Number || len(files) != 0 {
			t.Errorf("%+v, %d files, %v", letter, len(files), err)
		}
		if ready, err := w.s.ReadyDeliveries(ctx, 0); err != nil || !slices.Contains(ready, alone.ID) {
			t.Errorf("ready %v, %v", ready, err)
		}
		if err := w.Runner.RenderReport(ctx, ofB.ID, paper{}); err != nil {
			t.Fatal(err)
		}
		if _, _, files, err = w.s.Delivery(ctx, alone.ID); err != nil || len(files) != 1 || files[0].Name != "b-2026-10-EUR.pdf" {
			t.Errorf("%d files, %v", len(files), err)
		}
		note := w.Note("GS-2026-00001")
		mails, err := w.s.Deliveries(ctx, note.ID)
		if err != nil {
			t.Fatal(err)
		}
		_, _, files, err = w.s.Delivery(ctx, mails[0].ID)
		if err != nil || len(files) != 2 || files[1].Name != "a-2026-10-EUR.pdf" || files[1].ReportID == 0 {
			t.Errorf("%+v, %v", files, err)
		}
		w.reportMailIsSettled(alone.ID)
		w.Proven()
		w.edited("UPDATE settlement_report_files SET content = 'x' WHERE report_id = (SELECT max(report_id) FROM settlement_report_files)", "verify_file")
		w.edited("DELETE FROM settlement_report_files", "verify_file_recorded", "verify_file_recorded")
	})
}

// reportMailIsSettled sends the mail of a report, which no one knows the end of,
// and has a person say that it arrived.
func (w *world) reportMailIsSettled(id int64) {
	w.T.Helper()
	ctx := w.T.Context()
	handover, err := w.s.HandOver(ctx, id, "", []string{"b@a.example"})
	if err != nil {
		w.T.Fatal(err)
	}
	parked := []creditnotes.DeliveryRecipient{{Address: "b@a.example", State: creditnotes.RecipientParked, Reply: "?"}}
	if err := w.s.Finish(ctx, id, creditnotes.Attempt{Handover: handover, Recipients: parked, At: w.Now}); err != nil {
		w.T.Fatal(err)
	}
	open, err := w.s.OpenRecipients(ctx, store.OpenFilter{Run: "2026-10", Limit: 10})
	if i := slices.IndexFunc(open, func(r creditnotes.OpenRecipient) bool { return r.Report }); err != nil || i < 0 || open[i].Number != "b-2026-10-EUR" {
		w.T.Errorf("%+v, %v", open, err)
	}
	if list, err := w.s.Undelivered(ctx, w.Run("2026-10").ID); err != nil || len(list) != 1 || list[0].Number != "b-2026-10-EUR" {
		w.T.Errorf("%+v, %v", list, err)
	}
	if err := w.s.SettleMail(ctx, "anna", "b-2026-10-EUR", true); err != nil {
		w.T.Error(err)
	}
	if list, err := w.s.Undelivered(ctx, w.Run("2026-10").ID); err != nil || len(list) != 0 {
		w.T.Errorf("%+v, %v", list, err)
	}
}

func TestWhoGetsAReportIsProven(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Reported()
		w.Proven()
		w.edited(`UPDATE deliveries SET recipients = '["x@x.example"]' WHERE report_id IS NOT NULL`, "verify_mailing")
		w.edited(`UPDATE deliveries SET recipients = '["b@a.example"]' WHERE report_id IS NOT NULL`)
		w.edited("UPDATE settlement_reports SET note_id = NULL", "verify_report_mail")
	})
}

func TestReportsAddUpInADatabase(t *testing.T) {
	eachOpen(t, func(t *testing.T, open creditnotestest.Open) { creditnotestest.ReportMonths(t, open, 3) })
}

func TestLifetimeControlAgreesOnEveryStore(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"), charge("H", "ST-1", "2026-10-04 10:00", "20", invalid))
		w.Month("2026-10")
		list, err := creditnotes.Lifetimes(t.Context(), w.s, creditnotes.LifetimeQuery{Stations: []string{"ST-1"}})
		if err != nil || len(list) != 1 {
			t.Fatalf("lifetimes %+v, %v", list, err)
		}
		c := list[0].Control
		if !c.Balanced() || c.Credited.Sessions != 1 || c.Credited.Energy.String() != "10" || c.Held.Energy.String() != "20" || list[0].Credited["EUR"].String() != "3.150000" {
			t.Errorf("control %+v, credited %v", c, list[0].Credited)
		}
		w.edited("UPDATE sessions SET energy = energy + 1 WHERE external_id = 'S-1'",
			"verify_sessions", "verify_lifetime", "verify_station_sessions")
	})
}
