package journal

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"creditrun/creditnotes"
)

// spelled are letters that are written out where only plain ones are allowed.
var spelled = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "Ä", "Ae", "Ö", "Oe", "Ü", "Ue", "ß", "ss", "æ", "ae", "Æ", "Ae", "ø", "oe", "Ø", "Oe",
	"å", "aa", "Å", "Aa", "ł", "l", "Ł", "L", "đ", "d", "Đ", "D")

// Plain writes a text without marks above and below its letters.
func Plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(spelled.Replace(text)))
}

// mostField is how many characters a document field has: Belegfeld 1 of DATEV.
const mostField = 36

// DocumentField is a number as ledgers take it: at most 36 letters, digits and
// $%-/. Umlauts are written out, other characters become "-", and of a number that
// is too long the end becomes a hash. The same number always gives the same field;
// Numbers sees to it that two numbers do not.
func DocumentField(number string) string {
	field := plainField(number)
	if len(field) > mostField {
		return hashed(field, number)
	}
	return field
}

func plainField(number string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("$%-/", r) || r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return r
		}
		return '-'
	}, Plain(number))
}

// hashed ends a field with a hash of the number.
func hashed(field, number string) string {
	sum := sha256.Sum256([]byte(number))
	end := "-" + strings.ToUpper(hex.EncodeToString(sum[:4]))
	return field[:min(len(field), mostField-len(end))] + end
}

// Numbers gives each number a document field of its own.
type Numbers struct {
	fields map[string]string // by number
	taken  map[string]string // number by field, in capital letters
	Given  []Number          // those that are new
}

// Number is a number with its document field.
type Number struct{ Reference, Field string }

// NewNumbers goes on after the numbers that have a field already.
func NewNumbers(given []Number) *Numbers {
	n := &Numbers{fields: map[string]string{}, taken: map[string]string{}}
	for _, g := range given {
		n.take(g.Reference, g.Field)
	}
	return n
}

func (n *Numbers) take(number, field string) {
	n.fields[number], n.taken[strings.ToUpper(field)] = field, number
}

// Field is the field of a number. A number whose field another has gets one that
// ends with a hash.
func (n *Numbers) Field(number string) string {
	if field, given := n.fields[number]; given {
		return field
	}
	field := DocumentField(number)
	if _, taken := n.taken[strings.ToUpper(field)]; taken || field == "" {
		field = hashed(field, number)
	}
	n.take(number, field)
	n.Given = append(n.Given, Number{number, field})
	return field
}

// Name gives the entries their document fields: of their number, or of their id
// where they have none.
func (j *Journal) Name(n *Numbers) {
	for i := range j.Entries {
		e := &j.Entries[i]
		number := e.Reference
		if number == "" || e.Kind == creditnotes.MovedAdjustment {
			number = e.ID
		}
		e.Field = n.Field(number)
	}
}
