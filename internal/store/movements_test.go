package store_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/internal/money"
)

// ofReports is what the proof of settlement reports finds beside that of accounts.
var ofReports = []string{"verify_report_sums", "verify_report_balance", "verify_report_awaited"}

// items tells what is open of the account of a.
func (w *world) items() string {
	w.T.Helper()
	list, err := w.s.OpenItems(w.T.Context(), creditnotes.Account{Entity: "a", Currency: "EUR"})
	w.ok(err)
	var b strings.Builder
	for _, i := range list {
		fmt.Fprintf(&b, "%s %s %s of %s\n", i.Kind, i.Reference, i.Open.Format(2), i.Amount.Format(2))
	}
	return b.String()
}

func (w *world) pays(kind creditnotes.MovementKind, amount money.Amount, items ...int64) int64 {
	w.T.Helper()
	m, err := w.s.BookPayment(w.T.Context(), "anna", creditnotes.Movement{Account: creditnotes.Account{Entity: "a", Currency: "EUR"},
		Kind: kind, Amount: amount, Value: "2026-11-20", Reference: string(kind)}, items...)
	w.ok(err)
	return m.ID
}

func TestAccountsShowWhatIsOpen(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Ignored = ofReports
		threeMonths(w) // 1: 3.75, 2: of b, 3: 11.25, 4: cancels 3, 5: 11.25
		w.ok(w.Store.TakeTopUps(t.Context(), []creditnotes.TopUp{{Key: "t1", Entity: "a", User: "u", Amount: 200, Currency: "EUR", At: evening("2026-11-03")}}))
		same(t, w.items(), `
			credit_note GS-2026-00001 3.75 of 3.75
			credit_note GS-2026-00004 11.25 of 11.25
			top_up t1 -2.00 of -2.00`)
		w.Proven()
		w.pays(creditnotes.MovedPayment, 50) // the oldest that is owed to the operator
		payout := w.pays(creditnotes.MovedPayout, -500, 1)
		same(t, w.items(), `
			credit_note GS-2026-00004 10.00 of 11.25
			top_up t1 -1.50 of -2.00`) // what was paid out too much is set off
		w.Proven()
		w.pays(creditnotes.MovedPayoutReturn, 500, payout)
		same(t, w.items(), `
			credit_note GS-2026-00001 3.75 of 3.75
			credit_note GS-2026-00004 11.25 of 11.25
			top_up t1 -1.50 of -2.00`)
		w.Proven()
		for _, statement := range []string{"UPDATE movements SET amount = 1", "DELETE FROM movements", "UPDATE allocations SET amount = 1", "DELETE FROM top_ups"} {
			if _, err := w.sql(statement); err == nil {
				t.Errorf("%s: allowed", statement)
			}
		}
	})
}

func TestVerifyFindsAccountsThatWereChangedByHand(t *testing.T) {
	edits := map[string]string{
		"UPDATE movements SET amount = 376 WHERE id = 1":                                                        "verify_movements verify_movement verify_balance",
		"UPDATE movements SET reason = 'x' WHERE id = 1":                                                        "verify_movements",
		"UPDATE movements SET entity_key = 'b' WHERE id = 1":                                                    "verify_movements verify_movement verify_balance verify_balance",
		"UPDATE open_items SET open = open + 1 WHERE movement_id = 2":                                           "verify_balance",
		"DELETE FROM open_items WHERE movement_id = 2":                                                          "verify_balance",
		"UPDATE accounts SET balance = balance + 1 WHERE entity_key = 'a'":                                      "verify_balance",
		"UPDATE movement_head SET hash = 'x'":                                                                   "verify_movements",
		"DELETE FROM open_items WHERE movement_id = 2; DELETE FROM movements WHERE id = 2":                      "verify_movements verify_movement verify_balance",
		"UPDATE top_ups SET amount = 1":                                                                         "verify_movement",
		"DELETE FROM allocations":                                                                               "verify_balance",
		"UPDATE allocations SET amount = 9999":                                                                  "verify_allocation verify_allocation verify_balance",
		"UPDATE allocations SET item_id = 2":                                                                    "verify_allocation verify_allocation verify_balance verify_balance",
		"INSERT INTO allocations VALUES (6, 1, 100)":                                                            "verify_allocation verify_balance",
		"DELETE FROM open_items WHERE movement_id = 6; DELETE FROM movements WHERE id = 6; DELETE FROM top_ups": "verify_movements verify_balance",
		"UPDATE movements SET note_id = NULL, kind = 'payment' WHERE id = 1":                                    "verify_movements verify_movement",
		"UPDATE movements SET value_date = '2026-01-01' WHERE note_id IS NOT NULL":                              "verify_movements verify_movement verify_movement verify_movement verify_movement verify_movement",
	}
	inEach(t, func(t *testing.T, w *world) {
		w.Ignored = ofReports
		threeMonths(w)
		w.ok(w.Store.TakeTopUps(t.Context(), []creditnotes.TopUp{{Key: "t1", Entity: "a", User: "u", Amount: 200, Currency: "EUR", At: evening("2026-11-03")}}))
		w.unlock()
		back := w.kept("top_ups", "movements", "movement_head", "allocations", "accounts", "open_items")
		for _, statement := range slices.Sorted(maps.Keys(edits)) {
			t.Log(statement)
			w.edited(statement, strings.Fields(edits[statement])...)
			back()
		}
		w.finds()
	})
}

// kept copies tables, those first that others refer to, and returns what puts
// their rows back.
func (w *world) kept(tables ...string) (back func()) {
	w.T.Helper()
	do := func(statement string) {
		if _, err := w.sql(statement); err != nil {
			w.T.Fatal(err)
		}
	}
	for _, table := range tables {
		do("CREATE TABLE kept_" + table + " AS SELECT * FROM " + table)
	}
	return func() {
		for _, table := range slices.Backward(tables) {
			do("DELETE FROM " + table)
		}
		for _, table := range tables {
			do("INSERT INTO " + table + " SELECT * FROM kept_" + table)
		}
	}
}

func TestAnAdjustmentWaitsForASecondPerson(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.withOthers()
		a := creditnotes.Adjustment{Entity: "a", Currency: "EUR", Amount: -300, Value: "2026-10-31", Reason: "Damage to ST-1"}
		if _, err := w.s.ProposeAdjustment(ctx, "anna", creditnotes.Adjustment{Entity: "a", Currency: "EUR", Amount: 1, Value: "2026-10-31"}); !fault.Is(err, fault.Invalid) {
			t.Errorf("without a reason: %v", err)
		}
		waiting, err := w.s.ProposeAdjustment(ctx, "anna", a)
		w.ok(err)
		same(t, w.items(), "")
		if err := w.s.Approve(ctx, "anna", waiting[0].ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("by the same person: %v", err)
		}
		w.ok(w.s.Approve(ctx, "otto", waiting[0].ID))
		same(t, w.items(), "adjustment Damage to ST-1 -3.00 of -3.00")
		w.Proven()
	})
}
