// Package pdftest takes PDFs apart for tests: it finds what a file does against
// PDF/A-3b and PDF/UA-1, and which texts stand where. It knows the writer neither by its
// code nor by its types, so that the one finds the faults of the other, and is
// imported by tests only.
package pdftest

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
)

// Printed is one text as a reader of the PDF finds it, in millimeters from the
// top left corner.
type Printed struct {
	Page int // from 1
	X, Y float64
	Size float64 // points
	Bold bool
	Text string
	Font string  // its name
	Wide float64 // how much room the text takes, by the widths in the file
	// Decoration reports that the text is read by no one but the eye.
	Decoration bool

	spaced          bool // a space follows before the next line
	object, content int  // of the page, and of the marked content; -1 for decoration
}

// The unit of the size of type, and the height of the page, in millimeters.
const (
	point      = 25.4 / 72
	pageHeight = 297.0
)

// pdf is a file taken apart: its objects by number.
type pdf struct {
	objects map[int][]byte
	trailer string
}

// open takes a PDF apart by its cross-reference table; every offset must lead
// to its object.
func open(tb testing.TB, content []byte) *pdf {
	tb.Helper()
	defer func() {
		if bad := recover(); bad != nil {
			tb.Fatal(bad)
		}
	}()
	t := tableOf(content)
	file := &pdf{objects: map[int][]byte{}}
	for i, at := range t.entries {
		if at.offset == 0 {
			continue // in a stream, where no page or font is
		}
		body, found := bytes.CutPrefix(content[at.offset:], fmt.Appendf(nil, "%d 0 obj\n", i))
		if !found {
			tb.Fatalf("the cross-reference of object %d leads to %q", i, content[at.offset:at.offset+20])
		}
		file.objects[i] = body
	}
	file.trailer = file.dictionary(t.number)
	return file
}

// dictionary is the part of an object before its stream.
func (f *pdf) dictionary(n int) string {
	body := f.objects[n]
	end := bytes.Index(body, []byte("endobj"))
	if stream := bytes.Index(body, []byte("stream\n")); stream >= 0 && stream < end {
		end = stream
	}
	return string(body[:end])
}

var (
	streamLength = regexp.MustCompile(`/Length (\d+)`)
	contents     = regexp.MustCompile(`/Contents (\d+) 0 R`)
	fontName     = regexp.MustCompile(`/(F\d+) (\d+) 0 R`)
	toUnicode    = regexp.MustCompile(`/ToUnicode (\d+) 0 R`)
	mapping      = regexp.MustCompile(`(?m)^<([0-9A-F]{4})> <([0-9A-F]{4,})>$`)
	fontWidths   = regexp.MustCompile(`/W \[1 \[([0-9 ]*)\]\]`)
	baseFont     = regexp.MustCompile(`/BaseFont /[A-Z]{6}\+(\S+)`)
	reference    = regexp.MustCompile(`(\d+) 0 R`)
)

// ref finds the object that an entry of a dictionary names.
func (f *pdf) ref(tb testing.TB, dictionary, entry string) int {
	tb.Helper()
	m := regexp.MustCompile(`/` + entry + ` (\d+) 0 R`).FindStringSubmatch(dictionary)
	if m == nil {
		tb.Fatalf("no /%s in %s", entry, dictionary)
	}
	return number(tb, m[1])
}

// catalog is the dictionary that the trailer leads to.
func (f *pdf) catalog(tb testing.TB) string { return f.dictionary(f.ref(tb, f.trailer, "Root")) }

// stream returns the unpacked stream of an object.
func (f *pdf) stream(tb testing.TB, n int) []byte {
	tb.Helper()
	size := number(tb, streamLength.FindStringSubmatch(f.dictionary(n))[1])
	body := f.objects[n]
	from := bytes.Index(body, []byte("stream\n")) + len("stream\n")
	if !bytes.HasPrefix(body[from+size:], []byte("\nendstream")) {
		tb.Fatalf("the stream of object %d is not %d bytes long", n, size)
	}
	if !strings.Contains(f.dictionary(n), "/Filter /FlateDecode") {
		return body[from : from+size]
	}
	unpacked, err := zlib.NewReader(bytes.NewReader(body[from : from+size]))
	if err != nil {
		tb.Fatal(err)
	}
	content, err := io.ReadAll(unpacked)
	if err != nil {
		tb.Fatal(err)
	}
	return content
}

// Pages is how many pages a PDF has.
func Pages(tb testing.TB, content []byte) int {
	tb.Helper()
	return len(open(tb, content).pages(tb))
}

// pages lists the objects of the pages, in order.
func (f *pdf) pages(tb testing.TB) []int {
	tb.Helper()
	tree := f.dictionary(f.ref(tb, f.catalog(tb), "Pages"))
	var list []int
	for _, kid := range reference.FindAllStringSubmatch(regexp.MustCompile(`/Kids \[[^\]]*\]`).FindString(tree), -1) {
		list = append(list, number(tb, kid[1]))
	}
	return list
}

// resources are the fonts and pictures of a page.
func (f *pdf) resources(tb testing.TB, page int) string {
	return f.dictionary(f.ref(tb, f.dictionary(page), "Resources"))
}

