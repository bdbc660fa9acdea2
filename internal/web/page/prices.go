package page

import (
	"creditrun/creditnotes"
	"creditrun/internal/money"
)

// PriceTexts are the prices of a position in the language of the visitor.
func (v *Visit) PriceTexts(n *creditnotes.Note, p *creditnotes.Position) ([]string, error) {
	w := creditnotes.PriceWriter{
		Say:      v.texts.In(v.Lang),
		Number:   func(value int64, decimals int) string { return v.texts.Number(v.Lang, value, decimals) },
		Percent:  func(p money.Percent) string { return v.texts.Percent(v.Lang, p) },
		Field:    func(text string) string { return text },
		Currency: n.Currency, Digits: n.Document.CurrencyDigits, Decimals: 3,
	}
	return w.Texts(p)
}
