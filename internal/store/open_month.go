package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/sessions"
)

// openBookRow is a row of open_books.
type openBookRow struct {
	ID      int64     `gorm:"column:id"`
	Month   string    `gorm:"column:month"`
	Basis   string    `gorm:"column:basis"`
	Cursor  int64     `gorm:"column:cursor"`
	Current bool      `gorm:"column:current"`
	Changed int64     `gorm:"column:changed"`
	Entered int64     `gorm:"column:entered"`
	AsOf    time.Time `gorm:"column:as_of"`
	SweptAt time.Time `gorm:"column:swept_at"` // of a book that is being made: when it was last written to
}

// TableName implements schema.Tabler.
func (openBookRow) TableName() string { return "open_books" }

func (r openBookRow) domain() *creditnotes.OpenBook {
	return &creditnotes.OpenBook{
		ID: r.ID, Month: entities.Month(r.Month), Basis: r.Basis, Cursor: r.Cursor, Changed: r.Changed, AsOf: r.AsOf.UTC(), Swept: r.SweptAt.UTC(),
	}
}

// OpenState implements creditnotes.OpenStore.
func (s *Store) OpenState(ctx context.Context) (state creditnotes.OpenState, err error) {
	var configuration, runs, last, cancelled, drafted, touched, drafting int64
	err = s.snapshot(ctx, func(v view) error {
		err := v.QueryRowContext(ctx, `SELECT (SELECT coalesce(max(next), 0) FROM id_counters WHERE name = 'configuration'),
			(SELECT coalesce(max(next), 1) FROM id_counters WHERE name = 'session'),
			(SELECT count(*) FROM runs WHERE stage NOT IN ('drafting', 'discarded')), (SELECT coalesce(max(id), 0) FROM runs WHERE stage NOT IN ('drafting', 'discarded')),
			(SELECT coalesce(max(id), 0) FROM credit_notes WHERE cancels IS NOT NULL),
			(SELECT count(*) FROM run_owners o JOIN runs r ON r.id = o.run_id AND r.stage = 'drafting'),
			(SELECT count(*) FROM (SELECT 1 FROM open_touched LIMIT 1) t),
			(SELECT count(*) FROM runs WHERE stage = 'drafting' AND lease_until > $1)`, utc(s.now())).
			Scan(&configuration, &state.Cursor, &runs, &last, &cancelled, &drafted, &touched, &drafting)
		if err != nil {
			return err
		}
		row, err := first[openBookRow](v.db.Where("current"))
		if row != nil {
			state.Book = row.domain()
			state.Touched = row.Changed != row.Entered
		}
		return err
	})
	state.Basis = fmt.Sprintf("%d %d %d %d %d", configuration, runs, last, cancelled, drafted)
	state.Touched, state.Drafting = state.Touched || touched > 0, drafting > 0
	if err != nil {
		return state, fmt.Errorf("open month: %w", err)
	}
	return state, nil
}

// bookLasts is how long a book that is being made is left to the process that
// makes it, without a word of it.
const bookLasts = 2 * time.Minute

// BeginBook implements creditnotes.OpenStore.
func (s *Store) BeginBook(ctx context.Context, b creditnotes.OpenBook) (id int64, mine bool, err error) {
	var old []openBookRow
	err = s.inTx(ctx, func(tx *Tx) error {
		if err := tx.lock("open_books"); err != nil {
			return err
		}
		if old, err = find[openBookRow](tx.db.Where("NOT current")); err != nil {
			return err
		}
		mine = true
		for _, other := range old {
			if other.SweptAt.After(tx.now().Add(-bookLasts)) {
				mine = false
				return nil
			}
		}
		if id, err = tx.takeIDs("open_book", 1); err != nil {
			return err
		}
		if _, err := tx.exec("DELETE FROM open_touched"); err != nil {
			return err
		}
		return create(tx.db, openBookRow{
			ID: id, Month: string(b.Month), Basis: b.Basis, Cursor: b.Cursor, AsOf: utc(b.AsOf), SweptAt: utc(tx.now()),
		})
	})
	if err != nil || !mine {
		return 0, false, err
	}
	for _, other := range old {
		if err := s.RemoveBook(ctx, other.ID); err != nil {
			return 0, false, err
		}
	}
	return id, true, nil
}

