package store

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// What stands in a backup: a mark before each thing, and numbers with as many
// bytes as they need.
const (
	beginOfTable = 'T' // followed by the table as JSON
	beginOfRow   = 'R' // followed by a value for each column
	endOfTable   = 'E' // followed by the number of its rows
	endOfTables  = '.'

	nullValue    = '0'
	integerValue = 'i'
	falseValue   = 'f'
	trueValue    = 't'
	textValue    = 's'
	bytesValue   = 'b'
	timeValue    = 'u' // in microseconds since 1970
)

// backupWriter writes the rows of tables.
type backupWriter struct {
	w   *bufio.Writer
	row []byte // space for the row that is being written
}

// table writes a whole table.
func (b *backupWriter) table(ctx context.Context, q querier, name string) error {
	rows, err := q.QueryContext(ctx, "SELECT * FROM "+name)
	if err != nil {
		return err
	}
	defer rows.Close()
	table, err := describe(name, rows)
	if err != nil {
		return err
	}
	head, err := json.Marshal(table)
	if err != nil {
		return err
	}
	b.row = append(binary.AppendUvarint(append(b.row[:0], beginOfTable), uint64(len(head))), head...)
	values, into := make([]any, len(table.Columns)), make([]any, len(table.Columns))
	for i := range values {
		into[i] = &values[i]
	}
	count := uint64(0)
	for ; rows.Next(); count++ {
		if _, err := b.w.Write(b.row); err != nil {
			return err
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		b.row = append(b.row[:0], beginOfRow)
		for i, value := range values {
			if b.row, err = appendValue(b.row, table.Types[i], table.Types[i].value(value)); err != nil {
				return fmt.Errorf("column %s: %w", table.Columns[i], err)
			}
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	b.row = binary.AppendUvarint(append(b.row, endOfTable), count)
	_, err = b.w.Write(b.row)
	return err
}

// value is a value of a column as both databases take it: SQLite has no
// booleans.
func (t columnType) value(v any) any {
	if n, ok := v.(int64); ok && t == booleanColumn {
		return n != 0
	}
	return v
}

// appendValue writes a value of a column of a type. SQLite keeps texts and bytes
// in columns of either.
func appendValue(to []byte, column columnType, value any) ([]byte, error) {
	switch v := value.(type) {
	case nil:
		return append(to, nullValue), nil
	case bool:
		if v {
			return append(to, trueValue), nil
		}
		return append(to, falseValue), nil
	case int64:
		return binary.AppendVarint(append(to, integerValue), v), nil
	case time.Time:
		return binary.AppendVarint(append(to, timeValue), v.UnixMicro()), nil
	case string:
		return appendText(to, column, v), nil
	case []byte:
		return appendText(to, column, v), nil
	}
	return to, fmt.Errorf("a value of type %T, which backups do not know", value)
}

func appendText[T string | []byte](to []byte, column columnType, v T) []byte {
	mark := byte(textValue)
	if column == bytesColumn {
		mark = bytesValue
	}
	return append(binary.AppendUvarint(append(to, mark), uint64(len(v))), v...)
}

// backupReader reads what a backupWriter has written. Backups are only read
// when their checksum fits.
type backupReader struct{ r *bufio.Reader }

// next returns the next table, or io.EOF after the last.
func (b *backupReader) next() (table backupTable, err error) {
	mark, err := b.r.ReadByte()
	switch {
	case err != nil:
		return table, noEOF(err)
	case mark == endOfTables:
		return table, io.EOF
	case mark != beginOfTable:
		return table, errBackupRows
	}
	head, err := b.bytes()
	if err != nil {
		return table, err
	}
	return table, json.Unmarshal(head, &table)
}

// errBackupRows is what a faulty program wrote: the checksum fits.
var errBackupRows = errors.New("the rows of the backup cannot be read")

func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (b *backupReader) bytes() ([]byte, error) {
	n, err := binary.ReadUvarint(b.r)
	if err != nil {
		return nil, noEOF(err)
	}
	content := make([]byte, n)
	_, err = io.ReadFull(b.r, content)
	return content, noEOF(err)
}

// value reads one value.
func (b *backupReader) value() (any, error) {
	mark, err := b.r.ReadByte()
	if err != nil {
		return nil, noEOF(err)
	}
	switch mark {
	case nullValue:
		return nil, nil
	case trueValue:
		return true, nil
	case falseValue:
		return false, nil
	case integerValue, timeValue:
		n, err := binary.ReadVarint(b.r)
		if mark == timeValue {
			return time.UnixMicro(n).UTC(), noEOF(err)
		}
		return n, noEOF(err)
	case textValue:
		text, err := b.bytes()
		return string(text), err
	case bytesValue:
		return b.bytes()
	}
	return nil, errBackupRows
}

// tableRows are the rows of one table, for copyFrom.
type tableRows struct {
	reader *backupReader
	values []any
	count  uint64
	err    error
}

// Next implements pgx.CopyFromSource.
func (t *tableRows) Next() bool {
	mark, err := t.reader.r.ReadByte()
	if err != nil {
		t.err = noEOF(err)
		return false
	}
	switch mark {
	case beginOfRow:
	case endOfTable:
		t.end()
		return false
	default:
		t.err = errBackupRows
		return false
	}
	for i := range t.values {
		if t.values[i], t.err = t.reader.value(); t.err != nil {
			return false
		}
	}
	t.count++
	return true
}

func (t *tableRows) end() {
	count, err := binary.ReadUvarint(t.reader.r)
	if t.err = noEOF(err); t.err == nil && count != t.count {
		t.err = errBackupRows
	}
}

// Values implements pgx.CopyFromSource.
func (t *tableRows) Values() ([]any, error) { return t.values, nil }

// Err implements pgx.CopyFromSource.
func (t *tableRows) Err() error { return t.err }
