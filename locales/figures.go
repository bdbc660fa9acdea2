package locales

import (
	"cmp"
	"maps"
	"strings"
	"time"

	"github.com/bojanz/currency"

	"creditrun/entities"
	"creditrun/internal/money"
)

// Amount writes money with the symbol of its currency and the currency's
// digits: 1.234,50 €. A code that no currency has is written after the figure,
// which then has two digits.
func (c *Catalog) Amount(lang, code string, a money.Amount) string {
	digits, known := money.Digits(code)
	if !known {
		return c.AmountPlain(lang, 2, a) + noBreakSpace + code
	}
	amount, err := currency.NewAmount(a.Format(digits), code)
	if err != nil {
		return c.AmountPlain(lang, digits, a) + noBreakSpace + code
	}
	s := c.style(lang)
	formatter := currency.NewFormatter(currency.NewLocale(cmp.Or(s.currencyLocale, s.locale)))
	maps.Copy(formatter.SymbolMap, s.symbols)
	return formatter.Format(amount)
}

// AmountPlain writes money without its currency, with the given number of
// minor digits: 1.234,50.
func (c *Catalog) AmountPlain(lang string, digits int, a money.Amount) string {
	return c.Number(lang, int64(a), digits)
}

// Number writes an integer scaled by 10^decimals with all its decimals.
func (c *Catalog) Number(lang string, value int64, decimals int) string {
	return c.style(lang).number(value, decimals)
}

// Quantity writes energy in kWh without trailing zeros, but with at least
// three decimals, so that a column of them lines up to the watt-hour.
func (c *Catalog) Quantity(lang string, q money.Quantity) string {
	whole := c.Number(lang, int64(q), money.QuantityDecimals)
	for range money.QuantityDecimals - energyDecimals {
		if !strings.HasSuffix(whole, "0") {
			break
		}
		whole = strings.TrimSuffix(whole, "0")
	}
	return whole
}

// energyDecimals are the decimals of a kWh that are always written.
const energyDecimals = 3

// Percent writes a percentage without trailing zeros: 19 %, 7,7 %.
func (c *Catalog) Percent(lang string, p money.Percent) string {
	s := c.style(lang)
	value, decimals := int64(p), money.PercentDecimals
	for decimals > 0 && value%10 == 0 {
		value, decimals = value/10, decimals-1
	}
	return s.number(value, decimals) + s.percent
}

// Date writes a day in the medium length of CLDR: 31.10.2026, 31 Oct 2026. A
// day that is not set is the empty text; a text that is no day stays as it is.
func (c *Catalog) Date(lang string, d entities.Date) string {
	day, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return string(d)
	}
	s := c.style(lang)
	if s.shortMonths == nil {
		return day.Format(s.date)
	}
	return strings.Replace(day.Format(s.date), day.Format("Jan"), s.shortMonths[day.Month()-1], 1)
}

// Month writes a month in words: Oktober 2026. A text that is no month stays
// as it is.
func (c *Catalog) Month(lang string, m entities.Month) string {
	day, err := time.Parse("2006-01", string(m))
	if err != nil {
		return string(m)
	}
	s := c.style(lang)
	return strings.Replace(day.Format(s.month), day.Format("January"), s.months[day.Month()-1], 1)
}
