package bank

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"regexp"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"

	"creditrun/internal/fault"
)

// Bounds of a file. A regular one stays far below each of them.
const (
	// maxToken is how many bytes one tag, text or comment has at most.
	maxToken = 64 << 10
	// maxDepth is how deep elements lie within each other at most.
	maxDepth = 32
	// maxPart is how many bytes the elements have together that belong to one
	// transaction, to one balance, or to the head of a message.
	maxPart = 512 << 10
	// maxWords is how many bytes the text of one element has at most. The longest
	// that ISO 20022 knows has 2,000 characters.
	maxWords = 16 << 10
)

var errTooLong = errors.New("token too long")

// guard feeds the XML decoder byte by byte. It counts lines, and it ends the
// reading when one token takes more bytes than it may, before they are all in
// memory.
type guard struct {
	in     *bufio.Reader
	line   int
	budget int
	failed error // of the medium
}

// ReadByte implements io.ByteReader, so that the decoder reads no byte ahead.
func (g *guard) ReadByte() (byte, error) {
	if g.budget == 0 {
		return 0, errTooLong
	}
	g.budget--
	b, err := g.in.ReadByte()
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		g.failed = err
	case err == nil && b == '\n':
		g.line++
	}
	return b, err
}

// Read implements io.Reader, which the decoder asks for and does not use.
func (g *guard) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	b, err := g.ReadByte()
	if err != nil {
		return 0, err
	}
	p[0] = b
	return 1, nil
}

var (
	byteOrderMark = []byte("\xef\xbb\xbf")
	declared      = regexp.MustCompile(`^<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._\-]+)["']`)
)

// encodings are those that banks use besides UTF-8.
var encodings = map[string]encoding.Encoding{
	"iso-8859-1": charmap.ISO8859_1, "latin1": charmap.ISO8859_1, "iso-8859-15": charmap.ISO8859_15, "windows-1252": charmap.Windows1252,
}

// decoded reads a file as UTF-8, by its byte order mark or by what its first
// line declares.
func decoded(r io.Reader) (*bufio.Reader, error) {
	in := bufio.NewReader(r)
	start, err := in.Peek(256)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if bytes.HasPrefix(start, byteOrderMark) {
		_, err := in.Discard(len(byteOrderMark))
		return in, err
	}
	if bytes.HasPrefix(start, []byte("\xff\xfe")) || bytes.HasPrefix(start, []byte("\xfe\xff")) || bytes.HasPrefix(start, []byte("<\x00")) {
		return nil, fault.New(fault.Invalid, "bank_file_encoding", fault.Args{"encoding": "UTF-16"})
	}
	found := declared.FindSubmatch(bytes.TrimLeft(start, " \t\r\n"))
	if found == nil {
		return in, nil
	}
	name := strings.ToLower(string(found[1]))
	if name == "utf-8" || name == "us-ascii" {
		return in, nil
	}
	known, ok := encodings[name]
	if !ok {
		return nil, fault.New(fault.Invalid, "bank_file_encoding", fault.Args{"encoding": string(found[1])})
	}
	return bufio.NewReader(known.NewDecoder().Reader(in)), nil
}
