package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/tariffs"
)

// Records of lines l of notes n with their sessions s.
const (
	sessionNet = "(l.net_energy + l.net_time + l.net_fee + l.net_share + l.net_session_fees)"
	ownerShare = "(" + sessionNet + " + l.net_electricity_cost + l.net_electricity_tax)"
	recorded   = "l.live AND l.kind IN ('credit', 'reversal')"
)

// lineSource is where lines l come from.
type lineSource struct {
	currency string // the column of their currency
}

// documents are the lines of documents n.
var documents = lineSource{currency: "n.currency"}

// charged is the driver amount of the session, in the currency of the note,
// where the settlement used none and a source states it: that of the latest version that is the same
// charge. It is asked for row by row only where there may be a later one.
func (q *recordSearch) charged(where *condition, from lineSource) string {
	known, currency := "", from.currency
	if !q.filter.AsOf.IsZero() {
		known = where.arg(" AND (v.id = s.id OR v.received_at <= ?)", q.filter.AsOf)
	}
	later := `(SELECT CASE WHEN v.currency = ` + currency + ` THEN v.driver_amount END FROM sessions v
		WHERE v.connector_id = s.connector_id AND v.started_at = s.started_at AND v.source = s.source AND v.external_id = s.external_id
			AND v.version >= s.version AND (v.id = s.id OR v.same_as = coalesce(s.same_as, s.id))` + known + `
		ORDER BY v.version DESC LIMIT 1)`
	return "CASE WHEN s.current THEN CASE WHEN s.currency = " + currency + " THEN s.driver_amount END ELSE " + later + " END"
}

// driverWith is the driver amount with the sign of the line, NULL where it is
// unknown.
func driverWith(charged string) string {
	return "coalesce(l.driver_amount, CASE WHEN l.kind = 'reversal' THEN -1 ELSE 1 END * (" + charged + "), l.sale_amount)"
}

// isCollected reports whether the driver's money is no longer awaited.
func (q *recordSearch) isCollected(where *condition, from lineSource) string {
	return "(" + q.hasArrived(where) + " OR coalesce(" + driverWith(q.charged(where, from)) + ", 1) = 0)"
}

// hasArrived reports whether the driver's money has arrived, or none is awaited
// because the session is billed as own charging.
func (q *recordSearch) hasArrived(where *condition) string {
	arrived := "s.collected_at IS NOT NULL"
	if !q.filter.AsOf.IsZero() {
		arrived = where.arg("coalesce(s.collection_known_at <= ?, false)", q.filter.AsOf)
	}
	return "(" + arrived + " OR " + ownCharged + ")"
}

// ownCharged reports whether session s, or a later version that is the same
// charge, is billed as own charging.
const ownCharged = `(EXISTS (SELECT 1 FROM own_charges o WHERE o.session_id = s.id AND o.live AND o.kind = 'own_charging')
	OR NOT s.current AND EXISTS (SELECT 1 FROM sessions v JOIN own_charges o ON o.session_id = v.id AND o.live AND o.kind = 'own_charging'
		WHERE v.connector_id = s.connector_id AND v.started_at = s.started_at AND v.same_as = coalesce(s.same_as, s.id) AND v.version > s.version
			AND v.source = s.source AND v.external_id = s.external_id))`

// onLines is what the filter asks of lines.
func (q *recordSearch) onLines(where *condition) {
	f := q.filter
	where.and(recorded)
	q.onNotes(where)
	q.onParts(where, "l")
	q.within(where, "s.ended_at")
	switch f.Origin {
	case creditnotes.OriginElectricityCost:
		where.and("l.net_electricity_cost <> 0")
	case creditnotes.OriginElectricityTax:
		where.and("l.net_electricity_tax <> 0")
	}
	switch f.Collected {
	case creditnotes.DriverCollected:
		where.and(q.isCollected(where, documents))
	case creditnotes.DriverAwaited:
		where.and("NOT " + q.isCollected(where, documents))
	}
}

// noLines reports whether no record of a line can be let through.
func (q *recordSearch) noLines() bool {
	f := q.filter
	return f.Direction == creditnotes.Expense || f.Origin != "" && !f.Origin.OfLines()
}

// ofLines reads records of lines for a page.
func (q *recordSearch) ofLines(ctx context.Context, p creditnotes.RecordPage, place *creditnotes.RecordPlace) (list []creditnotes.SettlementRecord, err error) {
	if q.noLines() {
		return nil, nil
	}
	if !p.ByNet {
		return q.linesBy(ctx, p, place, "s.ended_at", q.filter.Origin)
	}
	for i, origin := range lineOrigins {
		if q.filter.Origin != "" && q.filter.Origin != origin {
			continue
		}
		some, err := q.linesBy(ctx, p, place, lineNets[i], origin)
		if err != nil {
			return nil, err
		}
		list = append(list, some...)
	}
	return list, nil
}

