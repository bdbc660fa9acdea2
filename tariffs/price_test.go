package tariffs

import (
	"encoding/json"
	"math"
	"math/big"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"creditrun/internal/fault"
	"creditrun/internal/money"
)

var noon = time.Date(2026, 10, 3, 12, 0, 0, 0, time.UTC)

// TestVectorsPass prices every vector of domain.md §4.8.
func TestVectorsPass(t *testing.T) {
	text, err := os.ReadFile("testdata/pricing.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		ID        string
		Rate      CostRate
		EnergyWh  int64 `json:"energy_wh"`
		DurationS int64 `json:"duration_s"`
		Energy    money.Micros
		Time      money.Micros
		Fee       money.Micros
		Total     money.Micros
	}
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	for _, v := range vectors {
		v.Rate.Key = v.ID
		got, err := PriceOf(&v.Rate, money.Quantity(v.EnergyWh)*money.PerWattHour, v.DurationS, noon, time.UTC)
		if err != nil {
			t.Errorf("%s: %v", v.ID, err)
			continue
		}
		want := [4]money.Micros{v.Energy, v.Time, v.Fee, v.Total}
		if diff := cmp.Diff(want, [4]money.Micros{got.Energy, got.Time, got.Fee, got.Total}); diff != "" {
			t.Errorf("%s, %d Wh, %d s: energy, time, fee, total -want +got\n%s", v.ID, v.EnergyWh, v.DurationS, diff)
		}
	}
}

