package payouts_test

import (
	"fmt"
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/payouts"
)

func TestBandsOfAnAgeingAtTheirEdges(t *testing.T) {
	const day = "2026-12-31"
	for due, want := range map[entities.Date]payouts.Age{
		"2027-01-01": payouts.NotDue, "2026-12-31": payouts.NotDue, "2026-12-30": payouts.To30, "2026-12-01": payouts.To30, "2026-11-30": payouts.To60,
		"2026-11-01": payouts.To60, "2026-10-31": payouts.To90, "2026-10-02": payouts.To90, "2026-10-01": payouts.Over90, "2020-02-29": payouts.Over90,
	} {
		i := item(1, creditnotes.MovedCreditNote, 1, due)
		if got := i.Age(day); got != want {
			t.Errorf("due on %s: %s, want %s", due, got, want)
		}
	}
}

// aged writes down an ageing.
func aged(day entities.Date, accounts ...payouts.Account) string {
	list := payouts.AgeingOf(day, accounts)
	var b strings.Builder
	for _, r := range append(list.Rows, list.Totals...) {
		fmt.Fprintf(&b, "%s %s %s %d:", r.Entity, r.Currency, r.Side, r.Items)
		for _, a := range r.ByAge {
			fmt.Fprintf(&b, " %d", a)
		}
		fmt.Fprintf(&b, " = %d, %d overdue\n", r.Total(), r.Overdue())
	}
	return b.String()
}

func TestAgeingKeepsSidesAndCurrenciesApart(t *testing.T) {
	eur := hotel(func(a *payouts.Account) {
		a.Items = append(a.Items, item(4, creditnotes.MovedPayment, 5_00, "2026-10-31"), // settles nothing yet: it is no item
			item(6, creditnotes.MovedPayout, -2_00, "2026-12-31"), // settles nothing: it is owed back
			item(5, creditnotes.MovedCreditNote, 0, "2026-10-31")) // set off whole
	})
	chf := hotel(func(a *payouts.Account) { a.Currency, a.Items = "CHF", a.Items[2:] })
	same(t, aged("2027-01-30", eur, chf), `
		a EUR owed 2: 0 0 5000 10000 0 = 15000, 15000 overdue
		a EUR owing 2: 0 -3200 0 0 0 = -3200, -3200 overdue
		a CHF owing 1: 0 -3000 0 0 0 = -3000, -3000 overdue
		 CHF owing 1: 0 -3000 0 0 0 = -3000, -3000 overdue
		 EUR owed 2: 0 0 5000 10000 0 = 15000, 15000 overdue
		 EUR owing 2: 0 -3200 0 0 0 = -3200, -3200 overdue`)
	same(t, aged("2026-11-14", chf), `
		a CHF owing 1: -3000 0 0 0 0 = -3000, 0 overdue
		 CHF owing 1: -3000 0 0 0 0 = -3000, 0 overdue`)
	same(t, aged("2026-11-14"), "")
}

