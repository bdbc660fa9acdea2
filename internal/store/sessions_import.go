package store

import (
	"context"
	"fmt"
	"iter"
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
	// KeepGoing takes the good records and leaves out the bad ones. What was
	// taken is kept batch by batch. Without it a file with one bad record is
	// refused whole.
	KeepGoing bool
	// Progress hears now and then how many records were read; it may be nil.
	Progress func(read int)
	// Rejected hears of each bad record; it may be nil.
	Rejected func(err error)
}

// ImportResult counts what became of the records.
type ImportResult struct {
	New       int `json:"new"`
	Unchanged int `json:"unchanged"`
	Corrected int `json:"corrected"` // became the next version of a session
	Rejected  int `json:"rejected"`
}

// ImportSessions takes sessions in from a source that streams them; memory is
// constant. A session is known by its source and external id (domain.md §3.4):
// the same content again is ignored, other content becomes the next version,
// which takes the place of the one before and has to be released anew.
//
// A reversed session (an OCPI credit CDR) becomes the next version of the
// session it names: the same charge with 0 kWh, worth nothing. One that names
// an unknown session is stored all the same. A reversal is final: whatever
// comes under that name afterwards, the original included, is ignored.
//
// An error of the source that has the argument record is one bad record; any
// other ends the import. Without KeepGoing everything is one transaction, and
// the first bad records come back as one fault.List. One import runs at a
// time; others wait.
func (s *Store) ImportSessions(ctx context.Context, who string, source iter.Seq2[sessions.Session, error], opts ImportOptions) (ImportResult, error) {
	run := &sessionImport{store: s, opts: opts}
	if opts.KeepGoing {
		err := run.read(source, func(batch []sessions.Session) error {
			var done sessionBatch
			again := false
			err := s.inTx(ctx, func(tx *Tx) (err error) {
				if again { // connectors of the first try were not kept
					run.connectors = nil
				}
				again = true
				done, err = run.write(tx, batch)
				return err
			})
			run.count(done, err)
			return err
		})
		if err == nil {
			err = s.inTx(ctx, func(tx *Tx) error { return tx.audit(run.entry(who)...) })
		}
		return run.result, err
	}
	// The source can be read once only, so this transaction is not tried again.
	err := s.tryTx(ctx, func(tx *Tx) error {
		err := run.read(source, func(batch []sessions.Session) error {
			done, err := run.write(tx, batch)
			run.count(done, err)
			return err
		})
		if err != nil {
			return err
		}
		return tx.audit(run.entry(who)...)
	})
	if err != nil {
		return ImportResult{Rejected: run.result.Rejected}, explain(err)
	}
	return run.result, nil
}

// sessionImport is one import on its way.
type sessionImport struct {
	store      *Store
	opts       ImportOptions
	result     ImportResult
	records    int
	connectors map[connectorName]int64
}

// entry is the audit entry of the whole import, where it changed anything.
func (i *sessionImport) entry(who string) []Entry {
	if i.result.New+i.result.Corrected == 0 {
		return nil
	}
	return []Entry{{Who: who, Action: "sessions.imported", Subject: i.opts.Name, After: string(jsonOf(i.result))}}
}

// read gathers batches from the source and hands them over. Once a record was
// rejected and the file is to be refused, nothing is handed over any more.
func (i *sessionImport) read(source iter.Seq2[sessions.Session, error], write func([]sessions.Session) error) error {
	batch := make([]sessions.Session, 0, importBatch)
	var rejected fault.List
	flush := func() error {
		if len(batch) == 0 || rejected != nil {
			return nil
		}
		err := write(batch)
		batch = batch[:0]
		if err == nil && i.opts.Progress != nil {
			i.opts.Progress(i.records)
		}
		return err
	}
	for session, err := range source {
		i.records++
		switch {
		case err != nil && !isRecord(err):
			if i.opts.KeepGoing {
				if err := flush(); err != nil {
					return err
				}
			}
			return err
		case err != nil:
			i.result.Rejected++
			if i.opts.Rejected != nil {
				i.opts.Rejected(err)
			}
			if i.opts.KeepGoing {
				continue
			}
			if rejected = append(rejected, fault.Of(err)...); len(rejected) >= mostRejected {
				return rejected
			}
		case rejected == nil:
			if batch = append(batch, session); len(batch) == importBatch {
				if err := flush(); err != nil {
					return err
				}
			}
		}
	}
	if rejected != nil {
		return rejected
	}
	return flush()
}

