// Package store keeps what creditrun knows in SQLite or PostgreSQL: the
// configuration, the sessions, runs, credit notes, their files and mailings,
// and the audit log. It knows tables and transactions and no rules of the
// trade beyond those the schema enforces.
//
// Two traps are closed here for all callers: all times are UTC in microseconds,
// in every row and every bound, and all writing goes through inTx, which
// retries what the database asks to be tried again.
package store

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"database/sql"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"creditrun/internal/fault"
	"creditrun/internal/process"
)

// Options are what a store gets handed down.
type Options struct {
	Now func() time.Time // the clock; required
	Log *slog.Logger     // nil: silent
	// SupportsLanguage reports whether documents can be written in a language;
	// nil: in any.
	SupportsLanguage func(language string) bool
	// RefusesWebhook reports whether events are never posted to the host of a
	// URL; nil: to any they may be.
	RefusesWebhook func(host string) bool
	// Command names what this process does to others that wait for it, such as
	// "creditrun run".
	Command string
	// LeaseClock is the clock by which leases run out; nil: that of the database.
	LeaseClock func() time.Time
	// Waiting, if set, hears what is waited for, again and again while it is.
	Waiting func(Wait)
	// ProofKey signs the heads of runs; nil: runs have none.
	ProofKey ed25519.PrivateKey
	// Unhurried sets no limits to statements: for changes of the schema.
	Unhurried bool
	// ReadOnly opens a database that may not be written to; nothing of it is
	// changed, whatever is called.
	ReadOnly bool
}

// Store is one database. It is safe for concurrent use. On SQLite there is one
// connection that writes and several that read; on PostgreSQL both are the
// same pool.
type Store struct {
	dialect  dialect
	write    *gorm.DB
	read     *gorm.DB
	writeSQL *sql.DB
	readSQL  *sql.DB
	now      func() time.Time
	log      *slog.Logger
	process  string // names this process in the leases it takes
	living   living // its heartbeat
	working  working
	writer   writerRecord // on SQLite, who writes

	identity    process.Identity
	application string // its name on PostgreSQL
	leaseClock  func() time.Time
	waiting     func(Wait)
	unhurried   bool
	readOnly    bool
	busyTries   int // on SQLite, how often a busy file is tried
	rescueEvery time.Duration
	languages   func(string) bool
	proofKey    ed25519.PrivateKey
	refuses     func(host string) bool // for webhooks

	detailsRead int // how many sessions of a note are read at once
	answersRead int // how many entries of a bank are decided at once
	candidates  int // how many sessions are worth being sorted
	zeroes      zeroCache
	hooksDown   sync.Map // ids of the webhooks that accept no events at the moment
}

// dialect tells the databases apart.
type dialect string

const (
	postgresDialect dialect = "postgres"
	sqliteDialect   dialect = "sqlite"
)

// Open connects to the database of a URL: sqlite:PATH, which creates the file
// where there is none, or postgres://…. It does not look at the schema. What
// is wrong with the URL, the file or the server comes back as a fault.
func Open(ctx context.Context, url string, opts Options) (*Store, error) {
	s := &Store{now: opts.Now, log: opts.Log, languages: opts.SupportsLanguage, refuses: opts.RefusesWebhook, process: rand.Text(), detailsRead: detailsRead, candidates: mostCandidates, answersRead: answersRead,
		leaseClock: opts.LeaseClock, waiting: opts.Waiting, unhurried: opts.Unhurried, readOnly: opts.ReadOnly, busyTries: busyTries, rescueEvery: rescueEvery, proofKey: opts.ProofKey,
		identity: process.Self(cmp.Or(opts.Command, "creditrun"))}
	if s.refuses == nil {
		s.refuses = func(string) bool { return false }
	}
	if s.now == nil {
		return nil, errors.New("store: no clock given")
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	path, isSQLite := strings.CutPrefix(url, "sqlite:")
	var err error
	switch {
	case isSQLite && path != "":
		err = s.openSQLite(ctx, path)
	case strings.HasPrefix(url, "postgres://"), strings.HasPrefix(url, "postgresql://"):
		err = s.openPostgres(ctx, url)
	default:
		return nil, fault.New(fault.Usage, "database_url", fault.Args{"url": withoutPassword(url)})
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close gives all connections back.
func (s *Store) Close() error {
	s.leave()
	s.writer.close()
	var errs []error
	for _, db := range []*sql.DB{s.readSQL, s.writeSQL} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// Ping asks the database for a sign of life.
func (s *Store) Ping(ctx context.Context) error {
	var one int
	return translateError(s.readSQL.QueryRowContext(ctx, "SELECT 1").Scan(&one))
}

// IsSQLite reports whether the database is a file of this machine, whose schema
// every command keeps up to date by itself.
func (s *Store) IsSQLite() bool { return s.dialect == sqliteDialect }

// gormConfig is what both databases have in common. The clock is there for
// GORM's own use only: no row has a column that GORM fills in.
func (s *Store) gormConfig() *gorm.Config {
	return &gorm.Config{
		TranslateError:         true,
		SkipDefaultTransaction: true,
		DisableAutomaticPing:   true,
		QueryFields:            true, // a column that is missing is an error, not a zero
		Logger:                 gormLogger(s.log),
		NowFunc:                func() time.Time { return utc(s.now()) },
	}
}

func gormLogger(log *slog.Logger) logger.Interface {
	if !log.Enabled(context.Background(), slog.LevelDebug) {
		return logger.Discard
	}
	return logger.NewSlogLogger(log, logger.Config{
		LogLevel: logger.Info, IgnoreRecordNotFoundError: true, ParameterizedQueries: true,
	})
}

// utc is how a time is stored and compared: in UTC, in microseconds.
func utc(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// utcOrNull is utc for a column in which the zero time is NULL.
func utcOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = utc(t)
	return &t
}

// orZero reads a column that may be NULL.
func orZero[T any](v *T) T {
	if v == nil {
		var zero T
		return zero
	}
	return *v
}

// orNull writes the zero value as NULL.
func orNull[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// withoutPassword makes a database URL fit for a message.
func withoutPassword(url string) string {
	scheme, rest, ok := strings.Cut(url, "://")
	if !ok {
		return url
	}
	if at := strings.LastIndex(rest, "@"); at >= 0 {
		user, _, _ := strings.Cut(rest[:at], ":")
		rest = user + rest[at:]
	}
	return scheme + "://" + rest
}
