// Package configs reads the configuration of the process: where the database
// is, where mail goes, where the pages listen. A file comes first, the
// environment overrides it, and what neither says has a default. What
// administrators toggle is in the database, not here.
package configs

import (
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/netip"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Config is the configuration of one process. Every field has a key in the
// file and a variable in the environment: db is CREDITRUN_DB.
type Config struct {
	// DB is the database: sqlite:PATH or postgres://…; may hold a password.
	DB string `key:"db"`
	// DBPassword is the password for DB when it is not in the URL.
	DBPassword Secret `key:"db_password"`
	// Mail is where mail goes: smtp://…, smtps://… or folder:PATH; may hold
	// a password.
	Mail string `key:"mail"`
	// MailPassword is the password for Mail when it is not in the URL.
	MailPassword Secret `key:"mail_password"`
	// AccessPoint is where e-invoices of networks go: folder:PATH, which an access
	// point takes them from.
	AccessPoint string `key:"access_point"`
	// MailAttempts is how often a mail is tried that the server puts off, until
	// it fails.
	MailAttempts int `key:"mail_attempts"`
	// RetryFor is how long a mail is tried, while the server takes none or puts
	// this one off.
	RetryFor time.Duration `key:"retry_for"`
	// MailJournal is the folder for what a mail server answered until the
	// database has it; empty: beside the SQLite file, else creditrun-mail in
	// the working folder.
	MailJournal string `key:"mail_journal"`
	// BounceMailbox is where reports of mails that came back arrive:
	// imaps://user@host/INBOX or folder:PATH; may hold a password; empty:
	// nowhere that creditrun reads.
	BounceMailbox string `key:"bounce_mailbox"`
	// BouncePassword is the password for BounceMailbox when it is not in the
	// URL.
	BouncePassword Secret `key:"bounce_password"`
	// DKIMDomain and DKIMSelector name the public key of DKIMKey in the DNS;
	// all three are given or none.
	DKIMDomain   string `key:"dkim_domain"`
	DKIMSelector string `key:"dkim_selector"`
	// DKIMKey is the private key in PEM that signs mails for DKIMDomain.
	DKIMKey Secret `key:"dkim_key"`
	// SMIMECert is the certificate in PEM of those who send, followed by the
	// one that issued it; SMIMEKey is its private key. Both are given or none.
	SMIMECert Secret `key:"smime_cert"`
	SMIMEKey  Secret `key:"smime_key"`
	// ProofKey is the private Ed25519 key in PEM that signs the heads of runs and
	// their documents; empty: they carry no proof.
	ProofKey Secret `key:"proof_key"`
	// Listen is the address of the admin pages: HOST:PORT.
	Listen string `key:"listen"`
	// PublicURL is how people reach the admin pages; empty: by Listen.
	PublicURL string `key:"public_url"`
	// TrustedProxies are addresses and networks, separated by commas, whose
	// X-Forwarded-For is believed.
	TrustedProxies string `key:"trusted_proxies"`
	// WebhookNetworksText are addresses and networks, separated by commas, that
	// events may be posted to besides the open network: of this machine and of
	// inner networks.
	WebhookNetworksText string `key:"webhook_networks"`
	// OIDCIssuer, OIDCClientID and OIDCClientSecret name an OpenID provider at
	// which people may log in; all three are given or none. OIDCName is what
	// people call it.
	OIDCName         string `key:"oidc_name"`
	OIDCIssuer       string `key:"oidc_issuer"`
	OIDCClientID     string `key:"oidc_client_id"`
	OIDCClientSecret Secret `key:"oidc_client_secret"`
	// FallbackFonts are font files, separated by commas, for characters that
	// the fonts in the program lack: PATH, or PATH#2 for the second font of a
	// collection.
	FallbackFonts string `key:"fallback_fonts"`
	// Workers is how many background jobs run at the same time.
	Workers int `key:"workers"`
	// LogLevel is the least important message that is logged.
	LogLevel slog.Level `key:"log_level"`
	// LogFormat is text or json.
	LogFormat string `key:"log_format"`
}

// Default is the configuration when nothing is configured.
func Default() Config {
	return Config{
		DB:           "sqlite:creditrun.db",
		Mail:         "folder:outbox",
		AccessPoint:  "folder:access-point",
		MailAttempts: 10,
		RetryFor:     5 * 24 * time.Hour,
		Listen:       "127.0.0.1:8080",
		OIDCName:     "OpenID",
		Workers:      4,
		LogLevel:     slog.LevelInfo,
		LogFormat:    "text",
	}
}

// Secret is a text that is never printed or logged.
type Secret string

// String hides the secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "•••"
}

// GoString hides the secret.
func (s Secret) GoString() string { return s.String() }

// MarshalText hides the secret.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue hides the secret.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// DBURL is DB with the password in it.
func (c Config) DBURL() string { return withPassword(c.DB, c.DBPassword) }

