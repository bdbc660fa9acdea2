package tariffs

import (
	"cmp"
	"reflect"
	"slices"
	"time"

	"creditrun/entities"
)

// Changes are the cost rates, conditions and versions in which two
// configurations differ.
type Changes struct {
	rates       map[string]bool
	chargePoint map[string][]Condition // that differ, or whose cost rate does
	community   map[string]bool
	sales       map[string]bool
}

// Compare finds what differs between two configurations. Names do not count.
func Compare(before, after *Config) *Changes {
	c := &Changes{rates: map[string]bool{}, chargePoint: map[string][]Condition{}, community: map[string]bool{}, sales: map[string]bool{}}
	old, current := versionsByKey(before.CostRates), versionsByKey(after.CostRates)
	differing(old, current, func(key string) { c.rates[key] = true })

	oldConditions, conditions := map[string][]Condition{}, map[string][]Condition{}
	for _, t := range before.ChargePoint {
		oldConditions[t.Key] = slices.Concat(t.Purchase, t.Sales)
	}
	for _, t := range after.ChargePoint {
		conditions[t.Key] = slices.Concat(t.Purchase, t.Sales)
	}
	for key, list := range conditions {
		if found := c.conditions(oldConditions[key], list); len(found) > 0 {
			c.chargePoint[key] = found
		}
	}

	oldVersions, versions := map[string][]CommunityVersion{}, map[string][]CommunityVersion{}
	for _, t := range before.Community {
		oldVersions[t.Key] = t.Versions
	}
	for _, t := range after.Community {
		versions[t.Key] = t.Versions
		if slices.ContainsFunc(t.Versions, func(v CommunityVersion) bool { return c.rates[v.Purchase] }) {
			c.community[t.Key] = true
		}
	}
	differing(oldVersions, versions, func(key string) { c.community[key] = true })

	oldSales := map[string][]Condition{}
	for _, t := range before.Sales {
		oldSales[t.Key] = t.Sales
	}
	for _, t := range after.Sales {
		if len(c.conditions(oldSales[t.Key], t.Sales)) > 0 {
			c.sales[t.Key] = true
		}
	}
	return c
}

// conditions are those of one list that the other one lacks, and those whose cost
// rate differs.
func (c *Changes) conditions(before, after []Condition) (found []Condition) {
	if reflect.DeepEqual(before, after) { // as usual, and quick
		return slices.DeleteFunc(slices.Clone(after), func(one Condition) bool { return !c.rates[one.Rate] })
	}
	has := func(list []Condition, one Condition) bool {
		return slices.ContainsFunc(list, func(other Condition) bool { return reflect.DeepEqual(one, other) })
	}
	for _, one := range before {
		if !has(after, one) {
			found = append(found, one)
		}
	}
	for _, one := range after {
		if !has(before, one) || c.rates[one.Rate] {
			found = append(found, one)
		}
	}
	return found
}

func versionsByKey(list []CostRate) map[string][]CostRate {
	byKey := map[string][]CostRate{}
	for _, r := range list {
		byKey[r.Key] = append(byKey[r.Key], r)
	}
	for _, versions := range byKey {
		slices.SortFunc(versions, func(a, b CostRate) int { return cmp.Compare(a.Version, b.Version) })
	}
	return byKey
}

// differing calls found with the keys whose values differ.
func differing[T any](before, after map[string][]T, found func(key string)) {
	for key, list := range after {
		if !reflect.DeepEqual(before[key], list) {
			found(key)
		}
	}
	for key := range before {
		if _, ok := after[key]; !ok {
			found(key)
		}
	}
}

// Concerns reports whether what differs may decide a price at a place at a moment
// or later. A condition that can never match there does not.
func (c *Changes) Concerns(place *entities.Place, moment time.Time) bool {
	return slices.ContainsFunc(assignedSince(place, moment), func(t entities.ConnectorTariff) bool {
		return c.community[t.Community] || slices.ContainsFunc(c.chargePoint[t.ChargePoint], func(one Condition) bool { return one.When.never(place) == won })
	})
}

// ConcernsSales reports whether a sales tariff is among what differs.
func (c *Changes) ConcernsSales(tariff string) bool { return c.sales[tariff] }

// assignedSince are the tariffs that apply at a place at a moment or later.
func assignedSince(place *entities.Place, moment time.Time) (list []entities.ConnectorTariff) {
	if now := AssignedAt(place, moment); now != nil {
		list = append(list, *now)
	}
	for _, t := range place.Connector.Tariffs {
		if t.From.In(place.Zone).After(moment) {
			list = append(list, t)
		}
	}
	return list
}
