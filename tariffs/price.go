package tariffs

import (
	"math"
	"time"

	"creditrun/internal/fault"
	"creditrun/internal/money"
)

// Price is what a cost rate gives for one session without a discount.
type Price struct {
	Energy   money.Micros `json:"energy"`
	Time     money.Micros `json:"time"`
	Fee      money.Micros `json:"fee"`
	Total    money.Micros `json:"total"`
	Currency string       `json:"currency"`
	// Entry is the entry of the schedule in force, from 1 in the order of the
	// schedule; 0 means the rate's own prices.
	Entry int    `json:"entry"`
	Steps []Step `json:"steps"`
}

// PriceOf prices a session by a cost rate alone: no tariff, no discount. The
// rate need not be in a Book; what is wrong with it comes back as a fault.List.
func PriceOf(rate *CostRate, energy money.Quantity, durationSeconds int64, start time.Time, zone *time.Location) (Price, error) {
	if err := rateFaults(rate).Err(); err != nil {
		return Price{}, err
	}
	v := compileRate(rate)
	prices, entry := v.inForce(start.UnixMicro(), &clock{zone: zone})
	var sum components
	if !sum.price(prices, v.step, int64(energy), durationSeconds, money.Hundred) {
		return Price{}, fault.New(fault.Invalid, "price_too_large",
			fault.Args{"rate": rate.Key, "energy_kwh": energy.String(), "duration_s": durationSeconds})
	}
	return Price{
		Energy: sum.energy, Time: sum.time, Fee: sum.fee, Total: sum.total,
		Currency: rate.Currency, Entry: entry,
		Steps: Breakdown(prices.Prices, energy, durationSeconds, v.EnergyStepWh),
	}, nil
}

// components are the parts of a session's price, kept apart (domain.md §4.6).
type components struct{ energy, time, fee, total money.Micros }

// price computes every component exactly, scales it by factor (100 % less the
// discount) and rounds it once, half away from zero (domain.md §6.2). It
// reports false where a number does not fit.
func (c *components) price(p *priced, step, energy, durationSeconds int64, factor money.Percent) bool {
	billed, ok := roundUp(energy, step)
	if !ok {
		return false
	}
	var fits [3]bool
	c.energy, fits[0] = component(p.energy, billed, money.PerUnit, factor)
	c.time, fits[1] = component(p.time, minutes(durationSeconds), 60, factor)
	c.fee, fits[2] = 0, true
	if p.feeApplies(energy, durationSeconds) {
		var fee money.Exact
		fee.AddProduct(p.fee, 1)
		c.fee, fits[2] = scaled(&fee, 1, factor)
	}
	total, fit := sum(c.energy, c.time, c.fee)
	c.total = total
	return fits[0] && fits[1] && fits[2] && fit
}

// feeApplies reports whether the session fee is charged (domain.md §4.4). The
// threshold is compared with the measured energy, before any energy step.
func (p *priced) feeApplies(energy, durationSeconds int64) bool {
	return p.SessionFee != nil && durationSeconds > p.grace && energy >= p.threshold
}

// component adds up the marginal bands for a number of units, where a price is
// for as many units as per says.
func component(bands []band, units int64, per uint64, factor money.Percent) (money.Micros, bool) {
	var x money.Exact
	below := int64(0)
	for _, b := range bands {
		if units <= below {
			break
		}
		x.AddProduct(min(units, b.upTo)-below, b.price)
		below = b.upTo
	}
	return scaled(&x, per, factor)
}

// scaled divides by per, takes the discount off and rounds.
func scaled(x *money.Exact, per uint64, factor money.Percent) (money.Micros, bool) {
	if factor != money.Hundred {
		x.Scale(uint64(factor))
		per *= uint64(money.Hundred)
	}
	v, ok := x.DivRound(per)
	return money.Micros(v), ok
}

// roundUp rounds the energy up to the next step; without a step never.
func roundUp(energy, step int64) (int64, bool) {
	if step == 0 || energy <= 0 {
		return energy, true
	}
	rest := energy % step
	if rest == 0 {
		return energy, true
	}
	missing := step - rest
	return energy + missing, energy <= math.MaxInt64-missing
}

// minutes counts begun minutes (domain.md §4.3).
func minutes(durationSeconds int64) int64 {
	m := durationSeconds / 60
	if durationSeconds%60 > 0 {
		m++
	}
	return m
}

// sum adds amounts that are not negative.
func sum(amounts ...money.Micros) (total money.Micros, ok bool) {
	for _, a := range amounts {
		if a > math.MaxInt64-total {
			return 0, false
		}
		total += a
	}
	return total, true
}
