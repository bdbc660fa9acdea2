package web

import (
	"net/http"
	"slices"
	"testing"

	"creditrun/creditnotes"
	"creditrun/entities"
)

// configured is the configuration as it is stored.
func (w *world) configured() *creditnotes.Configuration {
	w.t.Helper()
	c, err := w.store.Configuration(w.t.Context())
	must(w.t, err)
	return c
}

func (w *world) version() int64 {
	w.t.Helper()
	v, err := w.store.ConfigurationVersion(w.t.Context())
	must(w.t, err)
	return v
}

func TestStationsAreFoundByWhatIsKnownOfThem(t *testing.T) {
	anna := newWorld(t).as("anna")
	anna.get("/stations").shows(t, "SWB-01", "Marktplatz", "Stadtwerke Beispielstadt", "2 × IEC_62196_T2", "AC 22 kW", "LP-NIGHT")
	for query, want := range map[string][2]string{
		"q=e0801":                {"SWB-08", "SWB-01"},
		"q=innsbruck":            {"ALP-01", "SWB-01"},
		"owner=cafe":             {"CAF-01", "SWB-01"},
		"type=CHADEMO":           {"SWB-08", "SWB-07"},
		"type=DC&owner=ricarica": {"No station fits", "SWB-07"},
		"state=no_owner":         {"NEU-01", "SWB-01"},
		"tariff=COM-CH":          {"TIC-01", "TIC-03"},
	} {
		p := anna.get("/stations?" + query)
		p.shows(t, want[0])
		p.lacks(t, want[1])
	}
}

func TestStationsWithoutATariffAreFound(t *testing.T) {
	w := newWorld(t)
	c := w.configured().Connectors[0]
	c.Tariffs = []entities.ConnectorTariff{{From: "2030-01-01", Community: "COM-AC"}}
	_, err := w.store.SaveConfiguration(t.Context(), "test", &creditnotes.Configuration{Connectors: []entities.Connector{c}}, nil)
	must(t, err)
	p := w.as("anna").get("/stations?state=no_tariff")
	p.shows(t, "1 station", c.Station, "without tariff")
}

func TestAStationShowsItsHistory(t *testing.T) {
	anna := newWorld(t).as("anna")
	anna.get("/stations/PKH-03").shows(t, "Parkhaus Hafen", "Hafenweg 3", "Europe/Berlin",
		"Stadtwerke Beispielstadt", "30 Jun 2024", "Beispielstadt Parken", "DE*MST*E1101", "LP-FLAT", "/tariffs/community/COM-AC", "/sessions?station=PKH-03")
	anna.get("/stations/SWB-04").shows(t, "31 Dec 2024", "LP-NIGHT")
	if p := anna.get("/stations/NOWHERE"); p.status != http.StatusNotFound {
		t.Errorf("an unknown station gives status %d", p.status)
	}
}

func TestANewOwnerIsDated(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		anna := w.as("anna")
		anna.save("/stations/SWB-01", "/stations/SWB-01/owners", "from", "2026-12-01", "entity", "stadtwerke-parken", "confirm_password", password).shows(t, "Beispielstadt Parken", "1 Dec 2026", "30 Nov 2026")
		owners := ownersOf(w.configured(), "SWB-01")
		if len(owners) != 2 || owners[1] != (entities.Ownership{From: "2026-12-01", Entity: "stadtwerke-parken"}) {
			t.Errorf("owners are %v", owners)
		}
		before := w.version()
		anna.save("/stations/SWB-01", "/stations/SWB-01/owners", "from", "2026-12-02", "entity", "nobody", "confirm_password", password).refuses(t, http.StatusUnprocessableEntity, "“nobody”, which is no entity")
		anna.save("/stations/SWB-01", "/stations/SWB-01/owners", "from", "soon", "entity", "cafe").refuses(t, http.StatusUnprocessableEntity, "“soon” is not a date")
		if w.version() != before {
			t.Error("bad input changed the configuration")
		}
		anna.save("/stations/SWB-01", "/stations/SWB-01/owners", "from", "2026-12-01", "entity", "cafe", "confirm_password", password).shows(t, "Café Sonnenschein")
		if owners := ownersOf(w.configured(), "SWB-01"); len(owners) != 2 || owners[1].Entity != "cafe" {
			t.Errorf("the owner of a day was not replaced: %v", owners)
		}
	})
}

func ownersOf(c *creditnotes.Configuration, key string) []entities.Ownership {
	for _, s := range c.Stations {
		if s.Key == key {
			return s.Owners
		}
	}
	return nil
}

