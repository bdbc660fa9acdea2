// Package export writes files about many: lists of credit notes and of
// sessions as CSV and XLSX, and the stored documents of many notes as one ZIP.
// It writes what it is given, row by row, and looks for nothing.
package export

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"creditrun/internal/spreadsheet"
)

// byteOrderMark makes spreadsheets read the file as UTF-8.
const byteOrderMark = "\ufeff"

// CSV writes a file as all our CSV files are (formats.md §5): semicolons, UTF-8
// with a byte order mark, lines that end with CR LF, decimal points. What a
// spreadsheet would take for a formula it takes for a text.
type CSV struct {
	buffered *bufio.Writer
	file     *csv.Writer
}

// NewCSV begins a file.
func NewCSV(w io.Writer) *CSV {
	buffered := bufio.NewWriter(w)
	_, _ = buffered.WriteString(byteOrderMark) // Flush tells
	file := csv.NewWriter(buffered)
	file.Comma, file.UseCRLF = ';', true
	return &CSV{buffered, file}
}

// Write writes a line of texts.
func (c *CSV) Write(cells ...string) error {
	for i := range cells {
		cells[i] = spreadsheet.Text(cells[i])
	}
	return c.file.Write(cells)
}

// Flush hands on what was written so far, and tells what went wrong.
func (c *CSV) Flush() error {
	c.file.Flush()
	return errors.Join(c.file.Error(), c.buffered.Flush())
}

func writeCSV[T any](w io.Writer, columns []string, heads *Look, rows iter.Seq2[T, error], cells func(*T) []cell) error {
	file := NewCSV(w)
	if err := file.Write(heads.columns(columns)...); err != nil {
		return err
	}
	record := make([]string, 0, len(columns))
	for row, err := range rows {
		if err != nil {
			return err
		}
		record = record[:0]
		for _, c := range heads.cells(columns, cells(&row)) {
			record = append(record, heads.csv(c))
		}
		if err := file.file.Write(record); err != nil {
			return err
		}
	}
	return file.Flush()
}

// mostSheetRows is how many rows a sheet of XLSX holds, its head included.
const mostSheetRows = excelize.TotalRows

// writeXLSX writes rows as one sheet, and as more of them where they are more
// than a sheet holds. Texts are typed as texts, so none becomes a formula;
// numbers are numbers and keep their decimals. Memory stays small: excelize
// keeps the rows in a temporary file.
func writeXLSX[T any](w io.Writer, sheet string, columns []string, heads *Look, rows iter.Seq2[T, error], cells func(*T) []cell) (err error) {
	book := excelize.NewFile()
	defer func() {
		if closing := book.Close(); err == nil {
			err = closing
		}
	}()
	s := &sheets{book: book, name: sheet}
	if s.bold, err = book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}}); err != nil {
		return err
	}
	for _, head := range heads.columns(columns) {
		s.head = append(s.head, excelize.Cell{StyleID: s.bold, Value: head})
	}
	if err := s.begin(); err != nil {
		return err
	}
	for row, err := range rows {
		if err != nil {
			return err
		}
		if err := s.add(heads.cells(columns, cells(&row))); err != nil {
			return err
		}
	}
	if err := s.stream.Flush(); err != nil {
		return err
	}
	_, err = book.WriteTo(w)
	return err
}

// sheets writes rows on one sheet after the other.
type sheets struct {
	book   *excelize.File
	name   string
	added  bool // the first sheet is there already
	bold   int
	head   []any
	stream *excelize.StreamWriter
	count  int // of sheets
	rows   int // of this sheet
	values []any
	styles map[string]int // by format
}

// begin begins a sheet with its head, which stays in view.
func (s *sheets) begin() error {
	s.count++
	name := s.name
	switch {
	case s.count == 1 && s.added:
	case s.count == 1:
		if err := s.book.SetSheetName(s.book.GetSheetName(0), name); err != nil {
			return err
		}
	default:
		name = fmt.Sprintf("%s %d", s.name, s.count)
		if _, err := s.book.NewSheet(name); err != nil {
			return err
		}
	}
	var err error
	if s.stream, err = s.book.NewStreamWriter(name); err != nil {
		return err
	}
	if err := s.stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	if err := s.stream.SetColWidth(1, len(s.head), 18); err != nil {
		return err
	}
	s.rows = 1
	return s.stream.SetRow("A1", s.head)
}

func (s *sheets) add(cells []cell) error {
	if s.rows == mostSheetRows {
		if err := s.stream.Flush(); err != nil {
			return err
		}
		if err := s.begin(); err != nil {
			return err
		}
	}
	s.rows++
	s.values = s.values[:0]
	for _, c := range cells {
		value, err := s.value(c)
		if err != nil {
			return err
		}
		s.values = append(s.values, value)
	}
	return s.stream.SetRow("A"+strconv.Itoa(s.rows), s.values)
}

// value is a cell of XLSX. A spreadsheet counts in binary floating point
// whatever is written; up to fifteen digits it shows what we say, and what has
// more is written as text.
func (s *sheets) value(c cell) (any, error) {
	if layout := layouts[c.kind]; layout != "" && c.text != "" {
		return s.time(c, layout)
	}
	if c.kind != figure || len(strings.Trim(c.text, "-.")) > 15 {
		return excelize.Cell{Value: c.text}, nil
	}
	_, decimals, _ := strings.Cut(c.text, ".")
	style, err := s.style(len(decimals))
	if err != nil {
		return nil, err
	}
	shown, err := strconv.ParseFloat(c.text, 64)
	return excelize.Cell{StyleID: style, Value: shown}, err
}

// style shows numbers with their decimals.
func (s *sheets) style(decimals int) (int, error) {
	format := "0"
	if decimals > 0 {
		format += "." + strings.Repeat("0", decimals)
	}
	return s.styled(format, &excelize.Style{CustomNumFmt: &format})
}

// time is a cell with a day, a month or a local time.
func (s *sheets) time(c cell, layout string) (any, error) {
	t, err := time.Parse(layout, c.text)
	if err != nil {
		return excelize.Cell{Value: c.text}, nil // such as an open end
	}
	style := &excelize.Style{NumFmt: timeFormats[c.kind]}
	if c.kind == month {
		style = &excelize.Style{CustomNumFmt: &monthFormat}
	}
	id, err := s.styled(layout, style)
	return excelize.Cell{StyleID: id, Value: time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)}, err
}

// styled makes a style once.
func (s *sheets) styled(format string, style *excelize.Style) (int, error) {
	if id, ok := s.styles[format]; ok {
		return id, nil
	}
	id, err := s.book.NewStyle(style)
	if s.styles == nil {
		s.styles = map[string]int{}
	}
	s.styles[format] = id
	return id, err
}
