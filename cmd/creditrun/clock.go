package main

import (
	"context"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"creditrun/internal/store"
)

// jumpFrom is how far the clock must go wrong between two looks to count as a
// jump; time servers correct by less.
const jumpFrom = time.Hour

// clockWatch compares the clock of the machine with one that no one can set.
type clockWatch struct {
	now     func() time.Time
	elapsed func() time.Duration // monotonic, since any instant; nil: nothing is watched

	mu        sync.Mutex
	wall      time.Time
	monotonic time.Duration
}

// look reports whether the clock has jumped since the last look: what it shows,
// and what it would show.
func (c *clockWatch) look() (was, became time.Time, jumped bool) {
	if c.elapsed == nil {
		return was, became, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	wall, monotonic := c.now().Round(0), c.elapsed()
	if !c.wall.IsZero() {
		was = c.wall.Add(monotonic - c.monotonic)
		jumped = wall.Sub(was).Abs() > jumpFrom
	}
	c.wall, c.monotonic = wall, monotonic
	return was, wall, jumped
}

// mayRing reports whether the schedule may begin months: not for an hour after
// the clock has jumped, or until a person has confirmed it.
func (a *app) mayRing(ctx context.Context, s *store.Store, watch *clockWatch) bool {
	if was, became, jumped := watch.look(); jumped {
		a.log.Warn("the clock has jumped; the schedule pauses for an hour, or until creditrun clock confirm",
			"expected", was.UTC().Format(time.RFC3339), "shown", became.UTC().Format(time.RFC3339))
		if err := s.ClockJumped(ctx, was, became); err != nil {
			a.log.Error("clock", "err", err)
			return false
		}
	}
	jump, err := s.ClockPause(ctx)
	return err == nil && jump == nil
}

func (a *app) clockCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "clock", Short: "Show whether the schedule pauses because the clock has jumped",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := a.store(c.Context())
			if err != nil {
				return err
			}
			jump, err := s.ClockPause(c.Context())
			if err != nil {
				return err
			}
			if jump == nil {
				a.say("The clock has not jumped; the schedule does not pause.")
				return nil
			}
			a.say("The clock of %s shows %s where %s was expected. The schedule pauses until %s, or until creditrun clock confirm says that the clock is right.",
				jump.Host, jump.Became.Format(time.RFC3339), jump.Was.Format(time.RFC3339), jump.EndsAt.Format(time.RFC3339))
			return nil
		},
	}
	c.AddCommand(&cobra.Command{
		Use: "confirm", Short: "Say that the clock is right after a jump; the schedule goes on",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := a.store(c.Context())
			if err != nil {
				return err
			}
			if err := s.ConfirmClock(c.Context(), a.who()); err != nil {
				return err
			}
			a.say("The clock is confirmed; the schedule goes on.")
			return nil
		},
	})
	return c
}
