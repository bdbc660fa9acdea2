package spreadsheet

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/xml"
	"fmt"
	"hash/crc32"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"creditrun/internal/money"
)

// mostRows is how many rows of a sheet are filled: XLSX has 1,048,576, of which
// two are the head and the sums.
const mostRows = 1<<20 - 2

// sheet is a sheet that is compressed while its rows come.
type sheet struct {
	rank, part int
	name       string
	columns    []Column
	rows       int
	sums       []int64  // in millionths
	places     []string // letters of the columns

	row     bytes.Buffer // what is not compressed yet
	packed  bytes.Buffer
	deflate *flate.Writer
	crc     uint32
	size    uint64
	number  []byte
}

// packLevel makes a workbook some percent larger than the usual level, in half the time.
const packLevel = 4

// deflaters are kept, since each is larger than most sheets.
var deflaters = sync.Pool{New: func() any {
	w, _ := flate.NewWriter(nil, packLevel) // it exists
	return w
}}

func newSheet(rank, part int, name string, columns []Column) *sheet {
	s := &sheet{rank: rank, part: part, name: name, columns: columns, sums: make([]int64, len(columns))}
	for i := range columns {
		s.places = append(s.places, letters(i))
	}
	s.deflate = deflaters.Get().(*flate.Writer)
	s.deflate.Reset(&s.packed)
	s.row.WriteString(xmlHead + `<worksheet xmlns="` + mainSpace + `"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>`)
	for i, c := range columns {
		fmt.Fprintf(&s.row, `<col min="%d" max="%d" width="%d" customWidth="1"/>`, i+1, i+1, max(len(c.Name)+4, widths[c.Kind]))
	}
	s.row.WriteString(`</cols><sheetData>`)
	s.beginRow(0)
	for i, c := range columns {
		s.text(i, headStyle, c.Name)
	}
	s.endRow()
	return s
}

// widths are those of the columns in characters, wider where a head is.
var widths = [...]int{Words: 14, Whole: 9, Plain: 9, Energy: 12, Amount: 14, Month: 10, Moment: 17, Truth: 8}

