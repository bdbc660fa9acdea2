// Package mailer turns an issued credit note into an e-mail, hands it to a mail
// server or a folder, and keeps what is known of every delivery: sent, refused,
// to be tried again, or unknown. It never sends twice what may have arrived. It
// decides nothing about credit notes, reads no clock and talks to no database:
// the states of deliveries are behind the interface Outbox.
package mailer

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Message is an e-mail that is ready to be handed over. Its content is final:
// the same delivery of the same note always has the same bytes, but for
// signatures.
type Message struct {
	Number  string   // of the credit note
	Copy    int      // 0: the original; 1, 2, …: re-sent
	From    string   // sender of the envelope, who gets bounces
	To      []string // recipients of the envelope
	Content []byte   // RFC 5322, lines end in CRLF

	// Plain is the mail for a server without SMTPUTF8 where an address needs
	// that: to the other recipients, and with a header that any server takes.
	// It is nil where no address needs it, and where no one else is left.
	Plain *Message

	// HandOver, if set, is called at the last moment at which the server cannot
	// have taken the message, with the recipients that it takes it for. What
	// it returns ends the attempt: the server gets no end of the content, so
	// that it forgets the message.
	HandOver func(to []string) error

	// Answered, if set, is called when the server has taken the mail, before
	// its connection carries another one.
	Answered func(Receipt)
}

// only returns the message for some of its recipients; nil where none is left.
func (m *Message) only(to []string) *Message {
	few := *m
	few.To = slices.DeleteFunc(slices.Clone(m.To), func(a string) bool { return !containsFold(to, a) })
	if m.Plain != nil {
		few.Plain = m.Plain.only(to)
	}
	if len(few.To) == 0 {
		return nil
	}
	return &few
}

func containsFold(list []string, text string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, text) })
}

// Transport takes messages. It is safe for concurrent use.
type Transport interface {
	// Send hands the message over. An error says with OutcomeOf how far it came.
	Send(ctx context.Context, m *Message) (Receipt, error)
	// Repeatable reports whether sending a message again does no harm, so that
	// a delivery of unknown outcome may simply be repeated.
	Repeatable() bool
	// Connections is how many messages may be on their way at once; 0: any
	// number.
	Connections() int
	// Close ends open connections. Messages on their way are finished first.
	Close() error
}

// Receipt is what a transport says of a message that it handed over.
type Receipt struct {
	Reply   string    // the last words of the server, and whom it did not take
	Said    string    // the last words of the server
	Refused []Refusal // recipients that did not get it: refused or put off
}

// Refusal is a recipient that did not get a message: it is refused for good, or
// put off where the code of the server begins with 4.
type Refusal struct {
	Address string
	Code    int    // of the server; 0: it was not asked
	Reply   string // of the server, which may name addresses
	Err     error  // why the server was not asked
}

// Outcome is what is known of a message after an attempt to send it.
type Outcome string

// The outcomes of an attempt.
const (
	// OutcomeSent: the server is now responsible for the message.
	OutcomeSent Outcome = "sent"
	// OutcomeRefused: the server will never take the message.
	OutcomeRefused Outcome = "refused"
	// OutcomeRetry: the server certainly has not taken the message; later it
	// may.
	OutcomeRetry Outcome = "retry"
	// OutcomeOutage: the server takes no message at the moment, or cannot be
	// reached. It has said nothing about this one.
	OutcomeOutage Outcome = "outage"
	// OutcomeDoubt: the server refused the message, for all recipients
	// and for a reason that may concern the sender and every other message.
	OutcomeDoubt Outcome = "doubt"
	// OutcomeUnknown: the message was handed over completely, the answer is
	// missing. It may have arrived.
	OutcomeUnknown Outcome = "unknown"
)

// SendError is the error of an attempt that did not end in OutcomeSent.
type SendError struct {
	Outcome Outcome
	// Reply is what the server said, which may name addresses. It is empty
	// when the server said nothing.
	Reply string
	// Refused are the recipients that were refused or put off one by one.
	Refused []Refusal
	// Judged says that the server answered for this message: one that is put
	// off too often fails.
	Judged bool
	// Sender says that the server refused the sender and saw nothing else of
	// the message.
	Sender bool
	Err    error
}

// Error tells outcome and cause without any e-mail address, so that it may be
// logged.
func (e *SendError) Error() string {
	text := e.Reply
	if text == "" && e.Err != nil {
		text = e.Err.Error()
	}
	return "mail " + string(e.Outcome) + ": " + withoutAddresses(text)
}

// Unwrap returns the cause.
func (e *SendError) Unwrap() error { return e.Err }

// OutcomeOf returns the outcome behind an error of Send. An error that does
// not tell counts as unknown: then nothing is sent twice.
func OutcomeOf(err error) Outcome {
	if err == nil {
		return OutcomeSent
	}
	var send *SendError
	if errors.As(err, &send) {
		return send.Outcome
	}
	return OutcomeUnknown
}

// retry makes the error of an attempt that may be repeated: it ended for a
// reason of ours.
func retry(err error) *SendError { return &SendError{Outcome: OutcomeRetry, Err: err} }

// outage makes the error of an attempt that failed because no message is taken.
func outage(err error) *SendError {
	_, reply := replyOf(err)
	return &SendError{Outcome: OutcomeOutage, Reply: reply, Err: err}
}

var address = regexp.MustCompile(`[^\s<>()"',;:=]+@[^\s<>()"',;]+`)

// withoutAddresses blanks out e-mail addresses, which do not belong in a log.
func withoutAddresses(s string) string {
	return address.ReplaceAllString(s, "…@…")
}

// oneLine makes a text fit for one line: valid UTF-8, no control characters, no
// invisible ones that turn the writing direction, single spaces.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r) || r == '\u2028' || r == '\u2029':
			return ' '
		case r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069':
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' }), " ")
}

// maxReply bounds what is kept of a server's talk.
const maxReply = 1000

// shortened cuts a text to what is kept of a server's talk.
func shortened(s string) string {
	runes := []rune(oneLine(s))
	if len(runes) > maxReply {
		return string(runes[:maxReply-1]) + "…"
	}
	return string(runes)
}
