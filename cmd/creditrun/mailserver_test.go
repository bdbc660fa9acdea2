package main

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"log"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	smtpd "github.com/emersion/go-smtp"
)

// mailServer is a real SMTP server on the loopback. The functions hear of what
// happens, before and after a mail is taken, and may refuse; nil ones agree.
type mailServer struct {
	greeted, addressed, read, kept func(n int) error
	// unknown are the addresses that the server refuses for good.
	unknown []string
	ascii   bool // does not offer SMTPUTF8

	addr  string
	mu    sync.Mutex
	calls int
	mails []letter
}

// letter is a mail as it arrived.
type letter struct {
	to      []string // of the envelope
	content []byte
}

func (s *mailServer) start(t testing.TB) *mailServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = l.Addr().String()
	server := smtpd.NewServer(smtpd.BackendFunc(func(*smtpd.Conn) (smtpd.Session, error) { return &mailSession{server: s}, nil }))
	server.Domain = "mail.example.com"
	server.EnableSMTPUTF8 = !s.ascii
	server.ErrorLog = log.New(io.Discard, "", 0)
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	return s
}

// url is where mail to the server goes.
func (s *mailServer) url() string { return "smtp://" + s.addr + "?tls=none" }

func (s *mailServer) inbox() []letter {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mails)
}

// mailSession is one connection.
type mailSession struct {
	server *mailServer
	n      int
	to     []string
}

func (s *mailSession) hear(step func(int) error) error {
	if step == nil {
		return nil
	}
	return step(s.n)
}

func (s *mailSession) Mail(string, *smtpd.MailOptions) error {
	s.server.mu.Lock()
	s.server.calls++
	s.n = s.server.calls
	s.server.mu.Unlock()
	return s.hear(s.server.greeted)
}

func (s *mailSession) Rcpt(to string, _ *smtpd.RcptOptions) error {
	if slices.Contains(s.server.unknown, to) {
		return refusal(550, "no such user")(s.n)
	}
	s.to = append(s.to, to)
	return s.hear(s.server.addressed)
}

func (s *mailSession) Data(r io.Reader) error {
	content, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := s.hear(s.server.read); err != nil {
		return err
	}
	s.server.mu.Lock()
	s.server.mails = append(s.server.mails, letter{s.to, content})
	s.server.mu.Unlock()
	return s.hear(s.server.kept)
}

func (s *mailSession) Reset()        { s.to = nil }
func (s *mailSession) Logout() error { return nil }

func refusal(code int, text string) func(int) error {
	return func(int) error {
		return &smtpd.SMTPError{Code: code, EnhancedCode: smtpd.EnhancedCode{code / 100, 1, 1}, Message: text}
	}
}

// opened is a mail taken apart.
type opened struct {
	ID, Subject, Language string
	To                    []string
	Files                 map[string][]byte
}

func openLetter(t testing.TB, content []byte) opened {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	o := opened{ID: m.Header.Get("Message-Id"), Language: m.Header.Get("Content-Language"), Files: map[string][]byte{}}
	if o.Subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		t.Fatal(err)
	}
	to, err := m.Header.AddressList("To")
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range to {
		o.To = append(o.To, one.Address)
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return o
		}
		if err != nil {
			t.Fatal(err)
		}
		name := part.FileName()
		if name == "" {
			continue
		}
		o.Files[name] = decoded(t, part)
	}
}

// outbox opens the mails in the folder of a world, by number.
func (w *world) outbox() map[string]opened {
	w.Helper()
	folder := strings.TrimPrefix(w.mail, "folder:")
	entries, err := os.ReadDir(folder)
	if err != nil {
		w.Fatal(err)
	}
	mails := map[string]opened{}
	for _, entry := range entries {
		number, ok := strings.CutSuffix(entry.Name(), ".eml")
		if !ok {
			w.Errorf("%s does not belong into the outbox", entry.Name())
			continue
		}
		content, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		if err != nil {
			w.Fatal(err)
		}
		mails[number] = openLetter(w, content)
	}
	return mails
}

func decoded(t testing.TB, part *multipart.Part) []byte {
	t.Helper()
	var r io.Reader = part
	switch encoding := part.Header.Get("Content-Transfer-Encoding"); encoding {
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, part)
	case "quoted-printable":
		r = quotedprintable.NewReader(part)
	default:
		t.Errorf("%s is encoded as %q", part.FileName(), encoding)
	}
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
