package main

import (
	"context"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/store"
)

// keepEvery is how often it is looked whether the open month, or the sums of
// records, are still right. What has changed shows within two seconds.
const keepEvery = time.Second

// calmly is a runner that leaves most of the machine to others.
func calmly(r *creditnotes.Runner) *creditnotes.Runner {
	calm := *r
	calm.Workers, calm.Progress = 1, nil
	return &calm
}

// keepOpen keeps the open month and the sums of records right until the context
// ends. What goes wrong is logged once; pages say it, too.
func (a *app) keepOpen(ctx context.Context, open *creditnotes.OpenMonth, s *store.Store) {
	last := ""
	tick := time.NewTicker(keepEvery)
	defer tick.Stop()
	for {
		_, err := open.Refresh(ctx)
		if err == nil {
			err = s.SumRecords(ctx)
		}
		switch {
		case err == nil:
			last = ""
		case ctx.Err() != nil:
			return
		case err.Error() != last:
			last = err.Error()
			a.log.Warn("open month", "err", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
