package snapshot

import (
	"maps"
	"slices"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/sessions"
	"creditrun/tariffs"
)

// Scope are the keys of the entities whose notes and stations a visitor sees, in
// order; nil: all. A listing of notes that is given a scope lists what SeesNote
// lets through.
func Scope(who *access.Visitor) []string {
	if who.Operator {
		return nil
	}
	return append([]string{}, slices.Sorted(maps.Keys(who.EntityKeys))...)
}

// SeesNote reports whether a visitor may see an issued note: users of a Sub-CPO
// those made out to one of their entities, and those of which they see all
// owners.
func SeesNote(who *access.Visitor, recipient string, owners []string) bool {
	return who.Operator || who.Sees(recipient) || len(owners) > 0 && SeesAll(who, owners)
}

// SeesMailings reports whether a visitor may see to which addresses a note was
// mailed: they are the recipient's.
func SeesMailings(who *access.Visitor, recipient string) bool { return who.Sees(recipient) }

// SeesAll reports whether a visitor sees each of several entities.
func SeesAll(who *access.Visitor, keys []string) bool {
	return !slices.ContainsFunc(keys, func(key string) bool { return !who.Sees(key) })
}

// SeesLine reports whether a visitor may see a settlement of a session: users of
// a Sub-CPO those of their entities that are on no draft.
func SeesLine(who *access.Visitor, l *creditnotes.HistoryLine) bool {
	return who.Operator || who.Sees(l.Owner) && l.NoteState != creditnotes.Draft
}

// SeesSession reports whether a visitor may see a session: who sees the owner of
// the station when it started (domain.md §2.3). Holdings are the same rule for a
// listing. Who sees a session sees all amounts of it, also what its driver was
// charged and when that was collected (docs/decisions/0113); of its medium
// MediumSeen.
func (s *Snapshot) SeesSession(who *access.Visitor, session *sessions.Session) bool {
	if who.Operator {
		return true
	}
	place := s.Network.Place(session.ConnectorID)
	if place == nil {
		return false
	}
	owner := place.Owner(session.Start)
	return owner != nil && who.Sees(owner.Key)
}

// MediumSeen is what a visitor may see of the medium of a session: all of it who
// decides about sessions, everyone else its last four characters. Files and lists
// of many sessions show no one more than these.
func MediumSeen(who *access.Visitor, uid string) string {
	if who.May(access.JudgeSessions) {
		return uid
	}
	return sessions.MaskMedium(uid)
}

// Holdings are the connectors whose sessions a visitor sees, with the times; nil:
// all. The network must not be broken.
func (s *Snapshot) Holdings(who *access.Visitor) *entities.Holdings {
	if who.Operator {
		return nil
	}
	return s.Network.Holdings(Scope(who)...)
}

// OwnersSeen are the owners of a station that a visitor may know of: users of a
// Sub-CPO their own entities.
func OwnersSeen(who *access.Visitor, owners []entities.Ownership) []entities.Ownership {
	if who.Operator {
		return owners
	}
	return slices.DeleteFunc(slices.Clone(owners), func(o entities.Ownership) bool { return !who.Sees(o.Entity) })
}

// TariffsSeen are the keys of tariffs and cost rates that a visitor may see. A
// nil TariffsSeen is everything.
type TariffsSeen struct{ chargePoint, community, rates map[string]bool }

// ChargePoint reports whether the charge-point tariff may be seen.
func (t *TariffsSeen) ChargePoint(key string) bool { return t == nil || t.chargePoint[key] }

// Community reports whether the COMMUNITY tariff may be seen.
func (t *TariffsSeen) Community(key string) bool { return t == nil || t.community[key] }

// Rate reports whether the cost rate may be seen.
func (t *TariffsSeen) Rate(key string) bool { return t == nil || t.rates[key] }

// TariffsSeen works out what a visitor may see of the tariffs: users of a Sub-CPO
// those that applied at their stations while these were theirs, and the cost
// rates of their purchase prices.
func (s *Snapshot) TariffsSeen(who *access.Visitor) *TariffsSeen {
	if who.Operator {
		return nil
	}
	seen := &TariffsSeen{map[string]bool{}, map[string]bool{}, map[string]bool{}}
	for _, station := range s.Network.Stations() {
		if !SeesStation(who, station) {
			continue
		}
		shown := AssignmentsSeen(who, station, s.Network.StationZone(station.Key))
		for _, p := range s.Places()[station.Key] {
			for _, t := range p.Connector.Tariffs {
				if shown(t) {
					seen.chargePoint[t.ChargePoint], seen.community[t.Community] = true, true
				}
			}
		}
	}
	for _, t := range s.Config.Tariffs.ChargePoint {
		for _, c := range t.Purchase {
			if seen.chargePoint[t.Key] && s.Concerns(who, &c.When) {
				seen.rates[c.Rate] = true
			}
		}
	}
	for _, t := range s.Config.Tariffs.Community {
		for _, version := range t.Versions {
			if seen.community[t.Key] {
				seen.rates[version.Purchase] = true
			}
		}
	}
	return seen
}

// TriedSeen are the rules of a price path that a visitor may see: users of a
// Sub-CPO those whose conditions concern them. A condition of a stored path
// whose filters cannot be told for certain is looked up in the tariff as it is
// now, and hidden where it is not there.
func (s *Snapshot) TriedSeen(who *access.Visitor, tried []tariffs.Tried) []tariffs.Tried {
	if who.Operator {
		return tried
	}
	return slices.DeleteFunc(slices.Clone(tried), func(t tariffs.Tried) bool { return !s.seesTried(who, &t) })
}

func (s *Snapshot) seesTried(who *access.Visitor, t *tariffs.Tried) bool {
	if t.When != nil {
		return s.Concerns(who, t.When)
	}
	if c, ok := tariffs.ParseCondition(t.Condition); ok {
		return s.Concerns(who, &c.When)
	}
	found := false
	for _, tariff := range s.Config.Tariffs.ChargePoint {
		if tariff.Key != t.Tariff {
			continue
		}
		for i := range tariff.Purchase {
			if c := &tariff.Purchase[i]; c.String() == t.Condition {
				if !s.Concerns(who, &c.When) {
					return false
				}
				found = true
			}
		}
	}
	return found
}
