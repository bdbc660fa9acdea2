package intake

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// maxCDR bounds one CDR in bytes. Signed meter values make them long.
const maxCDR = 4 << 20

var (
	errSyntaxJSON = errors.New("something that is not JSON")
	errTruncated  = errors.New("the end of the file inside a value")
	errTooLarge   = errors.New("a record longer than 4 MiB")
)

// broken tells text that is not JSON from an input that cannot be read.
func broken(err error) bool {
	return err == errSyntaxJSON || err == errTruncated || err == errTooLarge
}

// jsonReader cuts a JSON text into values without understanding them. What it
// read since mark is kept as it was written, so that a broken record can be
// given back and shown.
type jsonReader struct {
	in   *bufio.Reader
	line int // of the next byte
	kept []byte
}

func newJSONReader(in io.Reader) *jsonReader {
	return &jsonReader{in: bufio.NewReaderSize(in, 64<<10), line: 1}
}

// mark begins to keep what is read from here on.
func (r *jsonReader) mark() { r.kept = r.kept[:0] }

// read returns the next byte.
func (r *jsonReader) read() (byte, error) {
	b, err := r.in.ReadByte()
	switch {
	case err == io.EOF:
		return 0, errTruncated
	case err != nil:
		return 0, err
	case len(r.kept) >= maxCDR:
		_ = r.in.UnreadByte()
		return 0, errTooLarge
	}
	r.kept = append(r.kept, b)
	if b == '\n' {
		r.line++
	}
	return b, nil
}

// peek skips white space and returns the byte after it without reading it.
func (r *jsonReader) peek() (byte, error) {
	for {
		b, err := r.in.ReadByte()
		if err != nil {
			return 0, err
		}
		if b != ' ' && b != '\t' && b != '\r' && b != '\n' {
			return b, r.in.UnreadByte()
		}
		if err := r.in.UnreadByte(); err != nil {
			return 0, err
		}
		if _, err := r.read(); err != nil {
			return 0, err
		}
	}
}

// inside is peek where the text must go on.
func (r *jsonReader) inside() (byte, error) {
	b, err := r.peek()
	if err == io.EOF {
		err = errTruncated
	}
	return b, err
}

// expect skips white space and reads one given byte.
func (r *jsonReader) expect(want byte) error {
	b, err := r.inside()
	if err == nil && b != want {
		err = errSyntaxJSON
	}
	if err == nil {
		_, err = r.read()
	}
	return err
}

// value reads a value of any kind, up to its matching bracket.
func (r *jsonReader) value() error {
	first, err := r.inside()
	if err != nil {
		return err
	}
	switch first {
	case '"':
		_, _ = r.read()
		return r.text()
	case '{', '[':
		return r.nested()
	case '}', ']', ',', ':':
		return errSyntaxJSON
	}
	return r.word()
}

func (r *jsonReader) nested() error {
	for depth := 0; ; {
		b, err := r.read()
		if err != nil {
			return err
		}
		switch b {
		case '"':
			if err := r.text(); err != nil {
				return err
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return nil
			}
		}
	}
}

// text reads the rest of a string. JSON has no line breaks in strings, which
// is how a missing quotation mark is found on its own line.
func (r *jsonReader) text() error {
	for {
		b, err := r.read()
		if err != nil {
			return err
		}
		switch b {
		case '"':
			return nil
		case '\\':
			if _, err := r.read(); err != nil {
				return err
			}
		case '\n':
			return errSyntaxJSON
		}
	}
}

// word reads a number, true, false or null.
func (r *jsonReader) word() error {
	for {
		b, err := r.in.ReadByte()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := r.in.UnreadByte(); err != nil {
			return err
		}
		if bytes.IndexByte([]byte(" \t\r\n,:]}[{\""), b) >= 0 {
			return nil
		}
		if _, err := r.read(); err != nil {
			return err
		}
	}
}

// giveBack has everything read since mark read again.
func (r *jsonReader) giveBack(line int) {
	r.in = bufio.NewReaderSize(io.MultiReader(bytes.NewReader(bytes.Clone(r.kept)), r.in), 64<<10)
	r.line = line
	r.mark()
}

// lineEnds reports whether nothing follows on the line.
func (r *jsonReader) lineEnds() bool {
	for n := 1; n < 64; n++ {
		ahead, _ := r.in.Peek(n)
		if len(ahead) < n || ahead[n-1] == '\n' {
			return true
		}
		if c := ahead[n-1]; c != ' ' && c != '\r' && c != '\t' {
			return false
		}
	}
	return false
}

// readLine returns a line without its end, valid until the next call, or the
// beginning of a longer one and errTooLarge.
func (r *jsonReader) readLine() ([]byte, error) {
	r.mark()
	for {
		part, err := r.in.ReadSlice('\n')
		r.kept = append(r.kept, part[:min(len(part), maxCDR-len(r.kept)+1)]...)
		switch {
		case err == bufio.ErrBufferFull:
			continue
		case err == io.EOF && len(r.kept) == 0, err != nil && err != io.EOF:
			return nil, err
		}
		r.line++
		if len(r.kept) > maxCDR {
			return r.kept, errTooLarge
		}
		return bytes.TrimRight(r.kept, "\r\n"), nil
	}
}
