package tasks

import (
	"context"
	"crypto/rand"
	"slices"
	"sync"
	"time"
)

// cachedByDefault is how many outcomes of a kind stay in memory.
const cachedByDefault = 20

// Kind are the tasks of one kind, whose results have the type T. A recorded
// result is encoded with encoding/gob, so its exported fields are what is kept.
type Kind[T any] struct {
	rule   Rule
	runner *Runner
	places Places

	mu   sync.Mutex // guards what follows
	list []*Task[T] // under way, and the latest that have ended; the newest last
}

// NewKind makes a kind of tasks.
func NewKind[T any](r *Runner, rule Rule) *Kind[T] {
	k := &Kind[T]{rule: rule, runner: r}
	if rule.AtOnce > 0 {
		k.places = NewPlaces(rule.AtOnce)
	}
	if k.rule.Cached == 0 {
		k.rule.Cached = cachedByDefault
	}
	return k
}

// Task is a piece of work, of this process or as it was read from the store.
type Task[T any] struct {
	done chan struct{} // closed when it has ended in this process
	stop context.CancelFunc

	mu    sync.Mutex // guards state
	state State[T]

	saving    sync.Mutex // guards forgotten, and is held while the task is recorded
	forgotten bool
}

// State is a task as it stands.
type State[T any] struct {
	ID, Subject, Who string
	Begun, Ended     time.Time // Ended is zero while it is under way
	Status           Status
	Progress         Count
	Value            T     // counts when the status is Done
	Err              error // why it failed or was stopped: faults, or a *creditnotes.LoggedError
}

// Over reports whether the task has ended.
func (s *State[T]) Over() bool { return s.Status != UnderWay }

// Done is closed when the task has ended.
func (t *Task[T]) Done() <-chan struct{} { return t.done }

// State returns the task as it stands.
func (t *Task[T]) State() State[T] {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.state
}

// Within waits a moment for the task to end and returns it as it stands then.
func (t *Task[T]) Within(patience time.Duration) State[T] {
	enough := time.NewTimer(patience)
	defer enough.Stop()
	select {
	case <-t.done:
	case <-enough.C:
	}
	return t.State()
}

func (t *Task[T]) change(to func(*State[T])) {
	t.mu.Lock()
	defer t.mu.Unlock()
	to(&t.state)
}

// Start starts a task. Who is the user who asks for it, or empty.
func (k *Kind[T]) Start(who, subject string, fn func(context.Context, *Progress) (T, error)) *Task[T] {
	k.mu.Lock()
	t, ctx := k.add(who, subject)
	k.mu.Unlock()
	k.begin(ctx, t, fn)
	return t
}

// Join returns the task of a user about a subject that is under way or whose
// outcome is kept, on whatever process it ran, and starts one where there is
// none.
func (k *Kind[T]) Join(ctx context.Context, who, subject string, fn func(context.Context, *Progress) (T, error)) (*Task[T], error) {
	if t, err := k.Latest(ctx, who, subject); t != nil || err != nil {
		return t, err
	}
	k.mu.Lock()
	if t := k.newest(who, subject); t != nil { // two requests at once
		k.mu.Unlock()
		return t, nil
	}
	t, background := k.add(who, subject)
	k.mu.Unlock()
	k.begin(background, t, fn)
	return t, nil
}

// add makes a task known to this process; k.mu is held.
func (k *Kind[T]) add(who, subject string) (*Task[T], context.Context) {
	k.drop()
	if k.rule.Newest {
		for _, other := range k.list {
			if other.state.Who == who {
				other.stop()
			}
		}
	}
	ctx, stop := context.WithCancel(k.runner.ctx)
	t := &Task[T]{done: make(chan struct{}), stop: stop, state: State[T]{
		ID: rand.Text(), Subject: subject, Who: who, Begun: k.runner.now(), Status: UnderWay,
	}}
	k.list = append(k.list, t)
	return t, ctx
}

// drop forgets what has ended and is old, or too much to be kept in memory;
// k.mu is held.
func (k *Kind[T]) drop() {
	over := 0
	for i := len(k.list) - 1; i >= 0; i-- {
		s := k.list[i].State()
		if !s.Over() {
			continue
		}
		if over++; over >= k.rule.Cached || k.expired(s.Ended) {
			k.list = slices.Delete(k.list, i, i+1)
		}
	}
}

// expired reports whether what ended then is no longer kept.
func (k *Kind[T]) expired(ended time.Time) bool {
	return !ended.IsZero() && k.rule.Keep > 0 && k.runner.now().Sub(ended) > k.rule.Keep
}

// newest finds the newest task of a user about a subject in memory; k.mu is
// held.
func (k *Kind[T]) newest(who, subject string) *Task[T] {
	for _, t := range slices.Backward(k.list) {
		if s := t.State(); s.Subject == subject && (who == "" || s.Who == who) && !k.expired(s.Ended) {
			return t
		}
	}
	return nil
}

// Find finds a task of a user by its id, in memory or in the store; nil: it is
// not there, or no longer.
func (k *Kind[T]) Find(ctx context.Context, who, id string) (*Task[T], error) {
	k.mu.Lock()
	for _, t := range k.list {
		if s := t.State(); s.ID == id && s.Who == who && !k.expired(s.Ended) {
			k.mu.Unlock()
			return t, nil
		}
	}
	k.mu.Unlock()
	if k.unrecorded() {
		return nil, nil
	}
	r, err := k.runner.store.TaskByID(ctx, k.rule.Kind, id)
	if err != nil || r == nil || r.Who != who {
		return nil, err
	}
	return k.read(r), nil
}

// Latest finds the latest task about a subject, in memory or in the store; nil:
// there is none. An empty who is any user.
func (k *Kind[T]) Latest(ctx context.Context, who, subject string) (*Task[T], error) {
	k.mu.Lock()
	t := k.newest(who, subject)
	k.mu.Unlock()
	if t != nil || k.unrecorded() {
		return t, nil
	}
	r, err := k.runner.store.LatestTask(ctx, k.rule.Kind, who, subject)
	if err != nil || r == nil {
		return nil, err
	}
	return k.read(r), nil
}

// Forget removes a task, and stops it where this process works on it.
func (k *Kind[T]) Forget(ctx context.Context, id string) error {
	k.mu.Lock()
	var t *Task[T]
	if i := slices.IndexFunc(k.list, func(t *Task[T]) bool { return t.state.ID == id }); i >= 0 {
		t = k.list[i]
		k.list = slices.Delete(k.list, i, i+1)
	}
	k.mu.Unlock()
	if t != nil {
		t.stop()
		t.saving.Lock()
		t.forgotten = true
		t.saving.Unlock()
	}
	if k.unrecorded() {
		return nil
	}
	return k.runner.store.ForgetTask(ctx, id)
}

// ForgetLatest forgets the latest task about a subject, if there is one. An empty
// who is any user.
func (k *Kind[T]) ForgetLatest(ctx context.Context, who, subject string) error {
	t, err := k.Latest(ctx, who, subject)
	if t == nil || err != nil {
		return err
	}
	return k.Forget(ctx, t.State().ID)
}

func (k *Kind[T]) unrecorded() bool { return k.rule.Unrecorded || k.runner.store == nil }
