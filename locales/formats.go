package locales

import (
	"maps"
	"slices"
	"strings"
)

// numberFormats are the ways of writing numbers that a reader may choose apart
// from the language, by the region that writes so.
var numberFormats = map[string]style{
	"ch": {currencyLocale: "de-CH", decimal: ".", group: "'", groupFrom: 4},
	"de": {currencyLocale: "de", decimal: ",", group: ".", groupFrom: 4},
	"fr": {currencyLocale: "fr", decimal: ",", group: narrowNoBreakSpace, groupFrom: 4},
	"gb": {currencyLocale: "en-GB", decimal: ".", group: ",", groupFrom: 4},
}

// regionOverride begins the part of a language tag that says in which region's
// way numbers are written (Unicode Technical Standard 35, "rg").
const regionOverride = "-u-rg-"

// NumberFormats lists the regions whose way of writing numbers can be chosen.
func NumberFormats() []string { return slices.Sorted(maps.Keys(numberFormats)) }

// WithNumbers is a language whose numbers and amounts are written as in a region
// of NumberFormats, for all methods of Catalog: en-u-rg-dezzzz is English with
// 1.234,56. Without a region it is the language.
func WithNumbers(lang, region string) string {
	if region == "" {
		return lang
	}
	return lang + regionOverride + region + "zzzz"
}

// Words is the language of a language with or without numbers of a region.
func Words(lang string) string {
	words, _, _ := strings.Cut(lang, regionOverride)
	return words
}

// speaker is who says the words of a language; nil: the language is unknown.
func (c *Catalog) speaker(lang string) *speaker { return c.languages[Words(lang)] }

// style returns how a language writes figures; an unknown language writes
// them as English does.
func (c *Catalog) style(lang string) style {
	words, region, _ := strings.Cut(lang, regionOverride)
	own := styles[English]
	if s := c.languages[words]; s != nil {
		own = s.style
	}
	chosen, ok := numberFormats[strings.TrimSuffix(region, "zzzz")]
	if !ok {
		return own
	}
	own.currencyLocale, own.decimal, own.group, own.groupFrom = chosen.currencyLocale, chosen.decimal, chosen.group, chosen.groupFrom
	return own
}

// DecimalSign is what a language writes before decimals.
func (c *Catalog) DecimalSign(lang string) string { return c.style(lang).decimal }
