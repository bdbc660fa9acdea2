package entities

// partnerKey is a partner id without separators, in upper case: DEABC.
type partnerKey [5]byte

// partnerKeyOf reads a partner id in any spelling. The second result is false
// when it is not a country code of two letters and a party id of three letters
// or digits (OCPI 2.2.1). It does not allocate.
func partnerKeyOf(id string) (key partnerKey, ok bool) {
	n := 0
	for i := range len(id) {
		c := id[i]
		switch {
		case c == '*' || c == '-' || c == ' ':
			continue
		case c >= 'a' && c <= 'z':
			c -= 'a' - 'A'
		case c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' && n >= 2:
		default:
			return partnerKey{}, false
		}
		if n == len(key) {
			return partnerKey{}, false
		}
		key[n] = c
		n++
	}
	return key, n == len(key)
}
