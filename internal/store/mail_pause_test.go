package store_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/internal/store"
)

func TestThePauseOfMailsIsOneForAllProcesses(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		h := w.hooked(store.MailPaused, store.MailResumed)
		w.twoNotes()
		ctx := t.Context()
		if p, err := w.s.MailPause(ctx); p != nil || err != nil {
			t.Fatal(p, err)
		}
		p, began, err := w.s.PauseMail(ctx, "mail_server_unreachable", "no answer", false)
		if err != nil || !began || !p.NextProbe.Equal(p.Since.Add(time.Minute)) {
			t.Fatalf("%+v %v %v", p, began, err)
		}
		if p, began, err = w.s.PauseMail(ctx, "other", "something else", false); err != nil || began || p.Said != "no answer" || p.Probes != 0 {
			t.Errorf("a second mail that fails changes the pause: %+v %v %v", p, began, err)
		}
		claim := func(eager bool) (id int64, ok bool) {
			t.Helper()
			id, ok, err := w.s.ClaimProbe(ctx, eager)
			if err != nil {
				t.Fatal(err)
			}
			return id, ok
		}
		if _, ok := claim(false); ok {
			t.Error("the server is tried before its time")
		}
		first, ok := claim(true)
		if _, again := claim(true); !ok || again || first == 0 {
			t.Errorf("tried with %d: %v, by another process at the same time: %v", first, ok, again)
		}
		next := p.NextProbe
		if p, _, err = w.s.PauseMail(ctx, "mail_server_unreachable", "still none", true); err != nil || p.Probes != 0 || p.Said != "still none" || !p.NextProbe.Equal(next) {
			t.Errorf("a try before its time puts the next one off: %+v %v", p, err)
		}
		w.Now = next
		if p, _, err = w.s.PauseMail(ctx, "mail_server_unreachable", "still none", true); err != nil || p.Probes != 1 || !p.NextProbe.Equal(next.Add(2*time.Minute)) {
			t.Errorf("%+v %v", p, err)
		}
		second, ok := claim(true)
		if !ok || second == first || second == 0 {
			t.Errorf("the second try is with %d, the first was with %d", second, first)
		}
		if p, err := w.s.ResumeMail(ctx); err != nil || p == nil || p.Probes != 1 {
			t.Errorf("%+v %v", p, err)
		}
		if p, err := w.s.ResumeMail(ctx); err != nil || p != nil {
			t.Errorf("it ends twice: %+v %v", p, err)
		}
		if n := len(w.told(h.ID)); n != 2 {
			t.Errorf("%d events", n)
		}
	})
}

func TestOneOfSeveralRecipientsIsTriedAgainAlone(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.setEmails("b", "b1@b.example", "b2@b.example")
		w.twoNotes()
		ctx := t.Context()
		w.ends("GS-2026-00001", creditnotes.RecipientAccepted)
		d := w.latestMailing("GS-2026-00002")
		if diff := gocmp.Diff(d.To, d.Untried()); diff != "" || len(d.To) == 0 {
			t.Fatal("everyone waits from the beginning: " + diff)
		}
		if _, err := w.Runner.Resend(ctx, creditnotes.ResendRequest{
			Number: "GS-2026-00002", Addresses: creditnotes.AddressesNamed, To: []string{"b1@b.example", "b2@b.example"}, Who: "anna",
		}); err != nil {
			t.Fatal(err)
		}
		d = w.latestMailing("GS-2026-00002")
		handover, err := w.s.HandOver(ctx, d.ID, d.Handover, []string{"b1@b.example"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.s.HandOver(ctx, d.ID, d.Handover, d.To); !fault.Is(err, fault.Conflict) {
			t.Errorf("two processes hand it over: %v", err)
		}
		if err := w.s.Finish(ctx, d.ID, ended(d, creditnotes.RecipientAccepted, "", w.Now)); !fault.Is(err, fault.Conflict) {
			t.Errorf("the other one records it: %v", err)
		}
		due := w.Now.Add(time.Minute)
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		must(w.s.Finish(ctx, d.ID, creditnotes.Attempt{Handover: handover, At: w.Now, Counts: true, DueAt: due, Recipients: []creditnotes.DeliveryRecipient{
			{Address: "b1@b.example", State: creditnotes.RecipientAccepted, Reply: "250 ok"},
			{Address: "b2@b.example", State: creditnotes.RecipientDeferred, Reply: "451 later"},
		}}))
		d = w.latestMailing("GS-2026-00002")
		if d.State != creditnotes.DeliveryIncomplete || d.Attempts != 1 || !d.DueAt.Equal(due) || len(d.Untried()) != 1 || d.SentAt.IsZero() {
			t.Errorf("%+v", d)
		}
		open, err := w.s.OpenRecipients(ctx, store.OpenFilter{Run: "2026-10", Limit: 10})
		if err != nil || len(open) != 1 || open[0].Address != "b2@b.example" || open[0].Reply != "451 later" || open[0].State.Todo() != creditnotes.TodoNothing {
			t.Errorf("%+v %v", open, err)
		}
		if ready, err := w.s.ReadyDeliveries(ctx, time.Hour); err != nil || len(ready) == 0 || ready[len(ready)-1] != d.ID {
			t.Errorf("ready %v %v", ready, err)
		}
	})
}

