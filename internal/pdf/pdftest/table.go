package pdftest

import (
	"bytes"
	"compress/zlib"
	"io"
	"regexp"
	"strconv"
)

// entry is where an object is: at an offset of the file, or inside of a stream at
// an index.
type entry struct{ offset, stream, index int }

// table is the cross-reference stream of a PDF (ISO 32000-1 7.5.8).
type table struct {
	start   int // where its object begins
	number  int // of its object
	dict    pdfDict
	entries []entry // by number of the object; the first is of no object
}

var fileEnd = regexp.MustCompile(`\nstartxref\n(\d+)\n%%EOF\n?$`)

// tableOf reads the cross-reference stream; it panics with badPDF where there is
// none.
func tableOf(content []byte) *table {
	p := &parser{b: content}
	end := fileEnd.FindSubmatch(content)
	if end == nil {
		p.fail("6.1.3: the end is not startxref, number, end of file")
	}
	t := &table{}
	var err error
	if t.start, err = strconv.Atoi(string(end[1])); err != nil || t.start >= len(content) {
		p.fail("startxref %s", end[1])
	}
	p.i = t.start
	number, _ := p.value().(pdfNumber)
	t.number = int(number)
	if !p.starts(" 0 obj\n") {
		p.fail("startxref leads to no object")
	}
	p.i += len(" 0 obj\n")
	t.dict, _ = p.value().(pdfDict)
	size, _ := t.dict["Length"].(pdfNumber)
	if t.dict["Type"] != pdfSymbol("XRef") || !p.starts("\nstream\n") {
		p.fail("7.5.8: %v is no cross-reference stream", t.dict)
	}
	from := p.i + len("\nstream\n")
	rows := rowsOf(p, t.dict, content[from:min(from+int(size), len(content))])
	for _, row := range rows {
		first, second := int(row[1])<<24|int(row[2])<<16|int(row[3])<<8|int(row[4]), int(row[5])<<8|int(row[6])
		switch row[0] {
		case 0:
			t.entries = append(t.entries, entry{})
		case 1:
			t.entries = append(t.entries, entry{offset: first})
		case 2:
			t.entries = append(t.entries, entry{stream: first, index: second})
		default:
			p.fail("7.5.8: an entry of type %d", row[0])
		}
	}
	if t.dict["Size"] != pdfNumber(len(t.entries)) || len(t.entries) == 0 || t.entries[0] != (entry{}) {
		p.fail("7.5.8: %d entries, size %v", len(t.entries), t.dict["Size"])
	}
	return t
}

// rowsOf unpacks the entries: each is the difference to the one above it.
func rowsOf(p *parser, d pdfDict, packed []byte) (rows [][]byte) {
	const width = 7
	parms, _ := d["DecodeParms"].(pdfDict)
	widths, _ := d["W"].(pdfArray)
	if parms["Predictor"] != pdfNumber(12) || parms["Columns"] != pdfNumber(width) || len(widths) != 3 || widths[0] != pdfNumber(1) || widths[1] != pdfNumber(4) || widths[2] != pdfNumber(2) {
		p.fail("7.5.8: %v", d)
	}
	r, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		p.fail("7.5.8: %v", err)
	}
	all, err := io.ReadAll(r)
	if err != nil || len(all)%(width+1) != 0 {
		p.fail("7.5.8: %d bytes, %v", len(all), err)
	}
	last := make([]byte, width)
	for i := 0; i < len(all); i += width + 1 {
		row := make([]byte, width)
		for k := range row {
			row[k] = last[k] + all[i+1+k]
		}
		if all[i] != 2 {
			p.fail("7.4.4.4: method %d", all[i])
		}
		rows, last = append(rows, row), row
	}
	return rows
}
