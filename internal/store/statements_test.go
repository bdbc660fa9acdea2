package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/sessions"
)

// statement tells the account of a.
func statement(t *testing.T, w *world, q creditnotes.StatementQuery) string {
	t.Helper()
	q.Entity = "a"
	st, err := w.s.Statement(t.Context(), q, w.network())
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, st := range st.Statements {
		fmt.Fprintf(&b, "%s opens with %s\n", st.Currency, st.Opening.Format(2))
		for _, m := range st.Movements {
			fmt.Fprintf(&b, "%s %s %s %s, %s\n", m.Value, m.Reference, m.Kind, m.Amount.Format(2), m.Balance.Format(2))
		}
		fmt.Fprintf(&b, "closes with %s\n", st.Closing.Format(2))
	}
	for _, c := range st.Charges {
		fmt.Fprintf(&b, "%s %s kWh\n", c.Section, c.Energy)
		for _, s := range c.Sessions {
			fmt.Fprintf(&b, "%s %s %s %q %s\n", s.ExternalID, s.Station, s.Energy, s.MediumUID, s.Number)
		}
	}
	for _, m := range st.News {
		fmt.Fprintf(&b, "new %s\n", m.Reference)
	}
	for _, s := range st.NewSessions {
		fmt.Fprintf(&b, "new %s on %s\n", s.ExternalID, s.Number)
	}
	return b.String()
}

func TestStatementCarriesTheBalance(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		threeMonths(w)
		before := evening("2026-11-01")
		same(t, statement(t, w, creditnotes.StatementQuery{From: "2026-10-01", Until: "2026-11-01"}), `
			EUR opens with 3.75
			2026-10-31 GS-2026-00003 credit_note 11.25, 15.00
			2026-10-31 GS-2026-00004 credit_note 11.25, 26.25
			closes with 26.25`)
		same(t, statement(t, w, creditnotes.StatementQuery{From: "2026-11-01", Until: "2026-11-30", Since: before}), `
			EUR opens with 26.25
			2026-11-02 ST-2026-00001 cancellation -11.25, 15.00
			closes with 15.00
			new GS-2026-00004
			new ST-2026-00001`)
		same(t, statement(t, w, creditnotes.StatementQuery{From: "2026-10-01", Until: "2026-11-30", AsOf: before}), `
			EUR opens with 3.75
			2026-10-31 GS-2026-00003 credit_note 11.25, 15.00
			closes with 15.00`)
		same(t, statement(t, w, creditnotes.StatementQuery{From: "2026-09-01", Until: "2026-09-29"}), "")
	})
}

func TestStatementListsWhatWasCharged(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		unknown := func(s *sessions.Session) { s.MediumUID = "" }
		w.Charged(charge("S-1", "ST-1", "2026-09-03 10:00", "10", unknown), charge("S-2", "ST-9", "2026-09-03 10:00", "20"),
			charge("S-3", "ST-1", "2026-09-04 10:00", "30", func(s *sessions.Session) { s.MediumUID = "04A1B2C3D4" }))
		w.Backdated("2026-09")
		w.Now = evening("2026-11-02")
		w.Charged(charge("S-4", "ST-2", "2026-09-30 10:00", "1", unknown))
		all := []creditnotes.StatementSection{creditnotes.SectionPublicCharges, creditnotes.SectionRFIDCharges, creditnotes.SectionOtherStations}
		same(t, statement(t, w, creditnotes.StatementQuery{From: "2026-09-01", Until: "2026-09-30", Sections: all, Since: evening("2026-11-01")}), `
			EUR opens with 0.00
			2026-09-30 GS-2026-00001 credit_note 14.99, 14.99
			closes with 14.99
			public 11 kWh
			S-1 ST-1 10 "" GS-2026-00001
			S-4 ST-2 1 ""
			rfid 30 kWh
			S-3 ST-1 30 "******C3D4" GS-2026-00001
			machines 0 kWh
			new S-4 on`)
		same(t, statement(t, w, creditnotes.StatementQuery{From: "2026-09-01", Until: "2026-09-30", Sections: all[:1], AsOf: evening("2026-11-01")}), `
			EUR opens with 0.00
			2026-09-30 GS-2026-00001 credit_note 14.99, 14.99
			closes with 14.99
			public 10 kWh
			S-1 ST-1 10 "" GS-2026-00001`)
	})
}

func TestBalancesAddUpMovements(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		threeMonths(w)
		all, err := w.s.Balances(t.Context(), nil, "")
		if err != nil {
			t.Fatal(err)
		}
		if len(all) != 2 || !slices.Equal(all["a"], []creditnotes.Balance{{Currency: "EUR", Movements: 4, Amount: 1500}}) {
			t.Errorf("%+v", all)
		}
		some, err := w.s.Balances(t.Context(), []string{"a", "unknown"}, "2026-11-01")
		if err != nil || len(some) != 1 || some["a"][0].Amount != 2625 {
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
