package locales

import (
	"cmp"
	"strings"

	"creditrun/internal/money"
)

// Spaces that do not break a line.
const (
	noBreakSpace       = "\u00a0"
	narrowNoBreakSpace = "\u202f"
)

// minusSign is what stands before negative figures where it is not the hyphen.
const minusSign = "\u2212"

// style is how a language writes figures, as CLDR 48 has it. English is that
// of Europe (en-GB): days before months.
type style struct {
	locale         string // of the currency formatter, and of names
	currencyLocale string // of the currency formatter, where numbers are written in another way; else empty
	decimal        string
	group          string
	groupFrom      int               // digits before the decimal sign from which groups are made
	percent        string            // what follows a percentage
	minus          string            // before negative figures; where it is empty, the hyphen
	date           string            // layout of a day; the short month takes the place of "Jan"
	shortMonths    []string          // where days are written with them
	month          string            // layout of a month of a year; the month takes the place of "January"
	months         []string          // as they are written beside a year: październik 2026
	symbols        map[string]string // of currencies, where CLDR has changed since the formatter's data
}

var styles = map[string]style{
	"de": {
		locale: "de", decimal: ",", group: ".", groupFrom: 4, percent: noBreakSpace + "%",
		date:   "02.01.2006",
		month:  "January 2006",
		months: strings.Fields("Januar Februar März April Mai Juni Juli August September Oktober November Dezember"),
	},
	"en": {
		locale: "en-GB", decimal: ".", group: ",", groupFrom: 4, percent: "%",
		date:        "2 Jan 2006",
		month:       "January 2006",
		shortMonths: strings.Fields("Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec"),
		months:      strings.Fields("January February March April May June July August September October November December"),
	},
	"fr": {
		locale: "fr", decimal: ",", group: narrowNoBreakSpace, groupFrom: 4, percent: noBreakSpace + "%",
		date:        "2 Jan 2006",
		month:       "January 2006",
		shortMonths: strings.Fields("janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc."),
		symbols:     map[string]string{"JPY": "JPY"},
		months:      strings.Fields("janvier février mars avril mai juin juillet août septembre octobre novembre décembre"),
	},
	"it": {
		locale: "it", decimal: ",", group: ".", groupFrom: 5, percent: "%",
		date:        "2 Jan 2006",
		month:       "January 2006",
		shortMonths: strings.Fields("gen feb mar apr mag giu lug ago set ott nov dic"),
		symbols:     map[string]string{"JPY": "JPY", "USD": "USD"},
		months:      strings.Fields("gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre"),
	},
	"nl": {
		locale: "nl", decimal: ",", group: ".", groupFrom: 4, percent: "%",
		date:        "2 Jan 2006",
		month:       "January 2006",
		shortMonths: strings.Fields("jan feb mrt apr mei jun jul aug sep okt nov dec"),
		months:      strings.Fields("januari februari maart april mei juni juli augustus september oktober november december"),
	},
	"es": {
		locale: "es", decimal: ",", group: ".", groupFrom: 5, percent: noBreakSpace + "%",
		date:        "2 Jan 2006",
		month:       "January de 2006",
		shortMonths: strings.Fields("ene feb mar abr may jun jul ago sept oct nov dic"),
		months:      strings.Fields("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"),
		symbols:     map[string]string{"GBP": "GBP", "JPY": "JPY"},
	},
	"pl": {
		locale: "pl", decimal: ",", group: noBreakSpace, groupFrom: 5, percent: "%",
		date:        "2 Jan 2006",
		month:       "January 2006",
		shortMonths: strings.Fields("sty lut mar kwi maj cze lip sie wrz paź lis gru"),
		months:      strings.Fields("styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień"),
		symbols:     map[string]string{"GBP": "GBP", "JPY": "JPY", "USD": "USD"},
	},
	"cs": {
		locale: "cs", decimal: ",", group: noBreakSpace, groupFrom: 4, percent: noBreakSpace + "%",
		date:   "2. 1. 2006",
		month:  "January 2006",
		months: strings.Fields("leden únor březen duben květen červen červenec srpen září říjen listopad prosinec"),
	},
	"da": {
		locale: "da", decimal: ",", group: ".", groupFrom: 4, percent: noBreakSpace + "%",
		date:        "2. Jan 2006",
		month:       "January 2006",
		shortMonths: strings.Fields("jan. feb. mar. apr. maj jun. jul. aug. sep. okt. nov. dec."),
		months:      strings.Fields("januar februar marts april maj juni juli august september oktober november december"),
	},
	"sv": {
		locale: "sv", decimal: ",", group: noBreakSpace, groupFrom: 4, percent: noBreakSpace + "%", minus: minusSign,
		date:        "2 Jan 2006",
		month:       "January 2006",
		shortMonths: strings.Fields("jan. feb. mars apr. maj juni juli aug. sep. okt. nov. dec."),
		months:      strings.Fields("januari februari mars april maj juni juli augusti september oktober november december"),
		symbols:     map[string]string{"GBP": "GBP", "JPY": "JPY"},
	},
	"hu": {
		locale: "hu", decimal: ",", group: noBreakSpace, groupFrom: 5, percent: "%",
		date:        "2006. Jan 2.",
		month:       "2006. January",
		shortMonths: strings.Fields("jan. febr. márc. ápr. máj. jún. júl. aug. szept. okt. nov. dec."),
		months:      strings.Fields("január február március április május június július augusztus szeptember október november december"),
		symbols:     map[string]string{"EUR": "EUR", "GBP": "GBP", "USD": "USD"},
	},
	"pt": {
		locale: "pt-PT", decimal: ",", group: noBreakSpace, groupFrom: 5, percent: "%",
		date:   "02/01/2006",
		month:  "January de 2006",
		months: strings.Fields("janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro"),
	},
	"ro": {
		locale: "ro", decimal: ",", group: ".", groupFrom: 4, percent: noBreakSpace + "%",
		date:        "2 Jan 2006",
		month:       "January 2006",
		shortMonths: strings.Fields("ian. feb. mar. apr. mai iun. iul. aug. sept. oct. nov. dec."),
		months:      strings.Fields("ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie"),
		symbols:     map[string]string{"EUR": "EUR", "GBP": "GBP", "JPY": "JPY", "USD": "USD"},
	},
	"sk": {
		locale: "sk", decimal: ",", group: noBreakSpace, groupFrom: 4, percent: noBreakSpace + "%",
		date:    "2. 1. 2006",
		month:   "January 2006",
		months:  strings.Fields("január február marec apríl máj jún júl august september október november december"),
		symbols: map[string]string{"GBP": "GBP", "JPY": "JPY", "USD": "USD"},
	},
	"fi": {
		locale: "fi", decimal: ",", group: noBreakSpace, groupFrom: 4, percent: noBreakSpace + "%", minus: minusSign,
		date:   "2.1.2006",
		month:  "January 2006",
		months: strings.Fields("tammikuu helmikuu maaliskuu huhtikuu toukokuu kesäkuu heinäkuu elokuu syyskuu lokakuu marraskuu joulukuu"),
	},
}

// number writes an integer scaled by 10^decimals.
func (s style) number(value int64, decimals int) string {
	plain := money.Format(value, decimals)
	digits, negative := strings.CutPrefix(plain, "-")
	whole, fraction, fractional := strings.Cut(digits, ".")
	var b strings.Builder
	if negative {
		b.WriteString(cmp.Or(s.minus, "-"))
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
