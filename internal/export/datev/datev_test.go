package datev_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"creditrun/internal/export/datev"
	"creditrun/internal/fault"
	"creditrun/internal/journal"
)

var update = flag.Bool("update", false, "write the golden files anew")

func config() *journal.Config {
	return &journal.Config{Consultant: 1001, Client: 42, YearStart: "01-01", AccountLength: 4, Currency: "EUR", TaxKeys: map[string]string{"de-19": "9/3", "rc": "94", "small": "0"}}
}

// november is a journal with what is known to break others.
func november() *journal.Journal {
	part := func(net, tax int64) journal.Part {
		p := journal.Part{Account: "3125", TaxKey: "de-19", TaxAccount: "1576", Category: "S", Rate: 190_000}
		p.Net, p.Tax = p.Net+amountOf(net), p.Tax+amountOf(tax)
		return p
	}
	entry := func(kind, number, day string, parts ...journal.Part) journal.Entry {
		e := journal.Entry{ID: "document:" + number, Kind: kindOf(kind), Date: dateOf(day), Due: "2026-12-14", Reference: number, Link: "CB6A8F8F-099A-83A9-ABAA-0CB64E299BAA",
			Entity: "hotel", Name: "Hotel Zum Goldenen Hirschen am Großen Markt Betriebs- und Verwaltungsgesellschaft mbH", Account: "70001", Currency: "EUR", Side: journal.Credit, Parts: parts}
		for _, p := range parts {
			e.Gross += p.Gross()
		}
		return e
	}
	cancelled := entry("cancellation", "ST-2026-00001", "2026-11-02", part(-10000, -1900))
	cancelled.Cancels = "GS-2026-00001"
	fee := entry("invoice", "RE-2026-00001", "2026-11-30", part(5000, 950))
	fee.Side = journal.Debit
	exempt := part(700, 0)
	exempt.TaxKey = "small"
	mixed := entry("credit_note", "GS.2026.Ä-00002", "2026-11-30", part(20000, 3800), exempt, part(0, 0))
	reverse := part(123456, 0)
	reverse.TaxKey = "rc"
	abroad := entry("credit_note", "GS-2026-00003", "2026-11-30", reverse)
	abroad.Currency, abroad.Exchange = "CHF", &journal.Exchange{Base: "EUR", Rate: 938_700}
	payout := entry("payout", "PO-00000001", "2026-11-30", journal.Part{Account: "1800", Net: amountOf(11900)})
	payout.ID, payout.Side, payout.Link, payout.Due = "movement:7", journal.Debit, "", ""
	j := &journal.Journal{Month: "2026-11", ClosedAt: time.Date(2026, 12, 5, 9, 30, 0, 0, time.UTC), ClosedBy: "anna",
		Entries: []journal.Entry{entry("credit_note", "GS-2026-00001", "2026-10-31", part(10000, 1900)), cancelled, mixed, abroad, fee, payout},
		Parties: []journal.Party{{Entity: "hotel", Account: "70001", Name: "Hotel Zum Goldenen Hirschen am Großen Markt Betriebs- und Verwaltungsgesellschaft mbH",
			Street: "Große Straße 1", Postcode: "10115", City: "Łódź", Country: "DE", VATID: "DE123456789", Email: "hotel@hotel.example", Language: "de"}}}
	return j
}

