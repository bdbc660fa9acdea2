package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"creditrun/creditnotes"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
)

// shardCursor is a cursor of one statement.
type shardCursor interface {
	creditnotes.SessionCursor
	source() string
}

// gatheredSession is a session that was read ahead.
type gatheredSession struct {
	sessions.Session
	open bool
}

// mergedSessions is a stream of sessions with few others between them, in the
// order of sessions.ByStart.
type mergedSessions struct {
	stream shardCursor
	beside []gatheredSession
	// What the stream stands at, and whether it has been handed out.
	streams, ahead bool
	last           *gatheredSession // handed out of beside; nil: of the stream
}

// Next implements creditnotes.SessionCursor.
func (c *mergedSessions) Next() bool {
	if !c.ahead {
		c.streams, c.ahead = c.stream.Next(), true
		if !c.streams && c.stream.Err() != nil {
			return false
		}
	}
	if len(c.beside) > 0 && (!c.streams || c.besideFirst()) {
		c.last, c.beside = &c.beside[0], c.beside[1:]
		return true
	}
	c.last, c.ahead = nil, false
	return c.streams
}

// besideFirst compares what is next on both sides; names are only looked at
// where they decide.
func (c *mergedSessions) besideFirst() bool {
	few, next := &c.beside[0], c.stream.Session()
	order := cmp.Or(cmp.Compare(few.ConnectorID, next.ConnectorID), few.Start.Compare(next.Start))
	if order == 0 {
		order = cmp.Or(strings.Compare(few.ExternalID, c.stream.Name()), strings.Compare(few.Source, c.stream.source()))
	}
	return order < 0
}

// Session implements creditnotes.SessionCursor.
func (c *mergedSessions) Session() *sessions.Session {
	if c.last != nil {
		return &c.last.Session
	}
	return c.stream.Session()
}

// Name implements creditnotes.SessionCursor.
func (c *mergedSessions) Name() string {
	if c.last != nil {
		return c.last.ExternalID
	}
	return c.stream.Name()
}

// Open implements creditnotes.SessionCursor.
func (c *mergedSessions) Open() bool {
	if c.last != nil {
		return c.last.open
	}
	return c.stream.Open()
}

// Err implements creditnotes.SessionCursor.
func (c *mergedSessions) Err() error { return c.stream.Err() }

// Close implements creditnotes.SessionCursor.
func (c *mergedSessions) Close() error { return c.stream.Close() }

// sqliteSessions is the cursor on SQLite.
type sqliteSessions struct {
	rows        *sql.Rows
	one         sessions.Session
	start, stop sql.NullInt64 // of the meter
	amount, fee sql.NullInt64 // of the driver
	collected   sqliteInstant
	signed      signedColumns
	energy      sql.NullInt64 // that was signed
	open        bool
	err         error
}

// sqliteInstant is a moment that SQLite has worked out, or none: such a column
// has no type, and its text comes back.
type sqliteInstant struct{ time.Time }

// sqliteInstantLayout is how the driver writes moments.
const sqliteInstantLayout = "2006-01-02 15:04:05.999999999-07:00"

// Scan implements sql.Scanner.
func (t *sqliteInstant) Scan(v any) (err error) {
	switch v := v.(type) {
	case nil:
		t.Time = time.Time{}
	case time.Time:
		t.Time = v
	case string:
		t.Time, err = time.Parse(sqliteInstantLayout, v)
		t.Time = t.Time.UTC()
	default:
		err = fmt.Errorf("moment expected, not %T", v)
	}
	return err
}

// Next implements creditnotes.SessionCursor.
func (c *sqliteSessions) Next() bool {
	if c.err != nil || !c.rows.Next() {
		return false
	}
	s := &c.one
	c.err = c.rows.Scan(&s.ID, &s.Version, &s.ConnectorID, &s.Class, &s.MediumUID, &s.Partner, &s.Start, &s.End, &s.ReceivedAt,
		&s.Duration, &s.Energy, &c.start, &c.stop, &s.Status, &s.Reversed, &s.Released, &s.IDReused, &c.signed.signature, &c.energy, &c.open, &s.ExternalID, &s.Source,
		&c.amount, &c.fee, &s.Currency, &c.collected)
	s.DriverAmount, s.DriverFee = micros(c.amount.Valid, &c.amount.Int64), micros(c.fee.Valid, &c.fee.Int64)
	s.CollectedAt = c.collected.Time
	s.Signed = c.signed.signed(c.energy.Valid, &c.energy.Int64)
	s.MeterStart, s.MeterStop = quantity(c.start.Valid, &c.start.Int64), quantity(c.stop.Valid, &c.stop.Int64)
	return c.err == nil
}

// signedColumns are what a cursor reads of signed meter data. It uses the space of
// one again and again: most sessions have none.
type signedColumns struct {
	signature int64
	one       sessions.Signed
}

