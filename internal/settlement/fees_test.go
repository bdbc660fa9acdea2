package settlement

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/entities"
)

// network has three stations of a, one of which is sold on 31 October, and one
// of its sub-entity.
func network(t *testing.T) *entities.Network {
	t.Helper()
	n, err := entities.NewNetwork(
		[]entities.Entity{
			{Key: "op", Name: "Op", TimeZone: "Europe/Berlin", Active: true},
			{Key: "a", Parent: "op", Name: "A", Active: true}, {Key: "b", Parent: "a", Name: "B", Active: true},
		},
		[]entities.Station{
			{Key: "ST-1", Name: "1", TimeZone: "Europe/Berlin", Owners: []entities.Ownership{{From: "2020-01-01", Entity: "a"}}},
			{Key: "ST-2", Name: "2", TimeZone: "Europe/Berlin", Owners: []entities.Ownership{{From: "2020-01-01", Entity: "a"}}},
			{Key: "ST-3", Name: "3", TimeZone: "Europe/Berlin", Owners: []entities.Ownership{{From: "2020-01-01", Entity: "a"}, {From: "2026-10-31", Entity: "b"}}},
			{Key: "ST-4", Name: "4", TimeZone: "Europe/Berlin", Owners: []entities.Ownership{{From: "2026-11-01", Entity: "a"}}},
		},
		[]entities.Connector{
			{ID: 1, EVSEID: "DE*ABC*E1", Number: 1, Station: "ST-1", PowerType: entities.AC},
			{ID: 2, EVSEID: "DE*ABC*E1", Number: 2, Station: "ST-1", PowerType: entities.DC},
			{ID: 3, EVSEID: "DE*ABC*E2", Number: 1, Station: "ST-1"},
			{ID: 4, EVSEID: "DE*ABC*E3", Number: 1, Station: "ST-2", PowerType: entities.AC},
			{ID: 5, EVSEID: "DE*ABC*E4", Number: 1, Station: "ST-3", PowerType: entities.DC},
			{ID: 6, EVSEID: "DE*ABC*E5", Number: 1, Station: "ST-4", PowerType: entities.DC},
		}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestFeesCountWhatIsOwnedAtTheEndOfTheMonth(t *testing.T) {
	contract := func(key string, stations ...string) Contract {
		return Contract{
			Key: key, Owner: "a", From: "2026-01", Active: true, Stations: stations,
			MonthlyFee: 3_000_000, MonthlyFeePerStation: 5_000_000, MonthlyFeePerACEVSE: 2_000_000, MonthlyFeePerDCEVSE: 9_000_000,
		}
	}
	contracts := NewContracts([]Contract{contract("whole"), contract("one", "ST-2", "ST-3")})
	cases := map[string]struct {
		key   string
		month entities.Month
		want  []Fee
	}{
		"without the stations of another contract": {
			"whole", "2026-10", []Fee{{FeeMonthly, 1, 3_000_000}, {FeeStation, 1, 5_000_000}, {FeeACEVSE, 1, 2_000_000}, {FeeDCEVSE, 1, 9_000_000}},
		},
		"sold on the last day, it does not count": {
			"one", "2026-10", []Fee{{FeeMonthly, 1, 3_000_000}, {FeeStation, 1, 5_000_000}, {FeeACEVSE, 1, 2_000_000}},
		},
		"bought on the first of the next month, it counts there": {
			"whole", "2026-11", []Fee{{FeeMonthly, 1, 3_000_000}, {FeeStation, 2, 5_000_000}, {FeeACEVSE, 1, 2_000_000}, {FeeDCEVSE, 2, 9_000_000}},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := contracts.Fees(contracts.ByKey(c.key), network(t), c.month)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheNearestEntityUpwardPaysForOwnCharging(t *testing.T) {
	n := network(t)
	whole := Contract{Key: "c-a", Owner: "a", From: "2026-01", Active: true, BillOwnCharging: true}
	own := Contract{Key: "c-b", Owner: "b", From: "2026-10", Active: true, BillOwnCharging: true}
	cases := map[string]struct {
		list   []Contract
		issuer string
		month  entities.Month
		want   string
	}{
		"its own":                   {[]Contract{whole, own}, "b", "2026-10", "c-b"},
		"before its own begins":     {[]Contract{whole, own}, "b", "2026-09", "c-a"},
		"of the parent":             {[]Contract{whole}, "b", "2026-10", "c-a"},
		"not of a sub-entity":       {[]Contract{own}, "a", "2026-10", ""},
		"a medium of the operator":  {[]Contract{whole}, "op", "2026-10", ""},
		"a contract without a flag": {[]Contract{{Key: "c", Owner: "a", From: "2026-01", Active: true}}, "a", "2026-10", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := ""
			if contract := NewContracts(c.list).OwnChargingOf(n.Tree.Entity(c.issuer), n.Tree, c.month); contract != nil {
				got = contract.Key
			}
			if got != c.want {
				t.Errorf("%q pays, want %q", got, c.want)
			}
		})
	}
}

func TestPeriodsOfTheCalendar(t *testing.T) {
	cases := []struct {
		frequency   entities.Frequency
		month       entities.Month
		first, last entities.Month
	}{
		{"", "2026-10", "2026-10", "2026-10"},
		{entities.Monthly, "2026-12", "2026-12", "2026-12"},
		{entities.Quarterly, "2026-10", "2026-10", "2026-12"},
		{entities.Quarterly, "2026-03", "2026-01", "2026-03"},
		{entities.HalfYearly, "2026-06", "2026-01", "2026-06"},
		{entities.HalfYearly, "2026-07", "2026-07", "2026-12"},
		{entities.Yearly, "2026-12", "2026-01", "2026-12"},
	}
	for _, c := range cases {
		first, last := c.frequency.Period(c.month)
		if first != c.first || last != c.last || c.frequency.Due(c.month) != (c.month == c.last) {
			t.Errorf("%s %s: %s to %s, due %v", c.frequency, c.month, first, last, c.frequency.Due(c.month))
		}
		if december := c.month[:4] + "-12"; !c.frequency.Due(december) {
			t.Errorf("%s: the year's end closes no period", c.frequency)
		}
	}
}
