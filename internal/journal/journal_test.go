package journal_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/journal"
	"creditrun/internal/money"
	"creditrun/numbering"
)

var accounts = &journal.Accounts{Revenue: "3125", FeeRevenue: "8400", Bank: "1800", Clearing: "1460", Taxes: map[string]string{"de-19": "1406"}}

func noteOf(kind numbering.DocumentType, number string, net, tax int64) *creditnotes.Note {
	n := &creditnotes.Note{Kind: kind, Number: number, Recipient: "hotel"}
	n.ID, n.Date, n.Currency = 7, "2026-10-31", "EUR"
	n.Document.DueDate, n.Document.Recipient.Name = "2026-11-14", "Hotel GmbH"
	n.Taxes = []creditnotes.TaxTotal{{Account: "de-19", Category: "S", Rate: 1900}}
	n.Taxes[0].Base, n.Taxes[0].Tax = money.Amount(net), money.Amount(tax)
	n.Gross = money.Amount(net + tax)
	return n
}

// told writes the lines of an entry.
func told(e *journal.Entry) string {
	var list []string
	for _, l := range e.Lines() {
		list = append(list, fmt.Sprintf("%s %s/%s", l.Account, l.Debit.Format(2), l.Credit.Format(2)))
	}
	return strings.Join(list, ", ")
}

func TestEntriesOfDocuments(t *testing.T) {
	t.Parallel()
	two := noteOf(numbering.CreditNote, "GS-1", 10000, 1900)
	two.Taxes = append(two.Taxes, creditnotes.TaxTotal{Account: "rc", Base: 500, LedgerAccount: "1577"})
	two.Document.RevenueAccount, two.Gross = "3100", 12400
	none := noteOf(numbering.CreditNote, "GS-2", 0, 0)
	none.Taxes = nil
	for _, c := range []struct {
		note    *creditnotes.Note
		cancels numbering.DocumentType
		lines   string
		moves   int64
	}{
		{noteOf(numbering.CreditNote, "GS-1", 10000, 1900), "", "70001 0.00/119.00, 3125 100.00/0.00, 1406 19.00/0.00", 11900},
		{noteOf(numbering.Invoice, "RE-1", 5000, 950), "", "70001 59.50/0.00, 8400 0.00/50.00, 1406 0.00/9.50", -5950},
		// A reversal stands on the side of what it cancels, with its tax.
		{noteOf(numbering.Cancellation, "ST-1", -10000, -1900), numbering.CreditNote, "70001 0.00/-119.00, 3125 -100.00/0.00, 1406 -19.00/0.00", -11900},
		{noteOf(numbering.Cancellation, "ST-2", -5000, -950), numbering.Invoice, "70001 -59.50/0.00, 8400 0.00/-50.00, 1406 0.00/-9.50", 5950},
		{two, "", "70001 0.00/124.00, 3100 100.00/0.00, 1406 19.00/0.00, 3100 5.00/0.00", 12400},
		{none, "", "", 0},
	} {
		e := journal.OfNote(c.note, c.cancels, 3, "70001", accounts)
		if got := told(&e); got != c.lines || int64(e.Moves()) != c.moves || !e.Balanced() || !e.OfDocument() {
			t.Errorf("%s: %s moves %d, want %s moves %d", c.note.Number, got, e.Moves(), c.lines, c.moves)
		}
		if e.ID != "document:"+c.note.Number || e.Due != "2026-11-14" || e.NoteID != 7 || e.MovementID != 3 {
			t.Errorf("%+v", e)
		}
		if again := journal.OfNote(c.note, c.cancels, 3, "70001", accounts); len(e.Link) != 36 || again.Link != e.Link {
			t.Errorf("the link of %s: %q, %q", e.Reference, e.Link, again.Link)
		}
	}
}

func TestEntriesOfMovements(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind   creditnotes.MovementKind
		amount int64
		lines  string
	}{
		{creditnotes.MovedPayout, -500, "70001 5.00/0.00, 1800 0.00/5.00"},
		{creditnotes.MovedPayoutReturn, 500, "70001 0.00/5.00, 1800 5.00/0.00"},
		{creditnotes.MovedPayment, 300, "70001 0.00/3.00, 1800 3.00/0.00"},
		{creditnotes.MovedTopUp, -300, "70001 3.00/0.00, 1460 0.00/3.00"},
		{creditnotes.MovedAdjustment, 200, "70001 0.00/2.00, 1460 2.00/0.00"},
		{creditnotes.MovedAdjustment, -200, "70001 2.00/0.00, 1460 0.00/2.00"},
	} {
		m := creditnotes.Movement{ID: 9, Kind: c.kind, Value: "2026-10-31", Reference: "PO-1", Reason: "why"}
		m.Entity, m.Currency, m.Amount = "hotel", "EUR", money.Amount(c.amount)
		e := journal.OfMovement(&m, "Hotel GmbH", "70001", accounts)
		if got := told(&e); got != c.lines || int64(e.Moves()) != c.amount || !e.Balanced() || e.OfDocument() || e.ID != "movement:9" {
			t.Errorf("%s %d: %s, %+v", c.kind, c.amount, got, e)
		}
	}
}

