package page

import (
	"strconv"
	"strings"

	"creditrun/entities"
)

// ParseID reads an id of an address.
func ParseID(s string) (int64, error) { return strconv.ParseInt(s, 10, 64) }

// GroupsOfFour writes an IBAN as people read it.
func GroupsOfFour(iban string) string {
	var b strings.Builder
	for i, r := range entities.NormalIBAN(iban) {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// PlainName keeps of a text what every system allows in the name of a file.
func PlainName(text string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("-._", r) || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, text)
}
