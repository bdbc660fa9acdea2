package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/jackc/pgx/v5/stdlib"

	"creditrun/creditnotes"
)

var lineColumns = []string{"note_id", "run_id", "owner_id", "session_id", "path_id", "kind",
	"energy", "net_energy", "net_time", "net_fee", "live", "tax", "correction", "reason"}

// CopyLines implements creditnotes.DraftWriter. On PostgreSQL lines are the one
// table whose rows are encoded here: there are as many as sessions, and pgx
// spends more on finding an encoder for each value than a line takes to price.
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
		return fmt.Errorf("lines: %w", explain(errors.Join(src.Err(), err)))
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
		int64(l.Energy), int64(l.NetEnergy), int64(l.NetTime), int64(l.NetFee), true, l.Tax, l.Correction, orNull(string(l.Reason))})
	return r.values, nil
}

// Err implements pgx.CopyFromSource.
func (r *lineRows) Err() error { return r.source.Err() }

// lineEncoder writes lines in the binary format of COPY: a header, for each row
// the number of its columns and each column with its length before it, and a
// trailer.
type lineEncoder struct {
	source  creditnotes.LineSource
	runID   int64
	buffer  []byte
	begun   bool
	trailed bool
}

// copyHeader begins a binary COPY: signature, flags, no extension.
const copyHeader = "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00"

// nullLength stands for a column that is NULL.
const nullLength = ^uint32(0)

// Read implements io.Reader.
func (e *lineEncoder) Read(p []byte) (int, error) {
	for len(e.buffer) < len(p) && !e.trailed {
		switch {
		case !e.begun:
			e.buffer = append(e.buffer, copyHeader...)
			e.begun = true
		case e.source.Next():
			e.encode(e.source.Line())
		case e.source.Err() != nil:
			return 0, e.source.Err()
		default:
			e.buffer = binary.BigEndian.AppendUint16(e.buffer, ^uint16(0))
			e.trailed = true
		}
	}
	n := copy(p, e.buffer)
	e.buffer = e.buffer[:copy(e.buffer, e.buffer[n:])]
	if n == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

func (e *lineEncoder) encode(l *creditnotes.Line) {
	e.buffer = binary.BigEndian.AppendUint16(e.buffer, uint16(len(lineColumns)))
	if l.NoteID == 0 {
		e.buffer = binary.BigEndian.AppendUint32(e.buffer, nullLength)
	} else {
		e.number(l.NoteID)
	}
	for _, v := range [...]int64{e.runID, l.OwnerID, l.SessionID, l.PathID} {
		e.number(v)
	}
	e.buffer = binary.BigEndian.AppendUint32(e.buffer, uint32(len(l.Kind)))
	e.buffer = append(e.buffer, l.Kind...)
	for _, v := range [...]int64{int64(l.Energy), int64(l.NetEnergy), int64(l.NetTime), int64(l.NetFee)} {
		e.number(v)
	}
	e.boolean(true) // live
	e.buffer = append(e.buffer, 0, 0, 0, 2)
	e.buffer = binary.BigEndian.AppendUint16(e.buffer, uint16(l.Tax))
	e.boolean(l.Correction)
	if l.Reason == "" {
		e.buffer = binary.BigEndian.AppendUint32(e.buffer, nullLength)
		return
	}
	e.buffer = binary.BigEndian.AppendUint32(e.buffer, uint32(len(l.Reason)))
	e.buffer = append(e.buffer, l.Reason...)
}

func (e *lineEncoder) boolean(v bool) {
	var b byte
	if v {
		b = 1
	}
	e.buffer = append(e.buffer, 0, 0, 0, 1, b)
}

func (e *lineEncoder) number(v int64) {
	e.buffer = append(e.buffer, 0, 0, 0, 8)
	e.buffer = binary.BigEndian.AppendUint64(e.buffer, uint64(v))
}
