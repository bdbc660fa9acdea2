package mailer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	smtpd "github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"
)

func aMessage(t testing.TB) *Message {
	n := aNote()
	return compose(t, n, aDelivery(n), someFiles(20_000))
}

func TestMailServersGetTheMailByteForByte(t *testing.T) {
	cases := map[string]struct {
		encryption    bool
		before, after string
		tls           bool
	}{
		"in the clear":                           {before: "smtp://"},
		"encrypted when offered":                 {before: "smtp://", encryption: true, tls: true},
		"in the clear when told so":              {before: "smtp://", encryption: true, after: "?tls=none"},
		"encrypted as required":                  {before: "smtp://", encryption: true, after: "?tls=mandatory&helo=me.example.com", tls: true},
		"over as many connections as configured": {before: "smtp://", after: "?connections=1"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := new(mailServer).start(t, c.encryption)
			m := aMessage(t)
			reply, err := s.open(t, c.before, c.after).Send(t.Context(), m)
			if err != nil || !strings.HasPrefix(reply.Reply, "250 ") {
				t.Fatalf("reply %q, error %v", reply.Reply, err)
			}
			checkInbox(t, s, m, c.tls)
		})
	}
	t.Run("encrypted from the first byte", func(t *testing.T) {
		s := new(mailServer).startTLS(t)
		m := aMessage(t)
		if _, err := s.open(t, "smtps://", "").Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		checkInbox(t, s, m, true)
	})
}

func checkInbox(t *testing.T, s *mailServer, m *Message, tls bool) {
	t.Helper()
	mails := s.inbox()
	if len(mails) != 1 {
		t.Fatalf("%d mails arrived", len(mails))
	}
	got := mails[0]
	if got.from != m.From || got.tls != tls || s.utf8 != 0 {
		t.Errorf("from %s, encrypted %v, asked for SMTPUTF8 %d times", got.from, got.tls, s.utf8)
	}
	if diff := cmp.Diff(m.To, got.to); diff != "" {
		t.Error(diff)
	}
	if !bytes.Equal(got.content, m.Content) {
		t.Error("other bytes arrive than were composed")
	}
}

func TestLoginHappensOverEncryptionOnly(t *testing.T) {
	s := (&mailServer{login: true}).start(t, true)
	if _, err := s.open(t, "smtp://user:s%3Acret%2F@", "").Send(t.Context(), aMessage(t)); err != nil {
		t.Fatal(err)
	}
	if s.logins != 1 || !s.inbox()[0].tls {
		t.Errorf("%d logins, encrypted %v", s.logins, s.inbox()[0].tls)
	}
	plain := (&mailServer{login: true}).start(t, false)
	_, err := plain.open(t, "smtp://user:s%3Acret%2F@", "").Send(t.Context(), aMessage(t))
	if OutcomeOf(err) != OutcomeOutage || !hasFault(err, "mail_encryption_unavailable") || plain.logins != 0 {
		t.Errorf("without encryption: %v", err)
	}
}

func TestTroubleWithTheServerIsNotTheFaultOfTheMail(t *testing.T) {
	encrypted := (&mailServer{login: true}).start(t, true)
	cases := map[string]struct{ before, addr, key string }{
		"wrong password":           {"smtp://user:wrong@", encrypted.addr, "mail_login_refused"},
		"nobody listens":           {"smtp://", nowhere(t), "mail_server_unreachable"},
		"not encrypted at all":     {"smtps://", new(mailServer).start(t, false).addr, "mail_encryption_unavailable"},
		"no such name":             {"smtp://", "mail.invalid:25", "mail_server_unreachable"},
		"login, but none is known": {"smtp://user:x@", new(mailServer).start(t, true).addr, "mail_login_refused"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := &mailServer{addr: c.addr, roots: encrypted.roots}
			if name == "login, but none is known" {
				s = new(mailServer).start(t, true)
			}
			_, err := s.open(t, c.before, "").Send(t.Context(), aMessage(t))
			if OutcomeOf(err) != OutcomeOutage || !hasFault(err, c.key) {
				t.Errorf("%v", err)
			}
			if strings.Contains(fmt.Sprint(err), "wrong") && name != "wrong password" {
				t.Errorf("the error tells the password: %v", err)
			}
		})
	}
	t.Run("unknown certificate", func(t *testing.T) {
		s := new(mailServer).start(t, true)
		s.roots = nil
		_, err := s.open(t, "smtp://", "?tls=mandatory").Send(t.Context(), aMessage(t))
		if OutcomeOf(err) != OutcomeOutage || !hasFault(err, "mail_certificate_invalid") {
			t.Errorf("%v", err)
		}
		if _, err := s.open(t, "smtp://", "").Send(t.Context(), aMessage(t)); err != nil {
			t.Errorf("without a login it is no obstacle: %v", err)
		}
	})
}

