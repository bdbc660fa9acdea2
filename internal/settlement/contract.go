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
// The zero value of a field means that it is not agreed. In JSON its fields have
// the names of the network file, and what is not agreed is left out.
type Contract struct {
	Key        string         `json:"key"`
	Title      string         `json:"title,omitzero"`
	ExternalID string         `json:"external_id,omitzero"`
	Owner      string         `json:"owner"`              // key of the entity
	Stations   []string       `json:"stations,omitempty"` // keys; none: all stations of the owner
	From       entities.Month `json:"from"`
	To         entities.Month `json:"to,omitzero"`         // included; zero: open
	AutoRenew  bool           `json:"auto_renew,omitzero"` // goes on after To
	Ended      entities.Month `json:"ended,omitzero"`      // the last month; zero: not ended
	Active     bool           `json:"active"`              // false: a draft
	Currency   string         `json:"currency,omitzero"`   // ISO 4217; empty: that of the owner

	Terms

	MonthlyFee           money.Micros `json:"monthly_fee,omitzero"`
	MonthlyFeePerStation money.Micros `json:"monthly_fee_per_station,omitzero"`
	MonthlyFeePerACEVSE  money.Micros `json:"monthly_fee_per_ac_evse,omitzero"`
	MonthlyFeePerDCEVSE  money.Micros `json:"monthly_fee_per_dc_evse,omitzero"`
	MinimumGuarantee     money.Micros `json:"minimum_guarantee,omitzero"`
	VolumeBonus          []BonusBand  `json:"volume_bonus,omitempty"`

	BillOwnCharging     bool          `json:"bill_own_charging,omitzero"`
	OwnChargingDiscount money.Percent `json:"own_charging_discount_percent,omitzero"`
	FeeTaxAccount       string        `json:"fee_tax_account,omitzero"` // key; empty: that of the owner, or of the settings

	// Unread is true for a contract that a version which did not look at
	// contracts stored: it is a draft until it is saved again
	// (docs/decisions/0101).
	Unread bool `json:"-"`
}

// Terms are what decides the settlement of a session.
type Terms struct {
	// ShareAC and ShareDC are the owner's part of the driver amount; nil: the
	// purchase price decides. Both are set or none is.
	ShareAC *money.Percent `json:"share_percent_ac,omitzero"`
	ShareDC *money.Percent `json:"share_percent_dc,omitzero"`

	ExcludeConnectionFee     bool          `json:"exclude_connection_fee,omitzero"`
	DeductElectricityCost    bool          `json:"deduct_electricity_cost,omitzero"`
	ReimburseElectricityCost bool          `json:"reimburse_electricity_cost,omitzero"`
	ElectricityCost          money.Fine    `json:"electricity_cost_per_kwh,omitzero"`
	ElectricityTax           money.Fine    `json:"electricity_tax_per_kwh,omitzero"`
	FixedFeeAC               money.Fine    `json:"fixed_fee_per_session_ac,omitzero"`
	FixedFeeDC               money.Fine    `json:"fixed_fee_per_session_dc,omitzero"`
	FeePerKWhAC              money.Fine    `json:"fee_per_kwh_ac,omitzero"`
	FeePerKWhDC              money.Fine    `json:"fee_per_kwh_dc,omitzero"`
	HandlingFee              money.Percent `json:"handling_fee_percent,omitzero"` // of the driver amount
	SettleOn                 SettleOn      `json:"settle_on,omitzero"`            // empty: generated
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
	From   money.Quantity `json:"from_kwh"`
	PerKWh money.Fine     `json:"per_kwh"`
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
