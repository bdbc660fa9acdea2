package main

import (
	"context"
	"time"

	"creditrun/internal/inbox"
	"creditrun/internal/snapshot"
	"creditrun/internal/store"
)

// digestEvery is how often it is looked whether something new waits for a user
// who wants to be mailed that.
const digestEvery = time.Minute

// mailDigests mails users what waits for them.
func (a *app) mailDigests(ctx context.Context, s *store.Store) {
	config := snapshot.Cache{Store: s}
	a.repeat(ctx, digestEvery, "digests", func() error {
		b, err := config.Current(ctx)
		if err != nil {
			return err
		}
		_, err = inbox.Digests(ctx, s, b, a.now(), a.config.PublicURL)
		return err
	})
}
