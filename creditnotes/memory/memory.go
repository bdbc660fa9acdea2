// Package memory keeps what creditnotes wants from a store in memory, for
// tests: the same promises as internal/store, without a database. It has no
// users, no second person, no mail server and no guards, and it is not for
// products.
package memory

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"creditrun/creditnotes"
)

// Store is one process with its data. Several processes may share the data
// (Another). It implements creditnotes.Store, creditnotes.Books and
// creditnotes.ExplainStore.
//
// A transaction works on a copy of the data, which replaces the data when the
// transaction ends well: readers see either all of it or nothing. One
// transaction writes at a time; the others wait, as on SQLite. What is handed
// in is copied, and so is what is returned.
type Store struct {
	shared  *shared
	process string
	now     func() time.Time
}

// shared is what the processes share.
type shared struct {
	writing   sync.Mutex
	data      atomic.Pointer[Data]
	processes atomic.Int64
}

// New returns an empty store. The clock tells when something is received,
// written and leased.
func New(now func() time.Time) *Store {
	s := &Store{shared: &shared{}, now: now}
	s.shared.data.Store(newData())
	return s.Another()
}

// Another returns another process on the same data.
func (s *Store) Another() *Store {
	return &Store{shared: s.shared, process: fmt.Sprintf("process %d", s.shared.processes.Add(1)), now: s.now}
}

// Tamper changes the data without any rule: what a person with access to a
// database could do.
func (s *Store) Tamper(change func(d *Data)) {
	s.shared.writing.Lock()
	defer s.shared.writing.Unlock()
	d := copied(s.read().clone())
	change(d)
	s.shared.data.Store(d)
}

// Look calls fn with a copy of the data.
func (s *Store) Look() *Data { return copied(s.read().clone()) }

// read returns the data, which must not be changed.
func (s *Store) read() *Data { return s.shared.data.Load() }

// tx is a transaction.
type tx struct {
	*Data
	store *Store
	now   time.Time
}

// write runs fn in a transaction.
func (s *Store) write(ctx context.Context, fn func(*tx) error) error {
	s.shared.writing.Lock()
	defer s.shared.writing.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	t := &tx{s.read().clone(), s, utc(s.now())}
	if err := fn(t); err != nil {
		return err
	}
	s.shared.data.Store(t.Data)
	return nil
}

// takeIDs gives n ids out and returns the first.
func (t *tx) takeIDs(name string, n int) int64 {
	first := max(t.IDs[name], 1)
	t.IDs[name] = first + int64(n)
	return first
}

// utc is a time as stores keep it: in microseconds.
func utc(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Microsecond)
}

// Configuration implements creditnotes.Store.
func (s *Store) Configuration(context.Context) (*creditnotes.Configuration, error) {
	d := s.read()
	c := copied(d.Configuration)
	c.Settings, c.ActiveSince = copied(d.Settings), d.ActiveSince
	for i := range d.Connectors {
		if d.Connectors[i].Station != "" {
			c.Connectors = append(c.Connectors, copied(d.Connectors[i]))
		}
	}
	return &c, nil
}

// Settings implements creditnotes.Store.
func (s *Store) Settings(context.Context) (creditnotes.Settings, error) {
	return copied(s.read().Settings), nil
}

var (
	_ creditnotes.Store        = (*Store)(nil)
	_ creditnotes.Books        = (*Store)(nil)
	_ creditnotes.ExplainStore = (*Store)(nil)
)
