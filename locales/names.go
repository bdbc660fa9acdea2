package locales

import (
	"slices"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// LanguageName names a language (ISO 639-1) in a language. A code that no
// language has stays as it is.
func (c *Catalog) LanguageName(lang, code string) string {
	named, err := language.Parse(code)
	if err != nil {
		return code
	}
	if name := display.Languages(language.Make(c.style(lang).locale)).Name(named); name != "" {
		return name
	}
	return code
}

// SortCountries returns countries (ISO 3166-1 alpha-2) in the order of their
// names in a language: Österreich beside Oman.
func (c *Catalog) SortCountries(lang string, codes []string) []string {
	sorted := slices.Clone(codes)
	order := collate.New(language.Make(c.style(lang).locale))
	slices.SortFunc(sorted, func(a, b string) int { return order.CompareString(c.Country(lang, a), c.Country(lang, b)) })
	return sorted
}
