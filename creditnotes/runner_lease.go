package creditnotes

import (
	"context"
	"errors"
	"sync"
	"time"
)

// leaseEvery is how often the lease of a run is renewed while it is worked on;
// the store lets it last several times as long.
const leaseEvery = 20 * time.Second

// releaseTime is how long letting go of a run may take, with a database that may
// not answer any more.
const releaseTime = 5 * time.Second

// leased renews the lease of a run as long as fn works on it. A lease that
// cannot be renewed stops the work.
func (r *Runner) leased(ctx context.Context, run *Run, fn func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stopped := make(chan struct{})
	var renewing sync.WaitGroup
	renewing.Go(func() {
		tick := time.NewTicker(leaseEvery)
		defer tick.Stop()
		for {
			select {
			case <-stopped:
				return
			case <-tick.C:
				if err := r.Store.RenewLease(ctx, run.ID); err != nil {
					cancel(err)
					return
				}
			}
		}
	})
	err := recovered(func() error { return fn(ctx) })
	close(stopped)
	renewing.Wait()
	if cause := context.Cause(ctx); cause != nil && errors.Is(err, context.Canceled) {
		err = cause
	}
	ending, done := context.WithTimeout(context.WithoutCancel(ctx), releaseTime)
	defer done()
	if released := r.Store.ReleaseLease(ending, run.ID); err == nil {
		err = released
	}
	return err
}
