package intake

import (
	"fmt"
	"slices"
	"time"

	"creditrun/entities"
)

func partner(m *mapping, seen unique) entities.Partner {
	m.require("country_code", "party_id")
	p := entities.Partner{
		CountryCode: read(m, "country_code", expCountry, parseCountry),
		PartyID:     read(m, "party_id", expParty, matching[string](partySyntax)),
		Name:        m.text("name"),
		Limits:      limits(m),
	}
	if p.CountryCode != "" && p.PartyID != "" {
		seen.check(m, "party_id", p.ID())
	}
	return p
}

func medium(m *mapping, seen unique) entities.Medium {
	m.require("uid", "issuer")
	u := entities.Medium{
		UID: m.word("uid"), Issuer: m.word("issuer"), SalesTariff: m.word("sales_tariff"),
		BillingFrom: m.date("billing_from"),
	}
	seen.check(m, "uid", u.UID)
	return u
}

// stations decodes stations and collects their connectors.
type stations struct {
	network    *Network
	zone       string         // of stations that name none
	at         *time.Location // the same
	connectors unique
	alone      bool // the file has no operator, whose zone would be the default
}

func (s *stations) station(m *mapping) entities.Station {
	m.require("name")
	if s.alone {
		m.require("time_zone")
	}
	st := entities.Station{Key: m.word("key"), Name: m.text("name"), TimeZone: read(m, "time_zone", expZone, parseZone)}
	if st.TimeZone == "" {
		st.TimeZone = s.zone
	}
	if in, ok := m.nested("address"); ok {
		st.Street, st.Postcode, st.City = in.text("street"), in.text("postcode"), in.text("city")
		st.Country = read(in, "country", expCountry, parseCountry)
		in.done()
	}
	zone, err := time.LoadLocation(st.TimeZone)
	if err != nil {
		zone = s.at
	}
	st.Owners = each(m, "owners", ownership)
	slices.SortStableFunc(st.Owners, func(a, b entities.Ownership) int { return a.From.In(zone).Compare(b.From.In(zone)) })
	for _, c := range each(m, "connectors", func(in *mapping) entities.Connector { return s.connector(in, zone) }) {
		c.Station = st.Key
		s.network.Connectors = append(s.network.Connectors, c)
	}
	return st
}

func ownership(m *mapping) entities.Ownership {
	m.require("entity")
	return entities.Ownership{From: m.moment("from"), Entity: m.word("entity")}
}

func (s *stations) connector(m *mapping, zone *time.Location) entities.Connector {
	m.require("evse_id")
	c := entities.Connector{
		EVSEID:     m.word("evse_id"),
		Number:     int(m.whole("connector", 1, 1)),
		Type:       read(m, "type", expWord, matching[string](wordSyntax)),
		PowerType:  powerType(m),
		MaxPowerKW: decimal(m, "max_power_kw", expPower, parsePower),
	}
	if c.EVSEID != "" {
		s.connectors.check(m, "connector", fmt.Sprintf("%s/%d", c.EVSEID, c.Number))
	}
	c.Tariffs = each(m, "tariffs", func(in *mapping) entities.ConnectorTariff {
		t := entities.ConnectorTariff{
			From: in.moment("from"), To: in.moment("to"),
			ChargePoint: in.word("charge_point"), Community: in.word("community"),
		}
		interval(in, t.From, t.To, zone)
		if in.line > 0 && !in.has("charge_point") && !in.has("community") {
			in.d.add(in.line, in.path, "charge_point, community or both", nothing)
		}
		return t
	})
	return c
}
