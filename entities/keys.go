package entities

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"creditrun/internal/fault"
)

// longestKey is how many characters a key has at most.
const longestKey = 100

// reservedKey is no key: in the addresses of the pages it is the form for what
// is not there yet.
const reservedKey = "new"

var entityKey = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// CheckEntityKey reports what is wrong with the key of a new entity as an
// Invalid fault, or nil. People choose it here, so it is kept plain.
func CheckEntityKey(key string) *fault.Fault {
	if len(key) > longestKey || key == reservedKey || !entityKey.MatchString(key) {
		return fault.New(fault.Invalid, "entity_key_invalid", fault.Args{"entity": key, "key": printable(key)}).At("key")
	}
	return nil
}

// CheckKey reports what is wrong with a new key of a station, a tariff, a number
// range or the like as an Invalid fault, or nil. The section is that of the
// network file. Other systems give such keys, so they may hold any letter and
// sign that can be seen and typed, but none that would lead an address of the
// pages elsewhere.
func CheckKey(section, key string) *fault.Fault {
	odd := func(r rune) bool { return r == '/' || r == '\\' || r == utf8.RuneError || !unicode.IsPrint(r) }
	if utf8.RuneCountInString(key) > longestKey || key == reservedKey || strings.Trim(key, ".") == "" ||
		strings.TrimSpace(key) != key || strings.ContainsFunc(key, odd) {
		return fault.New(fault.Invalid, "key_invalid", fault.Args{"section": section, "key": printable(key)}).At("key")
	}
	return nil
}

var externalID = regexp.MustCompile(`^[!-~]([ -~]{0,98}[!-~])?$`)

// CheckExternalID reports what is wrong with the key that another system has for
// something as an Invalid fault, or nil. It is compared letter by letter, so it
// holds what every system writes in the same way.
func CheckExternalID(id string) *fault.Fault {
	if !externalID.MatchString(id) {
		return fault.New(fault.Invalid, "external_id_malformed", fault.Args{"id": printable(id)}).At("external_id")
	}
	return nil
}

// printable is a key as a message can show it.
func printable(key string) string {
	shown := strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return utf8.RuneError
	}, strings.ToValidUTF8(key, "\ufffd"))
	if letters := []rune(shown); len(letters) > longestKey {
		return string(letters[:longestKey]) + "…"
	}
	return shown
}
