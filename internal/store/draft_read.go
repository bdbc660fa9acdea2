package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"

	"creditrun/creditnotes"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/tariffs"
)

// knownAt is the version of a session that counts at a cut-off: received until
// then and not replaced until then. $2 is the cut-off.
const knownAt = `s.received_at <= $2 AND (s.superseded_at IS NULL OR s.superseded_at > $2)`

// settled says that a session has its fate already. It is a scalar query and
// not EXISTS, so that no planner takes it for a join with all lines there are.
const settled = `(SELECT 1 FROM lines l WHERE l.session_id = s.id AND l.live AND l.kind <> 'reversal') IS NOT NULL`

// waitingBefore lists the connectors with sessions that are open from before
// the month: at these everything that ever happened has to be looked at, for
// what waits may overlap what was credited long ago.
const waitingBefore = `
	SELECT DISTINCT s.connector_id FROM sessions s
	WHERE s.connector_id %s AND ` + knownAt + ` AND (s.started_at < $3 OR s.ended_at < $3) AND s.ended_at < $4 AND %s`

// wanted says which sessions wait for a fate, among those that end before the
// end of the month.
func wanted(q creditnotes.SessionQuery) string {
	if q.All {
		return "s.ended_at >= $3"
	}
	return "NOT " + settled
}

// openSessions reads the sessions a shard looks at. The medium is only wanted
// where the source states no class.
const openSessions = `
	SELECT s.id, s.version, s.connector_id, s.class, CASE WHEN s.class = '' THEN s.medium_uid ELSE '' END, s.partner,
		s.started_at, s.ended_at, s.received_at, s.duration_s, s.energy, s.meter_start, s.meter_stop, s.status, s.reversed, s.released,
		s.ended_at < $4 AND %s, s.external_id
	FROM sessions s
	WHERE s.connector_id %s AND ` + knownAt + ` AND (s.started_at < $4 OR s.ended_at < $4)
		AND (s.ended_at >= $3 OR s.connector_id %s)
	ORDER BY s.connector_id, s.started_at, %s, %s`

// OpenSessions implements creditnotes.DraftStore. It reads on a connection of
// its own, beside the transaction that writes.
func (s *Store) OpenSessions(ctx context.Context, q creditnotes.SessionQuery) (creditnotes.SessionCursor, error) {
	ask := s.openOnSQLite
	if s.dialect == postgresDialect {
		ask = s.openOnPostgres
	}
	cursor, err := ask(ctx, wanted(q), []any{s.dialect.list(q.Connectors), utc(q.Cutoff), utc(q.From), utc(q.Until)})
	if err != nil {
		return nil, fmt.Errorf("open sessions: %w", explain(err))
	}
	return cursor, nil
}

func (s *Store) openOnSQLite(ctx context.Context, wanted string, args []any) (creditnotes.SessionCursor, error) {
	waiting, err := collect(ctx, s.readSQL, func(id *int64) []any { return []any{id} },
		fmt.Sprintf(waitingBefore, s.dialect.in("$1"), wanted), args...)
	if err != nil {
		return nil, err
	}
	query := s.dialect.openSessions(wanted)
	rows, err := s.readSQL.QueryContext(ctx, query, append(args, s.dialect.list(waiting))...)
	if err != nil {
		return nil, err
	}
	return &sqliteSessions{rows: rows}, nil
}

func (d dialect) openSessions(wanted string) string {
	return fmt.Sprintf(openSessions, wanted, d.in("$1"), d.in("$5"), d.bytewise("s.external_id"), d.bytewise("s.source"))
}

// bytewise sorts a text by its bytes, whatever language the database sorts in,
// so that ties are broken in the same way everywhere.
func (d dialect) bytewise(column string) string {
	if d == postgresDialect {
		return column + ` COLLATE "C"`
	}
	return column
}

// in compares with any element of a list parameter.
func (d dialect) in(parameter string) string {
	if d == postgresDialect {
		return "= ANY (" + parameter + ")"
	}
	return "IN (SELECT value FROM json_each(" + parameter + "))"
}

// list makes a list parameter of ids.
func (d dialect) list(ids []int64) any { return listOf(d, ids) }

