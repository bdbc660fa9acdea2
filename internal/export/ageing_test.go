package export_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/export"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/payouts"
)

func TestListsOfWhatIsOwedAreWrittenAsFiles(t *testing.T) {
	to := &entities.Entity{Key: "=a", Name: "Hotel A"}
	item := creditnotes.ReminderItem{Kind: creditnotes.MovedInvoice, Document: "RE-1", Due: "2026-11-14", Open: 59_50, Level: 2}
	due := []payouts.DueReminder{
		{Recipient: to, Currency: "EUR", Level: 2, Items: []creditnotes.ReminderItem{item}, Amount: 59_50},
		{Recipient: to, Currency: "JPY", Level: 2, Items: []creditnotes.ReminderItem{item}, Amount: 59_50, Apart: payouts.RemindersStopped, Detail: "dispute"},
	}
	sent := []creditnotes.Reminder{{Number: "MA-000001", Day: "2026-11-21", Recipient: "b", Currency: "EUR", Items: []creditnotes.ReminderItem{item}}}
	ageing := payouts.Ageing{Rows: []payouts.Aged{{Entity: "b", Currency: "EUR", Side: payouts.Owing, Items: 2, ByAge: [5]money.Amount{0, -1, 0, 0, -200}}}}
	cash := payouts.Forecast{Planned: []payouts.Cash{{Day: "2026-11-16", Entity: "b", Currency: "EUR", Amount: 70_00, Documents: []string{"G-1", "R-1"}}},
		Apart: []payouts.Cash{{Day: "2026-11-02", Entity: "b", Currency: "JPY", Amount: 5, Documents: []string{"G-2"}, Reason: payouts.OnHold, Detail: "hold"}}}
	cash.Apart = append(cash.Apart, payouts.Cash{Day: "2026-11-03", Entity: "b", Currency: "EUR", Amount: 1_00, Documents: []string{"G-3"}, Reason: payouts.Unwritable,
		Refused: []*fault.Fault{fault.New(fault.Invalid, "bank_bic_invalid", nil), fault.New(fault.Invalid, "bank_name_missing", nil)}})
	words := func(f *fault.Fault) string { return f.Key + "." }
	accruals := &creditnotes.AccrualList{Rows: []creditnotes.Accrual{{Owner: "b", Currency: "EUR", Kind: creditnotes.AccruedHeld, State: creditnotes.AccrualOpen,
		Reason: "invalid", Count: creditnotes.Count{Sessions: 1, Energy: 10_000_000}, Net: 3_150_000}}}
	for name, c := range map[string]struct {
		csv, xlsx func(*bytes.Buffer) error
		want      string
	}{
		"reminders": {
			func(b *bytes.Buffer) error { return export.RemindersCSV(b, nil, due, these(nil, sent...)) },
			func(b *bytes.Buffer) error { return export.RemindersXLSX(b, "sheet", nil, due, these(nil, sent...)) },
			";;'=a;2;RE-1;invoice;2026-11-14;59.50;EUR;due;|;;'=a;2;RE-1;invoice;2026-11-14;5950;JPY;stopped;dispute|MA-000001;2026-11-21;b;2;RE-1;invoice;2026-11-14;59.50;EUR;sent;",
		},
		"ageing": {
			func(b *bytes.Buffer) error { return export.AgeingCSV(b, nil, &ageing) },
			func(b *bytes.Buffer) error { return export.AgeingXLSX(b, "sheet", nil, &ageing) },
			"b;EUR;owing;2;0.00;-0.01;0.00;0.00;-2.00;-2.01",
		},
		"cash": {
			func(b *bytes.Buffer) error { return export.CashCSV(b, nil, &cash, words) },
			func(b *bytes.Buffer) error { return export.CashXLSX(b, "sheet", nil, &cash, words) },
			"2026-11-16;b;70.00;EUR;G-1 R-1;;|2026-11-02;b;5;JPY;G-2;on_hold;hold|2026-11-03;b;1.00;EUR;G-3;unwritable;bank_bic_invalid. bank_name_missing.",
		},
		"accruals": {
			func(b *bytes.Buffer) error { return export.AccrualsCSV(b, nil, accruals) },
			func(b *bytes.Buffer) error { return export.AccrualsXLSX(b, "sheet", nil, accruals) },
			"b;held;open;invalid;1;10;3.150000;EUR;0",
		},
	} {
		t.Run(name, func(t *testing.T) {
			var csv, xlsx bytes.Buffer
			if err := c.csv(&csv); err != nil {
				t.Fatal(err)
			}
			_, rows, _ := strings.Cut(strings.TrimSuffix(csv.String(), "\r\n"), "\r\n")
			if got := strings.ReplaceAll(rows, "\r\n", "|"); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if err := c.xlsx(&xlsx); err != nil {
				t.Fatal(err)
			}
			book, err := excelize.OpenReader(&xlsx)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := book.GetRows("sheet"); err != nil || len(got) != 1+len(strings.Split(c.want, "|")) {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
}
