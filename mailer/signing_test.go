package mailer

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/emersion/go-msgauth/dkim"
	"github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
)

// dkimKeys are a key of each kind.
func dkimKeys(t testing.TB) map[string]crypto.Signer {
	t.Helper()
	long, err := rsa.GenerateKey(nil, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]crypto.Signer{"RSA": long, "Ed25519": ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))}
}

func aDKIM(key crypto.Signer) *DKIM {
	return &DKIM{Domain: "stadtwerke.example", Selector: "creditrun", Key: key}
}

// domains answers with the TXT record of a key, where it belongs.
func domains(t testing.TB, key crypto.Signer) *dkim.VerifyOptions {
	t.Helper()
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	record := "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(public)
	if short, ok := key.Public().(ed25519.PublicKey); ok {
		record = "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(short)
	}
	return &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) {
		if name != "creditrun._domainkey.stadtwerke.example" {
			return nil, fmt.Errorf("no such name: %s", name)
		}
		return []string{record}, nil
	}}
}

// believed reports whether a mail server takes the only DKIM signature of a mail
// for genuine.
func believed(t testing.TB, content []byte, options *dkim.VerifyOptions) (*dkim.Verification, bool) {
	t.Helper()
	found, err := dkim.VerifyWithOptions(bytes.NewReader(content), options)
	if err != nil || len(found) != 1 {
		t.Fatalf("%d signatures, %v", len(found), err)
	}
	return found[0], found[0].Err == nil
}

func composeSigned(t testing.TB, s Signing, n *creditnotes.Note, d *creditnotes.Delivery, files []creditnotes.File) *Message {
	t.Helper()
	m, err := s.Compose(texts(t), n, d, files)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestADKIMSignatureIsBelievedUntilSomethingChanges(t *testing.T) {
	for name, key := range dkimKeys(t) {
		t.Run(name, func(t *testing.T) {
			n := aNote()
			m := composeSigned(t, Signing{DKIM: aDKIM(key)}, n, aDelivery(n), someFiles(5000))
			options := domains(t, key)
			v, genuine := believed(t, m.Content, options)
			if !genuine || v.Domain != "stadtwerke.example" {
				t.Fatalf("%s: %v", v.Domain, v.Err)
			}
			for _, header := range signedHeaders {
				if !slices.Contains(v.HeaderKeys, header) {
					t.Errorf("%s is not signed", header)
				}
			}
			if !bytes.HasSuffix(m.Content, compose(t, n, aDelivery(n), someFiles(5000)).Content) {
				t.Error("signing changes the mail itself")
			}
			for what, change := range map[string][2]string{
				"the subject":       {"\r\nSubject: Gutschrift", "\r\nSubject: Rechnung"},
				"the sender":        {"\r\nFrom: \"Stadtwerke", "\r\nFrom: \"Stadtdiebe"},
				"where answers go":  {"\r\nReply-To: <fragen@", "\r\nReply-To: <andere@"},
				"a word":            {"Guten Tag", "Guten Abend"},
				"one more sender":   {"\r\nFrom: ", "\r\nFrom: <thief@example.com>\r\nFrom: "},
				"one more subject":  {"\r\nSubject: ", "\r\nSubject: Rechnung\r\nSubject: "},
				"one more reply-to": {"\r\nReply-To: ", "\r\nReply-To: <thief@example.com>\r\nReply-To: "},
			} {
				changed := bytes.Replace(m.Content, []byte(change[0]), []byte(change[1]), 1)
				if bytes.Equal(changed, m.Content) {
					t.Fatalf("%s: nothing to change", what)
				}
				if _, genuine := believed(t, changed, options); genuine {
					t.Errorf("%s may be changed", what)
				}
			}
			checkLines(t, m.Content)
		})
	}
}

func TestAMailWithoutReplyToCannotBeGivenOne(t *testing.T) {
	key := dkimKeys(t)["Ed25519"]
	n := aNote()
	d := aDelivery(n)
	d.ReplyTo = ""
	m := composeSigned(t, Signing{DKIM: aDKIM(key)}, n, d, nil)
	if v, genuine := believed(t, m.Content, domains(t, key)); !genuine {
		t.Fatal(v.Err)
	}
	added := bytes.Replace(m.Content, []byte("\r\nFrom: "), []byte("\r\nReply-To: <thief@example.com>\r\nFrom: "), 1)
	if _, genuine := believed(t, added, domains(t, key)); genuine {
		t.Error("it can")
	}
}

func TestAtOneMomentTheDKIMSignatureIsAlwaysTheSame(t *testing.T) {
	for name, key := range dkimKeys(t) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := aNote()
				s := Signing{DKIM: aDKIM(key)}
				first := composeSigned(t, s, n, aDelivery(n), someFiles(100))
				for range 3 {
					if again := composeSigned(t, s, n, aDelivery(n), someFiles(100)); !bytes.Equal(first.Content, again.Content) {
						t.Fatal("signing again gives other bytes")
					}
				}
			})
		})
	}
}

func TestKeysThatCannotSignAreErrors(t *testing.T) {
	n := aNote()
	for name, s := range map[string]Signing{
		"DKIM with an elliptic key":  {DKIM: aDKIM(aPair(t, "ECDSA", created).PrivateKey.(crypto.Signer))},
		"DKIM without a key":         {DKIM: aDKIM(nil)},
		"DKIM without a domain":      {DKIM: &DKIM{Selector: "x", Key: dkimKeys(t)["Ed25519"]}},
		"S/MIME with an Ed25519 key": {SMIME: aPair(t, "Ed25519", created)},
	} {
		if _, err := s.Compose(texts(t), n, aDelivery(n), nil); err == nil || !strings.Contains(err.Error(), n.Number) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSignedMailsAreDelivered(t *testing.T) {
	key := dkimKeys(t)["Ed25519"]
	box, server := newMemory(), new(mailServer).start(t, false)
	d := deliverer(t, box, server.open(t, "smtp://", ""))
	d.Signing = Signing{DKIM: aDKIM(key), SMIME: aPair(t, "RSA", created.AddDate(1, 0, 0))}
	if err := d.Deliver(t.Context(), 1); err != nil || box.delivery.State != creditnotes.DeliverySent {
		t.Fatalf("%s, %v", box.delivery.State, err)
	}
	arrived := server.inbox()[0].content
	if v, genuine := believed(t, arrived, domains(t, key)); !genuine {
		t.Error(v.Err)
	}
	verifySMIME(t, arrived, d.Signing.SMIME)
}

func TestMailsWaitWhenTheCertificateHasRunOut(t *testing.T) {
	box, server := newMemory(), new(mailServer).start(t, false)
	d := deliverer(t, box, server.open(t, "smtp://", ""))
	d.Signing.SMIME = aPair(t, "RSA", created)
	err := d.Deliver(t.Context(), 1)
	if !hasFault(err, "config_value_invalid") || !strings.Contains(err.Error(), "GS-2026-00001") {
		t.Fatalf("%v", err)
	}
	if diff := cmp.Diff([]creditnotes.DeliveryState(nil), box.states); diff != "" || len(server.inbox()) != 0 {
		t.Errorf("%d mails, %s", len(server.inbox()), diff)
	}
	d.Signing.SMIME = aPair(t, "RSA", created.AddDate(1, 0, 0))
	if err := d.Deliver(t.Context(), 1); err != nil || box.delivery.State != creditnotes.DeliverySent {
		t.Errorf("%s, %v", box.delivery.State, err)
	}
}
