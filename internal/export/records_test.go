package export_test

import (
	"bytes"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/export"
)

// A record without a session has no energy and no driver amount: the cells are
// empty, also in a workbook, where figures are numbers.
func TestARecordWithoutASessionIsWritten(t *testing.T) {
	one := creditnotes.SettlementRecord{ID: "position-1-1", Direction: creditnotes.Expense, Origin: creditnotes.OriginPlatformFee, Owner: "a",
		Date: "2026-10-31", Month: "2026-10", Currency: "EUR", Net: 5_000_000}
	var book, csv bytes.Buffer
	if err := export.RecordsXLSX(&book, "records", nil, time.UTC, these(nil, one)); err != nil || book.Len() == 0 {
		t.Errorf("workbook: %v", err)
	}
	if err := export.RecordsCSV(&csv, nil, time.UTC, these(nil, one)); err != nil || !bytes.Contains(csv.Bytes(), []byte(";platform_fee;a;2026-10-31;2026-10;EUR;5.000000;")) {
		t.Errorf("%s, %v", &csv, err)
	}
}
