package einvoice

import (
	"slices"

	"creditrun/creditnotes"
	"creditrun/internal/money"
)

// prices writes what a position was priced at: in words into the description
// (BT-154), and as attributes (BG-32) whose name has the units, as in
// "kWh × EUR/kWh", and whose value has the figures, as in "22.345 × 0.315". The
// price there is less the discount, as in the session file; sessions is the word for
// them.
func (c *composer) prices(l *line, p *creditnotes.Position, sessions string) error {
	if len(p.Prices) == 0 {
		return nil
	}
	turned := *p
	turned.Prices = slices.Clone(p.Prices)
	for i := range turned.Prices {
		u := &turned.Prices[i]
		u.Quantity = turn(&c.sums, u.Quantity)
		l.attributes = append(l.attributes, c.priced(u, sessions))
	}
	w := creditnotes.PriceWriter{
		Say: c.say, Number: money.Format, Percent: func(p money.Percent) string { return p.String() + " %" }, Field: clean,
		Currency: c.note.Currency, Digits: c.note.Document.CurrencyDigits,
	}
	texts, err := w.Texts(&turned)
	for _, text := range texts {
		l.description = join("; ", l.description, clean(text))
	}
	return err
}

// priced is a price as an attribute of the item.
func (c *composer) priced(u *creditnotes.UnitPrice, sessions string) attribute {
	names := map[creditnotes.PriceUnit][2]string{
		creditnotes.UnitKWh: {"kWh", "/kWh"}, creditnotes.UnitHour: {"min", "/h"}, creditnotes.UnitSession: {sessions, ""},
	}
	name, ok := names[u.Unit]
	if !ok {
		share := u.Share
		if share == 0 { // own charging
			share = money.Hundred - u.Discount
		}
		return attribute{c.note.Currency + " × %", u.Amount() + " × " + share.String()}
	}
	a := attribute{name[0] + " × " + c.note.Currency + name[1], u.Amount() + " × " + u.Net()}
	if u.Share != 0 {
		a = attribute{a.name + " × %", a.value + " × " + u.Share.String()}
	}
	return a
}
