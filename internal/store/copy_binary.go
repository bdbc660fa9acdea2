package store

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
)

// copyRows are rows in the binary format of PostgreSQL's COPY: a header, for
// each row the number of its columns and each column with its length before it,
// and a trailer. The tables with as many rows as there are sessions are written
// in this way: pgx spends more time on finding an encoder for each value than
// the value takes to compute.
type copyRows struct{ data []byte }

// copyHeader begins a binary COPY: signature, flags, no extension.
const copyHeader = "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00"

// nullLength represents a column that is NULL.
const nullLength = ^uint32(0)

// postgresEpoch is where PostgreSQL counts microseconds from.
var postgresEpoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()

func (c *copyRows) begin()          { c.data = append(c.data[:0], copyHeader...) }
func (c *copyRows) end()            { c.data = binary.BigEndian.AppendUint16(c.data, ^uint16(0)) }
func (c *copyRows) row(columns int) { c.data = binary.BigEndian.AppendUint16(c.data, uint16(columns)) }
func (c *copyRows) null()           { c.data = binary.BigEndian.AppendUint32(c.data, nullLength) }

// bigint writes a column of type bigint.
func (c *copyRows) bigint(v int64) {
	c.data = append(c.data, 0, 0, 0, 8)
	c.data = binary.BigEndian.AppendUint64(c.data, uint64(v))
}

// bigints writes columns of type bigint.
func (c *copyRows) bigints(list ...int64) {
	for _, v := range list {
		c.bigint(v)
	}
}

func (c *copyRows) optional(v *int64) {
	if v == nil {
		c.null()
		return
	}
	c.bigint(*v)
}

// integer writes a column of type integer.
func (c *copyRows) integer(v int) {
	c.data = append(c.data, 0, 0, 0, 4)
	c.data = binary.BigEndian.AppendUint32(c.data, uint32(int32(v)))
}

// smallint writes a column of type smallint.
func (c *copyRows) smallint(v int) {
	c.data = append(c.data, 0, 0, 0, 2)
	c.data = binary.BigEndian.AppendUint16(c.data, uint16(int16(v)))
}

// texts writes columns of type text.
func (c *copyRows) texts(list ...string) {
	for _, text := range list {
		c.data = binary.BigEndian.AppendUint32(c.data, uint32(len(text)))
		c.data = append(c.data, text...)
	}
}

func (c *copyRows) boolean(v bool) {
	one := byte(0)
	if v {
		one = 1
	}
	c.data = append(c.data, 0, 0, 0, 1, one)
}

// timestamptz writes an instant; it counts to the microsecond.
func (c *copyRows) timestamptz(t time.Time) { c.bigint(t.UnixMicro() - postgresEpoch) }

func (c *copyRows) instant(t *time.Time) {
	if t == nil {
		c.null()
		return
	}
	c.timestamptz(*t)
}

// copySessions writes rows of sessions, the fastest way there is on each
// database. Encoded is space that is used again.
func (tx *Tx) copySessions(rows []*sessionRow, encoded *copyRows) error {
	columns := columnsOf[sessionRow]()
	if tx.dialect == sqliteDialect {
		_, err := tx.copyFrom("sessions", columns, &sessionRows{rows: rows})
		return err
	}
	encoded.begin()
	for _, row := range rows {
		row.encode(encoded, len(columns))
	}
	encoded.end()
	err := tx.conn.Raw(func(raw any) error {
		_, err := raw.(*stdlib.Conn).Conn().PgConn().CopyFrom(tx.ctx, bytes.NewReader(encoded.data),
			"COPY sessions ("+strings.Join(columns, ", ")+") FROM STDIN (FORMAT binary)")
		return err
	})
	if err != nil {
		return fmt.Errorf("sessions: %w", translateError(err))
	}
	return nil
}

// encode writes the row in the order of columnsOf.
func (r *sessionRow) encode(c *copyRows, columns int) {
	c.row(columns)
	c.bigint(r.ID)
	c.texts(r.Source, r.ExternalID)
	c.integer(r.Version)
	c.boolean(r.Current)
	c.bigint(r.ConnectorID)
	c.texts(r.MediumUID, r.Class, r.Partner, r.AuthMethod)
	c.timestamptz(r.StartedAt)
	c.timestamptz(r.EndedAt)
	c.bigints(r.DurationS, r.Energy)
	c.optional(r.MeterStart)
	c.optional(r.MeterStop)
	c.texts(r.Status)
	c.boolean(r.Reversed)
	c.optional(r.DriverAmount)
	c.texts(r.Currency)
	c.instant(r.CollectedAt)
	c.timestamptz(r.ReceivedAt)
	c.instant(r.SupersededAt)
	c.boolean(r.Released)
	c.texts(r.Fingerprint)
	c.optional(r.DriverFee)
	c.instant(r.UpdatedAt)
	c.texts(r.ReusedID)
	c.boolean(r.IDReused)
	c.instant(r.CollectionKnownAt)
	c.optional(r.SameAs)
	c.smallint(int(r.Signature))
	c.optional(r.SignedEnergy)
}
