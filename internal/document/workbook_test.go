package document

import (
	"bytes"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"creditrun/creditnotes"
	"creditrun/internal/pdf/pdftest"
	"creditrun/internal/spreadsheet"
)

// workbookOf makes the workbook of sessions and reads it as another program does.
func workbookOf(t *testing.T, n *creditnotes.Note, list []creditnotes.Detail) (*excelize.File, []byte) {
	t.Helper()
	var out bytes.Buffer
	if err := newRenderer(t).SessionWorkbook(&out, n, details(list, nil)); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(bytes.NewReader(out.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { book.Close() })
	return book, out.Bytes()
}

// cellOf is the content of a cell as it is stored, and the kind of the cell.
func cellOf(t *testing.T, book *excelize.File, sheet, column string, row int) (string, excelize.CellType) {
	t.Helper()
	place, err := excelize.CoordinatesToCellName(1+slices.IndexFunc(columns, func(c spreadsheet.Column) bool { return c.Name == column }), row)
	if err != nil {
		t.Fatal(err)
	}
	value, err := book.GetCellValue(sheet, place, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	kind, err := book.GetCellType(sheet, place)
	if err != nil {
		t.Fatal(err)
	}
	return value, kind
}

// TestSessionsAreAWorkbookOfNumbersAndTimes reads back what was written: a sheet
// of each month and one of corrections, with numbers that are the figures of the
// CSV, local times, and sums that leave out what a filter hides.
func TestSessionsAreAWorkbookOfNumbersAndTimes(t *testing.T) {
	note := shortNote()
	note.Language = "de"
	book, _ := workbookOf(t, note, someDetails())
	if got := book.GetSheetList(); !slices.Equal(got, []string{"2026-09", "2026-10", "Korrekturen"}) {
		t.Fatalf("sheets %v", got)
	}
	for _, test := range []struct {
		sheet, column string
		row           int
		want          string
		kind          excelize.CellType
	}{
		{"2026-10", "session_id", 1, "session_id", excelize.CellTypeInlineString},
		{"2026-10", "session_id", 2, "S-2", excelize.CellTypeInlineString},
		{"2026-10", "start", 2, "46305.5", excelize.CellTypeUnset}, // 2026-10-10 12:00 at the station
		{"2026-10", "end", 2, "46305.5625", excelize.CellTypeUnset},
		{"2026-10", "energy_kwh", 2, "12.345", excelize.CellTypeUnset},
		{"2026-10", "net_total", 2, "3.888675", excelize.CellTypeUnset},
		{"2026-10", "month", 2, "46296", excelize.CellTypeUnset}, // 2026-10-01
		{"2026-10", "late", 2, "0", excelize.CellTypeBool},
		{"2026-10", "unit_price_kwh", 2, "", excelize.CellTypeUnset},
		{"2026-10", "start", 3, "46305.75", excelize.CellTypeUnset}, // 18:00 in Perth
		{"2026-10", "session_id", 4, `=HYPERLINK("http://example.com";"x")`, excelize.CellTypeInlineString},
		{"2026-10", "document_number", 5, "Summe", excelize.CellTypeInlineString},
		{"2026-10", "energy_kwh", 5, "37.035", excelize.CellTypeFormula},
		{"2026-10", "net_total", 5, "11.666025", excelize.CellTypeFormula},
		{"2026-09", "net_total", 3, "5.438675", excelize.CellTypeFormula},
		{"2026-09", "late", 2, "1", excelize.CellTypeBool},
		{"Korrekturen", "correction_of", 2, "GS-2026-00007", excelize.CellTypeInlineString},
		{"Korrekturen", "net_time", 2, "-0.000001", excelize.CellTypeUnset},
		{"Korrekturen", "net_total", 3, "-3.888676", excelize.CellTypeFormula},
	} {
		got, kind := cellOf(t, book, test.sheet, test.column, test.row)
		if got != test.want || test.kind != excelize.CellTypeFormula && kind != test.kind {
			t.Errorf("%s, %s, row %d: got %q of type %v, want %q of %v", test.sheet, test.column, test.row, got, kind, test.want, test.kind)
		}
	}
	if formula, err := book.GetCellFormula("2026-10", "V5"); formula != "SUBTOTAL(9,V2:V4)" {
		t.Errorf("sum %q, %v", formula, err)
	}
	if formula, _ := book.GetCellFormula("2026-10", "B4"); formula != "" {
		t.Errorf("the id of a session is the formula %q", formula)
	}
	names := book.GetDefinedName()
	if !slices.ContainsFunc(names, func(n excelize.DefinedName) bool { return n.Scope == "2026-10" && n.RefersTo == "'2026-10'!$A$1:$AM$4" }) {
		t.Errorf("no filter of the rows: %+v", names)
	}
}

func TestTheSameSessionsMakeTheSameWorkbook(t *testing.T) {
	_, first := workbookOf(t, shortNote(), someDetails())
	if _, again := workbookOf(t, shortNote(), someDetails()); !bytes.Equal(first, again) {
		t.Error("made again, the workbook has other bytes")
	}
	empty := emptyNote()
	empty.Document.Month = "2026-10"
	book, _ := workbookOf(t, empty, nil)
	if rows, err := book.GetRows("2026-10"); err != nil || len(rows) != 1 || len(rows[0]) != len(columns) {
		t.Errorf("without sessions: %v, %v", rows, err)
	}
	hostile := oneDetail()
	hostile.Session.ExternalID, hostile.Owner = "_x0041_ <&\x01", "שלום 你好"
	book, _ = workbookOf(t, shortNote(), []creditnotes.Detail{hostile})
	if id, _ := cellOf(t, book, "2026-10", "session_id", 2); id != "_x0041_ <&\ufffd" {
		t.Errorf("hostile id %q", id)
	}
}

// TestRecipientsGetTheWorkbookInPlaceOfTheCSV looks at the files of a note: the
// CSV is kept in any case, the workbook is the one that asked makes, and it is in
// the document and with the mail in place of the CSV.
func TestRecipientsGetTheWorkbookInPlaceOfTheCSV(t *testing.T) {
	r, note := newRenderer(t), shortNote()
	note.Document.SessionDetail = "xlsx"
	files, err := r.Files(note, manyDetails(2))
	if err != nil {
		t.Fatal(err)
	}
	got := namesOf(files)
	if !slices.Contains(got, "csv GS-2026-00001.csv text/csv; charset=utf-8") || !slices.Contains(got, "xlsx GS-2026-00001.xlsx "+creditnotes.TypeXLSX) {
		t.Fatalf("files %v", got)
	}
	workbook := files[slices.IndexFunc(files, func(f creditnotes.File) bool { return f.Kind == creditnotes.FileXLSX })].Content
	var asked bytes.Buffer
	if err := r.SessionWorkbook(&asked, note, manyDetails(2)); err != nil || !bytes.Equal(workbook, asked.Bytes()) {
		t.Errorf("asked for later the workbook is another: %v", err)
	}
	inside := pdftest.Attachments(t, pdfOf(t, files))
	if inside["GS-2026-00001.xlsx Supplement "+creditnotes.TypeXLSX] != string(workbook) || inside["GS-2026-00001.csv Supplement text/csv"] != "" {
		t.Error("the document does not hold the workbook in place of the CSV")
	}
	if found := pdftest.Violations(pdfOf(t, files)); len(found) > 0 {
		t.Error(found)
	}
	var printed strings.Builder
	for _, p := range pdftest.Read(t, pdfOf(t, files)) {
		printed.WriteString(p.Text + " ")
	}
	if !strings.Contains(printed.String(), "Excel") {
		t.Error("the document does not say where the sessions are")
	}
	var mailed []string
	for _, f := range creditnotes.Mailed(files, nil) {
		mailed = append(mailed, f.Name)
	}
	if !slices.Equal(mailed, []string{"GS-2026-00001.pdf", "GS-2026-00001.xlsx"}) {
		t.Errorf("mailed %v", mailed)
	}
}

func BenchmarkWorkbook(b *testing.B) {
	r := newRenderer(b)
	list := slices.Repeat([]creditnotes.Detail{oneDetail()}, 50)
	b.ReportAllocs()
	for b.Loop() {
		if err := r.SessionWorkbook(io.Discard, shortNote(), details(list, nil)); err != nil {
			b.Fatal(err)
		}
	}
}

// TestALargeWorkbookNeedsLittleMemory writes 100,000 sessions of two months in
// turn. What is alive at the end of them is what is compressed already.
func TestALargeWorkbookNeedsLittleMemory(t *testing.T) {
	var most uint64
	many := func(yield func(creditnotes.Detail, error) bool) {
		one, other := oneDetail(), oneDetail()
		other.Month = "2026-09"
		for i := range 50_000 {
			if !yield(one, nil) || !yield(other, nil) {
				return
			}
			if i%20_000 == 19_999 {
				var now runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&now)
				most = max(most, now.HeapAlloc)
			}
		}
	}
	r := newRenderer(t)
	var before runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	if err := r.SessionWorkbook(io.Discard, shortNote(), many); err != nil {
		t.Fatal(err)
	}
	if grown := int64(most) - int64(before.HeapAlloc); grown > 12<<20 {
		t.Errorf("%d MiB are kept while 100,000 sessions are written", grown>>20)
	}
}
