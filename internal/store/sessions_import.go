package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime/debug"
	"sync"
	"time"

	"creditrun/internal/fault"
	"creditrun/internal/sessions"
)

// importBatch is how many sessions are looked up and written at once.
const importBatch = 5000

// mostRejected is how many rejected records are reported of a file that is
// refused whole.
const mostRejected = 20

// ImportOptions say how sessions are taken in.
type ImportOptions struct {
	// Name says in the audit log where the sessions came from.
	Name string
	// KeepGoing takes the good records and leaves out the bad ones. Without it
	// a file with one bad record is refused whole.
	KeepGoing bool
	// AsCorrection says that a person knows the records to be right: they take
	// the place of the stored sessions of their ids although they are older,
	// name another connector or begin on another day. Reversals stay final.
	AsCorrection bool
	// Check finds out what would be done and changes nothing.
	Check bool
	// Progress is called now and then with how many records were read; it may
	// be nil.
	Progress func(read int)
	// Rejected is called with each bad record; it may be nil.
	Rejected func(err error)
}

// ImportResult counts what became of the records.
type ImportResult struct {
	New       int `json:"new"`
	Unchanged int `json:"unchanged"` // known already, or older than what is stored
	Corrected int `json:"corrected"` // became the next version of a session
	Collected int `json:"collected"` // said nothing new but that the driver's money arrived
	Rejected  int `json:"rejected"`
	IDReused  int `json:"id_reused"` // of the new ones: held, because another session has their id
	Rounded   int `json:"rounded"`   // with more decimals than are kept
}

// ImportSessions takes sessions in from a source that streams them; memory is
// constant. A session is known by its source and external id (domain.md §3.4):
// content that any stored version has, or that is older by the source's own
// clock, is ignored; other content becomes the next version, which takes the
// place of the one before and has to be released anew. A record at another
// connector, or one that begins more than 24 h away from the stored session,
// is another session that was given the same id: it is kept beside it and held
// until a person decides (see SeparateSession and TakeAsCorrection).
//
// A reversed session (an OCPI credit CDR) becomes the next version of the
// session it names: the same charge with 0 kWh, worth nothing. One that names
// an unknown session is stored all the same. A reversal is final: whatever
// comes of that session afterwards, the original included, is ignored.
//
// An error of the source that has the argument record is one bad record; any
// other ends the import. Everything is one transaction. Without KeepGoing the
// first bad records come back as one fault.List and nothing is kept; with it
// the good records are kept, also those before an error that ends the source.
// One import runs at a time; others wait.
func (s *Store) ImportSessions(ctx context.Context, who string, source iter.Seq2[sessions.Session, error], opts ImportOptions) (ImportResult, error) {
	run := &sessionImport{store: s, opts: opts}
	var ended error // of the source
	// The source can be read once only, so this transaction is not tried again.
	if err := s.seen(ctx); err != nil { // others can see who keeps them waiting
		return ImportResult{}, err
	}
	err := s.tryTx(ctx, long, func(tx *Tx) error {
		if err := tx.lockSessions(); err != nil {
			return err
		}
		ahead := readAhead(source)
		defer func() { _ = ahead.stop() }()
		for c := range ahead.full {
			if err := run.take(tx, c); err != nil {
				return err
			}
			if ended = c.err; ended != nil {
				break
			}
			ahead.free <- c
		}
		if err := ahead.stop(); err != nil {
			return err
		}
		if run.rejected != nil && !opts.KeepGoing {
			return run.rejected
		}
		if ended != nil && !opts.KeepGoing {
			return ended
		}
		if opts.Check {
			return errOnlyChecked
		}
		return tx.audit(run.entry(who)...)
	})
	switch {
	case err != nil && !errors.Is(err, errOnlyChecked):
		return ImportResult{Rejected: run.result.Rejected}, givenUp(err)
	case ended != nil:
		return run.result, ended
	}
	return run.result, nil
}

// sessionImport is one import on its way.
type sessionImport struct {
	store      *Store
	opts       ImportOptions
	result     ImportResult
	records    int
	rejected   fault.List // without KeepGoing: why the file is refused
	connectors *connectorIndex
	meters     *meterKeys // nil: no session had signed data yet
	batch      sessionBatch
}

// entry is the audit entry of the whole import, where it changed anything.
func (i *sessionImport) entry(who string) []Entry {
	if i.result.New+i.result.Corrected+i.result.Collected == 0 {
		return nil
	}
	return []Entry{{Who: who, Action: "sessions.imported", Subject: i.opts.Name, After: string(jsonOf(i.result))}}
}

