package locales

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLanguagesHaveNames(t *testing.T) {
	c := newCatalog(t)
	for _, want := range [][3]string{{"de", "fr", "Französisch"}, {"en", "fr", "French"}, {"de", "de", "Deutsch"}, {"en", "??", "??"}} {
		if got := c.LanguageName(want[0], want[1]); got != want[2] {
			t.Errorf("%s in %s is %q, want %q", want[1], want[0], got, want[2])
		}
	}
}

func TestCountriesAreSortedAsTheirLanguageDoes(t *testing.T) {
	c := newCatalog(t)
	codes := []string{"CH", "AT", "OM", "DE", "PL"}
	for lang, want := range map[string][]string{"de": {"DE", "OM", "AT", "PL", "CH"}, "en": {"AT", "DE", "OM", "PL", "CH"}} {
		if diff := cmp.Diff(want, c.SortCountries(lang, codes)); diff != "" {
			t.Errorf("%s: %s", lang, diff)
		}
	}
}
