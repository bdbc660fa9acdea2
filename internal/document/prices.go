package document

import (
	"creditrun/creditnotes"
	"creditrun/internal/money"
)

// priceRows are what stands below a position: what it was priced at.
func (l *letter) priceRows(p *creditnotes.Position) (rows []row) {
	if len(p.Prices) == 0 {
		return nil
	}
	n := l.note
	w := creditnotes.PriceWriter{
		Say:      func(key string, args map[string]any) (string, error) { return l.texts.Text(n.Language, key, args) },
		Number:   func(v int64, decimals int) string { return l.texts.Number(n.Language, v, decimals) },
		Percent:  func(p money.Percent) string { return l.texts.Percent(n.Language, p) },
		Field:    field,
		Currency: n.Currency, Digits: n.Document.CurrencyDigits, Decimals: 3,
	}
	texts, err := w.Texts(p)
	if err != nil {
		l.fail(err)
	}
	empty := 4
	if l.fees() {
		empty = 3
	}
	for _, text := range texts {
		rows = append(rows, l.taxed(append(row{"", text}, make(row, empty)...), nil))
	}
	return rows
}
