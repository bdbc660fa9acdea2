package creditnotes

import (
	"fmt"
	"slices"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
)

// TaxCategories lists the VAT categories in the order in which they are
// offered.
func TaxCategories() []TaxCategory {
	return []TaxCategory{StandardRate, ZeroRate, Exempt, ReverseCharge, IntraCommunity, ExportOutsideEU, OutsideScope}
}

// Check lists what is wrong with a tax account, as Invalid faults: no key, no
// rate, an unknown category or country, rates that are no percentage
// or begin on the same day, and tax in a category that has none (EN 16931
// BR-Z-05, BR-E-05, BR-AE-05, BR-IC-05, BR-G-05, BR-O-05).
func (a *TaxAccount) Check() fault.List {
	var list fault.List
	add := func(field, key string, args fault.Args) {
		args["account"] = a.Key
		list = append(list, fault.New(fault.Invalid, key, args).At(field))
	}
	switch {
	case a.Key == "":
		add("key", "tax_account_incomplete", fault.Args{})
	case len(a.Rates) == 0:
		add("rates", "tax_account_incomplete", fault.Args{})
	}
	if !slices.Contains(TaxCategories(), a.Category) {
		add("category", "tax_account_category_unknown", fault.Args{"category": string(a.Category)})
	}
	if a.Country != "" && !slices.Contains(entities.Countries(), a.Country) {
		add("country", "tax_account_country_unknown", fault.Args{"country": a.Country})
	}
	seen := map[entities.Date]bool{}
	for i, r := range a.Rates {
		rate := fmt.Sprintf("rates[%d]", i+1)
		if _, err := entities.ParseDate(string(r.From)); err != nil || seen[r.From] {
			add(rate+".from", "tax_account_rate_date", fault.Args{"date": string(r.From)})
		}
		seen[r.From] = true
		if r.Percent < 0 || r.Percent > money.Hundred || a.Category != StandardRate && r.Percent != 0 {
			add(rate+".percent", "tax_account_rate_percent", fault.Args{"percent": r.Percent.String(), "category": string(a.Category)})
		}
	}
	return list
}
