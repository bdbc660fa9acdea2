package configs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"creditrun/internal/fault"
)

const example = "creditrun.example.yaml"

func noEnvironment(string) string { return "" }

func environment(vars map[string]string) func(string) string {
	return func(name string) string { return vars[name] }
}

// write makes a file and returns its path.
func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "creditrun.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWithoutAnythingTheDefaultsHold(t *testing.T) {
	for name, path := range map[string]string{
		"no file": "", "an empty file": write(t, ""), "only comments": write(t, "# nothing\n"), "keys without values": write(t, "db:\nlisten: ~\n"),
	} {
		c, err := Load(path, noEnvironment)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(Default(), c); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
	d := Default()
	if d.DB != "sqlite:creditrun.db" || d.Mail != "folder:outbox" || d.Listen != "127.0.0.1:8080" {
		t.Errorf("the defaults are not those of formats.md §3: %+v", d)
	}
}

func TestTheExampleDocumentsEveryKey(t *testing.T) {
	c, err := Load(example, noEnvironment)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Default(), c); diff != "" {
		t.Errorf("the example does not show the defaults:\n%s", diff)
	}
	text, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range Keys() {
		if !regexp.MustCompile(`(?m)^#[^\n]*\n(# )?` + key + `: \S`).Match(text) {
			t.Errorf("%s is not documented", key)
		}
		if expected[key] == "" {
			t.Errorf("nothing tells what %s expects", key)
		}
	}
	for _, key := range regexp.MustCompile(`(?m)^(?:# )?([a-z_]+): `).FindAllSubmatch(text, -1) {
		if !slices.Contains(Keys(), string(key[1])) {
			t.Errorf("the example shows %s, which does not exist", key[1])
		}
	}
	uncommented := regexp.MustCompile(`(?m)^# ([a-z_]+: file:)`).ReplaceAll(text, []byte("$1"))
	if _, err := Load(write(t, string(uncommented)), noEnvironment); len(fault.Of(err)) != 8 {
		t.Errorf("the secrets of the example do not refer to files: %v", err)
	}
}

func TestTheEnvironmentWinsOverTheFile(t *testing.T) {
	path := write(t, "db: postgres://u@file/x\nlisten: 0.0.0.0:80\nworkers: 2\nlog_level: debug\n")
	c, err := Load(path, environment(map[string]string{
		"CREDITRUN_DB": "postgres://u@env/x", "CREDITRUN_MAIL": "smtps://u@mail.example.com", "CREDITRUN_MAIL_ATTEMPTS": "3",
		"CREDITRUN_LISTEN": "", "CREDITRUN_LOG_FORMAT": "json", "CREDITRUN_RETRY_FOR": "36h",
	}))
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		DB: "postgres://u@env/x", Mail: "smtps://u@mail.example.com", AccessPoint: "folder:access-point", MailAttempts: 3, RetryFor: 36 * time.Hour,
		Listen: "0.0.0.0:80", OIDCName: "OpenID", Workers: 2, LogLevel: slog.LevelDebug, LogFormat: "json",
	}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Error(diff)
	}
}

