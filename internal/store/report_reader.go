package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/numbering"
	"creditrun/tariffs"
)

// reportReader reads what settlement reports add up, in a transaction or a view.
type reportReader struct {
	q       querier
	dialect dialect
}

// driverOfLine is what the driver was charged, with the sign of a line l of a
// session s on a note n; NULL: unknown.
const driverOfLine = `CASE WHEN l.driver_amount IS NOT NULL THEN l.driver_amount
	WHEN s.driver_amount IS NOT NULL AND s.currency = n.currency THEN CASE WHEN l.kind = 'reversal' THEN -s.driver_amount ELSE s.driver_amount END
	ELSE l.sale_amount END`

// collectedBy holds where the money of the driver of a session s had arrived as
// far as was known at a cut-off, or the session was billed as own charging until
// a run, or there is nothing to collect.
func collectedBy(cutoff, run string) string {
	return fmt.Sprintf(`((s.collected_at IS NOT NULL AND s.collection_known_at <= %s) OR coalesce(%s, 1) = 0
		OR EXISTS (SELECT 1 FROM own_charges oc WHERE oc.session_id = s.id AND oc.kind = 'own_charging' AND oc.run_id <= %s))`, cutoff, driverOfLine, run)
}

// undoneAfter holds where a line l was undone by a cancellation after another one,
// and stoodAt where it had not been undone until then.
func undoneAfter(at string) string {
	return fmt.Sprintf(`(EXISTS (SELECT 1 FROM credit_notes x WHERE x.cancels = l.note_id AND x.id > %[1]s)
		OR EXISTS (SELECT 1 FROM withdrawn_notes w JOIN credit_notes x ON x.id = w.cancellation_id WHERE w.note_id = l.note_id AND x.id > %[1]s))`, at)
}

func stoodAt(at string) string { return "(l.live OR " + undoneAfter(at) + ")" }

// reportColumns are the columns of a line in the order of reportFields.
const reportColumns = `e.key, n.currency, coalesce(n.number, ''), l.kind, s.external_id, s.source, s.medium_uid, s.started_at, s.ended_at, s.duration_s, l.energy, ` +
	netsOf + `, ` + driverOfLine + `, p.id, p.content`

// reportTables are the tables of these columns beside lines l and sessions s.
const reportTables = `
	JOIN credit_notes n ON n.id = l.note_id
	JOIN entities e ON e.id = l.owner_id
	JOIN price_paths p ON p.id = l.path_id`

// reportOrder is the order of the lines of reports.
func (d dialect) reportOrder() string {
	return " ORDER BY " + d.bytewise("e.key") + ", n.currency, s.started_at, s.id, l.kind, l.note_id"
}

// lastReports are the last reports prev of owners and currencies until a report.
func lastReports(until string) string {
	return `prev AS (SELECT r.id, r.owner_id, r.currency, r.run_id, r.cutoff, r.last_cancellation
	FROM settlement_reports r WHERE r.id = (SELECT max(x.id) FROM settlement_reports x
		WHERE x.owner_id = r.owner_id AND x.currency = r.currency AND x.id <= ` + until + `))`
}

// reportedBy holds where a line l on a note n is in a report until prev.
const reportedBy = `EXISTS (SELECT 1 FROM settlement_reports q
		WHERE q.run_id = l.run_id AND q.owner_id = l.owner_id AND q.currency = n.currency AND q.id <= prev.id)`

// lines reads lines with whether they are collected and when.
func (r *reportReader) lines(ctx context.Context, query string, args ...any) iter.Seq2[creditnotes.ReportLine, error] {
	return func(yield func(creditnotes.ReportLine, error) bool) {
		if err := r.joinAsWritten(ctx, "1"); err != nil {
			yield(creditnotes.ReportLine{}, err)
			return
		}
		defer r.joinAsWritten(ctx, "8") // PostgreSQL's default; where the query failed the transaction ends anyway
		rows, err := r.q.QueryContext(ctx, query, utcArgs(args)...)
		if err != nil {
			yield(creditnotes.ReportLine{}, translateError(err))
			return
		}
		defer rows.Close()
		paths := map[int64]creditnotes.PathInfo{}
		for rows.Next() {
			line, err := reportLine(rows, paths)
			if !yield(line, err) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(creditnotes.ReportLine{}, translateError(err))
		}
	}
}

