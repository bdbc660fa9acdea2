package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/stdlib"

	"creditrun/creditnotes"
)

// A shard reads sessions in two parts. The stream are the sessions that begin
// around or after the instant since which anything may be open: nearly all of
// a usual month, in the order of an index. The few beside it are what waits from
// earlier, what is longer than a day, and what these may overlap. Nothing else
// is read, however many sessions there are (docs/decisions/0058).

// knownAt is the version of a session that counts at a cut-off: received until
// then and not replaced until then. $2 is the cut-off.
const knownAt = `s.received_at <= $2 AND (s.superseded_at IS NULL OR s.superseded_at > $2)`

// settled says that a session has its outcome already. It is a scalar query and
// not EXISTS, so that no planner takes it for a join with all lines there are.
const settled = `((SELECT 1 FROM lines l WHERE l.session_id = s.id AND l.live AND l.kind <> 'reversal') IS NOT NULL OR ` + settledAlike + `)`

// settledAlike holds where an earlier version of the session s was credited by
// a settlement that did not use the driver amount, and nothing else changed
// since then: the new version corrects nothing (settlement.md §2.3).
const settledAlike = `s.same_as IS NOT NULL AND (SELECT max(v.id) FROM sessions v
		WHERE v.source = s.source AND v.external_id = s.external_id AND NOT v.current AND v.version < s.version
			AND (v.id = s.same_as OR v.same_as = s.same_as)
			AND (SELECT 1 FROM lines l WHERE l.session_id = v.id AND l.live AND l.kind <> 'reversal' AND l.kind = 'credit' AND l.driver_amount IS NULL) IS NOT NULL
	) IS NOT NULL`

// Where no contract asks for drivers, the medium is only wanted where the source
// states no class.
const (
	withoutDrivers = "CASE WHEN s.class = '' THEN s.medium_uid ELSE '' END"
	withDrivers    = "s.medium_uid"
	noDriver       = ", NULL, NULL, '', NULL"
	ofDriver       = ", s.driver_amount, s.driver_fee, s.currency, CASE WHEN s.collection_known_at <= $2 THEN s.collected_at END"
)

// usual is how long a session lasts at most that is not in the index
// sessions_long, with an hour to spare.
const usual = 25 * time.Hour

// long says of which sessions the index sessions_long is: those that last
// longer than a day, or end before they start. It is the condition of the index.
func (d dialect) long(alias string) string {
	lasts := "%[1]s.ended_at - %[1]s.started_at > interval '1 day'"
	if d == sqliteDialect {
		lasts = "julianday(%[1]s.ended_at) - julianday(%[1]s.started_at) > 1"
	}
	return fmt.Sprintf("(%[1]s.ended_at < %[1]s.started_at OR "+lasts+")", alias)
}

// usualBefore is an instant that lies as long before another one as a session
// usually lasts at most.
func (d dialect) usualBefore(at string) string {
	if d == postgresDialect {
		return at + " - interval '25 hours'"
	}
	return "datetime(" + at + ", '-25 hours')" // compares as text with whole times
}

// openSessions reads the sessions of a table or subquery. $2 is the cut-off, $3
// the end of the month, $4 the instant after which an end lies in the future.
const openSessions = `
	SELECT s.id, s.version, s.connector_id, s.class, %s, s.partner,
		s.started_at, s.ended_at, s.received_at, s.duration_s, s.energy, s.meter_start, s.meter_stop, s.status, s.reversed, s.released, s.id_reused,
		s.signature, s.signed_energy, (s.ended_at < $3 OR s.ended_at > $4 AND NOT s.released AND NOT s.reversed) AND %s, s.external_id, s.source%s
	FROM %s
	WHERE %s
	ORDER BY s.connector_id, s.started_at, %s, %s`

// shardQuery is a query for the sessions of a shard made ready for SQL.
type shardQuery struct {
	dialect dialect
	all     bool
	drivers bool
	args    []any // $1 connectors, $2 cut-off, $3 end, $4 future, $5 begin of the stream, $6 since, $7 waiting, $8 future less what is usual
}

