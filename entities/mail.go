package entities

import (
	"slices"
	"strings"

	"golang.org/x/net/idna"

	"creditrun/internal/fault"
)

// IsMailAddress reports whether a text is one e-mail address, without a name.
func IsMailAddress(text string) bool { return looksLikeMail(text) }

// ASCIIDomain returns an e-mail address as mail servers are told it: with an
// internationalized domain in punycode (RFC 5891). It reports false where there
// is no such domain. The part before the @ stays as it is.
func ASCIIDomain(address string) (string, bool) {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return address, false
	}
	local, domain := address[:at], address[at+1:]
	if isASCII(domain) {
		return address, true
	}
	plain, err := idna.Lookup.ToASCII(domain)
	return local + "@" + plain, err == nil
}

// UnicodeDomain is the way back, for people.
func UnicodeDomain(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return address
	}
	domain, err := idna.Lookup.ToUnicode(address[at+1:])
	if err != nil {
		return address
	}
	return address[:at+1] + domain
}

// NeedsSMTPUTF8 reports whether an e-mail address has other than ASCII
// characters before the @. There is no other way to write them, so only mail
// servers that know SMTPUTF8 (RFC 6531) deliver to it.
func NeedsSMTPUTF8(address string) bool {
	at := strings.LastIndexByte(address, '@')
	return !isASCII(address[:max(at, 0)])
}

// MailWarnings names the addresses of an entity that not every mail server
// delivers to.
func (e *Entity) MailWarnings() (found []*fault.Fault) {
	for _, address := range append(slices.Clone(e.Emails), e.ReplyTo) {
		if NeedsSMTPUTF8(address) {
			found = append(found, fault.New(fault.NotReady, "email_needs_smtputf8", fault.Args{"entity": e.Key, "email": address}))
		}
	}
	return found
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 })
}