func TestSecretsComeFromFileOrText(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte(" p@ss/wörd: \r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	path := write(t, "db: postgres://me@db/x?sslmode=disable\nmail: smtp://me@mail.example.com\nmail_password: file:"+secret+"\n")
	c, err := Load(path, environment(map[string]string{"CREDITRUN_DB_PASSWORD": "of the environment"}))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.MailURL(), "smtp://me:%20p%40ss%2Fw%C3%B6rd%3A%20@mail.example.com"; got != want {
		t.Errorf("mail %s, want %s", got, want)
	}
	if got, want := c.DBURL(), "postgres://me:of%20the%20environment@db/x?sslmode=disable"; got != want {
		t.Errorf("database %s, want %s", got, want)
	}
}

func TestAPasswordIsPutOnlyWhereItBelongs(t *testing.T) {
	for raw, want := range map[string]string{
		"smtp://me@host":          "smtp://me:x@host",
		"smtp://me:own@host":      "smtp://me:own@host",
		"smtp://host":             "smtp://host",
		"folder:outbox":           "folder:outbox",
		"sqlite:a@b.db":           "sqlite:a@b.db",
		"postgres://me@/db?a=%7E": "postgres://me:x@/db?a=%7E",
	} {
		if got := withPassword(raw, "x"); got != want {
			t.Errorf("%s becomes %s, want %s", raw, got, want)
		}
	}
}

func TestNoSecretIsPrintedOrLogged(t *testing.T) {
	c := Default()
	c.DB, c.Mail = "postgres://me:hunter2@db/x", "smtp://me:hunter2@host:587"
	c.DBPassword, c.MailPassword = "hunter2", "hunter2"
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("configuration", "config", c, "secret", c.DBPassword)
	if strings.Contains(log.String(), "hunter2") || !strings.Contains(log.String(), "me@host:587") {
		t.Errorf("logged %s", &log)
	}
	c.DB, c.Mail = "", ""
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	if printed := fmt.Sprintf("%v %+v %#v %s", c, c, c, text); strings.Contains(printed, "hunter2") {
		t.Errorf("printed %s", printed)
	}
}

func TestEverythingWrongIsReportedWithItsPlace(t *testing.T) {
	path := write(t, `db: mysql://host/x
listne: 127.0.0.1:80
workers: many
workers: 0
mail:
  server: host
log_level: loud
mail_password: file:/nowhere/secret
`)
	_, err := Load(path, environment(map[string]string{"CREDITRUN_LISTEN": "8080", "CREDITRUN_LOG_FORMAT": "xml"}))
	var got []string
	for _, f := range fault.Of(err) {
		if f.Kind != fault.Usage {
			t.Errorf("kind of %v", f)
		}
		place := f.Args["source"]
		if place == nil {
			place = fmt.Sprintf("%v:%v", f.Args["file"], f.Args["line"])
		}
		got = append(got, fmt.Sprintf("%s %v %v", strings.TrimPrefix(fmt.Sprint(place), path+":"), f.Key, f.Args["key"]))
	}
	want := []string{
		"1 config_value_invalid db", "2 config_key_unknown listne", "3 config_value_invalid workers", "4 config_key_twice workers",
		"5 config_value_invalid mail", "7 config_value_invalid log_level", "8 config_secret_unreadable mail_password",
		"CREDITRUN_LISTEN config_value_invalid listen", "CREDITRUN_LOG_FORMAT config_value_invalid log_format",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLinksBeginWithThePublicAddress(t *testing.T) {
	for text, want := range map[string]string{
		"":                     "http://127.0.0.1:8080",
		"listen: 0.0.0.0:80\n": "http://0.0.0.0:80",
		"public_url: https://credit.example.com\n":  "https://credit.example.com",
		"public_url: https://credit.example.com/\n": "https://credit.example.com",
	} {
		c, err := Load(write(t, text), noEnvironment)
		if got := c.PublicAddress(); err != nil || got != want {
			t.Errorf("%q: %s, %v", text, got, err)
		}
	}
	for _, url := range []string{"credit.example.com", "ftp://example.com", "https://", "https://me:x@example.com", "https://example.com?a=b", "https://example.com#a", "https://example.com/creditrun"} {
		if _, err := Load("", environment(map[string]string{"CREDITRUN_PUBLIC_URL": url})); !fault.Is(err, fault.Usage) {
			t.Errorf("%s: %v", url, err)
		}
	}
}

func TestProxiesAreAddressesAndNetworks(t *testing.T) {
	c, err := Load(write(t, "trusted_proxies: 10.0.0.1, 10.1.0.0/16,::1\n"), noEnvironment)
	want := []netip.Prefix{netip.MustParsePrefix("10.0.0.1/32"), netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("::1/128")}
	if err != nil || !slices.Equal(c.Proxies(), want) {
		t.Errorf("%v, %v", c.Proxies(), err)
	}
	if _, err := Load(write(t, "trusted_proxies: proxy.example.com\n"), noEnvironment); !fault.Is(err, fault.Usage) {
		t.Errorf("a name: %v", err)
	}
}

func TestALoginServerIsNamedWholeOrNot(t *testing.T) {
	whole := "oidc_issuer: https://login.example.com\noidc_client_id: creditrun\noidc_client_secret: hush\n"
	if c, err := Load(write(t, whole), noEnvironment); err != nil || c.OIDCClientSecret != "hush" {
		t.Errorf("%v, %v", c, err)
	}
	for what, text := range map[string]string{
		"without a secret":   "oidc_issuer: https://login.example.com\noidc_client_id: creditrun\n",
		"without a server":   "oidc_client_id: creditrun\noidc_client_secret: hush\n",
		"without encryption": strings.Replace(whole, "https", "http", 1),
	} {
		if _, err := Load(write(t, text), noEnvironment); !fault.Is(err, fault.Usage) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestFilesThatAreNoConfigurationAreRefused(t *testing.T) {
	for text, key := range map[string]string{
		"- a\n- b\n":                        "config_not_settings",
		"db\n":                              "config_not_settings",
		"db: a\n\tlisten: b: c\n":           "config_not_yaml",
		"db: sqlite:a\n---\ndb: sqlite:b\n": "config_not_settings",
		"db: [\n":                           "config_not_yaml",
		"db: \x00\n":                        "config_not_yaml",
	} {
		_, err := Load(write(t, text), noEnvironment)
		faults := fault.Of(err)
		if len(faults) != 1 || faults[0].Key != key {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if line, _ := faults[0].Args["line"].(int); line < 1 {
			t.Errorf("%q: no line in %v", text, err)
		}
	}
	if _, err := Load(filepath.Join(t.TempDir(), "none.yaml"), noEnvironment); !fault.Is(err, fault.NotFound) {
		t.Errorf("a missing file: %v", err)
	}
	if _, err := Load(t.TempDir(), noEnvironment); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a folder: %v", err)
	}
}

func TestFaultsDoNotRepeatSecrets(t *testing.T) {
	_, err := Load(write(t, "mail: imap://me:hunter2@host\n"), environment(map[string]string{"CREDITRUN_DB": "mysql://me:hunter2@host"}))
	if len(fault.Of(err)) != 2 || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("%v", err)
	}
}