func (c *signedColumns) signed(valid bool, energy *int64) *sessions.Signed {
	if c.signature == 0 {
		return nil
	}
	c.one.Verdict, c.one.Energy = verdicts[c.signature], quantity(valid, energy)
	return &c.one
}

// quantity is a meter value where there is one.
func quantity(valid bool, value *int64) *money.Quantity {
	if !valid {
		return nil
	}
	return (*money.Quantity)(value)
}

// micros is an amount where there is one.
func micros(valid bool, value *int64) *money.Micros {
	if !valid {
		return nil
	}
	return (*money.Micros)(value)
}

// Session implements creditnotes.SessionCursor.
func (c *sqliteSessions) Session() *sessions.Session { return &c.one }

// Name implements creditnotes.SessionCursor.
func (c *sqliteSessions) Name() string { return c.one.ExternalID }

func (c *sqliteSessions) source() string { return c.one.Source }

// Open implements creditnotes.SessionCursor.
func (c *sqliteSessions) Open() bool { return c.open }

// Err implements creditnotes.SessionCursor.
func (c *sqliteSessions) Err() error {
	if c.err != nil {
		return translateError(c.err)
	}
	return translateError(c.rows.Err())
}

// Close implements creditnotes.SessionCursor.
func (c *sqliteSessions) Close() error { return c.rows.Close() }

// postgresSessions is the cursor on PostgreSQL: pgx without database/sql in
// between, and without a new string for every class and status.
type postgresSessions struct {
	conn                   *sql.Conn
	pgx                    *pgx.Conn
	rows                   pgx.Rows
	one                    sessions.Session
	class, medium, partner pgtype.DriverBytes
	status, name, from     pgtype.DriverBytes
	start, stop            pgtype.Int8 // of the meter
	amount, fee            pgtype.Int8 // of the driver
	currency               pgtype.DriverBytes
	collected              pgtype.Timestamptz
	signed                 signedColumns
	energy                 pgtype.Int8 // that was signed
	into                   []any
	open                   bool
	err                    error
}

func newPostgresSessions(conn *sql.Conn) *postgresSessions {
	c := &postgresSessions{conn: conn}
	o := &c.one
	c.into = []any{&o.ID, &o.Version, &o.ConnectorID, &c.class, &c.medium, &c.partner, &o.Start, &o.End, &o.ReceivedAt,
		&o.Duration, (*int64)(&o.Energy), &c.start, &c.stop, &c.status, &o.Reversed, &o.Released, &o.IDReused, &c.signed.signature, &c.energy, &c.open, &c.name, &c.from,
		&c.amount, &c.fee, &c.currency, &c.collected}
	return c
}

// Next implements creditnotes.SessionCursor.
func (c *postgresSessions) Next() bool {
	if c.err != nil || !c.rows.Next() {
		return false
	}
	if c.err = c.rows.Scan(c.into...); c.err != nil {
		return false
	}
	c.one.Class = known(c.class, sessions.Internal, sessions.Bilateral, sessions.Community)
	c.one.Status = known(c.status, sessions.Valid, sessions.Invalid)
	c.one.MediumUID = string(c.medium)
	c.one.Partner = known(c.partner, c.one.Partner)
	c.one.MeterStart, c.one.MeterStop = quantity(c.start.Valid, &c.start.Int64), quantity(c.stop.Valid, &c.stop.Int64)
	c.one.DriverAmount, c.one.DriverFee = micros(c.amount.Valid, &c.amount.Int64), micros(c.fee.Valid, &c.fee.Int64)
	c.one.Signed = c.signed.signed(c.energy.Valid, &c.energy.Int64)
	c.one.Currency, c.one.CollectedAt = known(c.currency, c.one.Currency), c.collected.Time
	return true
}

// known turns text into the word it is, without making a new string for the
// words it knows.
func known[T ~string](text []byte, words ...T) T {
	for _, word := range words {
		if string(text) == string(word) {
			return word
		}
	}
	return T(text)
}

// Session implements creditnotes.SessionCursor.
func (c *postgresSessions) Session() *sessions.Session { return &c.one }

// Name implements creditnotes.SessionCursor.
func (c *postgresSessions) Name() string { return string(c.name) }

func (c *postgresSessions) source() string { return string(c.from) }

// Open implements creditnotes.SessionCursor.
func (c *postgresSessions) Open() bool { return c.open }

// Err implements creditnotes.SessionCursor.
func (c *postgresSessions) Err() error {
	if c.err != nil {
		return translateError(c.err)
	}
	return translateError(c.rows.Err())
}

// Close implements creditnotes.SessionCursor.
func (c *postgresSessions) Close() error {
	if c.rows != nil {
		c.rows.Close()
	}
	_, err := c.pgx.Exec(context.Background(), "ROLLBACK")
	return errors.Join(err, c.conn.Close())
}