// lineOrigins are the origins of the records of lines, by their number in
// record_nets, and lineNets what these records come to.
var (
	lineOrigins = [...]creditnotes.Origin{creditnotes.OriginSession, creditnotes.OriginElectricityCost, creditnotes.OriginElectricityTax}
	lineNets    = [...]string{sessionNet, "l.net_electricity_cost", "l.net_electricity_tax"}
)

// lineScan is a way to look for lines in an order: tables, and the columns of
// the order.
type lineScan struct{ from, first, id string }

// linesBy reads the records of one origin, or of all, of lines in an order.
func (q *recordSearch) linesBy(ctx context.Context, p creditnotes.RecordPage, place *creditnotes.RecordPlace, first string, origin creditnotes.Origin) ([]creditnotes.SettlementRecord, error) {
	args := &condition{}
	scans, err := q.linesFrom(ctx, args, p, first, origin)
	if err != nil {
		return nil, err
	}
	const parts = 6 // as many records as one session makes
	var picked []string
	for _, scan := range scans {
		where := &condition{args: args.args}
		q.onLines(where)
		if p.ByNet && origin != creditnotes.OriginSession {
			where.and(scan.first + " <> 0")
		}
		beyond(where, p, place, creditnotes.RecordsOfLines, scan.first, scan.id)
		picked = append(picked, "SELECT * FROM ("+limited("SELECT l.note_id, l.session_id, l.kind, "+scan.first+" AS place FROM "+scan.from+" "+where.String()+
			inOrderOf(p, scan.first, scan.id), p.Size()+parts+1)+") AS part")
		args.args = where.args
	}
	all := limited("SELECT * FROM ("+strings.Join(picked, " UNION ALL ")+") AS all_of_them"+inOrderOf(p, "place", "session_id"), p.Size()+parts+1)
	read, err := q.readLines(ctx, args, all)
	if err != nil {
		return nil, err
	}
	var list []creditnotes.SettlementRecord
	for i := range read {
		for _, r := range read[i].Records(q.zone) {
			if origin == "" || origin == r.Origin {
				list = append(list, r)
			}
		}
	}
	return list, nil
}

// linesFrom is where lines are looked for. Those of few notes are sorted; among
// many, a listing by date walks along the ends of sessions, for then it soon
// has a page, and one by net along the order that is kept. Versions that were
// replaced have an index of their own.
func (q *recordSearch) linesFrom(ctx context.Context, args *condition, p creditnotes.RecordPage, first string, origin creditnotes.Origin) (scans []lineScan, err error) {
	few, err := q.fewLines(ctx)
	switch {
	case err != nil:
		return nil, err
	case few:
		return []lineScan{{q.byNotes(args), first, "s.id"}}, nil
	case p.ByNet:
		return q.byNet(ctx, args, first, origin)
	}
	for _, from := range q.bySessions() {
		scans = append(scans, lineScan{from, first, "s.id"})
	}
	return scans, nil
}

// fewRecords is how many records of a range of dates are worth being sorted by net.
const fewRecords = 7000

// byNet is where lines are looked for in the order of their net.
func (q *recordSearch) byNet(ctx context.Context, args *condition, first string, origin creditnotes.Origin) (scans []lineScan, err error) {
	begin, until := q.filter.Instants(q.zone, true)
	if !begin.IsZero() || !until.IsZero() {
		var n int64
		where := &condition{}
		q.onNotes(where)
		q.onSums(where)
		if err := q.read.QueryRowContext(ctx, "SELECT CAST(coalesce(sum(r.records), 0) AS bigint) FROM record_sums r JOIN credit_notes n ON n.id = r.note_id "+where.String(), where.args...).Scan(&n); err != nil {
			return nil, translateError(err)
		}
		if n <= fewRecords {
			for _, from := range q.bySessions() {
				scans = append(scans, lineScan{from, first, "s.id"})
			}
			return scans, nil
		}
	}
	unordered, err := column[int64](ctx, q.read, "SELECT n.id FROM credit_notes n WHERE n.kind = 'credit_note' AND NOT EXISTS (SELECT 1 FROM record_summed v WHERE v.note_id = n.id)")
	if err != nil {
		return nil, err
	}
	if len(unordered) > 0 {
		rest := *q
		rest.few = unordered
		scans = append(scans, lineScan{rest.byNotes(args), first, "s.id"})
	}
	month := ""
	if m := q.filter.Month; !m.IsZero() {
		month = args.arg(" AND r.month = ?", string(m))
	}
	follow := q.store.dialect.follow
	for _, kind := range []struct{ kind, lines string }{{"credit", "l.kind <> 'reversal'"}, {"reversal", "l.kind = 'reversal'"}} {
		from := "record_nets r" + follow("lines", "l", "l.session_id = r.session_id AND l.note_id = r.note_id AND l.live AND "+kind.lines) +
			follow("sessions", "s", "s.id = r.session_id") + follow("credit_notes", "n", "n.id = r.note_id") +
			fmt.Sprintf(" AND r.origin = %d AND r.kind = '%s'", slices.Index(lineOrigins[:], origin), kind.kind) + month
		scans = append(scans, lineScan{from, "r.net", "r.session_id"})
	}
	return scans, nil
}

