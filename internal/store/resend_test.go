package store_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/internal/store"
)

// ends ends the latest mailing of a note, as a mail server would.
func (w *world) ends(number string, state creditnotes.RecipientState, refused ...string) {
	w.T.Helper()
	d := w.latestMailing(number)
	a := ended(d, state, "250 ok", w.Now)
	for i, r := range a.Recipients {
		if slices.Contains(refused, r.Address) {
			a.Recipients[i].State, a.Recipients[i].Reply = creditnotes.RecipientRefused, "550 no such user"
		}
	}
	if err := w.s.Finish(w.T.Context(), d.ID, a); err != nil {
		w.T.Fatal(err)
	}
}

func (w *world) mailings(number string) []creditnotes.Delivery {
	w.T.Helper()
	note, err := w.s.NoteByNumber(w.T.Context(), number)
	if err != nil {
		w.T.Fatal(err)
	}
	list, err := w.s.Deliveries(w.T.Context(), note.ID)
	if err != nil {
		w.T.Fatal(err)
	}
	return list
}

func (w *world) latestMailing(number string) creditnotes.Delivery {
	w.T.Helper()
	list := w.mailings(number)
	return list[len(list)-1]
}

// twoNotes are GS-2026-00001 of a and GS-2026-00002 of b, mailed to no one yet.
func (w *world) twoNotes() {
	w.T.Helper()
	w.Charged(append(workedExample(), charge("S-7", "ST-9", "2026-10-05 10:00", "10"))...)
	w.Month("2026-10")
}

func (w *world) setEmails(key string, emails ...string) {
	w.T.Helper()
	config, err := w.s.Configuration(w.T.Context())
	if err != nil {
		w.T.Fatal(err)
	}
	for _, e := range config.Entities {
		if e.Key == key {
			e.Emails = emails
			changed := &creditnotes.Configuration{Entities: append(config.Entities[:0:0], e)}
			if _, err := w.s.SaveConfiguration(w.T.Context(), "anna", changed, nil); err != nil {
				w.T.Fatal(err)
			}
		}
	}
}

func (w *world) resendRun() (queued []string, skipped []string) {
	w.T.Helper()
	resent, err := w.Runner.ResendRun(w.T.Context(), "2026-10", creditnotes.AddressesPresent, "anna")
	if err != nil {
		w.T.Fatal(err)
	}
	for i, d := range resent.Queued {
		queued = append(queued, resent.Numbers[i]+" to "+strings.Join(d.To, " "))
	}
	for _, s := range resent.Skipped {
		skipped = append(skipped, s.Number+" "+s.Reason.Key)
	}
	return queued, skipped
}

func TestResendGoesToTheAddressesOfTodayUnlessOthersAreAskedFor(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.twoNotes()
		w.setEmails("a", "new@a.example", "tax@a.example")
		const number = "GS-2026-00001"
		stored := w.mailings(number)[0].To
		for _, c := range []struct {
			q  creditnotes.ResendRequest
			to []string
		}{
			{creditnotes.ResendRequest{}, []string{"new@a.example", "tax@a.example"}},
			{creditnotes.ResendRequest{Addresses: creditnotes.AddressesPresent}, []string{"new@a.example", "tax@a.example"}},
			{creditnotes.ResendRequest{Addresses: creditnotes.AddressesStored}, stored},
			{creditnotes.ResendRequest{Addresses: creditnotes.AddressesNamed, To: []string{" x@y.example ", "X@y.example", ""}}, []string{"x@y.example"}},
		} {
			c.q.Number, c.q.Who = number, "anna"
			d, err := w.Runner.Resend(t.Context(), c.q)
			if err != nil {
				t.Fatal(err)
			}
			if diff := gocmp.Diff(c.to, d.To); diff != "" {
				t.Error(diff)
			}
			entries, err := w.s.Audit(t.Context(), store.AuditFilter{Action: "credit_note.resent", Subject: number, Limit: 1})
			if err != nil || len(entries) != 1 || entries[0].Who != "anna" || !strings.Contains(entries[0].After, `"`+c.to[0]+`"`) {
				t.Errorf("the audit log has %+v, %v", entries, err)
			}
		}
		_, err := w.Runner.Resend(t.Context(), creditnotes.ResendRequest{Number: number, Addresses: creditnotes.AddressesNamed, To: []string{"Anna <a@b.example>", "x@y.example"}})
		says(t, err, "resend_address_invalid")
		w.setEmails("a")
		_, err = w.Runner.Resend(t.Context(), creditnotes.ResendRequest{Number: number})
		says(t, err, "resend_without_recipient")
	})
}

