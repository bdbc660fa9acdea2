package creditnotestest

import (
	"fmt"
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
)

// Custom makes a custom record in euros of an owner.
func Custom(key, owner string, date entities.Date, net money.Amount, d creditnotes.Direction, changes ...func(*creditnotes.CustomRecord)) creditnotes.CustomRecord {
	r := creditnotes.CustomRecord{Key: key, Owner: owner, Month: entities.Month(date[:7]), Date: date, Text: "of " + key, Net: net, Direction: d}
	for _, change := range changes {
		change(&r)
	}
	return r
}

// TaxedBy gives a custom record a tax account.
func TaxedBy(account string) func(*creditnotes.CustomRecord) {
	return func(r *creditnotes.CustomRecord) { r.TaxAccount = account }
}

func (w *World) tellRecords(until entities.Month) string {
	w.T.Helper()
	list, err := w.Store.CustomRecords(w.T.Context(), until)
	w.must(err)
	var b strings.Builder
	for _, r := range list {
		fmt.Fprintf(&b, "%s %s %s %s %s %s %s\n", r.Key, r.Owner, r.Month, r.Net.Format(2), r.Currency, r.Direction, r.Text)
	}
	return b.String()
}

func recordsAreOpenOnce(t *testing.T, w *World) {
	ctx, s := t.Context(), w.Store
	w.Config.TaxAccounts = append(w.Config.TaxAccounts, Account("o", creditnotes.OutsideScope, 0))
	w.Save()
	first := []creditnotes.CustomRecord{
		Custom("c2", "a", "2026-10-14", 777, creditnotes.Debited, TaxedBy("o")),
		Custom("c1", "a", "2026-10-14", 1234, creditnotes.Credited, TaxedBy("s20")),
		Custom("c3", "b", "2026-11-01", 100, creditnotes.Debited),
	}
	w.must(s.TakeRecords(ctx, first))
	w.must(s.TakeRecords(ctx, first)) // again: nothing
	Same(t, w.tellRecords("2026-10"), `
		c1 a 2026-10 12.34 EUR credit of c1
		c2 a 2026-10 7.77 EUR debit of c2
	`)
	first[1].Net, first[1].Currency = 1000, "EUR"
	w.must(s.TakeRecords(ctx, first[:2])) // changed while on no document
	Same(t, w.tellRecords("2026-11"), `
		c1 a 2026-10 10.00 EUR credit of c1
		c2 a 2026-10 7.77 EUR debit of c2
		c3 b 2026-11 1.00 EUR debit of c3
	`)
	for name, wrong := range map[string]creditnotes.CustomRecord{
		"an owner":                Custom("c9", "x", "2026-10-14", 1, creditnotes.Credited),
		"the operator":            Custom("c9", "op", "2026-10-14", 1, creditnotes.Credited),
		"a net":                   Custom("c9", "a", "2026-10-14", 0, creditnotes.Credited),
		"a tax account":           Custom("c9", "a", "2026-10-14", 1, creditnotes.Credited, TaxedBy("x")),
		"what has to stand alone": Custom("c9", "a", "2026-10-14", 1, creditnotes.Credited, TaxedBy("o")),
		"a text":                  Custom("c9", "a", "2026-10-14", 1, creditnotes.Credited, func(r *creditnotes.CustomRecord) { r.Text = "" }),
		"a currency":              Custom("c9", "a", "2026-10-14", 1, creditnotes.Credited, func(r *creditnotes.CustomRecord) { r.Currency = "EURO" }),
	} {
		if err := s.TakeRecords(ctx, []creditnotes.CustomRecord{wrong}); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func topUpsStay(t *testing.T, w *World) {
	ctx, s := t.Context(), w.Store
	one := creditnotes.TopUp{Key: "t1", Entity: "a", User: "u", Amount: 5000, Currency: "EUR", At: noon("2026-10-11")}
	w.must(s.TakeTopUps(ctx, []creditnotes.TopUp{one}))
	w.must(s.TakeTopUps(ctx, []creditnotes.TopUp{one, one}))
	for _, change := range []func(*creditnotes.TopUp){
		func(t *creditnotes.TopUp) { t.Amount++ },
		func(t *creditnotes.TopUp) { t.User = "v" },
		func(t *creditnotes.TopUp) { t.At = noon("2026-10-12") },
		func(t *creditnotes.TopUp) { t.Key, t.Entity = "t2", "x" },
	} {
		other := one
		change(&other)
		if err := s.TakeTopUps(ctx, []creditnotes.TopUp{other}); err == nil {
			t.Errorf("%+v was taken", other)
		}
	}
}