func TestAParkedMailIsSettled(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.twoNotes()
		ctx := t.Context()
		says(t, w.s.SettleMail(ctx, "anna", "GS-2026-00001", true), "mail_not_parked")
		w.ends("GS-2026-00001", creditnotes.RecipientParked)
		w.ends("GS-2026-00002", creditnotes.RecipientParked)
		if err := w.s.SettleMail(ctx, "anna", "GS-2026-00001", true); err != nil {
			t.Fatal(err)
		}
		before := w.rows("river_job WHERE kind = 'deliver_note'")
		if err := w.s.SettleMail(ctx, "anna", "GS-2026-00002", false); err != nil {
			t.Fatal(err)
		}
		if d := w.latestMailing("GS-2026-00001"); d.State != creditnotes.DeliverySent {
			t.Errorf("%+v", d)
		}
		if d := w.latestMailing("GS-2026-00002"); d.State != creditnotes.DeliveryQueued || w.rows("river_job WHERE kind = 'deliver_note'") != before+1 {
			t.Errorf("%+v", d)
		}
		if n := w.rows("audit WHERE action = 'credit_note.mail_settled'"); n != 2 {
			t.Errorf("%d entries in the audit log", n)
		}
	})
}

// A mail that is refused for a reason that may concern all is refused alone when
// the server takes another one, and waits when all are paused.
func TestAnotherMailShowsWhatARefusalMeans(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.twoNotes()
		ctx := t.Context()
		doubt := func(number string) {
			t.Helper()
			d := w.latestMailing(number)
			if err := w.s.Finish(ctx, d.ID, creditnotes.Attempt{Handover: d.Handover, At: w.Now, Doubt: "554 no", Reply: "554 no"}); err != nil {
				t.Fatal(err)
			}
		}
		doubt("GS-2026-00001")
		d := w.latestMailing("GS-2026-00001")
		if others, err := w.s.Doubts(ctx, &d); err != nil || others.Alike != 0 || others.Ready != 1 || others.Accepted {
			t.Errorf("%+v %v", others, err)
		}
		doubt("GS-2026-00002")
		if others, err := w.s.Doubts(ctx, &d); err != nil || others.Alike != 1 || others.Ready != 0 {
			t.Errorf("%+v %v", others, err)
		}
		if _, began, err := w.s.PauseMail(ctx, "mail_server_refuses", "554 no", false); err != nil || !began {
			t.Fatal(began, err)
		}
		if d = w.latestMailing("GS-2026-00001"); d.Doubt != "" || d.State != creditnotes.DeliveryQueued {
			t.Errorf("%+v", d)
		}
		doubt("GS-2026-00001") // was under way on another connection
		if d = w.latestMailing("GS-2026-00001"); d.Doubt != "" || d.State != creditnotes.DeliveryQueued {
			t.Errorf("in doubt while all wait: %+v", d)
		}
		w.doubtLate("GS-2026-00001")
		if _, err := w.s.ResumeMail(ctx); err != nil {
			t.Fatal(err)
		}
		if d = w.latestMailing("GS-2026-00001"); d.Doubt != "" {
			t.Errorf("in doubt for what was refused before the server takes mails again: %+v", d)
		}
		doubt("GS-2026-00001")
		w.Now = w.Now.Add(time.Minute)
		var log bytes.Buffer
		w.reopen(&log)
		w.ends("GS-2026-00002", creditnotes.RecipientAccepted)
		if !strings.Contains(log.String(), `msg="mail failed" number=GS-2026-00001`) {
			t.Errorf("the refusal is not logged: %s", &log)
		}
		if d = w.latestMailing("GS-2026-00001"); d.State != creditnotes.DeliveryFailed || d.Recipients[0].Reply != "554 no" || d.Doubt != "" {
			t.Errorf("%+v", d)
		}
		if others, err := w.s.Doubts(ctx, &d); err != nil || !others.Accepted {
			t.Errorf("%+v %v", others, err)
		}
	})
}

// reopen opens the store once more, with a log.
func (w *world) reopen(log *bytes.Buffer) {
	w.T.Helper()
	s, err := store.Open(w.T.Context(), w.url, store.Options{Now: w.Clock, Log: slog.New(slog.NewTextHandler(log, nil))})
	if err != nil {
		w.T.Fatal(err)
	}
	w.T.Cleanup(func() { _ = s.Close() })
	w.s = s
}

// doubtLate leaves a mail in doubt as a transaction does that did not see the
// pause begin.
func (w *world) doubtLate(number string) {
	w.T.Helper()
	if _, err := w.s.WriteDB().ExecContext(w.T.Context(), "UPDATE deliveries SET doubt = '554 no' WHERE id = $1", w.latestMailing(number).ID); err != nil {
		w.T.Fatal(err)
	}
}

// A mail is given up when a try has failed after its time, and none is under way.
func TestMailsPastTheirTimeAreGivenUpTogether(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.twoNotes()
		ctx := t.Context()
		began := w.Now
		if _, _, err := w.s.PauseMail(ctx, "mail_server_unreachable", "no answer", false); err != nil {
			t.Fatal(err)
		}
		failed := func(before time.Time) (n int) {
			t.Helper()
			if err := w.s.GiveUpMails(ctx, before, "no answer"); err != nil {
				t.Fatal(err)
			}
			return w.rows("deliveries WHERE state = 'failed' AND reply = 'no answer' AND attempts = 0")
		}
		if n := failed(began.Add(-time.Minute)); n != 0 {
			t.Errorf("%d mails are given up before their time", n)
		}
		w.Now = w.Now.Add(time.Hour)
		if _, ok, err := w.s.ClaimProbe(ctx, true); err != nil || !ok {
			t.Fatal(ok, err)
		}
		if n := failed(w.Now); n != 0 {
			t.Errorf("%d mails are given up while one tries the server", n)
		}
		if _, _, err := w.s.PauseMail(ctx, "mail_server_unreachable", "no answer", true); err != nil {
			t.Fatal(err)
		}
		if n := failed(w.Now); n != 2 {
			t.Errorf("%d of 2 mails are given up", n)
		}
		if _, err := w.s.ResumeMail(ctx); err != nil {
			t.Fatal(err)
		}
	})
}
