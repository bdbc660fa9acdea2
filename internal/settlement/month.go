package settlement

import (
	"cmp"
	"slices"

	"creditrun/internal/money"
)

// Bonus is the volume bonus for the energy of a month, in marginal bands and
// rounded half away from zero to six decimals (settlement.md §3.6). The order
// of the bands does not matter.
func (c *Contract) Bonus(energy money.Quantity) (money.Micros, error) {
	bands := slices.SortedFunc(slices.Values(c.VolumeBonus), func(a, b BonusBand) int { return cmp.Compare(a.From, b.From) })
	var sum money.Sum
	for i, band := range bands {
		upTo := energy
		if i+1 < len(bands) {
			upTo = min(upTo, bands[i+1].From)
		}
		if upTo > band.From {
			sum.AddProduct(int64(upTo-band.From), int64(band.PerKWh))
		}
	}
	v, ok := sum.DivRound(perFine)
	if !ok {
		return 0, errTooLarge
	}
	return money.Micros(v), nil
}

// TopUp is what a minimum guarantee adds to what the sessions of a month came
// to on their documents, in the minor unit of the currency.
func (c *Contract) TopUp(printed money.Amount, digits int) money.Amount {
	return max(0, c.MinimumGuarantee.Round(digits)-printed)
}
