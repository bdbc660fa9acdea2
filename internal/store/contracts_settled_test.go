package store_test

import (
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/creditnotes/creditnotestest"
	"creditrun/internal/fault"
	"creditrun/internal/settlement"
	"creditrun/internal/store"
	"creditrun/numbering"
)

// guaranteed has contracts of a, the first of which has settled October to
// December in runs.
func guaranteed(w *world) []settlement.Contract {
	w.T.Helper()
	w.Config.NumberRanges = append(w.Config.NumberRanges, creditnotestest.NumberRange("re", "RE-{YYYY}-{SEQ:5}", numbering.Invoice))
	contracts := []settlement.Contract{
		{Key: "ka", Owner: "a", From: "2026-10", To: "2026-10", AutoRenew: true, Active: true, MinimumGuarantee: 1_000_000},
		{Key: "kd", Owner: "a", From: "2026-10", MinimumGuarantee: 1_000_000}, // a draft
	}
	w.Config.Contracts = contracts
	w.Save()
	w.Set("invoice_range", "re", "fee_tax_account", "s19")
	w.Month("2026-10")
	w.Month("2026-11")
	return contracts
}

func TestAContractStaysInForceForWhatItSettled(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		contracts := guaranteed(w)
		for name, c := range map[string]struct {
			change func(ka, kd *settlement.Contract)
			field  string // empty: it is allowed
			month  string
		}{
			"a draft":                    {func(ka, _ *settlement.Contract) { ka.Active = false }, "active", "2026-10"},
			"begins later":               {func(ka, _ *settlement.Contract) { ka.From, ka.To = "2026-11", "2026-12" }, "from", "2026-10"},
			"ends earlier":               {func(ka, _ *settlement.Contract) { ka.AutoRenew = false }, "to", "2026-11"},
			"ended too early":            {func(ka, _ *settlement.Contract) { ka.Ended = "2026-10" }, "ended", "2026-11"},
			"of another owner":           {func(ka, _ *settlement.Contract) { ka.Owner = "b" }, "owner", "2026-10"},
			"another takes its place":    {func(_, kd *settlement.Contract) { kd.Active, kd.From = true, "2026-11" }, "-", "2026-11"},
			"ended by its last month":    {func(ka, _ *settlement.Contract) { ka.Ended = "2026-11" }, "", ""},
			"begins earlier":             {func(ka, _ *settlement.Contract) { ka.From = "2026-09" }, "", ""},
			"with other terms":           {func(ka, _ *settlement.Contract) { ka.MinimumGuarantee = 2_000_000 }, "", ""},
			"another takes over in time": {func(_, kd *settlement.Contract) { kd.Active, kd.From = true, "2026-12" }, "", ""},
		} {
			ka, kd := contracts[0], contracts[1]
			c.change(&ka, &kd)
			_, err := w.s.CheckConfiguration(t.Context(), "test", &creditnotes.Configuration{Contracts: []settlement.Contract{ka, kd}}, nil)
			if c.field == "" {
				if err != nil {
					t.Errorf("%s: %v", name, err)
				}
				continue
			}
			found := fault.Of(err)
			if len(found) != 1 || found[0].Key != "contract_settled" || found[0].Kind != fault.Conflict || found[0].Field != strings.Trim(c.field, "-") ||
				found[0].Args["contract"] != "ka" || found[0].Args["month"] != c.month || found[0].Args["run"] != c.month {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, note := range w.Issued() { // nothing settled by it stands any more
			w.Cancel(note.Number)
		}
		contracts[0].Active = false
		if _, err := w.s.SaveConfiguration(t.Context(), "test", &creditnotes.Configuration{Contracts: contracts}, nil); err != nil {
			t.Error(err)
		}
	})
}

func TestADraftHoldsTheContractsThatItSettlesBy(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Config.Contracts = []settlement.Contract{{Key: "ka", Owner: "a", From: "2026-10", Active: true, MinimumGuarantee: 1_000_000}}
		w.Save()
		w.Set("release", "approve")
		run, err := w.Runner.Run(t.Context(), byAnna("2026-10"))
		w.ok(err)
		draft := w.Config.Contracts[0]
		draft.Active = false
		check := func() error {
			_, err := w.s.CheckConfiguration(t.Context(), "test", &creditnotes.Configuration{Contracts: []settlement.Contract{draft}}, nil)
			return err
		}
		if err := check(); !fault.Is(err, fault.Conflict) {
			t.Errorf("while it is drafted: %v", err)
		}
		w.ok(w.Runner.Discard(t.Context(), run.Name, "anna"))
		if err := check(); err != nil {
			t.Errorf("when it is discarded: %v", err)
		}
	})
}

func TestTheContractsOfARunAreFrozen(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		guaranteed(w)
		for _, statement := range []string{"UPDATE run_contracts SET contracts = '[]'", "DELETE FROM run_contracts"} {
			err := w.s.InTx(t.Context(), func(tx *store.TestTx) error {
				_, err := tx.Exec(statement)
				return err
			})
			if !fault.Is(err, fault.Conflict) || fault.Of(err)[0].Key != "immutable" {
				t.Errorf("%s: %v", statement, err)
			}
		}
		w.Set("release", "approve")
		w.Now = evening("2026-12-31")
		run, err := w.Runner.Run(t.Context(), byAnna("2026-12"))
		w.ok(err)
		if n, err := w.sql("UPDATE run_contracts SET contracts = '[]' WHERE month = '2026-12'"); err == nil {
			t.Errorf("the contracts of a draft were changed in %d rows", n)
		}
		w.ok(w.Runner.Discard(t.Context(), run.Name, "anna"))
		if n := w.rows("run_contracts"); n != 2 {
			t.Errorf("%d months are frozen", n)
		}
		w.Proven()
	})
}
