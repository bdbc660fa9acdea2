package creditnotes

import (
	"errors"
	"time"

	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/numbering"
)

// SampleNote is a credit note without a number that shows what a layout looks like. It
// is kept nowhere; its recipient and figures are made up.
func SampleNote(operator *entities.Entity, day entities.Date, language string, look Look) *Note {
	n := &Note{
		Kind: numbering.CreditNote, State: Draft, Owners: []string{"sample"}, Recipient: "sample", Language: language, Currency: "EUR",
		Date: day, PeriodFrom: day.Month().FirstDay(), PeriodTo: day.Month().LastDay(),
		Document: Document{
			Issuer: partyOf(operator), Recipient: Party{Key: "sample", Name: "Hotel Central", Street: "Main Street 1", Postcode: "10000", City: "Springfield", Country: operator.Country},
			TimeZone: time.UTC.String(), Month: day.Month(), SessionDetail: "csv", CurrencyDigits: 2, DueDate: day.AddDays(14), NetDays: 14, TypeCode: selfBilledInvoice,
		},
	}
	for i, net := range []money.Amount{12345, 9876, 4321} {
		n.Positions = append(n.Positions, Position{Ordinal: i + 1, Owner: "sample", Station: "ST-" + string(rune('1'+i)), Component: Energy, Month: day.Month(),
			Sessions: 10 + i, Energy: money.Quantity(net) * 3_000_000, Net: net, Sum: net.Micros(2)})
		n.Net += net
	}
	const rate = 2000
	n.Tax = n.Net.Tax(rate)
	n.Gross = n.Net + n.Tax
	n.Taxes = []TaxTotal{{Category: StandardRate, Rate: rate, Base: n.Net, Tax: n.Tax}}
	n.Document.wear(look)
	return n
}

// samplePrinter is a printer that makes the PDF of a note without its files.
type samplePrinter interface {
	PDF(n *Note) ([]byte, error)
}

var errNoPrinter = errors.New("there is no printer of documents")

// PrintSample makes the PDF of a note that is kept nowhere. It fails where the logo
// or the color cannot be printed.
func (r *Runner) PrintSample(n *Note) ([]byte, error) {
	printer, ok := r.Printer.(samplePrinter)
	if !ok {
		return nil, errNoPrinter
	}
	return printer.PDF(n)
}
