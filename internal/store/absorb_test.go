package store_test

import (
	"testing"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/payouts"
)

func TestMoneyThatSettlesNothingMeetsTheNextItem(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Ignored = ofReports
		threeMonths(w)                         // 1: 3.75, 4: 11.25
		w.pays(creditnotes.MovedPayout, -2000) // 5.00 too much
		w.pays(creditnotes.MovedPayment, 300)  // of that 3.00 come back
		same(t, w.items(), "payout payout -2.00 of -20.00")
		w.Proven()
		w.pays(creditnotes.MovedPayment, 500) // 3.00 in advance
		same(t, w.items(), "payment payment 3.00 of 5.00")
		w.ok(w.Store.TakeTopUps(t.Context(), []creditnotes.TopUp{{Key: "t1", Entity: "a", User: "u", Amount: 400, Currency: "EUR", At: evening("2026-11-03")}}))
		same(t, w.items(), "top_up t1 -1.00 of -4.00")
		w.Proven()
	})
}

func TestMoneyFromBeforeIsAllocatedByThePreparation(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.Ignored = ofReports
		w.withBanks()
		threeMonths(w)
		w.pays(creditnotes.MovedPayout, -500)
		w.unlock()
		for _, statement := range []string{"DELETE FROM allocations WHERE movement_id = (SELECT max(id) FROM movements)", "DELETE FROM open_items",
			`INSERT INTO open_items SELECT id, entity_key, currency, open FROM (SELECT m.id, m.entity_key, m.currency,
				CAST(m.amount - coalesce((SELECT sum(a.amount) FROM allocations a WHERE a.item_id = m.id), 0)
				+ coalesce((SELECT sum(a.amount) FROM allocations a WHERE a.movement_id = m.id), 0) AS bigint) AS open FROM movements m) AS m WHERE open <> 0`} {
			if _, err := w.sql(statement); err != nil {
				t.Fatal(err)
			}
		}
		drafts, left, err := w.s.DuePayouts(ctx, "2026-12-31")
		w.ok(err)
		b, err := w.s.PreparePayouts(ctx, "anna", "2026-12-31")
		w.ok(err)
		want := `
			prepared for 2026-12-31
			prepared 10.00 to a DE89370400440532013000: GS-2026-00004 10.00
			prepared 7.50 to b AT611904300234573201: GS-2026-00002 7.50`
		same(t, toldBatch(&b), want)
		same(t, toldBatch(payouts.Preview("2026-12-31", drafts, left)), want)
		w.Proven()
	})
}

func TestADocumentThatTakesThePlaceOfOneAtTheBankIsPaidOnce(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.exported()
		prepared := func() string {
			t.Helper()
			b, err := w.s.PreparePayouts(ctx, "anna", "2027-03-31")
			w.ok(err)
			return toldBatch(&b)
		}
		w.Now = evening("2027-01-10")
		w.Cancel("GS-2026-00004")
		w.Backdated("2026-10")
		same(t, prepared(), `
			prepared for 2027-03-31
			left out a 11.25: awaits_bank`)
		w.ok(w.s.ExecutePayout(ctx, "otto", "PO-00000001", "2027-01-04"))
		same(t, w.items(), "")
		w.Proven()
		same(t, prepared(), "prepared for 2027-03-31")
	})
}

func TestAPaymentThatIsChargedBackOpensWhatItSettled(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.exported()
		w.answered(camt("camt.053", ownAccount, booking{"-22.50", "", "2027-01-04", "", nil}.String()))
		w.Cancel("GS-2026-00001") // it was paid: 3.75 are owed
		same(t, w.answered(camt("camt.053", ownAccount,
			booking{"3.75", "2", "2027-01-11", "", []string{detail("NOTPROVIDED", "3.75", "ST-2027-00001", "")}}.String(),
			booking{"-5.00", "3", "2027-01-12", "", []string{detail("NOTPROVIDED", "5.00", "Rückbuchung", "")}}.String())), "1 received, 1 queued")
		same(t, w.items(), "")
		w.assign(3, payouts.Target{Document: "ST-2027-00001"})
		same(t, w.items(), `
			cancellation ST-2027-00001 -3.75 of -3.75
			payment Rückbuchung -1.25 of -5.00`)
		w.Proven()
		due, err := w.s.DueReminders(t.Context(), "2027-02-28")
		w.ok(err)
		if len(due) != 1 || due[0].Amount != 500 {
			t.Errorf("reminded of %+v", due)
		}
		w.undone(3)
		same(t, w.items(), "")
		w.Proven()
	})
}

func TestPayoutsAreLookedAtAgain(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.Ignored = ofReports
		w.withBanks()
		threeMonths(w)
		_, err := w.s.PreparePayouts(ctx, "anna", "2026-12-31")
		w.ok(err)
		changed := func(change func()) {
			w.Config = w.configured()
			change()
			w.Save()
		}
		iban := w.Entity("a").Bank.IBAN
		changed(func() {
			w.Entity("a").Bank.IBAN = "DE02120300000000202051"
			w.Entity("b").PayoutHold = entities.PayoutHold{Since: "2026-12-31", Reason: "Insolvency"}
		})
		says(t, w.s.ApprovePayouts(ctx, "otto", 1), "payout_bank_changed", "payout_on_hold")
		changed(func() { w.Entity("a").Bank.IBAN, w.Entity("b").PayoutHold = iban, entities.PayoutHold{} })
		w.ok(w.s.ApprovePayouts(ctx, "otto", 1))
		w.Cancel("GS-2026-00002")
		changed(func() { w.Entity("op").Bank.IBAN, w.Entity("a").Bank.IBAN = "AT611904300234573201", "" })
		says(t, exportError(w), "payout_item_changed", "payout_bank_changed", "payout_operator_bank")
		changed(func() { w.Entity("op").Bank.IBAN, w.Entity("a").Bank.IBAN = ownAccount, iban })
		w.ok(w.s.DiscardPayout(ctx, "otto", "PO-00000002", "the document was cancelled"))
		w.ok(exportError(w))
	})
}

func TestAPayoutOfWhatIsObjectedToOrChangedIsRefused(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.Ignored = ofReports
		w.withBanks()
		threeMonths(w)
		on := func(number string) string {
			payout, err := w.s.PayoutOnItsWay(ctx, number)
			w.ok(err)
			return payout
		}
		_, err := w.s.PreparePayouts(ctx, "anna", "2026-12-31")
		w.ok(err)
		id := w.proposeBank(newBank)
		w.ok(w.s.RaiseObjection(ctx, "b", "GS-2026-00002", "too little"))
		says(t, w.s.ApprovePayouts(ctx, "otto", 1), "payout_objected", "payout_bank_waits")
		w.ok(w.s.Reject(ctx, "max", id))
		w.ok(w.s.DiscardPayout(ctx, "otto", "PO-00000002", "objection"))
		if got := on("GS-2026-00001"); got != "" {
			t.Errorf("on its way before the approval: %s", got)
		}
		w.ok(w.s.ApprovePayouts(ctx, "otto", 1))
		if got := on("GS-2026-00001") + on("GS-2026-00002"); got != "PO-00000001" {
			t.Errorf("on its way: %s", got)
		}
	})
}

func exportError(w *world) error {
	_, _, err := w.s.ExportPayouts(w.T.Context(), "otto", 1)
	return err
}
