package settlement

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
)

func TestWhenAContractIsInForce(t *testing.T) {
	whole := func(key string, from, to entities.Month, change ...func(*Contract)) Contract {
		c := Contract{Key: key, Owner: "a", From: from, To: to, Active: true}
		for _, f := range change {
			f(&c)
		}
		return c
	}
	renewed := func(c *Contract) { c.AutoRenew = true }
	ended := func(m entities.Month) func(*Contract) { return func(c *Contract) { c.Ended = m } }
	stations := func(list ...string) func(*Contract) { return func(c *Contract) { c.Stations = list } }
	draft := func(c *Contract) { c.Active = false }
	cases := map[string]struct {
		list  []Contract
		month entities.Month
		want  string // key of the contract at station ST-1
	}{
		"before it begins":              {[]Contract{whole("c", "2026-02", "")}, "2026-01", ""},
		"its first month":               {[]Contract{whole("c", "2026-02", "")}, "2026-02", "c"},
		"its last month":                {[]Contract{whole("c", "2026-02", "2026-03")}, "2026-03", "c"},
		"after its last month":          {[]Contract{whole("c", "2026-02", "2026-03")}, "2026-04", ""},
		"open":                          {[]Contract{whole("c", "2026-02", "")}, "2031-01", "c"},
		"a draft":                       {[]Contract{whole("c", "2026-02", "", draft)}, "2026-02", ""},
		"renewed":                       {[]Contract{whole("c", "2026-02", "2026-03", renewed)}, "2027-01", "c"},
		"renewed, in its last month":    {[]Contract{whole("c", "2026-02", "2026-03", renewed, ended("2026-06"))}, "2026-06", "c"},
		"renewed, ended":                {[]Contract{whole("c", "2026-02", "2026-03", renewed, ended("2026-06"))}, "2026-07", ""},
		"ended before its last month":   {[]Contract{whole("c", "2026-02", "2026-12", ended("2026-06"))}, "2026-07", ""},
		"renewed until another begins":  {[]Contract{whole("c", "2026-02", "2026-03", renewed), whole("d", "2026-05", "")}, "2026-05", "d"},
		"renewed before another begins": {[]Contract{whole("c", "2026-02", "2026-03", renewed), whole("d", "2026-05", "")}, "2026-04", "c"},
		"renewed beside a later draft":  {[]Contract{whole("c", "2026-02", "2026-03", renewed), whole("d", "2026-05", "", draft)}, "2026-05", "c"},
		"renewed beside one for a station of its own": {[]Contract{whole("c", "2026-02", "2026-03", renewed), whole("d", "2026-05", "", stations("ST-2"))}, "2026-05", "c"},
		"one for stations goes before":                {[]Contract{whole("c", "2026-02", ""), whole("d", "2026-02", "", stations("ST-1"))}, "2026-02", "d"},
		"one for other stations":                      {[]Contract{whole("d", "2026-02", "", stations("ST-2"))}, "2026-02", ""},
		"one for a station is renewed until one that has it begins": {
			[]Contract{whole("c", "2026-02", "2026-03", renewed, stations("ST-1")), whole("d", "2026-05", "", stations("ST-1", "ST-2"))}, "2026-06", "d",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := ""
			if at := NewContracts(c.list).At("a", "ST-1", c.month); at != nil {
				got = at.Key
			}
			if got != c.want {
				t.Errorf("%q is in force, want %q", got, c.want)
			}
		})
	}
}

