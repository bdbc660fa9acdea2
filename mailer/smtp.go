package mailer

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/wneessen/go-mail"

	"creditrun/internal/fault"
)

// smtpTransport sends over a few connections, which stay open between
// messages: a connection of its own for each costs more than the message.
type smtpTransport struct {
	server *server
	slots  chan struct{} // one for each connection that may be open

	mu     sync.Mutex
	idle   []*line // the last one used comes last and is used first
	closed bool
}

func newSMTP(s *server) *smtpTransport {
	return &smtpTransport{server: s, slots: make(chan struct{}, s.connections)}
}

var errClosed = errors.New("mail transport is closed")

// Repeatable is false: a mail server that gets a message twice delivers it
// twice.
func (t *smtpTransport) Repeatable() bool { return false }

// Connections is how many connections are open at most.
func (t *smtpTransport) Connections() int { return cap(t.slots) }

// Send hands the message over on an open connection or a new one. Until the
// content is on its way, cancelling the context ends the attempt; from then on
// it is carried through, because breaking it off would mean not to know.
func (t *smtpTransport) Send(ctx context.Context, m *Message) (Receipt, error) {
	select {
	case t.slots <- struct{}{}:
		defer func() { <-t.slots }()
	case <-ctx.Done():
		return Receipt{}, retry(ctx.Err())
	}
	l, err := t.takeIdle()
	if err != nil {
		return Receipt{}, retry(err)
	}
	if l != nil {
		receipt, err, again := t.sendOver(ctx, l, m)
		if !again {
			return receipt, err
		}
	}
	l, err = t.dial(ctx)
	if ctx.Err() != nil {
		return Receipt{}, retry(ctx.Err())
	}
	if err != nil {
		return Receipt{}, outage(err)
	}
	receipt, err, _ := t.sendOver(ctx, l, m)
	return receipt, err
}

// sendOver holds the conversation on one connection and keeps the connection
// if it is still good. The last result tells that the connection had grown
// stale before anything of the message was transmitted.
func (t *smtpTransport) sendOver(ctx context.Context, l *line, m *Message) (Receipt, error, bool) {
	c := conversation{line: l, timeouts: t.server.timeouts}
	receipt, err := c.hold(ctx, m)
	if err == nil && m.Answered != nil {
		m.Answered(receipt)
	}
	if c.broken {
		_ = l.conn.Close()
	} else {
		t.putIdle(l)
	}
	if err == nil {
		return receipt, nil, false
	}
	return Receipt{}, err, c.stale && ctx.Err() == nil
}

// takeIdle returns the connection that was used last, or nil.
func (t *smtpTransport) takeIdle() (*line, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return nil, errClosed
	}
	if len(t.idle) == 0 {
		return nil, nil
	}
	l := t.idle[len(t.idle)-1]
	t.idle = t.idle[:len(t.idle)-1]
	l.timer.Stop()
	return l, nil
}

// putIdle keeps a connection for the next message, for a while.
func (t *smtpTransport) putIdle(l *line) {
	t.mu.Lock()
	closed := t.closed
	if !closed {
		l.used = true
		l.timer = time.AfterFunc(t.server.timeouts.Idle, func() { t.dropIdle(l) })
		t.idle = append(t.idle, l)
	}
	t.mu.Unlock()
	if closed {
		l.quit()
	}
}

// dropIdle closes a connection unless it was taken again.
func (t *smtpTransport) dropIdle(l *line) {
	t.mu.Lock()
	at := slices.Index(t.idle, l)
	if at >= 0 {
		t.idle = slices.Delete(t.idle, at, at+1)
	}
	t.mu.Unlock()
	if at >= 0 {
		l.quit()
	}
}

// Close takes no more messages, waits for those on their way and says goodbye
// to the server.
func (t *smtpTransport) Close() error {
	t.mu.Lock()
	t.closed = true
	idle := t.idle
	t.idle = nil
	t.mu.Unlock()
	for _, l := range idle {
		l.timer.Stop()
		l.quit()
	}
	for range cap(t.slots) {
		t.slots <- struct{}{}
	}
	for range cap(t.slots) {
		<-t.slots
	}
	return nil
}

// dial opens a connection: greeting, encryption and login as go-mail does
// them.
func (t *smtpTransport) dial(ctx context.Context) (*line, error) {
	var conn net.Conn
	stop := func() bool { return true }
	options := append(t.server.options(), mail.WithDialContextFunc(
		func(dialing context.Context, network, address string) (net.Conn, error) {
			c, err := t.server.connect(dialing, network, address)
			if err == nil {
				conn = c
				stop = context.AfterFunc(ctx, func() { _ = c.Close() })
			}
			return c, err
		}))
	client, err := mail.NewClient(t.server.host, options...)
	if err != nil {
		return nil, t.server.fault(err)
	}
	s, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil && conn != nil {
		_ = conn.Close() // go-mail leaves it open
	}
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, t.server.fault(err)
	}
	return &line{smtp: s, conn: conn}, nil
}

// options are the settings of go-mail for this server.
func (s *server) options() []mail.Option {
	options := []mail.Option{
		mail.WithPort(s.port),
		mail.WithTimeout(s.timeouts.Command),
		mail.WithTLSConfig(s.tlsConfig()),
		mail.WithTLSPolicy(s.policy),
	}
	if s.implicitTLS {
		// Encrypted already: connect does it. There is nothing to start.
		options = append(options, mail.WithTLSPolicy(mail.TLSOpportunistic))
	}
	if s.helo != "" {
		options = append(options, mail.WithHELO(s.helo))
	}
	if s.user != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover),
			mail.WithUsername(s.user), mail.WithPassword(s.password))
	}
	return options
}

func (s *server) connect(ctx context.Context, network, address string) (net.Conn, error) {
	if s.implicitTLS {
		return (&tls.Dialer{Config: s.tlsConfig()}).DialContext(ctx, network, address)
	}
	return new(net.Dialer).DialContext(ctx, network, address)
}

// fault names what keeps us from talking to the server. None of it is the
// fault of a message, so all of it is worth another try.
func (s *server) fault(err error) error {
	key := "mail_server_unreachable"
	var certificate *tls.CertificateVerificationError
	var unknownCA x509.UnknownAuthorityError
	var record tls.RecordHeaderError
	text := err.Error()
	switch {
	case errors.As(err, &certificate), errors.As(err, &unknownCA):
		key = "mail_certificate_invalid"
	case errors.As(err, &record), strings.Contains(text, "does not support STARTTLS"):
		key = "mail_encryption_unavailable"
	case strings.Contains(text, "AUTH"), errors.Is(err, mail.ErrNoSupportedAuthDiscovered):
		key = "mail_login_refused"
	}
	return fault.Wrap(fault.Unavailable, key,
		fault.Args{"server": s.address(), "reason": withoutAddresses(shortened(text))}, err)
}