func TestTariffsAreAssignedFromADateOn(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	anna.save("/stations/SWB-08", "/stations/SWB-08/tariffs", "connector", "DE*MST*E0801/2", "from", "2027-01-01", "community", "COM-DC").shows(t, "of 1 connector", "1 Jan 2027")
	anna.save("/stations/SWB-01", "/stations/SWB-01/tariffs", "connector", "", "from", "2027-01-01", "to", "2028-01-01", "charge_point", "LP-FLAT").shows(t, "of 2 connectors", "31 Dec 2027")
	want := entities.ConnectorTariff{From: "2027-01-01", To: "2028-01-01", ChargePoint: "LP-FLAT"}
	changed := 0
	for _, c := range w.configured().Connectors {
		switch last := c.Tariffs[max(0, len(c.Tariffs)-1)]; {
		case c.Station == "SWB-01" && last == want:
			changed++
		case c.EVSEID == "DE*MST*E0801" && c.Number == 1 && len(c.Tariffs) != 1:
			t.Errorf("another connector has %v", c.Tariffs)
		}
	}
	if changed != 2 {
		t.Errorf("%d connectors of SWB-01 got the tariff, want 2", changed)
	}
	before := w.version()
	anna.save("/stations/SWB-01", "/stations/SWB-01/tariffs", "from", "2027-06-01", "charge_point", "LP-NONE").refuses(t, http.StatusUnprocessableEntity, "no charge-point tariff LP-NONE")
	anna.save("/stations/SWB-01", "/stations/SWB-01/tariffs", "from", "2027-06-01", "to", "2027-05-01", "charge_point", "LP-FLAT").refuses(t, http.StatusUnprocessableEntity, "before it begins")
	if p := anna.save("/stations/SWB-01", "/stations/SWB-01/tariffs", "connector", "DE*MST*E9999/1", "from", "2027-06-01"); p.status != http.StatusNotFound {
		t.Errorf("a connector of no station gives status %d", p.status)
	}
	if w.version() != before {
		t.Error("bad input changed the configuration")
	}
}

func TestTheTariffThatIsNotChangedStays(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	anna.get("/stations/PKH-01").shows(t, `<option value="=">as before</option>`)
	anna.save("/stations/PKH-01", "/stations/PKH-01/tariffs", "from", "2027-01-01", "charge_point", "LP-NIGHT", "community", "=").shows(t, "of 3 connectors")
	anna.save("/stations/PKH-01", "/stations/PKH-01/tariffs", "from", "2027-02-01", "charge_point", "=", "community", "").shows(t, "of 3 connectors")
	want := []entities.ConnectorTariff{{From: "2027-01-01", ChargePoint: "LP-NIGHT", Community: "COM-AC"}, {From: "2027-02-01", ChargePoint: "LP-NIGHT"}}
	for _, c := range w.configured().Connectors {
		if c.Station == "PKH-01" && !slices.Equal(c.Tariffs[len(c.Tariffs)-2:], want) {
			t.Errorf("%s has %v", c.EVSEID, c.Tariffs)
		}
	}
	anna.save("/stations/PKH-01", "/stations/PKH-01/tariffs", "connector", "DE*MST*E0902/1", "from", "2027-03-01", "to", "2027-02-01", "charge_point", "LP-FREE").
		refuses(t, http.StatusUnprocessableEntity, `<option selected>DE*MST*E0902/1</option>`, `<option value="LP-FREE" selected>`)
}

func TestASubCPOSeesItsStationsOnly(t *testing.T) {
	w := newWorld(t)
	paul := w.as("paul")
	p := paul.get("/stations")
	p.shows(t, "SWB-01", "PKH-03", "QHF-01")
	p.lacks(t, "HOT-01", "CAF-01", "NEU-01")
	paul.get("/stations?q=hotel").lacks(t, "HOT-01")
	for _, path := range []string{"/stations/HOT-01", "/tariffs/charge-point/LP-SALES", "/tariffs/community/COM-CH"} {
		if p := paul.get(path); p.status != http.StatusNotFound {
			t.Errorf("%s: status %d, want 404", path, p.status)
		}
	}
	paul.get("/stations/SWB-01").lacks(t, "Enter a new owner", "Assign tariffs")
	if p := paul.post("/stations/SWB-01/owners", "from", "2026-12-01", "entity", "stadtwerke"); p.status != http.StatusForbidden {
		t.Errorf("a Sub-CPO may change owners: %d", p.status)
	}
	_, err := w.store.SaveConfiguration(t.Context(), "test", &creditnotes.Configuration{Stations: []entities.Station{sold(w, "SWB-01")}}, nil)
	must(t, err)
	p = paul.get("/stations/SWB-01")
	p.shows(t, "another entity", "Stadtwerke Beispielstadt")
	p.lacks(t, "Hotelgruppe")
}

// sold is a station that belongs to another person from today on.
func sold(w *world, key string) entities.Station {
	for _, s := range w.configured().Stations {
		if s.Key == key {
			s.Owners = append(s.Owners, entities.Ownership{From: "2026-11-12", Entity: "hotelgruppe"})
			return s
		}
	}
	return entities.Station{}
}
