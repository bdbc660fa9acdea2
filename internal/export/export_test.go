package export_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"creditrun/creditnotes"
	"creditrun/internal/export"
	"creditrun/internal/sessions"
)

// these yields values, and an error at the end where there is one.
func these[T any](err error, list ...T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, one := range list {
			if !yield(one, nil) {
				return
			}
		}
		if err != nil {
			var none T
			yield(none, err)
		}
	}
}

var (
	someNotes = []creditnotes.NoteEntry{
		{Number: "GS-2026-00001", Kind: "credit_note", Standing: creditnotes.StandsCancelled, Date: "2026-10-31", Run: "2026-10", Month: "2026-10",
			Recipient: "=cmd()", Owners: []string{"a", "b"}, Currency: "EUR", Net: 1684, Tax: 320, Gross: 2004, Delivery: creditnotes.DeliverySent, CancelledBy: "ST-1", ExternalID: "4500012345"},
		{Number: "ST-1", Kind: "cancellation", Standing: creditnotes.StandsAgainst, Currency: "JPY", Net: -1684, Gross: -1684, Cancels: "GS-2026-00001"},
	}
	berlin, _   = time.LoadLocation("Europe/Berlin")
	someCharges = []creditnotes.SessionRow{{
		Session: sessions.Session{Source: "csv", ExternalID: "@S-1", Version: 2, EVSEID: "DE*VLT*E1", Connector: 1, MediumUID: "04A1B2C3D4", Status: sessions.Valid, Currency: "EUR",
			Start: time.Date(2026, 10, 3, 10, 0, 0, 0, time.UTC), End: time.Date(2026, 10, 3, 11, 0, 0, 0, time.UTC), Duration: 3600, Energy: 12_345_000},
		State: creditnotes.SessionHeld, Reason: sessions.Overlap, Other: "S-0",
	}}
)

// german is how lists are written for a German reader.
var german = &export.Look{
	Head:    func(column string) string { return "-" + strings.ToUpper(column) },
	Name:    func(column, keys string) string { return column + " " + keys },
	Decimal: ",",
}

func nowhere(*sessions.Session) (station, owner string) { return "S1", "a" }

func TestListsAreWrittenAsCSV(t *testing.T) {
	var notes, charges bytes.Buffer
	if err := export.NotesCSV(&notes, nil, these(nil, someNotes...)); err != nil {
		t.Fatal(err)
	}
	want := "\ufeffnumber;kind;standing;date;run;month;recipient;owners;currency;net;tax;gross;delivery;cancelled_by;cancels;external_id\r\n" +
		"GS-2026-00001;credit_note;cancelled;2026-10-31;2026-10;2026-10;'=cmd();a, b;EUR;16.84;3.20;20.04;sent;ST-1;;4500012345\r\n" +
		"ST-1;cancellation;cancellation;;;;;;JPY;-1684;0;-1684;;;GS-2026-00001;\r\n"
	if diff := cmp.Diff(want, notes.String()); diff != "" {
		t.Error(diff)
	}
	if err := export.SessionsCSV(&charges, german, berlin, nowhere, these(nil, someCharges...)); err != nil {
		t.Fatal(err)
	}
	if got := charges.String(); !strings.HasPrefix(got, "\ufeff'-SOURCE;'-SESSION;") ||
		!strings.Contains(got, "\r\ncsv;'@S-1;2;DE*VLT*E1;1;2026-10-03 12:00:00;2026-10-03 13:00:00;3600;12,345;;;******C3D4;valid;false;held;overlap;;S-0;S1;station S1;a;owner a;;EUR\r\n") {
		t.Errorf("%s", got)
	}
}

func open(t *testing.T, file *bytes.Buffer) *excelize.File {
	t.Helper()
	book, err := excelize.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { book.Close() })
	return book
}

