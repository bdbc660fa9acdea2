package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/robfig/cron/v3"

	"creditrun/internal/inbox"
	"creditrun/internal/snapshot"
	"creditrun/internal/store"
)

// digestEvery is how often it is looked whether something new waits for a user
// who wants to be mailed that.
const digestEvery = time.Minute

// mailDigests mails users what waits for them every minute. What goes
// wrong is logged once until something else does.
func (a *app) mailDigests(ctx context.Context, s *store.Store) {
	config, last := snapshot.Cache{Store: s}, ""
	var mailing sync.Mutex
	mail := cron.FuncJob(func() {
		if !mailing.TryLock() {
			return
		}
		defer mailing.Unlock()
		b, err := config.Current(ctx)
		if err == nil {
			_, err = inbox.Digests(ctx, s, b, a.now(), a.config.PublicURL)
		}
		if err == nil {
			last = ""
		} else if err.Error() != last && !errors.Is(err, context.Canceled) {
			a.log.Error("digests", "err", err)
			last = err.Error()
		}
	})
	clock := cron.New()
	clock.Schedule(cron.Every(digestEvery), mail)
	clock.Start()
	context.AfterFunc(ctx, func() { clock.Stop() })
}
