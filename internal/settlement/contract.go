// Package settlement says what operator and Sub-CPO owe each other by contract
// (docs/settlement.md §3): which contract is in force, what a session comes to
// under it, and the sums and fees of a month. It computes exactly and knows no
// documents, no database and no clock.
package settlement

import (
	"cmp"
	"slices"

	"creditrun/entities"
	"creditrun/internal/money"
)

// Contract says how one owner is settled, dated by month (settlement.md §3.1).
// The zero value of a field means that it is not agreed.
type Contract struct {
	Key        string
	Title      string
	ExternalID string
	Owner      string   // key of the entity
	Stations   []string // keys; none: all stations of the owner
	From       entities.Month
	To         entities.Month // included; zero: open
	AutoRenew  bool           // goes on after To
	Ended      entities.Month // the last month; zero: not ended
	Active     bool           // false: a draft
	Currency   string         // ISO 4217; empty: that of the owner

	Terms

	MonthlyFee           money.Micros
	MonthlyFeePerStation money.Micros
	MonthlyFeePerACEVSE  money.Micros
	MonthlyFeePerDCEVSE  money.Micros
	MinimumGuarantee     money.Micros
	VolumeBonus          []BonusBand

	BillOwnCharging     bool
	OwnChargingDiscount money.Percent
	FeeTaxAccount       string // key; empty: that of the owner, or of the settings
}

// Terms are what decides the settlement of a session.
type Terms struct {
	// ShareAC and ShareDC are the owner's part of the driver amount; nil: the
	// purchase price decides. Both are set or none is.
	ShareAC, ShareDC *money.Percent

	ExcludeConnectionFee     bool
	DeductElectricityCost    bool
	ReimburseElectricityCost bool
	ElectricityCost          money.Fine // per kWh
	ElectricityTax           money.Fine // per kWh
	FixedFeeAC, FixedFeeDC   money.Fine // per session
	FeePerKWhAC, FeePerKWhDC money.Fine
	HandlingFee              money.Percent // of the driver amount
	SettleOn                 SettleOn
}

// SettleOn says when a session is settled.
type SettleOn string

// A session is settled when it is known, or when the driver's money has arrived.
const (
	Generated SettleOn = "generated"
	Collected SettleOn = "collected"
)

// BonusBand is a band of a volume bonus: PerKWh for each kWh above From, up to
// the From of the next band.
type BonusBand struct {
	From   money.Quantity
	PerKWh money.Fine
}

// Shares reports whether sessions are settled by a share of the driver amount.
func (t *Terms) Shares() bool { return t.ShareAC != nil && t.ShareDC != nil }

// NeedsDriverAmount reports whether a session cannot be settled without a
// driver amount.
func (t *Terms) NeedsDriverAmount() bool { return t.Shares() || t.HandlingFee != 0 }

// InForce reports whether the contract counts for a month (settlement.md §3.2).
// others are the contracts of the same owner: one that begins later and covers
// all its stations ends a contract that renews itself.
func (c *Contract) InForce(month entities.Month, others []*Contract) bool {
	switch {
	case !c.Active, month < c.From, !c.Ended.IsZero() && month > c.Ended:
		return false
	case c.To.IsZero(), month <= c.To:
		return true
	case !c.AutoRenew:
		return false
	}
	return !slices.ContainsFunc(others, func(later *Contract) bool {
		return later != c && later.Active && later.Owner == c.Owner && later.From > c.From && later.From <= month && later.covers(c)
	})
}

// covers reports whether the contract is for all stations that another is for.
func (c *Contract) covers(other *Contract) bool {
	if len(c.Stations) == 0 {
		return true
	}
	return len(other.Stations) > 0 && !slices.ContainsFunc(other.Stations, func(s string) bool { return !slices.Contains(c.Stations, s) })
}

// Contracts finds the contracts of a network. It is immutable and safe for
// concurrent use.
type Contracts struct {
	byOwner map[string][]*Contract // by key of the contract
	byKey   map[string]*Contract
}

// NewContracts sorts contracts to their owners.
func NewContracts(list []Contract) *Contracts {
	c := &Contracts{byOwner: map[string][]*Contract{}, byKey: map[string]*Contract{}}
	for i := range list {
		one := &list[i]
		c.byOwner[one.Owner] = append(c.byOwner[one.Owner], one)
		c.byKey[one.Key] = one
	}
	for _, of := range c.byOwner {
		slices.SortFunc(of, func(a, b *Contract) int { return cmp.Compare(a.Key, b.Key) })
	}
	return c
}

// ByKey returns a contract, or nil.
func (c *Contracts) ByKey(key string) *Contract { return c.byKey[key] }

// InForce returns the contracts of an owner that count for a month, by key.
func (c *Contracts) InForce(owner string, month entities.Month) (list []*Contract) {
	for _, one := range c.byOwner[owner] {
		if one.InForce(month, c.byOwner[owner]) {
			list = append(list, one)
		}
	}
	return list
}

// At returns the contract by which the sessions of an owner at a station are
// settled in a month, or nil: one for stations goes before one for the whole
// owner. Where two are in force it is the first by key; Conflicts names them.
func (c *Contracts) At(owner, station string, month entities.Month) *Contract {
	var whole *Contract
	for _, one := range c.byOwner[owner] {
		switch {
		case !one.InForce(month, c.byOwner[owner]):
		case len(one.Stations) == 0:
			whole = cmp.Or(whole, one)
		case slices.Contains(one.Stations, station):
			return one
		}
	}
	return whole
}

// OwnCharging returns the contract of an owner in a month by which what its
// drivers charge is billed (settlement.md §3.8), or nil.
func (c *Contracts) OwnCharging(owner string, month entities.Month) *Contract {
	for _, one := range c.InForce(owner, month) {
		if one.BillOwnCharging {
			return one
		}
	}
	return nil
}