func TestAMailIsACopyOnlyWhereAnotherOneWasAccepted(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.twoNotes()
		marked := func(d creditnotes.Delivery) bool {
			read, _, _, err := w.s.Delivery(t.Context(), d.ID)
			if err != nil {
				t.Fatal(err)
			}
			return read.MarkedCopy
		}
		again := func() creditnotes.Delivery {
			d, err := w.Runner.Resend(t.Context(), creditnotes.ResendRequest{Number: "GS-2026-00001", Who: "anna"})
			if err != nil {
				t.Fatal(err)
			}
			return *d
		}
		w.ends("GS-2026-00001", creditnotes.RecipientRefused)
		first := again()
		if first.Copy != 1 || marked(first) {
			t.Error("nobody has the original")
		}
		second := again()
		w.ends("GS-2026-00001", creditnotes.RecipientAccepted)
		if marked(second) || !marked(first) {
			t.Error("the mail that was accepted is the original, the one that still waits a copy")
		}
	})
}

func TestEverythingOfARunThatFailedIsSentAgain(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.twoNotes()
		w.setEmails("b", "b1@b.example", "b2@b.example")
		if queued, skipped := w.resendRun(); queued != nil || skipped != nil {
			t.Errorf("before anything failed: %v %v", queued, skipped)
		}
		w.ends("GS-2026-00001", creditnotes.RecipientParked)
		w.ends("GS-2026-00002", creditnotes.RecipientRefused)
		queued, skipped := w.resendRun()
		if diff := gocmp.Diff([]string{"GS-2026-00002 to b1@b.example b2@b.example"}, queued); diff != "" {
			t.Error(diff)
		}
		if diff := gocmp.Diff([]string{"GS-2026-00001 resend_parked"}, skipped); diff != "" {
			t.Error(diff)
		}
		if queued, _ := w.resendRun(); queued != nil {
			t.Errorf("what waits is queued once more: %v", queued)
		}

		// One of two recipients refuses: the note is still undelivered, and only
		// the missing one gets the next mail.
		w.ends("GS-2026-00002", creditnotes.RecipientAccepted, "b2@b.example")
		if refused := w.latestMailing("GS-2026-00002").Refused(); len(refused) != 1 || refused[0].Address != "b2@b.example" || refused[0].Reply != "550 no such user" {
			t.Errorf("refused %+v", refused)
		}
		w.setEmails("b", "b1@b.example", "b3@b.example")
		queued, _ = w.resendRun()
		if diff := gocmp.Diff([]string{"GS-2026-00002 to b3@b.example"}, queued); diff != "" {
			t.Error(diff)
		}
		w.ends("GS-2026-00002", creditnotes.RecipientAccepted, "b3@b.example")
		w.setEmails("b", "B1@b.example")
		_, skipped = w.resendRun()
		if diff := gocmp.Diff([]string{"GS-2026-00001 resend_parked", "GS-2026-00002 resend_reached_all"}, skipped); diff != "" {
			t.Error(diff)
		}
		w.setEmails("b", "b4@b.example")
		w.resendRun()
		w.ends("GS-2026-00002", creditnotes.RecipientAccepted)
		if _, skipped = w.resendRun(); len(skipped) != 1 {
			t.Errorf("all were reached: %v", skipped)
		}
		_, err := w.Runner.ResendRun(t.Context(), "1999-01", creditnotes.AddressesPresent, "anna")
		says(t, err, "run_unknown")
	})
}

// A mail without its documents would be worse than none.
func TestANoteWithoutFilesIsNotMailedBeforeTheyAreStored(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		if _, err := w.Runner.Run(t.Context(), byAnna("2026-10")); err != nil {
			t.Fatal(err)
		}
		d, err := w.Runner.Resend(t.Context(), creditnotes.ResendRequest{Number: "GS-2026-00001", Who: "anna"})
		if err != nil {
			t.Fatal(err)
		}
		if n := w.rows("river_job WHERE kind = 'deliver_note'"); n != 0 {
			t.Errorf("%d mails are under way although their documents are not stored", n)
		}
		if err := w.s.SaveFiles(t.Context(), d.NoteID, []creditnotes.File{{Kind: creditnotes.FilePDF, Name: "x.pdf", Content: []byte("x")}}); err != nil {
			t.Fatal(err)
		}
		if n := w.rows("river_job WHERE kind = 'deliver_note'"); n != 2 {
			t.Errorf("%d mails are under way, want the original and the second one", n)
		}
	})
}

// ended is an attempt after which every recipient of a mailing is in a state.
func ended(d creditnotes.Delivery, state creditnotes.RecipientState, reply string, at time.Time) creditnotes.Attempt {
	a := creditnotes.Attempt{Handover: d.Handover, Reply: reply, At: at}
	for _, to := range d.To {
		a.Recipients = append(a.Recipients, creditnotes.DeliveryRecipient{Address: to, State: state, Reply: reply})
	}
	return a
}
