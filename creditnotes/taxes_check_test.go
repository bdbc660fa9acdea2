package creditnotes

import (
	"testing"

	"creditrun/internal/fault"
)

func TestATaxAccountIsJudged(t *testing.T) {
	sound := func() TaxAccount {
		return TaxAccount{Key: "s", Category: StandardRate, Country: "DE", Rates: []TaxRate{{From: "2024-01-01", Percent: 1900}}}
	}
	for name, c := range map[string]struct {
		change func(a *TaxAccount)
		want   string
	}{
		"a sound one has no faults":                     {func(*TaxAccount) {}, ""},
		"a key is needed":                               {func(a *TaxAccount) { a.Key = "" }, "tax_account_incomplete"},
		"a rate is needed":                              {func(a *TaxAccount) { a.Rates = nil }, "tax_account_incomplete"},
		"the category is one of UNCL5305":               {func(a *TaxAccount) { a.Category, a.Rates[0].Percent = "Q", 0 }, "tax_account_category_unknown"},
		"the country is one of ISO 3166-1":              {func(a *TaxAccount) { a.Country = "XX" }, "tax_account_country_unknown"},
		"a rate begins on a day":                        {func(a *TaxAccount) { a.Rates[0].From = "soon" }, "tax_account_rate_date"},
		"two rates begin on two days":                   {func(a *TaxAccount) { a.Rates = append(a.Rates, a.Rates[0]) }, "tax_account_rate_date"},
		"no rate is above 100 %":                        {func(a *TaxAccount) { a.Rates[0].Percent = 10001 }, "tax_account_rate_percent"},
		"no rate is negative":                           {func(a *TaxAccount) { a.Rates[0].Percent = -1 }, "tax_account_rate_percent"},
		"only the standard category has another than 0": {func(a *TaxAccount) { a.Category = ReverseCharge }, "tax_account_rate_percent"},
	} {
		t.Run(name, func(t *testing.T) {
			a := sound()
			c.change(&a)
			faults := a.Check()
			switch {
			case c.want == "" && len(faults) > 0:
				t.Errorf("faults: %v", faults)
			case c.want != "" && (len(faults) != 1 || faults[0].Key != c.want || faults[0].Kind != fault.Invalid):
				t.Errorf("faults: %v, want %s", faults, c.want)
			}
		})
	}
}
