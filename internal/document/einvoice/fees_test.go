package einvoice

import (
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/numbering"
)

// feeNote charges fees of two months, own charging and a custom record.
func feeNote() *creditnotes.Note {
	n := shortNote()
	n.Kind, n.Number, n.PeriodFrom, n.PeriodTo = numbering.Invoice, "RE-2026-00001", "2026-09-01", "2026-10-31"
	fee := func(c creditnotes.Component, month entities.Month, quantity int64, price money.Micros) creditnotes.Position {
		sum := price * money.Micros(quantity)
		return creditnotes.Position{Owner: "a", Component: c, Month: month, Sum: sum, Net: sum.Round(n.Document.CurrencyDigits),
			Quantity: quantity, UnitPrice: price, Contract: "hotel-2026"}
	}
	correction := fee(creditnotes.FeePerACEVSE, "2026-09", -1, 3_333_333)
	correction.Correction = true
	n.Positions = []creditnotes.Position{
		correction,
		fee(creditnotes.MonthlyFee, "2026-10", 1, 25_000_000),
		fee(creditnotes.FeePerStation, "2026-10", 12, 5_000_000),
		fee(creditnotes.FeePerACEVSE, "2026-10", 20, 3_333_333),
		fee(creditnotes.FeePerDCEVSE, "2026-10", 2, 9_900_000),
		{Owner: "a", Component: creditnotes.OwnCharging, Month: "2026-10", Sessions: 37, Energy: 412_345_000, Sum: 123_456_789, Net: 12346, Contract: "hotel-2026",
			Prices: []creditnotes.UnitPrice{{Tariff: "hotel-2026", Unit: creditnotes.UnitAmount, Discount: 1000, Quantity: 137_174_210}}},
		{Owner: "a", Component: creditnotes.Custom, Month: "2026-10", Sum: 80_000_000, Net: 8000, Record: "R-7", Text: "Anfahrt <zur> Störung", Contract: "hotel-2026"},
	}
	d := &n.Document
	d.Issuer.Bank = entities.Bank{Holder: "Voltnetz Ladeinfrastruktur GmbH", IBAN: "DE02120300000000202051", BIC: "BYLADEM1001"}
	d.TypeCode, d.SetOff, d.RevenueAccount, d.Agreement, d.Mentions = creditnotes.TypeFeeInvoice, true, "8400", "", nil
	return total(n)
}

func cancelledFees(n *creditnotes.Note) *creditnotes.Note {
	n = cancelled(n, creditnotes.TypeFeeCancellation)
	for i := range n.Positions {
		n.Positions[i].Quantity = -n.Positions[i].Quantity
	}
	n.Document.SetOff = false
	return n
}

func feeSamples() map[string]sample {
	negative := feeNote()
	negative.Positions = negative.Positions[:2]
	abroad := paidTo(feeNote(), foreign("AT", "ATU12345675"))
	yen := inCurrency(feeNote(), "JPY", 0)
	for i := range yen.Positions {
		p := &yen.Positions[i]
		p.Net = p.Sum.Round(0)
	}
	return map[string]sample{
		"fees":              {note: feeNote()},
		"fees-negative":     {note: total(negative)},
		"fees-AE":           {note: taxed(abroad, creditnotes.ReverseCharge, 0, "Steuerschuldnerschaft des Leistungsempfängers")},
		"fees-JPY":          {note: total(yen)},
		"fees-cancelled":    {note: cancelledFees(feeNote())},
		"fees-cancelled-AE": {note: cancelledFees(taxed(paidTo(feeNote(), foreign("FR", "FR12345678901")), creditnotes.ReverseCharge, 0, "Steuerschuldnerschaft des Leistungsempfängers"))},
	}
}

func feeModel(t *testing.T, n *creditnotes.Note, p *Profile) *invoice {
	t.Helper()
	inv, err := invoiceOf(n, p, texts(t))
	if err != nil {
		t.Fatal(err)
	}
	return inv
}

