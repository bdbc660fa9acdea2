package einvoice

import (
	"maps"
	"testing"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/locales"
	"creditrun/numbering"
)

func texts(tb testing.TB) Texts {
	tb.Helper()
	catalog, err := locales.New()
	if err != nil {
		tb.Fatal(err)
	}
	return catalog
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
		VATID: "DE987654321", TaxNumber: "27/555/01234", RegisterNumber: "HRA 4711", Email: "buchhaltung@hotel-alster.example",
		Phone: "+49 40 111111", CustomerRef: "K-1001",
		Bank: entities.Bank{Holder: "Hotel Alster GmbH & Co. KG", IBAN: "DE91 1000 0000 0123 4567 89", BIC: "MARKDEFF"},
	}
}

// foreign is a recipient outside Germany, without account and phone.
func foreign(country, vatID string) creditnotes.Party {
	return creditnotes.Party{
		Key: "f", Name: "Bornes de l’Est SARL", Street: "1 rue du Port", Postcode: "1234", City: "Ville", Country: country,
		VATID: vatID, Email: "compta@bornes.example",
	}
}

// shortNote is the worked example of domain.md §6.7.
func shortNote() *creditnotes.Note {
	return &creditnotes.Note{
		Kind: numbering.CreditNote, State: creditnotes.Issued, Number: "GS-2026-00001",
		Owners: []string{"a"}, Recipient: "a", Language: "de", Currency: "EUR",
		Date: "2026-10-31", PeriodFrom: "2026-10-03", PeriodTo: "2026-10-31",
		Positions: []creditnotes.Position{
			{Ordinal: 1, Owner: "a", Station: "ST-1", StationName: "Hotel Alster Nord", Component: creditnotes.Energy, Month: "2026-10", Sessions: 2, Energy: 22_345_000, Sum: 7_038_675, Net: 704},
			{Ordinal: 2, Owner: "a", Station: "ST-2", StationName: "Hotel Alster Süd", Component: creditnotes.Energy, Month: "2026-10", Sessions: 3, Energy: 35_000_000, Sum: 9_800_000, Net: 980},
		},
		Taxes: []creditnotes.TaxTotal{{Account: "de-19", Name: "Umsatzsteuer 19 %", Category: creditnotes.StandardRate, Rate: 1900, Base: 1684, Tax: 320}},
		Net:   1684, Tax: 320, Gross: 2004,
		Document: creditnotes.Document{
			TypeCode: "389", Issuer: operator(), Recipient: hotel(), OwnerNames: map[string]string{"a": "Hotel Alster GmbH & Co. KG"},
			TimeZone: "Europe/Berlin", Month: "2026-10", Mentions: []string{"Gutschrift"}, RevenueAccount: "4400",
			NetDays: 14, DueDate: "2026-11-14", PaymentTerms: "Zahlbar innerhalb von 14 Tagen ohne Abzug.",
			Agreement: "SBA-17", SessionDetail: "csv", CurrencyDigits: 2,
		},
	}
}

// total adds the positions up and taxes them.
func total(n *creditnotes.Note) *creditnotes.Note {
	n.Net, n.Tax = 0, 0
	for i := range n.Positions {
		n.Positions[i].Ordinal = i + 1
		n.Net += n.Positions[i].Net
	}
	for i := range n.Taxes {
		if len(n.Taxes) == 1 {
			n.Taxes[i].Base = n.Net
		}
		n.Taxes[i].Tax = n.Taxes[i].Base.Tax(n.Taxes[i].Rate)
		n.Tax += n.Taxes[i].Tax
	}
	n.Gross = n.Net + n.Tax
	return n
}

func taxed(n *creditnotes.Note, category creditnotes.TaxCategory, rate money.Percent, exemption string) *creditnotes.Note {
	n.Taxes = []creditnotes.TaxTotal{{Account: "t", Name: "USt", Category: category, Rate: rate, Exemption: exemption}}
	if exemption != "" {
		n.Document.Mentions = append(n.Document.Mentions, exemption)
	}
	return total(n)
}

