// Package books keeps the operator's configuration compiled, so that pages and
// programs can ask it anything at any request. It decides nothing: what may be
// seen says package access, what the configuration means say entities and
// tariffs.
package books

import (
	"context"
	"sync"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/store"
	"creditrun/tariffs"
)

// Books is the configuration as of one version, compiled so that it can be
// asked. All requests share it; nobody changes it.
type Books struct {
	Config  *creditnotes.Configuration
	Network *entities.Network // nil when it is broken
	Book    *tariffs.Book     // nil when it or the network is broken
	Broken  error             // what is wrong with the network or the tariffs

	// Version is that of the store, to be handed back with a change.
	Version int64
}

// Shelf keeps the latest books. It is safe for concurrent use.
type Shelf struct {
	Store *store.Store

	mu     sync.Mutex
	latest *Books
}

// Latest returns the configuration as it is now; it is compiled again only when
// it has changed.
func (s *Shelf) Latest(ctx context.Context) (*Books, error) {
	version, err := s.Store.ConfigurationVersion(ctx)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.latest != nil && s.latest.Version == version {
		return s.latest, nil
	}
	config, err := s.Store.Configuration(ctx)
	if err != nil {
		return nil, err
	}
	b := &Books{Config: config, Version: version}
	b.Network, b.Broken = entities.NewNetwork(config.Entities, config.Stations, config.Connectors, config.Media, config.Partners)
	if b.Broken == nil {
		b.Book, b.Broken = tariffs.NewBook(config.Tariffs, b.Network, config.Settings.CommunityDiscount)
	}
	s.latest = b
	return b, nil
}

// Sound says what is missing or wrong where an unbroken network is needed.
func (b *Books) Sound() error {
	if len(b.Config.Entities) == 0 {
		return fault.New(fault.NotReady, "network_empty", nil)
	}
	return b.Broken
}

// Operator is the root of the tree, or nil as long as there is none.
func (b *Books) Operator() *entities.Entity {
	for i := range b.Config.Entities {
		if e := &b.Config.Entities[i]; e.Parent == "" {
			return e
		}
	}
	return nil
}

// Visitor says what a user may and sees: the own entity and what is beneath it.
// Scopes narrow that to what an API token is for; nil does not.
func (b *Books) Visitor(user *access.User, scopes []access.Right) *access.Visitor {
	var tree *entities.Tree
	if b.Network != nil {
		tree = b.Network.Tree
	}
	who := access.NewVisitor(*user, tree, b.Config.Settings.CreditRun)
	who.Scopes = scopes
	if operator := b.Operator(); tree == nil && operator != nil && user.Entity == operator.Key {
		who.Operator = true // somebody has to mend the network
	}
	return who
}