// readFonts are the fonts of a page by name: whether bold, and the character
// of each code.
func (f *pdf) readFonts(tb testing.TB, page int) map[string]*readFontOf {
	tb.Helper()
	fonts := map[string]*readFontOf{}
	for _, m := range fontName.FindAllStringSubmatch(f.resources(tb, page), -1) {
		dictionary := f.dictionary(number(tb, m[2]))
		font := &readFontOf{name: baseFont.FindStringSubmatch(dictionary)[1], texts: map[int]string{}}
		font.bold = strings.Contains(font.name, "Bold")
		descendant := f.dictionary(number(tb, regexp.MustCompile(`/DescendantFonts \[(\d+) 0 R`).FindStringSubmatch(dictionary)[1]))
		for _, width := range strings.Fields(fontWidths.FindStringSubmatch(descendant)[1]) {
			font.widths = append(font.widths, decimal(tb, width))
		}
		for _, entry := range mapping.FindAllStringSubmatch(string(f.stream(tb, number(tb, toUnicode.FindStringSubmatch(dictionary)[1]))), -1) {
			font.texts[hex(tb, entry[1])] = wide(tb, entry[2])
		}
		fonts["/"+m[1]] = font
	}
	return fonts
}

type readFontOf struct {
	name   string
	bold   bool
	texts  map[int]string
	widths []float64 // from code 1
}

// text decodes a string of two bytes a character, and adds up its width in
// thousandths. Only inside of text that is given otherwise may a code represent
// nothing.
func (f *readFontOf) text(tb testing.TB, codes string, given bool) (text string, width float64) {
	for i := 0; i+1 < len(codes); i += 2 {
		code := int(codes[i])<<8 | int(codes[i+1])
		c, known := f.texts[code]
		if !known && !given {
			tb.Fatalf("code % x has no character", codes[i:i+2])
		}
		text += c
		width += f.widths[code-1]
	}
	return text, width
}

// wide decodes UTF-16 in hexadecimal digits.
func wide(tb testing.TB, digits string) string {
	var units []uint16
	for i := 0; i+4 <= len(digits); i += 4 {
		units = append(units, uint16(hex(tb, digits[i:i+4])))
	}
	return string(utf16.Decode(units))
}

// repeated represents the glyphs behind the first of those that represent
// something together.
const repeated = "\x00"

// Read finds all texts of a PDF, piece by piece in the order in which they
// stand on the page.
func Read(tb testing.TB, content []byte) []Printed {
	tb.Helper()
	file := open(tb, content)
	var texts []Printed
	for i, page := range file.pages(tb) {
		now := Printed{Page: i + 1, object: page}
		fonts := file.readFonts(tb, page)
		var font *readFontOf
		given := "" // what the glyphs represent together
		x, y := 0.0, 0.0
		stream := file.stream(tb, number(tb, contents.FindStringSubmatch(file.dictionary(page))[1]))
		for operator, operands := range operations(tb, stream) {
			switch operator {
			case "BT":
				x, y = 0, 0
			case "Tf":
				font = fonts[operands[0]]
				now.Bold, now.Size = font.bold, decimal(tb, operands[1])
			case "Td":
				x, y = x+decimal(tb, operands[0]), y+decimal(tb, operands[1])
				now.X, now.Y = x*point, pageHeight-y*point
			case "Tj":
				now.Font = font.name
				now.Text, now.Wide = font.text(tb, operands[0], given != "")
				now.Wide *= now.Size / 1000 * point
				if given != "" {
					now.Text = given
					given = repeated
				}
				if now.Text == " " { // for readers, at the end of a line
					if len(texts) > 0 {
						texts[len(texts)-1].spaced = true
					}
					continue
				}
				if now.Text != repeated {
					texts = append(texts, now)
				}
			case "BMC":
				now.Decoration, now.content = true, -1
			case "BDC":
				if operands[0] != "/Span" {
					now.Decoration, now.content = false, number(tb, operands[2])
					continue
				}
				given = wide(tb, strings.TrimPrefix(operands[len(operands)-1], "FEFF"))
			case "EMC":
				given = ""
			}
		}
	}
	return texts
}

// operations yields the operators of a page with their operands; strings are
// without their parentheses.
func operations(tb testing.TB, content []byte) func(yield func(string, []string) bool) {
	return func(yield func(string, []string) bool) {
		var operands []string
		for i := 0; i < len(content); {
			switch c := content[i]; {
			case c == ' ' || c == '\n':
				i++
			case c == '<' && content[i+1] != '<':
				end := bytes.IndexByte(content[i:], '>')
				operands = append(operands, string(content[i+1:i+end]))
				i += end + 1
			case c == '<' || c == '>':
				i += 2
			case c == '(':
				text, size := literal(tb, content[i:])
				operands = append(operands, text)
				i += size
			default:
				end := i
				for end < len(content) && !bytes.ContainsRune([]byte(" \n(<>"), rune(content[end])) {
					end++
				}
				word := string(content[i:end])
				i = end
				if word[0] == '/' || word[0] == '-' || word[0] >= '0' && word[0] <= '9' {
					operands = append(operands, word)
					continue
				}
				if !yield(word, operands) {
					return
				}
				operands = nil
			}
		}
	}
}

// literal reads a string in parentheses and returns it with its length.
func literal(tb testing.TB, content []byte) (string, int) {
	tb.Helper()
	var text []byte
	for i := 1; i < len(content); i++ {
		switch c := content[i]; c {
		case ')':
			return string(text), i + 1
		case '\\':
			i++
			switch c = content[i]; c {
			case 'r':
				c = '\r'
			case 'n':
				c = '\n'
			}
			text = append(text, c)
		default:
			text = append(text, c)
		}
	}
	tb.Fatal("a string without an end")
	return "", 0
}

func hex(tb testing.TB, text string) int {
	tb.Helper()
	n, err := strconv.ParseInt(text, 16, 32)
	if err != nil {
		tb.Fatal(err)
	}
	return int(n)
}

func number(tb testing.TB, text string) int {
	tb.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

func decimal(tb testing.TB, text string) float64 {
	tb.Helper()
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		tb.Fatal(err)
	}
	return v
}
