package mailer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	netmail "net/mail"
	"net/textproto"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"

	"creditrun/entities"
	"creditrun/internal/fault"
)

// line is an open connection to a mail server.
type line struct {
	smtp  *smtp.Client
	conn  net.Conn
	timer *time.Timer // runs while the line is not used
	used  bool        // has carried a message before
}

// quitTimeout bounds the goodbye; nothing depends on it.
const quitTimeout = 5 * time.Second

// quit says goodbye and closes the connection.
func (l *line) quit() {
	if l.smtp.UpdateDeadline(quitTimeout) == nil {
		_ = l.smtp.Quit()
	}
	_ = l.conn.Close()
}

// conversation hands one message over. It speaks the commands itself, instead
// of leaving them to mail.Client, for two reasons: what an error means depends
// on whether the end of the content was on its way, and one refused recipient
// must not cost the others their mail.
type conversation struct {
	line     *line
	timeouts Timeouts
	broken   bool // the connection is of no more use
	stale    bool // the connection was; the message has not been touched
}

// hold has the whole conversation. The context counts until the content is on
// its way.
func (c *conversation) hold(ctx context.Context, m *Message) (Receipt, error) {
	stop := context.AfterFunc(ctx, func() { _ = c.line.conn.Close() })
	defer stop()
	m, refused, err := c.fitting(m)
	if err == nil {
		var more []Refusal
		more, err = c.envelope(m)
		refused = append(refused, more...)
		var send *SendError
		if errors.As(err, &send) && len(send.Refused) > 0 {
			send.Refused, send.Reply = refused, listed(refused)
		}
	}
	if err == nil && !stop() {
		c.broken = true
		err = retry(ctx.Err())
	}
	if err == nil {
		var reply string
		if reply, err = c.content(m, refused); err == nil {
			return Receipt{withRefused(reply, refused), reply, refused}, nil
		}
		var send *SendError
		if errors.As(err, &send) {
			send.Refused = append(refused, send.Refused...)
		}
	}
	if OutcomeOf(err) == OutcomeOutage && ctx.Err() != nil {
		c.broken, err = true, retry(ctx.Err())
	}
	if !c.broken && c.command() == nil && c.line.smtp.Reset() != nil {
		c.broken = true
	}
	return Receipt{}, err
}

// fitting is the mail that the server can take: where an address needs SMTPUTF8
// and the server does not know it, the one to the other recipients.
func (c *conversation) fitting(m *Message) (*Message, []Refusal, error) {
	needed := needsSMTPUTF8(m)
	c.line.smtp.SkipSMTPUTF8(!needed) // asked for only where needed: not every next server has it
	if known, _ := c.line.smtp.Extension("SMTPUTF8"); known || !needed {
		return m, nil, nil
	}
	c.line.smtp.SkipSMTPUTF8(true)
	var refused []Refusal
	for _, to := range m.To {
		if m.Plain == nil || !slices.Contains(m.Plain.To, to) {
			needed := fault.New(fault.Invalid, "mail_address_not_ascii", fault.Args{"address": to})
			refused = append(refused, Refusal{Address: to, Err: needed})
		}
	}
	if m.Plain == nil {
		what := refused[0].Err
		if entities.NeedsSMTPUTF8(m.From) {
			what = fault.New(fault.Invalid, "mail_sender_not_ascii", fault.Args{"address": m.From})
			refused = nil
		}
		return m, nil, &SendError{Outcome: OutcomeRefused, Refused: refused, Err: what}
	}
	plain := *m.Plain
	plain.HandOver = m.HandOver
	return &plain, refused, nil
}

// needsSMTPUTF8 reports whether a mail has an address, in its envelope or its
// header, that only servers with SMTPUTF8 take.
func needsSMTPUTF8(m *Message) bool {
	return m.Plain != nil || entities.NeedsSMTPUTF8(m.From) || slices.ContainsFunc(m.To, entities.NeedsSMTPUTF8)
}

// command gives the next command its time.
func (c *conversation) command() error { return c.line.smtp.UpdateDeadline(c.timeouts.Command) }

// envelope names sender and recipients and returns the recipients that are
// refused or put off while others are taken.
func (c *conversation) envelope(m *Message) ([]Refusal, error) {
	if err := c.sender(m.From); err != nil {
		return nil, err
	}
	var refused []Refusal
	for _, to := range m.To {
		if err := c.command(); err != nil {
			return nil, c.lost(err)
		}
		err := c.line.smtp.Rcpt(bracketed(to))
		if err == nil {
			continue
		}
		code, reply := replyOf(err)
		if code == 0 || code == closing {
			return nil, c.lost(err)
		}
		if outageCode(code, reply) {
			return nil, &SendError{Outcome: OutcomeOutage, Reply: reply, Err: err}
		}
		refused = append(refused, Refusal{Address: to, Code: code, Reply: reply})
	}
	return refused, verdict(m, refused)
}

