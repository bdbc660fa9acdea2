package store_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/payouts"
)

// undone takes the decision about an entry back and returns the entry that waits
// in its place.
func (w *world) undone(id int64) int64 {
	w.T.Helper()
	instead, err := w.s.UndoBankEntry(w.T.Context(), "otto", id, "wrong item")
	w.ok(err)
	old, err := w.s.BankEntry(w.T.Context(), id)
	w.ok(err)
	if old.State != payouts.EntryUndone || old.Instead != instead || old.UndoneBy != "otto" || old.UndoneWhy != "wrong item" || old.DecidedBy == "" {
		w.T.Errorf("%+v", old)
	}
	again, err := w.s.BankEntry(w.T.Context(), instead)
	w.ok(err)
	if again.State != payouts.EntryQueued || again.Before != id || again.Amount != old.Amount || again.Why != payouts.WhyUndone {
		w.T.Errorf("%+v", again)
	}
	return instead
}

func (w *world) assign(id int64, to payouts.Target) {
	w.T.Helper()
	w.ok(w.s.AssignBankEntry(w.T.Context(), "anna", id, to, "by hand"))
}

func TestADecisionIsTakenBack(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.exported()
		file := camt("camt.053", ownAccount,
			booking{"-15.00", "1", "2027-01-04", "", nil}.String(), booking{"-7.50", "2", "2027-01-04", "", nil}.String(),
			booking{"7.50", "3", "2027-01-05", "", []string{detail("PO-00000009", "7.50", "", "AC01")}}.String(),
			booking{"2.00", "4", "2027-01-05", "", nil}.String(), booking{"-900.00", "5", "2027-01-05", "", []string{detail("", "900.00", "Rent", "")}}.String())
		same(t, w.answered(file), "5 queued")
		says(t, errorOf(w.s.UndoBankEntry(ctx, "otto", 1, "x")), "bank_undo_none")
		says(t, errorOf(w.s.UndoBankEntry(ctx, "otto", 1, "")), "bank_undo_reason")
		says(t, errorOf(w.s.UndoBankEntry(ctx, "otto", 99, "x")), "bank_entry_unknown")
		before := w.items()

		w.assign(1, payouts.Target{Payout: "PO-00000001"})
		w.assign(4, payouts.Target{Entity: "b"})
		w.ok(w.s.MarkForeign(ctx, "anna", 5, "rent"))
		first := w.undone(1)
		second := w.undone(4)
		w.undone(5)
		same(t, w.items(), before)
		same(t, w.paid(), "a exported , b exported")
		w.Proven()
		says(t, errorOf(w.s.UndoBankEntry(ctx, "otto", 1, "x")), "bank_undo_none")
		same(t, w.answered(file), "5 known, repeated")

		w.assign(first, payouts.Target{Payout: "PO-00000001"})
		w.assign(second, payouts.Target{Entity: "a"})
		w.assign(2, payouts.Target{Payout: "PO-00000002"})
		w.assign(3, payouts.Target{Payout: "PO-00000002"})
		same(t, w.paid(), "a executed 2027-01-04, b returned 2027-01-04")
		says(t, errorOf(w.s.UndoBankEntry(ctx, "otto", 2, "x")), "bank_undo_late") // it came back since
		third := w.undone(3)
		same(t, w.paid(), "a executed 2027-01-04, b executed 2027-01-04")
		same(t, w.items(), "payment 4 2.00 of 2.00")
		w.Proven()
		w.assign(third, payouts.Target{Payout: "PO-00000002"})
		same(t, w.paid(), "a executed 2027-01-04, b returned 2027-01-04")
		w.Proven()

		w.Config = w.configured()
		w.Entity("b").PayoutHold.Since = ""
		w.Entity("b").PayoutHold.Reason = ""
		w.Save()
		again, err := w.s.PreparePayouts(ctx, "anna", "2027-02-01")
		w.ok(err)
		if len(again.Payouts) != 1 {
			t.Fatalf("%+v", again)
		}
		list, _, _, err := w.s.BankEntries(ctx, payouts.EntryFilter{State: payouts.EntryUndone}, creditnotes.Page{})
		w.ok(err)
		if len(list) != 4 {
			t.Errorf("%d entries were taken back", len(list))
		}
	})
}