func TestALoginGoesOnlyToAServerWithAValidCertificate(t *testing.T) {
	s := (&mailServer{login: true}).start(t, true)
	s.roots = nil
	_, err := s.open(t, "smtp://user:s%3Acret%2F@", "?tls=opportunistic").Send(t.Context(), aMessage(t))
	if OutcomeOf(err) != OutcomeOutage || !hasFault(err, "mail_certificate_invalid") || s.logins != 0 {
		t.Errorf("%d logins, error %v", s.logins, err)
	}
}

func TestAFailedGreetingLeavesNoConnectionOpen(t *testing.T) {
	s := new(mailServer).start(t, false)
	if _, err := s.open(t, "smtp://", "?tls=mandatory").Send(t.Context(), aMessage(t)); OutcomeOf(err) != OutcomeOutage {
		t.Fatal(err)
	}
	for range 100 {
		if s.stillOpen() == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d connections are open", s.stillOpen())
}

func TestAConnectionServesManyMails(t *testing.T) {
	s := new(mailServer).start(t, true)
	tr := s.open(t, "smtp://", "")
	m := aMessage(t)
	for range 25 {
		if _, err := tr.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	if s.connections != 1 || len(s.inbox()) != 25 {
		t.Errorf("%d mails over %d connections", len(s.inbox()), s.connections)
	}
}

func TestManySendersShareAFewConnections(t *testing.T) {
	s := new(mailServer).start(t, false)
	tr := s.open(t, "smtp://", "?connections=2")
	m := aMessage(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 5 {
				if _, err := tr.Send(t.Context(), m); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if s.connections > 2 || len(s.inbox()) != 40 {
		t.Errorf("%d mails over %d connections", len(s.inbox()), s.connections)
	}
}

func TestAStaleConnectionIsReplaced(t *testing.T) {
	t.Run("the server hangs up between two mails", func(t *testing.T) {
		s := &mailServer{}
		s.data = func(c *smtpd.Conn, r io.Reader) error {
			_, err := io.Copy(io.Discard, r)
			time.AfterFunc(20*time.Millisecond, func() { _ = c.Conn().Close() })
			return err
		}
		s.start(t, false)
		tr := s.open(t, "smtp://", "")
		for range 3 {
			if _, err := tr.Send(t.Context(), aMessage(t)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(60 * time.Millisecond)
		}
		if s.connections != 3 {
			t.Errorf("%d connections", s.connections)
		}
	})
	t.Run("the server has taken enough mails over it", func(t *testing.T) {
		var n atomic.Int32
		s := &mailServer{}
		s.mailFrom = func() error {
			if n.Add(1) == 2 {
				return says(452, "too many messages over this connection")
			}
			return nil
		}
		s.start(t, false)
		tr := s.open(t, "smtp://", "")
		for range 2 {
			if _, err := tr.Send(t.Context(), aMessage(t)); err != nil {
				t.Fatal(err)
			}
		}
		if s.connections != 2 || len(s.inbox()) != 2 {
			t.Errorf("%d mails over %d connections", len(s.inbox()), s.connections)
		}
	})
	t.Run("nobody used it for a while", func(t *testing.T) {
		s := new(mailServer).start(t, false)
		tr := s.open(t, "smtp://", "", WithTimeouts(Timeouts{Idle: 10 * time.Millisecond}))
		for range 2 {
			if _, err := tr.Send(t.Context(), aMessage(t)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(60 * time.Millisecond)
		}
		if s.connections != 2 {
			t.Errorf("%d connections", s.connections)
		}
	})
}

func TestWhatTheServerSaysDecidesTheOutcome(t *testing.T) {
	always := func(err error) func(string) error { return func(string) error { return err } }
	policy := &smtpd.SMTPError{Code: 554, EnhancedCode: smtpd.EnhancedCode{5, 7, 1}, Message: "relay access denied"}
	full := &smtpd.SMTPError{Code: 452, EnhancedCode: smtpd.EnhancedCode{4, 3, 1}, Message: "no room"}
	quota := &smtpd.SMTPError{Code: 550, EnhancedCode: smtpd.EnhancedCode{5, 4, 5}, Message: "Daily sending quota exceeded"}
	mailbox := &smtpd.SMTPError{Code: 552, EnhancedCode: smtpd.EnhancedCode{5, 2, 2}, Message: "quota exceeded"}
	many := &smtpd.SMTPError{Code: 452, EnhancedCode: smtpd.EnhancedCode{4, 5, 3}, Message: "limit exceeded"}
	cases := map[string]struct {
		server *mailServer
		want   Outcome
		reply  string
	}{
		"sender refused":           {&mailServer{mailFrom: func() error { return says(550, "no thanks") }}, OutcomeDoubt, "550 5.0.0 no thanks"},
		"sender put off":           {&mailServer{mailFrom: func() error { return says(451, "later") }}, OutcomeOutage, "451 4.0.0 later"},
		"login wanted":             {&mailServer{mailFrom: func() error { return says(530, "log in") }}, OutcomeOutage, "530 5.0.0 log in"},
		"all recipients gone":      {&mailServer{rcptTo: always(says(550, "unknown"))}, OutcomeRefused, "chef@mueller.example: 550 5.0.0 unknown"},
		"greylisted":               {&mailServer{rcptTo: always(says(451, "greylisted"))}, OutcomeRetry, "451 4.0.0 greylisted"},
		"shutting down":            {&mailServer{rcptTo: always(says(421, "bye"))}, OutcomeOutage, "421 4.0.0 bye"},
		"content refused":          {&mailServer{data: func(_ *smtpd.Conn, r io.Reader) error { _, _ = io.Copy(io.Discard, r); return says(554, "spam") }}, OutcomeDoubt, "554 5.0.0 spam"},
		"content put off":          {&mailServer{data: func(_ *smtpd.Conn, r io.Reader) error { _, _ = io.Copy(io.Discard, r); return says(452, "disk full") }}, OutcomeRetry, "452 4.0.0 disk full"},
		"relaying denied":          {&mailServer{rcptTo: always(policy)}, OutcomeDoubt, "554 5.7.1 relay access denied"},
		"quota of the sender":      {&mailServer{rcptTo: always(quota)}, OutcomeDoubt, "550 5.4.5 Daily sending quota exceeded"},
		"quota in words alone":     {&mailServer{rcptTo: always(says(550, "has exceeded the max emails per hour"))}, OutcomeDoubt, "max emails"},
		"quota until later":        {&mailServer{rcptTo: always(says(452, "hourly limit exceeded"))}, OutcomeOutage, "452 4.0.0 hourly limit exceeded"},
		"mailbox over quota":       {&mailServer{rcptTo: always(mailbox)}, OutcomeRefused, "552 5.2.2 quota exceeded"},
		"too many recipients":      {&mailServer{rcptTo: always(many)}, OutcomeRetry, "452 4.5.3 limit exceeded"},
		"server is full":           {&mailServer{rcptTo: always(full)}, OutcomeOutage, "452 4.3.1 no room"},
		"hangs up on the envelope": {&mailServer{}, OutcomeOutage, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := c.server
			if name == "hangs up on the envelope" {
				s.rcptTo = func(string) error { panic("hang up") }
			}
			s.start(t, false)
			tr := s.open(t, "smtp://", "")
			_, err := tr.Send(t.Context(), aMessage(t))
			if OutcomeOf(err) != c.want {
				t.Fatalf("outcome %s: %v", OutcomeOf(err), err)
			}
			var send *SendError
			if !errors.As(err, &send) || !strings.Contains(send.Reply, c.reply) {
				t.Errorf("reply %q, want %q", send.Reply, c.reply)
			}
			if strings.Contains(err.Error(), "mueller.example") {
				t.Errorf("the error names an address: %v", err)
			}
		})
	}
}

func TestARefusedMailDoesNotCostTheConnection(t *testing.T) {
	s := &mailServer{}
	var n atomic.Int32
	s.rcptTo = func(string) error {
		if n.Add(1) <= 2 {
			return says(550, "unknown")
		}
		return nil
	}
	s.start(t, false)
	tr := s.open(t, "smtp://", "")
	if _, err := tr.Send(t.Context(), aMessage(t)); OutcomeOf(err) != OutcomeRefused {
		t.Fatal(err)
	}
	if s.resets != 1 {
		t.Error("the server is not told to forget the mail it refused")
	}
	if _, err := tr.Send(t.Context(), aMessage(t)); err != nil {
		t.Fatal(err)
	}
	if s.connections != 1 {
		t.Errorf("%d connections", s.connections)
	}
}

func TestOneRefusedRecipientDoesNotCostTheOthersTheirMail(t *testing.T) {
	s := &mailServer{rcptTo: func(to string) error {
		if strings.HasPrefix(to, "chef@") {
			return says(550, "unknown")
		}
		return nil
	}}
	s.start(t, false)
	reply, err := s.open(t, "smtp://", "").Send(t.Context(), aMessage(t))
	if err != nil || !strings.Contains(reply.Reply, "not taken: chef@mueller.example: 550 5.0.0 unknown") {
		t.Fatalf("reply %q, error %v", reply.Reply, err)
	}
	if diff := cmp.Diff([]string{"buchhaltung@mueller.example"}, s.inbox()[0].to); diff != "" {
		t.Error(diff)
	}
}

func TestARecipientThatIsPutOffDoesNotHoldBackTheOthers(t *testing.T) {
	s := (&mailServer{rcptTo: func(to string) error {
		if strings.HasPrefix(to, "chef@") {
			return says(452, "mailbox full")
		}
		return nil
	}}).start(t, false)
	m := aMessage(t)
	var handed []string
	m.HandOver = func(to []string) error { handed = to; return nil }
	receipt, err := s.open(t, "smtp://", "").Send(t.Context(), m)
	if err != nil || len(receipt.Refused) != 1 || receipt.Refused[0].forGood() || len(s.inbox()) != 1 {
		t.Fatalf("%d mails, refused %+v, error %v", len(s.inbox()), receipt.Refused, err)
	}
	if diff := cmp.Diff([]string{"buchhaltung@mueller.example"}, handed); diff != "" {
		t.Error(diff)
	}
}

func TestAMailThatIsNotToBeHandedOverIsForgottenByTheServer(t *testing.T) {
	s := new(mailServer).start(t, false)
	tr := s.open(t, "smtp://", "")
	m := aMessage(t)
	m.HandOver = func([]string) error { return errors.New("database is gone") }
	if _, err := tr.Send(t.Context(), m); OutcomeOf(err) != OutcomeRetry || !strings.Contains(fmt.Sprint(err), "database is gone") {
		t.Fatal(err)
	}
	m.HandOver = nil
	if _, err := tr.Send(t.Context(), m); err != nil || len(s.inbox()) != 1 || s.connections != 2 {
		t.Errorf("%d mails over %d connections, error %v", len(s.inbox()), s.connections, err)
	}
}

func TestALostConnectionBeforeTheEndOfTheMailIsTriedAgain(t *testing.T) {
	s := &mailServer{data: func(c *smtpd.Conn, r io.Reader) error {
		_, _ = io.ReadFull(r, make([]byte, 1000))
		return c.Conn().Close()
	}}
	s.start(t, false)
	m := aMessage(t)
	m.Content = bytes.Repeat(m.Content, 32<<20/len(m.Content)) // more than the buffers of the network hold
	_, err := s.open(t, "smtp://", "").Send(t.Context(), m)
	if OutcomeOf(err) != OutcomeRetry {
		t.Errorf("outcome %s: %v", OutcomeOf(err), err)
	}
}

func TestALostConnectionAfterTheEndOfTheMailIsUnknown(t *testing.T) {
	for name, data := range map[string]func(*smtpd.Conn, io.Reader) error{
		"all of it read": func(c *smtpd.Conn, r io.Reader) error {
			_, _ = io.Copy(io.Discard, r)
			return c.Conn().Close()
		},
		"only a part read": func(c *smtpd.Conn, r io.Reader) error {
			_, _ = io.ReadFull(r, make([]byte, 1000))
			return c.Conn().Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := (&mailServer{data: data}).start(t, false)
			_, err := s.open(t, "smtp://", "").Send(t.Context(), compose(t, aNote(), aDelivery(aNote()), nil))
			if OutcomeOf(err) != OutcomeUnknown {
				t.Errorf("outcome %s: %v", OutcomeOf(err), err)
			}
		})
	}
	t.Run("no answer in time", func(t *testing.T) {
		release := make(chan struct{})
		s := (&mailServer{data: func(_ *smtpd.Conn, r io.Reader) error {
			_, _ = io.Copy(io.Discard, r)
			<-release
			return nil
		}}).start(t, false)
		defer close(release)
		tr, err := Open("smtp://"+s.addr, WithTimeouts(Timeouts{Answer: 50 * time.Millisecond}))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tr.Send(t.Context(), aMessage(t)); OutcomeOf(err) != OutcomeUnknown {
			t.Errorf("outcome %s: %v", OutcomeOf(err), err)
		}
	})
}

func TestCancellingEndsAnAttemptOnlyBeforeTheContent(t *testing.T) {
	t.Run("before", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s := (&mailServer{rcptTo: func(string) error { cancel(); time.Sleep(50 * time.Millisecond); return nil }}).start(t, false)
		_, err := s.open(t, "smtp://", "").Send(ctx, aMessage(t))
		if OutcomeOf(err) != OutcomeRetry || len(s.inbox()) != 0 {
			t.Errorf("%d mails, error %v", len(s.inbox()), err)
		}
	})
	t.Run("after", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s := (&mailServer{data: func(_ *smtpd.Conn, r io.Reader) error {
			cancel()
			_, err := io.Copy(io.Discard, r)
			return err
		}}).start(t, false)
		if _, err := s.open(t, "smtp://", "").Send(ctx, aMessage(t)); err != nil {
			t.Error(err)
		}
	})
}

func TestAClosedTransportTakesNothing(t *testing.T) {
	s := new(mailServer).start(t, false)
	tr := s.open(t, "smtp://", "")
	if _, err := tr.Send(t.Context(), aMessage(t)); err != nil {
		t.Fatal(err)
	}
	if err := tr.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := tr.Send(t.Context(), aMessage(t)); OutcomeOf(err) != OutcomeRetry {
		t.Errorf("%v", err)
	}
}

func TestURLsOfMailAreChecked(t *testing.T) {
	for _, url := range []string{
		"", "outbox", "folder:", "imap://host", "smtp://", "smtp:host:25", "smtp://host/path", "smtp://host:0", "smtp://host:99999", "smtp://host:x",
		"smtp://user@host", "smtp://user:@host", "smtp://host?tls=maybe", "smtps://host?tls=none",
		"smtp://host?connections=0", "smtp://host?speed=high", "smtp://host?helo=a%20b", "smtp://user:sec%zzret@host",
	} {
		tr, err := Open(url)
		if err == nil {
			t.Errorf("%q is taken: %v", url, tr)
			continue
		}
		if !hasFault(err, "mail_url_invalid") && !hasFault(err, "mail_password_missing") || strings.Contains(err.Error(), "ret@") {
			t.Errorf("%q: %v", url, err)
		}
	}
	for url, want := range map[string]string{
		"smtp://host": "host:587", "smtps://host": "host:465", "smtp://[::1]:25": "[::1]:25", "smtps://u:p@host:4650/": "host:4650",
	} {
		tr, err := Open(url)
		if err != nil {
			t.Errorf("%q: %v", url, err)
			continue
		}
		if got := tr.(*smtpTransport).server.address(); got != want || tr.Repeatable() {
			t.Errorf("%q: server %s", url, got)
		}
	}
}