// making keeps a book that is being made from being taken for a left one.
func (tx *Tx) making(id int64) error {
	n, err := tx.exec("UPDATE open_books SET swept_at = $2 WHERE id = $1 AND NOT current", id, tx.now())
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "run_taken", fault.Args{"run": "open"})
	}
	return err
}

// WriteOpen implements creditnotes.OpenStore.
func (s *Store) WriteOpen(ctx context.Context, id int64, fn func(creditnotes.OpenWriter) error) error {
	return s.inTx(ctx, func(tx *Tx) error {
		if err := fn(&openWriter{tx, id}); err != nil {
			return err
		}
		return tx.making(id)
	})
}

// openWriter writes into a book.
type openWriter struct {
	tx *Tx
	id int64
}

var openLineColumns = []string{"note_id", "owner_id", "session_id", "of_session", "kind",
	"energy", "net_energy", "net_time", "net_fee", "net_share", "net_electricity_cost", "net_electricity_tax", "net_session_fees",
	"driver_amount", "driver_fee", "sale_amount", "currency", "ended_at", "day", "station_key", "contract", "shared", "correction", "tax"}

// openLineRows hands lines to copyFrom.
type openLineRows struct {
	creditnotes.OpenLines
	book   int64
	values []any
}

// Values implements pgx.CopyFromSource.
func (r *openLineRows) Values() ([]any, error) {
	l := r.OpenLine()
	r.values = append(r.values[:0], -r.book, l.OwnerID, l.SessionID, l.For, string(l.Kind),
		int64(l.Energy), int64(l.NetEnergy), int64(l.NetTime), int64(l.NetFee),
		int64(l.NetShare), int64(l.NetElectricityCost), int64(l.NetElectricityTax), int64(l.NetSessionFees),
		nullable(l.ByDriver, l.DriverAmount), int64(l.DriverFee), nullable(l.Sold, l.Sale),
		l.Currency, utc(l.End), string(l.Day), l.Station, l.Contract, l.Shared, l.Correction, l.Tax)
	return r.values, nil
}

// CopyOpenLines implements creditnotes.OpenWriter.
func (w *openWriter) CopyOpenLines(src creditnotes.OpenLines) error {
	_, err := w.tx.copyFrom("open_lines", openLineColumns, &openLineRows{OpenLines: src, book: w.id})
	return err
}

// SaveOpenHolds implements creditnotes.OpenWriter.
func (w *openWriter) SaveOpenHolds(holds []creditnotes.Hold) error {
	rows := make([][]any, len(holds))
	for i, h := range holds {
		rows[i] = []any{-w.id, h.SessionID, h.OwnerID, string(h.Reason), int64(h.Energy), nullable(h.Worth != nil, orZero(h.Worth)), h.WorthIn,
			cmp.Or(string(h.Closed), "held"), h.Connector, h.OtherID, utc(h.End)}
	}
	if len(rows) == 0 {
		return nil
	}
	_, err := w.tx.copyFrom("open_holds", []string{"note_id", "session_id", "owner_id", "reason", "energy", "worth", "worth_in",
		"outcome", "connector_id", "other_id", "ended_at"}, pgx.CopyFromRows(rows))
	return err
}

func (w *openWriter) saveCharges(list []creditnotes.OpenCharge) error {
	rows := make([][]any, len(list))
	for i, c := range list {
		rows[i] = []any{-w.id, c.OwnerID, c.SessionID, c.For, string(c.Kind), c.Contract, int64(c.Energy), int64(c.DriverAmount), int64(c.Net), c.Currency, utc(c.End)}
	}
	if len(rows) == 0 {
		return nil
	}
	_, err := w.tx.copyFrom("open_charges", []string{"note_id", "owner_id", "session_id", "of_session", "kind", "contract", "energy", "driver_amount", "net",
		"currency", "ended_at"}, pgx.CopyFromRows(rows))
	return err
}

