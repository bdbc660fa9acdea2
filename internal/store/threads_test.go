package store_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/store"
)

// inboxUsers adds a user of the operator and one of a Sub-CPO, with addresses.
func inboxUsers(t *testing.T, w *world) (owner string) {
	t.Helper()
	add := func(name, entity string) {
		_, err := w.s.AddUser(t.Context(), access.Actor{Name: "root", Server: true},
			access.User{Name: name, FullName: name, Email: name + "@example.org", Entity: entity, Roles: []access.Role{access.Finance}})
		if err != nil {
			t.Fatal(err)
		}
	}
	config, err := w.s.Configuration(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range config.Entities {
		if config.Entities[i].Parent != "" {
			owner = config.Entities[i].Key
		}
	}
	add("olga", "")
	add("hotel", owner)
	return owner
}

func notices(t *testing.T, w *world, kind creditnotes.NoticeKind) (list []creditnotes.Notice) {
	t.Helper()
	for id := int64(1); ; id++ {
		n, _, _, err := w.s.Notice(t.Context(), id)
		if fault.Is(err, fault.NotFound) {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		if n.Kind == kind {
			list = append(list, *n)
		}
	}
}

// A question waits for the operator, an interim reply for who asked, and the
// answer settles it; each side is told.
func TestThreadOfAQuestion(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		owner, ctx, s := inboxUsers(t, w), t.Context(), w.s
		hook, err := s.AddWebhook(ctx, "olga", store.Webhook{URL: "http://127.0.0.1:1/", Active: true,
			Events: []store.HookEvent{store.QuestionAsked, store.QuestionAnswered, store.MessageWritten}})
		w.ok(err)
		_, err = s.AskAboutSession(ctx, "hotel", "csv", "S-6", "nonsense", "why?")
		says(t, err, "list_value_unknown")
		id, err := s.AskAboutSession(ctx, "hotel", "csv", "S-6", "price", "why?")
		w.ok(err)
		pile := func(side creditnotes.Side, scope []string) store.Pile {
			t.Helper()
			p, err := s.ThreadPile(ctx, creditnotes.QuestionThread, side, scope)
			w.ok(err)
			return p
		}
		if p := pile(creditnotes.OperatorSide, nil); p.Count != 1 || p.Only != "1" || !p.Oldest.Equal(w.Now) {
			t.Errorf("waits for the operator: %+v", p)
		}
		if p := pile(creditnotes.OperatorSide, []string{"another"}); p.Count != 0 {
			t.Errorf("out of scope: %+v", p)
		}
		w.ok(s.Reply(ctx, "olga", 1, "Which price?"))
		if p := pile(creditnotes.OperatorSide, nil); p.Count != 0 {
			t.Errorf("still waits for the operator: %+v", p)
		}
		if p := pile(creditnotes.SubCPOSide, []string{owner}); p.Count != 1 {
			t.Errorf("waits for the Sub-CPO: %+v", p)
		}
		w.ok(s.Reply(ctx, "hotel", 1, "The one of the night."))
		w.ok(s.AnswerSessionQuery(ctx, "olga", id, "It is 23 cents."))
		says(t, s.Reply(ctx, "hotel", 1, "Thanks."), "thread_settled")
		says(t, s.CloseThread(ctx, "olga", 1), "thread_needs_answer")
		thread, messages, err := s.Thread(ctx, 1, []string{owner})
		w.ok(err)
		var text []string
		for _, m := range messages {
			text = append(text, string(m.Side)+": "+m.Text)
		}
		if got := strings.Join(text, "\n"); !thread.Settled || thread.Reason != "price" || got != "sub_cpo: why?\noperator: Which price?\nsub_cpo: The one of the night.\noperator: It is 23 cents." {
			t.Errorf("%+v\n%s", thread, got)
		}
		if _, _, err := s.Thread(ctx, 1, []string{"another"}); !fault.Is(err, fault.NotFound) {
			t.Errorf("out of scope: %v", err)
		}
		if a, m := notices(t, w, creditnotes.NoticeAnswered), notices(t, w, creditnotes.NoticeWritten); len(a) != 1 || a[0].To != "hotel@example.org" ||
			a[0].Facts.Text != "It is 23 cents." || len(m) != 1 || m[0].To != "hotel@example.org" {
			t.Errorf("mails: %+v, %+v", a, m)
		}
		told, err := s.WebhookDeliveries(ctx, hook.ID, 10, 0)
		w.ok(err)
		if len(told) != 4 || strings.Contains(told[0].Payload, "23 cents") {
			t.Errorf("webhook: %+v", told)
		}
	})
}

