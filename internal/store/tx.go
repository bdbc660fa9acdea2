package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Tx is one writing transaction. All its views (GORM, database/sql, pgx) are
// of the same transaction on the same connection. SQL may use $1, $2, … on
// both databases.
type Tx struct {
	ctx     context.Context
	dialect dialect
	db      *gorm.DB
	sql     *sql.Tx
	conn    *sql.Conn
	now     func() time.Time
	jobs    func() (*jobQueue, error)
	log     *slog.Logger
	after   []func()        // once it is committed
	touched map[string]bool // entities of whose accounts money may settle something now
}

// txTries is how often a transaction is tried in all when the database asks
// for it to be tried again.
const txTries = 8

// txKind is what a transaction needs of the database beyond the usual.
type txKind int

const (
	plain   txKind = iota
	durable        // it is on disk before it counts as done, on SQLite too
	long           // it takes as long as it takes: no limit to a statement
	patient        // it waits long for a lock
)

// inTx runs fn in one transaction and commits it, or rolls everything back
// when fn or the commit fails. When the database asks for another try
// (serialization failure, deadlock, busy file) fn runs again from the start,
// so fn must not change anything outside that it does not set anew. Nothing
// slow and nothing outside the database belongs into fn, and no other inTx:
// SQLite has one connection to write with.
func (s *Store) inTx(ctx context.Context, fn func(tx *Tx) error) error {
	return s.inTxOf(ctx, plain, fn)
}

// durably is inTx for what leaves the house: numbers, documents, mails. It is on
// disk when it returns, so that no power cut takes back what others have seen.
func (s *Store) durably(ctx context.Context, fn func(tx *Tx) error) error {
	return s.inTxOf(ctx, durable, fn)
}

// patiently is inTx for what may have to wait for a long import.
func (s *Store) patiently(ctx context.Context, fn func(tx *Tx) error) error {
	return s.inTxOf(ctx, patient, fn)
}

func (s *Store) inTxOf(ctx context.Context, kind txKind, fn func(tx *Tx) error) error {
	for try := 1; ; try++ {
		err := s.tryTx(ctx, kind, fn)
		if err == nil || try == txTries || !again(err) {
			return givenUp(err)
		}
		if err := pause(ctx, try); err != nil {
			return err
		}
	}
}

// pause waits a little before another try, longer each time and never twice
// the same.
func pause(ctx context.Context, try int) error {
	wait := time.Duration(rand.Int64N(int64(10*time.Millisecond) << try))
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(wait):
		return nil
	}
}

// tryTx is inTx without another try.
func (s *Store) tryTx(ctx context.Context, kind txKind, fn func(tx *Tx) error) (err error) {
	conn, err := s.writeSQL.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connection: %w", err)
	}
	defer func() {
		if closing := conn.Close(); err == nil && !errors.Is(closing, driver.ErrBadConn) {
			err = closing
		}
	}()
	begun, end, err := s.begin(ctx, conn, kind)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { err = end(err) }()
	done := false
	defer func() {
		if !done { // fn failed or panicked
			_ = begun.Rollback()
		}
	}()
	tx := &Tx{ctx: ctx, dialect: s.dialect, db: onConnection(ctx, s.write, begun), sql: begun, conn: conn, now: s.now, jobs: s.jobQueue, log: s.log}
	if err := fn(tx); err != nil {
		return err
	}
	if err := tx.absorbTouched(); err != nil {
		return err
	}
	done = true
	if err := begun.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	for _, then := range tx.after {
		then()
	}
	return nil
}

// begin begins a transaction with what its kind needs. end must be called after
// it, with the error it ended with.
func (s *Store) begin(ctx context.Context, conn *sql.Conn, kind txKind) (*sql.Tx, func(error) error, error) {
	if s.dialect == sqliteDialect {
		return s.beginSQLite(ctx, conn, kind)
	}
	return s.beginPostgres(ctx, conn, kind)
}

// view is one unchanging view of the database: of SQL and of GORM.
type view struct {
	querier
	db *gorm.DB
}

