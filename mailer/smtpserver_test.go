package mailer

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	smtpd "github.com/emersion/go-smtp"
)

// mailServer is a real SMTP server on the loopback. The functions decide what
// it says; nil ones agree.
type mailServer struct {
	mailFrom func() error
	rcptTo   func(to string) error
	data     func(c *smtpd.Conn, r io.Reader) error
	login    bool // offers AUTH PLAIN: user secret
	ascii    bool // does not offer SMTPUTF8

	addr  string
	roots *x509.CertPool

	mu          sync.Mutex
	connections int
	hungUp      int
	resets      int
	utf8        int
	logins      int
	mails       []received
}

type received struct {
	from    string
	to      []string
	content []byte
	tls     bool
}

// start runs the server until the test ends. With encryption it offers
// STARTTLS.
func (s *mailServer) start(t testing.TB, encryption bool) *mailServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = l.Addr().String()
	server := smtpd.NewServer(smtpd.BackendFunc(s.session))
	server.Domain = "mail.example.com"
	server.EnableSMTPUTF8 = !s.ascii
	server.ErrorLog = log.New(io.Discard, "", 0)
	if encryption {
		server.TLSConfig = s.certificate(t)
	}
	go func() { _ = server.Serve(counting{l, s}) }()
	t.Cleanup(func() { _ = server.Close() })
	return s
}

// startTLS runs the server encrypted from the first byte.
func (s *mailServer) startTLS(t testing.TB) *mailServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = l.Addr().String()
	server := smtpd.NewServer(smtpd.BackendFunc(s.session))
	server.ErrorLog = log.New(io.Discard, "", 0)
	encrypted := tls.NewListener(counting{l, s}, s.certificate(t))
	go func() { _ = server.Serve(encrypted) }()
	t.Cleanup(func() { _ = server.Close() })
	return s
}

// certificate makes a self-signed one, which roots trusts.
func (s *mailServer) certificate(t testing.TB) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	s.roots = x509.NewCertPool()
	s.roots.AddCert(leaf)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

func (s *mailServer) session(c *smtpd.Conn) (smtpd.Session, error) {
	base := &smtpSession{server: s, conn: c}
	if s.login {
		return &loginSession{base}, nil
	}
	return base, nil
}

// counting counts connections: with STARTTLS one of them has two sessions.
type counting struct {
	net.Listener
	server *mailServer
}

func (l counting) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err == nil {
		l.server.mu.Lock()
		l.server.connections++
		l.server.mu.Unlock()
		c = &watched{Conn: c, server: l.server}
	}
	return c, err
}

// watched notices when the client hangs up.
type watched struct {
	net.Conn
	server *mailServer
	once   sync.Once
}

func (c *watched) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if err != nil {
		c.once.Do(func() {
			c.server.mu.Lock()
			c.server.hungUp++
			c.server.mu.Unlock()
		})
	}
	return n, err
}

// stillOpen returns how many connections clients keep open.
func (s *mailServer) stillOpen() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.connections - s.hungUp
}

type smtpSession struct {
	server *mailServer
	conn   *smtpd.Conn
	mail   received
}

func (s *smtpSession) Mail(from string, o *smtpd.MailOptions) error {
	if o.UTF8 {
		s.server.mu.Lock()
		s.server.utf8++
		s.server.mu.Unlock()
	}
	_, encrypted := s.conn.TLSConnectionState()
	s.mail = received{from: from, tls: encrypted}
	if s.server.mailFrom != nil {
		return s.server.mailFrom()
	}
	return nil
}

func (s *smtpSession) Rcpt(to string, _ *smtpd.RcptOptions) error {
	if s.server.rcptTo != nil {
		if err := s.server.rcptTo(to); err != nil {
			return err
		}
	}
	s.mail.to = append(s.mail.to, to)
	return nil
}

func (s *smtpSession) Data(r io.Reader) error {
	if s.server.data != nil {
		return s.server.data(s.conn, r)
	}
	content, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.mail.content = content
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.mails = append(s.server.mails, s.mail)
	return nil
}

func (s *smtpSession) Reset() {
	s.mail = received{}
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.resets++
}

func (s *smtpSession) Logout() error { return nil }

// loginSession wants a login first.
type loginSession struct{ *smtpSession }

func (s *loginSession) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *loginSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "user" || password != "s:cret/" {
			return errors.New("wrong password")
		}
		s.server.mu.Lock()
		defer s.server.mu.Unlock()
		s.server.logins++
		return nil
	}), nil
}

func (s *mailServer) inbox() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]received(nil), s.mails...)
}

// open returns a transport to the server; url has %s for host and port.
func (s *mailServer) open(t testing.TB, before, after string, options ...Option) Transport {
	t.Helper()
	if s.roots != nil {
		options = append([]Option{WithTLS(&tls.Config{RootCAs: s.roots})}, options...)
	}
	tr, err := Open(before+s.addr+after, append(options, WithTimeouts(Timeouts{
		Command: 5 * time.Second, Transfer: 5 * time.Second, Answer: 5 * time.Second,
	}))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tr.Close(); err != nil {
			t.Error(err)
		}
	})
	return tr
}

// port is where the server listens.
func (s *mailServer) port(t testing.TB) int {
	t.Helper()
	_, text, err := net.SplitHostPort(s.addr)
	port, wrong := strconv.Atoi(text)
	if err != nil || wrong != nil {
		t.Fatal(err, wrong)
	}
	return port
}

func says(code int, text string) error {
	return &smtpd.SMTPError{Code: code, EnhancedCode: smtpd.EnhancedCode{code / 100, 0, 0}, Message: text}
}

// nowhere is an address at which no one listens.
func nowhere(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return "127.0.0.1:" + strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}
