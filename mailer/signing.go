package mailer

import (
	"bytes"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"creditrun/internal/fault"
)

// Signing is how mails are signed on their way out. The zero value signs
// nothing; both signatures may be used together. A signed mail is made anew for
// every attempt: its signatures tell when they were made, so that its bytes
// differ from one attempt to the next.
type Signing struct {
	// DKIM lets mail servers see that a mail comes from the operator's domain.
	DKIM *DKIM
	// SMIME lets recipients see who wrote a mail and that it is unchanged: a
	// certificate with its RSA or ECDSA key and, second, the certificate that
	// issued it.
	SMIME *tls.Certificate
}

// DKIM is a domain and the key for it (RFC 6376). The public key is the TXT
// record SELECTOR._domainkey.DOMAIN.
type DKIM struct {
	Domain   string // that of the operator's address, or DMARC takes no notice of it
	Selector string
	Key      crypto.Signer // RSA or Ed25519
}

// signedHeaders are the header fields that a DKIM signature covers. Each is
// listed once more than it occurs, so that none can be added either (RFC 6376
// §8.15).
var signedHeaders = []string{
	"From", "To", "Subject", "Date", "Message-ID", "Reply-To", "MIME-Version", "Content-Type", "Auto-Submitted", "X-Auto-Response-Suppress",
}

// usable is a fault when no one would believe the signature of a mail. Such
// mails wait: they have not left, and a new certificate is all they need.
func (s Signing) usable(now time.Time) error {
	if s.SMIME == nil {
		return nil
	}
	leaf, err := leafOf(s.SMIME)
	if err != nil {
		return fmt.Errorf("S/MIME: %w", err)
	}
	if now.After(leaf.NotAfter) {
		return fault.New(fault.Unavailable, "config_value_invalid", fault.Args{
			"source": "S/MIME", "key": "smime_cert", "expected": "a certificate that has not run out; this one did on " + leaf.NotAfter.UTC().Format(time.DateOnly),
		})
	}
	return nil
}

func leafOf(pair *tls.Certificate) (*x509.Certificate, error) {
	if pair.Leaf != nil {
		return pair.Leaf, nil
	}
	if len(pair.Certificate) == 0 {
		return nil, errors.New("no certificate")
	}
	return x509.ParseCertificate(pair.Certificate[0])
}

// sign puts the signature before a message that is otherwise finished.
func (d *DKIM) sign(content []byte) ([]byte, error) {
	var signed bytes.Buffer
	signed.Grow(len(content) + 1024)
	err := dkim.Sign(&signed, bytes.NewReader(content), &dkim.SignOptions{
		Domain: d.Domain, Selector: d.Selector, Signer: d.Key,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed,
		BodyCanonicalization:   dkim.CanonicalizationRelaxed,
		HeaderKeys:             append(signedHeaders[:len(signedHeaders):len(signedHeaders)], signedHeaders...),
	})
	if err != nil {
		return nil, err
	}
	return signed.Bytes(), nil
}
