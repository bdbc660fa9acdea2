package export_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"creditrun/creditnotes"
	"creditrun/internal/export"
)

var someStatements = []creditnotes.Statement{
	{Currency: "EUR", Opening: 1000, Closing: 3004, Movements: []creditnotes.Movement{
		{Number: "GS-2026-00001", Kind: "credit_note", Date: "2026-10-31", Net: 1684, Tax: 320, Gross: 2004, Balance: 3004},
	}},
	{Currency: "JPY", Opening: 7, Closing: 7},
}

func TestStatementsAreWrittenAsCSVFromBalanceToBalance(t *testing.T) {
	var out bytes.Buffer
	if err := export.StatementCSV(&out, nil, someStatements, "2026-10-01", "2026-10-31"); err != nil {
		t.Fatal(err)
	}
	want := "\ufeffkind;date;number;currency;net;tax;gross;balance\r\n" +
		"opening_balance;2026-10-01;;EUR;;;;10.00\r\n" +
		"credit_note;2026-10-31;GS-2026-00001;EUR;16.84;3.20;20.04;30.04\r\n" +
		"closing_balance;2026-10-31;;EUR;;;;30.04\r\n" +
		"opening_balance;2026-10-01;;JPY;;;;7\r\n" +
		"closing_balance;2026-10-31;;JPY;;;;7\r\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

func TestStatementsAreWrittenAsAWorkbook(t *testing.T) {
	var out bytes.Buffer
	if err := export.StatementXLSX(&out, "Account", german, someStatements, "2026-10-01", "2026-10-31"); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := book.GetRows("Account")
	if err != nil || len(rows) != 6 || rows[0][7] != "-BALANCE" || rows[2][7] != "30.04" {
		t.Errorf("got %q, %v", rows, err)
	}
}
