package configs

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	yaml "go.yaml.in/yaml/v4"

	"creditrun/internal/fault"
)

// Prefix is what the variables in the environment begin with.
const Prefix = "CREDITRUN_"

// fileReference marks a value that is to be read from a file: file:/path.
const fileReference = "file:"

// Load reads the configuration: defaults, then the file (none when path is
// empty), then the environment, where empty variables count as not set. It
// reports everything that is wrong at once, as faults that name file and line
// or the variable, and never repeat a value, which may be secret. Relative
// paths are meant from the working directory.
func Load(path string, getenv func(string) string) (Config, error) {
	c := Default()
	l := loader{target: reflect.ValueOf(&c).Elem(), sources: map[string]string{}}
	if path != "" {
		if err := l.file(path); err != nil {
			return Config{}, err
		}
	}
	for _, key := range Keys() {
		name := Variable(key)
		if value := getenv(name); value != "" {
			l.set(key, value, name)
		}
	}
	if len(l.faults) == 0 {
		l.signing(c)
	}
	if err := l.faults.Err(); err != nil {
		return Config{}, err
	}
	return c, nil
}

// Keys lists the keys of the configuration in the order of Config.
func Keys() []string {
	t := reflect.TypeFor[Config]()
	keys := make([]string, t.NumField())
	for i := range keys {
		keys[i] = t.Field(i).Tag.Get("key")
	}
	return keys
}

// Variable is the variable in the environment that belongs to a key.
func Variable(key string) string { return Prefix + strings.ToUpper(key) }

// loader fills a Config and collects what is wrong.
type loader struct {
	target  reflect.Value
	sources map[string]string // of the keys that were given: file and line, or the variable
	faults  fault.List
}

func (l *loader) fault(key string, args fault.Args) {
	l.faults = append(l.faults, fault.New(fault.Usage, key, args))
}

// file reads a YAML file. An error is one that hides everything else.
func (l *loader) file(path string) error {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fault.Wrap(fault.NotFound, "config_file_missing", fault.Args{"file": path}, err)
	}
	if err != nil {
		return fault.Wrap(fault.Unavailable, "config_file_unreadable", fault.Args{"file": path, "reason": reason(err)}, err)
	}
	root, err := document(path, text)
	if err != nil || root == nil {
		return err
	}
	if root.Kind != yaml.MappingNode {
		return fault.New(fault.Usage, "config_not_settings", fault.Args{"file": path, "line": root.Line})
	}
	l.settings(path, root)
	return nil
}

// document parses the one YAML document of a file. Nil means that there is
// nothing in it but comments.
func document(path string, text []byte) (*yaml.Node, error) {
	y, err := yaml.NewLoader(bytes.NewReader(text))
	if err != nil {
		return nil, notYAML(path, err)
	}
	var doc, second yaml.Node
	switch err := y.Load(&doc); {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, notYAML(path, err)
	}
	switch err := y.Load(&second); {
	case err == nil:
		return nil, fault.New(fault.Usage, "config_not_settings", fault.Args{"file": path, "line": second.Line})
	case !errors.Is(err, io.EOF):
		return nil, notYAML(path, err)
	}
	if len(doc.Content) == 0 || doc.Content[0].Tag == "!!null" {
		return nil, nil
	}
	return doc.Content[0], nil
}

func notYAML(path string, err error) error {
	line, why := 1, err.Error()
	var at *yaml.LoadError
	if errors.As(err, &at) {
		line, why = max(at.Mark.Line, 1), at.Message
	}
	return fault.Wrap(fault.Usage, "config_not_yaml", fault.Args{"file": path, "line": line, "reason": why}, err)
}

func (l *loader) settings(path string, root *yaml.Node) {
	seen := map[string]bool{}
	for i := 0; i+1 < len(root.Content); i += 2 {
		name, value := root.Content[i], root.Content[i+1]
		source := path + ":" + strconv.Itoa(name.Line)
		switch {
		case !slices.Contains(Keys(), name.Value):
			l.fault("config_key_unknown", fault.Args{
				"file": path, "line": name.Line, "key": name.Value, "known": strings.Join(Keys(), ", "),
			})
		case seen[name.Value]:
			l.fault("config_key_twice", fault.Args{"file": path, "line": name.Line, "key": name.Value})
		case value.Kind != yaml.ScalarNode:
			l.invalid(name.Value, source)
		case value.Tag == "!!null":
			// A key without a value keeps the default.
		default:
			l.set(name.Value, value.Value, source)
		}
		seen[name.Value] = true
	}
}

// set checks a value and stores it.
func (l *loader) set(key, value, source string) {
	l.sources[key] = source
	field := l.target.Field(slices.Index(Keys(), key))
	switch to := field.Addr().Interface().(type) {
	case *Secret:
		l.secret(to, key, value, source)
	case *slog.Level:
		level, ok := levels[value]
		if !ok {
			l.invalid(key, source)
			return
		}
		*to = level
	case *time.Duration:
		d, ok := duration(value)
		if !ok {
			l.invalid(key, source)
			return
		}
		*to = d
	case *int:
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 || n > 1000 {
			l.invalid(key, source)
			return
		}
		*to = n
	case *string:
		if !valid[key](value) {
			l.invalid(key, source)
			return
		}
		*to = value
	}
}

