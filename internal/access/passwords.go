package access

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"creditrun/internal/fault"
)

// LeastPassword is how many characters a password has at least.
const LeastPassword = 12

// The cost of new hashes: argon2id as OWASP's password storage cheat sheet
// has it.
const (
	memoryKiB = 19 * 1024
	passes    = 2
	lanes     = 1
	saltSize  = 16
	hashSize  = 32
)

// What a stored hash may cost at most: a damaged one must not eat the machine.
const (
	mostMemoryKiB = 256 * 1024
	mostPasses    = 16
	mostLanes     = 16
	mostBytes     = 64
)

// dummyHash is what the password of an unknown user is compared with, so that
// it takes as long as that of a known one. No password fits.
var dummyHash = fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memoryKiB, passes, lanes,
	base64.RawStdEncoding.EncodeToString(make([]byte, saltSize)), base64.RawStdEncoding.EncodeToString(make([]byte, hashSize)))

// hashing lets a few computations go on at once, so that a flood of logins
// waits instead of eating the memory.
var hashing = make(chan struct{}, 2)

// HashPassword makes the hash of a password that is stored: argon2id as a PHC
// string. It waits for its turn; the error is that of the context.
func HashPassword(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltSize)
	if _, err := rand.Read(salt); err != nil {
		return "", err
	}
	h := phc{memory: memoryKiB, passes: passes, lanes: lanes, salt: salt, key: make([]byte, hashSize)}
	var err error
	if h.key, err = h.derive(ctx, password); err != nil {
		return "", err
	}
	return h.String(), nil
}

// CheckPassword reports whether a password fits a hash. The hash "", of an
// unknown user or one without a password, fits nothing and takes as long. It
// waits for its turn; errors are a hash that cannot be read and that of the
// context.
func CheckPassword(ctx context.Context, hash, password string) (bool, error) {
	stored := hash
	if hash == "" {
		stored = dummyHash
	}
	h, err := parsePHC(stored)
	if err != nil {
		return false, err
	}
	key, err := h.derive(ctx, password)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(key, h.key) == 1 && hash != "", nil
}

// phc is a hash in the PHC string format: $argon2id$v=19$m=…,t=…,p=…$salt$key.
type phc struct {
	memory, passes uint32
	lanes          uint8
	salt, key      []byte
}

func (h phc) String() string {
	encode := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.memory, h.passes, h.lanes, encode(h.salt), encode(h.key))
}

// parsePHC reads a hash. The errors do not repeat it.
func parsePHC(text string) (h phc, err error) {
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return phc{}, errors.New("password hash: not argon2id")
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.memory, &h.passes, &h.lanes); err != nil {
		return phc{}, errors.New("password hash: no parameters")
	}
	var saltErr, keyErr error
	h.salt, saltErr = base64.RawStdEncoding.DecodeString(parts[4])
	h.key, keyErr = base64.RawStdEncoding.DecodeString(parts[5])
	if err := errors.Join(saltErr, keyErr); err != nil {
		return phc{}, errors.New("password hash: not base64")
	}
	if h.memory > mostMemoryKiB || h.passes < 1 || h.passes > mostPasses || h.lanes < 1 || h.lanes > mostLanes ||
		len(h.salt) < 8 || len(h.salt) > mostBytes || len(h.key) < 16 || len(h.key) > mostBytes {
		return phc{}, errors.New("password hash: parameters out of range")
	}
	return h, nil
}

// derive computes the key of a password with salt and parameters of a hash.
func (h phc) derive(ctx context.Context, password string) ([]byte, error) {
	select {
	case hashing <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-hashing }()
	return argon2.IDKey([]byte(password), h.salt, h.passes, h.memory, h.lanes, uint32(len(h.key))), nil
}

// silly are the passwords of twelve characters and more that are tried first.
var silly = []string{
	"123456789012", "1234567890123", "1234567890123456", "012345678910", "123456789123", "qwertyuiop12", "qwertyuiop123",
	"qwertzuiop12", "qwertzuiop123", "1q2w3e4r5t6y", "1qaz2wsx3edc", "q1w2e3r4t5y6", "abcdefghijkl", "abcdefghijklm",
	"password1234", "password12345", "password123456", "passwordpassword", "passwort1234", "passwort12345",
	"passwortpasswort", "administrator", "administrator1", "adminadmin12", "letmeinletmein", "iloveyou1234",
	"welcome12345", "willkommen12", "willkommen123", "changeme1234", "changemenow12", "correcthorsebatterystaple", "creditrun123",
	"creditrun1234", "creditruncreditrun",
}

// WeakPassword tells what is wrong with a new password, or nil: it has at
// least LeastPassword characters, not all the same, does not contain the name for
// the login and is not one of those that are tried first.
func WeakPassword(password, name string) *fault.Fault {
	lower := strings.ToLower(password)
	if utf8.RuneCountInString(password) < LeastPassword {
		return fault.New(fault.Invalid, "password_short", fault.Args{"least": LeastPassword}).At("password")
	}
	if name != "" && strings.Contains(lower, strings.ToLower(name)) {
		return fault.New(fault.Invalid, "password_with_name", nil).At("password")
	}
	first, _ := utf8.DecodeRuneInString(lower)
	alike := strings.Trim(lower, string(first)) == ""
	if alike || slices.Contains(silly, lower) {
		return fault.New(fault.Invalid, "password_common", nil).At("password")
	}
	return nil
}
