package creditnotes

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/entities"
	"creditrun/tariffs"
)

// A station that is out of service takes no new owner and no new tariff, and a
// tariff that has ended is not assigned anew; what began before goes on.
func TestNothingIsAssignedToWhatHasEnded(t *testing.T) {
	c := Configuration{
		Stations: []entities.Station{{Key: "S1", TimeZone: "Europe/Berlin", Until: "2026-06-30", Owners: []entities.Ownership{{Entity: "a"}, {From: "2026-06-30", Entity: "b"}, {From: "2026-07-01", Entity: "c"}}}, {Key: "S2", TimeZone: "Europe/Berlin"}},
		Connectors: []entities.Connector{
			{Station: "S1", Tariffs: []entities.ConnectorTariff{{ChargePoint: "new"}, {From: "2026-08-01T00:00:00+02:00", ChargePoint: "new"}}},
			{Station: "S2", Tariffs: []entities.ConnectorTariff{{From: "2025-01-01", ChargePoint: "old", Community: "past"}, {From: "2026-02-01", ChargePoint: "old"}, {From: "2026-02-01", Community: "past"}}},
		},
		Media: []entities.Medium{{UID: "1", SalesTariff: "staff", BillingFrom: "2026-01-01"}, {UID: "2", SalesTariff: "staff", BillingFrom: "2025-01-01"}, {UID: "3", SalesTariff: "staff"}},
		Tariffs: tariffs.Config{
			ChargePoint: []tariffs.ChargePointTariff{{Key: "new"}, {Key: "old", Until: "2026-01-31"}},
			Community:   []tariffs.CommunityTariff{{Key: "past", Until: "2025-12-31"}},
			Sales:       []tariffs.SalesTariff{{Key: "staff", Until: "2025-06-30"}},
		},
	}
	var got []string
	for _, f := range c.CheckEnds() {
		got = append(got, f.Error())
	}
	want := []string{
		"station_ended from=2026-07-01 station=S1 until=2026-06-30",
		"station_ended from=2026-08-01 station=S1 until=2026-06-30",
		"tariff_ended from=2026-02-01 tariff=old until=2026-01-31",
		"tariff_ended from=2026-02-01 tariff=past until=2025-12-31",
		"tariff_ended from=2026-01-01 tariff=staff until=2025-06-30",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