func same(t *testing.T, got, want string) {
	t.Helper()
	trim := func(s string) string {
		lines := strings.Split(strings.TrimSpace(s), "\n")
		for i := range lines {
			lines[i] = strings.TrimSpace(lines[i])
		}
		return strings.Join(lines, "\n")
	}
	if trim(got) != trim(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// forecast writes down a cash forecast.
func forecast(from entities.Date, accounts ...payouts.Account) string {
	f := payouts.ForecastOf(from, map[string]money.Amount{"EUR": 10_00}, accounts)
	var b strings.Builder
	for _, d := range f.Days {
		fmt.Fprintf(&b, "%s %d× %d %s, so far %d\n", d.Day, d.Payouts, d.Amount, d.Currency, d.Sum)
	}
	for _, c := range f.Apart {
		fmt.Fprintf(&b, "apart %s %d %s %s %s %v\n", c.Day, c.Amount, c.Currency, c.Reason, c.Detail, c.Documents)
	}
	return b.String()
}

func TestCashForecastPlansWhatPreparingWouldPay(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(a *payouts.Account)
		want   string
	}{
		{"on bank days, what is set off once", func(*payouts.Account) {}, "2026-11-16 1× 7000 EUR, so far 7000\n2026-12-14 1× 5000 EUR, so far 12000"},
		{"what is below the minimum with the next", func(a *payouts.Account) { a.Items[0].Open, a.Items = 9_99, a.Items[:2] }, "2026-12-14 1× 5999 EUR, so far 5999"},
		{"what is due already on the first day", func(a *payouts.Account) { a.Items[0].Due = "2026-01-31" }, "2026-11-02 1× 7000 EUR, so far 7000\n2026-12-14 1× 5000 EUR, so far 12000"},
		{"what is owed more than it comes to", func(a *payouts.Account) { a.Items[2].Open = -151_00 }, "apart 2026-11-14 -100 EUR negative  [credit_note-1 credit_note-2 invoice-3]"},
		{"on hold", func(a *payouts.Account) {
			a.Recipient.PayoutHold = entities.PayoutHold{Since: "2026-11-01", Reason: "Insolvency"}
		}, "apart 2026-11-14 12000 EUR on_hold Insolvency [credit_note-1 credit_note-2 invoice-3]"},
		{"an objection", func(a *payouts.Account) { a.Items[0].Objection = true },
			"2026-12-14 1× 2000 EUR, so far 2000\napart 2026-11-14 10000 EUR objection credit_note-1 [credit_note-1]"},
		{"in payment", func(a *payouts.Account) {
			a.Items[0].Payout, a.Items[2].Payout, a.Items[0].Requested, a.Items[2].Requested = "PO-1", "PO-1", "2026-11-06", "2026-11-06"
		}, "2026-12-14 1× 5000 EUR, so far 5000\napart 2026-11-06 7000 EUR in_payment PO-1 [credit_note-1 invoice-3]"},
	} {
		t.Run(c.name, func(t *testing.T) { same(t, forecast("2026-11-02", hotel(c.change)), c.want) })
	}
	t.Run("several recipients and currencies", func(t *testing.T) {
		other := hotel(func(a *payouts.Account) { a.Recipient.Key = "b" })
		swiss := hotel(func(a *payouts.Account) { a.Currency = "CHF" })
		same(t, forecast("2026-11-02", hotel(func(*payouts.Account) {}), swiss, other),
			"2026-11-16 1× 7000 CHF, so far 7000\n2026-12-14 1× 5000 CHF, so far 12000\n2026-11-16 2× 14000 EUR, so far 14000\n2026-12-14 2× 10000 EUR, so far 24000")
	})
	t.Run("the accounts stay as they are", func(t *testing.T) {
		a := hotel(func(*payouts.Account) {})
		forecast("2026-11-02", a)
		if len(a.Items) != 3 {
			t.Errorf("%+v", a.Items)
		}
	})
}

// due writes down the reminders of a day.
func due(day entities.Date, sent map[int64]payouts.SentReminder, accounts ...payouts.Account) string {
	var b strings.Builder
	for _, r := range payouts.RemindersOf(day, creditnotes.ReminderDays{7, 14, 28}, accounts, sent) {
		fmt.Fprintf(&b, "%s %d %s %d %s %s:", r.Recipient.Key, r.Amount, r.Currency, r.Level, r.Apart, r.Detail)
		for _, i := range r.Items {
			fmt.Fprintf(&b, " %s %d", i.Document, i.Level)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// debtor owes a fee invoice since the end of the year.
func debtor(change func(a *payouts.Account)) payouts.Account {
	return hotel(func(a *payouts.Account) {
		a.Recipient.Emails, a.Items = []string{"a@a.example"}, a.Items[2:]
		change(a)
	})
}

func TestLevelsOfRemindersGoUpAfterTheirDays(t *testing.T) {
	for _, c := range []struct {
		day  entities.Date
		last payouts.SentReminder
		want int
	}{
		{"2026-12-31", payouts.SentReminder{}, 0}, {"2027-01-06", payouts.SentReminder{}, 0}, {"2027-01-07", payouts.SentReminder{}, 1}, {"2028-01-01", payouts.SentReminder{}, 1},
		{"2027-01-13", payouts.SentReminder{Level: 1, Day: "2027-01-07"}, 0}, {"2027-01-14", payouts.SentReminder{Level: 1, Day: "2027-01-07"}, 2},
		{"2027-01-26", payouts.SentReminder{Level: 1, Day: "2027-01-20"}, 0}, {"2027-01-27", payouts.SentReminder{Level: 1, Day: "2027-01-20"}, 2}, // the first was late
		{"2027-01-27", payouts.SentReminder{Level: 2, Day: "2027-01-14"}, 0}, {"2027-01-28", payouts.SentReminder{Level: 2, Day: "2027-01-14"}, 3},
		{"2027-02-09", payouts.SentReminder{Level: 2, Day: "2027-01-27"}, 0}, {"2027-02-10", payouts.SentReminder{Level: 2, Day: "2027-01-27"}, 3},
		{"2030-01-01", payouts.SentReminder{Level: 3, Day: "2027-01-28"}, 0},
	} {
		sent := map[int64]payouts.SentReminder{}
		if c.last.Level > 0 {
			sent[3] = c.last
		}
		want := ""
		if c.want > 0 {
			want = fmt.Sprintf("a 3000 EUR %d  : invoice-3 %d", c.want, c.want)
		}
		if got := strings.TrimSpace(due(c.day, sent, debtor(func(*payouts.Account) {}))); got != want {
			t.Errorf("%s after %+v: %q, want %q", c.day, c.last, got, want)
		}
	}
}

func TestWhatIsRemindedOf(t *testing.T) {
	owed := func(kind creditnotes.MovementKind) func(a *payouts.Account) {
		return func(a *payouts.Account) { a.Items = append(a.Items, item(4, kind, 10_00, "2027-06-30")) }
	}
	for _, c := range []struct {
		name   string
		change func(a *payouts.Account)
		want   string
	}{
		{"an overdue fee invoice", func(*payouts.Account) {}, "a 3000 EUR 1  : invoice-3 1"},
		{"what is open of it", func(a *payouts.Account) { a.Items[0].Open = -12_34 }, "a 1234 EUR 1  : invoice-3 1"},
		{"not what is paid", func(a *payouts.Account) { a.Items[0].Open = 0 }, ""},
		{"not what is in a payout", func(a *payouts.Account) { a.Items[0].Payout = "PO-1" }, ""},
		{"what is left of it after set-off", owed(creditnotes.MovedCreditNote), "a 2000 EUR 1  : invoice-3 1"},
		{"not what is set off", func(a *payouts.Account) {
			a.Items = append(a.Items, item(4, creditnotes.MovedCreditNote, 30_00, "2027-06-30"))
		}, ""},
		{"what is set off against the earliest due", func(a *payouts.Account) {
			owed(creditnotes.MovedCreditNote)(a)
			a.Items = append(a.Items, item(5, creditnotes.MovedInvoice, -4_00, "2026-12-30"), item(6, creditnotes.MovedTopUp, -5_00, "2026-12-29"))
		}, "a 2900 EUR 1  : invoice-3 1"},
		{"not what is left but not yet due", func(a *payouts.Account) {
			a.Items = append(a.Items, item(4, creditnotes.MovedCreditNote, 30_00, "2027-06-30"), item(5, creditnotes.MovedInvoice, -4_00, "2027-01-09"))
		}, ""},
		{"nothing is set off with what is in a payout", func(a *payouts.Account) {
			owed(creditnotes.MovedCreditNote)(a)
			a.Items[1].Payout = "PO-1"
		}, "a 3000 EUR 1  : invoice-3 1"},
		{"what is left of it beside a payment that settles nothing yet", owed(creditnotes.MovedPayment), "a 2000 EUR 1  : invoice-3 1"},
		{"a payout of what was not owed", func(a *payouts.Account) { a.Items[0].Kind = creditnotes.MovedPayout }, "a 3000 EUR 1  : invoice-3 1"},
		{"a payment that was charged back", func(a *payouts.Account) { a.Items[0].Kind = creditnotes.MovedPayment }, "a 3000 EUR 1  : invoice-3 1"},
		{"a fee invoice that is not set off", func(a *payouts.Account) {
			a.Recipient.SetOff = false
			owed(creditnotes.MovedCreditNote)(a)
		}, "a 3000 EUR 1  : invoice-3 1"},
		{"a note that was cancelled after it was paid", func(a *payouts.Account) { a.Items[0].Kind = creditnotes.MovedCancellation }, "a 3000 EUR 1  : invoice-3 1"},
		{"not one that is set off, also without set-off of fees", func(a *payouts.Account) {
			a.Recipient.SetOff, a.Items[0].Kind = false, creditnotes.MovedCancellation
			owed(creditnotes.MovedCreditNote)(a)
		}, "a 2000 EUR 1  : invoice-3 1"},
		{"not a top-up", func(a *payouts.Account) { a.Items[0].Kind = creditnotes.MovedTopUp }, ""},
		{"an objection, apart", func(a *payouts.Account) {
			a.Items = append(a.Items, item(5, creditnotes.MovedInvoice, -1_00, "2026-12-31"))
			a.Items[0].Objection = true
		}, "a 100 EUR 1  : invoice-5 1\na 3000 EUR 1 objection invoice-3: invoice-3 1"},
		{"stopped, apart", func(a *payouts.Account) {
			a.Recipient.ReminderStop = entities.ReminderStop{Since: "2027-01-10", Reason: "to be clarified"}
		}, "a 3000 EUR 1 stopped to be clarified: invoice-3 1"},
		{"stopped from tomorrow on", func(a *payouts.Account) { a.Recipient.ReminderStop.Since = "2027-01-11" }, "a 3000 EUR 1  : invoice-3 1"},
		{"without an address, apart", func(a *payouts.Account) { a.Recipient.Emails = nil }, "a 3000 EUR 1 no_email : invoice-3 1"},
		{"several levels in one letter", func(a *payouts.Account) {
			a.Items = append(a.Items, item(9, creditnotes.MovedInvoice, -1_00, "2026-11-30"))
		}, "a 3100 EUR 2  : invoice-3 1 invoice-9 2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			same(t, due("2027-01-10", map[int64]payouts.SentReminder{9: {Level: 1, Day: "2026-12-15"}}, debtor(c.change)), c.want)
		})
	}
}