func TestContractsThatConflict(t *testing.T) {
	cases := map[string]struct {
		second Contract
		want   []string
	}{
		"both for the whole owner":       {Contract{}, []string{"contracts_overlap contract=c month=2026-02 other=d owner=a station="}},
		"for stations and for the whole": {Contract{Stations: []string{"ST-1"}}, nil},
		"another month":                  {Contract{From: "2026-03"}, nil},
		"both bill own charging": {
			Contract{Stations: []string{"ST-1"}, BillOwnCharging: true}, []string{"contracts_own_charging_twice contract=c month=2026-02 other=d owner=a"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			second := c.second
			second.Key, second.Owner, second.Active = "d", "a", true
			if second.From == "" {
				second.From = "2026-01"
			}
			first := Contract{Key: "c", Owner: "a", From: "2026-01", Active: true, BillOwnCharging: true}
			var got []string
			for _, f := range fault.Of(NewContracts([]Contract{first, second}).Conflicts("a", "2026-02").Err()) {
				got = append(got, f.Error())
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestContractsConflictFromTheFirstMonthOfBoth(t *testing.T) {
	c := NewContracts([]Contract{
		{Key: "c", Owner: "a", From: "2026-01", To: "2026-12", Active: true},
		{Key: "d", Owner: "a", From: "2026-06", Active: true},
		{Key: "e", Owner: "a", From: "2027-01", Active: true, Stations: []string{"ST-1"}},
		{Key: "f", Owner: "a", From: "2026-03", To: "2027-03", Active: true, Stations: []string{"ST-2", "ST-1"}},
		{Key: "c", Owner: "b", From: "2026-01", Active: true},
	})
	var got []string
	for _, f := range c.Overlaps() {
		got = append(got, f.Error())
	}
	want := []string{
		"contracts_overlap contract=c month=2026-06 other=d owner=a station=",
		"contracts_overlap contract=e month=2027-01 other=f owner=a station=ST-1",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsWrongWithAContract(t *testing.T) {
	p := func(v money.Percent) *money.Percent { return &v }
	cases := map[string]struct {
		contract Contract
		want     []string
	}{
		"nothing":                    {Contract{From: "2026-01"}, nil},
		"no month":                   {Contract{}, []string{"contract_value contract=c field=from value="}},
		"an unknown currency":        {Contract{Currency: "XXX"}, []string{"contract_value contract=c field=currency value=XXX"}},
		"an unknown moment":          {Contract{Terms: Terms{SettleOn: "paid"}}, []string{"contract_value contract=c field=settle_on value=paid"}},
		"months out of order":        {Contract{From: "2026-02", To: "2026-01"}, []string{"contract_months contract=c field=to first=2026-02 last=2026-01"}},
		"ended before it begins":     {Contract{From: "2026-02", Ended: "2026-01"}, []string{"contract_months contract=c field=ended first=2026-02 last=2026-01"}},
		"more than all":              {Contract{Terms: Terms{ShareAC: p(10_001), ShareDC: p(0)}}, []string{"contract_percent contract=c field=share_percent_ac value=100.01"}},
		"one percentage of two":      {Contract{Terms: Terms{ShareAC: p(80)}}, []string{"contract_share_half contract=c field=share_percent_dc"}},
		"exclude without a share":    {Contract{Terms: Terms{ExcludeConnectionFee: true}}, []string{"contract_needs_share contract=c field=exclude_connection_fee"}},
		"deduct nothing":             {Contract{Terms: Terms{ShareAC: p(80), ShareDC: p(80), DeductElectricityCost: true}}, []string{"contract_deduct_nothing contract=c field=electricity_cost_per_kwh"}},
		"reimburse without deduct":   {Contract{Terms: Terms{ShareAC: p(80), ShareDC: p(80), ReimburseElectricityCost: true}}, []string{"contract_reimburse_alone contract=c field=reimburse_electricity_cost"}},
		"a negative fee":             {Contract{MonthlyFee: -1}, []string{"contract_negative contract=c field=monthly_fee value=-0.000001"}},
		"two bands of one beginning": {Contract{VolumeBonus: []BonusBand{{20, 1}, {20, 2}}}, []string{"contract_bonus_twice contract=c field=volume_bonus from=0.00002"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			contract := c.contract
			contract.Key = "c"
			if name != "no month" && contract.From == "" {
				contract.From = "2026-01"
			}
			var got []string
			for _, f := range contract.Check() {
				got = append(got, f.Error())
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAGuaranteeFillsUpToTheCent(t *testing.T) {
	c := Contract{MinimumGuarantee: 30_000_000}
	for printed, want := range map[money.Amount]money.Amount{2168: 832, 3000: 0, 3001: 0, -100: 3100} {
		if got := c.TopUp(printed, 2); got != want {
			t.Errorf("%d is filled up by %d, want %d", printed, got, want)
		}
	}
}

func TestOwnChargingIsBilledLessTheDiscount(t *testing.T) {
	c := Contract{OwnChargingDiscount: 500}
	for amount, want := range map[money.Micros]money.Micros{4_900_000: 4_655_000, 1: 1, 10: 10, -4_900_000: -4_655_000, 0: 0} {
		if got, err := c.OwnCharging(amount); err != nil || got != want {
			t.Errorf("%s is billed at %s (%v), want %s", amount, got, err, want)
		}
	}
}
