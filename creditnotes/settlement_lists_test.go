package creditnotes_test

import (
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/numbering"
)

func TestInstantsInWhichRecordsLie(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		filter      creditnotes.SettlementFilter
		ofSession   bool
		from, until string // UTC; empty: no bound
	}{
		{creditnotes.SettlementFilter{}, true, "", ""},
		{creditnotes.SettlementFilter{From: "2026-10-25", Until: "2026-10-25"}, true, "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"}, // the clock goes back
		{creditnotes.SettlementFilter{Month: "2026-10"}, true, "2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z"},
		{creditnotes.SettlementFilter{Month: "2026-10"}, false, "", ""}, // the date of a custom record may lie outside its month
		{creditnotes.SettlementFilter{Month: "2026-10", From: "2026-10-05", Until: "2026-12-01"}, true, "2026-10-04T22:00:00Z", "2026-10-31T23:00:00Z"},
		{creditnotes.SettlementFilter{Month: "2026-10", From: "2026-09-01", Until: "2026-10-05"}, true, "2026-09-30T22:00:00Z", "2026-10-05T22:00:00Z"},
	} {
		from, until := c.filter.Instants(zone, c.ofSession)
		told := func(at time.Time) string {
			if at.IsZero() {
				return ""
			}
			return at.UTC().Format(time.RFC3339)
		}
		if told(from) != c.from || told(until) != c.until {
			t.Errorf("%+v: from %s until %s", c, told(from), told(until))
		}
	}
}

func TestRecordsComeInOrderPageByPage(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"), charge("S-2", "ST-2", "2026-10-04 10:00", "30"), charge("S-3", "ST-9", "2026-10-05 10:00", "20"))
		w.Month("2026-10")
		names := func(p creditnotes.RecordPage) (list []string) {
			for r, err := range creditnotes.RecordsInOrder(t.Context(), w.s, creditnotes.SettlementFilter{}, p) {
				if err != nil {
					t.Fatal(err)
				}
				list = append(list, r.Session.Name)
			}
			return list
		}
		if diff := gocmp.Diff([]string{"S-3", "S-2", "S-1"}, names(creditnotes.RecordPage{})); diff != "" {
			t.Error(diff)
		}
		if diff := gocmp.Diff([]string{"S-2", "S-3", "S-1"}, names(creditnotes.RecordPage{ByNet: true})); diff != "" {
			t.Error(diff)
		}
		for range creditnotes.RecordsInOrder(t.Context(), w.s, creditnotes.SettlementFilter{}, creditnotes.RecordPage{}) {
			break // a reader may stop
		}
		for _, err := range creditnotes.RecordsInOrder(t.Context(), w.s, creditnotes.SettlementFilter{}, creditnotes.RecordPage{Page: creditnotes.Page{After: "?"}}) {
			if err == nil {
				t.Error("a cursor that is none was taken")
			}
		}
	})
}

func TestTotalsOfAKindOfDocument(t *testing.T) {
	list := []creditnotes.NoteTotal{{Currency: "CHF", Kind: numbering.CreditNote, Notes: 1}, {Currency: "EUR", Kind: numbering.Invoice, Notes: 2}}
	got := creditnotes.TotalsOf(list, numbering.Invoice)
	if diff := gocmp.Diff(list[1:], got); diff != "" || list[0].Notes != 1 {
		t.Error(diff)
	}
}
