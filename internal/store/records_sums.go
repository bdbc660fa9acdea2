package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"creditrun/creditnotes"
)

// What the records of a document come to is kept in record_sums by owner, day
// and collection, and their order by net in record_nets (docs/decisions/0112).
// Both are made of lines and sessions after a draft is written, by the same
// expressions that list records. Whoever changes what they were made of names
// the document in record_touched in the same transaction: until it is added up
// again, its lines are.

// sumBatch is how many documents are added up in one transaction.
const sumBatch = 50

// SumRecords adds up the documents that are not, or whose records have changed.
// Processes that do so at the same time wait for each other.
func (s *Store) SumRecords(ctx context.Context) error {
	zone, err := s.operatorZone(ctx)
	if err != nil {
		return fmt.Errorf("add up records: %w", err)
	}
	ids, err := s.outdated(ctx, zone)
	for len(ids) > 0 && err == nil {
		n := min(sumBatch, len(ids))
		err = s.inTx(ctx, func(tx *Tx) error {
			if err := tx.lock("record_sums"); err != nil {
				return err
			}
			return tx.sumNotes(s, zone, ids[:n])
		})
		ids = ids[n:]
	}
	if err != nil {
		return fmt.Errorf("add up records: %w", err)
	}
	return nil
}

// outdated lists the documents that are to be added up and forgets that they were
// touched: whoever touches one from now on is seen the next time.
func (s *Store) outdated(ctx context.Context, zone *time.Location) (ids []int64, err error) {
	var touched int
	if err := s.readSQL.QueryRowContext(ctx, "SELECT count(*) FROM (SELECT 1 FROM record_touched LIMIT 1) t").Scan(&touched); err != nil {
		return nil, translateError(err)
	}
	if touched > 0 {
		err = s.inTx(ctx, func(tx *Tx) error {
			if err := tx.lock("record_sums"); err != nil {
				return err
			}
			notes, err := column[int64](ctx, tx.sql, "SELECT DISTINCT note_id FROM record_touched")
			if err != nil {
				return err
			}
			for _, statement := range []string{
				"UPDATE record_summed SET current = false WHERE note_id " + s.dialect.in("$1"),
				"DELETE FROM record_touched WHERE note_id " + s.dialect.in("$1"),
			} {
				if _, err := tx.exec(statement, s.dialect.list(notes)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return column[int64](ctx, s.readSQL, `SELECT n.id FROM credit_notes n JOIN runs r ON r.id = n.run_id
		WHERE n.kind = 'credit_note' AND r.stage <> 'drafting' AND `+notSummed("$1")+" ORDER BY n.id", zone.String())
}

// notSummed holds where no current sums of a document n in a zone are there.
func notSummed(zone string) string {
	return "NOT EXISTS (SELECT 1 FROM record_summed v WHERE v.note_id = n.id AND v.current AND v.zone = " + zone + ")"
}

const sumColumns = `note_id, owner_id, day, currency, collected, station_key, contract, shared, correction, tax,
	records, sessions, costs, taxes, unknown, energy, driver, operator,
	net_energy, net_time, net_fee, net_share, net_electricity_cost, net_electricity_tax, net_session_fees`

// sumNotes adds up some documents.
func (tx *Tx) sumNotes(s *Store, zone *time.Location, ids []int64) error {
	q := &recordSearch{store: s, filter: &creditnotes.SettlementFilter{}, zone: zone}
	list := s.dialect.list(ids)
	if _, err := tx.exec("DELETE FROM record_sums WHERE note_id "+s.dialect.in("$1"), list); err != nil {
		return err
	}
	where := &condition{}
	where.and("l.note_id "+s.dialect.in("?"), list)
	where.and(recorded)
	driver, arrived := driverWith(q.charged(where, documents)), q.hasArrived(where)
	inner := "SELECT l.note_id, l.owner_id, n.currency, l.kind, l.energy, " + netsOf + ", " + s.dialect.day("s.ended_at", zone, tx.now(), where) + " AS day, " +
		driver + " AS driver, " + arrived + ` AS arrived, '' AS station_key, '' AS contract, false AS shared, false AS correction, '' AS tax
		FROM lines l JOIN credit_notes n ON n.id = l.note_id JOIN sessions s ON s.id = l.session_id ` + where.String()
	if _, err := tx.exec(summing(inner), where.args...); err != nil {
		return err
	}
	if err := tx.orderNotes(s, zone, list); err != nil {
		return err
	}
	_, err := tx.exec("INSERT INTO record_summed (note_id, zone, current) SELECT n.id, $2, true FROM credit_notes n WHERE n.id "+s.dialect.in("$1")+
		" ON CONFLICT (note_id) DO UPDATE SET zone = excluded.zone, current = true", list, zone.String())
	return err
}

// orderNotes puts the records of documents in order, once: the nets of their lines
// stay as they are.
func (tx *Tx) orderNotes(s *Store, zone *time.Location, list any) error {
	for origin, net := range lineNets {
		where := &condition{}
		where.and("l.note_id "+s.dialect.in("?"), list)
		where.and(recorded)
		where.and("NOT EXISTS (SELECT 1 FROM record_summed v WHERE v.note_id = l.note_id)")
		if origin > 0 {
			where.and(net + " <> 0")
		}
		month := "substr(" + s.dialect.day("s.ended_at", zone, tx.now(), where) + ", 1, 7)"
		_, err := tx.exec(fmt.Sprintf("INSERT INTO record_nets (origin, net, session_id, kind, note_id, month) SELECT %d, %s, l.session_id, l.kind, l.note_id, %s FROM lines l JOIN sessions s ON s.id = l.session_id %s",
			origin, net, month, where), where.args...)
		if err != nil {
			return err
		}
	}
	return nil
}

// summing adds up lines with driver (NULL: unknown), arrived and the columns that
// tell sums apart.
func summing(lines string) string {
	const owner = "(net_energy + net_time + net_fee + net_share + net_session_fees + net_electricity_cost + net_electricity_tax)"
	sum := func(sql string) string { return "CAST(coalesce(sum(" + sql + "), 0) AS bigint)" }
	one := func(condition string) string { return sum("CASE WHEN " + condition + " THEN 1 ELSE 0 END") }
	figures := []string{
		"count(*)", one("kind = 'credit'"), one("net_electricity_cost <> 0"), one("net_electricity_tax <> 0"), one("driver IS NULL"),
		sum("energy"), sum("driver"), sum("driver - " + owner),
	}
	for _, column := range strings.Split("net_energy net_time net_fee net_share net_electricity_cost net_electricity_tax net_session_fees", " ") {
		figures = append(figures, sum(column))
	}
	return "INSERT INTO record_sums (" + sumColumns + ") SELECT note_id, owner_id, day, currency, collected, station_key, contract, shared, correction, tax, " +
		strings.Join(figures, ", ") + " FROM (SELECT x.*, (x.arrived OR coalesce(x.driver, 1) = 0) AS collected FROM (" + lines + `) x) y
		GROUP BY note_id, owner_id, day, currency, collected, station_key, contract, shared, correction, tax`
}

// forgetSums removes the sums of some documents, given by a condition on l.note_id,
// before their lines go.
func (tx *Tx) forgetSums(notes string, args ...any) error {
	for _, statement := range []string{
		"DELETE FROM record_sums AS l WHERE " + notes,
		"DELETE FROM record_summed AS l WHERE " + notes,
		"DELETE FROM record_touched AS l WHERE " + notes,
	} {
		if _, err := tx.exec(statement, args...); err != nil {
			return fmt.Errorf("sums of records: %w", err)
		}
	}
	for origin, net := range lineNets {
		_, err := tx.exec(fmt.Sprintf(`DELETE FROM record_nets WHERE (origin, net, session_id, kind, note_id) IN
			(SELECT %d, %s, l.session_id, l.kind, l.note_id FROM lines l WHERE %s)`, origin, net, notes), args...)
		if err != nil {
			return fmt.Errorf("order of records: %w", err)
		}
	}
	return nil
}

// touchRecords says that the records of sessions, which a query names, have
// changed, beside their nets. Each kind of lines has an index of its own.
func (tx *Tx) touchRecords(sessions string, args ...any) error {
	const notes = "SELECT l.note_id FROM lines l WHERE l.live AND l.note_id IS NOT NULL AND l.kind %s 'reversal' AND l.session_id IN (%s)"
	_, err := tx.exec("INSERT INTO record_touched (note_id) "+fmt.Sprintf(notes, "<>", sessions)+" UNION "+fmt.Sprintf(notes, "=", sessions), args...)
	if err != nil {
		return fmt.Errorf("touched records: %w", err)
	}
	return nil
}

// day is the day of a column in a zone, as text. The changes of the zone's clock
// are told one by one, the latest first, so that both databases come to the same.
func (d dialect) day(column string, zone *time.Location, now time.Time, where *condition) string {
	shift := func(at time.Time) string {
		_, offset := at.In(zone).Zone()
		if d == postgresDialect {
			return fmt.Sprintf("interval '%d seconds'", offset)
		}
		return fmt.Sprintf("'%+d seconds'", offset)
	}
	at := now.AddDate(2, 0, 0)
	var cases strings.Builder
	for {
		begin, _ := at.In(zone).ZoneBounds()
		if begin.IsZero() || begin.Year() < firstYear {
			break
		}
		cases.WriteString(where.arg(" WHEN "+column+" >= ? THEN "+shift(begin), utc(begin)))
		at = begin.Add(-time.Second)
	}
	offset := shift(at)
	if cases.Len() > 0 {
		offset = "CASE" + cases.String() + " ELSE " + offset + " END"
	}
	if d == postgresDialect {
		return "to_char((" + column + " AT TIME ZONE 'UTC') + " + offset + ", 'YYYY-MM-DD')"
	}
	return "date(" + column + ", " + offset + ")"
}

// firstYear is before all charging.
const firstYear = 2000

// onSums is what the filter asks of sums r of documents n.
func (q *recordSearch) onSums(where *condition) {
	f := q.filter
	q.onParts(where, "r")
	from, until := f.From, f.Until
	if !f.Month.IsZero() {
		from = max(from, f.Month.FirstDay())
		if last := f.Month.LastDay(); until.IsZero() || last.Before(until) {
			until = last
		}
	}
	if !from.IsZero() {
		where.and("r.day >= ?", string(from))
	}
	if !until.IsZero() {
		where.and("r.day <= ?", string(until))
	}
	switch f.Collected {
	case creditnotes.DriverCollected:
		where.and("r.collected")
	case creditnotes.DriverAwaited:
		where.and("NOT r.collected")
	}
}

// sumOf is what sums r come to for the wanted origin, in the order of totalFields.
func sumOf(origin creditnotes.Origin) string {
	const (
		session = "r.net_energy + r.net_time + r.net_fee + r.net_share + r.net_session_fees"
		owner   = session + " + r.net_electricity_cost + r.net_electricity_tax"
		zero    = "CAST(0 AS bigint)"
	)
	total := func(sql string) string { return "CAST(coalesce(sum(" + sql + "), 0) AS bigint)" }
	switch origin {
	case creditnotes.OriginElectricityCost:
		return strings.Join([]string{total("r.costs"), total("r.net_electricity_cost"), zero, zero, zero, zero, zero}, ", ")
	case creditnotes.OriginElectricityTax:
		return strings.Join([]string{total("r.taxes"), total("r.net_electricity_tax"), zero, zero, zero, zero, zero}, ", ")
	}
	records, net := total("r.records"), total(session)
	if origin == "" {
		records, net = total("r.records + r.costs + r.taxes"), total(owner)
	}
	return strings.Join([]string{records, net, total("r.driver"), total(owner), total("r.operator"), total("r.energy"), total("r.unknown")}, ", ")
}

// totalsOfSums adds up the sums of documents that are current, and names the
// documents that have none.
func (q *recordSearch) totalsOfSums(ctx context.Context) (list []creditnotes.RecordTotal, rest []int64, err error) {
	where := &condition{}
	q.onNotes(where)
	if q.few != nil {
		where.and("n.id "+q.store.dialect.in("?"), q.store.dialect.list(q.few))
	}
	outdated := *where
	outdated.and("n.kind = 'credit_note'")
	outdated.parts = append(outdated.parts, "("+outdated.arg(notSummed("?"), q.zone.String())+" OR "+touched+")")
	if rest, err = column[int64](ctx, q.read, "SELECT n.id FROM credit_notes n "+outdated.String(), outdated.args...); err != nil {
		return nil, nil, err
	}
	q.onSums(where)
	where.and("v.current AND v.zone = ?", q.zone.String())
	where.and("NOT " + touched)
	list, err = collect(ctx, q.read, totalFields, "SELECT n.currency, 'revenue', "+sumOf(q.filter.Origin)+
		" FROM record_sums r JOIN credit_notes n ON n.id = r.note_id JOIN record_summed v ON v.note_id = n.id "+where.String()+" GROUP BY n.currency", where.args...)
	return list, rest, err
}

// touched holds where the records of a document n have changed since they were
// added up.
const touched = "n.id IN (SELECT note_id FROM record_touched)"
