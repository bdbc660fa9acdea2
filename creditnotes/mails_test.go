package creditnotes_test

import (
	"slices"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/creditnotes/memory"
)

// ended ends the latest mailing of a note for some of its recipients.
func (w *world) ended(number string, states ...creditnotes.RecipientState) {
	w.T.Helper()
	note := w.Note(number)
	w.s.Tamper(func(d *memory.Data) {
		for i := range slices.Backward(d.Deliveries) {
			mail := &d.Deliveries[i]
			if mail.NoteID != note.ID {
				continue
			}
			for k, state := range states {
				mail.Recipients[k].State = state
			}
			mail.State = creditnotes.StateOf(mail.Recipients)
			return
		}
	})
}

func TestTheMailsOfARunAreSentAgainToThoseWhoDidNotGetThem(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"), charge("S-2", "ST-9", "2026-10-03 10:00", "10"), charge("S-3", "ST-c", "2026-10-03 10:00", "10"))
		w.Month("2026-10")
		w.ended("GS-2026-00001", creditnotes.RecipientAccepted, creditnotes.RecipientRefused)
		w.ended("GS-2026-00002", creditnotes.RecipientParked)
		w.ended("GS-2026-00003", creditnotes.RecipientBounced)
		w.Entity("a").Emails = []string{"one@a.example", "TWO@a.example"}
		w.Entity("c").Emails = nil
		w.Set("mail", "false")
		w.Save()
		resent, err := w.Runner.ResendRun(ctx, "2026-10", creditnotes.AddressesPresent, "anna")
		if err != nil || !slices.Equal(resent.Numbers, []string{"GS-2026-00001"}) || !slices.Equal(resent.Queued[0].To, []string{"TWO@a.example"}) {
			t.Fatalf("%+v, %v", resent, err)
		}
		if len(resent.Skipped) != 2 || resent.Skipped[0].Reason.Key != "resend_parked" || resent.Skipped[1].Reason.Key != "resend_without_recipient" {
			t.Errorf("%+v", resent.Skipped)
		}
		// To those who had it then, when it was not tried yet: nothing is left.
		resent, err = w.Runner.ResendRun(ctx, "2026-10", creditnotes.AddressesStored, "anna")
		if err != nil || !slices.Equal(resent.Numbers, []string{"GS-2026-00003"}) {
			t.Errorf("%+v, %v", resent, err)
		}
		w.ended("GS-2026-00001", creditnotes.RecipientRefused)
		w.Entity("a").Emails = []string{"one@a.example"}
		w.Save()
		resent, err = w.Runner.ResendRun(ctx, "2026-10", creditnotes.AddressesPresent, "anna")
		if err != nil || len(resent.Skipped) != 2 || resent.Skipped[0].Reason.Key != "resend_reached_all" {
			t.Errorf("%+v, %v", resent, err)
		}
		_, err = w.Runner.ResendRun(ctx, "1999-01", creditnotes.AddressesPresent, "anna")
		says(t, err, "run_unknown")
		w.Proven()
	}, func(c *creditnotes.Configuration) {
		subCPO(c, "c")
		station(c, "ST-c", "c", "COM")
		entityIn(c, "a").Emails = []string{"one@a.example", "two@a.example"}
	})
}

func TestANoteIsMailedToNamedAddresses(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		w.Month("2026-10")
		q := creditnotes.ResendRequest{Number: "GS-2026-00001", Addresses: creditnotes.AddressesNamed, Who: "anna",
			To: []string{" tax@a.example", "TAX@a.example", "", "b@a.example"}}
		d, err := w.Runner.Resend(t.Context(), q)
		if err != nil || !slices.Equal(d.To, []string{"tax@a.example", "b@a.example"}) {
			t.Errorf("%+v, %v", d, err)
		}
		q.To = []string{"Anna <a@a.example>", "no address"}
		_, err = w.Runner.Resend(t.Context(), q)
		says(t, err, "resend_address_invalid", "resend_address_invalid")
		q.To = nil
		_, err = w.Runner.Resend(t.Context(), q)
		says(t, err, "resend_without_recipient")
		q.Addresses = creditnotes.AddressesStored
		if d, err = w.Runner.Resend(t.Context(), q); err != nil || d.Copy != 2 || d.To[0] != "a@a.example" {
			t.Errorf("%+v, %v", d, err)
		}
		w.Proven()
	})
}

