package intake

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"creditrun/internal/sessions"
)

// ReadCSV reads sessions from a CSV file (formats.md §2), in constant memory.
// A wrong record is yielded as a fault.List, which Rejected takes apart, and
// reading goes on; an error without a record, such as a wrong header, is the
// last one. At the end come the records that have the id of an earlier one and
// other content. The sequence can be ranged over once.
func ReadCSV(name string, r io.Reader) iter.Seq2[sessions.Session, error] {
	return once(name, readCSV(name, r))
}

func readCSV(name string, r io.Reader) records {
	return func(yield func(record, error) bool) {
		c := newCSVReader(name, r, columns, requiredColumns)
		if err := c.header(); err != nil {
			yield(record{}, err)
			return
		}
		for {
			s, err := c.next()
			if err == io.EOF || !yield(record{s, c.line, c.raw}, err) || fatal(err) {
				return
			}
		}
	}
}

// fatal tells an error that ends a file from one of a single record.
func fatal(err error) bool {
	if err == nil {
		return false
	}
	_, _, ok := Rejected(err)
	return !ok
}

// columns are the columns of a session file, those that it must have first.
var columns = []string{
	"id", "evse_id", "start", "end", "energy_kwh",
	"connector", "medium_uid", "class", "partner", "status", "duration_s", "meter_start_kwh", "meter_stop_kwh",
	"driver_amount", "currency", "collected_at", "auth_method", "driver_fee", "updated_at", "signed_data",
}

const requiredColumns = 5

// csvReader reads records from a file with a header.
type csvReader struct {
	records  *recordReader
	required int // of the columns, the first
	width    int // fields of a record
	named    int // of them those that have a column with a name; Excel adds empty ones
	row
}

func newCSVReader(name string, r io.Reader, columns []string, required int) *csvReader {
	return &csvReader{records: newRecordReader(r), required: required,
		row: row{report: report{file: name}, columns: columns, shared: map[string]string{}}}
}

// header finds the separator and which column is where.
func (c *csvReader) header() error {
	_, raw, line, err := c.records.next()
	if err == nil || ofRecord(err) {
		raw = bytes.TrimPrefix(raw, []byte("\uFEFF"))
		if separator, ok := stated(raw); ok {
			if separator != ',' && separator != ';' {
				c.add(line, "", "a comma or a semicolon between the fields", string(raw))
				return c.err()
			}
			c.records.comma = separator
			_, raw, line, err = c.records.next()
		} else {
			c.records.comma = separatorOf(raw)
		}
	}
	switch {
	case errors.Is(err, io.EOF):
		return empty(c.file)
	case err != nil && !ofRecord(err):
		return unreadable(c.file, line, err)
	case err == errLength:
		c.add(line, "", "a header row", err.Error())
		return c.err()
	case len(bytes.TrimSpace(raw)) == 0:
		return empty(c.file)
	case otherEncoding(raw):
		c.add(line, "", expUTF8, "other bytes")
		return c.err()
	case bytes.IndexByte(bytes.TrimRight(raw, "\r\n"), '\r') >= 0:
		c.add(line, "", "lines that end in LF or CR LF (in Excel: Save as, file type \"CSV UTF-8\")", "lines that end in CR")
		return c.err()
	}
	if err = c.records.parse(raw); err != nil {
		c.add(line, "", "a header row", err.Error())
		return c.err()
	}
	c.width = len(c.records.fields)
	for c.named = c.width; c.named > 0 && blank(c.records.fields[c.named-1:c.named]); c.named-- {
	}
	c.take(c.records.fields[:c.named], line)
	return c.err()
}

// stated returns the separator of a first line such as sep=; by which Excel is
// told how to read a file.
func stated(raw []byte) (separator byte, ok bool) {
	line := bytes.Trim(bytes.TrimSpace(raw), `"`)
	if len(line) != len("sep=;") || !bytes.EqualFold(line[:4], []byte("sep=")) {
		return 0, false
	}
	return line[4], true
}

// expUTF8 says how a file of another encoding is saved rightly.
const expUTF8 = "UTF-8 (in Excel: Save as, file type \"CSV UTF-8\")"

// otherEncoding reports whether text is not UTF-8: Windows-1252, or UTF-16,
// which shows by its mark or by zero bytes.
func otherEncoding(raw []byte) bool {
	return bytes.HasPrefix(raw, []byte{0xFE, 0xFF}) || bytes.HasPrefix(raw, []byte{0xFF, 0xFE}) ||
		bytes.IndexByte(raw, 0) >= 0 || !utf8.Valid(raw)
}

// take notes where each column is and reports what is wrong with the header.
func (c *csvReader) take(fields [][]byte, line int) {
	c.at = make([]int, len(c.columns))
	for i := range c.at {
		c.at[i] = -1
	}
	for i, f := range fields {
		column := strings.TrimSpace(string(f))
		known := slices.Index(c.columns, strings.ToLower(column))
		switch {
		case column == "":
			c.add(line, fmt.Sprintf("column %d", i+1), "a column with a name", nothing)
		case known < 0 && strings.EqualFold(column, RejectedBecause): // of a file of rejected records
		case known < 0:
			c.add(line, column, "one of the columns "+strings.Join(c.columns, ", "), "an unknown column")
		case c.at[known] >= 0:
			c.add(line, column, "every column once", fmt.Sprintf("it again as column %d", i+1))
		default:
			c.at[known] = i
		}
	}
	for i, column := range c.columns[:c.required] {
		if c.at[i] < 0 {
			c.add(line, column, "this column", "a header without it")
		}
	}
}

// ofRecord tells an error of one record from one of the file.
func ofRecord(err error) bool {
	return err == errQuote || err == errUnclosed || err == errLength
}

func (c *csvReader) next() (s sessions.Session, err error) {
	err = c.record(func() { s = c.session() })
	if err != nil {
		return sessions.Session{}, err
	}
	return s, nil
}

// record reads the next record by read, which notes what is wrong with it. The
// error is that of the record, or ends the file.
func (c *csvReader) record(read func()) error {
	fields, raw, line, err := c.records.next()
	for err == nil && blank(fields) { // Excel writes rows of nothing but separators
		fields, raw, line, err = c.records.next()
	}
	if err != nil && !ofRecord(err) {
		if err != io.EOF {
			err = unreadable(c.file, line, err)
		}
		return err
	}
	c.line, c.raw, c.faults = line, raw, nil
	switch {
	case err != nil:
		c.fail("", "a record of fields", err.Error())
	case otherEncoding(raw):
		c.fail("", expUTF8, "other bytes")
	case len(fields) != c.width:
		expected := fmt.Sprintf("%d fields", c.width)
		if len(fields) > c.width && c.records.comma == ',' {
			expected += "; decimals are written with a point, as in 12.345"
		}
		c.fail("", expected, fmt.Sprintf("%d", len(fields)))
	case !blank(fields[c.named:]):
		c.fail(fmt.Sprintf("column %d", c.named+1), "nothing, or a name in the header row", "content in a column without a name")
	case !clean(raw):
		c.fail("", "text without control characters", "other bytes")
	default:
		c.fields = fields
		read()
	}
	return c.err()
}

// blank reports whether a row has no content.
func blank(fields [][]byte) bool {
	for _, f := range fields {
		if len(bytes.TrimSpace(f)) > 0 {
			return false
		}
	}
	return true
}
