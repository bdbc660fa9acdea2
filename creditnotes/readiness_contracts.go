package creditnotes

import (
	"slices"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/settlement"
)

// contracts warns of contracts that do not count although someone may think so:
// those that an older version stored without reading them, and those for a
// station that their owner never owned.
func (o *Readiness) contracts(p *Plan) {
	for i := range p.Config.Contracts {
		one := &p.Config.Contracts[i]
		if one.Unread {
			o.add(Warns, fault.New(fault.NotReady, "contract_unread", fault.Args{"contract": one.Key, "owner": one.Owner}))
			continue
		}
		for _, station := range neverOwned(one, p.Network) {
			o.add(Warns, fault.New(fault.NotReady, "contract_station_never_owned", fault.Args{
				"contract": one.Key, "owner": one.Owner, "station": station,
			}))
		}
	}
}

// neverOwned are the stations of a contract that its owner never owned.
func neverOwned(c *settlement.Contract, n *entities.Network) (list []string) {
	for _, key := range c.Stations {
		station := n.Station(key)
		owned := station != nil && slices.ContainsFunc(station.Owners, func(o entities.Ownership) bool { return o.Entity == c.Owner })
		if !owned {
			list = append(list, key)
		}
	}
	return list
}

// frequency warns of periods that the law or the agreement may not allow: an
// invoice is due within six months of the supply (§ 14 (2) UStG), and within a
// month where the recipient owes the tax across a border (settlement.md §9).
func (o *Readiness) frequency(p *Plan, owner *owner, day entities.Date) {
	frequency, recipient := owner.entity.Frequency, owner.group.recipient
	if frequency == "" || frequency == entities.Monthly {
		return
	}
	args := fault.Args{"owner": owner.entity.Key, "frequency": string(frequency)}
	long := frequency == entities.HalfYearly || frequency == entities.Yearly
	if agreement := recipient.Agreement; long && (agreement.BillingPeriod != frequency || !agreement.CoversDay(day)) {
		o.add(Warns, fault.New(fault.NotReady, "frequency_not_agreed", args))
	}
	t, failed := p.treatmentOn(recipient, day)
	if failed == nil && t.account.Category == ReverseCharge && recipient.Country != p.Network.Operator().Country {
		o.add(Warns, fault.New(fault.NotReady, "frequency_reverse_charge", args))
	}
}
