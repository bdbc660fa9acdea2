package document

import (
	"bytes"
	"iter"
	"slices"
	"testing"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/pdf/pdftest"
	"creditrun/numbering"
)

// feeInvoice charges fees of two months, own charging and a custom record.
func feeInvoice() *creditnotes.Note {
	n := shortNote()
	n.Kind, n.Number = numbering.Invoice, "RE-2026-00001"
	n.PeriodFrom, n.PeriodTo = "2026-09-01", "2026-10-31"
	fee := func(c creditnotes.Component, month entities.Month, quantity int64, price money.Micros) creditnotes.Position {
		sum := price * money.Micros(quantity)
		return creditnotes.Position{Owner: "a", Component: c, Month: month, Late: month < "2026-10", Sum: sum, Net: sum.Round(2),
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
		{Owner: "a", Component: creditnotes.Custom, Month: "2026-10", Sum: 80_000_000, Net: 8000, Record: "R-7", Text: "Anfahrt zur Störung an ST-2 am 12.10.2026, Pauschale"},
	}
	n.Document.Issuer.Bank = entities.Bank{Holder: "Voltnetz Ladeinfrastruktur GmbH", IBAN: "DE02120300000000202051", BIC: "BYLADEM1001"}
	n.Document.TypeCode, n.Document.SetOff, n.Document.Agreement = creditnotes.TypeFeeInvoice, true, ""
	n.Document.Mentions, n.Document.Held = nil, creditnotes.HeldSummary{}
	return total(n)
}

// cancelledFees cancels the fee invoice.
func cancelledFees() *creditnotes.Note {
	n := feeInvoice()
	n.Kind, n.Number, n.Date = numbering.Cancellation, "ST-2026-00002", "2026-11-05"
	for i := range n.Positions {
		p := &n.Positions[i]
		p.Energy, p.Sum, p.Net, p.Quantity = -p.Energy, -p.Sum, -p.Net, -p.Quantity
	}
	d := &n.Document
	d.TypeCode, d.SetOff, d.CancelsNumber, d.CancelsDate = creditnotes.TypeFeeCancellation, false, "RE-2026-00001", "2026-10-31"
	d.CancelReason = "Die Zahl der Ladepunkte war falsch."
	return total(n)
}

// spokenFees is the fee invoice in a language.
func spokenFees(t *testing.T, r *Renderer, language string, n *creditnotes.Note) *creditnotes.Note {
	t.Helper()
	n.Language, n.Document.PaymentTerms = language, ""
	if language != "de" {
		n.Taxes[0].Name = "s19"
	}
	return n
}

func TestFeeInvoicesInEveryLanguageReadAsTheyDidBefore(t *testing.T) {
	r := newRenderer(t)
	for _, language := range r.texts.Languages() {
		t.Run(language, func(t *testing.T) {
			for name, n := range map[string]*creditnotes.Note{"fees-": feeInvoice(), "fees-cancelled-": cancelledFees()} {
				files, err := r.Files(spokenFees(t, r, language, n), manyDetails(3))
				if err != nil {
					t.Fatal(err)
				}
				content := pdfOf(t, files)
				golden(t, name+language+".txt", transcript(t, content))
				checkLayout(t, r, content)
				for _, complaint := range pdftest.Violations(content) {
					t.Error(complaint)
				}
				look(t, name+language, content)
			}
		})
	}
}

func TestFeeInvoiceSaysHowItIsPaid(t *testing.T) {
	r := newRenderer(t)
	for name, c := range map[string]struct {
		change        func(d *creditnotes.Document)
		says, isQuiet []string
	}{
		"set off":                    {func(*creditnotes.Document) {}, []string{"mit Ihren Gutschriften verrechnet", "nicht gedeckt", "DE02 1203", "14.11.2026"}, []string{"DE91 1000", "Selbst", "widersprechen"}},
		"to be paid":                 {func(d *creditnotes.Document) { d.SetOff = false }, []string{"überweisen Sie den Betrag bis zum 14.11.2026", "DE02 1203"}, []string{"verrechnet"}},
		"no account":                 {func(d *creditnotes.Document) { d.SetOff, d.Issuer.Bank = false, entities.Bank{} }, []string{"zahlen Sie den Betrag bis zum 14.11.2026"}, []string{"IBAN"}},
		"set off without an account": {func(d *creditnotes.Document) { d.Issuer.Bank = entities.Bank{} }, []string{"verrechnet"}, []string{"IBAN", "nicht gedeckt"}},
	} {
		n := feeInvoice()
		c.change(&n.Document)
		content, err := r.PDF(n)
		if err != nil {
			t.Fatal(err)
		}
		text := transcript(t, content)
		for _, words := range c.says {
			if !bytes.Contains(text, []byte(words)) {
				t.Errorf("%s: %q is missing", name, words)
			}
		}
		for _, words := range c.isQuiet {
			if bytes.Contains(text, []byte(words)) {
				t.Errorf("%s: %q is there", name, words)
			}
		}
	}
}

// The sessions stand beside a fee invoice only where it bills own charging.
func TestFeeInvoiceListsItsSessionsWhereItHasAny(t *testing.T) {
	r := newRenderer(t)
	csv := func(n *creditnotes.Note, details iter.Seq2[creditnotes.Detail, error]) bool {
		files, err := r.Files(n, details)
		if err != nil {
			t.Fatal(err)
		}
		listed := slices.ContainsFunc(files, func(f creditnotes.File) bool { return f.Kind == creditnotes.FileCSV })
		if said := bytes.Contains(transcript(t, pdfOf(t, files)), []byte("CSV")); said != listed {
			t.Errorf("the file is there: %v, the document names it: %v", listed, said)
		}
		return listed
	}
	withoutOwn := feeInvoice()
	withoutOwn.Positions = slices.DeleteFunc(withoutOwn.Positions, func(p creditnotes.Position) bool { return p.Component == creditnotes.OwnCharging })
	none := feeInvoice()
	none.Document.SessionDetail = detailNone
	if !csv(feeInvoice(), manyDetails(2)) || csv(feeInvoice(), manyDetails(0)) || csv(total(withoutOwn), manyDetails(0)) || csv(none, manyDetails(2)) {
		t.Error("the file of sessions is there where it should not be, or the other way round")
	}
}

func TestWhatIsCollectedLaterIsSaid(t *testing.T) {
	r := newRenderer(t)
	n := severalRates()
	for i := range n.Positions {
		n.Positions[i].CollectedLater = true
	}
	content, err := r.PDF(n)
	if err != nil {
		t.Fatal(err)
	}
	if text := transcript(t, content); !bytes.Contains(text, []byte("später vereinnahmt")) {
		t.Errorf("%s", text)
	}
}
