package creditnotes

import "creditrun/internal/money"

// PriceWriter writes the prices of positions as documents print them.
type PriceWriter struct {
	Say      func(key string, args map[string]any) (string, error)
	Number   func(v int64, decimals int) string // v scaled by 10^decimals, with all decimals
	Percent  func(p money.Percent) string
	Field    func(text string) string // makes a key ready to stand beside words
	Currency string
	Digits   int // minor digits of the currency
	Decimals int // that a kWh has at least
}

// Texts are the lines below a position: one for each price, and one that says
// that there are further ones.
func (w *PriceWriter) Texts(p *Position) (lines []string, err error) {
	for i := range p.Prices {
		line, err := w.text(&p.Prices[i], p.Component)
		if err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
	if p.FurtherPrices {
		line, err := w.Say("price_further", nil)
		if err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// text is a price: its quantity, what it is for, and where it comes from.
func (w *PriceWriter) text(u *UnitPrice, of Component) (string, error) {
	text, err := w.product(u)
	if err != nil {
		return "", err
	}
	if u.Share != 0 {
		text += " × " + w.Percent(u.Share)
	}
	if u.Discount != 0 {
		words, err := w.Say("price_discount", map[string]any{"Percent": w.Percent(u.Discount)})
		if err != nil {
			return "", err
		}
		text += ", " + words
	}
	source, err := w.source(u, of)
	if source != "" {
		text += " · " + source
	}
	return text, err
}

// product is the quantity times the price; of driver amounts their sum.
func (w *PriceWriter) product(u *UnitPrice) (string, error) {
	unit := "\u00a0" + w.Currency
	price := w.decimal(int64(u.Price), money.FineDecimals, w.Digits) + unit
	switch u.Unit {
	case UnitKWh:
		return w.decimal(u.Quantity, money.QuantityDecimals, w.Decimals) + "\u00a0kWh × " + price + "/kWh", nil
	case UnitHour:
		return w.Number(u.Quantity, 0) + "\u00a0min × " + price + "/h", nil
	case UnitSession:
		return w.Number(u.Quantity, 0) + " × " + price, nil
	}
	words, err := w.Say("column_driver_amount", nil)
	return words + " " + w.decimal(u.Quantity, money.MicroDecimals, w.Digits) + unit, err
}

// source names the tariff or the contract; positions of own charging name their
// contract themselves.
func (w *PriceWriter) source(u *UnitPrice, of Component) (string, error) {
	key := w.Field(u.Tariff)
	if key == "" {
		return "", nil
	}
	switch of {
	case OwnCharging:
		return "", nil
	case Energy, Time, Fee:
		return w.Say("price_tariff", map[string]any{"Tariff": key})
	}
	words, err := w.Say("label_contract", nil)
	return words + "\u00a0" + key, err
}

// decimal writes a number without trailing zeros, but with at least so many
// decimals.
func (w *PriceWriter) decimal(v int64, decimals, least int) string {
	for decimals > least && v%10 == 0 {
		v, decimals = v/10, decimals-1
	}
	return w.Number(v, decimals)
}
