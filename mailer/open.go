package mailer

import (
	"crypto/tls"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"creditrun/internal/fault"
)

// Option changes how Open builds a transport to a mail server.
type Option func(*server)

// WithTLS sets what certificates are checked against, in place of the roots of
// the system.
func WithTLS(config *tls.Config) Option {
	return func(s *server) { s.tls = config.Clone() }
}

// WithTimeouts sets how long the transport waits. Zero values keep the
// defaults.
func WithTimeouts(t Timeouts) Option {
	return func(s *server) {
		for _, set := range []struct{ to, value *time.Duration }{
			{&s.timeouts.Command, &t.Command}, {&s.timeouts.Transfer, &t.Transfer},
			{&s.timeouts.Answer, &t.Answer}, {&s.timeouts.Idle, &t.Idle},
		} {
			if *set.value > 0 {
				*set.to = *set.value
			}
		}
	}
}

// Timeouts bound every wait on a mail server. A job that delivers needs more
// time than all of them together.
type Timeouts struct {
	Command  time.Duration // connecting, and each command
	Transfer time.Duration // handing the content over
	Answer   time.Duration // the answer after the content; long, because giving up means not to know (RFC 5321 §4.5.3.2.6)
	Idle     time.Duration // how long an unused connection stays open
}

var defaultTimeouts = Timeouts{
	Command:  time.Minute,
	Transfer: 5 * time.Minute,
	Answer:   10 * time.Minute,
	Idle:     30 * time.Second,
}

// defaultConnections is how many messages may be on their way at once.
const (
	defaultConnections = 4
	maxConnections     = 50
)

// server is a mail server and how to talk to it.
type server struct {
	host        string
	port        int
	implicitTLS bool // smtps
	policy      mail.TLSPolicy
	user        string
	password    string
	helo        string
	connections int
	tls         *tls.Config
	timeouts    Timeouts
}

// address is host and port, fit to be shown.
func (s *server) address() string { return net.JoinHostPort(s.host, strconv.Itoa(s.port)) }

// Open returns the transport that a URL describes. It connects to nothing yet.
//
//	folder:PATH                       one file per mail
//	smtp://user:password@host:587     STARTTLS, required when there is a password
//	smtps://user:password@host:465    TLS from the first byte
//
// Parameters: tls=none|opportunistic|mandatory (smtp only), connections=4,
// helo=NAME. Faults never repeat the URL, which may hold a password.
func Open(rawURL string, options ...Option) (Transport, error) {
	if path, ok := strings.CutPrefix(rawURL, "folder:"); ok {
		if path == "" {
			return nil, badURL("folder:PATH")
		}
		return &folder{path: path, create: createTemp}, nil
	}
	s, err := parseServer(rawURL)
	if err != nil {
		return nil, err
	}
	for _, option := range options {
		option(s)
	}
	return newSMTP(s), nil
}

func badURL(expected string) error {
	return fault.New(fault.Usage, "mail_url_invalid", fault.Args{"expected": expected})
}

func parseServer(rawURL string) (*server, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, badURL("smtp://user@host:587, smtps://user@host:465 or folder:PATH")
	}
	s := &server{host: u.Hostname(), connections: defaultConnections, timeouts: defaultTimeouts, policy: mail.TLSOpportunistic}
	switch u.Scheme {
	case "smtp":
		s.port = 587
	case "smtps":
		s.port, s.implicitTLS = 465, true
	default:
		return nil, badURL("smtp://user@host:587, smtps://user@host:465 or folder:PATH")
	}
	if s.host == "" || strings.Trim(u.Path, "/") != "" || u.Fragment != "" {
		return nil, badURL(u.Scheme + "://user@host:" + strconv.Itoa(s.port))
	}
	if port := u.Port(); port != "" {
		if s.port, err = strconv.Atoi(port); err != nil || s.port < 1 || s.port > 65535 {
			return nil, badURL("a port from 1 to 65535")
		}
	}
	if u.User != nil {
		s.user = u.User.Username()
		s.password, _ = u.User.Password()
		s.policy = mail.TLSMandatory
		if s.user == "" || s.password == "" {
			return nil, fault.New(fault.Usage, "mail_password_missing", fault.Args{"server": s.address()})
		}
	}
	return s, s.parameters(u)
}

// parameters reads what follows the question mark.
func (s *server) parameters(u *url.URL) error {
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return badURL("?name=value&name=value")
	}
	for name, values := range query {
		value := values[len(values)-1]
		switch name {
		case "tls":
			policy, ok := tlsPolicies[value]
			if !ok || s.implicitTLS {
				return badURL("smtp://…?tls=none, tls=opportunistic or tls=mandatory")
			}
			s.policy = policy
		case "connections":
			n, err := strconv.Atoi(value)
			if err != nil || n < 1 || n > maxConnections {
				return badURL("connections=1 to 50")
			}
			s.connections = n
		case "helo":
			if value == "" || strings.ContainsFunc(value, notInAddress) {
				return badURL("helo=mail.example.com")
			}
			s.helo = value
		default:
			return badURL("no parameters but tls, connections and helo")
		}
	}
	return nil
}

var tlsPolicies = map[string]mail.TLSPolicy{
	"none": mail.NoTLS, "opportunistic": mail.TLSOpportunistic, "mandatory": mail.TLSMandatory,
}

// tlsConfig tells how certificates are checked. Opportunistic encryption
// without a login checks none, as between mail servers: anyone who could forge a
// certificate could as well suppress the offer of STARTTLS, and a mail relay
// on the same machine has a self-signed one.
func (s *server) tlsConfig() *tls.Config {
	config := s.tls.Clone()
	if config == nil {
		config = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if config.ServerName == "" {
		config.ServerName = s.host
	}
	if !s.implicitTLS && s.policy == mail.TLSOpportunistic && s.user == "" {
		config.InsecureSkipVerify = true
	}
	return config
}