func TestAMarkedAddressIsNotMailedAndReadinessWarns(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.s.Tamper(func(d *memory.Data) {
			d.MarkedAddresses = []creditnotes.MarkedAddress{
				{Address: "a@a.example", Reason: "550 gone", Kind: "bounced", MarkedAt: w.Now}, {Address: "b@a.example", Kind: creditnotes.MarkComplained, MarkedAt: w.Now},
			}
			d.Proposals = []creditnotes.Proposal{{ID: 1, Matter: creditnotes.MatterBank, Subject: "a", AskedAt: w.Now, AskedBy: "bob", State: creditnotes.ProposalWaiting}}
		})
		for _, key := range []string{"address_bounced", "address_complained", "proposal_waits"} {
			if !w.warns("2026-10", key) {
				t.Errorf("readiness says nothing of %s", key)
			}
		}
		w.Charged(workedExample()...)
		w.Month("2026-10")
		list, err := w.s.Mailings(t.Context(), w.Note("GS-2026-00001").ID)
		if err != nil || list[0].State != creditnotes.DeliveryFailed || list[0].Reply != "550 gone" || len(list[0].Refused()) != 1 || len(list[0].Untried()) != 0 {
			t.Errorf("%+v, %v", list, err)
		}
		w.Proven()
	})
}

func TestTheStateOfAMailingFollowsFromItsRecipients(t *testing.T) {
	for _, c := range []struct {
		states []creditnotes.RecipientState
		want   creditnotes.DeliveryState
		open   int
	}{
		{nil, creditnotes.DeliveryFailed, 0},
		{[]creditnotes.RecipientState{"accepted", "accepted"}, creditnotes.DeliverySent, 0},
		{[]creditnotes.RecipientState{"accepted", "deferred"}, creditnotes.DeliveryIncomplete, 1},
		{[]creditnotes.RecipientState{"refused", "deferred"}, creditnotes.DeliveryQueued, 2},
		{[]creditnotes.RecipientState{"refused", "bounced", "suppressed"}, creditnotes.DeliveryFailed, 3},
		{[]creditnotes.RecipientState{"accepted", "sending"}, creditnotes.DeliverySending, 1},
		{[]creditnotes.RecipientState{"accepted", "parked"}, creditnotes.DeliveryParked, 1},
	} {
		var d creditnotes.Delivery
		for _, s := range c.states {
			d.Recipients = append(d.Recipients, creditnotes.DeliveryRecipient{Address: string(s), State: s})
		}
		if got := creditnotes.StateOf(d.Recipients); got != c.want || len(d.Open()) != c.open {
			t.Errorf("%v: %s with %d open", c.states, got, len(d.Open()))
		}
	}
	todo := map[creditnotes.Todo]int{}
	for _, s := range creditnotes.RecipientStates() {
		todo[s.Todo()]++
	}
	if todo[creditnotes.TodoCorrect] != 3 || todo[creditnotes.TodoAsk] != 1 || todo[creditnotes.TodoNothing] != 4 {
		t.Errorf("%v", todo)
	}
	if creditnotes.ProbePause(0) != time.Minute || creditnotes.ProbePause(3) != 8*time.Minute || creditnotes.ProbePause(99) != time.Hour ||
		creditnotes.RetryPause(0) != time.Minute || creditnotes.RetryPause(99) != 24*time.Hour {
		t.Error("pauses are others")
	}
	if (creditnotes.Page{}).Size() != creditnotes.DefaultLimit || (creditnotes.Page{Limit: 1 << 20}).Size() != creditnotes.MostRows {
		t.Error("files or pages are others")
	}
}