// joinAsWritten makes PostgreSQL join tables in the order in which queries name
// them, as SQLite nearly does: to weigh all orders of a dozen tables takes it
// longer than to read the lines of a month. It lasts as long as the transaction.
func (r *reportReader) joinAsWritten(ctx context.Context, limit string) error {
	if r.dialect == sqliteDialect {
		return nil
	}
	var set string
	return translateError(r.q.QueryRowContext(ctx, "SELECT set_config('join_collapse_limit', $1, true) || set_config('from_collapse_limit', $1, true)", limit).Scan(&set))
}

func reportLine(rows *sql.Rows, paths map[int64]creditnotes.PathInfo) (l creditnotes.ReportLine, err error) {
	var path int64
	var content sql.RawBytes
	var started, ended, collected sqliteInstant // columns of a query of a query have no type on SQLite
	fields := append([]any{&l.Owner, &l.Currency, &l.Number, &l.Kind, &l.Session, &l.Source, &l.Medium, &started, &ended, &l.Duration, &l.Energy},
		netFields(&l.Nets)...)
	if err := rows.Scan(append(fields, &l.Driver, &path, &content, &l.Collected, &collected)...); err != nil {
		return l, translateError(err)
	}
	info, ok := paths[path]
	if !ok {
		parsed, err := tariffs.ParsePath(content)
		if err != nil {
			return l, err
		}
		info = creditnotes.PathInfoOf(parsed)
		paths[path] = info
	}
	l.Station, l.EVSEID, l.Connector = info.Station, info.EVSEID, info.Connector
	l.Start, l.End, l.CollectedAt = started.Time, ended.Time, collected.Time
	return l, nil
}

// ReportLines implements creditnotes.ReportReader.
func (r *reportReader) ReportLines(ctx context.Context, run *creditnotes.Run, at creditnotes.ReportMoment) iter.Seq2[creditnotes.ReportLine, error] {
	return r.lines(ctx, "SELECT "+reportColumns+", "+collectedBy("$2", "$1")+`, CASE WHEN s.collection_known_at <= $2 THEN s.collected_at END
		FROM credit_notes n
		JOIN lines l ON l.note_id = n.id
		JOIN sessions s ON s.id = l.session_id
		JOIN entities e ON e.id = l.owner_id
		JOIN price_paths p ON p.id = l.path_id
		WHERE n.run_id = $1 AND n.kind = 'credit_note' AND `+stoodAt("$3")+of(at)+r.dialect.reportOrder(), run.ID, at.Cutoff, at.Cancellation, at.Owner)
}

// of narrows lines of owners e to the owner $4, where one was asked for.
func of(at creditnotes.ReportMoment) string {
	if at.Owner == "" {
		return " AND $4 = ''"
	}
	return " AND e.key = $4"
}

// linesOfSessions joins the lines of sessions s by the three indexes that there
// are on them.
func linesOfSessions(columns, from, where string) string {
	part := func(lines string) string {
		return "SELECT " + columns + from + " JOIN lines l ON l.session_id = s.id AND " + lines + reportTables + " JOIN prev ON prev.owner_id = l.owner_id AND prev.currency = n.currency WHERE " + where
	}
	return part("l.live AND l.kind <> 'reversal'") + " UNION ALL " + part("l.live AND l.kind = 'reversal'") + " UNION ALL " + part("NOT l.live")
}

// namedColumns are reportColumns with names, for a query of a query.
const namedColumns = `e.key AS owner, n.currency AS currency, coalesce(n.number, '') AS number, l.kind AS kind, s.external_id AS session, s.source AS source,
	s.medium_uid AS medium, s.started_at AS started, s.ended_at AS ended, s.duration_s AS duration, l.energy AS energy,
	l.net_energy AS n1, l.net_time AS n2, l.net_fee AS n3, l.net_share AS n4, l.net_electricity_cost AS n5, l.net_electricity_tax AS n6, l.net_session_fees AS n7,
	` + driverOfLine + ` AS driver, p.id AS path, p.content AS content, s.id AS session_id, l.note_id AS note_id, s.collected_at AS collected_at`

const namesOfColumns = "owner, currency, number, kind, session, source, medium, started, ended, duration, energy, n1, n2, n3, n4, n5, n6, n7, driver, path, content"

