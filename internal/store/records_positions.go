package store

import (
	"context"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
)

// positionOrigins are the origins of the records of positions p, by component.
const positionOrigins = `CASE p.component WHEN 'minimum_guarantee' THEN 'minimum_guarantee' WHEN 'volume_bonus' THEN 'volume_bonus' WHEN 'custom' THEN 'custom'
	ELSE 'platform_fee' END`

// recordedComponents are the components of positions that make records; they have
// an index.
const recordedComponents = "p.component IN ('minimum_guarantee', 'volume_bonus', 'custom', 'monthly_fee', 'fee_per_station', 'fee_per_ac_evse', 'fee_per_dc_evse')"

const fromPositions = " FROM positions p JOIN credit_notes n ON n.id = p.note_id JOIN entities e ON e.id = p.owner_id "

const positionDirection = "CASE n.kind WHEN 'invoice' THEN 'expense' ELSE 'revenue' END"

// onPositions is what the filter asks of positions: a record is dated on the last
// day of its month.
func (q *recordSearch) onPositions(where *condition) {
	f := q.filter
	where.and(recordedComponents)
	where.and(`n.kind <> 'cancellation' AND NOT EXISTS (SELECT 1 FROM credit_notes c WHERE c.cancels = n.id AND c.state = 'issued')
		AND NOT EXISTS (SELECT 1 FROM withdrawn_notes w WHERE w.note_id = n.id)`)
	q.onNotes(where)
	q.onParts(where, "p")
	if q.few != nil {
		where.and("p.note_id "+q.store.dialect.in("?"), q.store.dialect.list(q.few))
	}
	if !f.Month.IsZero() {
		where.and("p.month = ?", string(f.Month))
	}
	if !f.From.IsZero() {
		where.and("p.month >= ?", string(entities.MonthOf(f.From.In(q.zone), q.zone)))
	}
	if !f.Until.IsZero() {
		where.and("p.month <= ?", string(lastMonthUntil(f.Until)))
	}
	if f.Origin != "" {
		where.and(positionOrigins+" = ?", string(f.Origin))
	}
	if f.Direction != "" {
		where.and(positionDirection+" = ?", string(f.Direction))
	}
}

// lastMonthUntil is the last month whose last day is no later than a day.
func lastMonthUntil(day entities.Date) entities.Month {
	return entities.MonthOf(day.AddDays(1).In(time.UTC), time.UTC).Prev()
}

// noPositions reports whether no record of a position can be let through.
func (q *recordSearch) noPositions() bool {
	f := q.filter
	return f.Collected != "" || f.Origin.OfLines() || f.Origin == creditnotes.OriginOwnCharging || f.Origin == creditnotes.OriginTopUp
}

// recordedPosition is a position with what its record shows.
type recordedPosition struct {
	creditnotes.Position
	note creditnotes.Note
}

// ofPositions reads records of positions for a page.
func (q *recordSearch) ofPositions(ctx context.Context, p creditnotes.RecordPage, place *creditnotes.RecordPlace) (list []creditnotes.SettlementRecord, err error) {
	if q.noPositions() {
		return nil, nil
	}
	where := &condition{}
	q.onPositions(where)
	order := q.positionsBeyond(where, p, place)
	rows, err := collect(ctx, q.store.readSQL, func(r *recordedPosition) []any {
		return []any{&r.note.ID, &r.note.Kind, &r.note.Number, &r.note.Currency, &r.Ordinal, &r.Owner, &r.Component, &r.Month, &r.Sum, &r.Net, &r.Contract, &r.Record, &r.Text}
	}, limited("SELECT n.id, n.kind, "+broughtNumber+", n.currency, p.ordinal, e.key, p.component, p.month, p.sum, p.net, p.contract, p.record, p.text"+
		fromPositions+where.String()+order, p.Size()+mostOrdinals+1), utcArgs(where.args)...)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		r := &rows[i]
		digits, ok := money.Digits(r.note.Currency)
		if !ok {
			digits = 2
		}
		r.note.Document.CurrencyDigits = digits
		if one, ok := r.note.Record(&r.Position, "", q.zone); ok {
			list = append(list, one)
		}
	}
	return list, nil
}

// mostOrdinals is how many positions of the note at a place may be read again.
const mostOrdinals = 50

// broughtNumber is numberOf for positions.
const broughtNumber = `coalesce(n.number, CASE WHEN n.state = 'carried' THEN (
	WITH RECURSIVE users (note_id) AS (
		SELECT u.note_id FROM carry_uses u WHERE u.carried_id = n.id AND u.owner_id = p.owner_id
		UNION
		SELECT u.note_id FROM users x JOIN carry_uses u ON u.carried_id = x.note_id AND u.owner_id = p.owner_id
	)
	SELECT d.number FROM users x JOIN credit_notes d ON d.id = x.note_id WHERE d.number IS NOT NULL) END, '')`

// positionsBeyond narrows to what lies beyond a place, and returns the order.
func (q *recordSearch) positionsBeyond(where *condition, p creditnotes.RecordPage, place *creditnotes.RecordPlace) (order string) {
	first, backwards := "p.month", p.Backwards()
	if p.ByNet {
		first = "p.sum"
	}
	order = inOrderOf(p, first, "p.note_id", "p.ordinal")
	if place == nil {
		return order
	}
	compare := ">"
	if backwards {
		compare = "<"
	}
	exact := place.Source == creditnotes.RecordsOfPositions
	reaches := place.Source <= creditnotes.RecordsOfPositions != backwards // records of the same moment lie beyond the place
	var value any = int64(place.Net)
	if !p.ByNet {
		month := entities.MonthOf(place.At, q.zone)
		value = string(month)
		if !exact && !place.At.Equal(creditnotes.EndOf(month.LastDay(), q.zone)) {
			reaches = !backwards // the month ends later
		}
	}
	switch {
	case exact:
		where.and("("+first+", p.note_id, p.ordinal) "+compare+" (?, ?, ?)", value, place.ID, place.Part)
	case reaches:
		where.and(first+" "+compare+"= ?", value)
	default:
		where.and(first+" "+compare+" ?", value)
	}
	return order
}

// totalsOfPositions adds up the records of positions.
func (q *recordSearch) totalsOfPositions(ctx context.Context) ([]creditnotes.RecordTotal, error) {
	if q.noPositions() {
		return nil, nil
	}
	where := &condition{}
	q.onPositions(where)
	var list []creditnotes.RecordTotal
	type row struct {
		creditnotes.RecordTotal
		net money.Amount
	}
	rows, err := collect(ctx, q.store.readSQL, func(r *row) []any { return []any{&r.Currency, &r.Direction, &r.Records, &r.net} },
		"SELECT n.currency, "+positionDirection+", count(*), CAST(sum(p.net) AS bigint)"+fromPositions+where.String()+" GROUP BY 1, 2", utcArgs(where.args)...)
	for i := range rows {
		digits, ok := money.Digits(rows[i].Currency)
		if !ok {
			digits = 2
		}
		rows[i].Net = rows[i].net.Micros(digits)
		list = append(list, rows[i].RecordTotal)
	}
	return list, err
}