// month is a journal of a credit note, a fee invoice, a cancellation in francs and
// a payout, in no order.
func month() *journal.Journal {
	paid := creditnotes.Movement{ID: 4, Kind: creditnotes.MovedPayout, Value: "2026-10-31", Reference: "PO-1"}
	paid.Entity, paid.Currency, paid.Amount = "hotel", "EUR", -5950
	abroad := noteOf(numbering.Cancellation, "ST-1", -2000, 0)
	abroad.Currency = "CHF"
	return &journal.Journal{Month: "2026-10", Entries: []journal.Entry{
		journal.OfMovement(&paid, "Hotel GmbH", "70001", accounts),
		journal.OfNote(abroad, numbering.CreditNote, 3, "70001", accounts),
		journal.OfNote(noteOf(numbering.Invoice, "RE-1", 5000, 950), "", 2, "70001", accounts),
		journal.OfNote(noteOf(numbering.CreditNote, "GS-1", 10000, 1900), "", 1, "70001", accounts),
	}}
}

func sumsOf(eur, chf int64) journal.Sums {
	sums := map[string]money.Amount{"EUR": money.Amount(eur), "CHF": money.Amount(chf)}
	return journal.Sums{Issued: sums, Movements: sums}
}

func TestJournalsAreProven(t *testing.T) {
	t.Parallel()
	j := month()
	if err := j.Prove(sumsOf(5950, -2000)); err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, e := range j.Entries {
		order = append(order, e.Reference)
	}
	if diff := cmp.Diff([]string{"GS-1", "RE-1", "ST-1", "PO-1"}, order); diff != "" {
		t.Error(diff)
	}
	want := []journal.Control{
		{Currency: "CHF", Documents: 1, Journal: -2000, Issued: -2000, Movements: -2000},
		{Currency: "EUR", Documents: 2, Journal: 5950, Issued: 5950, Movements: 5950, Others: 1, Payments: -5950},
	}
	if diff := cmp.Diff(want, j.Controls); diff != "" {
		t.Error(diff)
	}
}

func TestJournalsThatDifferAreRefused(t *testing.T) {
	t.Parallel()
	movements := sumsOf(5950, -2000)
	movements.Movements = map[string]money.Amount{"EUR": 5949, "CHF": -2000}
	gone := sumsOf(5950, -2000)
	gone.Issued = map[string]money.Amount{"EUR": 5950, "CHF": -2000, "USD": 1}
	for name, sums := range map[string]journal.Sums{
		"another sum of documents": sumsOf(5951, -2000), "another sum of movements": movements, "a currency without entries": gone,
	} {
		var f *fault.Fault
		if err := month().Prove(sums); !errors.As(err, &f) || f.Key != "accounting_differs" || f.Args["month"] != "2026-10" {
			t.Errorf("%s: %v", name, err)
		}
	}
	late := month()
	late.Entries = late.Entries[:3] // a document that is missing from the month
	if err := late.Prove(sumsOf(5950, -2000)); !fault.Is(err, fault.Conflict) {
		t.Errorf("a missing document: %v", err)
	}
	unbalanced := month()
	unbalanced.Entries[3].Parts[0].Tax++
	if err := unbalanced.Prove(sumsOf(5950, -2000)); err == nil || !strings.Contains(err.Error(), "GS-1 is not balanced") {
		t.Errorf("unbalanced: %v", err)
	}
}

func TestWhatAJournalLacks(t *testing.T) {
	t.Parallel()
	j := month()
	for i := range j.Entries {
		e := &j.Entries[i]
		e.Account = ""
		for k := range e.Parts {
			e.Parts[k].Account, e.Parts[k].TaxAccount = "", ""
		}
	}
	j.Convert("EUR", nil)
	want := []string{"entity hotel: creditor_account", "exchange rate of CHF for 2026-10", "setting bank_account", "setting fee_revenue_account",
		"setting revenue_account", "tax account de-19: ledger_account"}
	if diff := cmp.Diff(strings.Join(want, ", "), journal.ListOf(j.Missing())); diff != "" {
		t.Error(diff)
	}
	if missing := month().Missing(); len(missing) != 0 {
		t.Errorf("nothing is missing: %v", missing)
	}
}

