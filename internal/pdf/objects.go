package pdf

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strconv"
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
	file   *bytes.Buffer
	places []place // by number of the object, less one

	within        []ref // that wait for their stream
	heads, bodies []byte
}

// place is where an object is: at an offset of the file or, inside of a stream, at
// an index.
type place struct {
	stream ref
	at     int
}

// newObjects begins a file: the comment with the four bytes above 127 says
// that it is not text (ISO 19005-3 §6.1.2).
func newObjects() *objects {
	o := &objects{file: files.Get().(*bytes.Buffer)}
	o.file.Reset()
	o.file.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	return o
}

// files are the buffers in which files are put together, to be used again.
var files = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// mostKept is how many bytes a buffer may have that is kept.
const mostKept = 4 << 20

// done gives the buffer of the file back.
func (o *objects) done() {
	if o.file.Cap() <= mostKept {
		files.Put(o.file)
	}
	o.file = nil
}

// reserve takes a number for an object that others refer to before it is
// written.
func (o *objects) reserve() ref {
	o.places = append(o.places, place{})
	return ref(len(o.places))
}

// put writes an object that has a number.
func (o *objects) put(r ref, format string, args ...any) {
	o.begin(r)
	fmt.Fprintf(o.file, format, args...)
	o.file.WriteString("\nendobj\n")
}

// add writes an object and gives it a number.
func (o *objects) add(format string, args ...any) ref {
	r := o.reserve()
	o.put(r, format, args...)
	return r
}

func (o *objects) begin(r ref) {
	o.places[r-1].at = o.file.Len()
	fmt.Fprintf(o.file, "%d 0 obj\n", int(r))
}

// stream writes a stream as it is; entries is the rest of its dictionary.
func (o *objects) stream(entries string, content []byte) ref {
	return o.streamAs(o.reserve(), entries, content)
}

// streamAs is stream for one that has a number.
func (o *objects) streamAs(r ref, entries string, content []byte) ref {
	o.begin(r)
	fmt.Fprintf(o.file, "<< %s /Length %d >>\nstream\n", entries, len(content))
	o.file.Write(content)
	o.file.WriteString("\nendstream\nendobj\n")
	return r
}

// packed writes a stream compressed.
func (o *objects) packed(entries string, content []byte) (ref, error) {
	return o.packedAs(o.reserve(), entries, content)
}

// packedAs is packed for one that has a number.
func (o *objects) packedAs(r ref, entries string, content []byte) (ref, error) {
	p := packers.Get().(*packer)
	defer packers.Put(p)
	small, err := p.pack(content)
	if err != nil {
		return 0, err
	}
	return o.streamAs(r, strings.TrimSpace(entries+" /Filter /FlateDecode"), small), nil
}

// tucked is how many objects share a compressed stream at most.
const tucked = 400

// tuck writes an object that has a number together with others of its kind into a
// compressed stream (ISO 32000-1 §7.5.7): there are tens of thousands of elements
// in a long document.
func (o *objects) tuck(r ref, object []byte) error {
	o.within = append(o.within, r)
	o.heads = append(strconv.AppendInt(o.heads, int64(r), 10), ' ')
	o.heads = append(strconv.AppendInt(o.heads, int64(len(o.bodies)), 10), ' ')
	o.bodies = append(append(o.bodies, object...), '\n')
	if len(o.within) < tucked {
		return nil
	}
	return o.untuck()
}

// untuck writes the stream of the objects that wait for it.
func (o *objects) untuck() error {
	if len(o.within) == 0 {
		return nil
	}
	stream, err := o.packed(fmt.Sprintf("/Type /ObjStm /N %d /First %d", len(o.within), len(o.heads)), append(o.heads, o.bodies...))
	for i, r := range o.within {
		o.places[r-1] = place{stream: stream, at: i}
	}
	o.within, o.heads, o.bodies = o.within[:0], o.heads[:0], o.bodies[:0]
	return err
}

// finish writes the cross-reference stream, which is the trailer as well
// (ISO 32000-1 §7.5.8). The identifier of the file is a hash of all that stands
// above it (ISO 19005-3 §6.1.3).
func (o *objects) finish(root, info ref) ([]byte, error) {
	if err := o.untuck(); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(o.file.Bytes())
	table := o.reserve()
	start := o.file.Len()
	o.places[table-1].at = start
	_, err := o.packedAs(table, fmt.Sprintf("/Type /XRef /Size %d /W [1 4 2] /Root %s /Info %s /ID [<%x> <%x>] /DecodeParms << /Predictor 12 /Columns %d >>",
		len(o.places)+1, root, info, sum[:16], sum[:16], entrySize), o.table())
	fmt.Fprintf(o.file, "startxref\n%d\n%%%%EOF\n", start)
	return bytes.Clone(o.file.Bytes()), err
}

// entrySize is how many bytes an entry of the cross-reference stream has.
const entrySize = 7

// table is the entries of all objects. Each is written as its difference to the
// one above it, behind the number of that method, so that it packs well
// (ISO 32000-1 §7.4.4.4).
func (o *objects) table() []byte {
	const up = 2
	last, entry := [entrySize]byte{}, [entrySize]byte{5: 0xFF, 6: 0xFF} // object 0 is free
	b := make([]byte, 0, (entrySize+1)*(len(o.places)+1))
	for i := -1; i < len(o.places); i++ {
		if i >= 0 {
			entry = o.places[i].entry()
		}
		b = append(b, up)
		for k := range entry {
			b = append(b, entry[k]-last[k])
		}
		last = entry
	}
	return b
}

// entry is the type of a place and its two numbers.
func (p place) entry() (e [entrySize]byte) {
	const alone, inStream = 1, 2
	e[0] = alone
	first, second := p.at, 0
	if p.stream != 0 {
		e[0], first, second = inStream, int(p.stream), p.at
	}
	binary.BigEndian.PutUint32(e[1:], uint32(first))
	binary.BigEndian.PutUint16(e[5:], uint16(second))
	return e
}

// packer is a compressor with what it has written.
type packer struct {
	w   *zlib.Writer
	out bytes.Buffer
}

// packers are to be used again: each has a megabyte of tables.
var packers = sync.Pool{New: func() any {
	w, _ := zlib.NewWriterLevel(nil, packLevel) // it exists
	return &packer{w: w}
}}

// packLevel makes files a twentieth larger than the usual level, in half the time.
const packLevel = 4

// pack compresses a content. The bytes are good until it packs again.
func (p *packer) pack(content []byte) ([]byte, error) {
	p.out.Reset()
	p.w.Reset(&p.out)
	if _, err := p.w.Write(content); err != nil {
		return nil, err
	}
	err := p.w.Close()
	return p.out.Bytes(), err
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

// escapes writes a brace in octal: a name never looks like the beginning of an attached
// file that is found by how it begins (Attachment.Plain).
var escapes = strings.NewReplacer(`\`, `\\`, `(`, `\(`, `)`, `\)`, `{`, `\173`)

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
