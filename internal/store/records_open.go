package store

import (
	"context"
	"slices"
	"time"

	"creditrun/creditnotes"
)

// openLines are the lines of a book of the open month.
var openLines = lineSource{currency: "l.currency"}

// openSearch is what a listing knows of the open month.
type openSearch struct {
	book int64 // 0: there is none, or none is wanted
	// overtaken: a run has decided about sessions since the book was right, so that
	// each of its lines has to be asked for.
	overtaken bool
}

// openMonth finds the book that a filter looks into.
func (s *Store) openMonth(ctx context.Context, f *creditnotes.SettlementFilter) (o openSearch, err error) {
	if !f.WantsOpen() {
		return o, nil
	}
	state, err := s.OpenState(ctx)
	if err != nil || state.Book == nil {
		return o, err
	}
	return openSearch{state.Book.ID, state.Overtaken()}, nil
}

// onOpenLines is what the filter asks of lines l of the book.
func (q *recordSearch) onOpenLines(where *condition) {
	f := q.filter
	where.and("l.note_id = ?", -q.open.book)
	if q.open.overtaken {
		where.and(`(SELECT 1 FROM lines x WHERE x.session_id = l.session_id AND x.live AND x.kind <> 'reversal' AND l.kind = 'credit') IS NULL
			AND (SELECT 1 FROM lines x WHERE x.session_id = l.session_id AND x.live AND x.kind = 'reversal' AND l.kind = 'reversal') IS NULL`)
	}
	if q.owners != nil {
		where.and("l.owner_id "+q.store.dialect.in("?"), q.store.dialect.list(q.owners))
	}
	if f.Currency != "" {
		where.and("l.currency = ?", f.Currency)
	}
	q.within(where, "l.ended_at")
	switch f.Origin {
	case creditnotes.OriginElectricityCost:
		where.and("l.net_electricity_cost <> 0")
	case creditnotes.OriginElectricityTax:
		where.and("l.net_electricity_tax <> 0")
	}
	switch f.Collected {
	case creditnotes.DriverCollected:
		where.and("(" + openlyCharged + " OR " + q.isCollected(where, openLines) + ")")
	case creditnotes.DriverAwaited:
		where.and("NOT (" + openlyCharged + " OR " + q.isCollected(where, openLines) + ")")
	}
}

// ofOpenLines reads records of the lines of the open month for a page.
func (q *recordSearch) ofOpenLines(ctx context.Context, p creditnotes.RecordPage, place *creditnotes.RecordPlace) (list []creditnotes.SettlementRecord, err error) {
	if q.open.book == 0 || q.noLines() {
		return nil, nil
	}
	many, err := q.manyOpenLines(ctx, p)
	if err != nil {
		return nil, err
	}
	if !p.ByNet {
		return q.openLinesBy(ctx, p, place, many, "l.ended_at", q.filter.Origin)
	}
	for i, origin := range lineOrigins {
		if q.filter.Origin != "" && q.filter.Origin != origin {
			continue
		}
		some, err := q.openLinesBy(ctx, p, place, many, lineNets[i], origin)
		if err != nil {
			return nil, err
		}
		list = append(list, some...)
	}
	return list, nil
}

