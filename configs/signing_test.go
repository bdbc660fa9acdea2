package configs

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"creditrun/internal/fault"
)

// keyFiles writes keys and certificates of every kind into a folder.
func keyFiles(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	long, err1 := rsa.GenerateKey(nil, 2048)
	short, err2 := rsa.GenerateKey(nil, 1024)
	elliptic, err3 := ecdsa.GenerateKey(elliptic.P256(), nil)
	if err1 != nil || err2 != nil || err3 != nil {
		t.Fatal(err1, err2, err3)
	}
	edwards := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	for name, key := range map[string]crypto.Signer{"rsa": long, "rsa1024": short, "ecdsa": elliptic, "ed25519": edwards} {
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		writePEM(t, folder, name+".key", "PRIVATE KEY", der)
		writeCert(t, folder, name+".crt", key, x509.ExtKeyUsageEmailProtection)
	}
	writePEM(t, folder, "rsa-old.key", "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(long))
	writeCert(t, folder, "web.crt", long, x509.ExtKeyUsageServerAuth)
	writeCert(t, folder, "any.crt", long)
	for name, text := range map[string]string{"empty.key": "", "text.key": "secret\n"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func writeCert(t *testing.T, folder, name string, key crypto.Signer, usages ...x509.ExtKeyUsage) {
	t.Helper()
	cert := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Stadtwerke"}, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: usages,
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(4e9, 0),
	}
	der, err := x509.CreateCertificate(nil, cert, cert, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	writePEM(t, folder, name, "CERTIFICATE", der)
}

func writePEM(t *testing.T, folder, name, kind string, der []byte) {
	t.Helper()
	text := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
	if err := os.WriteFile(filepath.Join(folder, name), text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestKeysOfMailsAreReadFromFiles(t *testing.T) {
	folder := keyFiles(t)
	for _, key := range []string{"rsa.key", "rsa-old.key", "ed25519.key"} {
		c, err := Load(write(t, "dkim_domain: example.com\ndkim_selector: a.b\ndkim_key: file:"+filepath.Join(folder, key)+"\n"), noEnvironment)
		if err != nil {
			t.Errorf("%s: %v", key, err)
		}
		if signer, err := c.DKIMSigner(); signer == nil || err != nil {
			t.Errorf("%s: %v", key, err)
		}
		if pair, err := c.SMIMEKeyPair(); pair != nil || err != nil {
			t.Errorf("S/MIME without a certificate: %v", err)
		}
	}
	for cert, key := range map[string]string{"rsa.crt": "rsa.key", "any.crt": "rsa-old.key", "ecdsa.crt": "ecdsa.key"} {
		c, err := Load("", environment(map[string]string{
			"CREDITRUN_SMIME_CERT": "file:" + filepath.Join(folder, cert), "CREDITRUN_SMIME_KEY": "file:" + filepath.Join(folder, key),
		}))
		if err != nil {
			t.Errorf("%s: %v", cert, err)
		}
		if pair, err := c.SMIMEKeyPair(); pair == nil || err != nil {
			t.Errorf("%s: %v", cert, err)
		}
		if signer, err := c.DKIMSigner(); signer != nil || err != nil {
			t.Errorf("DKIM without a key: %v", err)
		}
		if printed := fmt.Sprintf("%+v %#v %v", c, c, c.LogValue()); strings.Contains(printed, "PRIVATE") {
			t.Error("the key is printed")
		}
	}
}

func TestKeysThatCannotSignMailsAreReportedWithTheirPlace(t *testing.T) {
	folder := keyFiles(t)
	dkim := func(file string) string {
		return "dkim_domain: example.com\ndkim_selector: x\ndkim_key: file:" + filepath.Join(folder, file) + "\n"
	}
	smime := func(cert, key string) string {
		return "smime_cert: file:" + filepath.Join(folder, cert) + "\nsmime_key: file:" + filepath.Join(folder, key) + "\n"
	}
	for text, want := range map[string]string{
		dkim("rsa1024.key"):                 "3 dkim_key",
		dkim("ecdsa.key"):                   "3 dkim_key",
		dkim("rsa.crt"):                     "3 dkim_key",
		dkim("text.key"):                    "3 dkim_key",
		dkim("empty.key"):                   "1 dkim_key",
		smime("rsa.crt", "ecdsa.key"):       "2 smime_key",
		smime("rsa.crt", "text.key"):        "2 smime_key",
		smime("ed25519.crt", "ed25519.key"): "2 smime_key",
		smime("web.crt", "rsa.key"):         "1 smime_cert",
		smime("text.key", "rsa.key"):        "1 smime_cert",
		smime("rsa.key", "rsa.key"):         "1 smime_cert",
		"dkim_domain: example\n":            "1 dkim_domain",
		"dkim_domain: exa mple.com\n":       "1 dkim_domain",
		"dkim_selector: \"a;b\"\n":          "1 dkim_selector",
		"dkim_selector: x\n":                "1 dkim_domain, 1 dkim_key",
		"dkim_domain: example.com\n":        "1 dkim_selector, 1 dkim_key",
		"workers: 2\nsmime_key: x\n":        "2 smime_cert",
	} {
		path := write(t, text)
		_, err := Load(path, noEnvironment)
		var got []string
		for _, f := range fault.Of(err) {
			if f.Key != "config_value_invalid" || f.Kind != fault.Usage || f.Args["expected"] == "" || strings.Contains(f.Error(), "PRIVATE") {
				t.Errorf("%s: %v", text, f)
			}
			got = append(got, strings.TrimPrefix(fmt.Sprint(f.Args["source"]), path+":")+" "+fmt.Sprint(f.Args["key"]))
		}
		if diff := cmp.Diff(want, strings.Join(got, ", ")); diff != "" {
			t.Errorf("%s:\n%s", text, diff)
		}
	}
}
