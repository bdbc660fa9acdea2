package spreadsheet

import (
	"archive/zip"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Kind says what the cells of a column hold and how they are shown. Cells are
// given as text in every case; an empty one stays empty.
type Kind int

// The kinds of columns.
const (
	Words  Kind = iota // any text, never a formula
	Whole              // an integer
	Plain              // a number with its own decimals: a price, a percentage
	Energy             // a number of kWh, at least three decimals shown
	Amount             // money with six decimals
	Month              // 2026-10
	Moment             // RFC 3339; shown as the local time that it states
	Truth              // true or false
)

// Column is a column of every sheet of a book.
type Column struct {
	Name string
	Kind Kind
	Sum  bool // its sum stands below the rows
}

// Book is a workbook (XLSX) whose sheets have the same columns. Each has its
// head in view, a filter, and below its rows their sums, which follow the
// filter. Rows may be added to all sheets in turn: they are compressed as they
// come, so memory holds what the file will hold. The same rows make the same
// bytes.
type Book struct {
	columns []Column
	total   string
	sheets  []*sheet
}

// NewBook makes a workbook without sheets; total is the word in front of the
// sums.
func NewBook(columns []Column, total string) *Book {
	return &Book{columns: columns, total: total}
}

// Add adds a row to the sheet with a name, which begins with its first row. The
// sheets stand in the order of rank and then of their names; what is more than a
// sheet holds goes to another one. An error says which cell is not what its
// column holds.
func (b *Book) Add(rank int, name string, cells []string) error {
	s := b.sheet(rank, name)
	s.beginRow(s.rows + 1)
	for i, text := range cells {
		if err := s.cell(i, b.columns[i], text); err != nil {
			return fmt.Errorf("%s: %w", b.columns[i].Name, err)
		}
	}
	s.endRow()
	s.rows++
	return s.flush()
}

// sheet is the sheet for the next row of a name.
func (b *Book) sheet(rank int, name string) *sheet {
	part := 1
	for _, s := range b.sheets {
		if s.name != name || s.rank != rank {
			continue
		}
		if s.rows < mostRows {
			return s
		}
		part = s.part + 1
	}
	s := newSheet(rank, part, name, b.columns)
	b.sheets = append(b.sheets, s)
	return s
}

// Close writes the workbook. One to which nothing was added has a sheet of that
// name with the heads alone.
func (b *Book) Close(w io.Writer, empty string) error {
	if len(b.sheets) == 0 {
		b.sheet(0, empty)
	}
	slices.SortFunc(b.sheets, func(x, y *sheet) int {
		return cmp.Or(cmp.Compare(x.rank, y.rank), strings.Compare(x.name, y.name), cmp.Compare(x.part, y.part))
	})
	archive := zip.NewWriter(w)
	for _, part := range b.parts() {
		entry, err := archive.CreateHeader(&zip.FileHeader{Name: part.name, Method: zip.Deflate, Modified: firstDay})
		if err != nil {
			return err
		}
		if _, err := io.WriteString(entry, part.content); err != nil {
			return err
		}
	}
	for i, s := range b.sheets {
		if err := s.close(archive, i+1, b.total); err != nil {
			return err
		}
	}
	return archive.Close()
}

// firstDay is the earliest day that a ZIP can tell.
var firstDay = time.Date(1980, time.January, 1, 0, 0, 0, 0, time.UTC)

// part is a file of the package that is not a sheet.
type part struct{ name, content string }

const (
	xmlHead   = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	mainSpace = `http://schemas.openxmlformats.org/spreadsheetml/2006/main`
	relSpace  = `http://schemas.openxmlformats.org/officeDocument/2006/relationships`
	pkgSpace  = `http://schemas.openxmlformats.org/package/2006`
	partType  = `application/vnd.openxmlformats-officedocument.spreadsheetml.`
)

// parts are what a workbook needs beside its sheets (ECMA-376, part 1, §12).
func (b *Book) parts() []part {
	var types, sheets, relations, names strings.Builder
	last := letters(len(b.columns) - 1)
	for i, s := range b.sheets {
		n := i + 1
		fmt.Fprintf(&types, `<Override PartName="/xl/worksheets/sheet%d.xml" ContentType="%sworksheet+xml"/>`, n, partType)
		fmt.Fprintf(&sheets, `<sheet name="%s" sheetId="%d" r:id="rId%d"/>`, escaped(s.title()), n, n)
		fmt.Fprintf(&relations, `<Relationship Id="rId%d" Type="%s/worksheet" Target="worksheets/sheet%d.xml"/>`, n, relSpace, n)
		quoted := escaped("'" + strings.ReplaceAll(s.title(), "'", "''") + "'")
		fmt.Fprintf(&names, `<definedName name="_xlnm._FilterDatabase" localSheetId="%d" hidden="1">%s!$A$1:$%s$%d</definedName>`, i, quoted, last, s.rows+1)
		fmt.Fprintf(&names, `<definedName name="_xlnm.Print_Titles" localSheetId="%d">%s!$1:$1</definedName>`, i, quoted)
	}
	styles := len(b.sheets) + 1
	return []part{
		{"[Content_Types].xml", xmlHead + `<Types xmlns="` + pkgSpace + `/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
			`<Override PartName="/xl/workbook.xml" ContentType="` + partType + `sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="` + partType + `styles+xml"/>` +
			types.String() + `</Types>`},
		{"_rels/.rels", xmlHead + `<Relationships xmlns="` + pkgSpace + `/relationships"><Relationship Id="rId1" Type="` + relSpace + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{"xl/workbook.xml", xmlHead + `<workbook xmlns="` + mainSpace + `" xmlns:r="` + relSpace + `"><sheets>` + sheets.String() + `</sheets><definedNames>` + names.String() +
			`</definedNames></workbook>`},
		{"xl/_rels/workbook.xml.rels", xmlHead + `<Relationships xmlns="` + pkgSpace + `/relationships">` + relations.String() +
			`<Relationship Id="rId` + strconv.Itoa(styles) + `" Type="` + relSpace + `/styles" Target="styles.xml"/></Relationships>`},
		{"xl/styles.xml", stylesXML()},
	}
}

// The cell styles, by their place in the style sheet: one of each kind for
// rows, one of each for sums, and that of the heads. Moments have format 22,
// which every program shows in the way of its user's country.
var formats = [...]int{Words: 49, Whole: 3, Plain: 0, Energy: 164, Amount: 165, Month: 166, Moment: 22, Truth: 0}

const headStyle = 2 * len(formats)

func stylesXML() string {
	var cells strings.Builder
	for i := range 2 * len(formats) {
		fonts := i / len(formats)
		fmt.Fprintf(&cells, `<xf numFmtId="%d" fontId="%d" fillId="0" borderId="%d" xfId="0" applyNumberFormat="1" applyFont="%d"/>`, formats[i%len(formats)], fonts, fonts, fonts)
	}
	return xmlHead + `<styleSheet xmlns="` + mainSpace + `"><numFmts count="3"><numFmt numFmtId="164" formatCode="#,##0.000###"/>` +
		`<numFmt numFmtId="165" formatCode="#,##0.000000"/><numFmt numFmtId="166" formatCode="yyyy\-mm"/></numFmts>` +
		`<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>` +
		`<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>` +
		`<borders count="2"><border><left/><right/><top/><bottom/><diagonal/></border><border><left/><right/><top style="thin"/><bottom/><diagonal/></border></borders>` +
		`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
		`<cellXfs count="` + strconv.Itoa(headStyle+1) + `">` + cells.String() + `<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>` +
		`<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`
}
