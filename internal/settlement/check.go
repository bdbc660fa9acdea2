package settlement

import (
	"maps"
	"slices"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
)

// Check returns what is wrong with a contract by itself (settlement.md §12):
// each fault names the contract and the field.
func (c *Contract) Check() (found fault.List) {
	found = append(found, c.checkMonths()...)
	found = append(found, c.checkWords()...)
	found = append(found, c.checkFigures()...)
	return append(found, c.checkShare()...)
}

func (c *Contract) fault(key, field string, args fault.Args) *fault.Fault {
	all := fault.Args{"contract": c.Key, "field": field}
	for name, value := range args {
		all[name] = value
	}
	return fault.New(fault.Invalid, key, all).At(field)
}

func (c *Contract) checkMonths() (found fault.List) {
	if _, err := entities.ParseMonth(string(c.From)); err != nil {
		found = append(found, c.fault("contract_value", "from", fault.Args{"value": string(c.From)}))
	}
	if !c.To.IsZero() && c.To < c.From {
		found = append(found, c.fault("contract_months", "to", fault.Args{"first": string(c.From), "last": string(c.To)}))
	}
	if !c.Ended.IsZero() && c.Ended < c.From {
		found = append(found, c.fault("contract_months", "ended", fault.Args{"first": string(c.From), "last": string(c.Ended)}))
	}
	return found
}

func (c *Contract) checkFigures() (found fault.List) {
	percentages := []struct {
		field string
		value *money.Percent
	}{
		{"share_percent_ac", c.ShareAC}, {"share_percent_dc", c.ShareDC}, {"handling_fee_percent", &c.HandlingFee},
		{"own_charging_discount_percent", &c.OwnChargingDiscount},
	}
	for _, p := range percentages {
		if p.value != nil && (*p.value < 0 || *p.value > money.Hundred) {
			found = append(found, c.fault("contract_percent", p.field, fault.Args{"value": p.value.String()}))
		}
	}
	amounts := []struct {
		field string
		value interface{ String() string }
		wrong bool
	}{
		{"electricity_cost_per_kwh", c.ElectricityCost, c.ElectricityCost < 0}, {"electricity_tax_per_kwh", c.ElectricityTax, c.ElectricityTax < 0},
		{"fixed_fee_per_session_ac", c.FixedFeeAC, c.FixedFeeAC < 0}, {"fixed_fee_per_session_dc", c.FixedFeeDC, c.FixedFeeDC < 0},
		{"fee_per_kwh_ac", c.FeePerKWhAC, c.FeePerKWhAC < 0}, {"fee_per_kwh_dc", c.FeePerKWhDC, c.FeePerKWhDC < 0},
		{"monthly_fee", c.MonthlyFee, c.MonthlyFee < 0}, {"monthly_fee_per_station", c.MonthlyFeePerStation, c.MonthlyFeePerStation < 0},
		{"monthly_fee_per_ac_evse", c.MonthlyFeePerACEVSE, c.MonthlyFeePerACEVSE < 0}, {"monthly_fee_per_dc_evse", c.MonthlyFeePerDCEVSE, c.MonthlyFeePerDCEVSE < 0},
		{"minimum_guarantee", c.MinimumGuarantee, c.MinimumGuarantee < 0},
	}
	for _, a := range amounts {
		if a.wrong {
			found = append(found, c.fault("contract_negative", a.field, fault.Args{"value": a.value.String()}))
		}
	}
	return append(found, c.checkBonus()...)
}

func (c *Contract) checkBonus() (found fault.List) {
	for i, band := range c.VolumeBonus {
		switch {
		case band.From < 0:
			found = append(found, c.fault("contract_negative", "volume_bonus", fault.Args{"value": band.From.String()}))
		case band.PerKWh < 0:
			found = append(found, c.fault("contract_negative", "volume_bonus", fault.Args{"value": band.PerKWh.String()}))
		}
		if slices.ContainsFunc(c.VolumeBonus[:i], func(b BonusBand) bool { return b.From == band.From }) {
			found = append(found, c.fault("contract_bonus_twice", "volume_bonus", fault.Args{"from": band.From.String()}))
		}
	}
	return found
}

