package mailer

import (
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/sessions"
)

// aReport is a settlement report of an owner whose recipient is another entity.
func aReport(language string) *creditnotes.SettlementReport {
	return &creditnotes.SettlementReport{
		Name: "b-2026-09-EUR", Owner: "b", OwnerName: "Bäckerei Weiß", Recipient: "a", Run: "2026-09", Currency: "EUR", Digits: 2, TimeZone: "Europe/Berlin",
		Period: creditnotes.ReportPeriod{From: "2026-07", To: "2026-09"}, FrozenAt: time.Date(2026, 9, 30, 21, 0, 0, 0, time.UTC), Language: language,
		Issuer: aNote().Document.Issuer, To: aNote().Document.Recipient, Color: "#0b5563",
		Totals:  creditnotes.ReportTotals{Revenue: "0.00", Expenses: "1234.50"},
		Account: creditnotes.ReportAccount{Closing: "-1234.50"},
		Held:    []creditnotes.ReportHeld{{Reason: sessions.Overlap, Sessions: 2, Energy: 12_500_000}},
	}
}

func reportMail(t *testing.T, language string) (*Message, *creditnotes.Delivery) {
	t.Helper()
	r := aReport(language)
	letter := r.Letter()
	d := aDelivery(letter)
	d.NoteID, d.ReportID, d.Report = 0, 9, r
	files := []creditnotes.File{
		{ReportID: 9, Kind: creditnotes.FilePDF, Name: "b-2026-09-EUR.pdf", MediaType: "application/pdf", Content: []byte("%PDF-")},
		{ReportID: 9, Kind: creditnotes.FileXLSX, Name: "b-2026-09-EUR.xlsx", MediaType: creditnotes.TypeXLSX, Content: []byte("PK")},
	}
	return compose(t, letter, d, files), d
}

func TestASettlementReportIsMailedAloneInEveryLanguage(t *testing.T) {
	catalog := texts(t)
	seen := map[string]string{}
	for _, language := range catalog.Languages() {
		m, d := reportMail(t, language)
		p := read(t, m.Content)
		title, err := catalog.Text(language, "title_settlement_report", nil)
		if err != nil {
			t.Fatal(err)
		}
		if subject := p.get(t, "Subject"); !strings.Contains(subject, title) || !strings.Contains(subject, "b-2026-09-EUR") {
			t.Errorf("%s: subject %q", language, subject)
		}
		for _, part := range []string{p.text, p.html} {
			for _, want := range []string{"Bäckerei Weiß", "b-2026-09-EUR.pdf", "b-2026-09-EUR.xlsx"} {
				if !strings.Contains(part, want) {
					t.Errorf("%s: %q is missing in\n%s", language, want, part)
				}
			}
		}
		if other := seen[p.text]; other != "" {
			t.Errorf("%s and %s have the same mail", language, other)
		}
		seen[p.text] = language
		if id := p.get(t, "Message-Id"); id != "<"+strings.Trim(d.MessageID, "<>")+">" {
			t.Errorf("%s: %s", language, id)
		}
	}
}

func TestTheMailOfASettlementReportSaysWhatItComesTo(t *testing.T) {
	m, _ := reportMail(t, "en")
	p := read(t, m.Content)
	for _, want := range []string{
		"Please find attached the settlement report b-2026-09-EUR for Bäckerei Weiß from", "Expenses", "1,234.50", "Closing balance",
		"2 charging sessions (12.500 kWh) are under review", "b-2026-09-EUR.pdf – the settlement report", "as a workbook",
	} {
		if !strings.Contains(p.text, want) {
			t.Errorf("%q is missing in\n%s", want, p.text)
		}
	}
	again, _ := reportMail(t, "en")
	if string(again.Content) != string(m.Content) {
		t.Error("the same mail has other bytes")
	}
}

func TestAReportThatGoesWithANoteIsNamed(t *testing.T) {
	n := aNote()
	files := append(someFiles(10), creditnotes.File{ReportID: 9, Kind: creditnotes.FilePDF, Name: "a-2026-09-EUR.pdf", MediaType: "application/pdf", Content: []byte("%PDF-")})
	p := read(t, compose(t, n, aDelivery(n), files).Content)
	if !strings.Contains(p.text, "a-2026-09-EUR.pdf – der Abrechnungsbericht") || len(p.names) != 3 {
		t.Errorf("%v\n%s", p.names, p.text)
	}
}
