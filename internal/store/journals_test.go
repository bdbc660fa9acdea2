package store_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/export"
	"creditrun/internal/export/datev"
	"creditrun/internal/journal"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/internal/store"
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

// moved books a payment of a to the operator.
func (w *world) moved(currency, reference, day string, amount money.Amount) {
	w.T.Helper()
	_, err := w.s.BookPayment(w.T.Context(), "anna", creditnotes.Movement{Account: creditnotes.Account{Entity: "a", Currency: currency},
		Kind: creditnotes.MovedPayment, Amount: amount, Value: entities.Date(day), Reference: reference})
	w.ok(err)
}

// journalText is the one file that a journal in DATEV has of the month of its entries.
func journalText(t *testing.T, out store.Exported, name string) string {
	t.Helper()
	for _, f := range out.Files {
		if strings.Contains(f.Name, name) {
			return string(f.Content)
		}
	}
	t.Fatalf("no file %s", name)
	return ""
}

// A month with payments in another currency, late ones, and two whose references
// DATEV cannot tell apart; and what verify says when each is changed by hand.
func TestJournalsAreProvenAgainstWhatTheyBook(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.Ignored = ofReports
		threeMonths(w)
		w.withLedger()
		w.Now = evening("2026-12-05")
		w.moved("EUR", "RE.1", "2026-10-20", 100)
		checked, err := w.s.CheckJournal(ctx, "2026-10", datev.Missing)
		w.ok(err)
		first, err := w.s.ExportJournal(ctx, "anna", "2026-10", journal.DATEV, datev.Files)
		w.ok(err)
		if checked.Entries != 5 || len(first.Journal.Entries) != 5 || len(checked.Missing) != 0 || fmt.Sprint(checked.Controls) != fmt.Sprint(first.Journal.Controls) {
			t.Errorf("checked %+v, closed %+v", checked, first.Journal.Controls)
		}
		w.moved("EUR", "RE_1", "2026-10-21", 100) // late, and the same field
		w.moved("CHF", "RE-2", "2026-11-20", 1000)
		_, err = w.s.ExportJournal(ctx, "anna", "2026-11", journal.DATEV, datev.Files)
		says(t, err, "accounting_missing")
		checked, err = w.s.CheckJournal(ctx, "2026-11", datev.Missing)
		w.ok(err)
		same(t, fmt.Sprint(checked.Missing, checked.Lacking), "[exchange rate of CHF for 2026-11] []")
		says(t, w.s.SetExchangeRate(ctx, "anna", journal.MonthRate{Currency: "EUR", Month: "2026-11", Rate: 1}), "accounting_rate_currency")
		says(t, w.s.SetExchangeRate(ctx, "anna", journal.MonthRate{Currency: "CHF", Month: "2026-11"}), "accounting_rate")
		for _, rate := range []money.Rate{940_000, 938_700, 938_700} {
			w.ok(w.s.SetExchangeRate(ctx, "anna", journal.MonthRate{Currency: "CHF", Month: "2026-11", Rate: rate}))
		}
		rates, err := w.s.ExchangeRates(ctx)
		w.ok(err)
		next, err := w.s.ExportJournal(ctx, "anna", "2026-11", journal.DATEV, datev.Files)
		w.ok(err)
		same(t, fmt.Sprint(rates)+"\n"+toldJournal(&next.Journal), `
			[{CHF 2026-11 0.9387}]
			2026-10-21 payment RE_1 70000 0.00/1.00 1800 1.00/0.00
			2026-11-02 cancellation ST-2026-00001 70000 0.00/-11.25 3125 -9.45/0.00 1406 -1.80/0.00
			2026-11-20 payment RE-2 70000 0.00/10.00 1800 10.00/0.00`)
		if late := journalText(t, next, "2026-10_in_2026-11"); !strings.Contains(late, `"RE-1-`) || !strings.Contains(journalText(t, first, "stapel_2026-10.csv"), `"RE-1"`) {
			t.Errorf("two payments have one field:\n%s", late)
		}
		if abroad := journalText(t, next, "stapel_2026-11.csv"); !strings.Contains(abroad, `10,00;"H";"CHF";0,938700;10,65;"EUR";70000;1800;`) {
			t.Errorf("a payment in another currency:\n%s", abroad)
		}
		w.ok(w.s.SetExchangeRate(ctx, "anna", journal.MonthRate{Currency: "CHF", Month: "2025-11", Rate: 930_000}))
		archived := w.archived(2026)
		same(t, strings.Join(archived["exchange_rates"], "\n"), "CHF;2026-11;0.9387")
		if numbers := strings.Join(archived["journal_numbers"], "\n"); len(archived["journal_numbers"]) != w.rows("journal_numbers") ||
			!strings.Contains(numbers, "RE.1;RE-1\n") || !strings.Contains(numbers, "RE_1;RE-1-") || len(w.archived(2025)["journal_numbers"]) != 0 {
			t.Errorf("the document fields in the archive:\n%s", numbers)
		}
		w.Proven()
		for _, c := range [][3]string{ // what is changed, what it does, how it is undone
			{"UPDATE journals SET entries = entries + 1", "verify_journal verify_journal", "UPDATE journals SET entries = entries - 1"},
			{"UPDATE journal_files SET name = name || '~' WHERE journal_id = 1", "verify_journal_file verify_journal_file verify_journal_file verify_journal_file", "UPDATE journal_files SET name = replace(name, '~', '')"},
			{"UPDATE journal_entries SET journal_id = 3 - journal_id WHERE movement_id = (SELECT max(id) FROM movements)", "verify_journal verify_journal", "UPDATE journal_entries SET journal_id = 3 - journal_id WHERE movement_id = (SELECT max(id) FROM movements)"},
			{"UPDATE journals SET content = 'x' WHERE month = '2026-11'", "verify_journal verify_journal_content", ""},
			{"DELETE FROM journal_files; DELETE FROM journal_entries; DELETE FROM journals", "verify_journal_content verify_journal_content", ""},
		} {
			w.edited(c[0], strings.Fields(c[1])...)
			if c[2] != "" {
				w.edited(c[2])
			}
		}
	})
}