// checkWords looks at the currency and at when sessions are settled.
func (c *Contract) checkWords() (found fault.List) {
	if _, known := money.Digits(c.Currency); c.Currency != "" && !known {
		found = append(found, c.fault("contract_value", "currency", fault.Args{"value": c.Currency}))
	}
	if c.SettleOn != "" && c.SettleOn != Generated && c.SettleOn != Collected {
		found = append(found, c.fault("contract_value", "settle_on", fault.Args{"value": string(c.SettleOn)}))
	}
	return found
}

func (c *Contract) checkShare() (found fault.List) {
	if (c.ShareAC == nil) != (c.ShareDC == nil) {
		field := "share_percent_ac"
		if c.ShareDC == nil {
			field = "share_percent_dc"
		}
		found = append(found, c.fault("contract_share_half", field, nil))
	}
	for _, f := range []struct {
		field string
		set   bool
	}{
		{"exclude_connection_fee", c.ExcludeConnectionFee}, {"deduct_electricity_cost", c.DeductElectricityCost},
		{"reimburse_electricity_cost", c.ReimburseElectricityCost},
	} {
		if f.set && c.ShareAC == nil && c.ShareDC == nil {
			found = append(found, c.fault("contract_needs_share", f.field, nil))
		}
	}
	if c.ReimburseElectricityCost && !c.DeductElectricityCost {
		found = append(found, c.fault("contract_reimburse_alone", "reimburse_electricity_cost", nil))
	}
	if c.DeductElectricityCost && c.ElectricityCost == 0 {
		found = append(found, c.fault("contract_deduct_nothing", "electricity_cost_per_kwh", nil))
	}
	return found
}

// Conflicts returns which contracts of an owner conflict in a month
// (settlement.md §3.2, §3.8): two for the whole owner, two for one station, two
// with the flag for own charging.
func (c *Contracts) Conflicts(owner string, month entities.Month) (found fault.List) {
	list := c.InForce(owner, month)
	for i, first := range list {
		for _, second := range list[i+1:] {
			if station, both := overlap(first, second); both {
				found = append(found, conflict("contracts_overlap", first, second, fault.Args{"month": string(month), "station": station}))
			}
			if first.BillOwnCharging && second.BillOwnCharging {
				found = append(found, conflict("contracts_own_charging_twice", first, second, fault.Args{"month": string(month)}))
			}
		}
	}
	return found
}

// Compete reports whether two contracts of an owner cannot be in force for one
// month: they are for the same sessions.
func Compete(a, b *Contract) bool {
	_, both := overlap(a, b)
	return both
}

func conflict(key string, first, second *Contract, args fault.Args) *fault.Fault {
	args["owner"], args["contract"], args["other"] = first.Owner, first.Key, second.Key
	return fault.New(fault.NotReady, key, args)
}

// overlap reports whether two contracts are for the same sessions, and names a
// station of both, or none where both are for the whole owner.
func overlap(a, b *Contract) (station string, both bool) {
	if len(a.Stations) == 0 || len(b.Stations) == 0 {
		return "", len(a.Stations) == len(b.Stations)
	}
	for _, station := range a.Stations {
		if slices.Contains(b.Stations, station) {
			return station, true
		}
	}
	return "", false
}

// Overlaps returns the conflicts of all owners (see Conflicts), each pair of
// contracts once, in the first month that both are in force.
func (c *Contracts) Overlaps() (found fault.List) {
	for _, owner := range slices.Sorted(maps.Keys(c.byOwner)) {
		seen := map[[3]string]bool{}
		for _, month := range turns(c.byOwner[owner]) {
			for _, f := range c.Conflicts(owner, month) {
				pair := [3]string{f.Key, f.Args["contract"].(string), f.Args["other"].(string)}
				if !seen[pair] {
					seen[pair] = true
					found = append(found, f)
				}
			}
		}
	}
	return found
}

// turns are the months with which a contract begins: in one of them two
// contracts that are ever in force together are so for the first time, since
// each goes on without a gap. A contract that renews itself ends where another
// one begins, never begins again.
func turns(list []*Contract) (months []entities.Month) {
	for _, one := range list {
		months = append(months, one.From)
	}
	slices.Sort(months)
	return slices.Compact(months)
}