// ReportCollected implements creditnotes.ReportReader. Only sessions whose
// collection became known after they were received can have been awaited, and
// those that were billed as own charging later.
func (r *reportReader) ReportCollected(ctx context.Context, run *creditnotes.Run, at creditnotes.ReportMoment) iter.Seq2[creditnotes.ReportLine, error] {
	where := "l.kind <> 'excluded' AND " + reportedBy + " AND " + stoodAt("$3") +
		" AND " + collectedBy("$2", "$1") + " AND NOT " + collectedBy("prev.cutoff", "prev.run_id") + of(at)
	return r.lines(ctx, "WITH "+lastReports("$5")+`, found AS (
			SELECT s.id FROM sessions s WHERE s.collection_known_at > s.received_at AND s.collection_known_at <= $2
				AND s.collection_known_at > (SELECT min(cutoff) FROM prev)
			UNION SELECT oc.session_id FROM own_charges oc WHERE oc.kind = 'own_charging' AND oc.run_id <= $1 AND oc.run_id > (SELECT min(run_id) FROM prev))
		SELECT `+namesOfColumns+", "+r.dialect.yes()+", collected_at FROM ("+linesOfSessions(namedColumns, " FROM found JOIN sessions s ON s.id = found.id", where)+`) AS one
		ORDER BY `+r.dialect.bytewise("owner")+`, currency, started, session_id, kind, note_id`, run.ID, at.Cutoff, at.Cancellation, at.Owner, at.Report)
}

// yes is true as a column.
func (d dialect) yes() string {
	if d == sqliteDialect {
		return "1"
	}
	return "true"
}

// ReportCancelled implements creditnotes.ReportReader.
func (r *reportReader) ReportCancelled(ctx context.Context, run *creditnotes.Run, at creditnotes.ReportMoment) iter.Seq2[creditnotes.ReportLine, error] {
	return r.lines(ctx, "WITH "+lastReports("$5")+" SELECT "+reportColumns+", "+r.dialect.no()+`, CASE WHEN s.collection_known_at <= $2 THEN s.collected_at END
		FROM `+undoneNotes+` undone
		JOIN lines l ON l.note_id = undone.id
		JOIN sessions s ON s.id = l.session_id`+reportTables+`
		JOIN prev ON prev.owner_id = l.owner_id AND prev.currency = n.currency
		WHERE l.run_id <> $1 AND `+reportedBy+" AND "+undoneAfter("prev.last_cancellation")+" AND NOT "+undoneAfter("$3")+
		" AND NOT "+collectedBy("prev.cutoff", "prev.run_id")+of(at)+r.dialect.reportOrder(), run.ID, at.Cutoff, at.Cancellation, at.Owner, at.Report)
}

func (d dialect) no() string {
	if d == sqliteDialect {
		return "0"
	}
	return "false"
}

// ReportAwaited implements creditnotes.ReportReader. It looks at all lines.
func (r *reportReader) ReportAwaited(ctx context.Context) (map[creditnotes.ReportKey]creditnotes.DriverSum, error) {
	type row struct {
		key creditnotes.ReportKey
		sum creditnotes.DriverSum
	}
	rows, err := collect(ctx, r.q, func(o *row) []any { return []any{&o.key.Owner, &o.key.Currency, &o.sum.Driver, &o.sum.Share} }, `
		WITH `+lastReports("$1")+`
		SELECT e.key, n.currency, coalesce(sum(`+driverOfLine+`), 0), coalesce(sum(`+netTotal+`), 0)
		FROM lines l
		JOIN sessions s ON s.id = l.session_id
		JOIN credit_notes n ON n.id = l.note_id
		JOIN entities e ON e.id = l.owner_id
		JOIN prev ON prev.owner_id = l.owner_id AND prev.currency = n.currency
		WHERE `+reportedBy+" AND "+stoodAt("prev.last_cancellation")+" AND NOT "+collectedBy("prev.cutoff", "prev.run_id")+`
		GROUP BY e.key, n.currency`, endOfIDs)
	sums := map[creditnotes.ReportKey]creditnotes.DriverSum{}
	for _, o := range rows {
		sums[o.key] = o.sum
	}
	return sums, err
}

// endOfIDs is above all ids.
const endOfIDs = int64(1) << 62

