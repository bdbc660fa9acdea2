package store

import (
	"context"
	"sync"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"creditrun/creditnotes"
	"creditrun/internal/process"
)

// seenEvery is how often a process that holds runs or works on jobs says that
// it lives. One that has not for leaseLasts is given up.
const seenEvery = 10 * time.Second

// peerRow is a row of processes.
type peerRow struct {
	ID          string    `gorm:"column:id"`
	Command     string    `gorm:"column:command"`
	Host        string    `gorm:"column:host"`
	Boot        string    `gorm:"column:boot"`
	Space       string    `gorm:"column:space"`
	PID         int       `gorm:"column:pid"`
	Started     string    `gorm:"column:started"`
	Application string    `gorm:"column:application"`
	BeganAt     time.Time `gorm:"column:began_at"`
	SeenAt      time.Time `gorm:"column:seen_at"`
}

// TableName implements schema.Tabler.
func (peerRow) TableName() string { return "processes" }

func (r peerRow) identity() process.Identity {
	return process.Identity{Command: r.Command, Host: r.Host, Boot: r.Boot, Space: r.Space, PID: r.PID, Started: r.Started}
}

// gone reports whether the process is known to have ended. A SQLite file belongs
// to one machine: what ran before its last start is gone.
func (r peerRow) gone(d dialect) bool {
	i := r.identity()
	return i.State() == process.Gone || d == sqliteDialect && i.BeforeRestart()
}

// silent reports whether the process has not said that it lives for as long as a
// lease lasts: it is gone, hangs, or cannot reach the database.
func (r peerRow) silent(now time.Time) bool { return r.SeenAt.Before(now.Add(-leaseLasts)) }

// databaseNow is the clock by which leases run out: that of the database, which
// is one for all machines. A SQLite file has the clock of its machine.
func (s *Store) databaseNow(db *gorm.DB) (now time.Time, err error) {
	switch {
	case s.leaseClock != nil:
		return utc(s.leaseClock()), nil
	case s.dialect == sqliteDialect:
		return utc(s.now()), nil
	}
	err = db.Raw("SELECT clock_timestamp()").Scan(&now).Error
	return utc(now), err
}

// register makes this process known in the transaction in which it takes
// something, and keeps it known until the store is closed.
func (s *Store) register(tx *Tx) error {
	now, err := s.databaseNow(tx.db)
	if err != nil {
		return err
	}
	i := s.identity
	beat := clause.OnConflict{Columns: []clause.Column{{Name: "id"}}, DoUpdates: clause.AssignmentColumns([]string{"seen_at"})}
	err = create(tx.db.Clauses(beat), peerRow{s.process, i.Command, i.Host, i.Boot, i.Space, i.PID, i.Started, s.application, now, now})
	if err == nil {
		err = inTable(tx.db.Where("seen_at < ?", now.Add(-24*time.Hour)).Delete(&peerRow{}))
	}
	if err == nil && s.leaseClock == nil { // a clock that is handed down stands still
		s.living.begin(s.beat)
	}
	return err
}

// seen is register in a transaction of its own.
func (s *Store) seen(ctx context.Context) error { return s.inTx(ctx, s.register) }

// Probe tries whether the database can be written to.
func (s *Store) Probe(ctx context.Context) error { return s.seen(ctx) }

// living is the heartbeat of a store.
type living struct {
	mu      sync.Mutex
	stop    context.CancelFunc
	stopped chan struct{}
}

// begin starts the heartbeat unless it beats.
func (l *living) begin(beat func(context.Context)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stop != nil {
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	l.stop, l.stopped = stop, make(chan struct{})
	go func() {
		defer close(l.stopped)
		beat(ctx)
	}()
}

// end stops the heartbeat and reports whether there was one.
func (l *living) end() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stop == nil {
		return false
	}
	l.stop()
	<-l.stopped
	l.stop = nil
	return true
}

// beat says that this process lives until the context ends. While the database
// does not answer it cannot say so, and says it again when it does.
func (s *Store) beat(ctx context.Context) {
	tick := time.NewTicker(seenEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			patient, done := context.WithTimeout(ctx, seenEvery)
			_ = s.seen(patient)
			done()
		}
	}
}

