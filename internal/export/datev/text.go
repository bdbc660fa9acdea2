package datev

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"

	"creditrun/internal/journal"
)

// encodable writes a text in the characters of Windows-1252 and without control
// characters. What the set lacks is written without its marks, else as "?".
func encodable(text string) string {
	var out strings.Builder
	for _, r := range norm.NFC.String(text) {
		if unicode.IsControl(r) {
			out.WriteByte(' ')
			continue
		}
		if _, ok := charmap.Windows1252.EncodeRune(r); ok {
			out.WriteRune(r)
			continue
		}
		for _, p := range journal.Plain(string(r)) {
			if _, ok := charmap.Windows1252.EncodeRune(p); !ok {
				p = '?'
			}
			out.WriteRune(p)
		}
	}
	return out.String()
}

// wordsOnly leaves letters, digits and "_" of a text, as the header has names.
func wordsOnly(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return r
		}
		return -1
	}, journal.Plain(text))
}

// cut is the beginning of a text.
func cut(text string, limit int) string {
	if runes := []rune(text); len(runes) > limit {
		return strings.TrimSpace(string(runes[:limit]))
	}
	return text
}

// Replaced is a text that a field does not take as it is.
type Replaced struct{ Where, Field, Text, Written string }

// String writes it as a line.
func (r Replaced) String() string {
	return fmt.Sprintf("%s: %s: %q is written as %q", r.Where, r.Field, r.Text, r.Written)
}
