package export

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"creditrun/internal/spreadsheet"
)

// Look is how a list is written for the person who reads it. Without one, nil, it
// is written for programs: columns have their names, decimals a point, times are
// RFC 3339, and entities and stations are keys alone.
type Look struct {
	Head    func(column string) string       // puts the name of a column into words; nil: the name itself
	Name    func(column, keys string) string // names what the cell of a column of keys says; nil: no names are added
	Decimal string                           // sign before the decimals in CSV
	Key     string                           // column of keyed that the column key is like; empty: none
}

// keyed are the columns with keys of entities or stations. Each has the names
// beside it, in a column of its own.
var keyed = []string{"entity", "recipient", "owner", "owners", "station", "stations"}

func (l *Look) named(column string) bool {
	return l != nil && l.Name != nil && slices.Contains(keyed, l.like(column))
}

// like is the column, or what the column key is like.
func (l *Look) like(column string) string {
	if column == "key" {
		return l.Key
	}
	return column
}

// columns are the heads of a list.
func (l *Look) columns(columns []string) []string {
	heads := make([]string, 0, len(columns)+2)
	for _, column := range columns {
		heads = append(heads, l.word(column))
		if l.named(column) {
			heads = append(heads, l.word(column+"_name"))
		}
	}
	return heads
}

func (l *Look) word(column string) string {
	if l == nil || l.Head == nil {
		return column
	}
	return l.Head(column)
}

// cells are those of a row, with names beside keys.
func (l *Look) cells(columns []string, row []cell) []cell {
	if l == nil || l.Name == nil {
		return row
	}
	cells := make([]cell, 0, len(row)+2)
	for i, c := range row {
		cells = append(cells, c)
		if l.named(columns[i]) {
			cells = append(cells, text(l.Name(l.like(columns[i]), c.text)))
		}
	}
	return cells
}

// csv is the text of a cell. Numbers are our own; no text is a formula. A person
// gets local times as spreadsheets read them.
func (l *Look) csv(c cell) string {
	switch {
	case l != nil && c.kind == figure:
		return strings.Replace(c.text, ".", l.decimal(), 1)
	case l != nil && c.kind == moment:
		if t, err := time.Parse(time.RFC3339, c.text); err == nil {
			return t.Format(time.DateTime)
		}
	}
	return spreadsheet.Text(c.text)
}

func (l *Look) decimal() string {
	if l.Decimal == "" {
		return "."
	}
	return l.Decimal
}

// cell is a text as CSV has it, and what it is.
type cell struct {
	text string
	kind kind
}

// kind is what a cell holds. Workbooks have numbers with their decimals and real
// days and times.
type kind int

const (
	words  kind = iota
	figure      // a number as it is printed
	day         // 2026-10-31
	month       // 2026-10
	moment      // RFC 3339; its local time
)

// layouts are those of the kinds that are times.
var layouts = map[kind]string{day: time.DateOnly, month: "2006-01", moment: time.RFC3339}

// timeFormats are those that every program shows in the way of its user's country.
var timeFormats = map[kind]int{day: 14, moment: 22}

var monthFormat = `yyyy\-mm`

func text[T ~string](s T) cell    { return cell{text: string(s)} }
func dayOf[T ~string](s T) cell   { return cell{string(s), day} }
func monthOf[T ~string](s T) cell { return cell{string(s), month} }
func whole(n int64) cell          { return number(strconv.FormatInt(n, 10)) }

// number is a figure; nothing is none.
func number(s string) cell {
	if s == "" {
		return cell{}
	}
	return cell{s, figure}
}

// momentOf is a time in a zone.
func momentOf(t time.Time, zone *time.Location) cell {
	return cell{t.In(zone).Format(time.RFC3339), moment}
}