func (d dialect) shardQuery(q creditnotes.SessionQuery) shardQuery {
	since, future := q.Since, q.Future
	if q.All {
		since = q.From
	}
	if future.IsZero() {
		future = endOfTime
	}
	before := func(t time.Time, d time.Duration) time.Time {
		if t.IsZero() {
			return t
		}
		return utc(t.Add(-d))
	}
	// A session that ends after since begins after since less what is usual;
	// what it overlaps begins no earlier than that once more.
	return shardQuery{d, q.All, q.Drivers, []any{
		d.list(q.Connectors), utc(q.Cutoff), utc(q.Until), utc(future), before(since, 2*usual), before(since, usual), d.list(q.Waiting), before(future, usual), utc(q.From),
	}}
}

// endOfTime is after all sessions.
var endOfTime = time.Date(9000, 1, 1, 0, 0, 0, 0, time.UTC)

// open says which sessions wait for an outcome, beside when they end.
func (q shardQuery) open(from string) string {
	if q.all {
		return "s.ended_at >= " + from
	}
	return "NOT " + settled
}

// statement is a statement with its arguments.
type statement struct {
	text string
	args []any
}

func (q shardQuery) statement(args []any, open, from, where string) statement {
	medium, driver := withoutDrivers, noDriver
	if q.drivers {
		medium, driver = withDrivers, ofDriver
	}
	text := fmt.Sprintf(openSessions, medium, open, driver, from, where, q.dialect.bytewise("s.external_id"), q.dialect.bytewise("s.source"))
	return statement{text, args}
}

// stream reads the sessions of usual length that begin after the stream does.
func (q shardQuery) stream() statement {
	args := q.args[:5]
	if q.all {
		args = append(args[:5:5], q.args[8])
	}
	return q.statement(args, q.open("$6"), "sessions s", "s.connector_id "+q.dialect.in("$1")+" AND "+knownAt+
		" AND s.started_at >= $5 AND s.started_at < $3 AND NOT "+q.dialect.long("s"))
}

// beside reads the rest: what waits, what is long, what ends in the future, and
// what these may overlap.
func (q shardQuery) beside() statement {
	args := q.args[:8]
	if q.all {
		args = q.args
	}
	d := q.dialect
	const named = "SELECT s.id, s.connector_id, s.started_at FROM sessions s WHERE "
	earlier := "SELECT e.id FROM picked w " + d.then() + " sessions e ON e.connector_id = w.connector_id AND e.started_at <= w.started_at AND e.ended_at > w.started_at AND "
	from := `(WITH picked AS (
			` + named + `s.id ` + d.in("$7") + `
			UNION ` + named + `s.connector_id ` + d.in("$1") + ` AND ` + d.long("s") + ` AND s.ended_at >= $6 AND (s.started_at < $3 OR s.ended_at < $3 OR s.ended_at > $4)
			UNION ` + named + `s.connector_id ` + d.in("$1") + ` AND s.started_at >= $8 AND s.ended_at > $4
		)
		SELECT id FROM picked
		UNION ` + earlier + `e.started_at >= ` + d.usualBefore("w.started_at") + ` AND NOT ` + d.long("e") + `
		UNION ` + earlier + d.long("e") + `) near ` + d.then() + ` sessions s ON s.id = near.id`
	return q.statement(args, q.open("$9"), from, knownAt+" AND NOT (s.started_at >= $5 AND s.started_at < $3 AND NOT "+d.long("s")+")")
}

// OpenSessions implements creditnotes.DraftStore. It reads on a connection of
// its own, beside the transaction that writes.
func (s *Store) OpenSessions(ctx context.Context, q creditnotes.SessionQuery) (creditnotes.SessionCursor, error) {
	ask := s.openOnSQLite
	if s.dialect == postgresDialect {
		ask = s.openOnPostgres
	}
	cursor, err := ask(ctx, s.dialect.shardQuery(q))
	if err != nil {
		return nil, fmt.Errorf("open sessions: %w", translateError(err))
	}
	return cursor, nil
}

func (s *Store) openOnSQLite(ctx context.Context, q shardQuery) (creditnotes.SessionCursor, error) {
	ask := func(query statement) (*sqliteSessions, error) {
		rows, err := s.readSQL.QueryContext(ctx, query.text, query.args...)
		return &sqliteSessions{rows: rows}, err
	}
	few, err := ask(q.beside())
	if err != nil {
		return nil, err
	}
	beside, err := gathered(few)
	if err = errors.Join(err, few.Close()); err != nil {
		return nil, err
	}
	stream, err := ask(q.stream())
	if err != nil {
		return nil, err
	}
	return &mergedSessions{stream: stream, beside: beside}, nil
}

