package web

import (
	"context"
	"sync"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/tariffs"
)

// books is the configuration as of one version, compiled so that it can be
// asked. All requests share it; nobody changes it.
type books struct {
	Config  *creditnotes.Configuration
	Network *entities.Network // nil when it is broken
	Book    *tariffs.Book     // nil when it or the network is broken
	Broken  error             // what is wrong with the network or the tariffs

	version int64
	// places are those of each station, by its key.
	places func() map[string][]*entities.Place
}

// books returns the configuration as it is now; it is compiled again only when
// it has changed.
func (s *Server) books(ctx context.Context) (*books, error) {
	version, err := s.Store.ConfigurationVersion(ctx)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.loaded != nil && s.loaded.version == version {
		return s.loaded, nil
	}
	config, err := s.Store.Configuration(ctx)
	if err != nil {
		return nil, err
	}
	b := &books{Config: config, version: version}
	b.Network, b.Broken = entities.NewNetwork(config.Entities, config.Stations, config.Connectors, config.Media, config.Partners)
	if b.Broken == nil {
		b.Book, b.Broken = tariffs.NewBook(config.Tariffs, b.Network, config.Settings.CommunityDiscount)
	}
	b.places = sync.OnceValue(b.placesOfStations)
	s.loaded = b
	return b, nil
}

// network is books for pages that need an unbroken network.
func (v *visit) network() (*books, error) {
	b, err := v.books(v.r.Context())
	switch {
	case err != nil:
		return nil, err
	case len(b.Config.Entities) == 0:
		return nil, fault.New(fault.NotReady, "network_empty", nil)
	case b.Broken != nil:
		return nil, b.Broken
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

// operator is the root of the tree, or nil as long as there is none.
func (b *books) operator() *entities.Entity {
	for i := range b.Config.Entities {
		if e := &b.Config.Entities[i]; e.Parent == "" {
			return e
		}
	}
	return nil
}
