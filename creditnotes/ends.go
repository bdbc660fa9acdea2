package creditnotes

import (
	"time"

	"creditrun/entities"
	"creditrun/internal/fault"
)

// CheckEnds looks for what is assigned only after it has ended: an owner or a
// tariff of a station that is out of service by then, and a tariff that is not
// assigned any more. What began before goes on, so that sessions stay priced.
func (c *Configuration) CheckEnds() (faults fault.List) {
	stations := map[string]*entities.Station{}
	for i := range c.Stations {
		s := &c.Stations[i]
		stations[s.Key] = s
		for _, o := range s.Owners {
			if from := beginsOn(o.From, s); s.Until.Ended(from) {
				faults = append(faults, stationEnded(s, from).At("until"))
			}
		}
	}
	chargePoint, community, sales := c.tariffEnds()
	check := func(key string, until, from entities.Date) {
		if until.Ended(from) {
			faults = append(faults, fault.New(fault.Invalid, "tariff_ended", fault.Args{"tariff": key, "until": string(until), "from": string(from)}))
		}
	}
	for i := range c.Connectors {
		s := stations[c.Connectors[i].Station]
		if s == nil {
			continue
		}
		for _, t := range c.Connectors[i].Tariffs {
			from := beginsOn(t.From, s)
			if s.Until.Ended(from) {
				faults = append(faults, stationEnded(s, from).At("until"))
			}
			check(t.ChargePoint, chargePoint[t.ChargePoint], from)
			check(t.Community, community[t.Community], from)
		}
	}
	for _, m := range c.Media {
		check(m.SalesTariff, sales[m.SalesTariff], m.BillingFrom)
	}
	return faults
}

func stationEnded(s *entities.Station, from entities.Date) *fault.Fault {
	return fault.New(fault.Invalid, "station_ended", fault.Args{"station": s.Key, "until": string(s.Until), "from": string(from)})
}

// tariffEnds are the last days of tariffs that have one, by their keys.
func (c *Configuration) tariffEnds() (chargePoint, community, sales map[string]entities.Date) {
	chargePoint, community, sales = map[string]entities.Date{}, map[string]entities.Date{}, map[string]entities.Date{}
	for i := range c.Tariffs.ChargePoint {
		chargePoint[c.Tariffs.ChargePoint[i].Key] = c.Tariffs.ChargePoint[i].Until
	}
	for i := range c.Tariffs.Community {
		community[c.Tariffs.Community[i].Key] = c.Tariffs.Community[i].Until
	}
	for i := range c.Tariffs.Sales {
		sales[c.Tariffs.Sales[i].Key] = c.Tariffs.Sales[i].Until
	}
	return chargePoint, community, sales
}

// beginsOn is the day at a station on which a moment is; empty: since ever.
func beginsOn(m entities.Moment, s *entities.Station) entities.Date {
	if m.IsZero() {
		return ""
	}
	zone, err := time.LoadLocation(s.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	return entities.DateOf(m.In(zone), zone)
}
