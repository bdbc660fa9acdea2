package payouts_test

import (
	"fmt"
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/payouts"
)

func item(id int64, kind creditnotes.MovementKind, open money.Amount, due entities.Date) payouts.Item {
	return payouts.Item{OpenItem: creditnotes.OpenItem{Open: open, Movement: creditnotes.Movement{ID: id, Kind: kind, Amount: open, Value: "2026-10-31",
		Reference: fmt.Sprintf("%s-%d", kind, id)}}, Due: due}
}

// hotel is an account with a credit note that is due, one that is not, and a fee
// invoice.
func hotel(change func(a *payouts.Account)) payouts.Account {
	a := payouts.Account{
		Recipient: &entities.Entity{Key: "a", Name: "Hotel A", SetOff: true, Bank: entities.Bank{IBAN: "DE89370400440532013000"}}, Currency: "EUR",
		Items: []payouts.Item{
			item(1, creditnotes.MovedCreditNote, 100_00, "2026-11-14"), item(2, creditnotes.MovedCreditNote, 50_00, "2026-12-14"),
			item(3, creditnotes.MovedInvoice, -30_00, "2026-12-31"),
		},
	}
	change(&a)
	return a
}

var long = strings.Repeat("Grandhotel ", 7)

// told writes down what is paid on a day and what is left out.
func told(day entities.Date, accounts ...payouts.Account) string {
	drafts, left := payouts.Prepare(day, map[string]money.Amount{"EUR": 10_00}, accounts)
	var b strings.Builder
	for _, d := range drafts {
		fmt.Fprintf(&b, "%s %s %s:", d.Recipient.Key, d.Amount.Format(2), d.Currency)
		for _, i := range d.Items {
			fmt.Fprintf(&b, " %d", i.ID)
		}
		b.WriteString("; ")
	}
	for _, l := range left {
		fmt.Fprintf(&b, "%s left out %s: %s %s; ", l.Entity, l.Amount.Format(2), l.Reason, l.Says(func(f *fault.Fault) string { return fmt.Sprint(f.Key, " ", f.Args["recipient"]) }))
	}
	return strings.TrimSpace(b.String())
}

