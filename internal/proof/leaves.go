package proof

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
)

// Secret is what the salts of a run, or of one of its documents, are made of. A
// document carries its own secret and no other, so that a reader of one document
// cannot guess the leaves of another.
type Secret [sha256.Size]byte

// Of is the secret of one document of the run that has this secret.
func (s Secret) Of(document string) Secret { return s.derive("document", document) }

// MarshalText implements encoding.TextMarshaler.
func (s Secret) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(s[:])), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Secret) UnmarshalText(text []byte) error {
	if len(text) != 2*len(s) {
		return errors.New("a secret has 64 digits")
	}
	_, err := hex.Decode(s[:], text)
	return err
}

func (s Secret) derive(texts ...string) Secret {
	mac := hmac.New(sha256.New, s[:])
	mac.Write(fields(texts...))
	return Secret(mac.Sum(nil))
}

// salt is that of a leaf.
func (s Secret) salt(kind string, index int64) string {
	derived := s.derive("salt", kind, number(index))
	return hex.EncodeToString(derived[:])
}

// Document is the leaf of a document: what the reader compares with the paper, the
// seal over everything that it says, and the tree of its sessions.
type Document struct {
	Number       string `json:"number"`
	Recipient    string `json:"recipient"`
	Date         string `json:"date"`
	Currency     string `json:"currency"`
	Net          string `json:"net"`
	Tax          string `json:"tax"`
	Gross        string `json:"gross"`
	Seal         string `json:"seal"` // SHA-256 of the sealed document
	Sessions     int64  `json:"sessions"`
	SessionsRoot Hash   `json:"sessions_root"`
}

// Leaf is the leaf of a document with its secret.
func (d *Document) Leaf(secret Secret) Hash {
	return LeafHash(fields("creditrun document v1", secret.salt("document", 0), d.Number, d.Recipient, d.Date, d.Currency,
		d.Net, d.Tax, d.Gross, d.Seal, number(d.Sessions), d.SessionsRoot.String()))
}

// ControlLeaf is the last leaf of a run: the control sheet, by its hash.
func ControlLeaf(secret Secret, sheet string) Hash {
	return LeafHash(fields("creditrun control v1", secret.salt("control", 0), sheet))
}

// Session is the leaf of a session on a document: one line of it. Energy is in
// millionths of a kWh and what is paid in millionths of the currency.
type Session struct {
	ID        string `json:"id"` // source and id at the source
	Version   int64  `json:"version"`
	Kind      string `json:"kind"`
	Connector int64  `json:"connector"`
	Start     string `json:"start"` // RFC 3339, UTC
	End       string `json:"end"`
	Energy    int64  `json:"energy"`
	Net       int64  `json:"net"`
}

// Leaf is the leaf of a session at an index of the tree of its document.
func (s *Session) Leaf(secret Secret, index int64) Hash {
	return LeafHash(fields("creditrun session v1", secret.salt("session", index), s.ID, number(s.Version), s.Kind, number(s.Connector),
		s.Start, s.End, number(s.Energy), number(s.Net)))
}
