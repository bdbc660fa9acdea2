package creditnotestest

import (
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/numbering"
	"creditrun/tariffs"
)

// SmallNetwork is the operator in Berlin with its two Sub-CPOs.
func SmallNetwork() *creditnotes.Configuration {
	c := &creditnotes.Configuration{
		Entities: []entities.Entity{{Key: "op", Name: "Voltnetz", Country: "DE", VATID: "DE136695976", Emails: []string{"op@op.example"},
			TimeZone: "Europe/Berlin", SessionDetail: entities.DetailCSV, SetOff: true, Active: true}},
		TaxAccounts: []creditnotes.TaxAccount{
			Account("s19", creditnotes.StandardRate, 1900), Account("s20", creditnotes.StandardRate, 2000),
			Account("ae", creditnotes.ReverseCharge, 0), Account("small", creditnotes.Exempt, 0),
		},
		NumberRanges: []numbering.Range{
			NumberRange("gs", "GS-{YYYY}-{SEQ:5}", numbering.CreditNote), NumberRange("st", "ST-{YYYY}-{SEQ:5}", numbering.Cancellation),
		},
		Tariffs: tariffs.Config{
			CostRates:   []tariffs.CostRate{Rate("com", 350_000, time.Time{}), Rate("lp", 280_000, time.Time{})},
			Community:   []tariffs.CommunityTariff{{Key: "COM", Name: "COMMUNITY", Versions: []tariffs.CommunityVersion{{From: "2020-01-01", Purchase: "com"}}}},
			ChargePoint: []tariffs.ChargePointTariff{{Key: "LP", Name: "LP", Purchase: []tariffs.Condition{{Rate: "lp"}}}},
		},
	}
	SubCPO(c, "a")
	SubCPO(c, "b")
	Station(c, "ST-1", "a", "COM")
	Station(c, "ST-2", "a", "LP")
	Station(c, "ST-9", "b", "COM")
	return c
}

// Account is a tax account with one rate since 2020.
func Account(key string, category creditnotes.TaxCategory, percent money.Percent) creditnotes.TaxAccount {
	return creditnotes.TaxAccount{Key: key, Category: category, Rates: []creditnotes.TaxRate{{From: "2020-01-01", Percent: percent}}}
}

// NumberRange is a range that begins again each year.
func NumberRange(key, pattern string, document numbering.DocumentType) numbering.Range {
	return numbering.Range{Key: key, Name: key, Pattern: pattern, Next: 1, Reset: numbering.ResetYearly,
		ValidFor: []numbering.DocumentType{document}, Scope: numbering.ScopeIssuer, Active: true}
}

// SubCPO adds a Sub-CPO and returns it, to be changed.
func SubCPO(c *creditnotes.Configuration, key string) *entities.Entity {
	c.Entities = append(c.Entities, entities.Entity{Key: key, Parent: "op", Name: "Hotel " + strings.ToUpper(key),
		Street: "Hauptstraße 1", Postcode: "10115", City: "Berlin", Country: "DE",
		VATID: "DE" + key, Emails: []string{key + "@a.example"}, SessionDetail: entities.DetailCSV, SetOff: true, Active: true})
	return &c.Entities[len(c.Entities)-1]
}

// Station adds a station with one connector of unknown power.
func Station(c *creditnotes.Configuration, key, owner, tariff string) *entities.Station {
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

// Charge is a COMMUNITY session at a station. It begins at a local time of
// Berlin, written 2026-10-03 10:00, and lasts an hour. What cannot be read stands
// in its id.
func Charge(id, station, start, kWh string, changes ...func(*sessions.Session)) sessions.Session {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		id, zone = err.Error(), time.UTC
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", start, zone)
	if err != nil {
		id = err.Error()
	}
	energy, err := money.ParseQuantity(kWh)
	if err != nil {
		id = err.Error()
	}
	s := sessions.Session{Source: "csv", ExternalID: id, EVSEID: "DE*VLT*E" + station, Connector: 1, Start: at, End: at.Add(time.Hour),
		Duration: 3600, Energy: energy, Status: sessions.Valid, Class: sessions.Community, MediumUID: "04A1B2C3"}
	for _, change := range changes {
		change(&s)
	}
	return s
}

// Invalid makes a session invalid.
func Invalid(s *sessions.Session) { s.Status = sessions.Invalid }

// Reversed makes a session a credit CDR.
func Reversed(s *sessions.Session) { s.Reversed = true }

// OfClass changes the class of a session.
func OfClass(c sessions.Class) func(*sessions.Session) {
	return func(s *sessions.Session) { s.Class = c }
}

// Lasting changes how long a session lasts.
func Lasting(d time.Duration) func(*sessions.Session) {
	return func(s *sessions.Session) { s.End, s.Duration = s.Start.Add(d), int64(d/time.Second) }
}

// ConditionAt is a rate during a part of the day.
func ConditionAt(rate string, from, to tariffs.ClockTime) tariffs.Condition {
	return tariffs.Condition{Rate: rate, When: tariffs.Filter{Window: tariffs.Window{From: from, To: to}}}
}

// Ownership says who owns a station from a moment on.
func Ownership(from entities.Moment, owner string) entities.Ownership {
	return entities.Ownership{From: from, Entity: owner}
}

// Rate is a cost rate of a price per kWh in millionths, valid from a moment on.
func Rate(key string, perKWh money.Rate, from time.Time) tariffs.CostRate {
	return tariffs.CostRate{Key: key, Currency: "EUR", ValidFrom: from, Prices: tariffs.Prices{Energy: []tariffs.EnergyBand{{UpToWh: 1, PerKWh: perKWh}}}}
}

// WorkedExample are the sessions of domain.md §6.7.
func WorkedExample() []sessions.Session {
	return []sessions.Session{
		Charge("S-1", "ST-1", "2026-10-03 10:00", "10"),
		Charge("S-2", "ST-1", "2026-10-12 18:30", "12.345"),
		Charge("S-3", "ST-2", "2026-10-15 08:00", "22"),
		Charge("S-4", "ST-2", "2026-10-16 08:00", "8", OfClass(sessions.Internal)),
		Charge("S-5", "ST-2", "2026-10-31 22:30", "5", OfClass(sessions.Bilateral)),
		Charge("S-6", "ST-2", "2026-10-20 08:00", "3", Invalid),
	}
}
