package entities

import "regexp"

// postcodes are the shapes of postcodes where they are known, by country.
var postcodes = map[string]*regexp.Regexp{
	"AT": regexp.MustCompile(`^[1-9]\d{3}$`),
	"BE": regexp.MustCompile(`^[1-9]\d{3}$`),
	"CH": regexp.MustCompile(`^[1-9]\d{3}$`),
	"CZ": regexp.MustCompile(`^[1-7]\d{2} ?\d{2}$`),
	"DE": regexp.MustCompile(`^\d{5}$`),
	"DK": regexp.MustCompile(`^\d{4}$`),
	"ES": regexp.MustCompile(`^[0-5]\d{4}$`),
	"FR": regexp.MustCompile(`^\d{5}$`),
	"IT": regexp.MustCompile(`^\d{5}$`),
	"LI": regexp.MustCompile(`^94\d{2}$`),
	"LU": regexp.MustCompile(`^(L-)?\d{4}$`),
	"NL": regexp.MustCompile(`^[1-9]\d{3} ?[A-Z]{2}$`),
	"PL": regexp.MustCompile(`^\d{2}-\d{3}$`),
	"SE": regexp.MustCompile(`^\d{3} ?\d{2}$`),
}

// UsualPostcode reports whether a postcode looks like those of its country. Those
// of countries whose shape is not known here, and none at all, are not judged.
func UsualPostcode(country, postcode string) bool {
	shape := postcodes[country]
	return postcode == "" || shape == nil || shape.MatchString(postcode)
}
