package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/store"
)

// mailed is the world in which the mail of GS-2026-00001 reached all of its
// three addresses.
func (w *world) mailed() creditnotes.Delivery {
	w.T.Helper()
	w.member(shell("root"), "anna", access.Admin)
	w.member(page("anna"), "felix", access.Finance)
	w.setEmails("a", "One@a.example", "two@a.example", "three@a.example")
	w.twoNotes()
	for _, statement := range []string{"UPDATE delivery_recipients SET state = 'accepted', reply = '250 ok'", "UPDATE deliveries SET state = 'sent', reply = '250 ok'"} {
		if _, err := w.sql(statement); err != nil {
			w.T.Fatal(err)
		}
	}
	return w.latestMailing("GS-2026-00001")
}

// returned records a report about a mailing.
func (w *world) returned(hash string, kind creditnotes.BounceKind, id string, recipients ...creditnotes.BounceRecipient) creditnotes.BounceResult {
	w.T.Helper()
	for i := range recipients {
		if recipients[i].Kind == "" {
			recipients[i].Kind = kind
		}
	}
	result, err := w.s.RecordBounce(w.T.Context(), creditnotes.Bounce{
		Hash: hash, Kind: kind, IDs: []string{"unknown@example.com", id}, Recipients: recipients,
		Reporter: "mailer-daemon@relay.example", Mailbox: "folder:bounces", Who: "bounces",
	})
	w.ok(err)
	return result
}

func noMailbox(address string) creditnotes.BounceRecipient {
	return creditnotes.BounceRecipient{Address: address, Reason: "550 5.1.1 no such user"}
}

// toldReturns lists the notices to finance about mails that came back.
func (w *world) toldReturns() (list []string) {
	w.T.Helper()
	for id := int64(1); ; id++ {
		n, _, _, err := w.s.Notice(w.T.Context(), id)
		if err != nil {
			return list
		}
		if n.Facts.Number == "" {
			continue
		}
		text := n.To + " " + string(n.Kind) + " " + n.Facts.Number
		for _, item := range n.Facts.Items {
			text += " " + item.Name + " " + item.After
		}
		list = append(list, text)
	}
}

// states are those of a mailing and its recipients.
func (w *world) states(number string) string {
	w.T.Helper()
	d := w.latestMailing(number)
	text := string(d.State)
	for _, r := range d.Recipients {
		text += fmt.Sprintf("; %s %s %s", r.Address, r.State, r.Reply)
	}
	return text
}

func (w *world) marked() (list []string) {
	w.T.Helper()
	marked, err := w.s.MarkedAddresses(w.T.Context())
	w.ok(err)
	for _, m := range marked {
		list = append(list, fmt.Sprintf("%s %s %s by %s from %s", m.Address, m.Kind, m.Number, m.MarkedBy, m.Reporter))
	}
	return list
}

func TestAMailThatCameBackMarksTheAddressUntilAPersonLiftsIt(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		d := w.mailed()
		first := w.returned("h1", creditnotes.BounceFailed, d.MessageID, noMailbox("one@A.example"))
		if first.Number != "GS-2026-00001" || !slices.Equal(first.Bounced, []string{"One@a.example"}) || !slices.Equal(first.Marked, []string{"one@a.example"}) {
			t.Errorf("%+v", first)
		}
		const want = "incomplete; One@a.example bounced 550 5.1.1 no such user; two@a.example accepted 250 ok; three@a.example accepted 250 ok"
		if got := w.states("GS-2026-00001"); got != want {
			t.Errorf("%s", got)
		}
		if again := w.returned("h1", creditnotes.BounceFailed, d.MessageID, noMailbox("two@a.example")); !again.Known || len(again.Bounced) != 0 {
			t.Errorf("the same message again: %+v", again)
		}
		w.returned("h2", creditnotes.BounceFailed, d.MessageID, noMailbox("one@a.example"))
		if diff := gocmp.Diff([]string{"felix@example.com bounced GS-2026-00001 one@a.example 550 5.1.1 no such user"}, w.toldReturns()); diff != "" {
			t.Errorf("told: %s", diff)
		}
		if diff := gocmp.Diff([]string{"one@a.example bounced GS-2026-00001 by bounces from mailer-daemon@relay.example"}, w.marked()); diff != "" {
			t.Error(diff)
		}
		if diff := gocmp.Diff([]string{"address_bounced One@a.example"}, w.markedFindings("2026-10")); diff != "" {
			t.Errorf("readiness: %s", diff)
		}

		// The others still get the next mail.
		if _, err := w.Runner.Resend(t.Context(), creditnotes.ResendRequest{Number: "GS-2026-00001", Who: "anna"}); err != nil {
			t.Fatal(err)
		}
		const next = "queued; One@a.example suppressed 550 5.1.1 no such user; two@a.example queued ; three@a.example queued "
		if got := w.states("GS-2026-00001"); got != next {
			t.Errorf("the next mail: %s", got)
		}
		says(t, w.s.LiftAddress(t.Context(), "anna", "nobody@a.example"), "address_not_marked")
		w.ok(w.s.LiftAddress(t.Context(), "anna", "ONE@a.example"))
		if left := w.marked(); len(left) != 0 {
			t.Errorf("still marked: %q", left)
		}
		log, err := w.s.Audit(t.Context(), store.AuditFilter{Subject: "one@a.example"})
		w.ok(err)
		var actions []string
		for _, e := range log {
			actions = append(actions, e.Who+" "+e.Action)
		}
		if diff := gocmp.Diff([]string{"anna address.lifted", "bounces address.marked"}, actions); diff != "" {
			t.Errorf("audit log: %s", diff)
		}
		w.Proven()
	})
}

