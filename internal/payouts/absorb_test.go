package payouts_test

import (
	"fmt"
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/payouts"
)

func TestWhatMoneySettles(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(a *payouts.Account)
		want   string
	}{
		{"nothing without money", func(*payouts.Account) {}, ""},
		{"credit notes, the oldest first, due or not", func(a *payouts.Account) {
			a.Items = append(a.Items, item(4, creditnotes.MovedPayout, -120_00, "2026-10-31"))
		}, "4 settles 10000 of 1, 4 settles 2000 of 2"},
		{"fee invoices, also without set-off", func(a *payouts.Account) {
			a.Recipient.SetOff = false
			a.Items = append(a.Items, item(4, creditnotes.MovedPayment, 40_00, "2026-10-31"))
		}, "4 settles -3000 of 3"},
		{"other money first, the later the earlier", func(a *payouts.Account) {
			a.Items = append(a.Items, item(4, creditnotes.MovedPayout, -50_00, "2026-10-31"), item(5, creditnotes.MovedPayment, 60_00, "2026-10-31"))
		}, "5 settles -5000 of 4, 5 settles -1000 of 3"},
		{"nothing in a payout", func(a *payouts.Account) {
			a.Items[0].Payout = "PO-1"
			a.Items = append(a.Items, item(4, creditnotes.MovedPayout, -20_00, "2026-10-31"))
		}, "4 settles 2000 of 2"},
		{"nothing that is objected to", func(a *payouts.Account) {
			a.Items[0].Objection = true
			a.Items = append(a.Items, item(4, creditnotes.MovedPayout, -20_00, "2026-10-31"))
		}, "4 settles 2000 of 2"},
		{"no pair twice", func(a *payouts.Account) {
			a.Items = append(a.Items, item(9, creditnotes.MovedPayout, -20_00, "2026-10-31"))
		}, "9 settles 2000 of 2"},
	} {
		a := hotel(c.change)
		before, after := a.Items, int64(0)
		total := int64(0)
		for i := range before {
			total += int64(before[i].Open)
		}
		var got []string
		for _, one := range a.Absorb(func(movement, item int64) bool { return movement == 9 && item == 1 }) {
			got = append(got, fmt.Sprintf("%d settles %d of %d", one.Movement, one.Amount, one.Item))
		}
		for i := range a.Items {
			after += int64(a.Items[i].Open)
		}
		if strings.Join(got, ", ") != c.want || after != total {
			t.Errorf("%s: %q, want %q; balance %d, was %d", c.name, strings.Join(got, ", "), c.want, after, total)
		}
	}
}