// An objection and its settlement are a thread, too.
func TestThreadOfAnObjection(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		w.Month("2026-10")
		inboxUsers(t, w)
		ctx, s := t.Context(), w.s
		w.ok(s.Object(ctx, "hotel", "GS-2026-00001", "amount", "too little"))
		p, err := s.ObjectionPile(ctx)
		w.ok(err)
		if p.Count != 1 || p.Only != "1" || len(p.Values) != 1 || p.Values[0].Currency != "EUR" || p.Values[0].Amount <= 0 {
			t.Errorf("%+v", p)
		}
		w.ok(s.WithdrawObjection(ctx, "olga", "GS-2026-00001", "It is right."))
		list, err := s.Threads(ctx, creditnotes.ThreadFilter{Kind: creditnotes.ObjectionThread, Settled: true}, 0, 10)
		w.ok(err)
		if len(list) != 1 || list[0].Subject != "GS-2026-00001" || list[0].Reason != "amount" || list[0].Entity == "" {
			t.Errorf("%+v", list)
		}
		if p, err := s.ObjectionPile(ctx); err != nil || p.Count != 0 {
			t.Errorf("%+v, %v", p, err)
		}
		if a := notices(t, w, creditnotes.NoticeAnswered); len(a) != 1 {
			t.Errorf("%+v", a)
		}
		err = s.InTx(ctx, func(tx *store.TestTx) error {
			_, err := tx.Exec("UPDATE thread_messages SET text = 'x'")
			return err
		})
		if !fault.Is(err, fault.Conflict) {
			t.Errorf("a message was changed: %v", err)
		}
	})
}

// A conversation goes on after it was closed; a stale form does not close it.
func TestConversation(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		owner, ctx, s := inboxUsers(t, w), t.Context(), w.s
		_, err := s.Converse(ctx, "olga", owner, "", "text")
		says(t, err, "thread_without_title")
		_, err = s.Converse(ctx, "olga", "unknown", "t", "text")
		says(t, err, "entity_unknown")
		id, err := s.Converse(ctx, "olga", owner, "New meter", "When does it come?")
		w.ok(err)
		if m := notices(t, w, creditnotes.NoticeWritten); len(m) != 1 || m[0].To != "hotel@example.org" {
			t.Errorf("mails: %+v", m)
		}
		says(t, s.CloseThread(ctx, "olga", id, "99"), "record_changed")
		w.ok(s.CloseThread(ctx, "olga", id, "1"))
		says(t, s.CloseThread(ctx, "olga", id), "thread_settled")
		w.ok(s.Reply(ctx, "hotel", id, "Monday."))
		p, err := s.ThreadPile(ctx, creditnotes.ConversationThread, creditnotes.OperatorSide, nil)
		w.ok(err)
		if p.Count != 1 {
			t.Errorf("%+v", p)
		}
	})
}

// Announcements are shown until their day, to whom they are for, until they are
// withdrawn.
func TestAnnouncements(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		owner, ctx, s := inboxUsers(t, w), t.Context(), w.s
		make := func(a creditnotes.Announcement) int64 {
			id, err := s.Announce(ctx, "olga", a)
			w.ok(err)
			return id
		}
		all := make(creditnotes.Announcement{Title: "all", Text: "x"})
		make(creditnotes.Announcement{Title: "one", Text: "x", Entity: owner})
		make(creditnotes.Announcement{Title: "past", Text: "x", Until: "2020-01-01"})
		shown := func(scope ...string) (titles string) {
			list, err := s.ShownAnnouncements(ctx, scope, "2026-11-01")
			w.ok(err)
			for _, a := range list {
				titles += a.Title + " "
			}
			return titles
		}
		if got := shown(owner); got != "one all " {
			t.Error(got)
		}
		if got := shown("another"); got != "all " {
			t.Error(got)
		}
		w.ok(s.WithdrawAnnouncement(ctx, "olga", all))
		says(t, s.WithdrawAnnouncement(ctx, "olga", all), "announcement_withdrawn")
		if got := shown("another"); got != "" {
			t.Error(got)
		}
	})
}

// A user gets one mail for one look, no matter which process looks.
func TestMailDigest(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		inboxUsers(t, w)
		ctx, s := context.Background(), w.s
		list, err := s.DigestUsers(ctx)
		w.ok(err)
		if len(list) != 2 || list[0].Digest != access.DigestDaily {
			t.Fatalf("%+v", list)
		}
		waits := []creditnotes.NoticeWaiting{{Kind: "questions", Count: 1, Since: "2026-10-31"}}
		for i, want := range []bool{true, false} {
			if mailed, err := s.MailDigest(ctx, &list[0], w.Now.Add(time.Minute), "", waits); err != nil || mailed != want {
				t.Errorf("%d: %v, %v", i, mailed, err)
			}
		}
		if n := notices(t, w, creditnotes.NoticeInbox); len(n) != 1 {
			t.Errorf("%+v", n)
		}
		w.ok(s.SetDigest(ctx, "olga", list[0].ID, access.DigestOff))
		says(t, s.SetDigest(ctx, "olga", list[0].ID, "hourly"), "list_value_unknown")
		if list, err = s.DigestUsers(ctx); err != nil || len(list) != 1 {
			t.Errorf("%+v, %v", list, err)
		}
	})
}
