package entities

import (
	"time"

	"creditrun/internal/sessions"
)

// Network is everything the operator configured about who and where, ready to
// be asked. It is immutable after NewNetwork and safe for concurrent use.
type Network struct {
	Tree     *Tree
	stations map[string]*Station
	media    map[string]*Medium
	partners map[string]*Partner
}

// Place is a connector with its station and zone, compiled for quick answers
// about ownership.
type Place struct {
	Connector *Connector
	Station   *Station
	Zone      *time.Location
}

// NewNetwork builds the network and validates it as a whole: all that is wrong
// comes back as one fault.List.
func NewNetwork(list []Entity, stations []Station, connectors []Connector, media []Medium, partners []Partner) (*Network, error) {
	panic("not built yet")
}

// Operator is the root of the tree.
func (n *Network) Operator() *Entity { return nil }

// Zone is the operator's time zone, in which months are cut.
func (n *Network) Zone() *time.Location { return nil }

// Place returns the place of a connector id, or nil when no station claims it.
func (n *Network) Place(connectorID int64) *Place { return nil }

// PlaceOf returns the place with this EVSE id and connector number, or nil.
func (n *Network) PlaceOf(evseID string, number int) *Place { return nil }

// Places returns every place that the entity owns or owned, by connector id.
func (n *Network) Places(owner *Entity) []*Place { return nil }

// Station returns a station by key, or nil.
func (n *Network) Station(key string) *Station { return nil }

// Stations returns all stations by key.
func (n *Network) Stations() []*Station { return nil }

// Medium returns a medium by uid, or nil.
func (n *Network) Medium(uid string) *Medium { return nil }

// Owner returns who owned the place at t, or nil. It does not allocate.
func (p *Place) Owner(t time.Time) *Entity { return nil }

// HomeOwner returns the first owner the place ever had, or nil: sessions
// without an owner are looked after together with this owner's.
func (p *Place) HomeOwner() *Entity { return nil }

// Class derives the class of a session where its source states none
// (domain.md §3.2).
func (n *Network) Class(s *sessions.Session) sessions.Class { return "" }
