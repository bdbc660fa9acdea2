package access

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"time"
)

// secretPrefix lets people and scanners recognise a secret of ours.
const secretPrefix = "crt_"

// shownOfSecret is how many characters of a secret are kept to recognise it.
const shownOfSecret = 10

// Token is an API token as it is kept: the secret itself is told once and only
// its hash stays.
type Token struct {
	ID         int64
	UserID     int64
	Name       string // what it is for
	Hash       string // of HashSecret
	Prefix     string // of SecretPrefix
	Scopes     []Right
	CreatedAt  time.Time
	ExpiresAt  time.Time
	LastUsedAt time.Time // to the minute; zero: never
	RevokedAt  time.Time // zero: not revoked
}

// NewSecret draws the secret of an API token or an invitation, and its hash.
func NewSecret() (plain, hash string, err error) {
	random := make([]byte, 32)
	if _, err := rand.Read(random); err != nil {
		return "", "", err
	}
	plain = secretPrefix + base64.RawURLEncoding.EncodeToString(random)
	return plain, HashSecret(plain), nil
}

// HashSecret is the hash by which a secret is found: SHA-256, hexadecimal. The
// secret is random, so nothing slower is needed.
func HashSecret(plain string) string {
	sum := sha256.Sum256([]byte(plain))
	return hex.EncodeToString(sum[:])
}

// SecretPrefix is the beginning of a secret, by which people tell theirs apart.
func SecretPrefix(plain string) string { return plain[:min(len(plain), shownOfSecret)] }