// texts makes a list parameter of texts.
func (d dialect) texts(list []string) any { return listOf(d, list) }

func listOf[T any](d dialect, list []T) any {
	if d == postgresDialect {
		return list
	}
	text, err := json.Marshal(list)
	if err != nil || list == nil {
		return "[]"
	}
	return string(text)
}

// sqliteSessions is the cursor on SQLite.
type sqliteSessions struct {
	rows        *sql.Rows
	one         sessions.Session
	start, stop sql.NullInt64 // of the meter
	open        bool
	err         error
}

// Next implements creditnotes.SessionCursor.
func (c *sqliteSessions) Next() bool {
	if c.err != nil || !c.rows.Next() {
		return false
	}
	s := &c.one
	c.err = c.rows.Scan(&s.ID, &s.Version, &s.ConnectorID, &s.Class, &s.MediumUID, &s.Partner, &s.Start, &s.End, &s.ReceivedAt,
		&s.Duration, &s.Energy, &c.start, &c.stop, &s.Status, &s.Reversed, &s.Released, &c.open, &s.ExternalID)
	s.MeterStart, s.MeterStop = quantity(c.start.Valid, &c.start.Int64), quantity(c.stop.Valid, &c.stop.Int64)
	return c.err == nil
}

// quantity is a meter value where there is one.
func quantity(valid bool, value *int64) *money.Quantity {
	if !valid {
		return nil
	}
	return (*money.Quantity)(value)
}

// Session implements creditnotes.SessionCursor.
func (c *sqliteSessions) Session() *sessions.Session { return &c.one }

// Name implements creditnotes.SessionCursor.
func (c *sqliteSessions) Name() string { return c.one.ExternalID }

// Open implements creditnotes.SessionCursor.
func (c *sqliteSessions) Open() bool { return c.open }

// Err implements creditnotes.SessionCursor.
func (c *sqliteSessions) Err() error {
	if c.err != nil {
		return explain(c.err)
	}
	return explain(c.rows.Err())
}

// Close implements creditnotes.SessionCursor.
func (c *sqliteSessions) Close() error { return c.rows.Close() }

// postgresSessions is the cursor on PostgreSQL: pgx without database/sql in
// between, and without a new string for every class and status.
type postgresSessions struct {
	conn                                 *sql.Conn
	pgx                                  *pgx.Conn
	rows                                 pgx.Rows
	one                                  sessions.Session
	class, medium, partner, status, name pgtype.DriverBytes
	start, stop                          pgtype.Int8 // of the meter
	into                                 []any
	open                                 bool
	err                                  error
}

// byIndex begins the transaction in which a shard is read. Whatever the
// statistics of a growing table make a planner believe, looking up 50,000
// lines by index is right and reading all of them for each session is not.
// Sessions come in the order of their index, so the first can be priced before
// the last is read; the shards are parallel already.
const byIndex = `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
	SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off;
	SET LOCAL jit = off; SET LOCAL max_parallel_workers_per_gather = 0`

// openOnPostgres asks on a connection taken out of the pool until the cursor is
// closed.
func (s *Store) openOnPostgres(ctx context.Context, wanted string, args []any) (creditnotes.SessionCursor, error) {
	conn, err := s.readSQL.Conn(ctx)
	if err != nil {
		return nil, err
	}
	c := &postgresSessions{conn: conn}
	err = conn.Raw(func(raw any) error {
		c.pgx = raw.(*stdlib.Conn).Conn()
		return c.ask(ctx, wanted, args)
	})
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	o := &c.one
	c.into = []any{&o.ID, &o.Version, &o.ConnectorID, &c.class, &c.medium, &c.partner, &o.Start, &o.End, &o.ReceivedAt,
		&o.Duration, (*int64)(&o.Energy), &c.start, &c.stop, &c.status, &o.Reversed, &o.Released, &c.open, &c.name}
	return c, nil
}

