package flow

import (
	"context"
	"strconv"
	"sync"
	"time"

	"creditrun/internal/fault"
)

// How many heavy requests are under way at once: of one person, and of all.
const (
	mostOfOne = 2
	mostOfAll = 16
)

// patienceAtGate is how long a person waits for a place before being refused.
const patienceAtGate = 10 * time.Second

// Gate limits how many heavy requests are under way at once: downloads of many
// rows, uploads of files. Pages and programs share one. It is safe for
// concurrent use.
type Gate struct {
	each, all int
	wait      time.Duration

	mu    sync.Mutex
	of    map[string]int
	taken int
	left  chan struct{} // closed when a person leaves
}

// NewGate makes a gate with no one behind it.
func NewGate() *Gate { return NewGateOf(mostOfOne, mostOfAll, patienceAtGate) }

// NewGateOf is NewGate with other limits: so many of each person and of all, and
// how long a person waits for a place.
func NewGateOf(each, all int, wait time.Duration) *Gate {
	return &Gate{each: each, all: all, wait: wait, of: map[string]int{}, left: make(chan struct{})}
}

// Enter takes a place for a person until leave is called. Where there is none it
// waits for a moment, and then refuses with an Unavailable fault.
func (g *Gate) Enter(ctx context.Context, who string) (leave func(), err error) {
	enough := time.NewTimer(g.wait)
	defer enough.Stop()
	for {
		next, own := g.try(who)
		if next == nil {
			return sync.OnceFunc(func() { g.leave(who) }), nil
		}
		select {
		case <-next:
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-enough.C:
			if own {
				return nil, fault.New(fault.Unavailable, "own_transfers_busy", fault.Args{"most": strconv.Itoa(g.each)})
			}
			return nil, fault.New(fault.Unavailable, "transfers_busy", nil)
		}
	}
}

// try takes a place, or returns what is closed when it is worth another try and
// whether it is the person's own requests that are too many.
func (g *Gate) try(who string) (next <-chan struct{}, own bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	own = g.of[who] >= g.each
	if own || g.taken >= g.all {
		return g.left, own
	}
	g.of[who]++
	g.taken++
	return nil, false
}

func (g *Gate) leave(who string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.taken--
	if g.of[who]--; g.of[who] == 0 {
		delete(g.of, who)
	}
	close(g.left)
	g.left = make(chan struct{})
}
