package store_test

import (
	"slices"
	"testing"

	"creditrun/creditnotes"
)

func TestAJointMailWaitsForAllItsDocuments(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.Billed()
		w.Set("joint_mail", "true")
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"))
		if _, err := w.Runner.Run(ctx, byAnna("2026-10")); err != nil {
			t.Fatal(err)
		}
		note, invoice := w.Note("GS-2026-00001"), w.Note("RE-2026-00001")
		mails, err := w.s.Deliveries(ctx, invoice.ID)
		if err != nil || len(mails) != 1 {
			t.Fatalf("%+v, %v", mails, err)
		}
		id := mails[0].ID
		ready := func() bool {
			list, err := w.s.ReadyDeliveries(ctx, 0)
			if err != nil {
				t.Fatal(err)
			}
			return slices.Contains(list, id)
		}
		queued := func() int { return w.rows("river_job WHERE kind = 'deliver_note'") }
		for i, n := range []*creditnotes.Note{note, invoice} {
			if ready() || queued() != 0 {
				t.Errorf("ready with %d documents", i)
			}
			if err := w.s.SaveFiles(ctx, n.ID, []creditnotes.File{{Kind: creditnotes.FilePDF, Name: n.Number + ".pdf", MediaType: "application/pdf", Content: []byte(n.Number)}}); err != nil {
				t.Fatal(err)
			}
		}
		if !ready() || queued() != 1 {
			t.Errorf("not ready with all documents, or %d jobs", queued())
		}
		d, carried, files, err := w.s.Delivery(ctx, id)
		if err != nil || carried.Number != note.Number || len(d.Joint) != 1 || d.Joint[0].Number != invoice.Number || len(files) != 2 || files[1].NoteID != invoice.ID {
			t.Errorf("%+v %+v, %v", d, files, err)
		}
		handover, err := w.s.HandOver(ctx, id, "", d.To)
		if err != nil {
			t.Fatal(err)
		}
		parked := []creditnotes.DeliveryRecipient{{Address: d.To[0], State: creditnotes.RecipientParked, Reply: "?"}}
		if err := w.s.Finish(ctx, id, creditnotes.Attempt{Handover: handover, Recipients: parked, At: w.Now}); err != nil {
			t.Fatal(err)
		}
		if err := w.s.SettleMail(ctx, "anna", invoice.Number, true); err != nil {
			t.Error(err)
		}
		if got := w.latestMailing(note.Number).State; got != creditnotes.DeliverySent {
			t.Errorf("the mail is %s", got)
		}
		again, err := w.Runner.Resend(ctx, creditnotes.ResendRequest{Number: invoice.Number, Who: "anna"})
		if err != nil {
			t.Fatal(err)
		}
		if d, _, files, err = w.s.Delivery(ctx, again.ID); err != nil || !d.MarkedCopy || len(d.Joint) != 0 || len(files) != 1 || again.Copy != 1 {
			t.Errorf("%+v %d files, %v", d, len(files), err)
		}
		w.Proven()
		w.edited("UPDATE deliveries SET recipients = '[\"x@x.example\"]' WHERE copy = 0", "verify_mailing", "verify_mailing")
	})
}
