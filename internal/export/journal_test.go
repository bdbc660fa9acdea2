package export_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/internal/export"
	"creditrun/internal/journal"
)

// someJournal has a credit note, a cancellation in francs whose text a spreadsheet
// would take for a formula, and a document of 0.00.
func someJournal() *journal.Journal {
	taxed := journal.Part{Account: "3125", Net: 10000, TaxKey: "de-19", TaxAccount: "1406", Category: "S", Rate: 1900, Tax: 1900}
	back := journal.Part{Account: "3125", Net: -2000}
	entry := func(number, currency string, part journal.Part) journal.Entry {
		return journal.Entry{ID: "document:" + number, Kind: "credit_note", Date: "2026-10-31", Due: "2026-11-14", Reference: number, Field: strings.ReplaceAll(number, ".", "-"),
			Entity: "hotel", Name: "Hotel „Zum Großen Hirschen“ GmbH; Co.", Account: "70001", Currency: currency, Side: journal.Credit, Gross: part.Gross(), Parts: []journal.Part{part}}
	}
	abroad := entry("ST.1", "CHF", back)
	abroad.Cancels, abroad.Text, abroad.Exchange = "GS-0", "=cmd()", &journal.Exchange{Base: "EUR", Rate: 938_700}
	return &journal.Journal{Month: "2026-10", Entries: []journal.Entry{entry("GS-1", "EUR", taxed), abroad, entry("GS-2", "EUR", journal.Part{})},
		Parties:  []journal.Party{{Entity: "hotel", Account: "70001", Name: "Hotel"}},
		Controls: []journal.Control{{Currency: "EUR", Documents: 2, Journal: 11900, Issued: 11900, Movements: 11900}}}
}

func journalFile(t *testing.T, format journal.Format, j *journal.Journal) []byte {
	t.Helper()
	files, err := export.JournalFiles(format)(j, nil)
	if err != nil || len(files) != 1 || files[0].Name != "journal_2026-10."+string(format) {
		t.Fatalf("%v, %v", files, err)
	}
	return files[0].Content
}

func TestJournalsAreWrittenAsCSV(t *testing.T) {
	t.Parallel()
	want := "\ufeff" + strings.Join(export.JournalColumns, ";") + "\r\n" +
		`document:GS-1;2026-10-31;2026-11-14;credit_note;GS-1;;hotel;"Hotel „Zum Großen Hirschen“ GmbH; Co.";gross;70001;0.00;119.00;EUR;;;;;;GS-1;;` + "\r\n" +
		`document:GS-1;2026-10-31;2026-11-14;credit_note;GS-1;;hotel;"Hotel „Zum Großen Hirschen“ GmbH; Co.";net;3125;100.00;0.00;EUR;de-19;S;19;;;GS-1;;` + "\r\n" +
		`document:GS-1;2026-10-31;2026-11-14;credit_note;GS-1;;hotel;"Hotel „Zum Großen Hirschen“ GmbH; Co.";tax;1406;19.00;0.00;EUR;de-19;S;19;;;GS-1;;` + "\r\n" +
		`document:ST.1;2026-10-31;2026-11-14;credit_note;ST.1;GS-0;hotel;"Hotel „Zum Großen Hirschen“ GmbH; Co.";gross;70001;0.00;-20.00;CHF;;;;'=cmd();;ST-1;EUR;0.9387` + "\r\n" +
		`document:ST.1;2026-10-31;2026-11-14;credit_note;ST.1;GS-0;hotel;"Hotel „Zum Großen Hirschen“ GmbH; Co.";net;3125;-20.00;0.00;CHF;;;;'=cmd();;ST-1;EUR;0.9387` + "\r\n"
	if diff := cmp.Diff(want, string(journalFile(t, journal.CSV, someJournal()))); diff != "" {
		t.Error(diff)
	}
}

func TestJournalsAreWrittenAsXLSX(t *testing.T) {
	t.Parallel()
	book := open(t, bytes.NewBuffer(journalFile(t, journal.XLSX, someJournal())))
	rows, err := book.GetRows("journal")
	if err != nil || len(rows) != 6 || rows[1][11] != "119.00" || rows[4][18-1] != "" || rows[4][16] != "=cmd()" || rows[4][20] != "0.9387" {
		t.Fatalf("%v: %q", err, rows)
	}
	if formula, err := book.GetCellFormula("journal", "Q5"); err != nil || formula != "" {
		t.Errorf("a text became the formula %q, %v", formula, err)
	}
}

func TestJournalsAreWrittenAsJSON(t *testing.T) {
	t.Parallel()
	content := journalFile(t, journal.JSON, someJournal())
	if again := journalFile(t, journal.JSON, someJournal()); !bytes.Equal(content, again) {
		t.Error("the same journal gives another file")
	}
	var read struct {
		Month   string
		Entries []struct {
			ID       string `json:"external_id"`
			Field    string `json:"document_field"`
			Exchange string `json:"exchange_rate"`
			Lines    []struct{ Line, Account, Debit, Credit, Tax_account string }
		}
		Controls   []export.JournalControl
		Recipients []journal.Party
	}
	if err := json.Unmarshal(content, &read); err != nil {
		t.Fatal(err)
	}
	if len(read.Entries) != 3 || len(read.Entries[0].Lines) != 3 || read.Entries[1].Exchange != "0.9387" || read.Entries[1].Lines[0].Credit != "-20.00" ||
		read.Controls[0].Journal != "119.00" || read.Recipients[0].Account != "70001" || read.Entries[1].Field != "ST-1" {
		t.Errorf("%+v", read)
	}
}

func TestJournalsOfManyRowsAreWritten(t *testing.T) {
	t.Parallel()
	j := someJournal()
	one := j.Entries[0]
	j.Entries = nil
	for i := range 20_000 {
		one.Reference = fmt.Sprintf("GS-%05d", i)
		j.Entries = append(j.Entries, one)
	}
	if rows := bytes.Count(journalFile(t, journal.CSV, j), []byte("\r\n")); rows != 1+3*20_000 {
		t.Errorf("%d rows", rows)
	}
}

// JournalFiles writes every format of journals, and no other.
func TestEveryFormatOfJournalsHasAWriter(t *testing.T) {
	t.Parallel()
	for _, format := range journal.Formats() {
		if format == journal.DATEV {
			continue
		}
		if len(journalFile(t, format, someJournal())) == 0 {
			t.Errorf("%s is empty", format)
		}
	}
	files, err := export.JournalFiles(journal.DATEV)(someJournal(), &journal.Config{Consultant: 1001, Client: 42, AccountLength: 4, Currency: "EUR", TaxKeys: map[string]string{"de-19": "9"}})
	if err != nil || len(files) == 0 || !strings.HasPrefix(string(files[0].Content), `"EXTF"`) {
		t.Errorf("DATEV: %v, %v", files, err)
	}
	if files, err := export.JournalFiles("pdf")(someJournal(), nil); err == nil {
		t.Errorf("of an unknown format: %v", files)
	}
}