// sender opens the transaction. All mails have the same sender, so that a server
// that does not take it takes none of them.
func (c *conversation) sender(from string) error {
	err := c.command()
	if err == nil {
		err = c.line.smtp.Mail(bracketed(from))
	}
	if err == nil {
		return nil
	}
	code, reply := replyOf(err)
	switch {
	case code == 0 || code == closing:
		return c.lost(err)
	case code/100 == 4:
		// Some servers take only so many messages over one connection.
		c.stale, c.broken = c.line.used, c.line.used
	case code/100 == 5 && !outageCode(code, reply):
		return &SendError{Outcome: OutcomeDoubt, Sender: true, Reply: reply, Err: err}
	}
	return &SendError{Outcome: OutcomeOutage, Reply: reply, Err: err}
}

// closing is the code with which a server hangs up.
const closing = 421

// loginCodes mean that the server wants a (better) login (RFC 4954 §6): the
// configuration is wrong, not the message.
var loginCodes = []int{530, 534, 535, 538}

// outageCode reports whether an answer, to whichever command, is about the
// server or our access to it: a login is wanted, or the enhanced code is one of
// the mail system (RFC 3463 §3.4: X.3.Z), but not that a message is too big for
// it (X.3.4).
func outageCode(code int, reply string) bool {
	class := enhanced(reply)
	return slices.Contains(loginCodes, code) || strings.HasPrefix(class, "3.") && class != "3.4"
}

var enhancedCode = regexp.MustCompile(`^[245]\d\d[ -][245]\.(\d{1,3}\.\d{1,3})\b`)

// enhanced is subject and detail of the enhanced code of a reply, such as 7.1;
// empty where it has none.
func enhanced(reply string) string {
	if match := enhancedCode.FindStringSubmatch(reply); match != nil {
		return match[1]
	}
	return ""
}

// lost is the error of a connection that broke before the content was on its
// way.
func (c *conversation) lost(err error) *SendError {
	c.broken, c.stale = true, c.line.used
	_, reply := replyOf(err)
	return &SendError{Outcome: OutcomeOutage, Reply: reply, Err: err}
}

func (r Refusal) forGood() bool { return r.Code/100 != 4 && !usedUp(r.Reply) }

// aboutUs reports whether a recipient is refused for a reason that may be about
// the sender: of the server's policy (RFC 3463 §3.8: X.7.Z), or because it takes
// no more mails of us for now.
func (r Refusal) aboutUs() bool {
	return r.Code/100 == 5 && (strings.HasPrefix(enhanced(r.Reply), "7.") || usedUp(r.Reply))
}

// sendingQuota are the words of servers that take only so many mails in a time.
var sendingQuota = regexp.MustCompile(`(?i)(\b(daily|hourly|sending|sender|submission|relay|outgoing|outbound|messages?|e?mails?|rate)\b.*\b(quota|limit)|\bquota exceeded|\blimit exceeded|\bthrottl|\bmax(imum)? (sending|e?mails|messages))`)

// usedUp reports whether an answer says that the server takes no more mails of
// us for now: its enhanced code is that of a congested system (RFC 3463 §3.5:
// X.4.5), which servers use for quotas of senders, or its words are about one. A
// full mailbox (X.2.Z) and too many recipients (X.5.3) are about this mail.
func usedUp(reply string) bool {
	class := enhanced(reply)
	if class == "4.5" {
		return true
	}
	subject, _, _ := strings.Cut(class, ".")
	return !slices.Contains([]string{"1", "2", "5", "6"}, subject) && class != "3.4" && sendingQuota.MatchString(reply) && !fullMailbox.MatchString(reply)
}

// fullMailbox are words about the recipient, or the size of the mail.
var fullMailbox = regexp.MustCompile(`(?i)mailbox|recipient|over ?quota|user quota|storage|disk|size`)

