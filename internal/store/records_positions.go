package store

import (
	"context"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
)

// positionKind is a kind of positions p that make records.
type positionKind struct {
	components string
	from       string
	dated      string // the column that says when its records are
	day        bool   // it holds a day, not a month
}

// Records of sums and fees are dated on the last day of their month; their
// positions have an index by month. Custom records have a date of their own.
var (
	sumsOfMonths = positionKind{
		components: "p.component IN ('minimum_guarantee', 'volume_bonus', 'monthly_fee', 'fee_per_station', 'fee_per_ac_evse', 'fee_per_dc_evse')",
		from:       fromPositions, dated: "p.month",
	}
	customRecords = positionKind{
		components: "p.component = 'custom'",
		from:       fromPositions + "JOIN custom_records c ON c.key = p.record ", dated: "c.date", day: true,
	}
)

// positionOrigins are the origins of the records of positions p, by component.
const positionOrigins = `CASE p.component WHEN 'minimum_guarantee' THEN 'minimum_guarantee' WHEN 'volume_bonus' THEN 'volume_bonus' WHEN 'custom' THEN 'custom'
	ELSE 'platform_fee' END`

const fromPositions = " FROM positions p JOIN credit_notes n ON n.id = p.note_id JOIN entities e ON e.id = p.owner_id "

const positionDirection = "CASE n.kind WHEN 'invoice' THEN 'expense' ELSE 'revenue' END"

// onPositions is what the filter asks of positions.
func (q *recordSearch) onPositions(where *condition, kind *positionKind) {
	f := q.filter
	where.and(kind.components)
	where.and(`n.kind <> 'cancellation' AND NOT EXISTS (SELECT 1 FROM credit_notes x WHERE x.cancels = n.id AND x.state = 'issued')
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
		where.and(kind.dated+" >= ?", kind.first(f.From))
	}
	if !f.Until.IsZero() {
		where.and(kind.dated+" <= ?", kind.last(f.Until))
	}
	if f.Origin != "" {
		where.and(positionOrigins+" = ?", string(f.Origin))
	}
	if f.Direction != "" {
		where.and(positionDirection+" = ?", string(f.Direction))
	}
}

// first is the first value of the column whose records are on a day or later.
func (k *positionKind) first(day entities.Date) string {
	if k.day {
		return string(day)
	}
	return string(day)[:len("2006-01")]
}

// last is the last value of the column whose records are on a day or earlier.
func (k *positionKind) last(day entities.Date) string {
	if k.day {
		return string(day)
	}
	return string(entities.MonthOf(day.AddDays(1).In(time.UTC), time.UTC).Prev())
}

// at is the value of the column whose records are at a moment or next after it,
// and whether they are at the moment itself.
func (k *positionKind) at(moment time.Time, zone *time.Location) (value string, exactly bool) {
	day := entities.DateOf(moment, zone)
	if !k.day {
		day = entities.MonthOf(moment, zone).LastDay()
	}
	return k.first(day), moment.Equal(creditnotes.EndOf(day, zone))
}

// noPositions reports whether no record of a position can be let through.
func (q *recordSearch) noPositions() bool {
	f := q.filter
	return f.Collected != "" || f.Origin.OfLines() || f.Origin == creditnotes.OriginOwnCharging || f.Origin == creditnotes.OriginTopUp
}

// recordedPosition is a position with what its record shows.
type recordedPosition struct {
	creditnotes.Position
	note  creditnotes.Note
	draft bool
	dated string
}

func (q *recordSearch) ofSums(ctx context.Context, p creditnotes.RecordPage, place *creditnotes.RecordPlace) ([]creditnotes.SettlementRecord, error) {
	return q.ofPositions(ctx, &sumsOfMonths, p, place)
}

func (q *recordSearch) ofCustom(ctx context.Context, p creditnotes.RecordPage, place *creditnotes.RecordPlace) ([]creditnotes.SettlementRecord, error) {
	return q.ofPositions(ctx, &customRecords, p, place)
}

// ofPositions reads records of positions for a page.
func (q *recordSearch) ofPositions(ctx context.Context, kind *positionKind, p creditnotes.RecordPage, place *creditnotes.RecordPlace) (list []creditnotes.SettlementRecord, err error) {
	if q.noPositions() {
		return nil, nil
	}
	where := &condition{}
	q.onPositions(where, kind)
	order := q.positionsBeyond(where, kind, p, place)
	rows, err := collect(ctx, q.read, func(r *recordedPosition) []any {
		return []any{&r.note.ID, &r.note.Kind, &r.note.Number, &r.draft, &r.note.Currency, &r.Ordinal, &r.Owner, &r.Component, &r.Month, &r.dated, &r.Sum, &r.Net, &r.Contract, &r.Record, &r.Text}
	}, limited("SELECT n.id, n.kind, "+broughtNumber+", n.state = 'draft', n.currency, p.ordinal, e.key, p.component, p.month, "+kind.dated+", p.sum, p.net, p.contract, p.record, p.text"+
		kind.from+where.String()+order, p.Size()+mostOrdinals+1), utcArgs(where.args)...)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		r := &rows[i]
		r.note.Document.CurrencyDigits = digitsOf(r.note.Currency)
		var date entities.Date
		if kind.day {
			date = entities.Date(r.dated)
		}
		if one, ok := r.note.Record(&r.Position, date, q.zone); ok {
			one.Open = r.draft
			list = append(list, one)
		}
	}
	return list, nil
}

// digitsOf is how many decimals a currency has; two where it is unknown.
func digitsOf(currency string) int {
	digits, known := money.Digits(currency)
	if !known {
		return 2
	}
	return digits
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
func (q *recordSearch) positionsBeyond(where *condition, kind *positionKind, p creditnotes.RecordPage, place *creditnotes.RecordPlace) (order string) {
	first, backwards := kind.dated, p.Backwards()
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
		at, exactly := kind.at(place.At, q.zone)
		value = at
		if !exactly {
			exact, reaches = false, !backwards // those records come later
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

func (q *recordSearch) totalsOfSumsOfMonths(ctx context.Context) ([]creditnotes.RecordTotal, error) {
	return q.totalsOfPositions(ctx, &sumsOfMonths)
}

func (q *recordSearch) totalsOfCustom(ctx context.Context) ([]creditnotes.RecordTotal, error) {
	return q.totalsOfPositions(ctx, &customRecords)
}

// totalsOfPositions adds up the records of positions.
func (q *recordSearch) totalsOfPositions(ctx context.Context, kind *positionKind) ([]creditnotes.RecordTotal, error) {
	if q.noPositions() {
		return nil, nil
	}
	where := &condition{}
	q.onPositions(where, kind)
	var list []creditnotes.RecordTotal
	type row struct {
		creditnotes.RecordTotal
		net money.Amount
	}
	rows, err := collect(ctx, q.read, func(r *row) []any { return []any{&r.Currency, &r.Direction, &r.Records, &r.net} },
		"SELECT n.currency, "+positionDirection+", count(*), CAST(sum(p.net) AS bigint)"+kind.from+where.String()+" GROUP BY 1, 2", utcArgs(where.args)...)
	for i := range rows {
		rows[i].Net = rows[i].net.Micros(digitsOf(rows[i].Currency))
		list = append(list, rows[i].RecordTotal)
	}
	return list, err
}
