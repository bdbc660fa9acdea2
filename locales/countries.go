package locales

import (
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// Country names a country (ISO 3166-1 alpha-2) in a language. A code that no
// country has stays as it is.
func (c *Catalog) Country(lang, code string) string {
	region, err := language.ParseRegion(code)
	if err != nil {
		return code
	}
	tag := language.Make(c.style(lang).locale)
	if name := display.Regions(tag).Name(region); name != "" {
		return name
	}
	return code
}
