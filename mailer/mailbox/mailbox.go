// Package mailbox reads the messages of a mailbox, of an IMAP server or a
// folder, and puts those aside that are done with. It never deletes a message,
// and it leaves those that are not done with as they are: a person may read the
// same mailbox.
package mailbox

import (
	"context"
	"net"
	"net/url"
	"strings"

	"creditrun/internal/fault"
)

// Mailbox is where reports of mail systems arrive. It is not safe for
// concurrent use.
type Mailbox interface {
	// Each calls fn with every message that is there, at most MaxSize bytes of
	// it, and does with it what fn says. Each ends with the first error of fn,
	// after which the message is still there. What is wrong with the mailbox is
	// an Unavailable fault.
	Each(ctx context.Context, fn Reader) error
	// Name is where the messages are, without a password.
	Name() string
}

// Reader reads a message and says what becomes of it.
type Reader func(raw []byte) (Verdict, error)

// Verdict is what becomes of a message that was read.
type Verdict int

// The verdicts.
const (
	Stay  Verdict = iota // as it is, for a person; it is not read again as long as the Mailbox is in use
	Aside                // it is done with
	Again                // it stays, and is read again the next time
)

// MaxSize is how many bytes of a message are read.
const MaxSize = 4 << 20

// Processed is the folder into which messages are put aside.
const Processed = "Processed"

// Expected says what Open wants.
const Expected = "imaps://user@host/INBOX, imap://user@host/INBOX or folder:PATH"

// Open returns the mailbox that a URL describes. It connects to nothing yet.
//
//	folder:PATH                          a Maildir, or a folder of *.eml files
//	imaps://user:password@host:993/INBOX TLS from the first byte
//	imap://user:password@host:143/INBOX  STARTTLS, which is required
//
// Messages are put aside into the folder Processed; for IMAP the parameter
// processed=NAME names another one, and tls=none (imap only) speaks without TLS,
// which only a server on the same machine should get. Faults never repeat the
// URL, which may hold a password.
func Open(rawURL string, options ...Option) (Mailbox, error) {
	if path, ok := strings.CutPrefix(rawURL, "folder:"); ok {
		if path == "" {
			return nil, badURL(Expected)
		}
		return &folder{path: path, left: map[string]bool{}}, nil
	}
	s, err := parseServer(rawURL)
	if err != nil {
		return nil, err
	}
	for _, option := range options {
		option(s)
	}
	return s, nil
}

func badURL(expected string) error {
	return fault.New(fault.Usage, "bounce_mailbox_invalid", fault.Args{"expected": expected})
}

func parseServer(rawURL string) (*server, error) {
	u, err := url.Parse(rawURL)
	if err != nil || u.Scheme != "imap" && u.Scheme != "imaps" || u.Hostname() == "" || u.Fragment != "" {
		return nil, badURL(Expected)
	}
	port := map[string]string{"imap": "143", "imaps": "993"}[u.Scheme]
	if u.Port() != "" {
		port = u.Port()
	}
	s := &server{address: net.JoinHostPort(u.Hostname(), port), implicitTLS: u.Scheme == "imaps", folder: strings.Trim(u.Path, "/"), processed: Processed}
	if s.folder == "" {
		s.folder = "INBOX"
	}
	if u.User != nil {
		s.user = u.User.Username()
		s.password, _ = u.User.Password()
	}
	if s.user == "" || s.password == "" {
		return nil, fault.New(fault.Usage, "bounce_password_missing", fault.Args{"server": s.address})
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, badURL("?name=value&name=value")
	}
	for name, values := range query {
		value := values[len(values)-1]
		switch {
		case name == "processed" && value != "" && !strings.EqualFold(value, s.folder):
			s.processed = value
		case name == "tls" && value == "none" && !s.implicitTLS:
			s.plain = true
		default:
			return nil, badURL("no parameters but processed=FOLDER and, for imap, tls=none")
		}
	}
	return s, nil
}

// unreachable is what is wrong with a mailbox.
func unreachable(mailbox string, err error) error {
	return fault.Wrap(fault.Unavailable, "bounce_mailbox_unreachable", fault.Args{"mailbox": mailbox, "reason": err.Error()}, err)
}