// leave takes this process off the list: what it should still hold is free.
func (s *Store) leave() {
	if !s.living.end() {
		return
	}
	ctx, done := context.WithTimeout(context.Background(), 2*time.Second)
	defer done()
	_ = s.inTx(ctx, func(tx *Tx) error {
		return inTable(tx.db.Where("id = ?", s.process).Delete(&peerRow{}))
	})
}

// peerByID finds a process that has made itself known, or nil.
func peerByID(db *gorm.DB, id string) (*peerRow, error) {
	return first[peerRow](db.Where("id = ?", id))
}

// holder says who works on a run, or nil: its lease has run out, its process is
// gone, or the lease reaches further than any lease lasts, because it was taken
// before the clock was set back.
func (s *Store) holder(db *gorm.DB, row runRow) (*creditnotes.Holder, error) {
	now, err := s.databaseNow(db)
	if err != nil {
		return nil, err
	}
	if row.LeaseUntil.Before(now) || row.LeaseUntil.After(now.Add(leaseLasts+leaseSlack)) {
		return nil, nil
	}
	h := &creditnotes.Holder{Until: row.LeaseUntil.UTC()}
	p, err := peerByID(db, row.LeaseToken)
	if err != nil || p == nil {
		return h, err
	}
	if p.gone(s.dialect) {
		return nil, nil
	}
	h.Who, h.Silent = p.identity().String(), p.SeenAt.Before(now.Add(-3*seenEvery)) && p.ID != s.process
	return h, nil
}

// endSessions ends the sessions of a process that hangs, so that it holds no
// lock and its unfinished transactions are rolled back. Where this role may not
// do that, the server does it when they are idle for long enough.
func (s *Store) endSessions(ctx context.Context, p *peerRow) {
	if s.dialect != postgresDialect || p == nil || p.Application == "" || p.ID == s.process || p.Application == s.application {
		return
	}
	ctx, done := context.WithTimeout(ctx, 5*time.Second)
	defer done()
	var ended int
	err := s.readSQL.QueryRowContext(ctx, `SELECT count(*) FROM pg_stat_activity a, pg_terminate_backend(a.pid)
		WHERE a.datname = current_database() AND a.application_name = $1 AND a.pid <> pg_backend_pid()`, p.Application).Scan(&ended)
	switch {
	case err != nil:
		s.log.Warn("sessions of a process that hangs could not be ended", "process", p.identity().String(), "err", err)
	case ended > 0:
		s.log.Warn("ended the sessions of a process that hangs", "process", p.identity().String(), "sessions", ended)
	}
}

// silentHolder finds the process that had a run until its lease ran out and has
// said nothing since, or nil.
func (s *Store) silentHolder(tx *Tx, row runRow) (*peerRow, error) {
	if row.LeaseToken == s.process {
		return nil, nil
	}
	p, err := peerByID(tx.db, row.LeaseToken)
	if err != nil || p == nil || p.gone(s.dialect) {
		return nil, err
	}
	now, err := s.databaseNow(tx.db)
	if err != nil || !p.silent(now) {
		return nil, err
	}
	return p, nil
}

// Wait is what a caller waits for: who holds it, and since when or until when;
// what is not known is empty.
type Wait struct {
	Who          string
	Since, Until time.Time
}

// waitingFor reports what is waited for to the caller, where it asked for that.
func (s *Store) waitingFor(w Wait) {
	if s.waiting != nil {
		s.waiting(w)
	}
}

// AbandonedRun is an unfinished run whose process is gone or hangs.
type AbandonedRun struct {
	Name string
	Was  string    // the process that had it
	Held time.Time // until when it holds the run, had it not ended; names the case
}

// Abandoned lists the unfinished runs whose process did not let go of them: it is
// gone, or has said nothing for as long as a lease lasts.
func (s *Store) Abandoned(ctx context.Context) ([]AbandonedRun, error) {
	rows, err := find[runRow](s.db(ctx).Where("stage IN ('drafting', 'released')").Order("id"))
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	now, err := s.databaseNow(s.db(ctx))
	if err != nil {
		return nil, err
	}
	var list []AbandonedRun
	for _, row := range rows {
		p, err := peerByID(s.db(ctx), row.LeaseToken)
		if err != nil {
			return nil, err
		}
		if p != nil && (p.gone(s.dialect) && !row.LeaseUntil.Before(now) || p.silent(now)) {
			list = append(list, AbandonedRun{row.Name, p.identity().String(), row.LeaseUntil})
		}
	}
	return list, nil
}
