package access

import (
	"bytes"
	"encoding/base32"
	"fmt"
	"image/png"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"
)

// stepSeconds is how long a code is shown (RFC 6238 §5.2).
const stepSeconds = 30

// codes are what every authenticator app understands: six digits, SHA-1.
var codes = hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}

// NewTOTPSecret draws a secret for one-time codes (RFC 6238), in base32.
func NewTOTPSecret() (string, error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: "creditrun", AccountName: "new"})
	if err != nil {
		return "", fmt.Errorf("one-time codes: %w", err)
	}
	return key.Secret(), nil
}

// TOTPURL is what an authenticator app reads: otpauth://totp/….
func TOTPURL(issuer, account, secret string) (string, error) {
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil {
		return "", fmt.Errorf("one-time codes: %w", err)
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: account, Secret: raw})
	if err != nil {
		return "", fmt.Errorf("one-time codes: %w", err)
	}
	return key.URL(), nil
}

// TOTPImage draws such a URL as a QR code (PNG, size × size pixels).
func TOTPImage(url string, size int) ([]byte, error) {
	key, err := otp.NewKeyFromURL(url)
	if err != nil {
		return nil, fmt.Errorf("one-time codes: %w", err)
	}
	picture, err := key.Image(size, size)
	if err != nil {
		return nil, fmt.Errorf("one-time codes: %w", err)
	}
	var out bytes.Buffer
	if err := png.Encode(&out, picture); err != nil {
		return nil, fmt.Errorf("one-time codes: %w", err)
	}
	return out.Bytes(), nil
}

// CheckTOTP reports whether a code is right now or was or will be half a minute
// away, as clocks differ, and which step it belongs to. A step not after
// lastStep is refused: every code works once. The caller must keep the step
// before logging anyone in. Spaces within the code do not matter.
func CheckTOTP(secret, code string, now time.Time, lastStep int64) (step int64, ok bool) {
	code = strings.ReplaceAll(code, " ", "")
	current := now.Unix() / stepSeconds
	for _, step := range [...]int64{current, current - 1, current + 1} {
		if step <= lastStep || step < 0 || secret == "" {
			continue
		}
		if fits, err := hotp.ValidateCustom(code, uint64(step), secret, codes); err == nil && fits {
			return step, true
		}
	}
	return 0, false
}
