package pdftest

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// The objects of a PDF as a reader knows them, written apart from the writer so
// that the one finds the faults of the other.
type (
	pdfDict   map[string]any
	pdfArray  []any
	pdfSymbol string // a name
	pdfWord   string // an operator or keyword
	pdfString struct {
		value []byte
		hex   bool
	}
	pdfRef    int
	pdfNumber float64
)

// parser reads objects one after the other.
type parser struct {
	b []byte
	i int
}

type badPDF string

func (p *parser) fail(format string, args ...any) {
	panic(badPDF(fmt.Sprintf(format, args...)))
}

func isSpace(c byte) bool     { return strings.IndexByte("\x00\t\n\f\r ", c) >= 0 }
func isDelimiter(c byte) bool { return strings.IndexByte("()<>[]{}/%", c) >= 0 }

func (p *parser) space() {
	for p.i < len(p.b) && isSpace(p.b[p.i]) {
		p.i++
	}
}

func (p *parser) end() bool { p.space(); return p.i >= len(p.b) }

func (p *parser) starts(text string) bool { return bytes.HasPrefix(p.b[p.i:], []byte(text)) }

// value reads one object; number number R is a reference.
func (p *parser) value() any {
	if p.end() {
		p.fail("an object is missing at the end")
	}
	switch c := p.b[p.i]; {
	case p.starts("<<"):
		return p.dict()
	case c == '[':
		p.i++
		list := pdfArray{}
		for p.space(); !p.starts("]"); p.space() {
			list = append(list, p.value())
		}
		p.i++
		return list
	case c == '(':
		return p.literal()
	case c == '<':
		return p.hexString()
	case c == '/':
		p.i++
		return p.name()
	}
	word := p.word()
	n, err := strconv.ParseFloat(word, 64)
	if err != nil || strings.ContainsAny(word, "eExXnN_") {
		return pdfWord(word)
	}
	if rest := p.b[p.i:min(len(p.b), p.i+5)]; bytes.HasPrefix(rest, []byte(" 0 R")) {
		p.i += 4
		return pdfRef(n)
	}
	return pdfNumber(n)
}

func (p *parser) word() string {
	from := p.i
	for p.i < len(p.b) && !isSpace(p.b[p.i]) && !isDelimiter(p.b[p.i]) {
		p.i++
	}
	if p.i == from {
		p.fail("%q at %d is no object", p.b[from], from)
	}
	return string(p.b[from:p.i])
}

func (p *parser) name() pdfSymbol {
	var b strings.Builder
	word := ""
	if p.i < len(p.b) && !isSpace(p.b[p.i]) && !isDelimiter(p.b[p.i]) {
		word = p.word()
	}
	for i := 0; i < len(word); i++ {
		if word[i] == '#' && i+2 < len(word) {
			v, err := strconv.ParseUint(word[i+1:i+3], 16, 8)
			if err != nil {
				p.fail("name %q", word)
			}
			b.WriteByte(byte(v))
			i += 2
			continue
		}
		b.WriteByte(word[i])
	}
	return pdfSymbol(b.String())
}

func (p *parser) dict() pdfDict {
	p.i += 2
	d := pdfDict{}
	for p.space(); !p.starts(">>"); p.space() {
		if !p.starts("/") {
			p.fail("a key that is no name at %d", p.i)
		}
		p.i++
		key := string(p.name())
		if _, twice := d[key]; twice {
			p.fail("the key %s twice", key)
		}
		d[key] = p.value()
	}
	p.i += 2
	return d
}

func (p *parser) literal() pdfString {
	var b []byte
	depth := 0
	for p.i++; p.i < len(p.b); p.i++ {
		switch c := p.b[p.i]; c {
		case '\\':
			p.i++
			switch c := p.b[p.i]; c {
			case 'n':
				b = append(b, '\n')
			case 'r':
				b = append(b, '\r')
			case '(', ')', '\\':
				b = append(b, c)
			default:
				p.fail("escape %q", c)
			}
		case ')':
			if depth == 0 {
				p.i++
				return pdfString{value: b}
			}
			depth--
			b = append(b, c)
		case '(':
			depth++
			b = append(b, c)
		case '\r', '\n':
			p.fail("a line end in a string")
		default:
			b = append(b, c)
		}
	}
	p.fail("a string without an end")
	return pdfString{}
}

func (p *parser) hexString() pdfString {
	end := bytes.IndexByte(p.b[p.i:], '>')
	if end < 0 {
		p.fail("a string without an end")
	}
	digits := string(p.b[p.i+1 : p.i+end])
	p.i += end + 1
	if len(digits)%2 != 0 {
		p.fail("6.1.6: %d digits in a hexadecimal string", len(digits))
	}
	var b []byte
	for i := 0; i < len(digits); i += 2 {
		v, err := strconv.ParseUint(digits[i:i+2], 16, 8)
		if err != nil {
			p.fail("6.1.6: %q in a hexadecimal string", digits[i:i+2])
		}
		b = append(b, byte(v))
	}
	return pdfString{b, true}
}