// byIndex begins the transaction in which a shard is read. Whatever the
// statistics of a growing table make a planner believe, looking up 50,000
// lines by index is right and reading all of them for each session is not, and
// joins are of few sessions with their neighbors. Sessions come in the order of
// their index, so the first can be priced before the last is read; the shards
// are parallel already.
const byIndex = `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
	SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off;
	SET LOCAL max_parallel_workers_per_gather = 0`

// openOnPostgres asks on a connection taken out of the pool until the cursor is
// closed.
func (s *Store) openOnPostgres(ctx context.Context, q shardQuery) (creditnotes.SessionCursor, error) {
	conn, err := s.readSQL.Conn(ctx)
	if err != nil {
		return nil, err
	}
	c := newPostgresSessions(conn)
	merged := &mergedSessions{stream: c}
	err = conn.Raw(func(raw any) error {
		c.pgx = raw.(*stdlib.Conn).Conn()
		if _, err := c.pgx.PgConn().Exec(ctx, byIndex).ReadAll(); err != nil {
			return err
		}
		if err := c.ask(ctx, q.beside()); err != nil {
			return err
		}
		merged.beside, err = gathered(c)
		c.rows.Close()
		if err != nil {
			return err
		}
		return c.ask(ctx, q.stream())
	})
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return merged, nil
}

func (c *postgresSessions) ask(ctx context.Context, query statement) (err error) {
	c.rows, err = c.pgx.Query(ctx, query.text, query.args...)
	return err
}

// gathered reads a cursor to its end.
func gathered(c shardCursor) (list []gatheredSession, err error) {
	for c.Next() {
		one := gatheredSession{Session: *c.Session(), open: c.Open()}
		one.ExternalID, one.Source = c.Name(), c.source()
		one.MeterStart, one.MeterStop = cloned(one.MeterStart), cloned(one.MeterStop)
		one.DriverAmount, one.DriverFee = cloned(one.DriverAmount), cloned(one.DriverFee)
		if one.Signed = cloned(one.Signed); one.Signed != nil {
			one.Signed.Energy = cloned(one.Signed.Energy)
		}
		list = append(list, one)
	}
	return list, c.Err()
}

func cloned[T any](value *T) *T {
	if value == nil {
		return nil
	}
	return new(*value)
}

// Waiting implements creditnotes.DraftStore.
func (s *Store) Waiting(ctx context.Context, cutoff, until time.Time) (w creditnotes.Waiting, err error) {
	err = s.snapshot(ctx, func(q view) error {
		base, err := lastSettled(ctx, q, cutoff)
		if err != nil || base == nil {
			return err
		}
		w.Since = base.until
		if until.Before(w.Since) {
			w.Since = until
		}
		if err := s.readByIndex(ctx, q); err != nil {
			return err
		}
		type place struct{ connector, id int64 }
		rows, err := collect(ctx, q, func(p *place) []any { return []any{&p.connector, &p.id} },
			"SELECT s.connector_id, s.id"+waiting+" AND NOT "+settled, utc(w.Since), utc(cutoff), base.run, base.below)
		w.ByConnector = make(map[int64][]int64, len(rows))
		for _, row := range rows {
			w.ByConnector[row.connector] = append(w.ByConnector[row.connector], row.id)
		}
		return err
	})
	if err != nil {
		return w, fmt.Errorf("waiting sessions: %w", translateError(err))
	}
	return w, nil
}

// waiting reads the sessions that may wait from before an instant $1, until
// which a run $3 has settled all that has an id below $4: what it held, what
// came later, and what a cancellation undid. $2 is the cut-off.
const waiting = ` FROM (
		SELECT session_id AS id FROM run_holds WHERE run_id = $3
		UNION SELECT session_id FROM lines WHERE NOT live
		UNION SELECT id FROM sessions WHERE id >= $4 AND ended_at < $1
	) AS few JOIN sessions s ON s.id = few.id
	WHERE ` + knownAt + ` AND s.ended_at < $1`

