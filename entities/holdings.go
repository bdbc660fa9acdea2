package entities

import (
	"slices"
	"time"
)

// Holdings are the places that some entities own or owned, each for as long as
// they did: what a person who sees only these entities may see.
type Holdings struct {
	places map[int64]*Place
	owners map[string]bool
}

// Holdings returns what the entities with these keys own or owned. Unknown
// keys own nothing.
func (n *Network) Holdings(keys ...string) *Holdings {
	h := &Holdings{places: map[int64]*Place{}, owners: map[string]bool{}}
	for _, key := range keys {
		h.owners[key] = true
		for _, place := range n.byOwner[key] {
			h.places[place.Connector.ID] = place
		}
	}
	return h
}

// Connectors lists the ids of the connectors, ascending.
func (h *Holdings) Connectors() []int64 {
	ids := make([]int64, 0, len(h.places))
	for id := range h.places {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// Have reports whether one of the entities owned the connector at t: whether a
// session that started then belongs to them (domain.md §2.3).
func (h *Holdings) Have(connectorID int64, t time.Time) bool {
	place := h.places[connectorID]
	if place == nil {
		return false
	}
	owner := place.Owner(t)
	return owner != nil && h.owners[owner.Key]
}