// A document or a movement that is changed after it was booked is found by the
// journal, too.
func TestJournalsFindDocumentsThatWereChanged(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Ignored = ofReports
		threeMonths(w)
		w.withLedger()
		w.Now = evening("2026-12-05")
		w.moved("EUR", "RE-1", "2026-10-20", 100)
		_, err := w.s.ExportJournal(t.Context(), "anna", "2026-10", journal.CSV, export.JournalFiles(journal.CSV))
		w.ok(err)
		w.Proven()
		w.unlock()
		for _, statement := range []string{
			"UPDATE note_taxes SET tax = tax + %d WHERE note_id = 1", "UPDATE credit_notes SET recipient_key = CASE WHEN recipient_key = 'a' THEN 'b' ELSE 'a' END WHERE id = 1 AND %[1]d <> 0",
			"UPDATE movements SET amount = amount + %d WHERE reference = 'RE-1'",
		} {
			for _, by := range []int{1, -1} {
				if n, err := w.sql(fmt.Sprintf(statement, by)); err != nil || n != 1 {
					t.Fatalf("%s: %d, %v", statement, n, err)
				}
				if found := slices.Contains(w.Problems(), "verify_journal"); found != (by == 1) {
					t.Errorf("%s by %d: verify finds %v", statement, by, w.Problems())
				}
			}
		}
	})
}

// Fee invoices stand on the debit side, and so do their reversals; what banks said
// of payouts and payments is booked against the bank account.
func TestJournalsBookInvoicesAndWhatBanksSaid(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Ignored = ofReports
		w.Billed()
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"), charge("S-9", "ST-9", "2026-10-03 10:00", "10"))
		w.Month("2026-10")
		w.Cancel("RE-2026-00002")
		w.withLedger()
		w.withBanks()
		w.Now = evening("2026-12-31")
		b, err := w.s.PreparePayouts(t.Context(), "anna", "2026-12-31")
		w.ok(err)
		w.ok(w.s.ApprovePayouts(t.Context(), "otto", b.ID))
		_, _, err = w.s.ExportPayouts(t.Context(), "otto", b.ID)
		w.ok(err)
		w.answered(camt("camt.053", ownAccount, booking{"-3.75", "1", "2026-12-31", "", []string{detail("PO-00000001", "3.75", "", "")}}.String(),
			booking{"3.75", "2", "2026-12-31", "", []string{detail("PO-00000001", "3.75", "", "AC04")}}.String(),
			booking{"43.11", "3", "2026-12-31", "", []string{detail("", "43.11", "RE-2026-00001", "")}}.String()))
		w.Now = evening("2027-01-10")
		out, err := w.s.ExportJournal(t.Context(), "anna", "2026-12", journal.CSV, export.JournalFiles(journal.CSV))
		w.ok(err)
		same(t, toldJournal(&out.Journal), `
			2026-10-31 credit_note GS-2026-00001 70000 0.00/3.75 3125 3.15/0.00 1406 0.60/0.00
			2026-10-31 invoice RE-2026-00001 70000 43.11/0.00 8400 0.00/36.23 1406 0.00/6.88
			2026-10-31 credit_note GS-2026-00002 70001 0.00/3.75 3125 3.15/0.00 1406 0.60/0.00
			2026-10-31 invoice RE-2026-00002 70001 43.11/0.00 8400 0.00/36.23 1406 0.00/6.88
			2026-10-31 cancellation ST-2026-00001 70001 -43.11/0.00 8400 0.00/-36.23 1406 0.00/-6.88
			2026-12-31 payout PO-00000001 70001 3.75/0.00 1800 0.00/3.75
			2026-12-31 payout_return PO-00000001 70001 0.00/3.75 1800 3.75/0.00
			2026-12-31 payment RE-2026-00001 70000 0.00/43.11 1800 43.11/0.00`)
		w.Proven()
	})
}

// A page that shows what a month lacks answers while an import is under way.
func TestAMonthIsCheckedWhileOthersWrite(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Ignored = ofReports
		threeMonths(w)
		w.Now = evening("2026-12-05")
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		var checked error
		_, err := w.s.ImportSessions(t.Context(), "anna", func(func(sessions.Session, error) bool) {
			_, checked = w.s.CheckJournal(ctx, "2026-10", datev.Missing)
		}, store.ImportOptions{})
		w.ok(err)
		w.ok(checked)
	})
}
