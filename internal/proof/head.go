package proof

import (
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"regexp"
	"strconv"
	"time"
)

// Head is what is signed of a run: the root over everything that it issued, and
// the log of all heads including this one.
type Head struct {
	Operator string `json:"operator"`
	Run      string `json:"run"`
	Month    string `json:"month"`
	SignedAt string `json:"signed_at"` // RFC 3339, UTC
	Leaves   int64  `json:"leaves"`    // the documents, and the control sheet
	Root     Hash   `json:"root"`
	// LogSize is how many heads the log has with this one, and PreviousRoot what
	// its root was before.
	LogSize      int64  `json:"log_size"`
	LogRoot      Hash   `json:"log_root"`
	PreviousRoot Hash   `json:"previous_root"`
	Key          string `json:"key"` // KeyID of the key that signs
}

// Time is when the head was signed.
func (h *Head) Time() (time.Time, error) { return time.Parse(time.RFC3339Nano, h.SignedAt) }

// Entry is the leaf of the log: the run, and its root.
func (h *Head) Entry() Hash {
	return LeafHash(fields("creditrun run v1", h.Operator, h.Run, h.Month, h.SignedAt, number(h.Leaves), h.Root.String()))
}

// signed are the bytes that the signature covers.
func (h *Head) signed() []byte {
	return fields("creditrun head v1", h.Operator, h.Run, h.Month, h.SignedAt, number(h.Leaves), h.Root.String(),
		number(h.LogSize), h.LogRoot.String(), h.PreviousRoot.String(), h.Key)
}

// SignedHead is a head with its signature.
type SignedHead struct {
	Head
	Signature []byte `json:"signature"`
}

// Sign appends a head to the log and signs it: Log* and Key are set.
func Sign(h Head, log *Frontier, key ed25519.PrivateKey) (*SignedHead, error) {
	h.PreviousRoot, h.Key = log.Root(), KeyID(Public(key))
	log.Append(h.Entry())
	h.LogSize, h.LogRoot = log.Size(), log.Root()
	signature, err := key.Sign(nil, h.signed(), crypto.Hash(0))
	if err != nil {
		return nil, err
	}
	return &SignedHead{h, signature}, nil
}

// Public is the public half of a key.
func Public(key ed25519.PrivateKey) ed25519.PublicKey { return key.Public().(ed25519.PublicKey) }

// keyID is what KeyID returns.
var keyID = regexp.MustCompile(`^[0-9a-f]{16}$`)

// KeyID names a public key: the first 16 digits of its SHA-256.
func KeyID(public ed25519.PublicKey) string {
	sum := sha256.Sum256(public)
	return hex.EncodeToString(sum[:8])
}

// ErrSignature says that a head is not signed by the key that it names.
var ErrSignature = errors.New("the signature of the head is wrong: the head was changed, or signed with another key than it names")

// Check reports whether a head is signed by the key of the ring that it names, at
// a time at which that key was in use.
func (h *SignedHead) Check(ring *Ring) error {
	if !keyID.MatchString(h.Key) { // it is printed where it is unknown
		return ErrSignature
	}
	key, err := ring.key(h.Key)
	if err != nil {
		return err
	}
	at, err := h.Time()
	if err != nil {
		return ErrSignature
	}
	if err := key.usedAt(at); err != nil {
		return err
	}
	if !ed25519.Verify(key.Public, h.signed(), h.Signature) {
		return ErrSignature
	}
	return nil
}

// fields writes texts so that no two lists are written alike: each is preceded
// by its length in bytes and a colon, and followed by a comma. The first says what
// it is, so that a leaf of one kind is never taken for one of another.
func fields(texts ...string) []byte {
	var b []byte
	for _, text := range texts {
		b = strconv.AppendInt(b, int64(len(text)), 10)
		b = append(b, ':')
		b = append(b, text...)
		b = append(b, ',')
	}
	return b
}

func number(n int64) string { return strconv.FormatInt(n, 10) }
