package locales

import (
	"strings"

	"creditrun/internal/money"
)

// Spaces that do not break a line.
const (
	noBreakSpace       = "\u00a0"
	narrowNoBreakSpace = "\u202f"
)

// style is how a language writes figures, as CLDR 48 has it. English is that
// of Europe (en-GB): days before months.
type style struct {
	locale      string // of the currency formatter
	decimal     string
	group       string
	groupFrom   int    // digits before the decimal sign from which groups are made
	percent     string // what follows a percentage
	date        string // layout, where months are figures
	shortMonths []string
	months      []string
	symbols     map[string]string // of currencies, where CLDR has changed since the formatter's data
}

var styles = map[string]style{
	"de": {
		locale: "de", decimal: ",", group: ".", groupFrom: 4, percent: noBreakSpace + "%",
		date:   "02.01.2006",
		months: strings.Fields("Januar Februar März April Mai Juni Juli August September Oktober November Dezember"),
	},
	"en": {
		locale: "en-GB", decimal: ".", group: ",", groupFrom: 4, percent: "%",
		shortMonths: strings.Fields("Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec"),
		months:      strings.Fields("January February March April May June July August September October November December"),
	},
	"fr": {
		locale: "fr", decimal: ",", group: narrowNoBreakSpace, groupFrom: 4, percent: noBreakSpace + "%",
		shortMonths: strings.Fields("janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc."),
		symbols:     map[string]string{"JPY": "JPY"},
		months:      strings.Fields("janvier février mars avril mai juin juillet août septembre octobre novembre décembre"),
	},
	"it": {
		locale: "it", decimal: ",", group: ".", groupFrom: 5, percent: "%",
		shortMonths: strings.Fields("gen feb mar apr mag giu lug ago set ott nov dic"),
		symbols:     map[string]string{"JPY": "JPY", "USD": "USD"},
		months:      strings.Fields("gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre"),
	},
}

// number writes an integer scaled by 10^decimals.
func (s style) number(value int64, decimals int) string {
	plain := money.Format(value, decimals)
	digits, negative := strings.CutPrefix(plain, "-")
	whole, fraction, fractional := strings.Cut(digits, ".")
	var b strings.Builder
	if negative {
		b.WriteByte('-')
	}
	grouped := len(whole) >= s.groupFrom
	for i, digit := range whole {
		if grouped && i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(s.group)
		}
		b.WriteRune(digit)
	}
	if fractional {
		b.WriteString(s.decimal)
		b.WriteString(fraction)
	}
	return b.String()
}