func TestListsAreWrittenAsWorkbooks(t *testing.T) {
	var file bytes.Buffer
	if err := export.NotesXLSX(&file, "Gutschriften", german, these(nil, someNotes...)); err != nil {
		t.Fatal(err)
	}
	book := open(t, &file)
	rows, err := book.GetRows("Gutschriften")
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"-NUMBER", "-KIND", "-STANDING", "-DATE", "-RUN", "-MONTH", "-RECIPIENT", "-RECIPIENT_NAME", "-OWNERS", "-OWNERS_NAME", "-CURRENCY", "-NET", "-TAX", "-GROSS", "-DELIVERY", "-CANCELLED_BY", "-CANCELS", "-EXTERNAL_ID"},
		{"GS-2026-00001", "credit_note", "cancelled", "10-31-26", "2026-10", "2026-10", "=cmd()", "recipient =cmd()", "a, b", "owners a, b", "EUR", "16.84", "3.20", "20.04", "sent", "ST-1", "", "4500012345"},
		{"ST-1", "cancellation", "cancellation", "", "", "", "", "recipient ", "", "owners ", "JPY", "-1684", "0", "-1684", "", "", "GS-2026-00001"},
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Error(diff)
	}
	if formula, err := book.GetCellFormula("Gutschriften", "G2"); err != nil || formula != "" {
		t.Errorf("a text became the formula %q, %v", formula, err)
	}
	for name, want := range map[string]bool{"D2": true, "F2": true, "G2": false, "L2": true} {
		kind, err := book.GetCellType("Gutschriften", name)
		if isNumber := kind == excelize.CellTypeUnset || kind == excelize.CellTypeNumber; err != nil || isNumber != want {
			t.Errorf("%s is of type %v, %v", name, kind, err)
		}
	}
	file.Reset()
	if err := export.SessionsXLSX(&file, "Sessions", nil, berlin, nowhere, these(nil, someCharges...)); err != nil {
		t.Fatal(err)
	}
	if got, err := open(t, &file).GetCellValue("Sessions", "I2"); err != nil || got != "12.345" {
		t.Errorf("energy %q, %v", got, err)
	}
}

func TestLargeNumbersKeepTheirDigits(t *testing.T) {
	var file bytes.Buffer
	huge := creditnotes.NoteEntry{Currency: "EUR", Net: 900_719_925_474_099_301, Gross: 123_456_789_012_345}
	if err := export.NotesXLSX(&file, "N", nil, these(nil, huge)); err != nil {
		t.Fatal(err)
	}
	book := open(t, &file)
	for name, want := range map[string]string{"J2": "9007199254740993.01", "L2": "1234567890123.45"} {
		if got, err := book.GetCellValue("N", name); err != nil || got != want {
			t.Errorf("%s: %s, want %s, %v", name, got, want, err)
		}
	}
}

func TestErrorsOfTheSourceEndTheFile(t *testing.T) {
	lost := errors.New("lost")
	for what, err := range map[string]error{
		"CSV":  export.NotesCSV(io.Discard, nil, these(lost, someNotes...)),
		"XLSX": export.NotesXLSX(io.Discard, "N", nil, these(lost, someNotes...)),
	} {
		if !errors.Is(err, lost) {
			t.Errorf("%s: %v", what, err)
		}
	}
	var file bytes.Buffer
	if n, err := export.Bundle(&file, these(lost, creditnotes.File{Name: "a.pdf"})); n != 1 || !errors.Is(err, lost) {
		t.Errorf("%d, %v", n, err)
	}
	if _, err := zip.NewReader(bytes.NewReader(file.Bytes()), int64(file.Len())); err == nil {
		t.Error("half a ZIP opens")
	}
}

func TestBundleHoldsEveryFileUnderANameOfItsOwn(t *testing.T) {
	var file bytes.Buffer
	var files []creditnotes.File
	for i, name := range []string{"GS-1.pdf", "gs-1.PDF", "GS-1.pdf", "../../etc/passwd", `C:\a|b?.csv`, "", "..", "ä\x00.xml"} {
		files = append(files, creditnotes.File{Name: name, MediaType: "application/pdf", Content: fmt.Append(nil, i)})
	}
	if n, err := export.Bundle(&file, these(nil, files...)); n != len(files) || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	archive, err := zip.NewReader(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil || string(content) != fmt.Sprint(i) {
			t.Errorf("%s holds %q, %v", f.Name, content, err)
		}
		if !f.Modified.Equal(time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)) {
			t.Errorf("%s has no day", f.Name)
		}
		got = append(got, f.Name)
	}
	want := []string{"GS-1.pdf", "gs-1-2.PDF", "GS-1-3.pdf", "-..-etc-passwd", "C--a-b-.csv", "file", "file-2", "ä-.xml"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
