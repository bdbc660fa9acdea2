package web

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"creditrun/entities"
)

// formatID writes an id for an address.
func formatID(id int64) string { return strconv.FormatInt(id, 10) }

// parseID reads an id of an address.
func parseID(s string) (int64, error) { return strconv.ParseInt(s, 10, 64) }

// sortedKeys are the keys of a map in order; nil where there are none.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// groupsOfFour writes an IBAN as people read it.
func groupsOfFour(iban string) string {
	var b strings.Builder
	for i, r := range entities.NormalIBAN(iban) {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// plainName keeps of a text what every system allows in the name of a file.
func plainName(text string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("-._", r) || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, text)
}
