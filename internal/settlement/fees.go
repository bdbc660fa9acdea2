package settlement

import (
	"slices"
	"time"

	"creditrun/entities"
	"creditrun/internal/money"
)

// FeeKind is a component of a fee invoice that a contract makes each month.
type FeeKind string

// The fees, in the order in which they are printed.
const (
	FeeMonthly FeeKind = "monthly_fee"
	FeeStation FeeKind = "fee_per_station"
	FeeACEVSE  FeeKind = "fee_per_ac_evse"
	FeeDCEVSE  FeeKind = "fee_per_dc_evse"
)

// Fee is a quantity at a price, net.
type Fee struct {
	Kind      FeeKind
	Quantity  int64
	UnitPrice money.Micros
}

// Net is the fee in the minor unit of the currency.
func (f Fee) Net(digits int) money.Amount {
	return money.Micros(f.Quantity * int64(f.UnitPrice)).Round(digits)
}

// Fees are those of a contract in force for a month (settlement.md §3.7), in
// the order in which they are printed, without those of quantity or price 0.
// Stations count by who owns them at the last instant of the month in the
// operator's zone; an EVSE counts once, as DC where any of its connectors is.
// A contract for the whole owner counts the stations that no contract for
// stations in force names.
func (c *Contracts) Fees(contract *Contract, n *entities.Network, month entities.Month) []Fee {
	stations := c.stationsOf(contract, n, month)
	ac, dc := evses(n.Places(n.Tree.Entity(contract.Owner)), stations)
	all := []Fee{
		{FeeMonthly, 1, contract.MonthlyFee},
		{FeeStation, int64(len(stations)), contract.MonthlyFeePerStation},
		{FeeACEVSE, ac, contract.MonthlyFeePerACEVSE},
		{FeeDCEVSE, dc, contract.MonthlyFeePerDCEVSE},
	}
	return slices.DeleteFunc(all, func(f Fee) bool { return f.Quantity == 0 || f.UnitPrice == 0 })
}

// stationsOf are the stations by which the fees of a contract count.
func (c *Contracts) stationsOf(contract *Contract, n *entities.Network, month entities.Month) (list []*entities.Station) {
	owner := n.Tree.Entity(contract.Owner)
	last := month.End(n.Zone()).Add(-time.Nanosecond)
	for _, s := range n.StationsOwned(owner, last) {
		if c.At(contract.Owner, s.Key, month) == contract {
			list = append(list, s)
		}
	}
	return list
}

// evses counts the EVSEs of stations by power type; of unknown power they are AC.
func evses(places []*entities.Place, stations []*entities.Station) (ac, dc int64) {
	counts := map[*entities.Station]bool{}
	for _, s := range stations {
		counts[s] = true
	}
	direct := map[string]bool{}
	for _, p := range places {
		if counts[p.Station] {
			key := entities.EVSEKey(p.Connector.EVSEID)
			direct[key] = direct[key] || p.Connector.PowerType == entities.DC
		}
	}
	for _, isDC := range direct {
		if isDC {
			dc++
		} else {
			ac++
		}
	}
	return ac, dc
}

// OwnChargingOf returns the contract by which a session with a medium of an
// issuer is billed as own charging in a month (settlement.md §3.8): that of the
// issuer, else of the nearest entity above it that has one; nil: none.
func (c *Contracts) OwnChargingOf(issuer *entities.Entity, tree *entities.Tree, month entities.Month) *Contract {
	for e := issuer; e != nil; e = tree.Entity(e.Parent) {
		if contract := c.OwnCharging(e.Key, month); contract != nil {
			return contract
		}
	}
	return nil
}
