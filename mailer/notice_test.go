package mailer

import (
	"context"
	"errors"
	"io"
	"mime/quotedprintable"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

// board keeps one notice.
type board struct {
	n      creditnotes.Notice
	email  string // of the operator
	secret string
}

func (b *board) Notice(context.Context, int64) (*creditnotes.Notice, string, string, error) {
	n := b.n
	return &n, "Voltnetz GmbH", b.email, nil
}

func (b *board) StartNotice(_ context.Context, n *creditnotes.Notice, attempt int) (string, error) {
	if attempt != b.n.Attempts+1 {
		return "", fault.New(fault.Conflict, "delivery_taken", nil)
	}
	b.n.Attempts = attempt
	if n.UserID == 0 {
		return "", nil
	}
	return b.secret, nil
}

func (b *board) FinishNotice(_ context.Context, _ int64, state creditnotes.DeliveryState, reply string, at time.Time) error {
	b.n.State, b.n.Reply, b.n.SentAt = state, reply, at
	return nil
}

// carrier hands mails over, or fails.
type carrier struct {
	err   error
	mails []*Message
}

func (c *carrier) Send(_ context.Context, m *Message) (Receipt, error) {
	c.mails = append(c.mails, m)
	return Receipt{Reply: "250 taken"}, c.err
}

func (c *carrier) Repeatable() bool { return false }

func (c *carrier) Close() error { return nil }

func (c *carrier) Connections() int { return 1 }

func invitation(language string) *board {
	return &board{email: "credits@voltnetz.example", secret: "crt_secret", n: creditnotes.Notice{
		ID: 7, Kind: creditnotes.NoticeInvited, To: "max@example.com", Language: language, UserID: 3, Address: "https://credit.example/",
		Facts: creditnotes.NoticeFacts{Who: "anna", User: "max"}, State: creditnotes.DeliveryQueued, CreatedAt: time.Date(2026, 11, 12, 10, 0, 0, 0, time.UTC),
	}}
}

// TakeBack implements Notices.
func (b *board) TakeBack(_ context.Context, _ int64, attempt int) error {
	b.n.Attempts = attempt - 1
	return nil
}

func notifier(t *testing.T, b *board, c *carrier) *Deliverer {
	return &Deliverer{Outbox: newMemory(), Notices: b, Transport: c, Texts: texts(t), Now: time.Now, MaxAttempts: 3}
}

// plain is a mail as text.
func plain(t *testing.T, m *Message) string {
	t.Helper()
	text, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(string(m.Content))))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestALinkGoesByMailInTheLanguageOfTheUser(t *testing.T) {
	for language, want := range map[string][]string{
		"de": {"Subject: Ihr Zugang zu creditrun", "anna hat für Sie den Benutzer max angelegt"},
		"en": {"Subject: Your access to creditrun", "anna has set up the user max for you"},
		"fi": {"Subject: Your access to creditrun"}, // pages are in no other languages
	} {
		b, c := invitation(language), &carrier{}
		if err := notifier(t, b, c).Notify(t.Context(), 7); err != nil {
			t.Fatal(err)
		}
		if len(c.mails) != 1 || c.mails[0].To[0] != "max@example.com" || b.n.State != creditnotes.DeliverySent {
			t.Fatalf("%+v, %+v", c.mails, b.n)
		}
		text := plain(t, c.mails[0])
		for _, w := range append(want, "https://credit.example/invite/crt_secret", "Auto-Submitted: auto-generated") {
			if !strings.Contains(text, w) {
				t.Errorf("%s: the mail lacks %q:\n%s", language, w, text)
			}
		}
	}
}

