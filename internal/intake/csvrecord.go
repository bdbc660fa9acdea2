package intake

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"
)

// maxRecord bounds one record of a CSV file in bytes.
const maxRecord = 64 << 10

// What a record reader reports of a single record; reading goes on with the
// line after the one on which the record begins.
var (
	errQuote    = errors.New("a quotation mark inside a field that is not quoted")
	errUnclosed = errors.New("a quoted field that is never closed")
	errLength   = errors.New("a record longer than 64 KiB")
)

// recordReader splits a CSV file into records. Unlike encoding/csv it keeps
// each record as it was written and finds its way again after a broken one.
// What it returns is valid until the next call.
type recordReader struct {
	in     *bufio.Reader
	comma  byte
	line   int    // on which the next record begins
	again  []byte // lines read ahead in vain, to be read again
	joined []byte // a record of several lines
	fields [][]byte
	plain  []byte // contents of quoted fields
}

func newRecordReader(in io.Reader) *recordReader {
	return &recordReader{in: bufio.NewReaderSize(in, 2*maxRecord), comma: ',', line: 1}
}

// next returns the fields of the next record that is not blank, the record as
// it was written, and the line on which it begins. The error io.EOF ends the
// file; errQuote, errUnclosed and errLength concern this record alone.
func (r *recordReader) next() (fields [][]byte, raw []byte, line int, err error) {
	for {
		line = r.line
		raw, err = r.readLine()
		if err != nil {
			return nil, raw, line, err
		}
		if len(raw) > 0 {
			break
		}
	}
	if bytes.IndexByte(raw, '"') < 0 {
		r.fields = split(r.fields[:0], raw, r.comma)
		return r.fields, raw, line, nil
	}
	err = r.parse(raw)
	if err == errUnclosed {
		raw, err = r.join(raw)
	}
	return r.fields, raw, line, err
}

// split cuts a record without quotation marks.
func split(fields [][]byte, raw []byte, comma byte) [][]byte {
	for {
		i := bytes.IndexByte(raw, comma)
		if i < 0 {
			return append(fields, raw)
		}
		fields = append(fields, raw[:i])
		raw = raw[i+1:]
	}
}

// join adds lines to a record until its quotes close. If they never do, the
// record is its first line, and the others are read again.
func (r *recordReader) join(first []byte) ([]byte, error) {
	r.joined = append(r.joined[:0], first...)
	size, start := len(first), r.line
	for {
		next, err := r.readLine()
		if err == nil || err == errLength {
			r.joined = append(append(r.joined, '\n'), next...)
		}
		switch {
		case err == io.EOF || err == errLength || len(r.joined) > maxRecord:
			r.giveBack(size, start)
			return r.joined[:size], errUnclosed
		case err != nil:
			return r.joined[:size], err
		case bytes.Count(next, []byte{'"'})%2 == 0:
			continue // what is open stays open
		}
		if err := r.parse(r.joined); err != nil {
			r.giveBack(size, start)
			return r.joined[:size], err
		}
		return r.joined, nil
	}
}

// giveBack has the lines after the first one of a record read again.
func (r *recordReader) giveBack(size, start int) {
	if r.line > start {
		r.again = slices.Concat(r.joined[size+1:], []byte{'\n'}, r.again)
		r.line = start
	}
}

// readLine returns a line without its end. Of a line that is too long it
// returns the beginning and errLength.
func (r *recordReader) readLine() ([]byte, error) {
	if len(r.again) > 0 {
		raw, rest, _ := bytes.Cut(r.again, []byte{'\n'})
		r.again = rest
		r.line++
		return checked(raw)
	}
	raw, err := r.in.ReadSlice('\n')
	if err == bufio.ErrBufferFull {
		raw = bytes.Clone(raw)
		for err == bufio.ErrBufferFull {
			_, err = r.in.ReadSlice('\n')
		}
	}
	if err == io.EOF && len(raw) > 0 {
		err = nil
	}
	if err != nil {
		return nil, err
	}
	r.line++
	return checked(bytes.TrimSuffix(raw, []byte{'\n'}))
}

func checked(raw []byte) ([]byte, error) {
	if len(raw) > maxRecord {
		return raw[:maxRecord+1], errLength
	}
	return bytes.TrimSuffix(raw, []byte{'\r'}), nil
}

// parse cuts a record with quotation marks into r.fields.
func (r *recordReader) parse(raw []byte) error {
	r.fields, r.plain = r.fields[:0], r.plain[:0]
	if cap(r.plain) < len(raw) { // so that growing never moves finished fields
		r.plain = make([]byte, 0, 2*len(raw))
	}
	for {
		var field []byte
		quoted := len(raw) > 0 && raw[0] == '"'
		if quoted {
			var err error
			if field, raw, err = r.unquote(raw[1:]); err != nil {
				return err
			}
		}
		i := bytes.IndexByte(raw, r.comma)
		rest := raw
		if i >= 0 {
			rest = raw[:i]
		}
		switch {
		case quoted && len(rest) > 0, !quoted && bytes.IndexByte(rest, '"') >= 0:
			return errQuote
		case !quoted:
			field = rest
		}
		r.fields = append(r.fields, field)
		if i < 0 {
			return nil
		}
		raw = raw[i+1:]
	}
}

// unquote reads up to the closing quotation mark.
func (r *recordReader) unquote(raw []byte) (field, rest []byte, err error) {
	start := len(r.plain)
	for {
		i := bytes.IndexByte(raw, '"')
		if i < 0 {
			return nil, nil, errUnclosed
		}
		r.plain = append(r.plain, raw[:i]...)
		if raw = raw[i+1:]; len(raw) == 0 || raw[0] != '"' {
			return r.plain[start:], raw, nil
		}
		r.plain = append(r.plain, '"')
		raw = raw[1:]
	}
}