// richNote has everything a position can be, and goes to another party than
// the two owners.
func richNote() *creditnotes.Note {
	n := shortNote()
	n.Number, n.Owners = "GS-2026-00003", []string{"x", "y"}
	n.PeriodFrom = "2026-08-11"
	n.Document.OwnerNames = map[string]string{"x": "Test 12 Betriebs GmbH", "y": "Test <XY>"}
	position := func(owner, station, name string, c creditnotes.Component, month entities.Month, sessions int, net money.Amount) creditnotes.Position {
		p := creditnotes.Position{Owner: owner, Station: station, StationName: name, Component: c, Month: month, Late: month < "2026-10", Sessions: sessions, Sum: net.Micros(2), Net: net}
		if c == creditnotes.Energy {
			p.Energy = money.Quantity(net) * 28_571
		}
		return p
	}
	correction := position("x", "ST-7", "Wien Hauptbahnhof", creditnotes.Energy, "2026-08", 2, -315)
	correction.Correction = true
	n.Positions = []creditnotes.Position{
		correction,
		position("x", "ST-7", "Wien Hauptbahnhof", creditnotes.Energy, "2026-09", 4, 4210),
		position("x", "ST-7", "Wien Hauptbahnhof", creditnotes.Energy, "2026-10", 84, 123456),
		position("x", "ST-7", "Wien Hauptbahnhof", creditnotes.Time, "2026-10", 12, 1275),
		position("x", "ST-7", "Wien Hauptbahnhof", creditnotes.Fee, "2026-10", 84, 4200),
		position("y", "ST-8", "ST-8", creditnotes.Energy, "2026-10", 1, 0),
		{Owner: "y", Component: creditnotes.CarriedForward, Month: "2026-07", Net: -1250, Sum: -12_500_000, CarriedFrom: 17},
	}
	n.Document.CarriedForward = map[int]string{7: "2026-07"}
	return total(n)
}

// cancelled cancels a note as creditnotes does: figures with the sign turned.
func cancelled(n *creditnotes.Note, typeCode string) *creditnotes.Note {
	n.Document.CancelsNumber, n.Document.CancelsDate = n.Number, n.Date
	n.Kind, n.Number, n.Date = numbering.Cancellation, "ST-2026-00001", "2026-11-05"
	for i := range n.Positions {
		p := &n.Positions[i]
		p.Energy, p.Sum, p.Net, p.CarriedFrom = -p.Energy, -p.Sum, -p.Net, 0
		for k := range p.Prices {
			p.Prices[k].Quantity *= -1
		}
	}
	for i := range n.Taxes {
		n.Taxes[i].Base, n.Taxes[i].Tax = -n.Taxes[i].Base, -n.Taxes[i].Tax
	}
	n.Net, n.Tax, n.Gross = -n.Net, -n.Tax, -n.Gross
	n.Document.TypeCode, n.Document.DueDate = typeCode, "2026-11-19"
	n.Document.CancelReason = "Der Zähler an ST-2 war falsch parametriert."
	return n
}

func inCurrency(n *creditnotes.Note, code string, digits int) *creditnotes.Note {
	n.Currency, n.Document.CurrencyDigits = code, digits
	return n
}

func paidTo(n *creditnotes.Note, p creditnotes.Party) *creditnotes.Note {
	n.Document.Recipient, n.Recipient = p, p.Key
	return n
}

// empty is a document over nothing, without a session.
func empty(n *creditnotes.Note) *creditnotes.Note {
	n.Positions, n.PeriodFrom = nil, "2026-10-01"
	return total(n)
}

// sample is a note and the profiles it can be written in.
type sample struct {
	note *creditnotes.Note
	only Profile // empty: both
}

