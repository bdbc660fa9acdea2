package settlement

import (
	"errors"

	"creditrun/internal/money"
)

// Charge is what a session is settled by.
type Charge struct {
	Energy money.Quantity
	DC     bool // false: AC, or the power type is not known
	// DriverAmount is what the driver was charged, net; Known is false where no
	// source states it.
	DriverAmount money.Micros
	Known        bool
	DriverFee    money.Micros // the part of it that is a connection or session fee
	// Price is the purchase price, where the contract has no share.
	Price Price
}

// Price is the purchase price of a session by component.
type Price struct{ Energy, Time, Fee money.Micros }

// Result is what a session comes to for its owner, each figure rounded half
// away from zero to six decimals (settlement.md §3.3). Without a share, Energy,
// Time and Fee are the purchase price and Share and ElectricityCost are 0.
type Result struct {
	Share           money.Micros
	Price           Price
	ElectricityCost money.Micros
	ElectricityTax  money.Micros
	SessionFees     money.Micros // 0 or negative, unless the driver amount is negative
}

// Owner is the owner's share: the sum of all.
func (r *Result) Owner() money.Micros {
	return r.Share + r.Price.Energy + r.Price.Time + r.Price.Fee + r.ElectricityCost + r.ElectricityTax + r.SessionFees
}

// Operator is the operator's share of a driver amount. Either may be negative.
func (r *Result) Operator(driverAmount money.Micros) money.Micros { return driverAmount - r.Owner() }

// errTooLarge is returned for figures that no charging session has.
var errTooLarge = errors.New("a settlement does not fit into 64 bits")

// What is added up has nineteen decimals: six of an amount or of kWh, nine of a
// price, and four of a percentage in hundredths.
const (
	asMicros     = uint64(money.Hundred) * perFine // from nineteen decimals to six
	perFine      = 1_000_000_000                   // nine decimals
	perPercent   = uint64(money.Hundred)           // four decimals
	amountScale  = perFine                         // of an amount times a percentage
	sessionScale = money.PerUnit * int64(money.Hundred)
)

// Settle computes what a session comes to. It does not allocate.
func (t *Terms) Settle(c *Charge) (Result, error) {
	r := Result{Price: c.Price}
	var ok [4]bool
	r.Share, ok[0] = 0, true
	if t.Shares() {
		r.Price = Price{}
		r.Share, ok[0] = t.share(c)
	}
	r.ElectricityCost, ok[1] = 0, true
	if t.Shares() && t.ReimburseElectricityCost {
		r.ElectricityCost, ok[1] = product(c.Energy, t.ElectricityCost)
	}
	r.ElectricityTax, ok[2] = product(c.Energy, t.ElectricityTax)
	r.SessionFees, ok[3] = t.fees(c)
	if ok != [4]bool{true, true, true, true} {
		return Result{}, errTooLarge
	}
	return r, nil
}

// share is (R − C − E) × p.
func (t *Terms) share(c *Charge) (money.Micros, bool) {
	rest := int64(c.DriverAmount)
	if t.ExcludeConnectionFee {
		rest -= int64(c.DriverFee)
	}
	p := *t.ShareAC
	if c.DC {
		p = *t.ShareDC
	}
	var sum money.Sum
	sum.AddProduct(rest, perFine)
	if t.DeductElectricityCost {
		sum.AddProduct(-int64(c.Energy), int64(t.ElectricityCost))
	}
	sum.Scale(uint64(p))
	v, ok := sum.DivRound(asMicros)
	return money.Micros(v), ok
}

// fees are −(fixed fee + fee per kWh × kWh + handling % × R).
func (t *Terms) fees(c *Charge) (money.Micros, bool) {
	once, rate := t.FixedFeeAC, t.FeePerKWhAC
	if c.DC {
		once, rate = t.FixedFeeDC, t.FeePerKWhDC
	}
	var energy, sum money.Sum
	energy.AddProduct(int64(c.Energy), int64(rate))
	energy.Scale(perPercent)
	sum.AddProduct(int64(c.DriverAmount), int64(t.HandlingFee))
	sum.Scale(amountScale)
	sum.AddProduct(int64(once), sessionScale)
	sum.Add(&energy)
	v, ok := sum.DivRound(asMicros)
	return money.Micros(-v), ok
}

// product is energy at a rate.
func product(q money.Quantity, rate money.Fine) (money.Micros, bool) {
	var sum money.Sum
	sum.AddProduct(int64(q), int64(rate))
	v, ok := sum.DivRound(perFine)
	return money.Micros(v), ok
}

// OwnCharging is what an owner is billed for a session of its own drivers: the
// driver amount less a discount (settlement.md §3.8).
func (c *Contract) OwnCharging(driverAmount money.Micros) (money.Micros, error) {
	var sum money.Sum
	sum.AddProduct(int64(driverAmount), int64(money.Hundred-c.OwnChargingDiscount))
	v, ok := sum.DivRound(uint64(money.Hundred))
	if !ok {
		return 0, errTooLarge
	}
	return money.Micros(v), nil
}