// verdict decides whether the mail goes to those recipients that are taken.
// Those that are refused or put off are left out.
func verdict(m *Message, refused []Refusal) error {
	if len(refused) < len(m.To) {
		return nil
	}
	e := &SendError{Outcome: OutcomeRetry, Reply: listed(refused), Refused: refused, Judged: true, Err: errPutOff}
	switch {
	case !slices.ContainsFunc(refused, func(r Refusal) bool { return r.Code/100 != 4 || !usedUp(r.Reply) }):
		e.Outcome, e.Judged = OutcomeOutage, false
	case !slices.ContainsFunc(refused, func(r Refusal) bool { return !r.aboutUs() }):
		e.Outcome, e.Err = OutcomeDoubt, errNoRecipient
	case !slices.ContainsFunc(refused, func(r Refusal) bool { return !r.forGood() }):
		e.Outcome, e.Err = OutcomeRefused, errNoRecipient
	}
	return e
}

var (
	errNoRecipient = errors.New("the server refuses every recipient")
	errPutOff      = errors.New("the server puts recipients off")
)

func listed(refused []Refusal) string {
	parts := make([]string, len(refused))
	for i, r := range refused {
		parts[i] = r.Address + ": " + r.Reply
		if r.Code == 0 {
			parts[i] = r.Address + ": the mail server does not offer SMTPUTF8"
		}
	}
	return shortened(strings.Join(parts, "; "))
}

// withRefused adds the recipients left out to the server's last word.
func withRefused(reply string, refused []Refusal) string {
	if len(refused) == 0 {
		return reply
	}
	return shortened(reply + " – not taken: " + listed(refused))
}

// content transmits the message. As long as its end has not been written the
// server cannot have taken it (RFC 5321 §4.1.1.4); after that only its answer
// tells.
func (c *conversation) content(m *Message, refused []Refusal) (string, error) {
	if err := c.command(); err != nil {
		return "", c.lost(err)
	}
	w, err := c.line.smtp.Data()
	if err != nil {
		code, reply := replyOf(err)
		if code == 0 || code == closing {
			return "", c.lost(err)
		}
		return "", judged(code, reply, err)
	}
	c.stale = false
	if err := c.line.smtp.UpdateDeadline(c.timeouts.Transfer); err != nil {
		return "", c.lost(err)
	}
	if _, err := w.Write(m.Content); err != nil {
		c.broken = true
		return "", retry(fmt.Errorf("connection lost while the mail was handed over: %w", err))
	}
	if m.HandOver != nil {
		if err := m.HandOver(taken(m, refused)); err != nil {
			c.broken = true // without an end of the content there is nothing to say on it
			return "", retry(err)
		}
	}
	return c.answer(w)
}

// taken are the recipients that the server takes the message for.
func taken(m *Message, refused []Refusal) []string {
	return slices.DeleteFunc(slices.Clone(m.To), func(to string) bool {
		return slices.ContainsFunc(refused, func(r Refusal) bool { return r.Address == to })
	})
}

// answer ends the content and waits for the server's word.
func (c *conversation) answer(w io.Closer) (string, error) {
	late := c.line.smtp.UpdateDeadline(c.timeouts.Answer)
	err := w.Close()
	if err == nil {
		if data, ok := w.(*smtp.DataCloser); ok {
			return shortened("250 " + data.ServerResponse()), nil
		}
		return "250", nil
	}
	code, reply := replyOf(err)
	switch code / 100 {
	case 2:
		return reply, nil
	case 4, 5:
		c.broken = code == closing
		return "", judged(code, reply, err)
	}
	c.broken = true
	return "", &SendError{Outcome: OutcomeUnknown, Reply: reply,
		Err: fmt.Errorf("no answer after the mail was handed over: %w", errors.Join(err, late))}
}

// judged is what a server's answer to the content means. A refusal may be of
// this message, or of all that we send.
func judged(code int, reply string, err error) *SendError {
	e := &SendError{Outcome: OutcomeRetry, Judged: true, Reply: reply, Err: err}
	switch {
	case code == closing || outageCode(code, reply) || code/100 == 4 && usedUp(reply):
		e.Outcome, e.Judged = OutcomeOutage, false
	case code/100 == 5:
		e.Outcome = OutcomeDoubt
	}
	return e
}

// replyOf takes a server's answer out of an error: its code and its text, or 0
// and nothing when the server did not answer.
func replyOf(err error) (int, string) {
	var reply *textproto.Error
	if !errors.As(err, &reply) {
		return 0, ""
	}
	return reply.Code, shortened(fmt.Sprintf("%d %s", reply.Code, reply.Msg))
}

// bracketed writes an address as SMTP commands want it, quoted where needed.
func bracketed(address string) string {
	return (&netmail.Address{Address: address}).String()
}
