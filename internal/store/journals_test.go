package store_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/export/datev"
	"creditrun/internal/journal"
)

// withLedger gives the installation what exports to the books need.
func (w *world) withLedger() {
	w.T.Helper()
	_, err := w.s.SetSettings(w.T.Context(), "anna", []creditnotes.Setting{
		{Key: "first_creditor_account", Value: "70000"}, {Key: "bank_account", Value: "1800"}, {Key: "clearing_account", Value: "1460"},
		{Key: "revenue_account", Value: "3125"}, {Key: "datev_consultant", Value: "1001"}, {Key: "datev_mandant", Value: "42"},
	})
	w.ok(err)
	for i := range w.Config.TaxAccounts {
		w.Config.TaxAccounts[i].LedgerAccount, w.Config.TaxAccounts[i].DATEVKey = "1406", "9"
	}
	w.Save()
}

func toldJournal(j *journal.Journal) string {
	var b strings.Builder
	for i := range j.Entries {
		e := &j.Entries[i]
		fmt.Fprintf(&b, "%s %s %s", e.Date, e.Kind, e.Reference)
		for _, l := range e.Lines() {
			fmt.Fprintf(&b, " %s %s/%s", l.Account, l.Debit.Format(2), l.Credit.Format(2))
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestMonthsAreClosedIntoJournals(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.Ignored = ofReports
		threeMonths(w)
		w.Now = evening("2026-12-05")
		_, err := w.s.ExportJournal(ctx, "anna", "2026-10", journal.DATEV, datev.Files)
		says(t, err, "accounting_missing")
		w.withLedger()
		_, err = w.s.ExportJournal(ctx, "anna", "2026-12", journal.DATEV, datev.Files)
		says(t, err, "accounting_month_open")
		first, err := w.s.ExportJournal(ctx, "anna", "2026-10", journal.DATEV, datev.Files)
		w.ok(err)
		same(t, toldJournal(&first.Journal), `
			2026-09-30 credit_note GS-2026-00001 70000 0.00/3.75 3125 3.15/0.00 1406 0.60/0.00
			2026-09-30 credit_note GS-2026-00002 70001 0.00/7.50 3125 6.30/0.00 1406 1.20/0.00
			2026-10-31 credit_note GS-2026-00003 70000 0.00/11.25 3125 9.45/0.00 1406 1.80/0.00
			2026-10-31 credit_note GS-2026-00004 70000 0.00/11.25 3125 9.45/0.00 1406 1.80/0.00`)
		before, err := w.s.OpenForJournal(ctx)
		w.ok(err)
		w.pays(creditnotes.MovedPayout, -375, 1)
		again, err := w.s.ExportJournal(ctx, "otto", "2026-10", journal.DATEV, datev.Files)
		w.ok(err)
		if !again.Copied || first.Copied || len(again.Files) != len(first.Files) || !bytes.Equal(again.Files[0].Content, first.Files[0].Content) {
			t.Errorf("an export once more: %t, %d files of %d", again.Copied, len(again.Files), len(first.Files))
		}
		// What comes later goes into the next month, with its own date.
		next, err := w.s.ExportJournal(ctx, "anna", "2026-11", journal.JSON, func(j *journal.Journal, _ *journal.Config) ([]journal.File, error) { return nil, nil })
		w.ok(err)
		same(t, fmt.Sprint(before)+"\n"+toldJournal(&next.Journal), `
			[{2026-11 1 0}]
			2026-11-02 cancellation ST-2026-00001 70000 0.00/-11.25 3125 -9.45/0.00 1406 -1.80/0.00
			2026-11-20 payout payout 70000 3.75/0.00 1800 0.00/3.75`)
		seen := map[string]bool{}
		for _, list := range [][]journal.Entry{first.Journal.Entries, next.Journal.Entries} {
			for _, e := range list {
				if seen[e.ID] || !e.Balanced() {
					t.Errorf("%s is in two journals, or not balanced", e.ID)
				}
				seen[e.ID] = true
			}
		}
		rest, err := w.s.OpenForJournal(ctx)
		w.ok(err)
		if len(seen) != 6 || len(rest) != 0 {
			t.Errorf("%d entries of five documents and a payout, open: %v", len(seen), rest)
		}
		_, err = w.s.ExportJournal(ctx, "anna", "2026-09", journal.DATEV, datev.Files)
		says(t, err, "accounting_month_order")
		// The database refuses to book a document or a movement twice.
		for _, column := range []string{"note_id", "movement_id"} {
			if _, err := w.sql("INSERT INTO journal_entries (external_id, journal_id, date, " + column + ") SELECT 'x', journal_id, date, " + column +
				" FROM journal_entries WHERE " + column + " IS NOT NULL LIMIT 1"); err == nil {
				t.Errorf("a second entry of the same %s is let in", column)
			}
		}
	})
}