func TestTheOperatorIsTheSellerOfAFeeInvoice(t *testing.T) {
	inv := feeModel(t, feeNote(), XRechnung30)
	if inv.typeCode != "380" || inv.returns() || inv.seller.name != "Voltnetz Ladeinfrastruktur GmbH" || inv.seller.id != "" || inv.seller.taxID != "27/123/45678" ||
		inv.buyer.name != "Hotel Alster GmbH & Co. KG" || inv.buyer.vatID != "DE987654321" || inv.buyer.taxID != "" {
		t.Errorf("%+v", inv)
	}
	if inv.payment != (payment{sepaTransfer, "DE02120300000000202051", "Voltnetz Ladeinfrastruktur GmbH", "BYLADEM1001"}) {
		t.Errorf("%+v", inv.payment)
	}
	if inv.buyerReference != "K-1001" || inv.contract != "hotel-2026" || inv.accounting != "" ||
		!strings.HasPrefix(inv.terms, "Der Betrag wird mit Ihren Gutschriften verrechnet. ") {
		t.Errorf("%q %q %q %q", inv.buyerReference, inv.contract, inv.accounting, inv.terms)
	}
	other := feeNote()
	other.Positions[0].Contract, other.Document.SetOff, other.Document.Recipient.CustomerRef = "hotel-2025", false, ""
	if inv := feeModel(t, other, EN16931); inv.contract != "" || inv.buyerReference != "a" || strings.Contains(inv.terms, "verrechnet") {
		t.Errorf("%q %q %q", inv.contract, inv.buyerReference, inv.terms)
	}
	unreachable := feeNote()
	unreachable.Document.Issuer.Phone = ""
	if _, err := invoiceOf(unreachable, XRechnung30, texts(t)); err == nil {
		t.Error("the phone of the recipient is given as the seller's")
	}
}

func TestAFeeIsAQuantityTimesAUnitPrice(t *testing.T) {
	for name, c := range map[string]struct {
		note *creditnotes.Note
		want []string
	}{
		"invoice": {feeNote(), []string{"-1 C62 × 3.333333 = -3.33", "1 MON × 25.00 = 25.00", "12 C62 × 5.00 = 60.00", "20 C62 × 3.333333 = 66.67",
			"2 C62 × 9.90 = 19.80", "1 C62 × 123.46 = 123.46", "1 C62 × 80.00 = 80.00"}},
		"cancellation": {cancelledFees(feeNote()), []string{"-1 C62 × 3.333333 = -3.33", "1 MON × 25.00 = 25.00", "12 C62 × 5.00 = 60.00", "20 C62 × 3.333333 = 66.67",
			"2 C62 × 9.90 = 19.80", "1 C62 × 123.46 = 123.46", "1 C62 × 80.00 = 80.00"}},
		"yen": {feeSamples()["fees-JPY"].note, []string{"-1 C62 × 3 = -3", "1 MON × 25.00 = 25", "12 C62 × 5.00 = 60", "1 C62 × 67 = 67",
			"1 C62 × 20 = 20", "1 C62 × 123 = 123", "1 C62 × 80 = 80"}},
	} {
		inv := feeModel(t, c.note, EN16931)
		for i, l := range inv.lines {
			if got := l.quantity + " " + l.unit + " × " + l.price + " = " + l.net; got != c.want[i] {
				t.Errorf("%s, line %d: %s, want %s", name, i+1, got, c.want[i])
			}
		}
	}
	l := feeModel(t, feeNote(), EN16931).lines
	if l[0].description != "Vertrag hotel-2026; Korrekturen zu September 2026" || l[1].name != "Monatsgebühr, Oktober 2026" || len(l[1].attributes) != 0 ||
		len(l[5].attributes) != 3 || l[5].attributes[0] != (attribute{"kWh", "412.345"}) ||
		l[5].attributes[2] != (attribute{"EUR × %", "137.17421 × 90"}) || l[6].name != "Anfahrt <zur> Störung, Oktober 2026" {
		t.Errorf("%+v", l)
	}
}

func TestACancelledFeeInvoiceIsACreditNote(t *testing.T) {
	inv := feeModel(t, cancelledFees(feeNote()), XRechnung30)
	if inv.typeCode != "381" || !inv.returns() || inv.totals.gross != feeModel(t, feeNote(), XRechnung30).totals.gross || inv.payment.code != clearing ||
		inv.preceding == nil || inv.preceding.number != "RE-2026-00001" || inv.terms != "" {
		t.Errorf("%+v", inv)
	}
	billed, credited := feeNote(), shortNote()
	billed.Document.TypeCode, credited.Document.TypeCode = selfBilledInvoice, feeInvoice
	for _, wrong := range []*creditnotes.Note{billed, credited} {
		if _, err := invoiceOf(wrong, EN16931, texts(t)); err == nil {
			t.Errorf("a document of the kind %s is written with the type %s", wrong.Kind, wrong.Document.TypeCode)
		}
	}
}
