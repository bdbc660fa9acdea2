package einvoice

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"creditrun/entities"
	"creditrun/internal/money"
)

// figures writes the amounts of one document.
type figures struct {
	digits  int  // of the currency
	turned  bool // the type of the document says what the sign said
	inexact bool // an amount did not fit
}

// mostDecimals is what EN 16931 grants an amount (BR-DEC-09 to BR-DEC-23).
const mostDecimals = 2

// write prints an amount with the decimals of its currency. One that needs
// more than two, as an odd fils does, makes the document inexact: it cannot be
// said in EN 16931.
func (f *figures) write(a money.Amount) string {
	if f.turned {
		a = -a
	}
	digits := f.digits
	for ; digits > mostDecimals; digits-- {
		if a%10 != 0 {
			f.inexact = true
		}
		a /= 10
	}
	return a.Format(digits)
}

// turn gives the sign that the type of the document asks for.
func turn[N ~int64](f *figures, v N) N {
	if f.turned {
		return -v
	}
	return v
}

// clean makes a text fit for XML and for people: characters that XML 1.0 does
// not know become the sign for that, white space of any sort becomes one space,
// and there is none around it.
func clean(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, string(utf8.RuneError))
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r < ' ' || r >= 0x7f && r < 0xa0 || r == 0xfffe || r == 0xffff:
			return utf8.RuneError
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// periodOf is a period with both ends in order, or none (BR-29, BR-30).
func periodOf(from, to entities.Date) *period {
	if from.IsZero() || to.IsZero() || to.Before(from) {
		return nil
	}
	return &period{from, to}
}
