package mailbox_test

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
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/google/go-cmp/cmp"

	"creditrun/internal/fault"
	"creditrun/mailer/mailbox"
)

const (
	bounce  = "Subject: Undelivered Mail Returned to Sender\r\n\r\nIt did not arrive.\r\n"
	another = "Subject: Delivery failed\r\n\r\nThis one neither.\r\n"
	letter  = "Subject: Our credit note\r\n\r\nIs it correct?\r\n"
)

// readAll reads a mailbox; only letters are not done with.
func readAll(t *testing.T, m mailbox.Mailbox) (read []string) {
	t.Helper()
	err := m.Each(t.Context(), func(raw []byte) (mailbox.Verdict, error) {
		read = append(read, string(raw))
		if string(raw) == letter {
			return mailbox.Stay, nil
		}
		return mailbox.Aside, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(read)
	return read
}

func TestWhatIsDoneWithIsPutAsideAndTheRestStays(t *testing.T) {
	for _, caps := range []imap.CapSet{
		{imap.CapIMAP4rev1: {}, imap.CapMove: {}},
		{imap.CapIMAP4rev1: {}, imap.CapUIDPlus: {}},
		{imap.CapIMAP4rev1: {}},
		{imap.CapIMAP4rev2: {}, imap.CapIMAP4rev1: {}},
	} {
		w := serve(t, caps)
		w.append("INBOX", bounce, letter)
		m := w.open("imaps://anna:secret@" + w.address + "/INBOX")
		if diff := cmp.Diff([]string{letter, bounce}, readAll(t, m)); diff != "" {
			t.Fatal(diff)
		}
		if diff := cmp.Diff([]string{letter}, w.unread("INBOX")); diff != "" {
			t.Errorf("%v: the letter does not wait for a person: %s", caps, diff)
		}
		if diff := cmp.Diff([]string{bounce}, w.all("Processed")); diff != "" {
			t.Errorf("%v: put aside: %s", caps, diff)
		}
		w.append("INBOX", another)
		if diff := cmp.Diff([]string{another}, readAll(t, m)); diff != "" {
			t.Errorf("%v: read the second time: %s", caps, diff)
		}
		if diff := cmp.Diff([]string{another, bounce}, w.all("Processed")); diff != "" {
			t.Errorf("%v: put aside: %s", caps, diff)
		}
	}
}

func TestAMessageThatCouldNotBeProcessedStays(t *testing.T) {
	w := serve(t, imap.CapSet{imap.CapIMAP4rev1: {}})
	w.append("INBOX", bounce, another)
	m := w.open("imaps://anna:secret@" + w.address + "/INBOX?processed=Done")
	full := errors.New("the disk is full")
	if err := m.Each(t.Context(), func([]byte) (mailbox.Verdict, error) { return mailbox.Aside, full }); !errors.Is(err, full) {
		t.Errorf("the error is %v", err)
	}
	if got := w.unread("INBOX"); len(got) != 2 {
		t.Errorf("%d messages are left", len(got))
	}
	readAll(t, m)
	if diff := cmp.Diff([]string{another, bounce}, w.all("Done")); diff != "" {
		t.Errorf("put aside: %s", diff)
	}
}

func TestAMailboxThatCannotBeReadIsASentence(t *testing.T) {
	w := serve(t, imap.CapSet{imap.CapIMAP4rev1: {}})
	for url, key := range map[string]string{
		"imaps://anna:wrong@" + w.address:                             "bounce_mailbox_unreachable",
		"imaps://anna:secret@" + w.address + "/Nowhere":               "bounce_mailbox_unreachable",
		"imaps://anna:secret@127.0.0.1:1":                             "bounce_mailbox_unreachable",
		"folder:" + filepath.Join(t.TempDir(), "missing"):             "bounce_mailbox_unreachable",
		"imaps://" + w.address:                                        "bounce_password_missing",
		"folder:":                                                     "bounce_mailbox_invalid",
		"pop3://anna:secret@" + w.address:                             "bounce_mailbox_invalid",
		"imaps://anna:secret@" + w.address + "/INBOX?tls=none":        "bounce_mailbox_invalid",
		"imaps://anna:secret@" + w.address + "/INBOX?processed=INBOX": "bounce_mailbox_invalid",
	} {
		m, err := mailbox.Open(url, mailbox.WithTLS(w.tls))
		if err == nil {
			err = m.Each(t.Context(), func([]byte) (mailbox.Verdict, error) { return mailbox.Aside, nil })
		}
		if faults := fault.Of(err); len(faults) != 1 || faults[0].Key != key {
			t.Errorf("%s: %v, want %s", url, err, key)
		}
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("the password is in %v", err)
		}
	}
}

func TestFoldersOfMessages(t *testing.T) {
	maildir, plain := t.TempDir(), t.TempDir()
	put := func(path, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put(filepath.Join(maildir, "new", "1.host"), bounce)
	put(filepath.Join(maildir, "cur", "2.host:2,FS"), another)
	put(filepath.Join(maildir, "cur", "3.host:2,"), letter)
	put(filepath.Join(maildir, "tmp", "4.host"), "half a mes")
	put(filepath.Join(plain, "a.eml"), bounce)
	put(filepath.Join(plain, "B.EML"), another)
	put(filepath.Join(plain, "c.eml"), letter)
	put(filepath.Join(plain, "notes.txt"), "no message")
	put(filepath.Join(plain, "Processed", "a.eml"), "an older one")
	for folder, want := range map[string][]string{
		maildir: {".Processed/cur/1.host:2,S", ".Processed/cur/2.host:2,FS", "cur/3.host:2,", "tmp/4.host"},
		plain:   {"Processed/" + "*-a.eml", "Processed/B.EML", "Processed/a.eml", "c.eml", "notes.txt"},
	} {
		m, err := mailbox.Open("folder:" + folder)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{another, letter, bounce}, readAll(t, m)); diff != "" {
			t.Error(diff)
		}
		if got := readAll(t, m); len(got) != 0 {
			t.Errorf("read again: %q", got)
		}
		if diff := cmp.Diff(want, files(t, folder)); diff != "" {
			t.Error(diff)
		}
	}
}

// files lists the files below a folder; hashes before names are a star.
func files(t *testing.T, folder string) (list []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			name, _ := filepath.Rel(folder, path)
			if dir, base := filepath.Split(name); len(base) == len("0123456789abcdef-a.eml") {
				name = dir + "*" + base[16:]
			}
			list = append(list, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(list)
	return list
}

// imapWorld is an IMAP server with one user.
type imapWorld struct {
	t       *testing.T
	address string
	tls     *tls.Config
}

func serve(t *testing.T, caps imap.CapSet) *imapWorld {
	t.Helper()
	certificate, roots := certificateFor(t)
	users := imapmemserver.New()
	anna := imapmemserver.NewUser("anna", "secret")
	if err := anna.Create("INBOX", nil); err != nil {
		t.Fatal(err)
	}
	users.AddUser(anna)
	s := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return users.NewSession(), nil, nil
		},
		Caps: caps, Logger: log.New(io.Discard, "", 0),
	})
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{certificate}})
	if err != nil {
		t.Fatal(err)
	}
	go s.Serve(l)
	t.Cleanup(func() { s.Close() })
	return &imapWorld{t: t, address: l.Addr().String(), tls: &tls.Config{RootCAs: roots}}
}