// MailURL is Mail with the password in it, as mailer.Open wants it.
func (c Config) MailURL() string { return withPassword(c.Mail, c.MailPassword) }

// BounceURL is BounceMailbox with the password in it, as mailbox.Open wants it.
func (c Config) BounceURL() string { return withPassword(c.BounceMailbox, c.BouncePassword) }

// withPassword puts a password beside the user of a URL. A password that is in
// the URL already stays; without a user there is nothing to log in with.
func withPassword(raw string, password Secret) string {
	if password == "" || !strings.Contains(raw, "://") {
		return raw
	}
	u, err := url.Parse(raw)
	if err != nil || u.User == nil || u.User.Username() == "" {
		return raw
	}
	if _, has := u.User.Password(); !has {
		u.User = url.UserPassword(u.User.Username(), string(password))
	}
	return u.String()
}

// PublicAddress is how people reach the admin pages, without a slash at the
// end: links begin with it.
func (c Config) PublicAddress() string {
	if c.PublicURL == "" {
		return "http://" + c.Listen
	}
	return strings.TrimRight(c.PublicURL, "/")
}

// Proxies are the networks of TrustedProxies.
func (c Config) Proxies() []netip.Prefix {
	list, _ := parseNetworks(c.TrustedProxies) // was checked by Load
	return list
}

// Fonts are the files of FallbackFonts.
func (c Config) Fonts() (files []FontFile) {
	for one := range strings.SplitSeq(c.FallbackFonts, ",") {
		if one = strings.TrimSpace(one); one == "" {
			continue
		}
		file := FontFile{Path: one, Number: 1}
		if path, number, found := strings.Cut(one, "#"); found {
			if n, err := strconv.Atoi(number); err == nil && n > 0 {
				file = FontFile{Path: path, Number: n}
			}
		}
		files = append(files, file)
	}
	return files
}

// FontFile is a font: a file, and which font of it where it is a collection.
type FontFile struct {
	Path   string
	Number int // from 1
}

// WebhookNetworks are the networks that events may be posted to besides the open
// network.
func (c Config) WebhookNetworks() []netip.Prefix {
	list, _ := parseNetworks(c.WebhookNetworksText) // was checked by Load
	return list
}

// parseNetworks reads addresses and networks separated by commas.
func parseNetworks(text string) (list []netip.Prefix, err error) {
	for one := range strings.SplitSeq(text, ",") {
		if one = strings.TrimSpace(one); one == "" {
			continue
		}
		network, err := netip.ParsePrefix(one)
		if err != nil {
			address, err := netip.ParseAddr(one)
			if err != nil {
				return nil, err
			}
			network = netip.PrefixFrom(address, address.BitLen())
		}
		list = append(list, network)
	}
	return list, nil
}

// JournalFolder is the folder for what a mail server answered: for each database
// another one.
func (c Config) JournalFolder() string {
	if path, ok := strings.CutPrefix(c.DB, "sqlite:"); ok && c.MailJournal == "" {
		return path + "-mail"
	}
	folder := c.MailJournal
	if folder == "" {
		folder = "creditrun-mail"
	}
	sum := sha256.Sum256([]byte(withoutPassword(c.DB)))
	return filepath.Join(folder, hex.EncodeToString(sum[:4]))
}

// LogValue is the configuration without its secrets.
func (c Config) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("db", withoutPassword(c.DB)),
		slog.String("mail", withoutPassword(c.Mail)),
		slog.Int("mail_attempts", c.MailAttempts),
		slog.Duration("retry_for", c.RetryFor),
		slog.String("mail_journal", c.MailJournal),
		slog.String("bounce_mailbox", withoutPassword(c.BounceMailbox)),
		slog.String("dkim_domain", c.DKIMDomain),
		slog.String("dkim_selector", c.DKIMSelector),
		slog.Bool("smime", c.SMIMECert != ""),
		slog.Bool("proof", c.ProofKey != ""),
		slog.String("listen", c.Listen),
		slog.String("public_url", c.PublicURL),
		slog.String("trusted_proxies", c.TrustedProxies),
		slog.String("webhook_networks", c.WebhookNetworksText),
		slog.String("fallback_fonts", c.FallbackFonts),
		slog.String("oidc_issuer", c.OIDCIssuer),
		slog.String("oidc_client_id", c.OIDCClientID),
		slog.Int("workers", c.Workers),
		slog.String("log_level", c.LogLevel.String()),
		slog.String("log_format", c.LogFormat),
	)
}

// withoutPassword hides the password of a URL.
func withoutPassword(raw string) string {
	scheme, rest, found := strings.Cut(raw, "://")
	if !found {
		return raw
	}
	u, err := url.Parse(raw)
	if err != nil {
		return scheme + "://•••"
	}
	if u.User == nil {
		return raw
	}
	_, rest, _ = strings.Cut(rest, "@")
	return scheme + "://" + url.PathEscape(u.User.Username()) + "@" + rest
}
