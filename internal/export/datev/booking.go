package datev

import (
	"cmp"
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
	sum, err := amount(e, p.Gross(), e.Currency)
	if err != nil {
		return nil, err
	}
	values := map[string]string{
		"Umsatz (ohne Soll/Haben-Kz)": sum, "Soll/Haben-Kennzeichen": "H", "Konto": e.Account, "Gegenkonto (ohne BU-Schlüssel)": p.Account,
		"Belegdatum": string(e.Date[8:] + e.Date[5:7]), "Belegfeld 1": w.field(e), "Buchungstext": bookingText(e), "Festschreibung": "1",
		"Fälligkeit": dayFirst(e.Due), "Generalumkehr (GU)": "0", "BU-Schlüssel": taxKey(w.config.TaxKeys[p.TaxKey], e.Side),
	}
	if e.Side == journal.Debit {
		values["Soll/Haben-Kennzeichen"] = "S"
	}
	if p.Gross() < 0 {
		values["Generalumkehr (GU)"] = "1"
	}
	if e.Link != "" {
		values["Beleglink"] = `BEDI "` + e.Link + `"`
	}
	return values, w.exchange(e, p, values)
}

// field is Belegfeld 1 of an entry.
func (w *writer) field(e *journal.Entry) string {
	field := cmp.Or(e.Field, journal.DocumentField(e.Reference))
	if field != e.Reference {
		w.replaced = append(w.replaced, Replaced{e.ID, "Belegfeld 1", e.Reference, field})
	}
	return field
}

// exchange writes the amount in the currency of the ledger beside one in another
// currency. A journal of an older version has no rate.
func (w *writer) exchange(e *journal.Entry, p *journal.Part, values map[string]string) error {
	if e.Currency != w.config.Currency {
		values["WKZ Umsatz"] = e.Currency
	}
	if e.Exchange == nil {
		return nil
	}
	base, err := e.Exchange.Of(p.Gross(), e.Currency)
	if err != nil {
		return err
	}
	sum, err := amount(e, base, e.Exchange.Base)
	if err != nil || base == 0 { // less than half a cent: DATEV takes no 0,00
		return err
	}
	whole, rest, _ := strings.Cut(e.Exchange.Rate.String(), ".")
	values["Kurs"], values["Basis-Umsatz"], values["WKZ Basis-Umsatz"] = whole+","+(rest + "000000")[:6], sum, e.Exchange.Base
	return nil
}

// keysOf are the tax keys of a tax account: of credit notes, and of fee invoices,
// which have another where two are given: 9/3.
func keysOf(key string) (credit, debit string, two bool) {
	credit, debit, two = strings.Cut(key, "/")
	if !two {
		debit = credit
	}
	return credit, debit, two
}

// taxKey is the tax key of a side in four digits, as BU-Schlüssel takes it.
func taxKey(keys string, side journal.Side) string {
	key, debit, _ := keysOf(keys)
	if side == journal.Debit {
		key = debit
	}
	if key == noKey || key == "" {
		return ""
	}
	return ("000" + key)[max(0, len(key)-1):]
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