// isRecord tells whether an error concerns one record, after which the source
// goes on.
func isRecord(err error) bool {
	for _, f := range fault.Of(err) {
		if _, ok := f.Args["record"]; ok {
			return true
		}
	}
	return false
}

// count adds up a batch that was written.
func (i *sessionImport) count(done sessionBatch, err error) {
	if err != nil {
		i.connectors = nil // some were perhaps rolled back
		return
	}
	i.result.New += done.result.New
	i.result.Unchanged += done.result.Unchanged
	i.result.Corrected += done.result.Corrected
}

// sessionBatch is a batch while it is compared with what is stored.
type sessionBatch struct {
	result     ImportResult
	known      map[sessionName]*sessionRow // current rows, stored or to be
	superseded []int64                     // ids of stored rows
	rows       []*sessionRow               // to be written
}

// write stores a batch. It takes the lock of the ids of sessions first, so
// that what it looks up stays true until the end of the transaction.
func (i *sessionImport) write(tx *Tx, list []sessions.Session) (sessionBatch, error) {
	b := sessionBatch{}
	if err := tx.lockSessions(); err != nil {
		return b, err
	}
	if err := i.findConnectors(tx, list); err != nil {
		return b, err
	}
	var err error
	if b.known, err = tx.currentSessions(list); err != nil {
		return b, err
	}
	received := utc(i.store.now())
	for k := range list {
		b.take(&list[k], received, i.connectors[connectorNameOf(list[k].EVSEID, list[k].Connector)])
	}
	if len(b.rows) == 0 {
		return b, nil
	}
	first, err := tx.takeIDs("session", len(b.rows))
	if err != nil {
		return b, err
	}
	rows := make([]sessionRow, len(b.rows))
	for k, row := range b.rows {
		row.ID, row.ReceivedAt = first+int64(k), received
		rows[k] = *row
	}
	if err := tx.supersede(b.superseded, received); err != nil {
		return b, err
	}
	if _, err := tx.copyFrom("sessions", columnsOf[sessionRow](), &sessionRows{rows: rows}); err != nil {
		return b, err
	}
	return b, nil
}

// take compares one session with the current version of it.
func (b *sessionBatch) take(s *sessions.Session, received time.Time, connectorID int64) {
	if s.Status == "" {
		s.Status = sessions.Valid
	}
	row := sessionRowOf(s)
	row.ConnectorID, row.Version, row.Fingerprint = connectorID, 1, sessions.Fingerprint(s)
	name := sessionName{s.Source, s.ExternalID}
	earlier := b.known[name]
	if earlier != nil && (earlier.Reversed || earlier.Fingerprint == row.Fingerprint) {
		b.result.Unchanged++
		return
	}
	if row.Reversed {
		row.reverse(earlier)
	}
	if earlier == nil {
		b.result.New++
	} else {
		b.result.Corrected++
		row.Version = earlier.Version + 1
		earlier.Current, earlier.SupersededAt = false, &received
		if earlier.ID != 0 {
			b.superseded = append(b.superseded, earlier.ID)
		}
	}
	b.known[name] = &row
	b.rows = append(b.rows, &row)
}

// lockSessions keeps others from taking sessions in until the transaction
// ends. A run that takes its cut-off under this lock sees every session that
// was received before.
func (tx *Tx) lockSessions() error {
	_, err := tx.takeIDs("session", 0)
	return err
}

// supersede makes room for later versions, received at a time.
func (tx *Tx) supersede(ids []int64, at time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	if err := tx.db.Exec("UPDATE sessions SET current = false, superseded_at = ? WHERE id IN ?", utc(at), ids).Error; err != nil {
		return fmt.Errorf("sessions: %w", explain(err))
	}
	return nil
}
