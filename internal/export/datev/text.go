package datev

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
)

// spelled are letters that are written out where only plain ones are allowed.
var spelled = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "Ä", "Ae", "Ö", "Oe", "Ü", "Ue", "ß", "ss", "æ", "ae", "Æ", "Ae", "ø", "oe", "Ø", "Oe",
	"å", "aa", "Å", "Aa", "ł", "l", "Ł", "L", "đ", "d", "Đ", "D")

// plain writes a text without marks above and below its letters.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(spelled.Replace(text)))
}

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
		for _, p := range plain(string(r)) {
			if _, ok := charmap.Windows1252.EncodeRune(p); !ok {
				p = '?'
			}
			out.WriteRune(p)
		}
	}
	return out.String()
}

// cut is the beginning of a text.
func cut(text string, limit int) string {
	if runes := []rune(text); len(runes) > limit {
		return strings.TrimSpace(string(runes[:limit]))
	}
	return text
}

// mostDocumentField is how many characters Belegfeld 1 has.
const mostDocumentField = 36

// documentField is a number as Belegfeld 1 takes it: letters, digits and _$%-/.
// Umlauts are written out, other characters become "_", and of a number that is
// too long the end becomes a hash. The same number always gives the same field.
func documentField(number string) string {
	field := strings.Map(func(r rune) rune {
		if r == '_' || strings.ContainsRune("$%-/", r) || r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return r
		}
		return '_'
	}, plain(number))
	if len(field) > mostDocumentField {
		sum := sha256.Sum256([]byte(number))
		end := "_" + hex.EncodeToString(sum[:4])
		field = field[:mostDocumentField-len(end)] + end
	}
	return field
}

// Replaced is a text that a field does not take as it is.
type Replaced struct{ Where, Field, Text, Written string }

// String writes it as a line.
func (r Replaced) String() string {
	return fmt.Sprintf("%s: %s: %q is written as %q", r.Where, r.Field, r.Text, r.Written)
}
