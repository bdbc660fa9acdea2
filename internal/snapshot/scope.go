package snapshot

import (
	"math"
	"slices"
	"time"

	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/tariffs"
)

// SeesStation reports whether the entities that a visitor sees own or owned a
// station.
func SeesStation(who *access.Visitor, s *entities.Station) bool {
	return who.Operator || slices.ContainsFunc(s.Owners, func(o entities.Ownership) bool { return who.Sees(o.Entity) })
}

// AssignmentsSeen reports which tariffs at a station, which is in the zone, a
// visitor may see: users of a Sub-CPO those that applied while the station was
// theirs.
func AssignmentsSeen(who *access.Visitor, s *entities.Station, zone *time.Location) func(entities.ConnectorTariff) bool {
	if who.Operator {
		return func(entities.ConnectorTariff) bool { return true }
	}
	type span struct{ from, to int64 }
	var theirs []span
	for i, o := range s.Owners {
		if !who.Sees(o.Entity) {
			continue
		}
		own := span{unix(o.From, zone, math.MinInt64), math.MaxInt64}
		if i+1 < len(s.Owners) {
			own.to = unix(s.Owners[i+1].From, zone, math.MaxInt64)
		}
		theirs = append(theirs, own)
	}
	return func(t entities.ConnectorTariff) bool {
		from, to := unix(t.From, zone, math.MinInt64), unix(t.To, zone, math.MaxInt64)
		return slices.ContainsFunc(theirs, func(own span) bool { return max(from, own.from) < min(to, own.to) })
	}
}

func unix(m entities.Moment, zone *time.Location, unset int64) int64 {
	if m.IsZero() {
		return unset
	}
	return m.In(zone).Unix()
}

// Concerns reports whether a visitor may see a condition with a filter: not where
// it is about a company, a station or an EVSE that the visitor does not see.
func (s *Snapshot) Concerns(who *access.Visitor, f *tariffs.Filter) bool {
	if who.Operator {
		return true
	}
	if f.OperatingCompany != "" && !who.Sees(f.OperatingCompany) {
		return false
	}
	if f.Station != "" {
		station := s.Network.Station(f.Station)
		if station == nil || !SeesStation(who, station) {
			return false
		}
	}
	return f.EVSEID == "" || slices.ContainsFunc(s.Network.AllPlaces(), func(p *entities.Place) bool {
		return entities.SameEVSE(p.Connector.EVSEID, f.EVSEID) && SeesStation(who, p.Station)
	})
}

// OwnersSide reports of which owners a visitor may see what they were credited
// for the sessions of an issuer's media; nil: of all. The user of a Sub-CPO sees
// of the sessions at stations of others what the issuer itself was billed or paid.
func OwnersSide(who *access.Visitor) func(owner string) bool {
	if who.Operator {
		return nil
	}
	return who.Sees
}
