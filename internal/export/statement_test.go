package export_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"creditrun/creditnotes"
	"creditrun/internal/export"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
)

var someStatement = &creditnotes.AccountStatement{
	StatementQuery: creditnotes.StatementQuery{From: "2026-10-01", Until: "2026-10-31"},
	Statements: []creditnotes.Statement{
		{Currency: "EUR", Opening: 1000, Closing: 3004, Movements: []creditnotes.StatementLine{{Balance: 3004, Movement: creditnotes.Movement{
			Reference: "GS-2026-00001", Kind: creditnotes.MovedCreditNote, Value: "2026-10-31", Booked: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC), Amount: 2004,
		}}}},
		{Currency: "JPY", Opening: 7, Closing: 7},
	},
	Charges: []creditnotes.Charges{{Section: creditnotes.SectionRFIDCharges, Sessions: []creditnotes.StatementSession{{
		Session: sessions.Session{ExternalID: "S-1", Start: time.Date(2026, 10, 3, 9, 0, 0, 0, time.UTC), End: time.Date(2026, 10, 3, 10, 0, 0, 0, time.UTC),
			Energy: 10_000_000, MediumUID: "******C3D4", DriverAmount: new(money.Micros(4_900_000)), Currency: "EUR"},
		Station: "ST-1", Number: "GS-2026-00001",
	}}}},
}

func TestStatementsAreWrittenAsCSVFromBalanceToBalance(t *testing.T) {
	var out bytes.Buffer
	if err := export.StatementCSV(&out, nil, time.UTC, someStatement); err != nil {
		t.Fatal(err)
	}
	want := "\ufeffsection;kind;booked;value_date;reference;currency;amount;balance;session;station;start;end;energy_kwh;medium;collected_at\r\n" +
		"transactions;opening_balance;;2026-10-01;;EUR;;10.00;;;;;;;\r\n" +
		"transactions;credit_note;2026-11-02T09:00:00Z;2026-10-31;GS-2026-00001;EUR;20.04;30.04;;;;;;;\r\n" +
		"transactions;closing_balance;;2026-10-31;;EUR;;30.04;;;;;;;\r\n" +
		"transactions;opening_balance;;2026-10-01;;JPY;;7;;;;;;;\r\n" +
		"transactions;closing_balance;;2026-10-31;;JPY;;7;;;;;;;\r\n" +
		"rfid;session;;;GS-2026-00001;EUR;4.900000;;S-1;ST-1;2026-10-03T09:00:00Z;2026-10-03T10:00:00Z;10;******C3D4;\r\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

func TestStatementsAreWrittenAsAWorkbook(t *testing.T) {
	var out bytes.Buffer
	if err := export.StatementXLSX(&out, "Account", german, time.UTC, someStatement); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := book.GetRows("Account")
	if err != nil || len(rows) != 7 || rows[0][7] != "-BALANCE" || rows[2][7] != "30.04" {
		t.Errorf("got %q, %v", rows, err)
	}
}