// FinishBook implements creditnotes.OpenStore.
func (s *Store) FinishBook(ctx context.Context, id int64, own []creditnotes.OpenCharge) error {
	zone, err := s.operatorZone(ctx)
	if err != nil {
		return err
	}
	var old []openBookRow
	err = s.inTxOf(ctx, long, func(tx *Tx) error {
		if err := tx.making(id); err != nil {
			return err
		}
		w := &openWriter{tx, id}
		if err := w.saveCharges(own); err != nil {
			return err
		}
		if err := w.sum(s, zone, ""); err != nil {
			return err
		}
		if old, err = find[openBookRow](tx.db.Where("current")); err != nil {
			return err
		}
		if err := inTable(tx.db.Model(&openBookRow{}).Where("current").Updates(set{"current": false, "swept_at": time.Unix(0, 0).UTC()})); err != nil {
			return err
		}
		return inTable(tx.db.Model(&openBookRow{}).Where("id = ?", id).Updates(set{"current": true, "changed": 1}))
	})
	if err != nil {
		return fmt.Errorf("open month: %w", err)
	}
	for _, other := range old {
		if err := s.RemoveBook(ctx, other.ID); err != nil {
			return err
		}
	}
	return s.countOpenLines(ctx)
}

// countOpenLines tells the planner of PostgreSQL how the lines of the new book
// are distributed, so that it looks changed sessions up instead of reading all
// lines. Where this role may not do so, the server does it on its own in a while.
func (s *Store) countOpenLines(ctx context.Context) error {
	if s.dialect == sqliteDialect {
		return nil
	}
	_, err := s.writeSQL.ExecContext(ctx, "ANALYZE open_lines")
	return translateError(err)
}

// sum adds lines up that a condition names, all without one.
func (w *openWriter) sum(s *Store, zone *time.Location, which string, args ...any) error {
	q := &recordSearch{store: s, filter: &creditnotes.SettlementFilter{}, zone: zone}
	where := &condition{args: args}
	where.and("l.note_id = ?", -w.id)
	if which != "" {
		where.parts = append(where.parts, which)
	}
	driver, arrived := driverWith(q.charged(where, openLines)), q.hasArrived(where)
	inner := "SELECT l.note_id, l.owner_id, l.currency, l.kind, l.energy, " + netsOf + ", l.day, " + driver + " AS driver, (" + arrived + " OR " + openlyCharged + `) AS arrived,
		l.station_key, l.contract, l.shared, l.correction, l.tax FROM open_lines l JOIN sessions s ON s.id = l.session_id ` + where.String()
	_, err := w.tx.exec(summing(inner), where.args...)
	return err
}

// openlyCharged reports whether a session of an open line would be billed as own
// charging.
const openlyCharged = `EXISTS (SELECT 1 FROM open_charges oc WHERE oc.note_id = l.note_id AND oc.session_id = s.id AND oc.kind = 'own_charging')`

// RemoveBook implements creditnotes.OpenStore.
func (s *Store) RemoveBook(ctx context.Context, id int64) error {
	const some = 20_000
	for _, table := range []struct{ name, key string }{{"open_lines", "session_id"}, {"open_holds", "session_id"}, {"open_charges", "session_id"}, {"open_entries", "ordinal"}, {"record_sums", "owner_id"}} {
		statement := fmt.Sprintf("DELETE FROM %[1]s WHERE note_id = $1 AND %[2]s IN (SELECT %[2]s FROM %[1]s WHERE note_id = $1 LIMIT %[3]d)", table.name, table.key, some)
		for {
			var n int64
			err := s.inTx(ctx, func(tx *Tx) (err error) {
				n, err = tx.exec(statement, -id)
				return err
			})
			if err != nil {
				return fmt.Errorf("open month: %w", err)
			}
			if n == 0 {
				break
			}
		}
	}
	return s.inTx(ctx, func(tx *Tx) error {
		_, err := tx.exec("DELETE FROM open_books WHERE id = $1 AND NOT current", id)
		return err
	})
}

