package entities

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"creditrun/internal/sessions"
)

// Network is everything the operator configured about who and where, ready to
// be asked. It is immutable after NewNetwork and safe for concurrent use.
type Network struct {
	Tree     *Tree
	zone     *time.Location
	stations map[string]*site
	sorted   []*Station
	places   []*Place // by connector id
	byID     map[int64]*Place
	byEVSE   map[connectorName]*Place
	byOwner  map[string][]*Place
	media    map[string]*Medium // by uid in upper case
	partners map[partnerKey]*Partner
}

// connectorName is how a source names a connector: by the key of the EVSE and
// the number of the connector.
type connectorName struct {
	evseID string
	number int
}

// NewNetwork builds the network and validates it as a whole: all that is wrong
// comes back as one fault.List. It keeps copies. Connectors that no station
// claims are validated and then left out; a connector with id 0 is not stored
// yet and is found by its EVSE only. Owners of a station may come in any order.
func NewNetwork(list []Entity, stations []Station, connectors []Connector, media []Medium, partners []Partner) (*Network, error) {
	tree, err := NewTree(list)
	b := builder{n: &Network{Tree: tree}, keys: map[string]*Entity{}, zones: map[string]*time.Location{}}
	b.takeEntities(list, tree, err)
	b.takeStations(stations)
	b.takeConnectors(connectors)
	b.takeMedia(media)
	b.takePartners(partners)
	if err := b.faults.Err(); err != nil {
		return nil, err
	}
	b.sortPlaces()
	return b.n, nil
}

// Operator is the root of the tree.
func (n *Network) Operator() *Entity { return n.Tree.Root() }

// Zone is the operator's time zone, in which months are cut.
func (n *Network) Zone() *time.Location { return n.zone }

// Place returns the place of a connector id, or nil when no station claims it.
func (n *Network) Place(connectorID int64) *Place { return n.byID[connectorID] }

// PlaceOf returns the place with this EVSE id and connector number, or nil.
// The EVSE id may be written in any spelling (see EVSEKey).
func (n *Network) PlaceOf(evseID string, number int) *Place {
	return n.byEVSE[connectorName{EVSEKey(evseID), number}]
}

// Places returns every place that the entity owns or owned, by connector id.
func (n *Network) Places(owner *Entity) []*Place {
	if owner == nil {
		return nil
	}
	return slices.Clone(n.byOwner[owner.Key])
}

// AllPlaces returns every place by connector id.
func (n *Network) AllPlaces() []*Place { return slices.Clone(n.places) }

// Station returns a station by key, or nil.
func (n *Network) Station(key string) *Station {
	if s, ok := n.stations[key]; ok {
		return s.station
	}
	return nil
}

// Stations returns all stations by key.
func (n *Network) Stations() []*Station { return slices.Clone(n.sorted) }

// StationZone returns the time zone of a station, or nil for an unknown key.
func (n *Network) StationZone(key string) *time.Location {
	if s, ok := n.stations[key]; ok {
		return s.zone
	}
	return nil
}

// StationOwner returns who owned a station at t, or nil. It also answers for
// stations without connectors.
func (n *Network) StationOwner(key string, t time.Time) *Entity {
	if s, ok := n.stations[key]; ok {
		return s.owner(t)
	}
	return nil
}

// StationsOwned returns the stations that the entity owned at t, by key.
func (n *Network) StationsOwned(owner *Entity, t time.Time) []*Station {
	var owned []*Station
	for _, s := range n.sorted {
		if e := n.stations[s.Key].owner(t); e != nil && owner != nil && e.Key == owner.Key {
			owned = append(owned, s)
		}
	}
	return owned
}

// Medium returns a medium by uid, or nil. Upper and lower case are the same.
func (n *Network) Medium(uid string) *Medium { return n.media[MediumKey(uid)] }

// MediumKey is the uid of a medium as uids are compared: in upper case.
func MediumKey(uid string) string { return strings.ToUpper(uid) }

// Partner returns the bilateral roaming partner of an id in any spelling
// (DE*ABC, DE-ABC, deabc), or nil.
func (n *Network) Partner(id string) *Partner {
	key, ok := partnerKeyOf(id)
	if !ok {
		return nil
	}
	return n.partners[key]
}

// Class derives the class of a session (domain.md §3.2): what its source
// stated; else internal for a medium of the network, bilateral for a partner
// in the list, and community for everything unknown.
func (n *Network) Class(s *sessions.Session) sessions.Class {
	switch {
	case s.Class != "":
		return s.Class
	case s.MediumUID != "" && n.Medium(s.MediumUID) != nil:
		return sessions.Internal
	case s.Partner != "" && n.Partner(s.Partner) != nil:
		return sessions.Bilateral
	}
	return sessions.Community
}

// Place is a connector with its station and zone, compiled for quick answers
// about ownership.
type Place struct {
	Connector *Connector
	Station   *Station
	Zone      *time.Location
	site      *site
}

// Owner returns who owned the place at t, or nil. It does not allocate.
func (p *Place) Owner(t time.Time) *Entity { return p.site.owner(t) }

// HomeOwner returns the first owner the place ever had, or nil: sessions
// without an owner are looked after together with this owner's.
func (p *Place) HomeOwner() *Entity {
	if len(p.site.owners) == 0 {
		return nil
	}
	return p.site.owners[0]
}

// site is a station with its owners in order of time.
type site struct {
	station *Station
	zone    *time.Location
	from    []int64 // microseconds since 1970, ascending
	owners  []*Entity
}

func (s *site) owner(t time.Time) *Entity {
	at, found := slices.BinarySearch(s.from, t.UnixMicro())
	if found {
		return s.owners[at]
	}
	if at == 0 {
		return nil
	}
	return s.owners[at-1]
}

func byConnector(a, b *Place) int {
	return cmp.Or(
		cmp.Compare(a.Connector.ID, b.Connector.ID),
		strings.Compare(a.Connector.EVSEID, b.Connector.EVSEID),
		cmp.Compare(a.Connector.Number, b.Connector.Number),
	)
}
