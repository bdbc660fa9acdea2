package document

import (
	"bytes"
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/pdf/pdftest"
	"creditrun/internal/sessions"
	"creditrun/numbering"
)

// sampleReport is a settlement report with everything on it.
func sampleReport(language string, days, stations int) *creditnotes.SettlementReport {
	r := &creditnotes.SettlementReport{
		Name: "hotel-alster-2026-10-EUR", Owner: "hotel-alster", OwnerName: "Hotel Alster GmbH & Co. KG", Recipient: "hotel-alster", Run: "2026-10",
		Period: creditnotes.ReportPeriod{From: "2026-10", To: "2026-10"}, Currency: "EUR", TimeZone: "Europe/Berlin",
		FrozenAt: time.Date(2026, 10, 31, 21, 0, 0, 0, time.UTC), SHA256: "5c1f0f0a2b7e4d6c9a8b7f6e5d4c3b2a190817263544536271809fabcdef0123",
		Language: language, Issuer: operator(), To: hotel(), Digits: 2,
		Totals: creditnotes.ReportTotals{
			Revenue: "12345.68", RevenueLate: "210.40", Expenses: "59.90", TopUps: "25.00", Collected: "15678.9", CollectedShare: "11234.567891", Awaited: "987.654321", AwaitedShare: "790.123456",
			Unknown: 3, NotFromDrivers: "320.98", Rounding: "0.008653", CollectedPrevious: "412.30", PreviousShare: "329.840000", PreviousSessions: 2, AwaitedBefore: "500.00",
			AwaitedBeforeShare: "400.000000", Cancelled: "0.00", CancelledShare: "0.000000", StillAwaited: "1075.354321", StillAwaitedShare: "860.283456",
			Sessions: 1234, Energy: 45_678_901_000, OwnCharging: 12_500_000,
		},
		Documents: []creditnotes.ReportDocument{
			{Number: "GS-2026-00001", Kind: numbering.CreditNote, State: creditnotes.Issued, Date: "2026-10-31", Net: "12345.68", Gross: "14691.36"},
			{Number: "RE-2026-00001", Kind: numbering.Invoice, State: creditnotes.Issued, Date: "2026-10-31", Net: "34.90", Gross: "41.53"},
			{Kind: numbering.CreditNote, State: creditnotes.Carried, Date: "2026-10-31", Net: "-3.20", Gross: "-3.20"},
		},
		Account: creditnotes.ReportAccount{Opening: "-120.50", Closing: "14504.33", Movements: []creditnotes.ReportMovement{
			{Booked: "2026-10-31", Value: "2026-10-31", Kind: "credit_note", Reference: "GS-2026-00001", Amount: "14691.36", Balance: "14570.86"},
			{Booked: "2026-10-31", Value: "2026-10-31", Kind: "invoice", Reference: "RE-2026-00001", Amount: "-41.53", Balance: "14529.33"},
			{Booked: "2026-10-12", Value: "2026-10-12", Kind: "top_up", Reference: "T-1", Amount: "-25.00", Balance: "14504.33"},
		}},
		TopUps:      []creditnotes.ReportTopUp{{ID: "T-1", Date: "2026-10-12", User: "Anna Beispiel", Amount: "25.00"}},
		Held:        []creditnotes.ReportHeld{{Reason: sessions.Overlap, Sessions: 1, Energy: 3_000_000}, {Reason: sessions.NoDriverAmount, Sessions: 12, Energy: 144_250_000}},
		OwnWaits:    []creditnotes.ReportHeld{{Reason: sessions.NoDriverAmount, Sessions: 2, Energy: 20_000_000}},
		RecordCount: 5,
	}
	for _, origin := range creditnotes.Origins {
		kind := creditnotes.RecordRevenue
		if origin == creditnotes.OriginPlatformFee || origin == creditnotes.OriginOwnCharging || origin == creditnotes.OriginTopUp {
			kind = creditnotes.RecordExpense
		}
		r.Origins = append(r.Origins, creditnotes.OriginSum{Kind: kind, Origin: string(origin), Month: "2026-10", Records: 12, Net: 1_234_567_891})
	}
	for i := range days {
		r.Days = append(r.Days, creditnotes.ReportSum{Name: string(entities.Date("2026-10-01").AddDays(i)), Sessions: 3, Energy: 30_000_000, Net: money.Micros(400_123_456 + 37_000_000*(i*7%11) - 90_000_000*(i%13/12*6))})
	}
	for i := range stations {
		name := fmt.Sprintf("ST-%03d", i)
		if i%13 == 5 {
			name = "Gemeinschaftsladeinfrastruktur Große Bleichen / Poststraße, Tiefgarage Ebene 2"
		}
		r.Stations = append(r.Stations, creditnotes.ReportSum{Name: name, Sessions: int64(i*i + 1), Energy: 1_100_500_000, Net: money.Micros(12_345_678_901 / (i + 1))})
	}
	return r
}

