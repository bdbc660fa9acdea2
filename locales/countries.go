package locales

import (
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// countries are the names that CLDR has changed since the data of x/text.
var countries = map[string]string{
	"da NL": "Nederlandene",
}

// Country names a country (ISO 3166-1 alpha-2) in a language. A code that no
// country has stays as it is.
func (c *Catalog) Country(lang, code string) string {
	region, err := language.ParseRegion(code)
	if err != nil {
		return code
	}
	if name := countries[lang+" "+code]; name != "" {
		return name
	}
	tag := language.Make(c.style(lang).locale)
	if name := display.Regions(tag).Name(region); name != "" {
		return name
	}
	return code
}
