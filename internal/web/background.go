package web

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync"
	"time"
)

// mostResults is how many results are kept for pages to show.
const mostResults = 20

// pending are results that take longer than a page may. They are worked on one
// at a time while the browser looks again, and stay in the memory of this
// process until newer ones take their place.
type pending[T any] struct {
	one  sync.Mutex // is held by the work that is going on
	mu   sync.Mutex // guards what follows
	list []*result[T]
}

// result is one of them. Value and Err count when it is Done.
type result[T any] struct {
	ID    string
	Who   string // who asked
	Begun time.Time
	Done  bool
	Value T
	Err   error

	stop context.CancelFunc
}

// start begins to work on a result and returns its id. Whoever asks again no
// longer waits for what was asked before.
func (p *pending[T]) start(s *Server, who string, work func(context.Context) (T, error)) string {
	ctx, stop := context.WithCancel(s.Background)
	r := &result[T]{ID: rand.Text(), Who: who, Begun: s.Now(), stop: stop}
	p.mu.Lock()
	for _, other := range p.list {
		if other.Who == who {
			other.stop()
		}
	}
	if p.list = append(p.list, r); len(p.list) > mostResults {
		p.list[0].stop()
		p.list = p.list[1:]
	}
	p.mu.Unlock()
	s.runs.Go(func() {
		defer stop()
		p.one.Lock()
		defer p.one.Unlock()
		value, err := attempt(ctx, work)
		p.mu.Lock()
		defer p.mu.Unlock()
		r.Value, r.Err, r.Done = value, err, true
	})
	return r.ID
}

// attempt does the work unless nobody waits for it any more; a panic is an
// error like any other.
func attempt[T any](ctx context.Context, work func(context.Context) (T, error)) (value T, err error) {
	defer func() {
		if broken := recover(); broken != nil {
			err = fmt.Errorf("panic: %v", broken)
		}
	}()
	if err := ctx.Err(); err != nil {
		return value, err
	}
	return work(ctx)
}

// of returns a result as it stands to who asked for it; false when it is not
// there (any more).
func (p *pending[T]) of(who, id string) (result[T], bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range p.list {
		if r.ID == id && r.Who == who {
			return *r, true
		}
	}
	return result[T]{}, false
}