func (q *recordSearch) byNotes(where *condition) string {
	return "lines l JOIN credit_notes n ON n.id = l.note_id AND " + where.arg("l.note_id "+q.store.dialect.in("?"), q.store.dialect.list(q.few)) +
		" JOIN sessions s ON s.id = l.session_id"
}

func (q *recordSearch) bySessions() (from []string) {
	for _, lines := range []string{"s.current AND l.kind <> 'reversal'", "NOT s.current AND l.kind <> 'reversal'", "NOT s.current AND l.kind = 'reversal'"} {
		from = append(from, "sessions s "+q.store.dialect.then()+" lines l ON l.session_id = s.id AND l.live AND "+lines+" JOIN credit_notes n ON n.id = l.note_id")
	}
	return from
}

func (q *recordSearch) anyLines() []string {
	j := q.store.dialect.then()
	return []string{"lines l " + j + " sessions s ON s.id = l.session_id " + j + " credit_notes n ON n.id = l.note_id"}
}

// then joins what is to be looked at after what was named before.
func (d dialect) then() string {
	if d == sqliteDialect {
		return "CROSS JOIN"
	}
	return "JOIN"
}

// follow looks a table up for each row of what was named before, in its order.
// PostgreSQL must not estimate how many rows that leaves: it would rather join
// whole tables and sort them.
func (d dialect) follow(table, alias, on string) string {
	if d == sqliteDialect {
		return " CROSS JOIN " + table + " " + alias + " ON " + on
	}
	return " JOIN LATERAL (SELECT * FROM " + table + " " + alias + " WHERE " + on + " OFFSET 0) " + alias + " ON true"
}

// fewLines reports whether the notes have so few lines that they may be sorted.
func (q *recordSearch) fewLines(ctx context.Context) (bool, error) {
	if q.few == nil {
		return false, nil
	}
	var n int
	query := "SELECT count(*) FROM (" + limited("SELECT 1 FROM lines WHERE note_id "+q.store.dialect.in("$1"), mostCandidates+1) + ") AS part"
	err := q.read.QueryRowContext(ctx, query, q.store.dialect.list(q.few)).Scan(&n)
	return n <= mostCandidates, translateError(err)
}

// pickedLines joins the lines that were picked. Each kind of line has an index of
// its own by session: named apart, both are used, and not that of whole documents.
func (d dialect) pickedLines() string {
	const credit, reversal = "l.session_id = picked.session_id AND l.live AND l.kind <> 'reversal'", "l.session_id = picked.session_id AND l.live AND l.kind = 'reversal'"
	if d == sqliteDialect {
		return "JOIN lines l ON l.note_id = picked.note_id AND l.kind = picked.kind AND (" + credit + " OR " + reversal + ")"
	}
	return "JOIN LATERAL (SELECT * FROM lines l WHERE " + credit + " UNION ALL SELECT * FROM lines l WHERE " + reversal +
		") l ON l.note_id = picked.note_id AND l.kind = picked.kind"
}

