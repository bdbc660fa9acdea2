package main

import (
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/store/storetest"
)

func TestTheArchiveOfAYearIsTheSameTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t, storetest.SQLite(t)).small()
	w.do("run", "--month", "2026-10")
	folder := t.TempDir()
	certificate := filepath.Join(folder, "1 TH.pdf")
	if err := os.WriteFile(certificate, []byte("%PDF-1.7 certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	var stored, listed []creditnotes.EntityDocumentJSON
	w.read(&stored, "documents", "add", "a", certificate, "--kind", "reseller_certificate", "--valid-from", "2026-01-01", "--valid-until", "2027-12-31")
	w.fails(exitFailed, "documents", "add", "a", certificate)
	w.fails(exitUsage, "documents", "add", "a", certificate, "--valid-from", "1.1.2026")
	if w.read(&listed, "documents", "--entity", "a"); len(stored) != 1 || len(listed) != 1 || listed[0].Name != "1 TH.pdf" || listed[0].ID != stored[0].ID {
		t.Errorf("%+v, %+v", stored, listed)
	}
	w.do("documents", "save", strconv.FormatInt(listed[0].ID, 10), "--out", filepath.Join(folder, "saved.pdf"))
	w.do("documents", "withdraw", strconv.FormatInt(listed[0].ID, 10), "--reason", "of another company")
	w.fails(exitFailed, "documents", "withdraw", strconv.FormatInt(listed[0].ID, 10), "--reason", "again")
	read := func(name string) string {
		content, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	w.do("export", "archive", "--year", "2026", filepath.Join(folder, "a"))
	w.do("export", "archive", "--year", "2026", filepath.Join(folder, "1.zip"))
	w.do("export", "archive", "--year", "2026", filepath.Join(folder, "2.zip"))
	if read("a/entity-documents/a_1 TH.pdf") != read("saved.pdf") {
		t.Error("the document is another one in the archive")
	}
	if read("1.zip") != read("2.zip") {
		t.Error("two archives differ")
	}
	sums := read("a/SHA256SUMS")
	xml, pdf := strings.Index(sums, "documents/GS-2026-00001-factur-x.xml"), strings.Index(sums, "documents/GS-2026-00001.pdf")
	if xml < 0 || pdf < xml || !strings.Contains(sums, "  index.xml\n") || !strings.Contains(sums, "verfahrensdokumentation.txt") || !strings.Contains(sums, "procedure-documentation.txt") {
		t.Errorf("%s", sums)
	}
	describes(t, read("a/index.xml"), func(table string) string { return read("a/" + table) })
	if got := read("a/tables/documents.csv"); !strings.Contains(got, "GS-2026-00001;credit_note;2026-11-02;a;EUR;16.84;3.20;20.04;") {
		t.Errorf("%s", got)
	}
	var quota []quotaJSON
	if w.read(&quota, "export", "quota", "--year", "2026"); len(quota) == 0 {
		t.Error("no charge points")
	}
	w.fails(exitUsage, "export", "quota", "--year", "26")
	var preview creditnotes.RepriceJSON
	if w.read(&preview, "reprice", "--rate", "com", "--from", "2026-10-01"); preview.State != "preview" || preview.Sessions != 0 || preview.Unchanged == 0 {
		t.Errorf("%+v", preview)
	}
	w.fails(exitFailed, "reprice", "--rate", "nothing", "--from", "2026-10-01")
}

// contentModels is what gdpdu-01-09-2004.dtd allows in the elements that are
// written, as patterns of the names of their children.
var contentModels = map[string]string{
	"DataSet": "Version DataSupplier (Media )+", "DataSupplier": "Name Location Comment ", "Media": "Name (Table )*",
	"Table":              "URL (Name )?(Description )?(Validity )?(UTF8 )?(DecimalSymbol DigitGroupingSymbol )?(SkipNumBytes )?(Range )?(Epoch )?VariableLength ",
	"Range":              "From ((To|Length) )?",
	"VariableLength":     "(ColumnDelimiter )?(RecordDelimiter )?(TextEncapsulator )?((VariablePrimaryKey )+(VariableColumn )*|(VariableColumn )+)(ForeignKey )*",
	"VariablePrimaryKey": "Name (Description )?(Numeric|AlphaNumeric|Date) (Map )*", "VariableColumn": "Name (Description )?(Numeric|AlphaNumeric|Date) (Map )*",
	"Numeric": "(Accuracy )?", "Date": "(Format )?", "ForeignKey": "(Name )+References (Alias )*", "Alias": "From To ",
}

// describes checks that index.xml is what the description standard allows, and
// that it says of each table what its file has.
func describes(t *testing.T, index string, read func(table string) string) {
	t.Helper()
	type element struct {
		name, text string
		children   []*element
	}
	root := &element{}
	open, d := []*element{root}, xml.NewDecoder(strings.NewReader(index))
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		top := open[len(open)-1]
		switch token := token.(type) {
		case xml.StartElement:
			one := &element{name: token.Name.Local}
			top.children, open = append(top.children, one), append(open, one)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			top.text += string(token)
		}
	}
	var check func(e *element)
	check = func(e *element) {
		names := ""
		for _, c := range e.children {
			names += c.name + " "
			check(c)
		}
		if !regexp.MustCompile("^("+contentModels[e.name]+")$").MatchString(names) && e.name != "" {
			t.Errorf("%s has %s", e.name, names)
		}
	}
	check(root)
	var tables []string
	for _, media := range root.children[0].children[2:] {
		for _, table := range media.children[1:] {
			url, columns := table.children[0].text, []string{}
			for _, c := range table.children[len(table.children)-1].children {
				if strings.HasPrefix(c.name, "Variable") {
					columns = append(columns, c.children[0].text)
				}
			}
			head, _, _ := strings.Cut(read(url), "\r\n")
			if head != strings.Join(columns, ";") {
				t.Errorf("%s has %s, described are %v", url, head, columns)
			}
			tables = append(tables, strings.TrimSuffix(filepath.Base(url), ".csv"))
		}
	}
	for _, want := range []string{"payouts", "payout_batches", "bank_entries", "journals", "journal_numbers", "exchange_rates", "reminders", "remittance_advices", "reprices", "audit"} {
		if !slices.Contains(tables, want) {
			t.Errorf("no table of %s: %v", want, tables)
		}
	}
}
