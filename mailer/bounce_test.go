package mailer

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/mailer/mailbox"
)

// letterbox is a mailbox in memory.
type letterbox struct {
	messages []string
	verdicts []mailbox.Verdict
}

func (b *letterbox) Name() string { return "imaps://notes@mail.example/INBOX" }

func (b *letterbox) Each(_ context.Context, fn mailbox.Reader) error {
	b.verdicts = nil
	for _, m := range b.messages {
		verdict, err := fn([]byte(m))
		if err != nil {
			return err
		}
		b.verdicts = append(b.verdicts, verdict)
	}
	return nil
}

// register records reports.
type register struct {
	got    []creditnotes.Bounce
	result creditnotes.BounceResult
	err    error
}

func (r *register) RecordBounce(_ context.Context, b creditnotes.Bounce) (creditnotes.BounceResult, error) {
	r.got = append(r.got, b)
	return r.result, r.err
}

const returnedMail = "Return-Path: <>\nFrom: MAILER-DAEMON@relay.example\nSubject: Undelivered Mail Returned to Sender\n\n" +
	"<anna@owner.example>: host mx.owner.example[192.0.2.1] said: 550 5.1.1 unknown\n\n--- Original message ---\n\nMessage-ID: <GS-7.0.a@operator.example>\nTo: anna@owner.example\n"

func TestWhatBecomesOfTheMessagesOfAMailbox(t *testing.T) {
	box := &letterbox{messages: []string{returnedMail, "From: anna@owner.example\nSubject: Thanks\n\nThanks.\n"}}
	for _, c := range []struct {
		result creditnotes.BounceResult
		want   mailbox.Verdict
	}{
		{creditnotes.BounceResult{Number: "GS-7", Bounced: []string{"anna@owner.example"}}, mailbox.Aside},
		{creditnotes.BounceResult{Number: "GS-7", Known: true}, mailbox.Aside},
		{creditnotes.BounceResult{Number: "GS-7", Early: true}, mailbox.Again},
		{creditnotes.BounceResult{}, mailbox.Stay},
	} {
		r := &register{result: c.result}
		if _, err := (&Returns{Mailbox: box, Store: r, Who: "bounces"}).Read(t.Context()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]mailbox.Verdict{c.want, mailbox.Stay}, box.verdicts); diff != "" {
			t.Errorf("%+v: %s", c.result, diff)
		}
		if len(r.got) != 1 || len(r.got[0].Hash) != 64 {
			t.Fatalf("recorded %+v", r.got)
		}
		r.got[0].Hash = ""
		want := creditnotes.Bounce{
			Kind: creditnotes.BounceFailed, IDs: []string{"GS-7.0.a@operator.example"}, Mentioned: []string{"anna@owner.example"},
			Recipients: []creditnotes.BounceRecipient{{Address: "anna@owner.example", Kind: creditnotes.BounceFailed, Reason: "550 5.1.1 unknown"}},
			Reporter:   "MAILER-DAEMON@relay.example", Mailbox: "imaps://notes@mail.example/INBOX", Who: "bounces",
		}
		if diff := cmp.Diff(want, r.got[0]); diff != "" {
			t.Error(diff)
		}
	}
	broken := errors.New("no database")
	if _, err := (&Returns{Mailbox: box, Store: &register{err: broken}}).Read(t.Context()); !errors.Is(err, broken) {
		t.Errorf("the error is %v", err)
	}
}
