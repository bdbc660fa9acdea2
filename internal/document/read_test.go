package document

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
)

// printed is one text as a reader of the PDF finds it, in millimetres from the
// top left corner.
type printed struct {
	page int
	x, y float64
	size float64 // points
	bold bool
	text string
}

// width is how much room the text takes, by the metrics of the fonts.
func (p printed) width(fonts typeface) float64 {
	f := fonts.regular
	if p.bold {
		f = fonts.bold
	}
	return f.width(p.text, p.size) * pointSize
}

// pdf is a file taken apart: its objects by number.
type pdf struct {
	objects map[int][]byte
	trailer string
}

// open takes a PDF apart by its cross-reference table; every offset must lead
// to its object.
func open(tb testing.TB, content []byte) *pdf {
	tb.Helper()
	m := regexp.MustCompile(`startxref\n(\d+)\n%%EOF\s*$`).FindSubmatch(content)
	if m == nil {
		tb.Fatal("the PDF has no end")
	}
	start := number(tb, string(m[1]))
	table := string(content[start:])
	lines := strings.Split(table, "\n")
	if lines[0] != "xref" {
		tb.Fatalf("startxref leads to %q", lines[0])
	}
	var first, count int
	if _, err := fmt.Sscan(lines[1], &first, &count); err != nil {
		tb.Fatal(err)
	}
	file := &pdf{objects: map[int][]byte{}, trailer: table[strings.Index(table, "trailer"):]}
	for i := first + 1; i < first+count; i++ {
		offset := number(tb, lines[2+i][:10])
		body, found := bytes.CutPrefix(content[offset:], fmt.Appendf(nil, "%d 0 obj\n", i))
		if !found {
			tb.Fatalf("the cross-reference of object %d leads to %q", i, content[offset:offset+20])
		}
		file.objects[i] = body
	}
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
	length   = regexp.MustCompile(`/Length (\d+)`)
	contents = regexp.MustCompile(`/Contents (\d+) 0 R`)
	fontName = regexp.MustCompile(`/(F\w+) (\d+) 0 R`)
)

// stream returns the unpacked stream of an object.
func (f *pdf) stream(tb testing.TB, n int) []byte {
	tb.Helper()
	size := number(tb, length.FindStringSubmatch(f.dictionary(n))[1])
	body := f.objects[n]
	from := bytes.Index(body, []byte("stream\n")) + len("stream\n")
	if !bytes.HasPrefix(body[from+size:], []byte("\nendstream")) {
		tb.Fatalf("the stream of object %d is not %d bytes long", n, size)
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

// pages lists the objects with the contents of the pages, in order.
func (f *pdf) pages(tb testing.TB) []int {
	tb.Helper()
	kids := regexp.MustCompile(`(\d+) 0 R`).FindAllStringSubmatch(regexp.MustCompile(`/Kids \[[^\]]*\]`).FindString(f.dictionary(1)), -1)
	var list []int
	for _, kid := range kids {
		page := f.dictionary(number(tb, kid[1]))
		list = append(list, number(tb, contents.FindStringSubmatch(page)[1]))
	}
	return list
}

// boldFonts are the names under which the bold font is used.
func (f *pdf) boldFonts(tb testing.TB) []string {
	tb.Helper()
	var names []string
	for n := range f.objects {
		for _, m := range fontName.FindAllStringSubmatch(f.dictionary(n), -1) {
			if base := f.dictionary(number(tb, m[2])); strings.Contains(base, "/BaseFont /utf8"+family+"B") {
				names = append(names, m[1])
			}
		}
	}
	return names
}

// read finds all texts of a PDF.
func read(tb testing.TB, content []byte) []printed {
	tb.Helper()
	file := open(tb, content)
	bold := file.boldFonts(tb)
	var texts []printed
	for i, page := range file.pages(tb) {
		now := printed{page: i + 1}
		for operator, operands := range operations(tb, file.stream(tb, page)) {
			switch operator {
			case "Tf":
				now.bold = slices.Contains(bold, strings.TrimPrefix(operands[0], "/"))
				now.size = decimal(tb, operands[1])
			case "Td":
				now.x, now.y = decimal(tb, operands[0])*pointSize, pageHeight-decimal(tb, operands[1])*pointSize
			case "Tj":
				now.text = wide(operands[0])
				texts = append(texts, now)
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
			case c == '(':
				text, size := literal(tb, content[i:])
				operands = append(operands, text)
				i += size
			default:
				end := i
				for end < len(content) && !bytes.ContainsRune([]byte(" \n("), rune(content[end])) {
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
			if c = content[i]; c == 'r' {
				c = '\r'
			}
			text = append(text, c)
		default:
			text = append(text, c)
		}
	}
	tb.Fatal("a string without an end")
	return "", 0
}

// wide decodes UTF-16.
func wide(text string) string {
	var units []uint16
	for i := 0; i+1 < len(text); i += 2 {
		units = append(units, uint16(text[i])<<8|uint16(text[i+1]))
	}
	return string(utf16.Decode(units))
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