func TestWhatIsPaidOut(t *testing.T) {
	for _, c := range []struct {
		name   string
		day    entities.Date
		change func(a *payouts.Account)
		want   string
	}{
		{"what is due, set off", "2026-11-15", func(*payouts.Account) {}, "a 70.00 EUR: 1 3;"},
		{"on the day it is due", "2026-11-14", func(*payouts.Account) {}, "a 70.00 EUR: 1 3;"},
		{"the day before", "2026-11-13", func(*payouts.Account) {}, ""},
		{"later all of it", "2026-12-14", func(*payouts.Account) {}, "a 120.00 EUR: 1 2 3;"},
		{"no set-off", "2026-11-15", func(a *payouts.Account) { a.Recipient.SetOff = false }, "a 100.00 EUR: 1;"},
		{"on hold", "2026-11-15", func(a *payouts.Account) {
			a.Recipient.PayoutHold = entities.PayoutHold{Since: "2026-11-15", Reason: "Insolvency"}
		}, "a left out 70.00: on_hold Insolvency;"},
		{"on hold later", "2026-11-15", func(a *payouts.Account) { a.Recipient.PayoutHold.Since = "2026-11-16" }, "a 70.00 EUR: 1 3;"},
		{"no account", "2026-11-15", func(a *payouts.Account) { a.Recipient.Bank.IBAN = "" }, "a left out 70.00: no_bank ;"},
		{"account not confirmed", "2026-11-15", func(a *payouts.Account) { a.BankWaits = true }, "a left out 70.00: unconfirmed_bank ;"},
		{"an account that is none", "2026-11-15", func(a *payouts.Account) { a.Recipient.Bank.IBAN = "DE89370400440532013001" }, "a left out 70.00: unwritable bank_iban_invalid a;"},
		{"an account that banks do not reach", "2026-11-15", func(a *payouts.Account) { a.Recipient.Bank.IBAN = "TR330006100519786457841326" }, "a left out 70.00: unwritable bank_iban_invalid a;"},
		{"a name that is too long", "2026-11-15", func(a *payouts.Account) { a.Recipient.Name = long }, "a left out 70.00: unwritable bank_text_long a;"},
		{"a holder that is too long", "2026-11-15", func(a *payouts.Account) { a.Recipient.Bank.Holder = long }, "a left out 70.00: unwritable bank_text_long a;"},
		{"a long name beside the one of the holder", "2026-11-15", func(a *payouts.Account) { a.Recipient.Name, a.Recipient.Bank.Holder = long, "Hotel A" }, "a 70.00 EUR: 1 3;"},
		{"a street that is too long, where none is needed", "2026-11-15", func(a *payouts.Account) { a.Recipient.Street = long }, "a 70.00 EUR: 1 3;"},
		{"no town, where one is needed", "2026-11-15", func(a *payouts.Account) {
			a.Recipient.Street, a.Recipient.Country, a.Recipient.Bank.IBAN = "Weg 1", "CH", "CH9300762011623852957"
		}, "a left out 70.00: unwritable bank_address_incomplete a;"},
		{"anything by hand", "2026-11-15", func(a *payouts.Account) { a.Currency, a.Recipient.Name = "CHF", long }, "a 70.00 CHF: 1 3;"},
		{"below the minimum", "2026-11-15", func(a *payouts.Account) { a.Items[2].Open = -90_01 }, "a left out 9.99: below_minimum ;"},
		{"the minimum", "2026-11-15", func(a *payouts.Account) { a.Items[2].Open = -90_00 }, "a 10.00 EUR: 1 3;"},
		{"a minimum of another currency", "2026-11-15", func(a *payouts.Account) { a.Currency, a.Items[2].Open = "CHF", -99_99 }, "a 0.01 CHF: 1 3;"},
		{"nothing is left", "2026-11-15", func(a *payouts.Account) { a.Items[2].Open = -100_00 }, ""},
		{"more is owed", "2026-11-15", func(a *payouts.Account) { a.Items[2].Open = -100_01 }, "a left out -0.01: negative ;"},
		{"an objection", "2026-12-15", func(a *payouts.Account) { a.Items[1].Objection = true }, "a 70.00 EUR: 1 3; a left out 50.00: objection credit_note-2;"},
		{"an objection to all", "2026-11-15", func(a *payouts.Account) { a.Items[0].Objection = true }, "a left out 100.00: objection credit_note-1;"},
		{"a top-up and an adjustment", "2026-11-15", func(a *payouts.Account) {
			a.Items = append(a.Items, item(4, creditnotes.MovedTopUp, -20_00, "2026-10-31"), item(5, creditnotes.MovedAdjustment, 1_00, "2026-10-31"))
		}, "a 51.00 EUR: 1 3 4 5;"},
		{"what settled nothing yet", "2026-11-15", func(a *payouts.Account) {
			a.Items = append(a.Items, item(4, creditnotes.MovedPayment, 20_00, "2026-10-31"), item(5, creditnotes.MovedPayoutReturn, 1_00, "2026-10-31"))
		}, "a 70.00 EUR: 1 3;"},
		{"what was paid out too much, also without set-off", "2026-11-15", func(a *payouts.Account) {
			a.Recipient.SetOff = false
			a.Items = append(a.Items, item(4, creditnotes.MovedPayout, -40_00, "2026-10-31"))
		}, "a 60.00 EUR: 1 4;"},
		{"after an answer of the bank", "2026-11-15", func(a *payouts.Account) { a.Awaits = "PO-7" }, "a left out 70.00: awaits_bank PO-7;"},
		{"what is in payment", "2026-11-15", func(a *payouts.Account) { a.Items[2].Payout = "PO-00000001" }, "a 100.00 EUR: 1;"},
		{"a debt of the future", "2026-11-15", func(a *payouts.Account) { a.Items[2].Value = "2026-11-30" }, "a 100.00 EUR: 1;"},
	} {
		if got := told(c.day, hotel(c.change)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestEachAccountIsPaidByItself(t *testing.T) {
	francs := hotel(func(a *payouts.Account) { a.Currency = "CHF" })
	other := hotel(func(a *payouts.Account) { a.Recipient.Key = "b" })
	got := told("2026-11-15", hotel(func(*payouts.Account) {}), francs, other)
	if want := "a 70.00 EUR: 1 3; a 70.00 CHF: 1 3; b 70.00 EUR: 1 3;"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestAgesOfOpenItems(t *testing.T) {
	one := item(1, creditnotes.MovedInvoice, -1, "2026-10-31")
	for day, want := range map[entities.Date]payouts.Age{"2026-10-01": payouts.NotDue, "2026-10-31": payouts.NotDue, "2026-11-01": payouts.To30,
		"2026-11-30": payouts.To30, "2026-12-01": payouts.To60, "2026-12-30": payouts.To60, "2026-12-31": payouts.To90, "2027-01-29": payouts.To90,
		"2027-01-30": payouts.Over90} {
		if got := one.Age(day); got != want {
			t.Errorf("%s: %s, want %s", day, got, want)
		}
	}
}

func TestWhichPayoutsStand(t *testing.T) {
	for state, want := range map[payouts.State]bool{payouts.Prepared: true, payouts.Approved: true, payouts.Exported: true, payouts.Executed: true,
		payouts.Discarded: false, payouts.Rejected: false, payouts.Returned: false} {
		if state.Standing() != want {
			t.Errorf("%s: %t", state, !want)
		}
	}
}
