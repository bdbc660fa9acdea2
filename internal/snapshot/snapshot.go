// Package snapshot holds the operator's configuration as of one version,
// compiled, and the rules of who sees what in it. Pages, the API and exports ask
// the same snapshot, so that a request sees one state from beginning to end.
package snapshot

import (
	"context"
	"strings"
	"sync"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/store"
	"creditrun/tariffs"
)

// Snapshot is the configuration as of one version, compiled so that it can be
// asked. All requests share it; it is never changed.
type Snapshot struct {
	Config  *creditnotes.Configuration
	Network *entities.Network // nil when it is broken
	Book    *tariffs.Book     // nil when it or the network is broken
	Err     error             // what is wrong with the network or the tariffs

	// Version is that of the store, to be handed back with a change.
	Version int64

	places func() map[string][]*entities.Place
	owners func() (int, error)
}

// Cache keeps the latest snapshot. It is safe for concurrent use.
type Cache struct {
	Store *store.Store

	mu      sync.Mutex
	current *Snapshot
}

// Current returns the configuration as it is now; it is compiled again only when
// it has changed.
func (c *Cache) Current(ctx context.Context) (*Snapshot, error) {
	version, err := c.Store.ConfigurationVersion(ctx)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current != nil && c.current.Version == version {
		return c.current, nil
	}
	config, err := c.Store.Configuration(ctx)
	if err != nil {
		return nil, err
	}
	c.current = New(config, version)
	return c.current, nil
}

// Last returns the configuration that Current returned last; nil before that.
func (c *Cache) Last() *Snapshot {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.current
}

// New compiles a configuration that the store has under a version.
func New(config *creditnotes.Configuration, version int64) *Snapshot {
	s := &Snapshot{Config: config, Version: version}
	s.Network, s.Err = entities.NewNetwork(config.Entities, config.Stations, config.Connectors, config.Media, config.Partners)
	if s.Err == nil {
		s.Book, s.Err = tariffs.NewBook(config.Tariffs, s.Network, config.Settings.CommunityDiscount)
	}
	s.places = sync.OnceValue(s.placesOfStations)
	s.owners = sync.OnceValues(s.countOwners)
	return s
}

// Valid says what is missing or wrong where an unbroken network is needed.
func (s *Snapshot) Valid() error {
	if len(s.Config.Entities) == 0 {
		return fault.New(fault.NotReady, "network_empty", nil)
	}
	return s.Err
}

// Operator is the root of the tree, or nil as long as there is none.
func (s *Snapshot) Operator() *entities.Entity {
	for i := range s.Config.Entities {
		if e := &s.Config.Entities[i]; e.Parent == "" {
			return e
		}
	}
	return nil
}

// Visitor says what a user may and sees: the own entity and its sub-entities.
// Scopes narrow that to what an API token is for; nil does not.
func (s *Snapshot) Visitor(user *access.User, scopes []access.Right) *access.Visitor {
	var tree *entities.Tree
	if s.Network != nil {
		tree = s.Network.Tree
	}
	who := access.NewVisitor(*user, tree, s.Config.Settings.CreditRun)
	who.Scopes = scopes
	if operator := s.Operator(); tree == nil && operator != nil && user.Entity == operator.Key {
		who.Operator = true // someone has to fix the network
	}
	return who
}

// Places are the connectors of each station, by its key; there are none while
// the network is broken.
func (s *Snapshot) Places() map[string][]*entities.Place { return s.places() }

func (s *Snapshot) placesOfStations() map[string][]*entities.Place {
	places := map[string][]*entities.Place{}
	if s.Network == nil {
		return places
	}
	for _, p := range s.Network.AllPlaces() {
		places[p.Station.Key] = append(places[p.Station.Key], p)
	}
	return places
}

// Owners is how many owners a run drafts, on any day; none while the network is
// broken.
func (s *Snapshot) Owners() (int, error) { return s.owners() }

func (s *Snapshot) countOwners() (int, error) {
	if s.Err != nil {
		return 0, nil
	}
	plan, err := creditnotes.NewPlan(s.Config, "")
	if err != nil {
		return 0, err
	}
	return plan.Owners(), nil
}

// Day is the day of the operator at a moment.
func (s *Snapshot) Day(now time.Time) entities.Date { return entities.DateOf(now, s.Network.Zone()) }

// Currency is the operator's; empty as long as there is no operator.
func (s *Snapshot) Currency() string {
	if operator := s.Operator(); operator != nil {
		return operator.Currency
	}
	return ""
}

// Name is the name of an entity, or its key where the network does not have it.
func (s *Snapshot) Name(key string) string {
	if s.Network != nil {
		if e := s.Network.Tree.Entity(key); e != nil {
			return e.Name
		}
	}
	return key
}

// Names are those of several entities, separated by commas.
func (s *Snapshot) Names(keys ...string) string {
	names := make([]string, len(keys))
	for i, key := range keys {
		names[i] = s.Name(key)
	}
	return strings.Join(names, ", ")
}
