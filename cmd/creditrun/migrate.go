package main

import (
	"context"

	"creditrun/internal/store"
)

// migrate brings the schema up to date; several processes may try at once.
func (a *app) migrate(ctx context.Context) error {
	options := a.storeOptions()
	options.Unhurried = true
	s, err := store.Open(ctx, a.config.DBURL(), options)
	if err != nil {
		return err
	}
	a.opened = s
	if err := s.Migrate(ctx); err != nil {
		return err
	}
	a.say("The schema is up to date.")
	return nil
}

// grant gives the role of the running program its rights.
func (a *app) grant(ctx context.Context, role string) error {
	if err := a.opened.GrantTo(ctx, role); err != nil {
		return err
	}
	a.say("Role %s may read and write, and change nothing that was issued.", role)
	return nil
}
