package proof

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Key is a public key of an operator, and when it was in use: from From, and
// before Until. Without either it is at any time.
type Key struct {
	ID     string            `json:"id"`
	Public ed25519.PublicKey `json:"public"`
	From   string            `json:"from,omitempty"` // RFC 3339
	Until  string            `json:"until,omitempty"`
}

// Ring is the operator file: the public keys of an operator, which a reader keeps
// and never takes from the files that are checked.
type Ring struct {
	Operator string `json:"operator"`
	Keys     []Key  `json:"keys"`
}

// ForeignKey says that something is signed with a key that the reader does not
// have.
type ForeignKey struct{ ID string }

func (e ForeignKey) Error() string {
	return fmt.Sprintf("it is signed with the key %s, which is not among the keys that you gave", e.ID)
}

func (r *Ring) key(id string) (*Key, error) {
	i := slices.IndexFunc(r.Keys, func(k Key) bool { return k.ID == id })
	if i < 0 {
		return nil, ForeignKey{id}
	}
	return &r.Keys[i], nil
}

func (k *Key) usedAt(t time.Time) error {
	from, until, err := k.times()
	if err != nil {
		return err
	}
	if !from.IsZero() && t.Before(from) || !until.IsZero() && !t.Before(until) {
		return fmt.Errorf("the head was signed at %s with the key %s, which was not in use then", t.UTC().Format(time.RFC3339), k.ID)
	}
	return nil
}

func (k *Key) times() (from, until time.Time, err error) {
	for _, one := range []struct {
		text string
		to   *time.Time
	}{{k.From, &from}, {k.Until, &until}} {
		if one.text == "" {
			continue
		}
		if *one.to, err = time.Parse(time.RFC3339Nano, one.text); err != nil {
			return from, until, fmt.Errorf("key %s: %q is no time like 2026-11-01T00:00:00Z", k.ID, one.text)
		}
	}
	return from, until, nil
}

// ParseRing reads the keys of a reader: an operator file, which is JSON, or one
// public key in PEM.
func ParseRing(content []byte) (*Ring, error) {
	if bytes.HasPrefix(bytes.TrimSpace(content), []byte("-----BEGIN ")) {
		public, err := parsePublic(content)
		if err != nil {
			return nil, err
		}
		return &Ring{Keys: []Key{{ID: KeyID(public), Public: public}}}, nil
	}
	var ring Ring
	if err := json.Unmarshal(content, &ring); err != nil {
		return nil, fmt.Errorf("neither an operator file nor a public key in PEM: %w", err)
	}
	if len(ring.Keys) == 0 {
		return nil, errors.New("the operator file has no keys")
	}
	for _, key := range ring.Keys {
		if len(key.Public) != ed25519.PublicKeySize || KeyID(key.Public) != key.ID {
			return nil, fmt.Errorf("the key %s of the operator file is not the one that its id names", key.ID)
		}
		if _, _, err := key.times(); err != nil {
			return nil, err
		}
	}
	return &ring, nil
}

func parsePublic(content []byte) (ed25519.PublicKey, error) {
	block, _ := pem.Decode(content)
	if block == nil {
		return nil, errors.New("not PEM")
	}
	if strings.Contains(block.Type, "PRIVATE") {
		return nil, errors.New("this is a private key; files are checked with the public one")
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	if public, ok := key.(ed25519.PublicKey); ok {
		return public, nil
	}
	return nil, fmt.Errorf("%T is not an Ed25519 key", key)
}

// WriteKey writes a private key and its public half in PEM (PKCS #8, SPKI).
func WriteKey(key ed25519.PrivateKey) (private, public []byte, err error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, err
	}
	open, err := x509.MarshalPKIXPublicKey(Public(key))
	if err != nil {
		return nil, nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: open}), nil
}

// ParseKey reads a private key as WriteKey writes it.
func ParseKey(content []byte) (ed25519.PrivateKey, error) {
	block, _ := pem.Decode(content)
	if block == nil {
		return nil, errors.New("not PEM")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	if private, ok := key.(ed25519.PrivateKey); ok {
		return private, nil
	}
	return nil, fmt.Errorf("%T is not an Ed25519 key", key)
}