func TestWhatIsPaidAnewIsNotTakenBack(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		message := w.exported()
		w.answered(pain002(message, "<GrpSts>PART</GrpSts>", "<TxInfAndSts><OrgnlEndToEndId>PO-00000001</OrgnlEndToEndId><TxSts>RVNC</TxSts></TxInfAndSts>",
			"<TxInfAndSts><OrgnlEndToEndId>PO-00000002</OrgnlEndToEndId><TxSts>RVNM</TxSts></TxInfAndSts>"))
		list, _, _, err := w.s.BankEntries(ctx, payouts.EntryFilter{State: payouts.EntryQueued}, creditnotes.Page{})
		w.ok(err)
		slices.SortFunc(list, func(a, b payouts.BankEntry) int { return strings.Compare(a.EndToEnd, b.EndToEnd) })
		w.assign(list[0].ID, payouts.Target{Payout: "PO-00000001"})
		w.assign(list[1].ID, payouts.Target{Payout: "PO-00000002"})
		w.undone(list[1].ID)
		same(t, w.paid(), "a rejected , b exported")
		w.Config = w.configured()
		w.Entity("a").PayoutHold.Since, w.Entity("a").PayoutHold.Reason = "", ""
		w.Save()
		_, err = w.s.PreparePayouts(ctx, "anna", "2027-02-01")
		w.ok(err)
		says(t, errorOf(w.s.UndoBankEntry(ctx, "otto", list[0].ID, "x")), "bank_undo_late")
		same(t, w.paid(), "a rejected , b exported")
		w.Proven()
	})
}

func errorOf(_ int64, err error) error { return err }

func TestVerifyFindsWhatIsWrongWithDecisionsTakenBack(t *testing.T) {
	edits := []string{
		"UPDATE bank_undos SET back_id = 1 WHERE entry_id = 1",
		"UPDATE bank_undos SET booked_id = NULL, back_id = NULL WHERE entry_id = 1",
		"UPDATE bank_undos SET instead_id = 2 WHERE entry_id = 1",
		"UPDATE bank_entries SET amount = amount + 1 WHERE id = (SELECT instead_id FROM bank_undos WHERE entry_id = 1)",
		"UPDATE bank_entry_payouts SET undone = false",
	}
	inEach(t, func(t *testing.T, w *world) {
		w.exported()
		w.answered(camt("camt.053", ownAccount, booking{"-15.00", "1", "2027-01-04", "", nil}.String(), booking{"2.00", "2", "2027-01-05", "", nil}.String()))
		w.assign(1, payouts.Target{Payout: "PO-00000001"})
		w.undone(1)
		w.finds()
		w.unlock()
		back := w.kept("bank_entries", "bank_entry_payouts", "bank_undos")
		for _, statement := range edits {
			t.Log(statement)
			want := []string{"verify_bank_entry"}
			if strings.Contains(statement, "NULL") || strings.Contains(statement, "back_id = 1 ") {
				want = append(want, "verify_payout")
			}
			w.edited(statement, want...)
			back()
		}
		w.finds()
	})
}

func TestVerifyComparesAdvicesWithWhatWasFrozen(t *testing.T) {
	edits := []string{
		"UPDATE remittance_advices SET content = replace(content, '15', '16')",
		"UPDATE remittance_advices SET hash = 'x'",
		"DELETE FROM remittance_advices",
		"UPDATE remittance_advices SET payout_id = 2",
	}
	inEach(t, func(t *testing.T, w *world) {
		w.exported()
		w.ok(w.s.ExecutePayout(t.Context(), "anna", "PO-00000001", "2027-01-04"))
		list, err := w.s.ExecutedPayouts(t.Context())
		w.ok(err)
		content, err := json.Marshal(list[0])
		w.ok(err)
		sum := sha256.Sum256(content)
		frozen := &creditnotes.FrozenRemittance{PayoutID: list[0].PayoutID, Content: content, SHA256: hex.EncodeToString(sum[:]), FrozenAt: w.Now}
		added, err := w.s.AddRemittance(t.Context(), "anna", frozen, list[0].Payout, nil)
		if w.ok(err); !added {
			t.Fatal("no advice was made")
		}
		w.finds()
		w.unlock()
		back := w.kept("remittance_advices")
		for _, statement := range edits {
			t.Log(statement)
			want := []string{"verify_advice"}
			if strings.HasSuffix(statement, "= 2") {
				want = append(want, "verify_advice") // one is missing, and one is too many
			}
			w.edited(statement, want...)
			back()
		}
		w.finds()
	})
}
