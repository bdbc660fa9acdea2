package web

import (
	"context"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"strings"
	"testing"

	"creditrun/internal/fault"
	"creditrun/mailer"
)

// mailbox takes every mail.
type mailbox struct{ taken []*mailer.Message }

func (m *mailbox) Send(_ context.Context, message *mailer.Message) (mailer.Receipt, error) {
	m.taken = append(m.taken, message)
	return mailer.Receipt{Reply: "taken"}, nil
}

func (m *mailbox) Repeatable() bool { return true }

func (m *mailbox) Connections() int { return 0 }

func (m *mailbox) Close() error { return nil }

// mails sends the notices that wait and returns them.
func (w *world) mails(t testing.TB) []*mailer.Message {
	t.Helper()
	box := &mailbox{}
	d := mailer.Deliverer{Outbox: w.store, Notices: w.store, Transport: box, Texts: w.server.Texts, Now: w.clock}
	for id := int64(1); ; id++ {
		_, _, _, err := w.store.Notice(t.Context(), id)
		if fault.Is(err, fault.NotFound) {
			return box.taken
		}
		must(t, err)
		must(t, d.Notify(t.Context(), id))
	}
}

// linkTo sends the notices that wait and returns the path of the last link in a
// mail to an address.
func (w *world) linkTo(t testing.TB, address string) string {
	t.Helper()
	path := ""
	for _, m := range w.mails(t) {
		text, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(string(m.Content))))
		must(t, err)
		link := regexp.MustCompile(regexp.QuoteMeta(w.http.URL) + `(/invite/crt_[A-Za-z0-9_-]{43})`).FindSubmatch(text)
		if link == nil {
			continue
		}
		if len(m.To) != 1 || m.To[0] != address {
			t.Logf("a link goes to %v", m.To)
			continue
		}
		path = string(link[1])
	}
	if path == "" {
		t.Fatalf("no mail with a link to %s", address)
	}
	return path
}

// subjectsTo are the subjects of the mails to an address.
func subjectsTo(mails []*mailer.Message, address string) (subjects []string) {
	for _, m := range mails {
		if len(m.To) != 1 || m.To[0] != address {
			continue
		}
		read, err := mail.ReadMessage(strings.NewReader(string(m.Content)))
		if err != nil {
			return []string{err.Error()}
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(read.Header.Get("Subject"))
		if err != nil {
			return []string{err.Error()}
		}
		subjects = append(subjects, subject)
	}
	return subjects
}
