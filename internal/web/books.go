package web

import (
	"context"
	"sync"

	"creditrun/creditnotes"
	"creditrun/entities"
	compiled "creditrun/internal/web/books"
)

// books is the compiled configuration with what pages work out of it. All
// requests share it; nobody changes it.
type books struct {
	*compiled.Books

	// places are those of each station, by its key.
	places func() map[string][]*entities.Place
	// owners is how many owners a run drafts.
	owners func() (int, error)
}

// books returns the configuration as it is now.
func (s *Server) books(ctx context.Context) (*books, error) {
	latest, err := s.shelf.Latest(ctx)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.loaded == nil || s.loaded.Books != latest {
		b := &books{Books: latest}
		b.places = sync.OnceValue(b.placesOfStations)
		b.owners = sync.OnceValues(b.countOwners)
		s.loaded = b
	}
	return s.loaded, nil
}

// network is books for pages that need an unbroken network.
func (v *visit) network() (*books, error) {
	b, err := v.books(v.r.Context())
	if err != nil {
		return nil, err
	}
	if err := b.Sound(); err != nil {
		return nil, err
	}
	return b, nil
}

// placesOfStations sorts the connectors to their stations; there are none while
// the network is broken.
func (b *books) placesOfStations() map[string][]*entities.Place {
	places := map[string][]*entities.Place{}
	if b.Network == nil {
		return places
	}
	for _, p := range b.Network.AllPlaces() {
		places[p.Station.Key] = append(places[p.Station.Key], p)
	}
	return places
}

// countOwners counts the owners that a run drafts; on which day does not matter.
func (b *books) countOwners() (int, error) {
	if b.Broken != nil {
		return 0, nil
	}
	plan, err := creditnotes.NewPlan(b.Config, "")
	if err != nil {
		return 0, err
	}
	return plan.Owners(), nil
}