// SaveOpenEntries implements creditnotes.OpenStore.
func (s *Store) SaveOpenEntries(ctx context.Context, b *creditnotes.OpenBook, list []creditnotes.SettlementRecord) error {
	err := s.inTx(ctx, func(tx *Tx) error {
		row, err := first[openBookRow](tx.forUpdate().Where("id = ? AND current AND changed = ?", b.ID, b.Changed))
		if err != nil || row == nil { // who changed it makes them
			return err
		}
		if _, err := tx.exec("DELETE FROM open_entries WHERE note_id = $1", -b.ID); err != nil {
			return err
		}
		rows := make([][]any, len(list))
		for i := range list {
			rows[i] = []any{-b.ID, int64(i), string(jsonOf(list[i]))}
		}
		if len(rows) > 0 {
			if _, err := tx.copyFrom("open_entries", []string{"note_id", "ordinal", "content"}, pgx.CopyFromRows(rows)); err != nil {
				return err
			}
		}
		return inTable(tx.db.Model(&openBookRow{}).Where("id = ?", b.ID).Update("entered", b.Changed))
	})
	if err != nil {
		return fmt.Errorf("open month: %w", err)
	}
	return nil
}

// openSumsBy are the columns that sums l of owners e are told apart by.
var openSumsBy = map[creditnotes.OpenSumsBy]string{
	creditnotes.OpenByDay:      "'' AS owner, '' AS station, l.day AS day, l.currency, '' AS contract, false AS shared, false AS correction, '' AS tax",
	creditnotes.OpenByOwner:    "e.key AS owner, '' AS station, substr(l.day, 1, 7) || '-01' AS day, l.currency, '' AS contract, false AS shared, false AS correction, '' AS tax",
	creditnotes.OpenByContract: "e.key AS owner, l.station_key AS station, substr(l.day, 1, 7) || '-01' AS day, l.currency, l.contract, l.shared, l.correction, l.tax",
}

// OpenSums implements creditnotes.OpenStore.
func (s *Store) OpenSums(ctx context.Context, id int64, by creditnotes.OpenSumsBy) ([]creditnotes.OpenSum, error) {
	which := ""
	if by == creditnotes.OpenByContract {
		which = " AND l.contract <> ''"
	}
	total := func(column string) string { return "CAST(sum(" + column + ") AS bigint)" }
	columns := []string{openSumsBy[by], total("l.sessions"), total("l.records"), total("l.energy")}
	for _, net := range strings.Split(netsOf, ", ") {
		columns = append(columns, total(net))
	}
	list, err := collect(ctx, s.readSQL, func(r *creditnotes.OpenSum) []any {
		return append([]any{&r.Owner, &r.Station, &r.Day, &r.Currency, &r.Contract, &r.Shared, &r.Correction, &r.Tax, &r.Sessions, &r.Count.Sessions, &r.Energy}, netFields(&r.Nets)...)
	}, "SELECT "+strings.Join(columns, ", ")+" FROM record_sums l JOIN entities e ON e.id = l.owner_id WHERE l.note_id = $1"+which+" GROUP BY 1, 2, 3, 4, 5, 6, 7, 8", -id)
	if err != nil {
		return nil, fmt.Errorf("open month: %w", err)
	}
	return list, nil
}

// OpenHeld implements creditnotes.OpenStore.
func (s *Store) OpenHeld(ctx context.Context, id int64) ([]creditnotes.OpenHeld, error) {
	return collect(ctx, s.readSQL, func(r *creditnotes.OpenHeld) []any { return []any{&r.Owner, &r.Reason, &r.Sessions, &r.Energy} },
		`SELECT coalesce(e.key, ''), h.reason, count(*), CAST(sum(h.energy) AS bigint) FROM open_holds h LEFT JOIN entities e ON e.id = h.owner_id
		WHERE h.note_id = $1 AND h.outcome = 'held' GROUP BY 1, 2`, -id)
}

// OpenFailed implements creditnotes.OpenStore.
func (s *Store) OpenFailed(ctx context.Context, id int64) ([]int64, error) {
	return column[int64](ctx, s.readSQL, "SELECT DISTINCT owner_id FROM open_holds WHERE note_id = $1 AND outcome = 'held' AND reason = $2", -id, string(sessions.OwnerFailed))
}

// openEntries reads the records of a book that no session makes.
func openEntries(ctx context.Context, q querier, id int64) (list []creditnotes.SettlementRecord, err error) {
	texts, err := column[string](ctx, q, "SELECT content FROM open_entries WHERE note_id = $1 ORDER BY ordinal", -id)
	list = make([]creditnotes.SettlementRecord, len(texts))
	for i, text := range texts {
		if err := json.Unmarshal([]byte(text), &list[i]); err != nil {
			return nil, fmt.Errorf("record of the open month: %w", err)
		}
	}
	return list, err
}