// settledRun is a run that gave everything its outcome that was received until its
// cut-off and ends before an instant.
type settledRun struct {
	run, below int64 // sessions from below on came later
	until      time.Time
}

// lastSettled returns the run that has settled most of what was received until
// a cut-off; nil: no one has.
func lastSettled(ctx context.Context, q querier, cutoff time.Time) (*settledRun, error) {
	var base settledRun
	err := q.QueryRowContext(ctx, `SELECT id, settled_below, settled_until FROM runs
		WHERE settled_until IS NOT NULL AND stage <> 'discarded' AND cutoff <= $1 ORDER BY settled_until DESC, id DESC LIMIT 1`,
		utc(cutoff)).Scan(&base.run, &base.below, &base.until)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return &base, err
}

// readByIndex keeps the rest of a transaction that reads from looking at whole
// tables.
func (s *Store) readByIndex(ctx context.Context, q querier) error {
	if s.dialect == sqliteDialect {
		return nil
	}
	var off string
	return q.QueryRowContext(ctx, `SELECT set_config('enable_seqscan', 'off', true) || set_config('enable_bitmapscan', 'off', true)
		|| set_config('enable_hashjoin', 'off', true) || set_config('enable_mergejoin', 'off', true)`).Scan(&off)
}

// neverOpen says that a line closes a session of an earlier month than that of its
// run that is never credited: no run received it.
const neverOpen = "l.kind = 'excluded' AND l.correction"

// ReceivedBy implements creditnotes.DraftStore: sessions that end before the
// end of the run's month, or in the future, and had no outcome when it began. It
// counts in other statements than those by which a draft reads.
func (s *Store) ReceivedBy(ctx context.Context, run *creditnotes.Run, q creditnotes.SessionQuery) (count creditnotes.Count, err error) {
	future := q.Future
	if future.IsZero() {
		future = endOfTime
	}
	err = s.snapshot(ctx, func(tx view) error {
		base, err := lastSettled(ctx, tx, run.Cutoff)
		if err != nil {
			return err
		}
		const (
			counted = "SELECT count(*) AS n, coalesce(sum(CASE WHEN s.reversed THEN 0 ELSE s.energy END), 0) AS energy"
			unpaid  = " AND (SELECT 1 FROM lines l WHERE l.session_id = s.id AND l.live AND l.kind <> 'reversal' AND (l.run_id <> $5 OR " + neverOpen + ")) IS NULL AND NOT (" + settledAlike + ")"
			ends    = "(s.ended_at < $6 OR s.ended_at > $7 AND NOT s.released AND NOT s.reversed)"
		)
		if base == nil {
			return tx.QueryRowContext(ctx, counted+` FROM sessions s
				LEFT JOIN lines l ON l.session_id = s.id AND l.live AND l.kind <> 'reversal' AND (l.run_id <> $1 OR `+neverOpen+`)
				WHERE `+knownAt+` AND (s.ended_at < $3 OR s.ended_at > $4 AND NOT s.released AND NOT s.reversed) AND l.session_id IS NULL AND NOT (`+settledAlike+`)`,
				run.ID, utc(run.Cutoff), utc(q.Until), utc(future)).Scan(&count.Sessions, &count.Energy)
		}
		since := base.until
		if q.Until.Before(since) {
			since = q.Until
		}
		return tx.QueryRowContext(ctx, "SELECT sum(n), sum(energy) FROM ("+
			counted+waiting+unpaid+
			" UNION ALL "+counted+" FROM sessions s WHERE s.current AND s.ended_at >= $1 AND s.ended_at < $6 AND "+knownAt+unpaid+
			" UNION ALL "+counted+" FROM sessions s WHERE s.current AND s.ended_at > $7 AND s.ended_at >= $6 AND "+ends+" AND "+knownAt+unpaid+
			" UNION ALL "+counted+" FROM sessions s WHERE NOT s.current AND s.ended_at >= $1 AND "+ends+" AND "+knownAt+unpaid+
			") AS parts", utc(since), utc(run.Cutoff), base.run, base.below, run.ID, utc(q.Until), utc(future)).Scan(&count.Sessions, &count.Energy)
	})
	return count, translateError(err)
}