// duration reads days, such as 5d, or a duration as Go writes it, such as 36h:
// from a minute to 30 days.
func duration(text string) (time.Duration, bool) {
	d, err := time.ParseDuration(text)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n := 0
		n, err = strconv.Atoi(days)
		d = time.Duration(min(n, 1000)) * 24 * time.Hour
	}
	return d, err == nil && d >= time.Minute && d <= 30*24*time.Hour
}

// secret stores a secret, from a file if the value says so. One line break at
// the end of the file does not count.
func (l *loader) secret(to *Secret, key, value, source string) {
	path, isReference := strings.CutPrefix(value, fileReference)
	if !isReference {
		*to = Secret(value)
		return
	}
	text, err := os.ReadFile(path)
	if err != nil {
		l.fault("config_secret_unreadable", fault.Args{"source": source, "key": key, "path": path, "reason": reason(err)})
		return
	}
	*to = Secret(strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r"))
}

// reason is why a file could not be read, without repeating its path.
func reason(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}

func (l *loader) invalid(key, source string) {
	l.fault("config_value_invalid", fault.Args{"source": source, "key": key, "expected": expected[key]})
}

// expected tells for each key what it wants.
var expected = map[string]string{
	"db":                 "sqlite:PATH or postgres://user@host/name",
	"db_password":        "a text or file:/path",
	"mail":               "smtp://user@host:587, smtps://user@host:465 or folder:PATH",
	"mail_password":      "a text or file:/path",
	"access_point":       "folder:PATH",
	"mail_attempts":      "a number from 1 to 1000",
	"retry_for":          "days like 5d or hours like 36h, from 1m to 30d",
	"mail_journal":       "the path of a folder",
	"bounce_mailbox":     "imaps://user@host/INBOX, imap://user@host/INBOX or folder:PATH",
	"bounce_password":    "a text or file:/path",
	"dkim_domain":        "a domain, like example.com",
	"dkim_selector":      "a name in the DNS, like creditrun",
	"dkim_key":           "file:/path of an RSA key (2048 bits or more) or an Ed25519 key in PEM, without a password",
	"smime_cert":         "file:/path of a certificate for e-mail in PEM",
	"smime_key":          "file:/path of the RSA or ECDSA key of smime_cert in PEM, without a password",
	"proof_key":          "file:/path of the Ed25519 key that creditrun keys new wrote",
	"listen":             "HOST:PORT, like 127.0.0.1:8080",
	"public_url":         "https://HOST or http://HOST:PORT, without a path",
	"fallback_fonts":     "paths of font files, separated by commas, like /usr/share/fonts/NotoSansCJK-Regular.ttc#2",
	"trusted_proxies":    "addresses or networks, like 10.0.0.1, 10.1.0.0/16",
	"webhook_networks":   "addresses or networks, like 127.0.0.1, 10.1.0.0/16",
	"oidc_name":          "what people call the login server",
	"oidc_issuer":        "https://… of the OpenID provider, http:// only on this machine",
	"oidc_client_id":     "the name of creditrun at the OpenID provider",
	"oidc_client_secret": "a text or file:/path",
	"workers":            "a number from 1 to 1000",
	"log_level":          "debug, info, warn or error",
	"log_format":         "text or json",
}

var levels = map[string]slog.Level{
	"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
}

// valid checks the keys that are plain texts.
var valid = map[string]func(string) bool{
	"db": func(s string) bool {
		return after(s, "sqlite:") || reachable(s, "postgres", "postgresql")
	},
	"mail": func(s string) bool {
		return after(s, "folder:") || reachable(s, "smtp", "smtps")
	},
	"access_point": func(s string) bool { return after(s, "folder:") },
	"bounce_mailbox": func(s string) bool {
		return after(s, "folder:") || reachable(s, "imap", "imaps")
	},
	"listen": func(s string) bool {
		_, port, err := net.SplitHostPort(s)
		n, numeric := strconv.Atoi(port)
		return err == nil && numeric == nil && n >= 0 && n <= 65535
	},
	"public_url": func(s string) bool {
		u, err := url.Parse(s)
		return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil && u.RawQuery == "" && u.Fragment == "" &&
			strings.Trim(u.Path, "/") == ""
	},
	"trusted_proxies":  func(s string) bool { _, err := parseNetworks(s); return err == nil },
	"webhook_networks": func(s string) bool { _, err := parseNetworks(s); return err == nil },
	"fallback_fonts":   func(s string) bool { return !strings.Contains(s, "\n") },
	"oidc_name":        notBlank,
	"oidc_client_id":   notBlank,
	"oidc_issuer": func(s string) bool {
		u, err := url.Parse(s)
		return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http" && slices.Contains([]string{"localhost", "127.0.0.1", "::1"}, u.Hostname()))
	},
	"dkim_domain":   func(s string) bool { return domainName.MatchString(s) && strings.Contains(s, ".") },
	"dkim_selector": domainName.MatchString,
	"mail_journal":  notBlank,
	"log_format":    func(s string) bool { return s == "text" || s == "json" },
}

func notBlank(s string) bool { return strings.TrimSpace(s) != "" }

func after(s, prefix string) bool { return strings.HasPrefix(s, prefix) && len(s) > len(prefix) }

// reachable reports whether a text is a URL of one of the schemes. PostgreSQL
// allows one without a host, for the local socket.
func reachable(s string, schemes ...string) bool {
	u, err := url.Parse(s)
	if err != nil || !slices.Contains(schemes, u.Scheme) || !strings.Contains(s, "://") {
		return false
	}
	return u.Host != "" || strings.HasPrefix(u.Scheme, "postgres")
}