func TestPriceNamesTheBandsUsed(t *testing.T) {
	rate := &CostRate{Key: "r", Currency: "EUR", Prices: Prices{
		Energy:     []EnergyBand{{400, 300_000}, {200, 0}, {300, 900_000}},
		Time:       []TimeBand{{2, 0}, {3, 1_000_000}},
		SessionFee: &SessionFee{Amount: 1_300_000},
	}}
	got, err := PriceOf(rate, 12_345_678, 181, noon, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	want := []Step{
		{EnergyComponent, 200, "0.2", 0, "0"},
		{EnergyComponent, 300, "0.1", 900_000, "0.09"},
		{EnergyComponent, 0, "12.045678", 300_000, "3.6137034"},
		{TimeComponent, 2, "2", 0, "0"},
		{TimeComponent, 0, "2", 1_000_000, "0.033333333333…"},
		{FeeComponent, 0, "1", 1_300_000, "1.3"},
	}
	if diff := cmp.Diff(want, got.Steps); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if got.Total != 5_037_036 { // 3.703703(4) + 0.033333(3) + 1.3
		t.Errorf("total %s", got.Total)
	}
}

func TestBreakdownAddsUpToThePrice(t *testing.T) {
	rate := &CostRate{Key: "r", Currency: "EUR", EnergyStepWh: 250, Prices: Prices{
		Energy: []EnergyBand{{200, 123_457}, {5000, 999_999}, {5001, 1}},
	}}
	for energy := money.Quantity(1); energy < 20_000_000; energy += 777_777 {
		price, err := PriceOf(rate, energy, 0, noon, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		total := new(big.Rat)
		for _, s := range price.Steps {
			amount, _ := new(big.Rat).SetString(s.Amount)
			total.Add(total, amount)
		}
		if got := roundRat(total); got != int64(price.Energy) {
			t.Errorf("%s kWh: steps add up to %d, the price is %d", energy, got, price.Energy)
		}
	}
}

func TestLastBandIsOpen(t *testing.T) {
	rate := &CostRate{Key: "r", Currency: "EUR", Prices: Prices{Energy: []EnergyBand{{1, 350_000}}}}
	got, err := PriceOf(rate, 10_000_000, 0, noon, time.UTC)
	if err != nil || got.Energy != 3_500_000 {
		t.Errorf("10 kWh at 0.35: %s, %v", got.Energy, err)
	}
}

func TestRateWithoutPricesIsFree(t *testing.T) {
	got, err := PriceOf(&CostRate{Key: "r", Currency: "EUR"}, 10_000_000, 3600, noon, time.UTC)
	if err != nil || got.Total != 0 || len(got.Steps) != 0 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestNegativeMeasurementsCostNothing(t *testing.T) {
	rate := &CostRate{Key: "r", Currency: "EUR", EnergyStepWh: 1000, Prices: Prices{
		Energy: []EnergyBand{{1, 350_000}}, Time: []TimeBand{{1, 350_000}}, SessionFee: &SessionFee{Amount: 5},
	}}
	for _, v := range []int64{-1, -1_000_000, math.MinInt64} {
		got, err := PriceOf(rate, money.Quantity(v), v, noon, time.UTC)
		if err != nil || got.Total != 0 || len(got.Steps) != 0 {
			t.Errorf("%d: got %+v, %v", v, got, err)
		}
	}
}

func TestOverflowIsAFaultNeverANumber(t *testing.T) {
	huge := money.Rate(math.MaxInt64)
	cases := map[string]CostRate{
		"energy": {Prices: Prices{Energy: []EnergyBand{{1, huge}}}},
		"time":   {Prices: Prices{Time: []TimeBand{{1, huge}}}},
		"step":   {EnergyStepWh: 1000, Prices: Prices{Energy: []EnergyBand{{1, 1}}}},
		"total": {Prices: Prices{
			Time: []TimeBand{{1, 60}}, SessionFee: &SessionFee{Amount: huge},
		}},
	}
	for name, rate := range cases {
		t.Run(name, func(t *testing.T) {
			rate.Key, rate.Currency = "r", "EUR"
			got, err := PriceOf(&rate, math.MaxInt64-1, math.MaxInt64, noon, time.UTC)
			if faults := fault.Of(err); len(faults) != 1 || faults[0].Key != "price_too_large" {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

// roundRat rounds an amount to millionths, half away from zero.
func roundRat(amount *big.Rat) int64 {
	scaled := new(big.Rat).Mul(amount, big.NewRat(1_000_000, 1))
	scaled.Add(scaled, big.NewRat(1, 2)) // amounts are not negative
	return new(big.Int).Quo(scaled.Num(), scaled.Denom()).Int64()
}

// reference prices in fractions, one unit of the law after the other.
func reference(p Prices, step, energy, seconds int64, discount money.Percent) [3]int64 {
	factor := big.NewRat(10_000-int64(discount), 10_000)
	billed := big.NewRat(energy, 1000) // Wh
	if step > 1 {
		steps := (energy + step*1000 - 1) / (step * 1000)
		billed = big.NewRat(steps*step, 1)
	}
	sum, below := new(big.Rat), new(big.Rat)
	for i, b := range p.Energy {
		sum.Add(sum, marginal(billed, below, b.UpToWh, int64(b.PerKWh), 1000, i == len(p.Energy)-1))
		below.SetInt64(b.UpToWh)
	}
	energyPrice := roundRat(sum.Mul(sum, factor))
	begun := big.NewRat((seconds+59)/60, 1)
	sum, below = new(big.Rat), new(big.Rat)
	for i, b := range p.Time {
		sum.Add(sum, marginal(begun, below, b.UpToMin, int64(b.PerHour), 60, i == len(p.Time)-1))
		below.SetInt64(b.UpToMin)
	}
	timePrice := roundRat(sum.Mul(sum, factor))
	fee := new(big.Rat)
	if f := p.SessionFee; f != nil && seconds > f.GraceSeconds && big.NewRat(energy, 1000).Cmp(big.NewRat(f.ThresholdWh, 1)) >= 0 {
		fee.Mul(big.NewRat(int64(f.Amount), 1_000_000), factor)
	}
	return [3]int64{energyPrice, timePrice, roundRat(fee)}
}

func marginal(units, below *big.Rat, bound, price, per int64, last bool) *big.Rat {
	top := units
	if limit := big.NewRat(bound, 1); !last && limit.Cmp(units) < 0 {
		top = limit
	}
	part := new(big.Rat).Sub(top, below)
	if part.Sign() <= 0 {
		return new(big.Rat)
	}
	return part.Mul(part, big.NewRat(price, 1_000_000*per))
}

func FuzzPriceIsTheExactFractionRoundedOnce(f *testing.F) {
	f.Add(int64(12_345_000), int64(5400), int64(350_000), int64(7_200_000), int64(200), int64(100), int64(1000), uint16(0), int64(0))
	f.Add(int64(1), int64(1), int64(1), int64(1), int64(1), int64(1), int64(1), uint16(1234), int64(7))
	f.Fuzz(func(t *testing.T, energy, seconds, p1, p2, bound1, width, fee int64, discount uint16, step int64) {
		within := func(v *int64, limit int64) { *v = int64(uint64(*v) % uint64(limit)) }
		within(&energy, 1e12)
		within(&seconds, 1e9)
		within(&p1, 1e10)
		within(&p2, 1e10)
		within(&bound1, 1e8)
		within(&width, 1e8)
		within(&fee, 1e10)
		within(&step, 1e6)
		prices := Prices{
			Energy:     []EnergyBand{{bound1, money.Rate(p1)}, {bound1 + width + 1, money.Rate(p2)}, {bound1 + width + 2, money.Rate(fee)}},
			Time:       []TimeBand{{bound1, money.Rate(p2)}, {bound1 + width + 1, money.Rate(p1)}, {bound1 + width + 2, 1}},
			SessionFee: &SessionFee{money.Rate(fee), width, bound1},
		}
		percent := money.Percent(discount % 10_001)
		compiled := compileRate(&CostRate{Key: "r", EnergyStepWh: step, Prices: prices})
		var got components
		if !got.price(&compiled.own, compiled.step, energy, seconds, money.Hundred-percent) {
			t.Fatal("overflow")
		}
		want := reference(prices, step, energy, seconds, percent)
		if have := [3]int64{int64(got.energy), int64(got.time), int64(got.fee)}; have != want {
			t.Errorf("got %v, want %v", have, want)
		}
	})
}

func TestUnitsOfABreakdownAreReadable(t *testing.T) {
	steps := Breakdown(&Prices{Energy: []EnergyBand{{1, 1}}}, 1, 0, 0)
	if len(steps) != 1 || steps[0].Units != "0.000001" || steps[0].Amount != "0.000000000001" {
		t.Errorf("got %+v", steps)
	}
	if s := exact(math.MaxInt64, math.MaxInt64, 1); strings.Contains(s, "-") {
		t.Errorf("got %s", s)
	}
}

// domain.md §4.4.
func TestTheFeeComparesTheMeteredEnergyWithItsThreshold(t *testing.T) {
	rate := &CostRate{Key: "r", Currency: "EUR", EnergyStepWh: 1000, Prices: Prices{
		Energy: []EnergyBand{{1, 1_000_000}}, SessionFee: &SessionFee{Amount: 500_000, ThresholdWh: 900},
	}}
	for energy, want := range map[money.Quantity]money.Micros{899_999: 0, 900_000: 500_000} { // both are billed as 1 kWh
		got, err := PriceOf(rate, energy, 1, noon, time.UTC)
		if err != nil || got.Energy != 1_000_000 || got.Fee != want {
			t.Errorf("%s kWh: energy %s, fee %s, want %s, %v", energy, got.Energy, got.Fee, want, err)
		}
	}
}
