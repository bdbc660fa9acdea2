package store

import (
	"context"
	"time"

	"creditrun/creditnotes"
)

// Records of own charging o on notes n, with sessions s.
const fromCharges = ` FROM own_charges o JOIN credit_notes n ON n.id = o.note_id JOIN sessions s ON s.id = o.session_id
	JOIN entities e ON e.id = o.owner_id LEFT JOIN connectors c ON c.id = s.connector_id `

// wants reports whether the filter lets records through that are expenses of one
// origin, and for which no driver pays.
func (q *recordSearch) wants(origin creditnotes.Origin) bool {
	f := q.filter
	return f.Collected == "" && f.Direction != creditnotes.Revenue && (f.Origin == "" || f.Origin == origin)
}

func (q *recordSearch) onCharges() *condition {
	where := &condition{}
	where.and("o.live")
	q.onNotes(where)
	q.onParts(where, "o")
	if q.few != nil {
		where.and("o.note_id "+q.store.dialect.in("?"), q.store.dialect.list(q.few))
	}
	q.within(where, "s.ended_at")
	return where
}

// within lets through what is at a moment of the filter, by the month of the moment.
func (q *recordSearch) within(where *condition, at string) {
	from, until := q.filter.Instants(q.zone, true)
	if !from.IsZero() {
		where.and(at+" >= ?", from)
	}
	if !until.IsZero() {
		where.and(at+" < ?", until)
	}
}

// ofCharges reads records of own charging for a page.
func (q *recordSearch) ofCharges(ctx context.Context, p creditnotes.RecordPage, place *creditnotes.RecordPlace) (list []creditnotes.SettlementRecord, err error) {
	if !q.wants(creditnotes.OriginOwnCharging) {
		return nil, nil
	}
	where, first := q.onCharges(), "s.ended_at"
	if p.ByNet {
		first = "o.net"
	}
	beyond(where, p, place, creditnotes.RecordsOfCharges, first, "s.id")
	type row struct {
		creditnotes.RecordedCharge
		collected, known *time.Time
	}
	rows, err := collect(ctx, q.read, func(r *row) []any {
		s := &r.Session
		return []any{&r.NoteID, &r.Owner, &r.SessionID, &r.Kind, &r.OwnCharge.Contract, &r.OwnCharge.Energy, &r.OwnCharge.DriverAmount, &r.Net, &r.Currency, &r.Number, &r.Open,
			&s.Source, &s.ExternalID, &s.MediumUID, &s.Start, &s.End, &s.Duration, &s.EVSEID, &s.Connector, &r.Station, &r.collected, &r.known}
	}, limited(`SELECT o.note_id, e.key, o.session_id, o.kind, o.contract, o.energy, o.driver_amount, o.net, n.currency, coalesce(n.number, ''), n.state = 'draft',
			s.source, s.external_id, s.medium_uid, s.started_at, s.ended_at, s.duration_s, coalesce(c.evse_id, ''), coalesce(c.number, 0), coalesce(c.station_key, ''),
			s.collected_at, s.collection_known_at`+fromCharges+where.String()+inOrderOf(p, first, "s.id"), p.Size()+3), utcArgs(where.args)...)
	for i := range rows {
		r := &rows[i]
		if q.filter.AsOf.IsZero() || r.known != nil && !r.known.After(q.filter.AsOf) {
			r.CollectedAt = orZero(r.collected)
		}
		list = append(list, r.Record(q.zone))
	}
	return list, err
}

// totalsOfCharges adds up the records of own charging.
func (q *recordSearch) totalsOfCharges(ctx context.Context) ([]creditnotes.RecordTotal, error) {
	if !q.wants(creditnotes.OriginOwnCharging) {
		return nil, nil
	}
	where := q.onCharges()
	return collect(ctx, q.read, totalFields, `SELECT n.currency, 'expense', count(*), CAST(sum(o.net) AS bigint), CAST(sum(o.driver_amount) AS bigint),
		CAST(0 AS bigint), CAST(0 AS bigint), CAST(sum(o.energy) AS bigint), CAST(0 AS bigint)`+fromCharges+where.String()+" GROUP BY n.currency", utcArgs(where.args)...)
}

// onTopUps is what the filter asks of top_ups t: they stand on no document of a
// run.
func (q *recordSearch) onTopUps() *condition {
	f, where := q.filter, &condition{}
	if f.Owners != nil {
		where.and("t.entity_key "+q.store.dialect.in("?"), q.store.dialect.texts(f.Owners))
	}
	if f.Currency != "" {
		where.and("t.currency = ?", f.Currency)
	}
	q.within(where, "t.at")
	return where
}

func (q *recordSearch) noTopUps() bool {
	return !q.wants(creditnotes.OriginTopUp) || q.filter.Run != "" || q.filter.Number != ""
}

// ofTopUps reads records of top-ups for a page. Amounts of different currencies
// are compared in millionths only once they are read, so that a page by net reads
// all of them.
func (q *recordSearch) ofTopUps(ctx context.Context, p creditnotes.RecordPage, place *creditnotes.RecordPlace) (list []creditnotes.SettlementRecord, err error) {
	if q.noTopUps() {
		return nil, nil
	}
	where := q.onTopUps()
	query := "SELECT t.id, t.key, t.entity_key, t.user_name, t.amount, t.currency, t.at, t.received_at FROM top_ups t "
	if p.ByNet {
		query += where.String()
	} else {
		beyond(where, p, place, creditnotes.RecordsOfTopUps, "t.at", "t.id")
		query += where.String() + limited(inOrderOf(p, "t.at", "t.id"), p.Size()+2)
	}
	rows, err := collect(ctx, q.read, func(r *topUpRow) []any {
		return []any{&r.ID, &r.Key, &r.EntityKey, &r.UserName, &r.Amount, &r.Currency, &r.At, &r.ReceivedAt}
	}, query, utcArgs(where.args)...)
	for i := range rows {
		one := rows[i].domain()
		list = append(list, one.Record(q.zone))
	}
	return list, err
}

// totalsOfTopUps adds up the records of top-ups.
func (q *recordSearch) totalsOfTopUps(ctx context.Context) (list []creditnotes.RecordTotal, err error) {
	if q.noTopUps() {
		return nil, nil
	}
	where := q.onTopUps()
	rows, err := collect(ctx, q.read, func(r *topUpRow) []any { return []any{&r.Currency, &r.ID, &r.Amount} },
		"SELECT t.currency, count(*), CAST(sum(t.amount) AS bigint) FROM top_ups t "+where.String()+" GROUP BY t.currency", utcArgs(where.args)...)
	for i := range rows {
		one := rows[i].domain()
		total := creditnotes.RecordTotal{Currency: one.Currency, Direction: creditnotes.Expense}
		total.Records, total.Net = one.ID, one.Amount.Micros(digitsOf(one.Currency))
		list = append(list, total)
	}
	return list, err
}
