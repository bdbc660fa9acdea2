package store_test

import (
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/internal/store/storetest"
	"creditrun/numbering"
)

func TestFeeInvoicesAreTotalledApartFromCreditNotes(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Billed()
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"), charge("S-9", "ST-9", "2026-10-03 10:00", "10"))
		w.Month("2026-10")
		w.Cancel("RE-2026-00002")
		totals, err := w.s.NoteTotals(t.Context(), creditnotes.NoteFilter{})
		want := []creditnotes.NoteTotal{
			{Currency: "EUR", Kind: numbering.CreditNote, Notes: 2, Net: 630, Tax: 120, Gross: 750},
			{Currency: "EUR", Kind: numbering.Invoice, Notes: 3, Net: 3623, Tax: 688, Gross: 4311},
		}
		if diff := gocmp.Diff(want, totals); diff != "" || err != nil {
			t.Error(diff, err)
		}
		if got := creditnotes.TotalsOf(totals, numbering.Invoice); len(got) != 1 || got[0].Notes != 3 {
			t.Errorf("%+v", got)
		}
		run := w.Run("2026-10").ID
		sums, err := w.s.RunSums(t.Context(), []int64{run})
		want[1] = creditnotes.NoteTotal{Currency: "EUR", Kind: numbering.Invoice, Notes: 2, Net: 7246, Tax: 1376, Gross: 8622}
		if diff := gocmp.Diff(want, sums[run]); diff != "" || err != nil {
			t.Error(diff, err)
		}
		same(t, statement(t, w, creditnotes.StatementQuery{From: "2026-10-01", Until: "2026-12-31"}), `
			EUR opens with 0.00
			2026-10-31 GS-2026-00001 credit_note 3.75, 3.75
			2026-10-31 RE-2026-00001 invoice -43.11, -39.36
			closes with -39.36`)
		progress, err := w.s.RunProgress(t.Context(), run)
		if err != nil || progress.NotesTotal != 4 || progress.NotesRendered != 4 || progress.Deliveries[creditnotes.DeliveryQueued] != 4 {
			t.Errorf("%+v, %v", progress, err)
		}
	})
}

// Each is found that changes what a fee invoice says.
func TestVerifyFindsEditsOfFeeInvoices(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t))
	w.Billed()
	w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"))
	w.Month("2026-10")
	w.finds()
	w.unlock()
	for _, c := range []struct{ table, edit, undo, key string }{
		{"positions", "SET quantity = 3 WHERE quantity = 2", "SET quantity = 2 WHERE quantity = 3", "verify_position"},
		{"positions", "SET unit_price = 5000001 WHERE quantity = 2", "SET unit_price = 5000000 WHERE quantity = 2", "verify_position"},
		{"positions", "SET contract = 'other' WHERE contract = 'a-2026'", "SET contract = 'a-2026' WHERE contract = 'other'", "verify_seal"},
		{"credit_notes", "SET kind = 'credit_note' WHERE kind = 'invoice'", "SET kind = 'invoice' WHERE number LIKE 'RE-%'", "verify_seal"},
		{"credit_notes", "SET sequence = 9 WHERE kind = 'invoice'", "SET sequence = 1 WHERE kind = 'invoice'", "verify_numbers"},
	} {
		if n, err := w.sql("UPDATE " + c.table + " " + c.edit); err != nil || n == 0 {
			t.Fatalf("%s: %d rows, %v", c.edit, n, err)
		}
		if got := w.Problems(); !slices.Contains(got, c.key) {
			t.Errorf("%s: %v", c.edit, got)
		}
		if n, err := w.sql("UPDATE " + c.table + " " + c.undo); err != nil || n == 0 {
			t.Fatalf("%s: %d rows, %v", c.undo, n, err)
		}
	}
	w.finds()
}
