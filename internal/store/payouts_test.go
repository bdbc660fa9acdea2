package store_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/payouts"
)

// withBanks gives the two Sub-CPOs bank accounts.
func (w *world) withBanks() {
	w.T.Helper()
	w.Entity("a").Bank = entities.Bank{Holder: "Hotel A Betriebs GmbH", IBAN: "DE89370400440532013000", BIC: "COBADEFFXXX"}
	w.Entity("b").Bank = entities.Bank{IBAN: "AT611904300234573201"}
	operator := w.Entity("op")
	operator.Street, operator.Postcode, operator.City, operator.Bank = "Stromweg 1", "10115", "Berlin", entities.Bank{IBAN: "DE02120300000000202051"}
	w.Save()
}

// batchOf writes down a batch.
func (w *world) batchOf(id int64) string {
	w.T.Helper()
	b, err := w.s.PayoutBatch(w.T.Context(), id)
	w.ok(err)
	return toldBatch(b)
}

func toldBatch(b *payouts.Batch) string {
	var t strings.Builder
	fmt.Fprintf(&t, "%s for %s\n", b.State, b.Requested)
	for _, p := range b.Payouts {
		fmt.Fprintf(&t, "%s %s to %s %s:", p.State, p.Amount.Format(2), p.Entity, p.Payee.IBAN)
		for _, i := range p.Items {
			fmt.Fprintf(&t, " %s %s", i.Reference, i.Amount.Format(2))
		}
		t.WriteString("\n")
	}
	for _, l := range b.LeftOut {
		fmt.Fprintf(&t, "left out %s %s: %s", l.Entity, l.Amount.Format(2), l.Reason)
		for _, f := range l.Refused {
			fmt.Fprintf(&t, " %s %v", f.Key, f.Args["length"])
		}
		t.WriteString("\n")
	}
	return t.String()
}

func TestPayoutsGoFromOpenItemsToTheAccount(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.Ignored = ofReports
		w.withBanks()
		threeMonths(w)
		w.ok(w.Store.TakeTopUps(ctx, []creditnotes.TopUp{{Key: "t1", Entity: "a", User: "u", Amount: 200, Currency: "EUR", At: evening("2026-11-03")}}))
		b, err := w.s.PreparePayouts(ctx, "anna", "2026-12-31")
		w.ok(err)
		same(t, toldBatch(&b), `
			prepared for 2026-12-31
			prepared 13.00 to a DE89370400440532013000: GS-2026-00001 3.75 GS-2026-00004 11.25 t1 -2.00
			prepared 7.50 to b AT611904300234573201: GS-2026-00002 7.50`)
		again, err := w.s.PreparePayouts(ctx, "anna", "2026-12-31")
		w.ok(err)
		if again.ID != 0 || len(again.Payouts) != 0 {
			t.Errorf("prepared twice: %+v", again)
		}
		says(t, w.s.ApprovePayouts(ctx, "anna", b.ID), "payout_same_person")
		_, _, err = w.s.ExportPayouts(ctx, "otto", b.ID)
		says(t, err, "payout_batch_state")
		w.ok(w.s.ApprovePayouts(ctx, "otto", b.ID))
		w.ok(w.s.DiscardPayout(ctx, "otto", b.Payouts[1].Number, "wrong account"))
		file, copied, err := w.s.ExportPayouts(ctx, "otto", b.ID)
		w.ok(err)
		if copied || !strings.Contains(string(file.Content), "<InstdAmt Ccy=\"EUR\">13.00</InstdAmt>") || strings.Contains(string(file.Content), "7.50") {
			t.Errorf("copied %t: %s", copied, file.Content)
		}
		w.Now = w.Now.Add(time.Hour)
		twin, copied, err := w.s.ExportPayouts(ctx, "otto", b.ID)
		w.ok(err)
		if !copied || string(twin.Content) != string(file.Content) || twin.Name != file.Name {
			t.Errorf("the copy is another file: %t %s", copied, twin.Content)
		}
		says(t, w.s.DiscardPayouts(ctx, "otto", b.ID, "too late"), "payout_batch_state")
		says(t, w.s.ExecutePayout(ctx, "otto", b.Payouts[0].Number, "2027-01-04"), "payout_day") // not yet
		says(t, w.s.ExecutePayout(ctx, "otto", b.Payouts[0].Number, "1990-01-04"), "payout_day")
		w.Now = evening("2027-01-10")
		w.ok(w.s.ExecutePayout(ctx, "otto", b.Payouts[0].Number, "2027-01-04"))
		says(t, w.s.ExecutePayout(ctx, "otto", b.Payouts[0].Number, "2027-01-04"), "payout_state")
		same(t, w.items(), "")
		w.Proven()
		same(t, w.batchOf(b.ID), `
			exported for 2026-12-31
			executed 13.00 to a DE89370400440532013000: GS-2026-00001 3.75 GS-2026-00004 11.25 t1 -2.00
			discarded 7.50 to b AT611904300234573201: GS-2026-00002 7.50`)
		_, err = w.s.PreparePayouts(ctx, "anna", "2027-01-08")
		says(t, err, "payout_date_past")
		next, err := w.s.PreparePayouts(ctx, "anna", "2027-01-11")
		w.ok(err)
		same(t, toldBatch(&next), `
			prepared for 2027-01-11
			prepared 7.50 to b AT611904300234573201: GS-2026-00002 7.50`)
	})
}

