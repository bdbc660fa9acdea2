package document

import (
	"fmt"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/locales"
	"creditrun/numbering"
)

func newRenderer(tb testing.TB) *Renderer {
	tb.Helper()
	texts, err := locales.New()
	if err != nil {
		tb.Fatal(err)
	}
	r, err := New(texts)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func operator() creditnotes.Party {
	return creditnotes.Party{
		Key: "voltnetz", Name: "Voltnetz Ladeinfrastruktur GmbH", Street: "Hafenstraße 12", Postcode: "20457", City: "Hamburg",
		Country: "DE", VATID: "DE123456788", TaxNumber: "27/123/45678", RegisterNumber: "HRB 98765 Hamburg",
		Email: "billing@voltnetz.example", Phone: "+49 40 000000",
	}
}

func hotel() creditnotes.Party {
	return creditnotes.Party{
		Key: "a", Name: "Hotel Alster GmbH & Co. KG", Street: "Seeweg 5", Postcode: "20354", City: "Hamburg", Country: "DE",
		VATID: "DE987654321", TaxNumber: "27/555/01234", CustomerRef: "K-1001",
		Bank: entities.Bank{Holder: "Hotel Alster GmbH & Co. KG", IBAN: "DE91100000000123456789", BIC: "MARKDEFF"},
	}
}

// shortNote is the worked example of domain.md §6.7.
func shortNote() *creditnotes.Note {
	return &creditnotes.Note{
		Kind: numbering.CreditNote, State: creditnotes.Issued, Number: "GS-2026-00001",
		Owners: []string{"a"}, Recipient: "a", Language: "de", Currency: "EUR",
		Date: "2026-10-31", PeriodFrom: "2026-10-03", PeriodTo: "2026-10-31",
		Positions: []creditnotes.Position{
			{Ordinal: 1, Owner: "a", Station: "ST-1", StationName: "Hotel Alster Nord", Component: creditnotes.Energy, Month: "2026-10", Sessions: 2, Energy: 22_345_000, Sum: 7_038_675, Net: 704,
				Prices: []creditnotes.UnitPrice{{Tariff: "COM", Unit: creditnotes.UnitKWh, Price: 350_000_000, Discount: 1000, Quantity: 22_345_000}}},
			{Ordinal: 2, Owner: "a", Station: "ST-2", StationName: "Hotel Alster Süd", Component: creditnotes.Energy, Month: "2026-10", Sessions: 3, Energy: 35_000_000, Sum: 9_800_000, Net: 980,
				Prices: []creditnotes.UnitPrice{{Tariff: "LP", Unit: creditnotes.UnitKWh, Price: 280_000_000, Quantity: 35_000_000}}},
		},
		Taxes: []creditnotes.TaxTotal{{Account: "de-19", Name: "Umsatzsteuer 19 %", Category: creditnotes.StandardRate, Rate: 1900, Base: 1684, Tax: 320}},
		Net:   1684, Tax: 320, Gross: 2004,
		Document: creditnotes.Document{
			Issuer: operator(), Recipient: hotel(), OwnerNames: map[string]string{"a": "Hotel Alster GmbH & Co. KG"},
			TimeZone: "Europe/Berlin", Month: "2026-10", Mentions: []string{"Gutschrift"}, NetDays: 14, DueDate: "2026-11-14",
			PaymentTerms: "Zahlbar innerhalb von 14 Tagen ohne Abzug.", Agreement: "SBA-17", SessionDetail: "csv",
			Held: creditnotes.HeldSummary{Sessions: 1, Energy: 3_000_000}, CurrencyDigits: 2,
		},
		IssuedAt: time.Date(2026, 10, 31, 22, 30, 0, 0, time.UTC),
	}
}

// total adds the positions up and taxes them.
func total(n *creditnotes.Note) *creditnotes.Note {
	n.Net = 0
	for i := range n.Positions {
		n.Positions[i].Ordinal = i + 1
		n.Net += n.Positions[i].Net
	}
	n.Tax = 0
	for i := range n.Taxes {
		n.Taxes[i].Base = n.Net
		n.Taxes[i].Tax = n.Net.Tax(n.Taxes[i].Rate)
		n.Tax += n.Taxes[i].Tax
	}
	n.Gross = n.Net + n.Tax
	return n
}

func energyPosition(owner, station, name string, month entities.Month, net money.Amount) creditnotes.Position {
	return creditnotes.Position{
		Owner: owner, Station: station, StationName: name, Component: creditnotes.Energy, Month: month,
		Sessions: 10 + int(max(net, -net))%90, Energy: money.Quantity(net) * 2_857_000, Sum: net.Micros(2), Net: net,
	}
}

// longNote has n positions, some with names that wrap.
func longNote(n int) *creditnotes.Note {
	note := shortNote()
	note.Number = "GS-2026-00002"
	note.Positions = nil
	for i := range n {
		name := fmt.Sprintf("Parkhaus Łódź Centrum Południe – Ebene %d", i%7)
		if i%11 == 0 {
			name = "Gemeinschaftsladeinfrastruktur der Wohnungseigentümergemeinschaft Große Bleichen / Poststraße, Tiefgarage"
		}
		p := energyPosition("a", fmt.Sprintf("ST-%04d", i/3), name, "2026-10", money.Amount(1234567+i*977))
		p.Component = []creditnotes.Component{creditnotes.Energy, creditnotes.Time, creditnotes.Fee}[i%3]
		if p.Component != creditnotes.Energy {
			p.Energy = 0
		}
		note.Positions = append(note.Positions, p)
	}
	return total(note)
}

// consolidatedNote has two owners, late sessions, corrections and a sum
// carried forward, and goes to their parent abroad.
func consolidatedNote() *creditnotes.Note {
	note := shortNote()
	note.Number = "GS-2026-00003"
	note.Owners, note.Recipient = []string{"test-12", "test-xy"}, "demo"
	note.Document.OwnerNames = map[string]string{"test-12": "Test 12 Betriebsgesellschaft", "test-xy": "Test XY"}
	note.Document.Recipient = creditnotes.Party{
		Key: "demo", Name: "Demonstration Company AG", Street: "Ringstraße 1", Postcode: "1010", City: "Wien", Country: "AT",
		VATID: "ATU12345675", CustomerRef: "K-1001",
		Bank: entities.Bank{Holder: "Demonstration Company AG", IBAN: "AT611904300234573201", BIC: "BKAUATWW"},
	}
	note.Document.Mentions = []string{"Gutschrift", "Steuerschuldnerschaft des Leistungsempfängers"}
	note.Taxes = []creditnotes.TaxTotal{{Account: "rc", Name: "Reverse Charge", Category: creditnotes.ReverseCharge, Exemption: "Steuerschuldnerschaft des Leistungsempfängers"}}
	late := energyPosition("test-12", "ST-7", "Wien Hauptbahnhof", "2026-09", 4210)
	late.Late = true
	correction := energyPosition("test-12", "ST-7", "Wien Hauptbahnhof", "2026-08", -315)
	correction.Correction, correction.Late = true, true
	fee := energyPosition("test-xy", "ST-9", "Graz Messe", "2026-10", 2600)
	fee.Component, fee.Energy = creditnotes.Fee, 0
	time := fee
	time.Component, time.Net = creditnotes.Time, 1275
	note.Positions = []creditnotes.Position{
		correction, late,
		energyPosition("test-12", "ST-7", "Wien Hauptbahnhof", "2026-10", 123456),
		energyPosition("test-12", "ST-8", "Wien Westbahnhof", "2026-10", 8791),
		energyPosition("test-xy", "ST-9", "Graz Messe", "2026-10", 45012),
		time, fee,
		{Owner: "test-xy", Component: creditnotes.CarriedForward, Month: "2026-09", Net: -1250, Sum: -12_500_000, CarriedFrom: 17},
	}
	note.Document.CarriedForward = map[int]string{8: "2026-09"}
	note.Document.Held = creditnotes.HeldSummary{Sessions: 12, Energy: 1_430_500_000}
	return total(note)
}

// cancellationNote cancels the short note.
func cancellationNote() *creditnotes.Note {
	note := shortNote()
	note.Kind, note.Number = numbering.Cancellation, "ST-2026-00001"
	note.Date = "2026-11-05"
	for i := range note.Positions {
		p := &note.Positions[i]
		p.Energy, p.Sum, p.Net = -p.Energy, -p.Sum, -p.Net
	}
	note.Net, note.Tax, note.Gross = -note.Net, -note.Tax, -note.Gross
	note.Taxes[0].Base, note.Taxes[0].Tax = -note.Taxes[0].Base, -note.Taxes[0].Tax
	note.Document.CancelsNumber, note.Document.CancelsDate = "GS-2026-00001", "2026-10-31"
	note.Document.CancelReason = "Der Zähler an ST-2 war falsch parametriert."
	return note
}

// in puts a note into another language, with the words that are frozen on it.
func in(language string, note *creditnotes.Note) *creditnotes.Note {
	words := map[string][3]string{
		"de": {"Umsatzsteuer 19 %", "Gutschrift", "Zahlbar innerhalb von 14 Tagen ohne Abzug."},
		"en": {"VAT 19%", "Self-billing", "Payable within 14 days without deduction."},
		"fr": {"TVA 19 %", "Autofacturation", "Payable sous 14 jours sans escompte."},
		"it": {"IVA 19%", "autofatturazione", "Pagabile entro 14 giorni senza detrazioni."},
	}[language]
	note.Language = language
	note.Taxes[0].Name = words[0]
	note.Document.Mentions = append([]string{words[1]}, note.Document.Mentions[1:]...)
	note.Document.PaymentTerms = words[2]
	return note
}
