package entities

import "strings"

// EVSEKey returns what an EVSE id is compared by: sources write the same EVSE
// in upper and lower case, and with or without the separators that the syntax
// of EVSE ids (ISO 15118-2, eMI³) leaves open, so DE*CPO*E1, decpoe1 and
// DE*CPOE1 have one key. Ids of another syntax, such as those of DIN 91286
// (+49*810*000), need their separators and lose only their case.
func EVSEKey(id string) string {
	id = strings.ToUpper(strings.TrimSpace(id))
	if plain := strings.ReplaceAll(id, "*", ""); isEVSE(plain) {
		return plain
	}
	return id
}

// SameEVSE reports whether two EVSE ids name the same EVSE.
func SameEVSE(a, b string) bool {
	return strings.EqualFold(a, b) || EVSEKey(a) == EVSEKey(b)
}

// isEVSE reports whether an id without separators is a country of two letters,
// an operator of three letters or digits, the letter E and an outlet.
func isEVSE(plain string) bool {
	const outlet = 6
	if len(plain) <= outlet || plain[outlet-1] != 'E' {
		return false
	}
	for i := range len(plain) {
		letter := plain[i] >= 'A' && plain[i] <= 'Z'
		digit := plain[i] >= '0' && plain[i] <= '9'
		if !letter && (i < 2 || !digit) {
			return false
		}
	}
	return true
}
