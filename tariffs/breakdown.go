package tariffs

import (
	"math/big"
	"strings"

	"creditrun/internal/money"
)

// Component is a part of a session's price that is kept apart (domain.md §4.6).
type Component string

// The components; time stands for every time-based service.
const (
	EnergyComponent Component = "energy"
	TimeComponent   Component = "time"
	FeeComponent    Component = "fee"
)

// Step is one band a session used, for explaining its amount: units × price
// before any discount and rounding.
type Step struct {
	Component Component  `json:"component"`
	UpTo      int64      `json:"up_to,omitempty"` // the band's bound in Wh or minutes; 0: open
	Units     string     `json:"units"`           // kWh, minutes, or 1 for the fee
	Price     money.Rate `json:"price"`           // per kWh, per hour, per session
	// Amount is an exact decimal; where the fraction has no end, it is cut
	// after twelve decimals and ends in "…".
	Amount string `json:"amount"`
}

// Breakdown lists the bands that a session uses, in order: energy, time, fee.
// The prices must be those of a valid cost rate. It is for explaining, not for
// pricing: the amounts are not rounded.
func Breakdown(prices *Prices, energy money.Quantity, durationSeconds, energyStepWh int64) []Step {
	copied := InOrder(*prices)
	p := compilePrices(&copied)
	step := int64(0)
	if energyStepWh > 1 {
		step = wattHours(energyStepWh)
	}
	billed, ok := roundUp(int64(energy), step)
	if !ok {
		return nil
	}
	steps := energySteps(p.energy, billed)
	steps = append(steps, timeSteps(p.time, minutes(durationSeconds))...)
	if p.feeApplies(int64(energy), durationSeconds) {
		steps = append(steps, Step{Component: FeeComponent, Units: "1", Price: copied.SessionFee.Amount,
			Amount: exact(1, p.fee, money.PerUnit)})
	}
	return steps
}

func energySteps(bands []band, billed int64) (steps []Step) {
	eachBand(bands, billed, func(b band, units int64, last bool) {
		s := Step{Component: EnergyComponent, Units: money.Quantity(units).String(), Price: money.Rate(b.price),
			Amount: exact(units, b.price, money.PerUnit*money.PerUnit)}
		if !last {
			s.UpTo = b.upTo / int64(money.PerWattHour)
		}
		steps = append(steps, s)
	})
	return steps
}

func timeSteps(bands []band, billed int64) (steps []Step) {
	eachBand(bands, billed, func(b band, units int64, last bool) {
		s := Step{Component: TimeComponent, Units: money.Format(units, 0), Price: money.Rate(b.price),
			Amount: exact(units, b.price, 60*money.PerUnit)}
		if !last {
			s.UpTo = b.upTo
		}
		steps = append(steps, s)
	})
	return steps
}

// eachBand calls use for every band that has units of the session in it.
func eachBand(bands []band, units int64, use func(b band, units int64, last bool)) {
	below := int64(0)
	for i, b := range bands {
		if units <= below {
			return
		}
		if part := min(units, b.upTo) - below; part > 0 {
			use(b, part, i == len(bands)-1)
		}
		below = b.upTo
	}
}

// exactDecimals is how many decimals a kWh in millionths times a rate in
// millionths can have.
const exactDecimals = 12

// exact prints units × price ÷ per without rounding and without trailing zeros.
func exact(units, price, per int64) string {
	x := new(big.Int).Mul(big.NewInt(units), big.NewInt(price))
	x.Mul(x, new(big.Int).Exp(big.NewInt(10), big.NewInt(exactDecimals), nil))
	rest := new(big.Int)
	x.QuoRem(x, big.NewInt(per), rest)
	digits := x.String()
	if len(digits) <= exactDecimals {
		digits = strings.Repeat("0", exactDecimals-len(digits)+1) + digits
	}
	whole, fraction := digits[:len(digits)-exactDecimals], digits[len(digits)-exactDecimals:]
	if rest.Sign() != 0 {
		return whole + "." + fraction + "…"
	}
	return strings.TrimSuffix(whole+"."+strings.TrimRight(fraction, "0"), ".")
}