// markedFindings are what the readiness check says of marked addresses.
func (w *world) markedFindings(month entities.Month) (list []string) {
	w.T.Helper()
	out, err := w.Runner.Readiness(w.T.Context(), month)
	w.ok(err)
	for _, f := range out.Findings {
		if strings.HasPrefix(f.Fault.Key, "address_") {
			list = append(list, fmt.Sprint(f.Fault.Key, " ", f.Fault.Args["address"]))
		}
	}
	return list
}

func TestAMailIsOpenWhenEveryAddressIsMarked(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		d := w.mailed()
		if _, err := w.Runner.Resend(t.Context(), creditnotes.ResendRequest{Number: "GS-2026-00001", Who: "anna"}); err != nil {
			t.Fatal(err)
		}
		w.returned("h1", creditnotes.BounceFailed, d.MessageID, noMailbox("one@a.example"), noMailbox("two@a.example"))
		const waiting = "queued; One@a.example suppressed 550 5.1.1 no such user; two@a.example suppressed 550 5.1.1 no such user; three@a.example queued "
		if got := w.states("GS-2026-00001"); got != waiting {
			t.Errorf("what waited: %s", got)
		}
		w.returned("h2", creditnotes.BounceFailed, d.MessageID, noMailbox("three@a.example"))
		if got := w.states("GS-2026-00001"); !strings.HasPrefix(got, "failed; ") || strings.Count(got, "suppressed") != 3 {
			t.Errorf("what waited: %s", got)
		}
		if original := w.mailings("GS-2026-00001")[0]; original.State != creditnotes.DeliveryFailed || original.Reply != "550 5.1.1 no such user" {
			t.Errorf("the original: %+v", original)
		}
		if _, err := w.Runner.Resend(t.Context(), creditnotes.ResendRequest{Number: "GS-2026-00001", Who: "anna"}); err != nil {
			t.Fatal(err)
		}
		if got := w.latestMailing("GS-2026-00001"); got.State != creditnotes.DeliveryFailed || len(got.Untried()) != 0 || got.Reply == "" {
			t.Errorf("a new mail: %+v", got)
		}
	})
}

func TestWhatIsNoFailureOfOursChangesNothingFinal(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		d := w.mailed()
		if r := w.returned("h0", creditnotes.BounceFailed, "another@example.com", noMailbox("one@a.example")); r.Number != "" {
			t.Errorf("about no mail of ours: %+v", r)
		}
		w.returned("h1", creditnotes.BounceDelayed, d.MessageID, creditnotes.BounceRecipient{Address: "two@a.example", Reason: "450 later"})
		w.returned("h2", creditnotes.BounceDelivered, d.MessageID, creditnotes.BounceRecipient{Address: "three@a.example", Reason: "250 ok"})
		w.returned("h3", creditnotes.BounceFailed, d.MessageID, noMailbox("forged@elsewhere.example"))
		w.returned("h4", creditnotes.BounceFailed, d.MessageID, noMailbox("forged2@elsewhere.example"))
		const want = "sent; One@a.example accepted 250 ok; two@a.example accepted 450 later; three@a.example accepted 250 ok"
		if got := w.states("GS-2026-00001"); got != want {
			t.Errorf("%s", got)
		}
		if marked := w.marked(); len(marked) != 0 {
			t.Errorf("marked: %q", marked)
		}
		// Finance is told of an address that is none of ours once.
		if diff := gocmp.Diff([]string{"felix@example.com unassigned GS-2026-00001 forged@elsewhere.example 550 5.1.1 no such user"}, w.toldReturns()); diff != "" {
			t.Errorf("told: %s", diff)
		}
	})
}

func TestAComplaintMarksTheAddressAndTheMailStaysSent(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		d := w.mailed()
		w.returned("h1", creditnotes.BounceComplaint, d.MessageID, creditnotes.BounceRecipient{Address: "two@a.example"})
		if got := w.states("GS-2026-00001"); !strings.HasPrefix(got, "sent; ") {
			t.Errorf("%s", got)
		}
		if diff := gocmp.Diff([]string{"two@a.example complained GS-2026-00001 by bounces from mailer-daemon@relay.example"}, w.marked()); diff != "" {
			t.Error(diff)
		}
		w.returned("h2", creditnotes.BounceComplaint, d.MessageID) // the address is blanked out
		want := []string{"felix@example.com complained GS-2026-00001 two@a.example ", "felix@example.com unassigned GS-2026-00001  "}
		if diff := gocmp.Diff(want, w.toldReturns()); diff != "" {
			t.Errorf("told: %s", diff)
		}
	})
}

func TestAReportThatComesWhileTheMailIsHandedOverWaits(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		d := w.mailed()
		for _, statement := range []string{"UPDATE delivery_recipients SET state = 'sending' WHERE address = 'two@a.example'", "UPDATE deliveries SET state = 'sending' WHERE copy = 0"} {
			if _, err := w.sql(statement); err != nil {
				t.Fatal(err)
			}
		}
		if r := w.returned("h1", creditnotes.BounceFailed, d.MessageID, noMailbox("two@a.example")); !r.Early || len(w.marked()) != 0 {
			t.Errorf("%+v", r)
		}
		if _, err := w.sql("UPDATE delivery_recipients SET state = 'accepted'"); err != nil {
			t.Fatal(err)
		}
		if r := w.returned("h1", creditnotes.BounceFailed, d.MessageID, noMailbox("two@a.example")); r.Early || len(r.Bounced) != 1 {
			t.Errorf("%+v", r)
		}
	})
}
