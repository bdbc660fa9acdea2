package mailer

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	netmail "net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// aPair is a certificate for the operator's address, with the one that issued
// it.
func aPair(t testing.TB, kind string, until time.Time) *tls.Certificate {
	t.Helper()
	issuer := aKey(t, "ECDSA")
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Example CA"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: created.AddDate(-20, 0, 0), NotAfter: created.AddDate(50, 0, 0), KeyUsage: x509.KeyUsageCertSign,
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "Stadtwerke"}, EmailAddresses: []string{"gutschriften@stadtwerke.example"},
		NotBefore: created.AddDate(-20, 0, 0), NotAfter: until,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection},
	}
	key := aKey(t, kind)
	pair := &tls.Certificate{PrivateKey: key}
	for _, c := range []struct {
		cert   *x509.Certificate
		public crypto.PublicKey
	}{{leaf, key.Public()}, {root, issuer.Public()}} {
		der, err := x509.CreateCertificate(nil, c.cert, root, c.public, issuer)
		if err != nil {
			t.Fatal(err)
		}
		pair.Certificate = append(pair.Certificate, der)
	}
	return pair
}

func aKey(t testing.TB, kind string) (key crypto.Signer) {
	t.Helper()
	var err error
	switch kind {
	case "RSA":
		key, err = rsa.GenerateKey(nil, 2048)
	case "ECDSA":
		key, err = ecdsa.GenerateKey(elliptic.P256(), nil)
	case "Ed25519":
		_, key, err = ed25519.GenerateKey(nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestAnSMIMESignatureIsBelievedUntilSomethingChanges(t *testing.T) {
	for _, kind := range []string{"RSA", "ECDSA"} {
		t.Run(kind, func(t *testing.T) {
			n := aNote()
			n.Document.Color = "#0b5563"
			n.Document.Issuer.Name = strings.Repeat("Größte Ladegesellschaft ", 20)
			files := someFiles(5000)
			files[0].Name = "Übersicht für die Geschäftsführung und alle, die es sonst noch wissen wollen.pdf"
			pair := aPair(t, kind, created.AddDate(50, 0, 0))
			m := composeSigned(t, Signing{SMIME: pair}, n, aDelivery(n), files)
			inner := verifySMIME(t, m.Content, pair)
			checkLines(t, m.Content)

			entity, signature := signedParts(t, m.Content)
			changed := bytes.Replace(entity, []byte("Guten Tag"), []byte("Guten Abend"), 1)
			if checkSignature(changed, signature, pair) == nil {
				t.Error("a word may be changed")
			}
			if checkSignature(entity, signature, aPair(t, kind, created)) == nil {
				t.Error("another certificate does as well")
			}

			plain := read(t, compose(t, n, aDelivery(n), files).Content)
			if diff := cmp.Diff([]any{plain.text, plain.html, plain.names, plain.files}, []any{inner.text, inner.html, inner.names, inner.files}); diff != "" {
				t.Errorf("signing changes what is read:\n%s", diff)
			}
			header := read(t, m.Content).header
			for _, name := range []string{"From", "To", "Reply-To", "Subject", "Date", "Message-Id", "Auto-Submitted"} {
				if header.Get(name) != plain.header.Get(name) {
					t.Errorf("signing changes %s to %s", name, header.Get(name))
				}
			}
		})
	}
}

// verifySMIME checks a signed mail as a mail program does, and with openssl
// where there is one, and returns what is read.
func verifySMIME(t testing.TB, content []byte, pair *tls.Certificate) mailParts {
	t.Helper()
	entity, signature := signedParts(t, content)
	if err := checkSignature(entity, signature, pair); err != nil {
		t.Fatal(err)
	}
	openSSL(t, content, pair, entity)
	return read(t, entity)
}

// openSSL has the signature checked up to the root.
func openSSL(t testing.TB, content []byte, pair *tls.Certificate, entity []byte) {
	t.Helper()
	program, err := exec.LookPath("openssl")
	if err != nil {
		return
	}
	folder := t.TempDir()
	root := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[1]})
	for name, text := range map[string][]byte{"mail.eml": content, "root.pem": root} {
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.Command(program, "cms", "-verify", "-in", "mail.eml", "-CAfile", "root.pem", "-attime", "1798761600", "-out", "entity")
	command.Dir = folder
	if said, err := command.CombinedOutput(); err != nil {
		t.Fatalf("openssl: %v\n%s", err, said)
	}
	if got, err := os.ReadFile(filepath.Join(folder, "entity")); err != nil || !bytes.Equal(got, entity) {
		t.Errorf("openssl reads other bytes: %v", err)
	}
}

// signedParts takes a multipart/signed mail apart (RFC 8551 §3.5.3).
func signedParts(t testing.TB, content []byte) (entity, signature []byte) {
	t.Helper()
	msg, err := netmail.ReadMessage(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	kind, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/signed" || params["protocol"] != "application/pkcs7-signature" || params["micalg"] != "sha-256" {
		t.Fatalf("%s %v %v", kind, params, err)
	}
	parts := bytes.Split(content, []byte("\r\n--"+params["boundary"]))
	if len(parts) != 4 || string(parts[3]) != "--\r\n" {
		t.Fatalf("%d parts", len(parts))
	}
	r := multipart.NewReader(bytes.NewReader(content), params["boundary"])
	for range 2 {
		part, err := r.NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		if part.Header.Get("Content-Type") == `application/pkcs7-signature; name="smime.p7s"` {
			if signature, err = io.ReadAll(base64.NewDecoder(base64.StdEncoding, part)); err != nil {
				t.Fatal(err)
			}
		}
	}
	return bytes.TrimPrefix(parts[1], []byte("\r\n")), signature
}

// checkSignature checks a detached signature in CMS (RFC 5652) by the leaf of
// a pair.
func checkSignature(content, signature []byte, pair *tls.Certificate) error {
	type attribute struct {
		Type   asn1.ObjectIdentifier
		Values asn1.RawValue `asn1:"set"`
	}
	var outer struct {
		Type asn1.ObjectIdentifier
		Data struct {
			Version      int
			Digests      asn1.RawValue `asn1:"set"`
			Content      struct{ Type asn1.ObjectIdentifier }
			Certificates asn1.RawValue `asn1:"optional,tag:0"`
			Signers      []struct {
				Version    int
				Signer     asn1.RawValue
				Digest     pkix.AlgorithmIdentifier
				Attributes asn1.RawValue `asn1:"tag:0"`
				Algorithm  pkix.AlgorithmIdentifier
				Signature  []byte
			} `asn1:"set"`
		} `asn1:"explicit,tag:0"`
	}
	if _, err := asn1.Unmarshal(signature, &outer); err != nil {
		return err
	}
	if len(outer.Data.Signers) != 1 || !bytes.Equal(outer.Data.Certificates.Bytes, bytes.Join(pair.Certificate, nil)) {
		return errors.New("other signers or certificates")
	}
	signer := outer.Data.Signers[0]
	sum := sha256.Sum256(content)
	signed := false
	for rest := signer.Attributes.Bytes; len(rest) > 0; {
		var a attribute
		var err error
		if rest, err = asn1.Unmarshal(rest, &a); err != nil {
			return err
		}
		if a.Type.Equal(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}) {
			var digest []byte
			if _, err := asn1.Unmarshal(a.Values.Bytes, &digest); err != nil {
				return err
			}
			signed = bytes.Equal(digest, sum[:])
		}
	}
	if !signed {
		return errors.New("other content")
	}
	leaf, err := leafOf(pair)
	if err != nil {
		return err
	}
	set := append([]byte{0x31}, signer.Attributes.FullBytes[1:]...)
	algorithm := x509.SHA256WithRSA
	if leaf.PublicKeyAlgorithm == x509.ECDSA {
		algorithm = x509.ECDSAWithSHA256
	}
	return leaf.CheckSignature(algorithm, set, signer.Signature)
}
