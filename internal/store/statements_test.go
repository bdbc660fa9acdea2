package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/entities"
)

func statement(t *testing.T, w *world, from, until entities.Date) string {
	t.Helper()
	list, err := w.s.Statement(t.Context(), "a", from, until)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, st := range list {
		fmt.Fprintf(&b, "%s opens with %s\n", st.Currency, st.Opening.Format(2))
		for _, m := range st.Movements {
			fmt.Fprintf(&b, "%s %s %s %s + %s = %s, %s\n", m.Date, m.Number, m.Kind, m.Net.Format(2), m.Tax.Format(2), m.Gross.Format(2), m.Balance.Format(2))
		}
		fmt.Fprintf(&b, "closes with %s\n", st.Closing.Format(2))
	}
	return b.String()
}

func TestStatementCarriesTheBalance(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		threeMonths(w)
		same(t, statement(t, w, "2026-10-01", "2026-11-02"), `
			EUR opens with 3.75
			2026-10-31 GS-2026-00003 credit_note 9.45 + 1.80 = 11.25, 15.00
			2026-10-31 GS-2026-00004 credit_note 9.45 + 1.80 = 11.25, 26.25
			closes with 26.25`)
		same(t, statement(t, w, "2026-11-01", ""), `
			EUR opens with 26.25
			2026-11-02 ST-2026-00001 cancellation -9.45 + -1.80 = -11.25, 15.00
			closes with 15.00`)
		same(t, statement(t, w, "", "2026-09-30"), "")
	})
}

func TestBalancesCountNotesAndCancellations(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		threeMonths(w)
		all, err := w.s.Balances(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(all) != 2 || !slices.Equal(all["a"], []creditnotes.Balance{{Currency: "EUR", Notes: 3, Cancellations: 1, Gross: 1500}}) {
			t.Errorf("%+v", all)
		}
		some, err := w.s.Balances(t.Context(), []string{"b", "unknown"})
		if err != nil || len(some) != 1 || len(some["b"]) != 1 || some["b"][0].Notes != 1 {
			t.Errorf("%+v, %v", some, err)
		}
	})
}

func TestAuditWordsAreThereToChooseFrom(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		threeMonths(w)
		who, actions, err := w.s.AuditWords(t.Context())
		if err != nil || !slices.Contains(who, "anna") || !slices.Contains(actions, "sessions.imported") || !slices.IsSorted(actions) ||
			len(slices.Compact(slices.Clone(who))) != len(who) {
			t.Errorf("%v, %v, %v", who, actions, err)
		}
	})
}
