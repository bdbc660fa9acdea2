package bank_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"creditrun/internal/bank"
	"creditrun/internal/fault"
)

const (
	opening = `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-10-05T20:15:00Z</CreDtTm></GrpHdr>
`
	ending  = `</BkToCstmrStmt></Document>`
	account = `<Acct><Id><IBAN>DE52500106758935672160</IBAN></Id><Ccy>EUR</Ccy></Acct>`
)

// entry is an entry of 10 EUR.
func entry(more string) string {
	return `<Ntry><Amt Ccy="EUR">10.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-10-05</Dt></BookgDt>` + more + `</Ntry>`
}

// statement is a file with one statement.
func statement(content string) string {
	return opening + "<Stmt><Id>S1</Id>" + account + content + "</Stmt>" + ending
}

// read reads a file and returns its transactions, its findings, and the error
// that ended it.
func read(in io.Reader) (transactions []*bank.Transaction, findings []*fault.Fault, err error) {
	f, err := bank.Open(in)
	if err != nil {
		return nil, nil, err
	}
	for item, err := range f.Items() {
		switch {
		case err != nil:
			return transactions, findings, err
		case item.Transaction != nil:
			transactions = append(transactions, item.Transaction)
		case item.Finding != nil:
			findings = append(findings, item.Finding)
		}
	}
	return transactions, findings, nil
}

func TestBrokenAndHostileFilesAreRefusedWithTheirLine(t *testing.T) {
	deep := strings.Repeat("<a>", 40)
	for name, c := range map[string]struct {
		file, key string
		line      int
	}{
		"an empty file":          {"", "bank_file_unknown", 1},
		"text":                   {"Gutschrift", "bank_file_unknown", 1},
		"another document":       {"<html><body/></html>", "bank_file_unknown", 1},
		"an intraday report":     {`<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.052.001.08"><BkToCstmrAcctRpt/></Document>`, "bank_file_unknown", 1},
		"a message of two kinds": {`<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.052.001.08"><BkToCstmrStmt/></Document>`, "bank_file_unknown", 1},
		"an empty document":      {"<Document>\n</Document>", "bank_file_value", 2},
		"no group header":        {"<Document><BkToCstmrStmt>\n<Stmt/></BkToCstmrStmt></Document>", "bank_file_value", 2},
		"an entity":              {statement("\n" + entry("<AddtlNtryInf>&xxe;</AddtlNtryInf>")), "bank_file_forbidden", 4},
		"a document type": {`<?xml version="1.0"?>
<!DOCTYPE Document [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><Document/>`, "bank_file_forbidden", 2},
		"elements without end":   {statement(entry("\n" + deep)), "bank_file_too_much", 4},
		"a text without end":     {statement(entry("\n<AddtlNtryInf>" + strings.Repeat("a", 70_000) + "</AddtlNtryInf>")), "bank_file_too_much", 4},
		"a comment without end":  {statement("<!-- " + strings.Repeat("<", 70_000) + " -->"), "bank_file_too_much", 3},
		"an attribute too long":  {statement(`<Ntry a="` + strings.Repeat("a", 70_000) + `"/>`), "bank_file_too_much", 3},
		"a transaction too long": {statement(entry("<NtryDtls><TxDtls>" + strings.Repeat("<a>aaaaa</a>\n", 60_000) + "</TxDtls></NtryDtls>")), "bank_file_too_much", 40332},
		"a head too long":        {statement("<Ntry>" + strings.Repeat("<a>aaaaa</a>", 60_000) + "</Ntry>"), "bank_file_too_much", 3},
		"a truncated file":       {statement("\n" + entry(""))[:400], "bank_file_truncated", 4},
		"tags that do not match": {strings.Replace(statement("\n"+entry("")), "</Stmt>", "</Stm>", 1), "bank_file_broken", 4},
		"bytes of Latin-1":       {statement("\n" + entry("<AddtlNtryInf>\xe4</AddtlNtryInf>")), "bank_file_broken", 4},
		"another version of XML": {`<?xml version="2.0"?><Document/>`, "bank_file_broken", 1},
		"two documents":          {statement("") + statement(""), "bank_file_second", 4},
		"a wrong amount":         {statement(strings.Replace(entry(""), "10.00", "10,00", 1)), "bank_file_value", 3},
		"a negative amount":      {statement(strings.Replace(entry(""), "10.00", "-10.00", 1)), "bank_file_value", 3},
		"no amount":              {statement("<Ntry><CdtDbtInd>CRDT</CdtDbtInd></Ntry>"), "bank_file_value", 3},
		"no direction":           {statement("<Ntry><Amt Ccy=\"EUR\">1</Amt></Ntry>"), "bank_file_value", 3},
		"a wrong direction":      {statement(strings.Replace(entry(""), "CRDT", "UP", 1)), "bank_file_value", 3},
		"no currency":            {statement(strings.Replace(entry(""), `Ccy="EUR"`, "", 1)), "bank_file_value", 3},
		"a wrong date":           {statement(strings.Replace(entry(""), "2026-10-05", "05.10.2026", 1)), "bank_file_value", 3},
		"no account":             {strings.Replace(statement(entry("")), account, "", 1), "bank_file_value", 3},
		"UTF-16":                 {"\xff\xfe<\x00D\x00", "bank_file_encoding", 0},
		"an unknown encoding":    {`<?xml version="1.0" encoding="EBCDIC"?><Document/>`, "bank_file_encoding", 0},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := read(strings.NewReader(c.file))
			faults := fault.Of(err)
			if len(faults) != 1 || faults[0].Key != c.key || faults[0].Kind != fault.Invalid {
				t.Fatalf("got %v, want %s", err, c.key)
			}
			if line := faults[0].Args["line"]; c.line > 0 && line != c.line {
				t.Errorf("%v is in line %v, want %d", err, line, c.line)
			}
		})
	}
}