func samples() map[string]sample {
	smallBusiness := hotel()
	smallBusiness.VATID, smallBusiness.RegisterNumber, smallBusiness.Name = "", "", "Erika Mustermann"
	private := creditnotes.Party{Key: "p-1", Name: "Paul Privat", Country: "DE", Email: "paul@privat.example"}
	privateAtHome := private
	privateAtHome.Street, privateAtHome.Postcode, privateAtHome.City = "Weg 1", "12345", "Dorf"
	hostile := hotel()
	hostile.Name = " Łódź & <Söhne> \"Ladepark\"\x07 ⚡️🚗\tAG\x00\uffff \xff"
	british := foreign("GB", "GB123456789")
	british.Bank = entities.Bank{IBAN: "GB29NWBK60161331926819"}
	french := in("fr", shortNote())
	free := shortNote()
	for i := range free.Positions {
		free.Positions[i].Net, free.Positions[i].Sum = 0, 0
	}
	all := map[string]sample{
		"S":                  {note: shortNote()},
		"S-7.7":              {note: taxed(shortNote(), creditnotes.StandardRate, 770, "")},
		"S-positions":        {note: richNote()},
		"S-prices":           {note: pricedNote()},
		"S-zero":             {note: total(free)},
		"S-empty":            {note: empty(shortNote())},
		"S-fr":               {note: french},
		"S-taxnumber":        {note: paidTo(shortNote(), smallBusiness)},
		"S-hostile":          {note: paidTo(shortNote(), hostile)},
		"S-reduced-mixed":    mixed(creditnotes.TaxTotal{Account: "de-7", Category: creditnotes.StandardRate, Rate: 700}),
		"S-exempt-mixed":     mixed(creditnotes.TaxTotal{Account: "e", Category: creditnotes.Exempt, Exemption: "Kein Ausweis von Umsatzsteuer, § 19 UStG"}),
		"S-correction-mixed": corrects(creditnotes.TaxTotal{Account: "de-21", Category: creditnotes.StandardRate, Rate: 2100}),
		"S-AE-mixed":         corrects(creditnotes.TaxTotal{Account: "rc", Category: creditnotes.ReverseCharge, Exemption: "Steuerschuldnerschaft des Leistungsempfängers"}),
		"E-accounts":         together(),
		"Z":                  {note: taxed(shortNote(), creditnotes.ZeroRate, 0, "")},
		"E":                  {note: taxed(paidTo(shortNote(), smallBusiness), creditnotes.Exempt, 0, "Kein Ausweis von Umsatzsteuer, § 19 UStG")},
		"AE":                 {note: taxed(paidTo(shortNote(), foreign("AT", "ATU12345675")), creditnotes.ReverseCharge, 0, "Steuerschuldnerschaft des Leistungsempfängers")},
		"AE-positions":       {note: taxed(paidTo(richNote(), foreign("GR", "EL123456783")), creditnotes.ReverseCharge, 0, "Steuerschuldnerschaft des Leistungsempfängers")},
		"K":                  {note: taxed(paidTo(shortNote(), foreign("FR", "FR12345678901")), creditnotes.IntraCommunity, 0, "Steuerfreie innergemeinschaftliche Lieferung")},
		"G":                  {note: taxed(paidTo(shortNote(), foreign("CH", "CHE-123.456.788 MWST")), creditnotes.ExportOutsideEU, 0, "Steuerfreie Ausfuhr")},
		"O":                  {note: taxed(paidTo(shortNote(), privateAtHome), creditnotes.OutsideScope, 0, "Nicht steuerbar")},
		"O-foreign":          {note: taxed(paidTo(shortNote(), foreign("NO", "")), creditnotes.OutsideScope, 0, "Nicht steuerbar")},
		"O-vatid":            {note: taxed(shortNote(), creditnotes.OutsideScope, 0, "Nicht steuerbar")},
		"O-minimal":          {note: taxed(paidTo(shortNote(), private), creditnotes.OutsideScope, 0, "Nicht steuerbar"), only: EN16931},
		"JPY":                {note: total(inCurrency(shortNote(), "JPY", 0))},
		"GBP":                {note: total(inCurrency(paidTo(shortNote(), british), "GBP", 2))},
		"cancellation-261":   {note: cancelled(shortNote(), "261")},
		"cancellation-384":   {note: cancelled(shortNote(), "384")},
		"cancellation-389":   {note: cancelled(shortNote(), "389")},
		"cancellation-rich":  {note: cancelled(richNote(), "261")},
		"cancellation-rich4": {note: cancelled(richNote(), "384")},
		"cancellation-O":     {note: cancelled(taxed(paidTo(shortNote(), privateAtHome), creditnotes.OutsideScope, 0, "Nicht steuerbar"), "261")},
		"cancellation-empty": {note: cancelled(empty(shortNote()), "261")},
		"KWD":                {note: kuwaiti()},
	}
	maps.Copy(all, feeSamples())
	return all
}