func (q *recordSearch) openLinesBy(ctx context.Context, p creditnotes.RecordPage, place *creditnotes.RecordPlace, many bool, first string, origin creditnotes.Origin) (list []creditnotes.SettlementRecord, err error) {
	where := &condition{}
	q.onOpenLines(where)
	if p.ByNet && origin != creditnotes.OriginSession {
		where.and(first + " <> 0")
	}
	beyond(where, p, place, creditnotes.RecordsOfLines, first, "l.session_id")
	const parts = 6 // as many records as one session makes
	walks := p.ByNet && many
	from := "open_lines l " + q.openIndex(p, many, origin)
	if q.filter.Collected != "" {
		from += q.store.dialect.then() + " sessions s ON s.id = l.session_id "
	}
	picked := limited("SELECT l.note_id, l.session_id, l.kind FROM "+from+where.String()+inOrderOf(p, first, "l.session_id"), p.Size()+parts+1)
	query := "WITH picked AS (" + picked + ") SELECT " + netsOf + ", " + driverOf + `, l.session_id, l.kind, l.energy, l.owner_id, l.correction, e.key, l.currency,
			s.source, s.external_id, s.medium_uid, s.started_at, s.ended_at, s.duration_s, ` + q.charged(where, openLines) + ", s.collected_at, s.collection_known_at, (" +
		ownCharged + " OR " + openlyCharged + `), l.station_key, l.contract, c.evse_id, c.number
		FROM picked JOIN open_lines l ON l.note_id = picked.note_id AND l.session_id = picked.session_id AND l.kind = picked.kind
		JOIN sessions s ON s.id = l.session_id JOIN entities e ON e.id = l.owner_id JOIN connectors c ON c.id = s.connector_id`
	type row struct {
		creditnotes.RecordedLine
		collected, known *time.Time
	}
	var rows []row
	err = q.withoutSorting(ctx, walks, func(read querier) error {
		rows, err = collect(ctx, read, func(r *row) []any {
			l, s, path := &r.Line, &r.Session, &r.Path
			fields := append(netFields(&l.Nets), driverFields(l)...)
			return append(fields, &l.SessionID, &l.Kind, &l.Energy, &l.OwnerID, &l.Correction, &r.Owner, &r.Currency, &s.Source, &s.ExternalID, &s.MediumUID, &s.Start, &s.End, &s.Duration,
				&r.Charged, &r.collected, &r.known, &r.OwnCharged, &path.Station, &path.Contract, &path.EVSEID, &path.Connector)
		}, query, utcArgs(where.args)...)
		return err
	})
	if err != nil {
		return nil, err
	}
	var ids []int64
	for i := range rows {
		ids = append(ids, rows[i].SessionID)
	}
	again, err := q.store.cancelledCredits(ctx, " AND s.id "+q.store.dialect.in("$1"), q.store.dialect.list(ids))
	for i := range rows {
		r := &rows[i]
		r.Again = creditnotes.CreditedAgain(&r.Line, again)
		r.Open, r.Session.ID, r.CollectedAt = true, r.SessionID, orZero(r.collected)
		for _, one := range r.Records(q.zone) {
			if origin == "" || origin == one.Origin {
				list = append(list, one)
			}
		}
	}
	return list, err
}

// manyOpenLines reports whether so many lines of the open month are let through
// that a page is soon found along the order of an index, and not by sorting them.
func (q *recordSearch) manyOpenLines(ctx context.Context, p creditnotes.RecordPage) (bool, error) {
	if !p.ByNet && q.owners == nil {
		return true, nil
	}
	where := &condition{}
	where.and("r.note_id = ?", -q.open.book)
	q.onSums(where)
	var n int64
	err := q.read.QueryRowContext(ctx, "SELECT CAST(coalesce(sum(r.records), 0) AS bigint) FROM record_sums r "+where.String(), where.args...).Scan(&n)
	return n > fewRecords, translateError(err)
}

// openIndex names the index in whose order SQLite reads a page. It has no
// statistics of a book that was just made.
func (q *recordSearch) openIndex(p creditnotes.RecordPage, many bool, origin creditnotes.Origin) string {
	switch {
	case q.store.dialect != sqliteDialect:
		return ""
	case p.ByNet && many:
		return "INDEXED BY " + [...]string{"open_lines_net", "open_lines_cost", "open_lines_tax"}[slices.Index(lineOrigins[:], origin)] + " "
	case q.owners != nil && !many:
		return "INDEXED BY open_lines_owner "
	}
	return ""
}

// withoutSorting reads where planners avoid sorting.
func (q *recordSearch) withoutSorting(ctx context.Context, so bool, read func(querier) error) error {
	if !so || q.store.dialect == sqliteDialect {
		return read(q.read)
	}
	return q.store.snapshot(ctx, func(v view) error {
		var off string
		err := v.QueryRowContext(ctx, "SELECT set_config('enable_sort', 'off', true) || set_config('enable_seqscan', 'off', true) || set_config('enable_bitmapscan', 'off', true)").Scan(&off)
		if err != nil {
			return err
		}
		return read(v)
	})
}

// totalsOfOpenLines adds up the records of the lines of the open month.
func (q *recordSearch) totalsOfOpenLines(ctx context.Context) ([]creditnotes.RecordTotal, error) {
	if q.open.book == 0 || q.noLines() {
		return nil, nil
	}
	where := &condition{}
	if q.open.overtaken {
		q.onOpenLines(where)
		sums := q.lineSums(where, openLines)
		return collect(ctx, q.read, totalFields, "SELECT l.currency, 'revenue', "+sums+" FROM open_lines l JOIN sessions s ON s.id = l.session_id "+where.String()+
			" GROUP BY l.currency", utcArgs(where.args)...)
	}
	where.and("r.note_id = ?", -q.open.book)
	if q.filter.Currency != "" {
		where.and("r.currency = ?", q.filter.Currency)
	}
	q.onSums(where)
	return collect(ctx, q.read, totalFields, "SELECT r.currency, 'revenue', "+sumOf(q.filter.Origin)+" FROM record_sums r "+where.String()+" GROUP BY r.currency", where.args...)
}

