package web

import (
	"net/http"
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/store"
)

// A Sub-CPO chooses among the COMMUNITY tariffs that the operator offers, for its own
// connectors and from tomorrow on.
func TestSubCPOsChooseTheirCommunityTariff(t *testing.T) {
	w := newWorld(t)
	anna, paul := w.as("anna"), w.as("paul")
	if strings.Contains(paul.get("/stations/SWB-01").body, "Choose another COMMUNITY tariff") {
		t.Error("there is a choice although the operator offers none")
	}
	if p := paul.post("/stations/SWB-01/community", "community", "COM-DC", "from", "2026-11-13"); p.status != http.StatusNotFound {
		t.Errorf("chosen without an offer: status %d", p.status)
	}
	anna.post("/settings", "community_choice", "COM-AC, COM-DC", "was.community_choice", "").shows(t, "COM-AC, COM-DC")
	page := paul.get("/stations/SWB-01")
	page.shows(t, "Choose another COMMUNITY tariff", "COM-DC", "EUR/kWh", `min="2026-11-13"`)
	seen := hasSeen.FindStringSubmatch(page.body)[1]
	choose := func(fields ...string) reply {
		return paul.post("/stations/SWB-01/community", append([]string{"seen", seen}, fields...)...)
	}
	choose("community", "COM-DC", "from", "2026-11-12").refuses(t, http.StatusUnprocessableEntity, "from 2026-11-13 on at the earliest")
	choose("community", "COM-XX", "from", "2026-11-13").refuses(t, http.StatusUnprocessableEntity, "cannot be chosen")
	choose("community", "COM-DC", "from", "2026-11-13").shows(t, "COM-DC applies to")

	b, err := w.server.Snapshot(t.Context())
	must(t, err)
	for _, p := range b.Places()["SWB-01"] {
		last := p.Connector.Tariffs[len(p.Connector.Tariffs)-1]
		if last.Community != "COM-DC" || last.From != entities.Moment("2026-11-13") {
			t.Errorf("%s: %+v", p.Connector.EVSEID, last)
		}
	}
	if log := w.logged(t, store.AuditFilter{Limit: 1}); len(log) == 0 || log[0].Who != "paul" {
		t.Errorf("%+v", log)
	}
	choose("community", "COM-AC", "from", "2026-11-20").refuses(t, http.StatusConflict)

	foreign := ""
	for _, s := range b.Config.Stations {
		if len(s.Owners) == 1 && s.Owners[0].Entity == "gemeinde" {
			foreign = s.Key
		}
	}
	if p := paul.post("/stations/"+foreign+"/community", "community", "COM-DC", "from", "2026-11-13"); foreign == "" || p.status != http.StatusNotFound {
		t.Errorf("at the station %q of another: status %d", foreign, p.status)
	}
}

// A choice ends when the station passes to another owner.
func TestAChoiceEndsWithTheOwner(t *testing.T) {
	w := newWorld(t)
	b, err := w.server.Snapshot(t.Context())
	must(t, err)
	station := *b.Network.Station("SWB-01")
	station.Owners = append(station.Owners, entities.Ownership{From: "2027-01-01", Entity: "gemeinde"})
	_, err = w.store.SaveConfiguration(t.Context(), "test", &creditnotes.Configuration{Stations: []entities.Station{station}},
		[]creditnotes.Setting{{Key: "community_choice", Value: "COM-DC"}})
	must(t, err)
	paul := w.as("paul")
	seen := hasSeen.FindStringSubmatch(paul.get("/stations/SWB-01").body)[1]
	paul.post("/stations/SWB-01/community", "seen", seen, "community", "COM-DC", "from", "2027-02-01").
		refuses(t, http.StatusUnprocessableEntity, "days on which the station is yours")
	paul.post("/stations/SWB-01/community", "seen", seen, "community", "COM-DC", "from", "2026-12-01").shows(t, "COM-DC applies to")
	b, err = w.server.Snapshot(t.Context())
	must(t, err)
	for _, p := range b.Places()["SWB-01"] {
		if last := p.Connector.Tariffs[len(p.Connector.Tariffs)-1]; last.Community != "COM-DC" || last.To != entities.Moment("2027-01-01") {
			t.Errorf("%s: %+v", p.Connector.EVSEID, last)
		}
	}
}
