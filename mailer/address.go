package mailer

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	netmail "net/mail"
	"strings"
	"unicode"

	"creditrun/entities"
	"creditrun/internal/fault"
)

// MessageID returns the Message-ID, without angle brackets, of a mailing: the
// same for the same number, copy and operator, so that mail programs recognise
// a message that reached them twice.
func MessageID(number string, copy int, operatorEmail string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d\x00%s", number, copy, strings.ToLower(operatorEmail)))
	local := strings.Trim(keep(number, ".-"), ".-")
	if len(local) > maxIDNumber {
		local = local[:maxIDNumber]
	}
	if local == "" {
		local = "note"
	}
	plain, _ := entities.ASCIIDomain(operatorEmail)
	_, domain, _ := cutLast(plain, "@")
	domain = strings.Trim(keep(strings.ToLower(domain), ".-"), ".-")
	if domain == "" {
		domain = "creditrun.invalid"
	}
	return fmt.Sprintf("%s.%d.%s@%s", strings.TrimRight(local, "."), copy, hex.EncodeToString(sum[:5]), domain)
}

// maxIDNumber is how much of a number a Message-ID shows; the rest is in its
// hash.
const maxIDNumber = 24

// keep drops everything but ASCII letters, digits and the given characters,
// and the second of two dots, which an address must not have.
func keep(s, also string) string {
	kept := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune(also, r):
			return r
		}
		return -1
	}, s)
	for strings.Contains(kept, "..") {
		kept = strings.ReplaceAll(kept, "..", ".")
	}
	return kept
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// parse reads one e-mail address, with or without a name before it. Its domain
// is written in punycode.
func parse(text string) (*netmail.Address, error) {
	a, err := netmail.ParseAddress(strings.TrimSpace(text))
	invalid := func() error {
		return fault.Wrap(fault.Invalid, "mail_address_invalid", fault.Args{"address": oneLine(text)}, err)
	}
	if err != nil || strings.ContainsFunc(a.Address, notInAddress) {
		return nil, invalid()
	}
	plain, ok := entities.ASCIIDomain(a.Address)
	if !ok || len(plain) > maxAddress {
		return nil, invalid()
	}
	a.Name, a.Address = oneLine(a.Name), plain
	return a, nil
}

// maxAddress is the longest address SMTP knows (RFC 5321 §4.5.3.1.3).
const maxAddress = 254

func notInAddress(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }

// parseAll reads several addresses, drops repeated ones and reports every one
// that is invalid.
func parseAll(texts []string) ([]*netmail.Address, fault.List) {
	var list []*netmail.Address
	var faults fault.List
	seen := map[string]bool{}
	for _, text := range texts {
		a, err := parse(text)
		if err != nil {
			faults = append(faults, fault.Of(err)...)
			continue
		}
		if key := strings.ToLower(a.Address); !seen[key] {
			seen[key] = true
			list = append(list, a)
		}
	}
	return list, faults
}