// ReportPositions implements creditnotes.ReportReader.
func (r *reportReader) ReportPositions(ctx context.Context, run *creditnotes.Run) ([]creditnotes.ReportPosition, error) {
	return collect(ctx, r.q, func(p *creditnotes.ReportPosition) []any {
		return []any{&p.Kind, &p.Number, &p.Currency, &p.Owner, &p.Station, &p.Component, &p.Month, &p.Late, &p.Correction, &p.Sessions, &p.Energy,
			&p.Sum, &p.Net, &p.Contract, &p.Record, &p.Text}
	}, `
		SELECT n.kind, coalesce(n.number, ''), n.currency, e.key, p.station_key, p.component, p.month, p.late, p.correction, p.sessions, p.energy,
			p.sum, p.net, p.contract, p.record, p.text
		FROM credit_notes n JOIN positions p ON p.note_id = n.id JOIN entities e ON e.id = p.owner_id
		WHERE n.run_id = $1 AND n.kind <> 'cancellation'
		ORDER BY n.id, p.ordinal`, run.ID)
}

// ReportDocuments implements creditnotes.ReportReader.
func (r *reportReader) ReportDocuments(ctx context.Context, run *creditnotes.Run, at creditnotes.ReportMoment) (map[creditnotes.ReportKey][]creditnotes.ReportDocument, error) {
	type row struct {
		creditnotes.ReportDocument
		key        creditnotes.ReportKey
		owners     int
		net, gross money.Amount
	}
	rows, err := collect(ctx, r.q, func(d *row) []any {
		return []any{&d.key.Owner, &d.key.Currency, &d.Number, &d.Kind, &d.State, &d.Date, &d.net, &d.gross, &d.owners}
	}, `
		WITH `+lastReports("$3")+`
		SELECT e.key, n.currency, coalesce(n.number, ''), n.kind, n.state, n.date, n.net, n.gross,
			(SELECT count(*) FROM credit_note_owners c WHERE c.note_id = n.id)
		FROM credit_notes n
		JOIN credit_note_owners o ON o.note_id = n.id
		JOIN entities e ON e.id = o.owner_id
		WHERE n.run_id = $1 AND n.kind <> 'cancellation'
		UNION ALL
		SELECT e.key, n.currency, coalesce(n.number, ''), n.kind, n.state, n.date, n.net, n.gross,
			(SELECT count(*) FROM credit_note_owners c WHERE c.note_id = n.id)
		FROM prev
		JOIN credit_note_owners o ON o.owner_id = prev.owner_id
		JOIN credit_notes n ON n.id = o.note_id AND n.currency = prev.currency AND n.kind = 'cancellation'
		JOIN entities e ON e.id = o.owner_id
		WHERE n.id > prev.last_cancellation AND n.id <= $2
		ORDER BY 1, 2, 4, 3`, run.ID, at.Cancellation, at.Report)
	byKey := map[creditnotes.ReportKey][]creditnotes.ReportDocument{}
	for _, d := range rows {
		digits, ok := money.Digits(d.key.Currency)
		if !ok {
			digits = 2
		}
		d.Shared = d.owners > 1
		byKey[d.key] = append(byKey[d.key], d.Amounted(d.net, d.gross, digits))
	}
	return byKey, err
}

// ReportOwnCharges implements creditnotes.ReportReader.
func (r *reportReader) ReportOwnCharges(ctx context.Context, run *creditnotes.Run) ([]creditnotes.ReportOwnCharge, error) {
	return collect(ctx, r.q, func(c *creditnotes.ReportOwnCharge) []any {
		return []any{&c.Owner, &c.Currency, &c.Number, &c.Session, &c.Source, &c.Start, &c.End, &c.Energy, &c.Driver, &c.Net}
	}, `
		SELECT e.key, n.currency, coalesce(n.number, ''), s.external_id, s.source, s.started_at, s.ended_at, c.energy, c.driver_amount, c.net
		FROM credit_notes n
		JOIN own_charges c ON c.note_id = n.id
		JOIN sessions s ON s.id = c.session_id
		JOIN entities e ON e.id = c.owner_id
		WHERE n.run_id = $1 AND n.kind = '`+string(numbering.Invoice)+`'
		ORDER BY `+r.dialect.bytewise("e.key")+`, n.currency, s.started_at, s.id, c.kind`, run.ID)
}

