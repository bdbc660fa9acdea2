package creditnotestest

import (
	"testing"

	"creditrun/creditnotes"
)

// The fee invoice of a goes with its credit note; that of b has other addresses.
func feeInvoicesGoWithCreditNotes(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		ctx := t.Context()
		w.Billed().Change = func(n *creditnotes.Note) {
			if n.Recipient == "b" {
				n.Document.MailTo = []string{"fees@b.example"}
			}
		}
		w.Set("joint_mail", "true")
		w.twoOwners()
		w.Month("2026-10")
		mails := func(number string) []creditnotes.Delivery {
			list, err := w.Store.Mailings(ctx, w.Note(number).ID)
			w.must(err)
			return list
		}
		note := w.Note("GS-2026-00001")
		if with := w.Note("RE-2026-00001").MailedWith; with != note.ID {
			t.Errorf("in the mail of %d, not %d", with, note.ID)
		}
		joint, apart := mails("RE-2026-00001"), mails("RE-2026-00002")
		if len(joint) != 1 || joint[0].NoteID != note.ID || len(mails("GS-2026-00001")) != 1 {
			t.Errorf("%+v", joint)
		}
		if len(apart) != 1 || apart[0].To[0] != "fees@b.example" || w.Note("RE-2026-00002").MailedWith != 0 {
			t.Errorf("%+v", apart)
		}
		if n := w.Count("deliveries"); n != 3 {
			t.Errorf("%d mails", n)
		}
		again, err := w.Runner.Resend(ctx, creditnotes.ResendRequest{Number: "RE-2026-00001", Who: "anna"})
		w.must(err)
		if again.Copy != 1 || again.NoteID != w.Note("RE-2026-00001").ID || again.MessageID == joint[0].MessageID {
			t.Errorf("%+v", again)
		}
		if got := len(mails("RE-2026-00001")); got != 2 {
			t.Errorf("%d mails carry it", got)
		}
		for _, c := range []struct {
			state creditnotes.DeliveryState
			want  string
		}{
			{creditnotes.NeverMailed, ""},
			{creditnotes.DeliveryQueued, "GS-2026-00001 GS-2026-00002 RE-2026-00001 RE-2026-00002"},
		} {
			if got := w.numbersOf(creditnotes.NoteFilter{Delivery: c.state}); got != c.want {
				t.Errorf("%s: %s", c.state, got)
			}
		}
		w.Proven()
	})
}