// mixed taxes the second position otherwise than the first.
func mixed(second creditnotes.TaxTotal) sample {
	n := shortNote()
	second.Slot, second.Base = 1, 980
	n.Taxes[0].Base = 704
	n.Taxes = append(n.Taxes, second)
	for i := range n.Positions {
		n.Positions[i].TaxAccount, n.Positions[i].Tax = n.Taxes[i].Account, i
	}
	return sample{note: total(n)}
}

// corrects is a note that takes back 7.04 under its first tax and pays 9.80
// under another one.
func corrects(second creditnotes.TaxTotal) sample {
	s := mixed(second)
	p := &s.note.Positions[0]
	p.Correction, p.Energy, p.Sum, p.Net = true, -p.Energy, -p.Sum, -p.Net
	s.note.Taxes[0].Base = -704
	total(s.note)
	return s
}

// together is a note with two tax accounts of the same category.
func together() sample {
	s := mixed(creditnotes.TaxTotal{Account: "b", Category: creditnotes.Exempt, Exemption: "Steuerfrei nach § 4 UStG"})
	s.note.Taxes[0] = creditnotes.TaxTotal{Account: "a", Category: creditnotes.Exempt, Exemption: "Kein Ausweis von Umsatzsteuer, § 19 UStG", Base: 704}
	s.note.Positions[0].TaxAccount = "a"
	total(s.note)
	return s
}

// kuwaiti has three decimals, the last one 0.
func kuwaiti() *creditnotes.Note {
	n := inCurrency(shortNote(), "KWD", 3)
	n.Taxes[0].Rate = 500
	n.Positions[0].Net, n.Positions[1].Net = 7000, 9800
	return total(n)
}

func in(language string, n *creditnotes.Note) *creditnotes.Note {
	n.Language = language
	n.Document.Mentions = []string{"Autofacturation"}
	return n
}

// write writes a sample in all its forms, by file name.
func (s sample) write(tb testing.TB, name string, texts Texts) map[string][]byte {
	tb.Helper()
	files := map[string][]byte{}
	for suffix, profile := range map[string]Profile{"en": EN16931, "xr": XRechnung30} {
		if s.only != "" && profile != s.only {
			continue
		}
		inv, err := composerOf(s.note, profile, texts).invoice()
		if err != nil {
			tb.Fatalf("%s.%s: %v", name, suffix, err)
		}
		files[name+"."+suffix+".cii.xml"] = must(tb)(encode(inv.cii()))
		if inv.returns() {
			files[name+"."+suffix+".ubl.xml"] = must(tb)(encode(inv.ublCreditNote()))
		} else {
			files[name+"."+suffix+".ubl.xml"] = must(tb)(encode(inv.ublInvoice()))
		}
	}
	return files
}

func must(tb testing.TB) func([]byte, error) []byte {
	return func(b []byte, err error) []byte {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return b
	}
}