func (c *postgresSessions) ask(ctx context.Context, wanted string, args []any) error {
	if _, err := c.pgx.PgConn().Exec(ctx, byIndex).ReadAll(); err != nil {
		return err
	}
	rows, err := c.pgx.Query(ctx, fmt.Sprintf(waitingBefore, postgresDialect.in("$1"), wanted), args...)
	if err != nil {
		return err
	}
	waiting, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return err
	}
	query := postgresDialect.openSessions(wanted)
	c.rows, err = c.pgx.Query(ctx, query, append(args, waiting)...)
	return err
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

// Open implements creditnotes.SessionCursor.
func (c *postgresSessions) Open() bool { return c.open }

// Err implements creditnotes.SessionCursor.
func (c *postgresSessions) Err() error {
	if c.err != nil {
		return explain(c.err)
	}
	return explain(c.rows.Err())
}

// Close implements creditnotes.SessionCursor.
func (c *postgresSessions) Close() error {
	if c.rows != nil {
		c.rows.Close()
	}
	_, err := c.pgx.Exec(context.Background(), "ROLLBACK")
	return errors.Join(err, c.conn.Close())
}

// UnclaimedConnectors implements creditnotes.DraftStore.
func (s *Store) UnclaimedConnectors(ctx context.Context) ([]int64, error) {
	return collect(ctx, s.readSQL, func(id *int64) []any { return []any{id} },
		"SELECT id FROM connectors WHERE station_key IS NULL ORDER BY id")
}

// PendingReversals implements creditnotes.DraftStore.
func (s *Store) PendingReversals(ctx context.Context, cutoff time.Time) ([]creditnotes.Reversal, error) {
	type row struct {
		creditnotes.Reversal
		path     string
		currency string
	}
	rows, err := collect(ctx, s.readSQL, func(r *row) []any {
		return []any{&r.Line.SessionID, &r.Line.OwnerID, &r.Line.PathID, &r.Line.Energy, &r.Line.NetEnergy, &r.Line.NetTime, &r.Line.NetFee,
			&r.Start, &r.End, &r.CurrentID, &r.currency, &r.path,
			&r.Tax.Account, &r.Tax.LedgerAccount, &r.Tax.Name, &r.Tax.Category, &r.Tax.Rate, &r.Tax.ExemptionCode, &r.Tax.Exemption}
	}, `
		SELECT l.session_id, l.owner_id, l.path_id, l.energy, l.net_energy, l.net_time, l.net_fee,
			old.started_at, old.ended_at, s.id, n.currency, p.content,
			t.account, t.ledger_account, t.name, t.category, t.rate, t.exemption_code, t.exemption
		FROM sessions old
		JOIN lines l ON l.session_id = old.id AND l.live AND l.kind = 'credit'
		JOIN credit_notes n ON n.id = l.note_id
		JOIN note_taxes t ON t.note_id = l.note_id AND t.ordinal = l.tax + 1
		JOIN price_paths p ON p.id = l.path_id
		JOIN sessions s ON s.source = old.source AND s.external_id = old.external_id AND s.version > old.version
		WHERE old.superseded_at <= $1 AND NOT old.current AND s.received_at <= $1 AND (s.superseded_at IS NULL OR s.superseded_at > $1)
			AND NOT EXISTS (SELECT 1 FROM lines r WHERE r.session_id = old.id AND r.live AND r.kind = 'reversal')
		ORDER BY l.owner_id, old.started_at, old.id`, cutoff)
	if err != nil {
		return nil, fmt.Errorf("pending reversals: %w", err)
	}
	list := make([]creditnotes.Reversal, 0, len(rows))
	for _, r := range rows {
		path, err := tariffs.ParsePath([]byte(r.path))
		if err != nil {
			return nil, err
		}
		r.Path, r.Currency = creditnotes.PathInfoOf(path), r.currency
		list = append(list, r.Reversal)
	}
	return list, nil
}

