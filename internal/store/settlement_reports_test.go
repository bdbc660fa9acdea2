package store_test

import (
	"testing"

	"creditrun/creditnotes"
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