// take stores a chunk of the source. Once a record was rejected and the file
// is to be refused, nothing is stored any more.
func (i *sessionImport) take(tx *Tx, c *chunk) error {
	i.records += len(c.list) + len(c.bad)
	for _, err := range c.bad {
		i.result.Rejected++
		if i.opts.Rejected != nil {
			i.opts.Rejected(err)
		}
		if i.opts.KeepGoing {
			continue
		}
		if i.rejected = append(i.rejected, fault.Of(err)...); len(i.rejected) >= mostRejected {
			return i.rejected
		}
	}
	if i.rejected != nil || len(c.list) == 0 {
		return nil
	}
	if err := i.write(tx, c.list); err != nil {
		return err
	}
	if i.opts.Progress != nil {
		i.opts.Progress(i.records)
	}
	return nil
}

// write stores some sessions.
func (i *sessionImport) write(tx *Tx, list []incoming) error {
	if err := i.findConnectors(tx, list); err != nil {
		return err
	}
	b := &i.batch
	if err := b.begin(tx, list, utc(i.store.now()), i.opts.AsCorrection); err != nil {
		return err
	}
	if err := i.checkSigned(tx, list); err != nil {
		return err
	}
	for k := range list {
		if err := b.take(tx, &list[k], i.connectors.ids[namedBy(&list[k].session)]); err != nil {
			return err
		}
	}
	if err := b.write(tx); err != nil {
		return err
	}
	i.result.New += b.result.New
	i.result.Unchanged += b.result.Unchanged
	i.result.Corrected += b.result.Corrected
	i.result.Collected += b.result.Collected
	i.result.IDReused += b.result.IDReused
	i.result.Rounded += b.result.Rounded
	return nil
}

// lockSessions keeps others from taking sessions in until the transaction
// ends. A run that takes its cut-off under this lock sees every session that
// was received before.
func (tx *Tx) lockSessions() error { return tx.lock("session") }

// chunk is a part of a source.
type chunk struct {
	list []incoming
	bad  []error // records that cannot be read
	err  error   // ended the source
}

// incoming is a session and the fingerprint of its content.
type incoming struct {
	session     sessions.Session
	fingerprint string
}

// readingAhead reads a source in a goroutine of its own, so that a file is read
// while the database writes what was read before. At most three chunks are in
// memory.
type readingAhead struct {
	full, free chan *chunk
	stopped    chan struct{}
	done       chan struct{}
	once       sync.Once
	panicked   error
}

func readAhead(source iter.Seq2[sessions.Session, error]) *readingAhead {
	a := &readingAhead{full: make(chan *chunk, 1), free: make(chan *chunk, 3), stopped: make(chan struct{}), done: make(chan struct{})}
	for range cap(a.free) {
		a.free <- &chunk{}
	}
	go func() {
		defer close(a.done)
		defer close(a.full)
		defer func() {
			if p := recover(); p != nil {
				a.panicked = fmt.Errorf("reading sessions: %v\n%s", p, debug.Stack())
			}
		}()
		a.read(source)
	}()
	return a
}

func (a *readingAhead) read(source iter.Seq2[sessions.Session, error]) {
	c := <-a.free
	for session, err := range source {
		switch {
		case err != nil && !isRecord(err):
			c.err = err
			a.pass(c)
			return
		case err != nil:
			c.bad = append(c.bad, err)
		default:
			c.list = append(c.list, incoming{session, sessions.Fingerprint(&session)})
		}
		if len(c.list)+len(c.bad) < importBatch {
			continue
		}
		if !a.pass(c) {
			return
		}
		select {
		case c = <-a.free:
			c.list, c.bad = c.list[:0], nil
		case <-a.stopped:
			return
		}
	}
	a.pass(c)
}

// pass hands a chunk over; false when no one wants it any more.
func (a *readingAhead) pass(c *chunk) bool {
	select {
	case a.full <- c:
		return true
	case <-a.stopped:
		return false
	}
}

// stop ends the reading and waits until the source is left alone. A panic of
// the source comes back as an error.
func (a *readingAhead) stop() error {
	a.once.Do(func() { close(a.stopped) })
	<-a.done
	return a.panicked
}

// isRecord reports whether an error concerns one record, after which the
// source goes on.
func isRecord(err error) bool {
	for _, f := range fault.Of(err) {
		if _, ok := f.Args["record"]; ok {
			return true
		}
	}
	return false
}

// supersede makes room for later versions, received at a time.
func (tx *Tx) supersede(ids []int64, at time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	if _, err := tx.exec("UPDATE sessions SET current = false, superseded_at = $1 WHERE id "+tx.dialect.in("$2"), at, tx.dialect.list(ids)); err != nil {
		return fmt.Errorf("sessions: %w", err)
	}
	return tx.touchRecords("SELECT v.id FROM sessions v WHERE v.id "+tx.dialect.in("$1"), tx.dialect.list(ids))
}
