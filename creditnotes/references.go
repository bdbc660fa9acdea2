package creditnotes

import (
	"slices"

	"creditrun/entities"
	"creditrun/tariffs"
)

// Referring lists the keys of what in the configuration refers to a record: its
// children, what it owns, issues or prices. Settings are named by their keys.
// Documents and sessions are not looked at.
func (c *Configuration) Referring(r Record) (by []string) {
	add := func(key string, refers bool) {
		if refers && !slices.Contains(by, key) {
			by = append(by, key)
		}
	}
	switch r.Section {
	case SectionEntities:
		c.referringToEntity(r.Key, add)
	case SectionStations:
		for i := range c.Contracts {
			add(c.Contracts[i].Key, slices.Contains(c.Contracts[i].Stations, r.Key))
		}
		c.conditions(func(tariff string, one *tariffs.Condition) { add(tariff, one.When.Station == r.Key) })
	case SectionSales:
		for _, m := range c.Media {
			add(m.UID, m.SalesTariff == r.Key)
		}
	case SectionChargePoint, SectionCommunity:
		for i := range c.Connectors {
			for _, t := range c.Connectors[i].Tariffs {
				add(c.Connectors[i].EVSEID, r.Section == SectionChargePoint && t.ChargePoint == r.Key || r.Section == SectionCommunity && t.Community == r.Key)
			}
		}
	case SectionRates:
		c.conditions(func(tariff string, one *tariffs.Condition) { add(tariff, one.Rate == r.Key) })
		for _, t := range c.Tariffs.Community {
			add(t.Key, slices.ContainsFunc(t.Versions, func(v tariffs.CommunityVersion) bool { return v.Purchase == r.Key }))
		}
	case SectionTaxAccounts:
		c.referringToTaxAccount(r.Key, add)
	case SectionRanges:
		for key, named := range map[string]string{
			"number_range": c.Settings.NumberRange, "cancellation_range": c.Settings.CancellationRange, "invoice_range": c.Settings.InvoiceRange,
		} {
			add(key, named == r.Key)
		}
	}
	slices.Sort(by)
	return by
}

func (c *Configuration) referringToTaxAccount(key string, add func(string, bool)) {
	for setting, named := range map[string]string{"tax_account": c.Settings.TaxAccount, "fee_tax_account": c.Settings.FeeTaxAccount} {
		add(setting, named == key)
	}
	for i := range c.Entities {
		named := func(t entities.TaxTreatment) bool { return t.Account == key }
		add(c.Entities[i].Key, slices.ContainsFunc(c.Entities[i].Taxes, named) || slices.ContainsFunc(c.Entities[i].FeeTaxes, named))
	}
	for i := range c.Contracts {
		add(c.Contracts[i].Key, c.Contracts[i].FeeTaxAccount == key)
	}
}

func (c *Configuration) referringToEntity(key string, add func(string, bool)) {
	for i := range c.Entities {
		add(c.Entities[i].Key, c.Entities[i].Parent == key || c.Entities[i].AlternateCredit == key)
	}
	for i := range c.Stations {
		for _, o := range c.Stations[i].Owners {
			add(c.Stations[i].Key, o.Entity == key)
		}
	}
	for _, m := range c.Media {
		add(m.UID, m.Issuer == key)
	}
	for i := range c.Contracts {
		add(c.Contracts[i].Key, c.Contracts[i].Owner == key)
	}
	c.conditions(func(tariff string, one *tariffs.Condition) { add(tariff, one.When.OperatingCompany == key) })
}

// conditions goes through the conditions of all tariffs.
func (c *Configuration) conditions(visit func(tariff string, one *tariffs.Condition)) {
	each := func(tariff string, lists ...[]tariffs.Condition) {
		for _, list := range lists {
			for i := range list {
				visit(tariff, &list[i])
			}
		}
	}
	for i := range c.Tariffs.ChargePoint {
		each(c.Tariffs.ChargePoint[i].Key, c.Tariffs.ChargePoint[i].Purchase, c.Tariffs.ChargePoint[i].Sales)
	}
	for i := range c.Tariffs.Sales {
		each(c.Tariffs.Sales[i].Key, c.Tariffs.Sales[i].Sales)
	}
}