// ReportTopUps implements creditnotes.ReportReader.
func (r *reportReader) ReportTopUps(ctx context.Context, at creditnotes.ReportMoment, until time.Time) ([]creditnotes.MovedTopUpRecord, error) {
	return collect(ctx, r.q, func(t *creditnotes.MovedTopUpRecord) []any {
		return []any{&t.ID, &t.Key, &t.Entity, &t.User, &t.Amount, &t.Currency, &t.At, &t.Moved}
	}, `
		SELECT t.id, t.key, t.entity_key, t.user_name, t.amount, t.currency, t.at,
			(SELECT CAST(coalesce(sum(m.amount), 0) AS bigint) FROM movements m WHERE m.top_up_id = t.id)
		FROM top_ups t
		WHERE t.at < $1 AND t.received_at <= $2 AND NOT EXISTS (SELECT 1 FROM settlement_report_top_ups u
			JOIN settlement_reports p ON p.id = u.report_id WHERE u.top_up_id = t.id AND p.id <= $3)
		ORDER BY t.at, t.id`, until, at.Cutoff, at.Report)
}

// ReportHeld implements creditnotes.ReportReader.
func (r *reportReader) ReportHeld(ctx context.Context, run *creditnotes.Run) (map[string]creditnotes.ReportHeldCounts, error) {
	type row struct {
		owner, reason string
		own           bool
		count         creditnotes.Count
	}
	const counted = `, count(*), sum(CASE WHEN s.reversed THEN 0 ELSE s.energy END) FROM `
	const joined = ` h JOIN sessions s ON s.id = h.session_id JOIN entities e ON e.id = h.owner_id WHERE h.run_id = $1 GROUP BY e.key, h.reason`
	rows, err := collect(ctx, r.q, func(o *row) []any { return []any{&o.owner, &o.reason, &o.own, &o.count.Sessions, &o.count.Energy} },
		"SELECT e.key, h.reason, "+r.dialect.no()+counted+"run_holds"+joined+" UNION ALL SELECT e.key, h.reason, "+r.dialect.yes()+counted+"run_own_waits"+joined, run.ID)
	byOwner := map[string]creditnotes.ReportHeldCounts{}
	for _, o := range rows {
		counts, ok := byOwner[o.owner]
		if !ok {
			counts = creditnotes.ReportHeldCounts{Held: map[sessions.Reason]creditnotes.Count{}, Own: map[sessions.Reason]creditnotes.Count{}}
		}
		if o.own {
			counts.Own[sessions.Reason(o.reason)] = o.count
		} else {
			counts.Held[sessions.Reason(o.reason)] = o.count
		}
		byOwner[o.owner] = counts
	}
	return byOwner, err
}

// ReportMovements implements creditnotes.ReportReader.
func (r *reportReader) ReportMovements(
	ctx context.Context, recipient, currency string, after, until int64,
) (opening money.Amount, list []creditnotes.ReportMovement, err error) {
	err = r.q.QueryRowContext(ctx, `SELECT coalesce(sum(amount), 0) FROM movements WHERE entity_key = $1 AND currency = $2 AND id <= $3`,
		recipient, currency, after).Scan(&opening)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, nil, translateError(err)
	}
	list, err = collect(ctx, r.q, func(m *creditnotes.ReportMovement) []any {
		return []any{&m.At, &m.Value, &m.Kind, &m.Reference, &m.Moved}
	}, `
		SELECT booked_at, value_date, kind, reference, amount FROM movements
		WHERE entity_key = $1 AND currency = $2 AND id > $3 AND id <= $4 ORDER BY value_date, id`, recipient, currency, after, until)
	return opening, list, err
}

// ReportHorizon implements creditnotes.ReportReader. Cancellations are made one
// after the other, and so are movements.
func (r *reportReader) ReportHorizon(ctx context.Context) (h creditnotes.ReportHorizon, err error) {
	err = r.q.QueryRowContext(ctx, `SELECT (SELECT coalesce(max(id), 0) FROM credit_notes WHERE cancels IS NOT NULL),
		(SELECT coalesce(max(id), 0) FROM movements), (SELECT coalesce(max(id), 0) FROM settlement_reports)`).Scan(&h.Cancellation, &h.Movement, &h.Report)
	return h, translateError(err)
}