func TestFilesAreAsTheGoldenOnes(t *testing.T) {
	t.Parallel()
	files, err := datev.Files(november(), config())
	if err != nil {
		t.Fatal(err)
	}
	again, _ := datev.Files(november(), config())
	for i, f := range files {
		if !bytes.Equal(f.Content, again[i].Content) {
			t.Errorf("%s is another one the second time", f.Name)
		}
		path := filepath.Join("testdata", f.Name)
		if *update {
			if err := os.WriteFile(path, f.Content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if want, err := os.ReadFile(path); err != nil || !bytes.Equal(want, f.Content) {
			t.Errorf("%s differs: %v", f.Name, err)
		}
	}
	if len(files) != 4 {
		t.Errorf("%d files", len(files))
	}
}

// rowsOf splits a file into the fields of its lines, without their quotes.
func rowsOf(t *testing.T, f journal.File) (rows [][]string) {
	t.Helper()
	for line := range strings.SplitSeq(strings.TrimSuffix(string(f.Content), "\r\n"), "\r\n") {
		fields := strings.Split(line, ";")
		for i := range fields {
			fields[i] = strings.Trim(fields[i], `"`)
		}
		rows = append(rows, fields)
	}
	return rows
}

func TestRowsAreWhatTheFormatAsksFor(t *testing.T) {
	t.Parallel()
	files, err := datev.Files(november(), config())
	if err != nil {
		t.Fatal(err)
	}
	rows := rowsOf(t, files[1])
	if len(rows) != 2+6 { // the part of 0.00 has none
		t.Fatalf("%d lines", len(rows))
	}
	if len(rows[0]) != 31 || rows[0][1] != "700" || rows[0][2] != "21" || rows[0][4] != "13" || rows[0][20] != "1" {
		t.Errorf("header %v", rows[0])
	}
	for _, row := range rows[1:] {
		if len(row) != 125 {
			t.Errorf("%d fields: %v", len(row), row)
		}
	}
	told := ""
	for _, row := range rows[2:] {
		told += fmt.Sprintln(row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], row[9], row[10], row[113], row[117])
	}
	const want = `119,00 H     70001 3125 0009 0211 ST-2026-00001 1 1
238,00 H     70001 3125 0009 3011 GS-2026-Ae-00002 1 0
7,00 H     70001 3125  3011 GS-2026-Ae-00002 1 0
1234,56 H CHF 0,938700 1315,18 EUR 70001 3125 0094 3011 GS-2026-00003 1 0
59,50 S     70001 3125 0003 3011 RE-2026-00001 1 0
119,00 S     70001 1800  3011 PO-00000001 1 0
`
	if told != want {
		t.Errorf("rows\n%s", told)
	}
	parties := rowsOf(t, files[2])
	if len(parties) != 3 || len(parties[0]) != 31 || parties[0][2] != "16" || parties[0][4] != "5" || len(parties[1]) != 254 || len(parties[2]) != 254 {
		t.Errorf("recipients: %d lines of %d fields", len(parties), len(parties[len(parties)-1]))
	}
}

func TestManyRowsAreSplitIntoBatches(t *testing.T) {
	t.Parallel()
	j := november()
	one := j.Entries[0]
	one.Date, one.Name = "2026-11-30", "Hotel"
	j.Entries = nil
	for i := range 20_000 {
		one.Reference = fmt.Sprintf("GS-2026-%06d", i)
		j.Entries = append(j.Entries, one)
	}
	limited := config()
	limited.MostRows = 19_998
	files, err := datev.Files(j, limited)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{19_998, 2} {
		if rows := bytes.Count(files[i].Content, []byte("\r\n")) - 2; rows != want {
			t.Errorf("%s has %d rows, want %d", files[i].Name, rows, want)
		}
	}
}

func TestWhatIsMissingIsNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		key, says string
		change    func(*journal.Journal, *journal.Config)
	}{
		{"accounting_missing", "setting datev_consultant, setting datev_mandant", func(_ *journal.Journal, c *journal.Config) { c.Consultant, c.Client = 0, 0 }},
		{"accounting_missing", "tax account rc: datev_key", func(_ *journal.Journal, c *journal.Config) { delete(c.TaxKeys, "rc") }},
		{"accounting_missing", "tax account rc: datev_key of at most 4 digits", func(_ *journal.Journal, c *journal.Config) { c.TaxKeys["rc"] = "12345" }},
		{"accounting_missing", "tax account de-19: datev_key for credit notes and fee invoices, such as 9/3", func(_ *journal.Journal, c *journal.Config) { c.TaxKeys["de-19"] = "9" }},
		{"accounting_missing", "tax account de-19: datev_key of at most 4 digits", func(_ *journal.Journal, c *journal.Config) { c.TaxKeys["de-19"] = "9/" }},
		{"accounting_missing", "exchange rate of CHF for 2026-11", func(j *journal.Journal, _ *journal.Config) { j.Entries[3].Exchange.Rate = 0 }},
		{"accounting_missing", "entity hotel: creditor_account, setting revenue_account", func(j *journal.Journal, _ *journal.Config) {
			j.Entries[0].Account, j.Entries[0].Parts[0].Account = "", ""
		}},
		{"accounting_account_malformed", "70001", func(_ *journal.Journal, c *journal.Config) { c.AccountLength = 5 }},
		{"accounting_account_malformed", "31250", func(j *journal.Journal, _ *journal.Config) { j.Entries[0].Parts[0].Account = "31250" }},
		{"accounting_amount", "GS-2026-00001", func(j *journal.Journal, _ *journal.Config) { j.Entries[0].Parts[0].Net = 1_000_000_000_000_00 }},
		{"accounting_amount", "1.005 KWD", func(j *journal.Journal, _ *journal.Config) {
			j.Entries[0].Currency, j.Entries[0].Parts[0].Net, j.Entries[0].Parts[0].Tax = "KWD", 1005, 0
		}},
	} {
		j, cfg := november(), config()
		c.change(j, cfg)
		_, err := datev.Files(j, cfg)
		var f *fault.Fault
		errors.As(err, &f)
		if f == nil || f.Key != c.key || !strings.Contains(fmt.Sprint(f.Args), c.says) {
			t.Errorf("%v, want %s about %s", err, c.key, c.says)
		}
	}
}
