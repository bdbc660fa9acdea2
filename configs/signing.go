package configs

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"creditrun/internal/fault"
	"creditrun/internal/proof"
)

// DKIMSigner is the private key of dkim_key; nil when mails get no DKIM
// signature.
func (c Config) DKIMSigner() (crypto.Signer, error) {
	if c.DKIMKey == "" {
		return nil, nil
	}
	return dkimKey(string(c.DKIMKey))
}

// SMIMEKeyPair is smime_cert with smime_key; nil when mails get no S/MIME
// signature.
func (c Config) SMIMEKeyPair() (*tls.Certificate, error) {
	if c.SMIMECert == "" {
		return nil, nil
	}
	pair, err := tls.X509KeyPair([]byte(c.SMIMECert), []byte(c.SMIMEKey))
	if err != nil {
		return nil, err
	}
	switch pair.PrivateKey.(type) {
	case *rsa.PrivateKey, *ecdsa.PrivateKey:
		return &pair, nil
	}
	return nil, fmt.Errorf("%T signs no S/MIME", pair.PrivateKey)
}

// ProofSigner is the private key of proof_key; nil when runs are not signed.
func (c Config) ProofSigner() (ed25519.PrivateKey, error) {
	if c.ProofKey == "" {
		return nil, nil
	}
	return proof.ParseKey([]byte(c.ProofKey))
}

// leastDKIMBits is what a key should have (RFC 8301 §3.2).
const leastDKIMBits = 2048

// dkimKey reads a private key in PEM, PKCS #8 or PKCS #1.
func dkimKey(text string) (crypto.Signer, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("not PEM")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if block.Type == "RSA PRIVATE KEY" {
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	}
	if err != nil {
		return nil, err
	}
	switch key := key.(type) {
	case ed25519.PrivateKey:
		return key, nil
	case *rsa.PrivateKey:
		if key.N.BitLen() >= leastDKIMBits {
			return key, nil
		}
		return nil, fmt.Errorf("%d bits are too few", key.N.BitLen())
	}
	return nil, fmt.Errorf("%T signs no DKIM", key)
}

// domainName is a name in the DNS; a selector is one, too.
var domainName = regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$`)

// together are the keys of which all are needed or none.
var together = [][]string{
	{"dkim_domain", "dkim_selector", "dkim_key"}, {"smime_cert", "smime_key"}, {"oidc_issuer", "oidc_client_id", "oidc_client_secret"},
}

// signing checks what belongs together, once each value is valid by itself.
func (l *loader) signing(c Config) {
	for _, keys := range together {
		given := slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return !l.given(key) })
		for _, key := range keys {
			if len(given) > 0 && !slices.Contains(given, key) {
				l.missing(key, given)
			}
		}
	}
	if len(l.faults) > 0 {
		return
	}
	if _, err := c.DKIMSigner(); err != nil {
		l.invalid("dkim_key", l.sources["dkim_key"])
	}
	if _, err := c.ProofSigner(); err != nil {
		l.invalid("proof_key", l.sources["proof_key"])
	}
	if c.SMIMECert != "" && !signsMail(string(c.SMIMECert)) {
		l.invalid("smime_cert", l.sources["smime_cert"])
	} else if _, err := c.SMIMEKeyPair(); err != nil {
		l.invalid("smime_key", l.sources["smime_key"])
	}
}

// signsMail reports whether the first certificate of a PEM file may sign mails:
// one of a web server may not.
func signsMail(text string) bool {
	block, _ := pem.Decode([]byte(text))
	if block == nil || block.Type != "CERTIFICATE" {
		return false
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil || cert.KeyUsage != 0 && cert.KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) == 0 {
		return false
	}
	return len(cert.ExtKeyUsage)+len(cert.UnknownExtKeyUsage) == 0 ||
		slices.Contains(cert.ExtKeyUsage, x509.ExtKeyUsageEmailProtection) || slices.Contains(cert.ExtKeyUsage, x509.ExtKeyUsageAny)
}

// given reports whether a key has a value that is not empty.
func (l *loader) given(key string) bool {
	return !l.target.Field(slices.Index(Keys(), key)).IsZero()
}

func (l *loader) missing(key string, given []string) {
	l.fault("config_value_invalid", fault.Args{
		"source": l.sources[given[0]], "key": key, "expected": expected[key] + ", together with " + strings.Join(given, " and "),
	})
}