// readLines reads lines that were picked.
func (q *recordSearch) readLines(ctx context.Context, where *condition, picked string) (list []creditnotes.RecordedLine, err error) {
	query := "WITH picked AS (" + picked + ") SELECT " + netsOf + ", " + driverOf + `, l.note_id, l.session_id, l.kind, l.energy, l.path_id, e.key, n.currency, ` + numberOf + `, n.state = 'draft',
			s.source, s.external_id, s.medium_uid, s.started_at, s.ended_at, s.duration_s, ` + q.charged(where, documents) + ", s.collected_at, s.collection_known_at, " + ownCharged + `, p.content
		FROM picked ` + q.store.dialect.pickedLines() + ` JOIN credit_notes n ON n.id = l.note_id JOIN sessions s ON s.id = l.session_id JOIN entities e ON e.id = l.owner_id JOIN price_paths p ON p.id = l.path_id`
	rows, err := q.read.QueryContext(ctx, query, utcArgs(where.args)...)
	if err != nil {
		return nil, translateError(err)
	}
	defer rows.Close()
	for rows.Next() {
		one, err := q.scanLine(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, translateError(rows.Err())
}

func (q *recordSearch) scanLine(rows *sql.Rows) (one creditnotes.RecordedLine, err error) {
	var content sql.RawBytes
	var collected, known *time.Time
	line, s := &one.Line, &one.Session
	fields := append(netFields(&line.Nets), driverFields(line)...)
	fields = append(fields, &line.NoteID, &line.SessionID, &line.Kind, &line.Energy, &line.PathID, &one.Owner, &one.Currency, &one.Number, &one.Open,
		&s.Source, &s.ExternalID, &s.MediumUID, &s.Start, &s.End, &s.Duration, &one.Charged, &collected, &known, &one.OwnCharged, &content)
	if err := rows.Scan(fields...); err != nil {
		return one, translateError(err)
	}
	if q.filter.AsOf.IsZero() || known != nil && !known.After(q.filter.AsOf) {
		one.CollectedAt = orZero(collected)
	}
	s.ID = line.SessionID
	one.Path, err = q.path(line.PathID, content)
	return one, err
}

func (q *recordSearch) path(id int64, content []byte) (creditnotes.PathInfo, error) {
	info, ok := q.paths[id]
	if ok {
		return info, nil
	}
	path, err := tariffs.ParsePath(content)
	if err != nil {
		return info, err
	}
	info = creditnotes.PathInfoOf(path)
	q.paths[id] = info
	return info, nil
}

// totalsOfLines adds up the records of lines: what is added up already, and the
// lines of the other documents in one walk.
func (q *recordSearch) totalsOfLines(ctx context.Context) ([]creditnotes.RecordTotal, error) {
	if q.noLines() {
		return nil, nil
	}
	if !q.filter.AsOf.IsZero() {
		return q.walkedTotals(ctx)
	}
	sums, rest, err := q.totalsOfSums(ctx)
	if err != nil || len(rest) == 0 {
		return sums, err
	}
	walk := *q
	walk.few = rest
	walked, err := walk.walkedTotals(ctx)
	return creditnotes.AddTotals(sums, walked), err
}

// walkedTotals adds up lines.
func (q *recordSearch) walkedTotals(ctx context.Context) ([]creditnotes.RecordTotal, error) {
	where := &condition{}
	var from []string
	switch begin, until := q.filter.Instants(q.zone, true); {
	case q.few != nil:
		from = []string{q.byNotes(where)}
	case !begin.IsZero() || !until.IsZero():
		from = q.bySessions()
	default:
		from = q.anyLines()
	}
	q.onLines(where)
	sums := q.lineSums(where, documents)
	var lists [][]creditnotes.RecordTotal
	for _, one := range from {
		some, err := collect(ctx, q.read, totalFields, "SELECT n.currency, 'revenue', "+sums+" FROM "+one+" "+where.String()+" GROUP BY n.currency", utcArgs(where.args)...)
		if err != nil {
			return nil, err
		}
		lists = append(lists, some)
	}
	return creditnotes.AddTotals(lists...), nil
}

// lineSums adds up what the records of the wanted origin come to.
func (q *recordSearch) lineSums(where *condition, from lineSource) string {
	const zero = "CAST(0 AS bigint)"
	total := func(sql string) string { return "CAST(sum(" + sql + ") AS bigint)" }
	some := func(column string) string { return "CASE WHEN " + column + " <> 0 THEN 1 ELSE 0 END" }
	beside := func(column string) string {
		return strings.Join([]string{"count(*)", total(column), zero, zero, zero, zero, zero}, ", ")
	}
	switch q.filter.Origin {
	case creditnotes.OriginElectricityCost:
		return beside("l.net_electricity_cost")
	case creditnotes.OriginElectricityTax:
		return beside("l.net_electricity_tax")
	}
	records, net := "count(*)", sessionNet
	if q.filter.Origin == "" {
		records, net = total("1 + "+some("l.net_electricity_cost")+" + "+some("l.net_electricity_tax")), ownerShare
	}
	driver := driverWith(q.charged(where, from))
	return strings.Join([]string{
		records, total(net), "coalesce(" + total(driver) + ", 0)", total(ownerShare), "coalesce(" + total(driver+" - "+ownerShare) + ", 0)",
		total("l.energy"), "count(*) - count(" + driver + ")",
	}, ", ")
}

func totalFields(t *creditnotes.RecordTotal) []any {
	return []any{&t.Currency, &t.Direction, &t.Records, &t.Net, &t.DriverAmount, &t.OwnerShare, &t.OperatorShare, &t.Energy, &t.Unknown}
}
