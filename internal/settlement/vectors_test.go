package settlement

import (
	"encoding/json"
	"os"
	"testing"

	"creditrun/internal/money"
)

// vectors are worked cases with every figure.
type vectors struct {
	Sessions []struct {
		ID       string       `json:"id"`
		About    string       `json:"about"`
		Contract contractJSON `json:"contract"`
		Power    *string      `json:"power_type"`
		Energy   string       `json:"energy_kwh"`
		Amount   *string      `json:"driver_amount"`
		Fee      string       `json:"driver_fee"`
		Price    *struct {
			Energy string `json:"energy"`
			Time   string `json:"time"`
			Fee    string `json:"fee"`
		} `json:"purchase_price"`
		Expect map[string]*string `json:"expect"`
	} `json:"sessions"`
	Bonus []struct {
		Bands  []bandJSON `json:"volume_bonus"`
		Energy string     `json:"energy_kwh"`
		Expect string     `json:"expect"`
	} `json:"volume_bonus"`
}

type contractJSON struct {
	ShareAC   *string `json:"share_percent_ac"`
	ShareDC   *string `json:"share_percent_dc"`
	Exclude   bool    `json:"exclude_connection_fee"`
	Deduct    bool    `json:"deduct_electricity_cost"`
	Reimburse bool    `json:"reimburse_electricity_cost"`
	Cost      string  `json:"electricity_cost_per_kwh"`
	Tax       string  `json:"electricity_tax_per_kwh"`
	FixedAC   string  `json:"fixed_fee_per_session_ac"`
	FixedDC   string  `json:"fixed_fee_per_session_dc"`
	PerKWhAC  string  `json:"fee_per_kwh_ac"`
	PerKWhDC  string  `json:"fee_per_kwh_dc"`
	Handling  string  `json:"handling_fee_percent"`
}

type bandJSON struct {
	From   string `json:"from_kwh"`
	PerKWh string `json:"per_kwh"`
}

func read(t *testing.T) *vectors {
	t.Helper()
	content, err := os.ReadFile("testdata/settlement.json")
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(content, &v); err != nil {
		t.Fatal(err)
	}
	return &v
}

// figure reads a decimal; nothing is 0.
func figure(t *testing.T, text string, decimals int) int64 {
	t.Helper()
	if text == "" {
		return 0
	}
	n, err := money.Parse(text, decimals)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (c *contractJSON) terms(t *testing.T) *Terms {
	percentage := func(text *string) *money.Percent {
		if text == nil {
			return nil
		}
		p := money.Percent(figure(t, *text, money.PercentDecimals))
		return &p
	}
	return &Terms{
		ShareAC: percentage(c.ShareAC), ShareDC: percentage(c.ShareDC),
		ExcludeConnectionFee: c.Exclude, DeductElectricityCost: c.Deduct, ReimburseElectricityCost: c.Reimburse,
		ElectricityCost: money.Fine(figure(t, c.Cost, 9)), ElectricityTax: money.Fine(figure(t, c.Tax, 9)),
		FixedFeeAC: money.Fine(figure(t, c.FixedAC, 9)), FixedFeeDC: money.Fine(figure(t, c.FixedDC, 9)),
		FeePerKWhAC: money.Fine(figure(t, c.PerKWhAC, 9)), FeePerKWhDC: money.Fine(figure(t, c.PerKWhDC, 9)),
		HandlingFee: money.Percent(figure(t, c.Handling, money.PercentDecimals)),
	}
}

func TestSessionsComeToTheWorkedFigures(t *testing.T) {
	list := read(t).Sessions
	if len(list) < 40 {
		t.Fatalf("only %d worked sessions", len(list))
	}
	for _, v := range list {
		t.Run(v.ID, func(t *testing.T) {
			charge := Charge{Energy: money.Quantity(figure(t, v.Energy, 6)), DriverFee: money.Micros(figure(t, v.Fee, 6)), DC: v.Power != nil && *v.Power == "DC"}
			if v.Amount != nil {
				charge.DriverAmount, charge.Known = money.Micros(figure(t, *v.Amount, 6)), true
			}
			if p := v.Price; p != nil {
				charge.Price = Price{money.Micros(figure(t, p.Energy, 6)), money.Micros(figure(t, p.Time, 6)), money.Micros(figure(t, p.Fee, 6))}
			}
			got, err := v.Contract.terms(t).Settle(&charge)
			if err != nil {
				t.Fatal(err)
			}
			figures := map[string]money.Micros{
				"share": got.Share, "energy": got.Price.Energy, "time": got.Price.Time, "fee": got.Price.Fee,
				"electricity_cost": got.ElectricityCost, "electricity_tax": got.ElectricityTax, "session_fees": got.SessionFees,
				"owner_share": got.Owner(), "operator_share": got.Operator(charge.DriverAmount),
			}
			for name, want := range v.Expect {
				if want != nil && figures[name].String() != *want {
					t.Errorf("%s: %s is %s, want %s", v.About, name, figures[name], *want)
				}
			}
		})
	}
}

func TestVolumeBonusOfTheWorkedFigures(t *testing.T) {
	list := read(t).Bonus
	if len(list) < 8 {
		t.Fatalf("only %d worked bonuses", len(list))
	}
	for _, v := range list {
		var c Contract
		for _, band := range v.Bands {
			c.VolumeBonus = append(c.VolumeBonus, BonusBand{money.Quantity(figure(t, band.From, 6)), money.Fine(figure(t, band.PerKWh, 9))})
		}
		got, err := c.Bonus(money.Quantity(figure(t, v.Energy, 6)))
		if err != nil || got.String() != v.Expect {
			t.Errorf("%s kWh: %s (%v), want %s", v.Energy, got, err, v.Expect)
		}
	}
}

func TestSettlingDoesNotAllocate(t *testing.T) {
	share := money.Percent(8000)
	terms := Terms{ShareAC: &share, ShareDC: &share, DeductElectricityCost: true, ElectricityCost: 220_000_000, HandlingFee: 250}
	charge := Charge{Energy: 10 * money.PerUnit, DriverAmount: 4_900_000, Known: true}
	if n := testing.AllocsPerRun(100, func() {
		if _, err := terms.Settle(&charge); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