// sampleRows are what the sample lists.
func sampleRows() creditnotes.ReportRows {
	text := func(s string) *string { return &s }
	record := func(id, origin string) creditnotes.ReportRecord {
		return creditnotes.ReportRecord{ID: id, Kind: creditnotes.RecordRevenue, Origin: origin, Month: "2026-10", Date: "2026-10-14", Station: "ST-001", Net: "11.200000", Document: "GS-2026-00001"}
	}
	paid := record("a", "session")
	paid.Session, paid.Energy, paid.Driver, paid.Share, paid.CollectedAt = "20261014-DE*VLT*E1001-1-20261014T081500Z", 22_345_000, text("14.00"), "11.200000", text("2026-10-20T08:00:00+02:00")
	awaited := record("b", "session")
	awaited.Session, awaited.Energy, awaited.Driver, awaited.Share = "S-2", 1_000_000, text("1234.567891"), "987.654312"
	custom := record("c", "custom")
	custom.Text, custom.Station = "Reparatur des Schildes an der Zufahrt zur Tiefgarage", ""
	topUp := record("T-1", "top_up")
	topUp.User, topUp.Document = "Anna Beispiel", ""
	previous := creditnotes.ReportLine{
		Session: "20260914-DE*VLT*E1001-1", Number: "GS-2026-00000", End: moment("2026-09-14T10:00:00Z"), CollectedAt: moment("2026-10-15T10:00:00Z"),
		Driver: new(money.Micros(206_150_000)), Nets: creditnotes.Nets{NetShare: 164_920_000},
	}
	return creditnotes.ReportRows{
		Previous: yielding(previous, previous),
		Records:  yielding(paid, awaited, record("d", "electricity_cost_reimbursement"), custom, topUp),
	}
}

func yielding[T any](list ...T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, one := range list {
			if !yield(one, nil) {
				return
			}
		}
	}
}

func TestSettlementReportsInEveryLanguageReadAsTheyDidBefore(t *testing.T) {
	r := newRenderer(t)
	for _, language := range r.texts.Languages() {
		t.Run(language, func(t *testing.T) {
			content, err := r.ReportPDF(sampleReport(language, 31, 3), sampleRows())
			if err != nil {
				t.Fatal(err)
			}
			golden(t, "report-"+language+".txt", transcript(t, content))
			checkLayout(t, r, content)
			for _, complaint := range pdftest.Violations(content) {
				t.Error(complaint)
			}
			look(t, "report-"+language, content)
		})
	}
}

func TestSettlementReportsOfEverySizeFitThePage(t *testing.T) {
	r := newRenderer(t)
	for _, size := range [][2]int{{0, 0}, {1, 1}, {2, 1}, {31, 40}, {92, 7}} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			report := sampleReport("de", size[0], size[1])
			report.Color = "#b3541e"
			content, err := r.ReportPDF(report, sampleRows())
			if err != nil {
				t.Fatal(err)
			}
			checkLayout(t, r, content)
			again, err := r.ReportPDF(report, sampleRows())
			if err != nil || !bytes.Equal(content, again) {
				t.Errorf("the same report gives other bytes, %v", err)
			}
			look(t, fmt.Sprintf("report-%d-days-%d-stations", size[0], size[1]), content)
		})
	}
}

func TestAReportSaysWhereTooManyRecordsAre(t *testing.T) {
	r := newRenderer(t)
	report := sampleReport("en", 1, 1)
	report.RecordCount, report.Totals.PreviousSessions = 1_000_000, 1_000_000
	content, err := r.ReportPDF(report, creditnotes.ReportRows{}) // they are not read
	if err != nil {
		t.Fatal(err)
	}
	if text := transcript(t, content); !bytes.Contains(text, []byte("1,000,000 records")) {
		t.Errorf("%s", text)
	}
}

func TestAReportDoesNotPromiseWhatIsInAnotherDocument(t *testing.T) {
	r := newRenderer(t)
	for _, language := range r.texts.Languages() {
		note, err := r.texts.Text(language, "report_held_note", map[string]any{"Count": 3, "Energy": "1"})
		other, wrong := r.texts.Text(language, "note_held", map[string]any{"Count": 3, "Energy": "1"})
		if err != nil || wrong != nil || note == other {
			t.Errorf("%s: %q, %v", language, note, slices.Concat([]error{err}, []error{wrong}))
		}
	}
}
