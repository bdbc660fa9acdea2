package store_test

import (
	"fmt"
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
)

// accounts tells what a filter finds.
func (w *world) accounts(f creditnotes.AccountFilter) string {
	w.T.Helper()
	list, err := w.s.Accounts(w.T.Context(), f)
	w.ok(err)
	var b strings.Builder
	for i := range list {
		a := list[i].JSON()
		fmt.Fprintf(&b, "%s %s %s: %d open of %s, %s unallocated, since %s\n", a.Entity, a.Currency, a.Balance, a.OpenItems, a.OpenAmount, a.Unallocated, a.OldestOpen)
	}
	return b.String()
}

func TestAccountsAreListedWithWhatIsOpen(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		threeMonths(w) // 1: 3.75, 2: of b, 3: 11.25, 4: cancels 3, 5: 11.25
		w.ok(w.Store.TakeTopUps(t.Context(), []creditnotes.TopUp{
			{Key: "t1", Entity: "a", User: "u", Amount: 200, Currency: "EUR", At: evening("2026-11-03")},
			{Key: "t2", Entity: "a", User: "u", Amount: 300, Currency: "CHF", At: evening("2026-11-03")}}))
		w.pays(creditnotes.MovedPayout, -500, 1) // 1.25 of it settles the next document
		same(t, w.accounts(creditnotes.AccountFilter{}), `
			a CHF -3.00: 1 open of -3.00, 0.00 unallocated, since 2026-11-03
			a EUR 8.00: 2 open of 8.00, 0.00 unallocated, since 2026-10-31
			b EUR 7.50: 1 open of 7.50, 0.00 unallocated, since 2026-09-30`)
		same(t, w.accounts(creditnotes.AccountFilter{Until: "2026-11-01", Entity: "a"}), `
			a EUR 26.25: 3 open of 26.25, 0.00 unallocated, since 2026-09-30`)
		for want, f := range map[string]creditnotes.AccountFilter{
			"a EUR":       {Entity: "a", Currency: "EUR"},
			"a EUR b EUR": {Standing: creditnotes.AccountOwed},
			"a CHF":       {Standing: creditnotes.AccountOwing},
			"b EUR":       {Scope: []string{"b"}},
			"":            {Standing: creditnotes.AccountEven},
		} {
			var got []string
			list, err := w.s.Accounts(t.Context(), f)
			w.ok(err)
			for _, a := range list {
				got = append(got, a.Entity+" "+a.Currency)
			}
			if strings.Join(got, " ") != want {
				t.Errorf("%+v: %v", f, got)
			}
		}
		list, err := w.s.Accounts(t.Context(), creditnotes.AccountFilter{})
		w.ok(err)
		for _, sum := range creditnotes.TotalsOfAccounts(list) {
			all, err := w.s.Balances(t.Context(), nil, "")
			w.ok(err)
			for _, of := range all {
				for _, balance := range of {
					if balance.Currency == sum.Currency {
						sum.Owed -= balance.Amount
					}
				}
			}
			if sum.Balance() != 0 {
				t.Errorf("%+v", sum)
			}
		}
	})
}

func TestTheOperatorHasNoAccountToAdjust(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		_, err := w.s.ProposeAdjustment(t.Context(), "anna", creditnotes.Adjustment{Entity: "op", Currency: "EUR", Amount: 1, Value: "2026-10-31", Reason: "x"})
		if !fault.Is(err, fault.Invalid) || fault.Of(err)[0].Key != "adjustment_operator" {
			t.Error(err)
		}
	})
}

func TestAStatementTellsWhatHasComeSince(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Charged(charge("S-1", "ST-1", "2026-08-03 10:00", "10"), charge("S-2", "ST-1", "2026-09-03 10:00", "20"))
		w.Backdated("2026-09")
		w.Now = evening("2026-11-02")
		w.Charged(charge("S-1", "ST-1", "2026-08-03 10:00", "11"), charge("S-3", "ST-1", "2026-09-05 10:00", "1"))
		w.Config.Stations[0].Kind = entities.Machine
		w.Save()
		since := creditnotes.StatementQuery{From: "2026-09-01", Until: "2026-09-30", Since: evening("2026-11-01")}
		same(t, statement(t, w, since), `
			EUR opens with 0.00
			2026-09-30 GS-2026-00001 credit_note 11.25, 11.25
			closes with 11.25
			new S-1 on
			new S-3 on`)
		since.Sections = []creditnotes.StatementSection{creditnotes.SectionOtherStations}
		same(t, statement(t, w, since), `
			EUR opens with 0.00
			2026-09-30 GS-2026-00001 credit_note 11.25, 11.25
			closes with 11.25
			machines 21 kWh
			S-2 ST-1 20 "****B2C3" GS-2026-00001
			S-3 ST-1 1 "****B2C3"
			new S-1 on
			new S-3 on`)
		since.Sections = []creditnotes.StatementSection{creditnotes.SectionPublicCharges}
		same(t, statement(t, w, since), `
			EUR opens with 0.00
			2026-09-30 GS-2026-00001 credit_note 11.25, 11.25
			closes with 11.25
			public 0 kWh`)
	})
}