// snapshot runs fn on one unchanging view of the database, for reading only.
func (s *Store) snapshot(ctx context.Context, fn func(v view) error) error {
	options := &sql.TxOptions{ReadOnly: true}
	if s.dialect == postgresDialect {
		options.Isolation = sql.LevelRepeatableRead
	}
	tx, err := s.readSQL.BeginTx(ctx, options)
	if err != nil {
		return translateError(err)
	}
	defer func() { _ = tx.Rollback() }()
	if s.dialect == postgresDialect { // it locks nothing, and may think for long
		if _, err := tx.ExecContext(ctx, "SELECT set_config('idle_in_transaction_session_timeout', '0', true)"); err != nil {
			return translateError(err)
		}
	}
	return translateError(fn(view{tx, onConnection(ctx, s.read, tx)}))
}

// looking runs what is written for a transaction on one unchanging view of the
// database. It does not wait for writers, and what fn would write fails.
func (s *Store) looking(ctx context.Context, fn func(tx *Tx) error) error {
	return s.snapshot(ctx, func(v view) error {
		return fn(&Tx{ctx: ctx, dialect: s.dialect, db: v.db, sql: v.querier.(*sql.Tx), now: s.now, log: s.log})
	})
}

// querier is what reads: a pool, a connection or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// forUpdate begins a query whose rows no other transaction changes until this
// one ends. It locks what an UPDATE would, and lets others add rows that refer to
// them. On SQLite a transaction that writes is alone anyway.
func (tx *Tx) forUpdate() *gorm.DB { return tx.db.Clauses(clause.Locking{Strength: "NO KEY UPDATE"}) }

// exec runs one statement and returns how many rows it touched. Times among
// the arguments are made UTC.
func (tx *Tx) exec(query string, args ...any) (int64, error) {
	result, err := tx.sql.ExecContext(tx.ctx, query, utcArgs(args)...)
	if err != nil {
		return 0, translateError(err)
	}
	n, err := result.RowsAffected()
	return n, translateError(err)
}

// scanRow reads one row; sql.ErrNoRows when there is none.
func (tx *Tx) scanRow(query string, args []any, into ...any) error {
	return translateError(tx.sql.QueryRowContext(tx.ctx, query, utcArgs(args)...).Scan(into...))
}

// each reads the rows of a query one by one; fields points at the columns of
// one. After an error there are no more.
func each[T any](ctx context.Context, q querier, fields func(*T) []any, query string, args ...any) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		rows, err := q.QueryContext(ctx, query, utcArgs(args)...)
		if err != nil {
			yield(none, translateError(err))
			return
		}
		defer rows.Close()
		for rows.Next() {
			var one T
			if err := rows.Scan(fields(&one)...); err != nil {
				yield(none, translateError(err))
				return
			}
			if !yield(one, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(none, translateError(err))
		}
	}
}

// collect reads all rows of a query, as each does.
func collect[T any](ctx context.Context, q querier, fields func(*T) []any, query string, args ...any) (all []T, err error) {
	for one, err := range each(ctx, q, fields, query, args...) {
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// column reads the only column of a query.
func column[T any](ctx context.Context, q querier, query string, args ...any) ([]T, error) {
	return collect(ctx, q, func(value *T) []any { return []any{value} }, query, args...)
}

// utcArgs makes every time among the arguments UTC in microseconds, so that no
// bound is compared as text with another offset.
func utcArgs(args []any) []any {
	for i, arg := range args {
		switch t := arg.(type) {
		case time.Time:
			args[i] = utc(t)
		case *time.Time:
			if t != nil {
				args[i] = utc(*t)
			} else {
				args[i] = nil
			}
		}
	}
	return args
}

// copyFrom writes many rows at once inside the transaction and returns how
// many: with COPY on PostgreSQL, with INSERTs of many rows on SQLite. Times
// are made UTC.
func (tx *Tx) copyFrom(table string, columns []string, source pgx.CopyFromSource) (n int64, err error) {
	source = utcSource{source}
	if tx.dialect == sqliteDialect {
		n, err = tx.insertFrom(table, columns, source)
	} else {
		err = tx.conn.Raw(func(raw any) error {
			n, err = raw.(*stdlib.Conn).Conn().CopyFrom(tx.ctx, pgx.Identifier{table}, columns, source)
			return err
		})
	}
	if err != nil {
		return 0, fmt.Errorf("%s: %w", table, translateError(err))
	}
	return n, nil
}

// utcSource makes the times of its rows UTC.
type utcSource struct{ pgx.CopyFromSource }

// Values implements pgx.CopyFromSource.
func (s utcSource) Values() ([]any, error) {
	values, err := s.CopyFromSource.Values()
	return utcArgs(values), err
}
