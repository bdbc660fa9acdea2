package payouts

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Numbers finds which of many numbers a text mentions, as Mentions does for one,
// in a time that does not grow with how many there are. The zero value has none.
type Numbers[T any] struct {
	of      map[string][]numbered[T]
	lengths []int // of the keys, in bytes
	count   int
}

// numbered is a value in the order in which the values were added.
type numbered[T any] struct {
	place int
	value T
}

// Add adds a number with a value. Two may have the same number. One of
// fewer than three letters and digits is never found.
func (n *Numbers[T]) Add(number string, value T) {
	key := compact(number)
	n.count++
	if utf8.RuneCountInString(key) < 3 {
		return
	}
	if n.of == nil {
		n.of = map[string][]numbered[T]{}
	}
	if !slices.Contains(n.lengths, len(key)) {
		n.lengths = append(n.lengths, len(key))
	}
	n.of[key] = append(n.of[key], numbered[T]{n.count, value})
}

// In lists the values of the numbers that a text mentions, in the order in which
// they were added.
func (n *Numbers[T]) In(text string) (list []T) {
	if len(n.of) == 0 {
		return nil
	}
	var found []numbered[T]
	seen := map[string]bool{}
	t := scanText(text)
	for _, start := range t.starts {
		for _, length := range n.lengths {
			end := start + length
			if end > len(t.letters) || end < len(t.letters) && !t.ends[end-1] {
				continue
			}
			key := string(t.letters[start:end])
			if !seen[key] && n.of[key] != nil {
				seen[key] = true
				found = append(found, n.of[key]...)
			}
		}
	}
	slices.SortFunc(found, func(a, b numbered[T]) int { return cmp.Compare(a.place, b.place) })
	for _, f := range found {
		list = append(list, f.value)
	}
	return list
}

// scannedText is the letters and digits of a text, in upper case, with where a
// number can begin and behind which byte one can end.
type scannedText struct {
	letters []byte
	starts  []int
	ends    []bool
}

func scanText(text string) (t scannedText) {
	within := false
	for _, r := range strings.ToUpper(text) {
		if !alphanumeric(r) {
			if within {
				t.ends[len(t.ends)-1] = true
			}
			within = false
			continue
		}
		if !within {
			t.starts = append(t.starts, len(t.letters))
		}
		within = true
		t.letters = utf8.AppendRune(t.letters, r)
		for len(t.ends) < len(t.letters) {
			t.ends = append(t.ends, false)
		}
	}
	return t
}
