package datev

import (
	"strings"

	"creditrun/internal/journal"
)

var (
	bookingColumns = columnsOf(bookingFields)
	partyColumns   = columnsOf(partyFields)
)

// noKey is the datev_key of a tax account that is booked without a key.
const noKey = "0"

// entry writes an entry: one row for each part, with the gross amount and the key
// of its tax, by which DATEV computes the tax. A negative part is a reversal
// (Generalumkehr) on the side of the document, so that it keeps its tax key. A
// part of 0.00 has no row.
func (w *writer) entry(e *journal.Entry) (rows [][]byte, err error) {
	for i := range e.Parts {
		p := &e.Parts[i]
		if p.Gross() == 0 {
			continue
		}
		values, err := w.booking(e, p)
		if err != nil {
			return nil, err
		}
		row, err := w.record(bookingColumns, e.Reference, values)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (w *writer) booking(e *journal.Entry, p *journal.Part) (map[string]string, error) {
	sum, err := amount(e, p.Gross())
	if err != nil {
		return nil, err
	}
	field := documentField(e.Reference)
	if !e.OfDocument() && e.Cancels == "" && field == "" {
		field = documentField(strings.Replace(e.ID, ":", "-", 1))
	}
	if field != e.Reference {
		w.replaced = append(w.replaced, Replaced{e.ID, "Belegfeld 1", e.Reference, field})
	}
	values := map[string]string{
		"Umsatz (ohne Soll/Haben-Kz)": sum, "Soll/Haben-Kennzeichen": "H", "Konto": e.Account, "Gegenkonto (ohne BU-Schlüssel)": p.Account,
		"Belegdatum": string(e.Date[8:] + e.Date[5:7]), "Belegfeld 1": field, "Buchungstext": bookingText(e), "Festschreibung": "1",
		"Fälligkeit": dayFirst(e.Due), "Generalumkehr (GU)": "0",
	}
	if e.Side == journal.Debit {
		values["Soll/Haben-Kennzeichen"] = "S"
	}
	if p.Gross() < 0 {
		values["Generalumkehr (GU)"] = "1"
	}
	if e.Currency != w.config.Currency {
		values["WKZ Umsatz"] = e.Currency
	}
	if key := w.config.TaxKeys[p.TaxKey]; key != noKey {
		values["BU-Schlüssel"] = key
	}
	if e.Link != "" {
		values["Beleglink"] = `BEDI "` + e.Link + `"`
	}
	if e.OfDocument() {
		values["Leistungsdatum"] = dayFirst(e.Date)
	}
	return values, nil
}

// bookingTexts name the kinds of entries, in German as DATEV is.
var bookingTexts = map[string]string{
	"credit_note": "Gutschrift", "invoice": "Gebührenrechnung", "cancellation": "Storno", "top_up": "Aufladung", "payout": "Auszahlung",
	"payout_return": "Rückzahlung", "payment": "Zahlung", "adjustment": "Anpassung",
}

// bookingText is a text of at most 60 characters: what it is, its number, and as
// much of the name as there is room for.
func bookingText(e *journal.Entry) string {
	about := e.Reference
	if e.Cancels != "" {
		about = e.Cancels
	}
	return cut(encodable(bookingTexts[string(e.Kind)]+" "+about+" "+e.Name), 60)
}
