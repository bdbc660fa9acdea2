package pdf

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode/utf16"
)

// ref is the number of an object of a PDF file.
type ref int

func (r ref) String() string { return fmt.Sprintf("%d 0 R", int(r)) }

// objects writes the objects of a PDF file one after the other and remembers
// where each begins (ISO 32000-1 §7.5), with the line ends that PDF/A asks for
// (ISO 19005-3 §6.1.9).
type objects struct {
	file    bytes.Buffer
	offsets []int // by number of the object, less one
}

// newObjects begins a file: the comment with the four bytes above 127 says
// that it is not text (ISO 19005-3 §6.1.2).
func newObjects() *objects {
	o := &objects{}
	o.file.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	return o
}

// reserve takes a number for an object that others refer to before it is
// written.
func (o *objects) reserve() ref {
	o.offsets = append(o.offsets, 0)
	return ref(len(o.offsets))
}

// put writes an object that has a number.
func (o *objects) put(r ref, format string, args ...any) {
	o.begin(r)
	fmt.Fprintf(&o.file, format, args...)
	o.file.WriteString("\nendobj\n")
}

// add writes an object and gives it a number.
func (o *objects) add(format string, args ...any) ref {
	r := o.reserve()
	o.put(r, format, args...)
	return r
}

func (o *objects) begin(r ref) {
	o.offsets[r-1] = o.file.Len()
	fmt.Fprintf(&o.file, "%d 0 obj\n", int(r))
}

// stream writes a stream as it is; entries is the rest of its dictionary.
func (o *objects) stream(entries string, content []byte) ref {
	r := o.reserve()
	o.begin(r)
	fmt.Fprintf(&o.file, "<< %s /Length %d >>\nstream\n", entries, len(content))
	o.file.Write(content)
	o.file.WriteString("\nendstream\nendobj\n")
	return r
}

// packed writes a stream compressed.
func (o *objects) packed(entries string, content []byte) (ref, error) {
	small, err := pack(content)
	if err != nil {
		return 0, err
	}
	return o.stream(strings.TrimSpace(entries+" /Filter /FlateDecode"), small), nil
}

// finish writes the cross-reference table and the trailer. The identifier of
// the file is a hash of all that stands above them (ISO 19005-3 §6.1.3).
func (o *objects) finish(root, info ref) []byte {
	sum := sha256.Sum256(o.file.Bytes())
	start := o.file.Len()
	fmt.Fprintf(&o.file, "xref\n0 %d\n0000000000 65535 f \n", len(o.offsets)+1)
	for _, offset := range o.offsets {
		fmt.Fprintf(&o.file, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&o.file, "trailer\n<< /Size %d /Root %s /Info %s /ID [<%x> <%x>] >>\nstartxref\n%d\n%%%%EOF\n",
		len(o.offsets)+1, root, info, sum[:16], sum[:16], start)
	return o.file.Bytes()
}

// packers are compressors to be used again: each has a megabyte of tables.
var packers = sync.Pool{New: func() any { return zlib.NewWriter(nil) }}

func pack(content []byte) ([]byte, error) {
	var small bytes.Buffer
	w, ok := packers.Get().(*zlib.Writer)
	if !ok {
		w = zlib.NewWriter(nil)
	}
	defer packers.Put(w)
	w.Reset(&small)
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return small.Bytes(), nil
}

// pdfText writes a text string (ISO 32000-1 §7.9.2.2): as it is where it is
// ASCII, otherwise as UTF-16.
func pdfText(text string) string {
	for _, c := range text {
		if c < ' ' || c > '~' {
			return wideText(text)
		}
	}
	return "(" + escapes.Replace(text) + ")"
}

var escapes = strings.NewReplacer(`\`, `\\`, `(`, `\(`, `)`, `\)`)

func wideText(text string) string { return "<FEFF" + utf16Hex(text) + ">" }

// utf16Hex writes a text as UTF-16 in hexadecimal digits.
func utf16Hex(text string) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(text)) {
		fmt.Fprintf(&b, "%04X", unit)
	}
	return b.String()
}

// pdfDate writes an instant (ISO 32000-1 §7.9.4).
func pdfDate(at time.Time) string { return at.UTC().Format("(D:20060102150405Z)") }
