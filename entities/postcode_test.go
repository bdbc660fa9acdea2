package entities

import "testing"

func TestPostcodesAreJudgedByTheirCountry(t *testing.T) {
	usual := map[string][]string{
		"DE": {"20457", "01067"}, "AT": {"1010"}, "CH": {"8001"}, "FR": {"69002", "01000"}, "IT": {"00184"}, "NL": {"1012 AB", "1012AB"},
		"GB": {"anything"}, "": {"1"}, "PL": {"00-950"}, "LU": {"L-1234"},
	}
	for country, codes := range usual {
		for _, code := range append(codes, "") {
			if !UsualPostcode(country, code) {
				t.Errorf("%q is unusual in %q", code, country)
			}
		}
	}
	unusual := map[string][]string{
		"DE": {"2045", "204577", "D-20457"}, "AT": {"0101", "10100"}, "CH": {"80010"}, "FR": {"6900"}, "IT": {"184"}, "NL": {"1012", "1012 ABC"},
	}
	for country, codes := range unusual {
		for _, code := range codes {
			if UsualPostcode(country, code) {
				t.Errorf("%q is usual in %q", code, country)
			}
		}
	}
}

func TestCountriesAreThoseAnEntityMayBeIn(t *testing.T) {
	for _, code := range Countries() {
		if e := (Entity{Key: "a", Country: code}); len(e.Check()) != 0 {
			t.Errorf("%s: %v", code, e.Check())
		}
	}
}
