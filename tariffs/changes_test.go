package tariffs

import (
	"testing"
	"time"

	"creditrun/entities"
)

func TestChangesConcernTheConnectorsThatUseThem(t *testing.T) {
	place := func(power entities.PowerType, assigned ...entities.ConnectorTariff) *entities.Place {
		return &entities.Place{
			Connector: &entities.Connector{EVSEID: "DE*MST*E1", Number: 1, PowerType: power, Tariffs: assigned},
			Station:   &entities.Station{Key: "A"}, Zone: time.UTC,
		}
	}
	at := time.Date(2026, 11, 12, 0, 0, 0, 0, time.UTC)
	before := &Config{
		CostRates: []CostRate{{Key: "ac", Version: 1, Currency: "EUR"}, {Key: "dc", Version: 1, Currency: "EUR"}},
		Community: []CommunityTariff{{Key: "COM", Versions: []CommunityVersion{{From: "2026-01-01", Purchase: "ac"}}}},
		ChargePoint: []ChargePointTariff{{Key: "LP", Purchase: []Condition{
			{Rate: "ac", From: "2026-01-01", When: Filter{PowerType: entities.AC}}, {Rate: "dc", From: "2026-01-01", When: Filter{PowerType: entities.DC}},
		}}},
		Sales: []SalesTariff{{Key: "EMP", Sales: []Condition{{Rate: "dc", From: "2026-01-01"}}}},
	}
	named, dearer := *before, *before
	named.Community = []CommunityTariff{{Key: "COM", Name: "Another name", Versions: before.Community[0].Versions}}
	dearer.CostRates = append(dearer.CostRates[:2:2], CostRate{Key: "dc", Version: 2, Currency: "EUR", ValidFrom: at})
	lp, com := entities.ConnectorTariff{From: "2026-01-01", ChargePoint: "LP"}, entities.ConnectorTariff{From: "2026-01-01", Community: "COM"}
	over, later := lp, lp
	over.To, later.From = "2026-11-01", "2027-01-01"
	for name, c := range map[string]struct {
		after *Config
		at    *entities.Place
		want  bool
	}{
		"another name":                      {&named, place(entities.AC, com), false},
		"a new version of the cost rate":    {&dearer, place(entities.DC, lp), true},
		"a condition that never matches":    {&dearer, place(entities.AC, lp), false},
		"a COMMUNITY tariff of another one": {&dearer, place(entities.DC, com), false},
		"a tariff that is over":             {&dearer, place(entities.DC, over), false},
		"a tariff that begins later":        {&dearer, place(entities.DC, later), true},
		"no tariff":                         {&dearer, place(entities.DC), false},
	} {
		if got := Compare(before, c.after).Concerns(c.at, at); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if changes := Compare(before, &dearer); !changes.ConcernsSales("EMP") || Compare(before, &named).ConcernsSales("EMP") {
		t.Error("a sales tariff is concerned by its cost rates")
	}
}
