package store

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/jackc/pgx/v5/stdlib"

	"creditrun/creditnotes"
	"creditrun/internal/money"
)

var lineColumns = []string{"note_id", "run_id", "owner_id", "session_id", "path_id", "kind",
	"energy", "net_energy", "net_time", "net_fee", "net_share", "net_electricity_cost", "net_electricity_tax", "net_session_fees",
	"live", "tax", "correction", "reason", "driver_amount", "driver_fee", "sale_amount"}

// netsOf are the parts of lines l in the order of netFields.
const netsOf = "l.net_energy, l.net_time, l.net_fee, l.net_share, l.net_electricity_cost, l.net_electricity_tax, l.net_session_fees"

// netTotal is the sum of the parts of a line.
const netTotal = "net_energy + net_time + net_fee + net_share + net_electricity_cost + net_electricity_tax + net_session_fees"

func netFields(n *creditnotes.Nets) []any {
	return []any{&n.NetEnergy, &n.NetTime, &n.NetFee, &n.NetShare, &n.NetElectricityCost, &n.NetElectricityTax, &n.NetSessionFees}
}

// driverOf are the columns of driverFields.
const driverOf = "l.driver_amount IS NOT NULL, coalesce(l.driver_amount, 0), l.driver_fee, l.sale_amount IS NOT NULL, coalesce(l.sale_amount, 0)"

func driverFields(l *creditnotes.Line) []any {
	return []any{&l.ByDriver, &l.DriverAmount, &l.DriverFee, &l.Sold, &l.Sale}
}

// CopyLines implements creditnotes.DraftWriter.
func (w *draftWriter) CopyLines(src creditnotes.LineSource) error {
	if w.tx.dialect == sqliteDialect {
		_, err := w.tx.copyFrom("lines", lineColumns, &lineRows{source: src, runID: w.run.ID, values: make([]any, len(lineColumns))})
		return err
	}
	encoded := &lineEncoder{source: src, runID: w.run.ID}
	err := w.tx.conn.Raw(func(raw any) error {
		_, err := raw.(*stdlib.Conn).Conn().PgConn().CopyFrom(w.tx.ctx, encoded,
			"COPY lines ("+strings.Join(lineColumns, ", ")+") FROM STDIN (FORMAT binary)")
		return err
	})
	if err != nil {
		return fmt.Errorf("lines: %w", translateError(errors.Join(src.Err(), err)))
	}
	return nil
}

// lineRows hands lines to copyFrom.
type lineRows struct {
	source creditnotes.LineSource
	runID  int64
	values []any
}

// Next implements pgx.CopyFromSource.
func (r *lineRows) Next() bool { return r.source.Next() }

// Values implements pgx.CopyFromSource.
func (r *lineRows) Values() ([]any, error) {
	l := r.source.Line()
	copy(r.values, []any{orNull(l.NoteID), r.runID, l.OwnerID, l.SessionID, l.PathID, string(l.Kind),
		int64(l.Energy), int64(l.NetEnergy), int64(l.NetTime), int64(l.NetFee),
		int64(l.NetShare), int64(l.NetElectricityCost), int64(l.NetElectricityTax), int64(l.NetSessionFees),
		true, l.Tax, l.Correction, orNull(string(l.Reason)), nullable(l.ByDriver, l.DriverAmount), int64(l.DriverFee), nullable(l.Sold, l.Sale)})
	return r.values, nil
}

// nullable is an amount, NULL where it is not known.
func nullable(known bool, amount money.Micros) any {
	if !known {
		return nil
	}
	return int64(amount)
}

// Err implements pgx.CopyFromSource.
func (r *lineRows) Err() error { return r.source.Err() }

// lineEncoder writes lines in the binary format of COPY while they are asked
// for.
type lineEncoder struct {
	source  creditnotes.LineSource
	runID   int64
	rows    copyRows
	begun   bool
	trailed bool
}

// Read implements io.Reader.
func (e *lineEncoder) Read(p []byte) (int, error) {
	for len(e.rows.data) < len(p) && !e.trailed {
		switch {
		case !e.begun:
			e.rows.begin()
			e.begun = true
		case e.source.Next():
			e.encode(e.source.Line())
		case e.source.Err() != nil:
			return 0, e.source.Err()
		default:
			e.rows.end()
			e.trailed = true
		}
	}
	n := copy(p, e.rows.data)
	e.rows.data = e.rows.data[:copy(e.rows.data, e.rows.data[n:])]
	if n == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

func (e *lineEncoder) encode(l *creditnotes.Line) {
	e.rows.row(len(lineColumns))
	if l.NoteID == 0 {
		e.rows.null()
	} else {
		e.rows.bigint(l.NoteID)
	}
	e.rows.bigints(e.runID, l.OwnerID, l.SessionID, l.PathID)
	e.rows.texts(string(l.Kind))
	e.rows.bigints(int64(l.Energy), int64(l.NetEnergy), int64(l.NetTime), int64(l.NetFee),
		int64(l.NetShare), int64(l.NetElectricityCost), int64(l.NetElectricityTax), int64(l.NetSessionFees))
	e.rows.boolean(true) // live
	e.rows.smallint(int(l.Tax))
	e.rows.boolean(l.Correction)
	if l.Reason == "" {
		e.rows.null()
	} else {
		e.rows.texts(string(l.Reason))
	}
	e.amount(l.ByDriver, l.DriverAmount)
	e.rows.bigint(int64(l.DriverFee))
	e.amount(l.Sold, l.Sale)
}

func (e *lineEncoder) amount(known bool, amount money.Micros) {
	if known {
		e.rows.bigint(int64(amount))
	} else {
		e.rows.null()
	}
}