// title is the name of the sheet as the workbook states it: at most 31
// characters, and none of those that a name must not have.
func (s *sheet) title() string {
	name := strings.Trim(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`[]:*?/\`, r) {
			return '-'
		}
		return r
	}, s.name), "'")
	suffix := ""
	if s.part > 1 {
		suffix = fmt.Sprintf(" (%d)", s.part)
	}
	if runes := []rune(name); len(runes)+len(suffix) > 31 {
		name = string(runes[:31-len(suffix)])
	}
	return name + suffix
}

// beginRow begins the row with an index, from 0 for the head.
func (s *sheet) beginRow(index int) {
	s.number = strconv.AppendInt(s.number[:0], int64(index)+1, 10)
	s.row.WriteString(`<row r="`)
	s.row.Write(s.number)
	s.row.WriteString(`">`)
}

func (s *sheet) endRow() { s.row.WriteString(`</row>`) }

// flush hands on what was written of the sheet.
func (s *sheet) flush() error {
	s.crc = crc32.Update(s.crc, crc32.IEEETable, s.row.Bytes())
	s.size += uint64(s.row.Len())
	_, err := s.row.WriteTo(s.deflate)
	return err
}

// cell writes one cell of a row.
func (s *sheet) cell(i int, c Column, text string) error {
	if text == "" {
		return nil
	}
	switch c.Kind {
	case Words:
		s.text(i, int(Words), text)
		return nil
	case Truth:
		value, err := strconv.ParseBool(text)
		if err != nil {
			return err
		}
		figure := "0"
		if value {
			figure = "1"
		}
		s.value(i, int(Truth), ` t="b"`, figure)
		return nil
	}
	value, err := s.figure(i, c, text)
	if err != nil {
		return err
	}
	s.value(i, int(c.Kind), "", value)
	return nil
}

// figure is what a sheet holds of a number or a time, and adds up what has a
// sum.
func (s *sheet) figure(i int, c Column, text string) (string, error) {
	switch c.Kind {
	case Month:
		month, err := time.Parse("2006-01", text)
		return serial(month), err
	case Moment:
		moment, err := time.Parse(time.RFC3339, text)
		return serial(moment), err
	}
	if !c.Sum {
		_, err := money.Parse(text, unitDecimals)
		return text, err
	}
	micros, err := money.Parse(text, money.MicroDecimals)
	s.sums[i] += micros
	return text, err
}

// unitDecimals are the most that a number has: a rate less a discount.
const unitDecimals = money.MicroDecimals + 4

func (s *sheet) value(i, style int, kind, value string) {
	s.open(i, style, kind)
	s.row.WriteString(`<v>`)
	s.row.WriteString(value)
	s.row.WriteString(`</v></c>`)
}

func (s *sheet) text(i, style int, text string) {
	s.open(i, style, ` t="inlineStr"`)
	s.row.WriteString(`<is><t xml:space="preserve">`)
	s.row.WriteString(escaped(text))
	s.row.WriteString(`</t></is></c>`)
}

// open writes the beginning of a cell; kind is an attribute.
func (s *sheet) open(i, style int, kind string) {
	s.row.WriteString(`<c r="`)
	s.row.WriteString(s.places[i])
	s.row.Write(s.number)
	s.row.WriteString(`" s="`)
	s.row.WriteString(strconv.Itoa(style))
	s.row.WriteString(`"`)
	s.row.WriteString(kind)
	s.row.WriteString(`>`)
}

// total writes the sums. They are formulas that leave out what a filter hides,
// with the value that they have without one.
func (s *sheet) total(word string) {
	s.beginRow(s.rows + 1)
	for i, c := range s.columns {
		switch {
		case c.Sum:
			fmt.Fprintf(&s.row, `<c r="%s%s" s="%d"><f>SUBTOTAL(9,%s2:%s%d)</f><v>%s</v></c>`, s.places[i], s.number, len(formats)+int(c.Kind),
				s.places[i], s.places[i], s.rows+1, money.FormatTrimmed(s.sums[i], money.MicroDecimals))
		case i == 0:
			s.text(i, len(formats)+int(Words), word)
		default:
			fmt.Fprintf(&s.row, `<c r="%s%s" s="%d"/>`, s.places[i], s.number, len(formats)+int(Words))
		}
	}
	s.endRow()
}

// close ends the sheet and puts it into the package.
func (s *sheet) close(archive *zip.Writer, n int, word string) error {
	if s.rows > 0 {
		s.total(word)
	}
	reference := fmt.Sprintf("A1:%s%d", s.places[len(s.places)-1], s.rows+1)
	fmt.Fprintf(&s.row, `</sheetData><autoFilter ref="%s"/><ignoredErrors><ignoredError sqref="%s" numberStoredAsText="1"/></ignoredErrors></worksheet>`, reference, reference)
	if err := s.flush(); err != nil {
		return err
	}
	if err := s.deflate.Close(); err != nil {
		return err
	}
	deflaters.Put(s.deflate)
	entry, err := archive.CreateRaw(&zip.FileHeader{
		Name: fmt.Sprintf("xl/worksheets/sheet%d.xml", n), Method: zip.Deflate, Modified: firstDay,
		CRC32: s.crc, CompressedSize64: uint64(s.packed.Len()), UncompressedSize64: s.size,
	})
	if err == nil {
		_, err = s.packed.WriteTo(entry)
	}
	return err
}

// letters name a column, counted from 0: A, Z, AA.
func letters(i int) string {
	if i < 26 {
		return string(rune('A' + i))
	}
	return letters(i/26-1) + string(rune('A'+i%26))
}

// firstSerial is the day that spreadsheets count as 0.
var firstSerial = time.Date(1899, time.December, 30, 0, 0, 0, 0, time.UTC)

// serial is a local time as spreadsheets count it: days with ten decimals.
func serial(t time.Time) string {
	local := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
	const day, unit = 24 * 60 * 60, 10_000_000_000
	seconds := int64(local.Sub(firstSerial) / time.Second)
	return money.FormatTrimmed(seconds/day*unit+(seconds%day*unit+day/2)/day, 10)
}

// coded are characters that spreadsheets read as the code of another one.
var coded = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

// escaped is a text in XML; characters that XML does not have are replaced.
func escaped(text string) string {
	if strings.Contains(text, "_x") {
		text = coded.ReplaceAllString(text, "_x005F$0")
	}
	if !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' || strings.ContainsRune(`<>&"'`, r) }) {
		return text
	}
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a builder takes everything
	return b.String()
}
