package creditnotes

import (
	"slices"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/settlement"
)

// CheckContracts returns what is wrong with some contracts of a configuration,
// by key, and with what they refer to: their own figures, an owner that is no
// Sub-CPO, stations and tax accounts that do not exist, and others that stood
// there before and are in force for the same month (settlement.md §12). What
// stood there before is not judged anew. Two new contracts that conflict are
// taken as a file has them: readiness says so, and their owner fails
// (docs/decisions/0110).
func (c *Configuration) CheckContracts(judged func(key string) bool) (found fault.List) {
	for i := range c.Contracts {
		if one := &c.Contracts[i]; judged(one.Key) {
			found = append(found, one.Check()...)
			found = append(found, c.contractReferences(one)...)
		}
	}
	for _, f := range settlement.NewContracts(c.Contracts).Overlaps() {
		first, _ := f.Args["contract"].(string)
		second, _ := f.Args["other"].(string)
		if judged(first) == judged(second) {
			continue
		}
		if !judged(first) { // the fault is that of the contract that is judged
			f.Args["contract"], f.Args["other"] = second, first
		}
		found = append(found, fault.New(fault.Invalid, f.Key, f.Args).At(overlapField[f.Key]))
	}
	return found
}

// SettledMonth is a month that a run settled by a contract, of which something
// stands.
type SettledMonth struct {
	Contract, Owner string // keys
	Month           entities.Month
	Run             string // the first that did
}

// CheckSettled returns one fault for each contract that settled a month for which
// it is not in force any more (settlement.md §3.2): it is a draft, its months or
// its owner were changed, or another contract has taken its place.
func (c *Configuration) CheckSettled(settled []SettledMonth) (found fault.List) {
	contracts, said := settlement.NewContracts(c.Contracts), map[string]bool{}
	for _, s := range settled {
		holds := func(one *settlement.Contract) bool { return one.Key == s.Contract }
		if said[s.Contract] || slices.ContainsFunc(contracts.InForce(s.Owner, s.Month), holds) {
			continue
		}
		said[s.Contract] = true
		args := fault.Args{"contract": s.Contract, "month": string(s.Month), "run": s.Run}
		found = append(found, fault.New(fault.Conflict, "contract_settled", args).At(settledField(contracts.ByKey(s.Contract), &s)))
	}
	return found
}

// settledField is where a form shows why a contract does not count for a month.
func settledField(c *settlement.Contract, s *SettledMonth) string {
	switch {
	case c == nil:
		return ""
	case !c.Active:
		return "active"
	case c.Owner != s.Owner:
		return "owner"
	case s.Month < c.From:
		return "from"
	case !c.Ended.IsZero() && s.Month > c.Ended:
		return "ended"
	case !c.To.IsZero() && s.Month > c.To && !c.AutoRenew:
		return "to"
	}
	return ""
}

// overlapField is where a form shows that two contracts conflict.
var overlapField = map[string]string{"contracts_overlap": "from", "contracts_own_charging_twice": "bill_own_charging"}

func (c *Configuration) contractReferences(one *settlement.Contract) (found fault.List) {
	missing := func(field, value string) {
		args := fault.Args{"contract": one.Key, "field": field, "value": value}
		found = append(found, fault.New(fault.Invalid, "contract_reference_unknown", args).At(field))
	}
	owner := slices.IndexFunc(c.Entities, func(e entities.Entity) bool { return e.Key == one.Owner })
	switch {
	case owner < 0:
		missing("owner", one.Owner)
	case c.Entities[owner].Parent == "":
		found = append(found, fault.New(fault.Invalid, "contract_owner_operator", fault.Args{"contract": one.Key, "owner": one.Owner}).At("owner"))
	}
	for _, key := range one.Stations {
		if !slices.ContainsFunc(c.Stations, func(s entities.Station) bool { return s.Key == key }) {
			missing("stations", key)
		}
	}
	if key := one.FeeTaxAccount; key != "" && !slices.ContainsFunc(c.TaxAccounts, func(a TaxAccount) bool { return a.Key == key }) {
		missing("fee_tax_account", key)
	}
	return found
}

// contractConflict is what keeps an owner from being settled in the month of the
// plan: contracts that conflict.
func (p *Plan) contractConflict(owner *entities.Entity) *fault.Fault {
	if p.month.IsZero() {
		return nil
	}
	if found := p.contracts.Conflicts(owner.Key, p.month); len(found) > 0 {
		return found[0]
	}
	return nil
}
