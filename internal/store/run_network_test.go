package store_test

import (
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/internal/store"
	"creditrun/numbering"
	"creditrun/tariffs"
)

// smallNetwork is the operator in Berlin with its two Sub-CPOs.
func smallNetwork() *creditnotes.Configuration {
	c := &creditnotes.Configuration{
		Entities: []entities.Entity{{Key: "op", Name: "Voltnetz", Country: "DE", VATID: "DE136695976", Emails: []string{"op@op.example"},
			TimeZone: "Europe/Berlin", SessionDetail: entities.DetailCSV, Active: true}},
		TaxAccounts: []creditnotes.TaxAccount{
			account("s19", creditnotes.StandardRate, 1900), account("s20", creditnotes.StandardRate, 2000),
			account("ae", creditnotes.ReverseCharge, 0), account("small", creditnotes.Exempt, 0),
		},
		NumberRanges: []numbering.Range{
			numberRange("gs", "GS-{YYYY}-{SEQ:5}", numbering.CreditNote), numberRange("st", "ST-{YYYY}-{SEQ:5}", numbering.Cancellation),
		},
		Tariffs: tariffs.Config{
			CostRates:   []tariffs.CostRate{rate("com", 350_000, time.Time{}), rate("lp", 280_000, time.Time{})},
			Community:   []tariffs.CommunityTariff{{Key: "COM", Name: "COMMUNITY", Versions: []tariffs.CommunityVersion{{From: "2020-01-01", Purchase: "com"}}}},
			ChargePoint: []tariffs.ChargePointTariff{{Key: "LP", Name: "LP", Purchase: []tariffs.Condition{{Rate: "lp"}}}},
		},
	}
	subCPO(c, "a")
	subCPO(c, "b")
	station(c, "ST-1", "a", "COM")
	station(c, "ST-2", "a", "LP")
	station(c, "ST-9", "b", "COM")
	return c
}

func account(key string, category creditnotes.TaxCategory, percent money.Percent) creditnotes.TaxAccount {
	return creditnotes.TaxAccount{Key: key, Category: category, Rates: []creditnotes.TaxRate{{From: "2020-01-01", Percent: percent}}}
}

func numberRange(key, pattern string, document numbering.DocumentType) numbering.Range {
	return numbering.Range{Key: key, Name: key, Pattern: pattern, Next: 1, Reset: numbering.ResetYearly,
		ValidFor: []numbering.DocumentType{document}, Scope: numbering.ScopeIssuer, Active: true}
}

func subCPO(c *creditnotes.Configuration, key string) *entities.Entity {
	c.Entities = append(c.Entities, entities.Entity{Key: key, Parent: "op", Name: "Hotel " + strings.ToUpper(key),
		Street: "Hauptstraße 1", Postcode: "10115", City: "Berlin", Country: "DE",
		VATID: "DE" + key, Emails: []string{key + "@a.example"}, SessionDetail: entities.DetailCSV, Active: true})
	return &c.Entities[len(c.Entities)-1]
}

// station adds a station with one connector of unknown power.
func station(c *creditnotes.Configuration, key, owner, tariff string) *entities.Station {
	c.Stations = append(c.Stations, entities.Station{Key: key, Name: "Station " + key, TimeZone: "Europe/Berlin",
		Owners: []entities.Ownership{{From: "2020-01-01", Entity: owner}}})
	at := entities.ConnectorTariff{From: "2020-01-01", Community: tariff}
	if tariff != "COM" {
		at.ChargePoint, at.Community = tariff, ""
	}
	c.Connectors = append(c.Connectors, entities.Connector{EVSEID: "DE*VLT*E" + key, Number: 1, Station: key,
		Type: "IEC_62196_T2", PowerType: entities.AC, Tariffs: []entities.ConnectorTariff{at}})
	return &c.Stations[len(c.Stations)-1]
}

// charge is a COMMUNITY session at a station. It begins at a local time of
// Berlin, written 2026-10-03 10:00, and lasts an hour.
func charge(id, station, start, kWh string, changes ...func(*sessions.Session)) sessions.Session {
	zone, _ := time.LoadLocation("Europe/Berlin")
	at, err := time.ParseInLocation("2006-01-02 15:04", start, zone)
	if err != nil {
		panic(err)
	}
	energy, err := money.ParseQuantity(kWh)
	if err != nil {
		panic(err)
	}
	s := sessions.Session{Source: "csv", ExternalID: id, EVSEID: "DE*VLT*E" + station, Connector: 1, Start: at, End: at.Add(time.Hour),
		Duration: 3600, Energy: energy, Status: sessions.Valid, Class: sessions.Community, MediumUID: "04A1B2C3"}
	for _, change := range changes {
		change(&s)
	}
	return s
}

func invalid(s *sessions.Session)  { s.Status = sessions.Invalid }
func reversed(s *sessions.Session) { s.Reversed = true }

func ofClass(c sessions.Class) func(*sessions.Session) {
	return func(s *sessions.Session) { s.Class = c }
}

// lasting changes how long a session lasts.
func lasting(d time.Duration) func(*sessions.Session) {
	return func(s *sessions.Session) { s.End, s.Duration = s.Start.Add(d), int64(d/time.Second) }
}

// charged takes sessions in, a minute after whatever was before.
func (w *world) charged(list ...sessions.Session) {
	w.t.Helper()
	w.now = w.now.Add(time.Minute)
	anything := make([]any, len(list))
	for i := range list {
		anything[i] = list[i]
	}
	take(w.t, w.s, anything...)
	w.now = w.now.Add(time.Minute)
}

// corrected takes in sessions that a person knows to be corrections.
func (w *world) corrected(list ...sessions.Session) {
	w.t.Helper()
	w.now = w.now.Add(time.Minute)
	anything := make([]any, len(list))
	for i := range list {
		anything[i] = list[i]
	}
	if _, err := w.s.ImportSessions(w.t.Context(), "test", from(anything...), store.ImportOptions{AsCorrection: true}); err != nil {
		w.t.Fatal(err)
	}
	w.now = w.now.Add(time.Minute)
}

func conditionAt(rate string, from, to tariffs.ClockTime) tariffs.Condition {
	return tariffs.Condition{Rate: rate, When: tariffs.Filter{Window: tariffs.Window{From: from, To: to}}}
}

func ownership(from entities.Moment, owner string) entities.Ownership {
	return entities.Ownership{From: from, Entity: owner}
}