// onOpenCharges is what the filter asks of charges o of the book.
func (q *recordSearch) onOpenCharges() *condition {
	where := &condition{}
	where.and("o.note_id = ?", -q.open.book)
	if q.open.overtaken {
		where.and("NOT EXISTS (SELECT 1 FROM own_charges x WHERE x.session_id = o.session_id AND x.live AND x.kind = o.kind)")
	}
	if q.owners != nil {
		where.and("o.owner_id "+q.store.dialect.in("?"), q.store.dialect.list(q.owners))
	}
	if q.filter.Currency != "" {
		where.and("o.currency = ?", q.filter.Currency)
	}
	q.within(where, "o.ended_at")
	return where
}

// ofOpenCharges reads records of own charging of the open month for a page.
func (q *recordSearch) ofOpenCharges(ctx context.Context, p creditnotes.RecordPage, place *creditnotes.RecordPlace) (list []creditnotes.SettlementRecord, err error) {
	if q.open.book == 0 || !q.wants(creditnotes.OriginOwnCharging) {
		return nil, nil
	}
	where, first := q.onOpenCharges(), "o.ended_at"
	if p.ByNet {
		first = "o.net"
	}
	beyond(where, p, place, creditnotes.RecordsOfCharges, first, "o.session_id")
	type row struct {
		creditnotes.RecordedCharge
		collected *time.Time
	}
	rows, err := collect(ctx, q.read, func(r *row) []any {
		s := &r.Session
		return []any{&r.Owner, &r.SessionID, &r.Kind, &r.OwnCharge.Contract, &r.OwnCharge.Energy, &r.OwnCharge.DriverAmount, &r.Net, &r.Currency,
			&s.Source, &s.ExternalID, &s.MediumUID, &s.Start, &s.End, &s.Duration, &s.EVSEID, &s.Connector, &r.Station, &r.collected}
	}, limited(`SELECT e.key, o.session_id, o.kind, o.contract, o.energy, o.driver_amount, o.net, o.currency,
			s.source, s.external_id, s.medium_uid, s.started_at, s.ended_at, s.duration_s, coalesce(c.evse_id, ''), coalesce(c.number, 0), coalesce(c.station_key, ''), s.collected_at
		FROM open_charges o JOIN sessions s ON s.id = o.session_id JOIN entities e ON e.id = o.owner_id LEFT JOIN connectors c ON c.id = s.connector_id `+
		where.String()+inOrderOf(p, first, "o.session_id"), p.Size()+3), utcArgs(where.args)...)
	for i := range rows {
		rows[i].Open, rows[i].CollectedAt = true, orZero(rows[i].collected)
		list = append(list, rows[i].Record(q.zone))
	}
	return list, err
}

// totalsOfOpenCharges adds up the records of own charging of the open month.
func (q *recordSearch) totalsOfOpenCharges(ctx context.Context) ([]creditnotes.RecordTotal, error) {
	if q.open.book == 0 || !q.wants(creditnotes.OriginOwnCharging) {
		return nil, nil
	}
	where := q.onOpenCharges()
	return collect(ctx, q.read, totalFields, `SELECT o.currency, 'expense', count(*), CAST(sum(o.net) AS bigint), CAST(sum(o.driver_amount) AS bigint),
		CAST(0 AS bigint), CAST(0 AS bigint), CAST(sum(o.energy) AS bigint), CAST(0 AS bigint) FROM open_charges o `+where.String()+" GROUP BY o.currency", utcArgs(where.args)...)
}

// ofEntries are the records of the open month that no session makes. There are
// few: one for each contract and kind.
func (q *recordSearch) ofEntries(ctx context.Context, _ creditnotes.RecordPage, _ *creditnotes.RecordPlace) ([]creditnotes.SettlementRecord, error) {
	if q.open.book == 0 || q.open.overtaken || q.noPositions() {
		return nil, nil
	}
	list, err := openEntries(ctx, q.read, q.open.book)
	return slices.DeleteFunc(list, func(r creditnotes.SettlementRecord) bool { return !q.filter.Fits(&r) }), err
}

func (q *recordSearch) totalsOfEntries(ctx context.Context) ([]creditnotes.RecordTotal, error) {
	list, err := q.ofEntries(ctx, creditnotes.RecordPage{}, nil)
	return creditnotes.TotalsOfRecords(list), err
}
