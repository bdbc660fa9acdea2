package creditnotes

import (
	"cmp"
	"strings"
)

// CompareNaturally orders keys as people do: numbers in them by their value, so
// that S2 comes before S10. Keys that differ only in zeros before a number are in
// the order of their characters.
func CompareNaturally(a, b string) int {
	for x, y := a, b; x != "" && y != ""; {
		n, m := digitsAhead(x), digitsAhead(y)
		if n == 0 || m == 0 {
			if x[0] != y[0] {
				return cmp.Compare(x[0], y[0])
			}
			x, y = x[1:], y[1:]
			continue
		}
		p, q := strings.TrimLeft(x[:n], "0"), strings.TrimLeft(y[:m], "0")
		if order := cmp.Or(cmp.Compare(len(p), len(q)), cmp.Compare(p, q)); order != 0 {
			return order
		}
		x, y = x[n:], y[m:]
		if x == "" || y == "" {
			if order := cmp.Compare(len(x), len(y)); order != 0 {
				return order
			}
		}
	}
	return cmp.Compare(a, b)
}

// digitsAhead is how many digits a text begins with.
func digitsAhead(text string) int {
	return len(text) - len(strings.TrimLeft(text, "0123456789"))
}