func TestABrokenMediumIsNoFaultOfTheFile(t *testing.T) {
	broken := errors.New("connection reset")
	for _, start := range []string{"", statement("")[:300]} {
		_, _, err := read(io.MultiReader(strings.NewReader(start), failing{broken}))
		if !errors.Is(err, broken) || len(fault.Of(err)) > 0 {
			t.Errorf("got %v", err)
		}
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestReadingCanStop(t *testing.T) {
	f, err := bank.Open(strings.NewReader(statement(entry("") + entry(""))))
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for range f.Items() {
		count++
		break
	}
	if count != 1 {
		t.Errorf("got %d items", count)
	}
}

func TestEncodingsAreRead(t *testing.T) {
	file := func(encoding, text string) string {
		return strings.Replace(statement(entry("<AddtlNtryInf>"+text+"</AddtlNtryInf>")), `"UTF-8"`, `'`+encoding+`'`, 1)
	}
	for name, content := range map[string]string{
		"UTF-8":        file("utf-8", "Straße €"),
		"with a mark":  "\ufeff" + file("UTF-8", "Straße €"),
		"Latin-9":      file("ISO-8859-15", "Stra\xdfe \xa4"),
		"Windows-1252": file("Windows-1252", "Stra\xdfe \x80"),
	} {
		got, _, err := read(strings.NewReader(content))
		if err != nil || len(got) != 1 || got[0].Entry.Text != "Straße €" {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
	got, _, err := read(strings.NewReader(file("ISO-8859-1", "Er\xe4p\xe4iv\xe4")))
	if err != nil || len(got) != 1 || got[0].Entry.Text != "Eräpäivä" {
		t.Errorf("Latin-1: got %v, %v", got, err)
	}
}

func FuzzFilesNeverBreakTheReader(f *testing.F) {
	names, _ := filepath.Glob("testdata/answers/*/file.xml")
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(content[:min(len(content), 4000)]))
	}
	f.Add(statement(entry("<NtryDtls><Btch><NbOfTxs>2</NbOfTxs></Btch><TxDtls/></NtryDtls>")))
	f.Fuzz(func(t *testing.T, content string) {
		transactions, _, err := read(strings.NewReader(content))
		if err != nil && len(fault.Of(err)) != 1 {
			t.Errorf("no fault: %v", err)
		}
		keys := map[string]bool{}
		for _, one := range transactions {
			key := fmt.Sprintf("%p %s", one.Entry.Statement, one.Key)
			if keys[key] {
				t.Errorf("the key %s is used twice", one.Key)
			}
			keys[key] = true
		}
	})
}