func TestANoticeSurvivesAnOutage(t *testing.T) {
	b, c := invitation("en"), &carrier{err: retry(errors.New("connection refused"))}
	d := notifier(t, b, c)
	if err := d.Notify(t.Context(), 7); err == nil || b.n.State != creditnotes.DeliveryQueued || b.n.Attempts != 1 {
		t.Fatalf("%v, %+v", err, b.n)
	}
	// No one knows whether it arrived: it is sent again, with a link of its own.
	c.err, b.secret = &SendError{Outcome: OutcomeUnknown}, "crt_second"
	if err := d.Notify(t.Context(), 7); err == nil || b.n.State != creditnotes.DeliveryQueued {
		t.Fatalf("%v, %+v", err, b.n)
	}
	c.err = nil
	if err := d.Notify(t.Context(), 7); err != nil || b.n.State != creditnotes.DeliverySent {
		t.Fatalf("%v, %+v", err, b.n)
	}
	if err := d.Notify(t.Context(), 7); err != nil || len(c.mails) != 3 {
		t.Errorf("%v: it is sent %d times", err, len(c.mails))
	}
}

func TestANoticeThatIsRefusedOrTriedTooOftenFails(t *testing.T) {
	for _, outcome := range []Outcome{OutcomeRefused, OutcomeRetry} {
		b, c := invitation("en"), &carrier{err: &SendError{Outcome: outcome, Reply: "550 no such user"}}
		b.n.Attempts = 2
		if err := notifier(t, b, c).Notify(t.Context(), 7); err != nil || b.n.State != creditnotes.DeliveryFailed || b.n.Reply != "550 no such user" {
			t.Errorf("%s: %v, %+v", outcome, err, b.n)
		}
	}
}

func TestANoticeWaitsForASender(t *testing.T) {
	b, c := invitation("en"), &carrier{}
	b.email = ""
	if err := notifier(t, b, c).Notify(t.Context(), 7); !hasFault(err, "mail_no_sender") || b.n.Attempts != 0 || len(c.mails) != 0 {
		t.Errorf("%v, %+v", err, b.n)
	}
}

// Every notice has words in both languages, whatever it tells.
func TestEveryNoticeHasWords(t *testing.T) {
	deeds := []string{"created", "administrator", "roles", "address", "invited", "reset", "second_factor", "openid", "password", "token"}
	kinds := []creditnotes.NoticeKind{
		creditnotes.NoticeInvited, creditnotes.NoticeReset, creditnotes.NoticeSecondFactor, creditnotes.NoticeMoved,
		creditnotes.NoticeAsked, creditnotes.NoticeChanged, creditnotes.NoticeEntityAsked, creditnotes.NoticeEntityDone, creditnotes.NoticeAuditHead,
		creditnotes.NoticeBounced, creditnotes.NoticeComplained, creditnotes.NoticeUnassigned, creditnotes.NoticeAnswered, creditnotes.NoticeWritten, creditnotes.NoticeInbox,
	}
	for range deeds {
		kinds = append(kinds, creditnotes.NoticeUser)
	}
	for _, language := range []string{"de", "en"} {
		for i, kind := range kinds {
			n := creditnotes.Notice{Kind: kind, To: "a@example.com", Language: language, Facts: creditnotes.NoticeFacts{Who: "anna", User: "max", Server: true}}
			n.Facts.Deed = deeds[i%len(deeds)]
			n.Facts.More = 3
			n.Facts.Subject, n.Facts.Waits = "csv/S-6", []creditnotes.NoticeWaiting{{Kind: "questions", Count: 2, Since: "2026-10-31"}}
			n.Facts.Items = []creditnotes.NoticeItem{{Matter: "bank", Name: "Hotel A", After: "DE02 … 2051"}, {Subject: "GS-7", Name: "anna@owner.example"}}
			m, err := Signing{}.composeNotice(texts(t), &n, "Voltnetz", "x@example.com", "")
			if err != nil {
				t.Errorf("%s %s: %v", language, kind, err)
				continue
			}
			if text := plain(t, m); strings.Contains(text, "<no value>") || !strings.Contains(text, "Hotel A") {
				t.Errorf("%s", text)
			}
		}
	}
}
