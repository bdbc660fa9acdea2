package entities

import (
	"regexp"
	"strings"
)

// vatProblem is what can be wrong with a VAT id. Whether it was ever given to
// a business is known to VIES only.
type vatProblem string

const (
	vatMalformed vatProblem = "malformed"
	vatMistyped  vatProblem = "mistyped" // the check digits do not fit
)

// vatShapes are the forms of VAT ids behind their prefix (Directive
// 2006/112/EC art. 215 with the VIES formats; GB and XI: HMRC; CHE: UID).
// Greece writes EL.
var vatShapes = map[string]*regexp.Regexp{
	"AT": regexp.MustCompile(`^U\d{8}$`),
	"BE": regexp.MustCompile(`^[01]\d{9}$`),
	"BG": regexp.MustCompile(`^\d{9,10}$`),
	"CH": regexp.MustCompile(`^E\d{9}(MWST|TVA|IVA)?$`),
	"CY": regexp.MustCompile(`^\d{8}[A-Z]$`),
	"CZ": regexp.MustCompile(`^\d{8,10}$`),
	"DE": regexp.MustCompile(`^\d{9}$`),
	"DK": regexp.MustCompile(`^\d{8}$`),
	"EE": regexp.MustCompile(`^\d{9}$`),
	"EL": regexp.MustCompile(`^\d{9}$`),
	"ES": regexp.MustCompile(`^[A-Z0-9]\d{7}[A-Z0-9]$`),
	"FI": regexp.MustCompile(`^\d{8}$`),
	"FR": regexp.MustCompile(`^[A-HJ-NP-Z0-9]{2}\d{9}$`),
	"GB": regexp.MustCompile(`^(\d{9}|\d{12}|GD\d{3}|HA\d{3})$`),
	"HR": regexp.MustCompile(`^\d{11}$`),
	"HU": regexp.MustCompile(`^\d{8}$`),
	"IE": regexp.MustCompile(`^(\d[A-Z0-9+*]\d{5}[A-W]|\d{7}[A-W][A-I])$`),
	"IT": regexp.MustCompile(`^\d{11}$`),
	"LT": regexp.MustCompile(`^(\d{9}|\d{12})$`),
	"LU": regexp.MustCompile(`^\d{8}$`),
	"LV": regexp.MustCompile(`^\d{11}$`),
	"MT": regexp.MustCompile(`^\d{8}$`),
	"NL": regexp.MustCompile(`^\d{9}B\d{2}$`),
	"PL": regexp.MustCompile(`^\d{10}$`),
	"PT": regexp.MustCompile(`^\d{9}$`),
	"RO": regexp.MustCompile(`^\d{2,10}$`),
	"SE": regexp.MustCompile(`^\d{10}01$`),
	"SI": regexp.MustCompile(`^\d{8}$`),
	"SK": regexp.MustCompile(`^\d{10}$`),
	"XI": regexp.MustCompile(`^(\d{9}|\d{12}|GD\d{3}|HA\d{3})$`),
}

// vatChecks compute check digits, where the rule is public and has no
// exceptions. They are given what is behind the prefix, in the right shape.
var vatChecks = map[string]func(string) bool{
	"AT": func(s string) bool { return checkAustrian(s[1:]) },
	"BE": func(s string) bool { return number(s[:8])%97 == 97-number(s[8:]) },
	"CH": func(s string) bool { return checkSwiss(s[1:10]) },
	"DE": checkGerman,
	"GB": checkBritish,
	"IT": checkLuhn,
	"LU": func(s string) bool { return number(s[:6])%89 == number(s[6:]) },
	"NL": checkDutch,
	"PL": func(s string) bool { return weighted(s[:9], 6, 5, 7, 2, 3, 4, 5, 6, 7)%11 == digit(s, 9) },
	"XI": checkBritish,
}

// NormalVATID writes a VAT id as files want it: capital letters and digits
// without spaces, full stops and hyphens.
func NormalVATID(s string) string { return strings.ToUpper(betweenVATID.Replace(s)) }

// betweenVATID takes away what people write between the characters of a VAT id.
var betweenVATID = strings.NewReplacer(" ", "", ".", "", "-", "")

// checkVATID judges the shape of a VAT id of the European Union, Great Britain
// or Switzerland and, where the rule is known, its check digits. Ids of other
// countries are not judged. country is where its holder lives; with it an id
// without the prefix of any country is found.
func checkVATID(id, country string) vatProblem {
	normal := NormalVATID(id)
	if len(normal) < 3 {
		return vatMalformed
	}
	prefix, rest := normal[:2], normal[2:]
	shape, known := vatShapes[prefix]
	if !known {
		if _, should := vatShapes[vatPrefix(country)]; should && (digits(prefix[:1]) || prefix == "GR") {
			return vatMalformed
		}
		return ""
	}
	if !shape.MatchString(rest) {
		return vatMalformed
	}
	if check, ok := vatChecks[prefix]; ok && !check(rest) {
		return vatMistyped
	}
	return ""
}

// vatPrefix is what the VAT ids of a country begin with.
func vatPrefix(country string) string {
	if country == "GR" {
		return "EL"
	}
	return country
}

// checkGerman is ISO 7064 MOD 11,10.
func checkGerman(s string) bool {
	product := 10
	for i := range 8 {
		sum := (digit(s, i) + product) % 10
		if sum == 0 {
			sum = 10
		}
		product = 2 * sum % 11
	}
	return (11-product)%10 == digit(s, 8)
}

func checkAustrian(s string) bool {
	sum := 4
	for i := range 7 {
		sum += crossSum(digit(s, i) * (1 + i%2))
	}
	return (10-sum%10)%10 == digit(s, 7)
}

// checkBritish knows both series of numbers; branches and offices have none.
func checkBritish(s string) bool {
	if len(s) < 9 || !digits(s) {
		return true
	}
	sum := weighted(s[:7], 8, 7, 6, 5, 4, 3, 2) + number(s[7:9])
	return sum%97 == 0 || (sum+55)%97 == 0
}

// checkDutch accepts numbers of companies (weights) and those of sole traders
// since 2020 (MOD 97-10 over the whole id).
func checkDutch(s string) bool {
	return weighted(s[:8], 9, 8, 7, 6, 5, 4, 3, 2)%11 == digit(s, 8) || mod97("NL"+s) == 1
}

func checkSwiss(s string) bool {
	return (11-weighted(s[:8], 5, 4, 3, 2, 7, 6, 5, 4)%11)%11 == digit(s, 8)
}

func checkLuhn(s string) bool {
	sum := 0
	for i := range len(s) {
		sum += crossSum(digit(s, len(s)-1-i) * (1 + i%2))
	}
	return sum%10 == 0
}

func weighted(s string, weights ...int) int {
	sum := 0
	for i, w := range weights {
		sum += digit(s, i) * w
	}
	return sum
}

func crossSum(n int) int { return n/10 + n%10 }

func digit(s string, i int) int { return int(s[i] - '0') }

func number(s string) int {
	n := 0
	for i := range len(s) {
		n = n*10 + digit(s, i)
	}
	return n
}
