package tariffs

import "creditrun/internal/money"

// Units splits what sessions use into the prices in force for them: the units
// that are charged, after an energy step, at the price of each band. It is
// immutable and safe for concurrent use.
type Units struct {
	prices priced
	step   int64
}

// UnitsOf compiles the prices of a price path.
func UnitsOf(p *PricesInForce) *Units {
	own := InOrder(p.Prices)
	u := &Units{prices: compilePrices(&own)}
	if p.EnergyStepWh > 1 {
		u.step = wattHours(p.EnergyStepWh)
	}
	return u
}

// Energy calls use with the kWh that are charged at each price per kWh; nothing
// for energy that is negative or does not fit.
func (u *Units) Energy(energy money.Quantity, use func(price money.Rate, charged money.Quantity)) {
	billed, ok := roundUp(int64(energy), u.step)
	if !ok {
		return
	}
	eachBand(u.prices.energy, billed, func(b band, units int64, _ bool) { use(money.Rate(b.price), money.Quantity(units)) })
}

// Minutes calls use with the begun minutes that are charged at each price per
// hour.
func (u *Units) Minutes(durationSeconds int64, use func(price money.Rate, charged int64)) {
	eachBand(u.prices.time, minutes(durationSeconds), func(b band, units int64, _ bool) { use(money.Rate(b.price), units) })
}

// Fee is the price of a session, 0 without one.
func (u *Units) Fee() money.Rate {
	if u.prices.SessionFee == nil {
		return 0
	}
	return u.prices.SessionFee.Amount
}