// CarriedForward implements creditnotes.DraftStore.
func (s *Store) CarriedForward(ctx context.Context) ([]creditnotes.CarriedSum, error) {
	return collect(ctx, s.readSQL, func(c *creditnotes.CarriedSum) []any {
		return []any{&c.NoteID, &c.RunName, &c.OwnerID, &c.Currency, &c.Net,
			&c.Tax.Account, &c.Tax.LedgerAccount, &c.Tax.Name, &c.Tax.Category, &c.Tax.Rate, &c.Tax.ExemptionCode, &c.Tax.Exemption}
	}, `
		SELECT n.id, r.name, p.owner_id, n.currency, CAST(sum(p.net) AS bigint),
			t.account, t.ledger_account, t.name, t.category, t.rate, t.exemption_code, t.exemption
		FROM credit_notes n
		JOIN runs r ON r.id = n.run_id AND r.stage IN ('issued', 'completed')
		JOIN positions p ON p.note_id = n.id
		JOIN note_taxes t ON t.note_id = n.id AND t.ordinal = p.tax + 1
		WHERE n.state = 'carried'
			AND NOT EXISTS (SELECT 1 FROM carry_uses u WHERE u.carried_id = n.id AND u.owner_id = p.owner_id)
			AND NOT EXISTS (SELECT 1 FROM withdrawn_notes w WHERE w.note_id = n.id)
		GROUP BY n.id, r.name, p.owner_id, n.currency,
			t.ordinal, t.account, t.ledger_account, t.name, t.category, t.rate, t.exemption_code, t.exemption
		ORDER BY n.id, p.owner_id, t.ordinal`)
}

// NotedOwners implements creditnotes.DraftStore.
func (s *Store) NotedOwners(ctx context.Context, run *creditnotes.Run) (map[int64]bool, error) {
	ids, err := collect(ctx, s.readSQL, func(id *int64) []any { return []any{id} }, `
		SELECT DISTINCT o.owner_id
		FROM credit_note_owners o
		JOIN credit_notes n ON n.id = o.note_id AND n.kind = 'credit_note'
		JOIN runs r ON r.id = n.run_id AND r.month = $1 AND r.id <> $2
		WHERE NOT EXISTS (SELECT 1 FROM credit_notes c WHERE c.cancels = n.id)
			AND NOT EXISTS (SELECT 1 FROM withdrawn_notes w WHERE w.note_id = n.id)`, string(run.Month), run.ID)
	return setOf(ids), err
}

// ReceivedBy implements creditnotes.DraftStore: sessions that end before the
// end of the run's month and had no fate when it began.
func (s *Store) ReceivedBy(ctx context.Context, run *creditnotes.Run, until time.Time) (count creditnotes.Count, err error) {
	err = s.readSQL.QueryRowContext(ctx, `
		SELECT count(*), coalesce(sum(CASE WHEN s.reversed THEN 0 ELSE s.energy END), 0)
		FROM sessions s
		LEFT JOIN lines l ON l.session_id = s.id AND l.live AND l.kind <> 'reversal' AND l.run_id <> $1
		WHERE `+knownAt+` AND s.ended_at < $3 AND l.session_id IS NULL`,
		run.ID, utc(run.Cutoff), utc(until)).Scan(&count.Sessions, &count.Energy)
	return count, explain(err)
}

// LineSums implements creditnotes.DraftStore.
func (s *Store) LineSums(ctx context.Context, runID int64) (map[int64]creditnotes.TaxSums, error) {
	type sum struct {
		note, slot int64
		total      money.Micros
	}
	rows, err := collect(ctx, s.readSQL, func(r *sum) []any { return []any{&r.note, &r.slot, &r.total} }, `
		SELECT note_id, tax, sum(net_energy + net_time + net_fee) FROM lines
		WHERE run_id = $1 AND note_id IN (SELECT id FROM credit_notes WHERE run_id = $1) GROUP BY note_id, tax`, runID)
	sums := map[int64]creditnotes.TaxSums{}
	for _, r := range rows {
		if sums[r.note] == nil {
			sums[r.note] = creditnotes.TaxSums{}
		}
		sums[r.note][int(r.slot)] = r.total
	}
	return sums, err
}

// DraftedOwners implements creditnotes.DraftStore.
func (s *Store) DraftedOwners(ctx context.Context, runID int64) (map[int64]bool, error) {
	ids, err := collect(ctx, s.readSQL, func(id *int64) []any { return []any{id} },
		"SELECT owner_id FROM run_owners WHERE run_id = $1", runID)
	return setOf(ids), err
}

func setOf(ids []int64) map[int64]bool {
	set := make(map[int64]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set
}