func certificateFor(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<33, 0), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

func (w *imapWorld) open(url string) mailbox.Mailbox {
	w.t.Helper()
	m, err := mailbox.Open(url, mailbox.WithTLS(w.tls))
	if err != nil {
		w.t.Fatal(err)
	}
	return m
}

// do talks to the server as the mail program of a person.
func (w *imapWorld) do(fn func(*imapclient.Client) error) {
	w.t.Helper()
	c, err := imapclient.DialTLS(w.address, &imapclient.Options{TLSConfig: w.tls})
	if err != nil {
		w.t.Fatal(err)
	}
	defer c.Close()
	if err := c.Login("anna", "secret").Wait(); err != nil {
		w.t.Fatal(err)
	}
	if err := fn(c); err != nil {
		w.t.Fatal(err)
	}
}

func (w *imapWorld) append(folder string, messages ...string) {
	w.t.Helper()
	w.do(func(c *imapclient.Client) error {
		for _, text := range messages {
			command := c.Append(folder, int64(len(text)), nil)
			if _, err := io.WriteString(command, text); err != nil {
				return err
			}
			if err := command.Close(); err != nil {
				return err
			}
			if _, err := command.Wait(); err != nil {
				return err
			}
		}
		return nil
	})
}

func (w *imapWorld) unread(folder string) []string {
	w.t.Helper()
	return w.list(folder, &imap.SearchCriteria{NotFlag: []imap.Flag{imap.FlagSeen, imap.FlagDeleted}})
}

func (w *imapWorld) all(folder string) []string {
	w.t.Helper()
	return w.list(folder, &imap.SearchCriteria{})
}

func (w *imapWorld) list(folder string, wanted *imap.SearchCriteria) (list []string) {
	w.t.Helper()
	w.do(func(c *imapclient.Client) error {
		if _, err := c.Select(folder, &imap.SelectOptions{ReadOnly: true}).Wait(); err != nil {
			return err
		}
		found, err := c.UIDSearch(wanted, nil).Wait()
		if err != nil || len(found.AllUIDs()) == 0 {
			return err
		}
		section := &imap.FetchItemBodySection{Peek: true}
		messages, err := c.Fetch(imap.UIDSetNum(found.AllUIDs()...), &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{section}}).Collect()
		for _, m := range messages {
			list = append(list, string(m.FindBodySection(section)))
		}
		return err
	})
	slices.Sort(list)
	return list
}
