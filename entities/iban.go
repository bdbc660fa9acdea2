package entities

import (
	"regexp"
	"strings"

	"creditrun/internal/fault"
)

// ibanLengths are the lengths by country in the IBAN registry (ISO 13616).
var ibanLengths = map[string]int{
	"AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BY": 28,
	"CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20, "ES": 24, "FI": 18, "FO": 18, "FR": 27,
	"GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IS": 26,
	"IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MT": 31,
	"NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "RS": 22, "SA": 24, "SE": 24, "SI": 19, "SK": 24,
	"SM": 27, "TR": 26, "UA": 29, "VA": 22, "XK": 20,
}

// The shortest and the longest IBAN that ISO 13616 allows.
const (
	shortestIBAN = 15
	longestIBAN  = 34
)

// NormalIBAN writes an IBAN as files want it: capital letters, no spaces.
func NormalIBAN(s string) string {
	return strings.ToUpper(strings.Join(strings.Fields(s), ""))
}

// ValidIBAN reports whether an IBAN has the characters, the length of its
// country and the check digits it should have. Spaces do not matter.
func ValidIBAN(s string) bool {
	problem, _ := checkIBAN(s)
	return problem == ""
}

// likeIBAN finds what may be an IBAN, also written in groups.
var likeIBAN = regexp.MustCompile(`\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]){11,30}\b`)

// MaskIBANs hides all but the last four characters of every IBAN in a text.
func MaskIBANs(text string) string {
	return likeIBAN.ReplaceAllStringFunc(text, func(found string) string {
		if !ValidIBAN(found) {
			return found
		}
		return LastFour(NormalIBAN(found))
	})
}

// LastFour hides all but the last four characters of an account; nothing stays
// nothing.
func LastFour(account string) string {
	if account == "" {
		return ""
	}
	runes := []rune(account)
	return "•••• " + string(runes[max(0, len(runes)-4):])
}

// checkIBAN returns the key of the finding, or "", and its arguments. They do
// not contain the IBAN.
func checkIBAN(s string) (string, fault.Args) {
	iban := NormalIBAN(s)
	if len(iban) < 4 || !letters(iban[:2]) || !digits(iban[2:4]) || !lettersOrDigits(iban[4:]) {
		return "iban_malformed", nil
	}
	country := iban[:2]
	if want, ok := ibanLengths[country]; ok && len(iban) != want {
		return "iban_length", fault.Args{"country": country, "expected": want, "found": len(iban)}
	}
	if len(iban) < shortestIBAN || len(iban) > longestIBAN {
		return "iban_malformed", nil
	}
	if mod97(iban[4:]+iban[:4]) != 1 {
		return "iban_check_digits", nil
	}
	return "", nil
}

// mod97 is the remainder of ISO 7064 MOD 97-10, with A = 10 to Z = 35. The
// text consists of digits and capital letters.
func mod97(s string) int {
	rest := 0
	for _, c := range []byte(s) {
		if c >= 'A' {
			rest = (rest*100 + int(c-'A') + 10) % 97
		} else {
			rest = (rest*10 + int(c-'0')) % 97
		}
	}
	return rest
}

// isBIC reports whether a text has the shape of a BIC (ISO 9362).
func isBIC(s string) bool {
	return (len(s) == 8 || len(s) == 11) && lettersOrDigits(s[:4]) && letters(s[4:6]) && lettersOrDigits(s[6:])
}

// letters, digits and lettersOrDigits judge ASCII, capital letters only.
func letters(s string) bool {
	return strings.TrimLeft(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

func digits(s string) bool { return strings.TrimLeft(s, "0123456789") == "" }

func lettersOrDigits(s string) bool {
	return strings.TrimLeft(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}