// What a bank would refuse is said before a payout is prepared, and kept with the
// batch that leaves it out.
func TestRecipientsWhosePaymentABankWouldRefuse(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.withBanks()
		w.Entity("a").Name, w.Entity("a").Bank.Holder = strings.Repeat("Grandhotel ", 7), ""
		w.Entity("b").Bank.IBAN = "DE89370400440532013001" // found already
		w.Save()
		w.Runner.Refused = payouts.RefusedTo
		ready, err := w.Runner.Readiness(ctx, "2026-10")
		w.ok(err)
		var found []string
		for _, f := range ready.Findings {
			if f.Fault.Args["recipient"] == "a" && strings.HasPrefix(f.Fault.Key, "bank_") || strings.Contains(f.Fault.Key, "iban") {
				found = append(found, string(f.Severity)+" "+f.Fault.Key)
			}
		}
		same(t, strings.Join(found, "\n"), `
			warns iban_check_digits
			warns bank_text_long`)
		threeMonths(w)
		w.Entity("b").Bank.IBAN = "AT611904300234573201"
		w.Save()
		b, err := w.s.PreparePayouts(ctx, "anna", "2026-12-31")
		w.ok(err)
		same(t, w.batchOf(b.ID), `
			prepared for 2026-12-31
			prepared 7.50 to b AT611904300234573201: GS-2026-00002 7.50
			left out a 15.00: unwritable bank_text_long 76`)
	})
}

func TestAReturnedPayoutIsOpenAgainAndHeld(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.Ignored = ofReports
		w.withBanks()
		threeMonths(w)
		pay := func(day entities.Date) payouts.Batch {
			b, err := w.s.PreparePayouts(ctx, "anna", day)
			w.ok(err)
			w.ok(w.s.ApprovePayouts(ctx, "otto", b.ID))
			_, _, err = w.s.ExportPayouts(ctx, "otto", b.ID)
			w.ok(err)
			return b
		}
		b := pay("2026-12-31")
		w.Now = evening("2027-01-10")
		w.ok(w.s.ExecutePayout(ctx, "otto", b.Payouts[0].Number, "2027-01-04"))
		w.ok(w.s.RejectPayout(ctx, "otto", b.Payouts[1].Number, "AC04 closed account", "2027-01-04"))
		says(t, w.s.ReturnPayout(ctx, "otto", b.Payouts[0].Number, "AC01 wrong account", "2027-01-03"), "payout_day") // before it was executed
		w.ok(w.s.ReturnPayout(ctx, "otto", b.Payouts[0].Number, "AC01 wrong account", "2027-01-08"))
		same(t, w.items(), `
			credit_note GS-2026-00001 3.75 of 3.75
			credit_note GS-2026-00004 11.25 of 11.25`)
		w.Proven()
		held, err := w.s.PreparePayouts(ctx, "anna", "2027-02-01")
		w.ok(err)
		same(t, toldBatch(&held), `
			prepared for 2027-02-01
			left out a 15.00: on_hold
			left out b 7.50: on_hold`)
		w.Config = w.configured()
		w.Entity("a").PayoutHold = entities.PayoutHold{}
		w.Save()
		b = pay("2027-02-01")
		same(t, w.batchOf(b.ID), `
			exported for 2027-02-01
			exported 15.00 to a DE89370400440532013000: GS-2026-00001 3.75 GS-2026-00004 11.25
			left out b 7.50: on_hold`)
	})
}

func TestAnItemIsInOnePayoutThatStands(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.withBanks()
		threeMonths(w)
		var wait sync.WaitGroup
		made := make([]int, 4)
		for i := range made {
			wait.Go(func() {
				if b, err := w.s.PreparePayouts(ctx, "anna", "2026-12-31"); err == nil {
					made[i] = len(b.Payouts)
				}
			})
		}
		wait.Wait()
		if made[0]+made[1]+made[2]+made[3] != 2 {
			t.Errorf("payouts of four at once: %v", made)
		}
		for _, statement := range []string{
			"INSERT INTO payout_items SELECT 1 + payout_id % 2, movement_id, amount, true FROM payout_items WHERE payout_id = 1",
			"DELETE FROM payout_items", "DELETE FROM payouts",
		} {
			if _, err := w.sql(statement); err == nil {
				t.Errorf("%s: allowed", statement)
			}
		}
		w.Cancel("GS-2026-00004")
		says(t, w.s.ApprovePayouts(ctx, "otto", 1), "payout_item_changed")
		w.ok(w.s.DiscardPayouts(ctx, "anna", 1, "a document was cancelled"))
		b, err := w.s.PreparePayouts(ctx, "anna", "2026-12-31")
		w.ok(err)
		same(t, toldBatch(&b), `
			prepared for 2026-12-31
			prepared 3.75 to a DE89370400440532013000: GS-2026-00001 3.75
			prepared 7.50 to b AT611904300234573201: GS-2026-00002 7.50`)
	})
}
