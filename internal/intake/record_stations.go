package intake

import (
	"fmt"
	"slices"
	"time"

	"creditrun/entities"
	"creditrun/internal/ocmf"
)

// Station is a place with EVSEs.
type Station struct {
	Key        string               `json:"key,omitempty" file:"word,key,required" doc:"stable; that of the address when left out"`
	Name       string               `json:"name"`
	Kind       entities.StationKind `json:"kind,omitempty" file:",unless=charging" enum:"charging,machine" doc:"what it sells; charging when left out"`
	TimeZone   string               `json:"time_zone,omitempty" file:"zone" example:"Europe/Berlin" doc:"IANA; the operator's when left out"`
	Address    *Address             `json:"address,omitempty"`
	Owners     []Ownership          `json:"owners,omitempty" nullable:"false"`
	Until      entities.Date        `json:"until,omitempty" file:"date" example:"2027-12-31" doc:"the last day on which it is in service; it has no end when left out"`
	Connectors []Connector          `json:"connectors,omitempty" file:",block" nullable:"false"`
}

// Address is the address of a station.
type Address struct {
	Street   string `json:"street,omitempty"`
	Postcode string `json:"postcode,omitempty"`
	City     string `json:"city,omitempty"`
	Country  string `json:"country,omitempty" file:"country" example:"DE"`
}

// Ownership says to whom a station belongs from a moment on.
type Ownership struct {
	From   entities.Moment `json:"from,omitempty" file:"moment" example:"2026-01-01" doc:"a day in the station's zone, or an instant"`
	Entity string          `json:"entity" file:"word" doc:"key"`
}

// check gives the station a time zone: without one, that of the operator.
func (s *Station) check(in *mapping) {
	if in.d.alone {
		in.require("time_zone")
	}
	if s.TimeZone == "" {
		s.TimeZone = in.d.zoneName
	}
	in.d.stationZone = zoneOf(s.TimeZone, in.d.zone)
}

// domain is the station with its connectors.
func (s *Station) domain() (entities.Station, []entities.Connector) {
	out, zone := domainOf[entities.Station](s), zoneOf(s.TimeZone, time.UTC)
	slices.SortStableFunc(out.Owners, func(a, b entities.Ownership) int { return a.From.In(zone).Compare(b.From.In(zone)) })
	connectors := converted(s.Connectors, domainOf[entities.Connector])
	for i := range connectors {
		connectors[i].Station = s.Key
	}
	return out, connectors
}

// StationsOf returns what makes of a station the record in the network file,
// with those of the connectors that are at it.
func StationsOf(connectors []entities.Connector) func(*entities.Station) Station {
	at := map[string][]entities.Connector{}
	for i := range connectors {
		at[connectors[i].Station] = append(at[connectors[i].Station], connectors[i])
	}
	return func(s *entities.Station) Station {
		out := RecordOf[Station](s)
		out.Connectors = converted(at[s.Key], RecordOf[Connector])
		return out
	}
}

// Connector is where sessions happen.
type Connector struct {
	EVSEID     string             `json:"evse_id" file:"word" example:"DE*VLT*E1001"`
	Number     int                `json:"connector,omitempty" minimum:"1" doc:"at the EVSE; 1 when left out"`
	Type       string             `json:"type,omitempty" file:"capitals" example:"IEC_62196_T2" doc:"OCPI name"`
	PowerType  entities.PowerType `json:"power_type,omitempty" enum:"AC,DC"`
	MaxPowerKW string             `json:"max_power_kw,omitempty" file:"power" example:"22"`
	Tariffs    []ConnectorTariff  `json:"tariffs,omitempty" nullable:"false"`
	MeterKeys  []MeterKey         `json:"meter_keys,omitempty" nullable:"false"`
}

// MeterKey is the public key of the meter at a connector, and when it is there.
type MeterKey struct {
	Key   string          `json:"key" file:"meter_key" doc:"SubjectPublicKeyInfo or the point alone, in hexadecimal or base64"`
	From  entities.Moment `json:"from,omitempty" file:"moment" example:"2026-01-01"`
	Until entities.Moment `json:"until,omitempty" file:"moment" example:"2027-01-01"`
}

func (k *MeterKey) check(in *mapping) {
	if !ordered(k.From, k.Until, in.d.stationZone) {
		in.d.add(in.line, in.at("until"), "a moment after from", string(k.Until))
	}
}

// expMeterKey says what a public key is.
const expMeterKey = "the public key of a meter (secp192, secp256, secp384, secp521, brainpool) in hexadecimal or base64"

func parseMeterKey(s string) (string, error) {
	key, err := ocmf.ParseKey(s)
	if err != nil {
		return "", err
	}
	return key.Hex(), nil
}

func (c *Connector) check(in *mapping) {
	if c.EVSEID != "" {
		key := fmt.Sprintf("%s/%d", c.EVSEID, c.Number)
		in.unique("connector", key, key)
	}
}

// ConnectorTariff says which tariffs apply at a connector, and when.
type ConnectorTariff struct {
	From        entities.Moment `json:"from,omitempty" file:"moment" example:"2026-01-01"`
	To          entities.Moment `json:"to,omitempty" file:"moment" example:"2027-01-01"`
	ChargePoint string          `json:"charge_point,omitempty" file:"word" doc:"key of a charge-point tariff"`
	Community   string          `json:"community,omitempty" file:"word" doc:"key of a COMMUNITY tariff"`
}

func (t *ConnectorTariff) check(in *mapping) {
	in.interval(t.From, t.To, in.d.stationZone)
	if in.line > 0 && !in.has("charge_point") && !in.has("community") {
		in.d.add(in.line, in.path, "charge_point, community or both", nothing)
	}
}

// interval reports an interval that ends before it begins.
func (m *mapping) interval(from, to entities.Moment, zone *time.Location) {
	if !ordered(from, to, zone) {
		m.d.add(m.line, m.at("to"), "a moment after from", string(to))
	}
}

// Partner is a roaming partner with whom the operator settles bilaterally.
type Partner struct {
	CountryCode string  `json:"country_code" file:"country"`
	PartyID     string  `json:"party_id" file:"party"`
	Name        string  `json:"name,omitempty"`
	Limits      *Limits `json:"limits,omitempty"`
}

func (p *Partner) check(in *mapping) {
	if p.CountryCode != "" && p.PartyID != "" {
		id := entities.Partner{CountryCode: p.CountryCode, PartyID: p.PartyID}.ID()
		in.unique("party_id", id, id)
	}
}

// Medium is an identification medium that an entity of the network issued.
type Medium struct {
	UID         string        `json:"uid" file:"word,key"`
	Issuer      string        `json:"issuer" file:"word"`
	SalesTariff string        `json:"sales_tariff,omitempty" file:"word"`
	BillingFrom entities.Date `json:"billing_from,omitempty" file:"date"`
	Until       entities.Date `json:"until,omitempty" file:"date" example:"2027-12-31" doc:"the last day on which it is used; it has no end when left out"`
}