func TestAmountsAreConverted(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		currency, base string
		rate           money.Rate
		amount, want   int64
	}{
		{"CHF", "EUR", 938_700, 10000, 10653}, {"CHF", "EUR", 938_700, -10000, -10653}, {"CHF", "EUR", 2_000_000, 1, 1}, {"CHF", "EUR", 2_000_001, 1, 0},
		{"JPY", "EUR", 160_000_000, 16000, 10000}, {"KWD", "EUR", 333_333, 1005, 302}, {"EUR", "JPY", 6_250, 100, 160}, {"PLN", "EUR", 4_300_000, 43, 10},
	} {
		x := journal.Exchange{Base: c.base, Rate: c.rate}
		if got, err := x.Of(money.Amount(c.amount), c.currency); err != nil || int64(got) != c.want {
			t.Errorf("%d %s at %s: %d %s, %v; want %d", c.amount, c.currency, c.rate, got, c.base, err, c.want)
		}
	}
	for _, x := range []journal.Exchange{{Base: "EUR"}, {Base: "EUR", Rate: 1}} {
		if _, err := x.Of(999_999_999_999_999_99, "CHF"); !fault.Is(err, fault.Invalid) {
			t.Errorf("%v: %v", x, err)
		}
	}
	for key, r := range map[string]journal.MonthRate{
		"accounting_rate_currency": {Currency: "EUR", Rate: 1}, "accounting_rate": {Currency: "CHF", Rate: 10_000_000_000},
	} {
		var f *fault.Fault
		if err := r.Check("EUR"); !errors.As(err, &f) || f.Key != key {
			t.Errorf("%+v: %v", r, err)
		}
	}
	j := month()
	j.Convert("EUR", []journal.MonthRate{{Currency: "CHF", Month: "2026-10", Rate: 938_700}, {Currency: "CHF", Month: "2026-11", Rate: 1}})
	if x := j.Entries[1].Exchange; x == nil || x.Rate != 938_700 || j.Entries[0].Exchange != nil || len(j.Unrated()) != 0 {
		t.Errorf("%+v, %+v, %v", x, j.Entries[0].Exchange, j.Unrated())
	}
}

func TestNumbersHaveFieldsOfTheirOwn(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("RECHNUNG-", 5)
	n := journal.NewNumbers([]journal.Number{{Reference: "GS.1", Field: "GS-1"}})
	for _, c := range [][2]string{
		{"GS.1", "GS-1"}, {"GS-2026-00001", "GS-2026-00001"}, {"Größe 1/2", "Groesse-1/2"}, {"a_b", "a-b"}, {"Łódź", "Lodz"}, {"日本", "--"},
		{"GS-1", "GS-1-"}, {"gs-1", "gs-1-"}, {"GS_1", "GS-1-"}, {long, "RECHNUNG-RECHNUNG-RECHNUNG--"}, {long + "2", "RECHNUNG-RECHNUNG-RECHNUNG--"}, {"", "-"},
	} {
		got := n.Field(c[0])
		if !strings.HasPrefix(got, c[1]) || len(got) > 36 || n.Field(c[0]) != got {
			t.Errorf("%q: %q, want %q", c[0], got, c[1])
		}
	}
	seen := map[string]bool{}
	for i := range 10_000 {
		for _, sign := range []string{".", "_"} {
			n.Field(fmt.Sprintf("GS%s2026%s%05d", sign, sign, i))
		}
	}
	for _, g := range n.Given {
		if seen[strings.ToUpper(g.Field)] || journal.DocumentField(g.Field) != g.Field {
			t.Fatalf("%q is a second time, or no field", g.Field)
		}
		seen[strings.ToUpper(g.Field)] = true
	}
	if len(n.Given) != 20_000+11 {
		t.Errorf("%d numbers", len(n.Given))
	}
	// The next month goes on with what was given.
	next := journal.NewNumbers(slices.Clone(n.Given))
	if got, want := next.Field("GS_2026_00007"), n.Field("GS_2026_00007"); got != want || len(next.Given) != 0 {
		t.Errorf("%q, want %q", got, want)
	}
	j := month()
	j.Entries[0].Kind = creditnotes.MovedAdjustment
	j.Name(n)
	if j.Entries[0].Field != "movement-4" || j.Entries[3].Field == "" {
		t.Errorf("%q, %q", j.Entries[0].Field, j.Entries[3].Field)
	}
}

func TestFiscalYears(t *testing.T) {
	t.Parallel()
	for _, c := range [][3]string{{"", "2026-12-31", "2026-01-01"}, {"07-01", "2026-06-30", "2025-07-01"}, {"07-01", "2026-07-01", "2026-07-01"}, {"01-01", "2026-01-01", "2026-01-01"}} {
		config := journal.Config{YearStart: c[0]}
		if got := config.FiscalYear(entities.Date(c[1])); string(got) != c[2] {
			t.Errorf("the year of %s that begins on %s: %s, want %s", c[1], c[0], got, c[2])
		}
	}
}
