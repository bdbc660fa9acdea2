package pdf

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

const (
	zeroWidthNonJoiner = '\u200c'
	zeroWidthJoiner    = '\u200d'
)

// maxMarks is how many marks are printed on one letter: more would climb over
// the lines above.
const maxMarks = 3

// lookAlikes are printed for characters that the fonts lack, where Unicode
// does not know itself that they are the same.
var lookAlikes = map[rune]string{
	'\u2011': "-", '\u2012': "–", '\u2015': "—", '\u2e3a': "—", '\u2043': "-", '\u2053': "~", '\u301c': "~",
	'\u201b': "‘", '\u201f': "“", '\u2e17': "-", '\u2796': "−", '\u00b5': "μ", '\u2027': "·", '\u30fb': "·", '\u3001': ",", '\u3002': ".",
	'\u3008': "‹", '\u3009': "›", '\u300a': "«", '\u300b': "»", '\u300c': "“", '\u300d': "”", '\u300e': "“", '\u300f': "”",
}

// dropped are the signs that are invisible and of no use on paper, or that
// would turn the direction of what stands beside them.
var dropped = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x00ad, 0x00ad, 1}, // soft hyphen
		{0x034f, 0x034f, 1}, {0x115f, 0x1160, 1}, {0x17b4, 0x17b5, 1}, {0x180b, 0x180f, 1},
		{0x200b, 0x200b, 1}, // zero-width space
		{0x202a, 0x202e, 1}, // embeddings and overrides of direction
		{0x2060, 0x2064, 1}, {0x206a, 0x206f, 1}, {0x3164, 0x3164, 1},
		{0xfe00, 0xfe0f, 1}, // variation selectors
		{0xfeff, 0xfeff, 1}, {0xffa0, 0xffa0, 1}, {0xfff9, 0xfffb, 1},
	},
	R32:         []unicode.Range32{{0x1bca0, 0x1bca3, 1}, {0x1d173, 0x1d17a, 1}, {0xe0000, 0xe0fff, 1}},
	LatinOffset: 1,
}

// directs reports whether a character only says how those beside it are set:
// it is kept until they are.
func directs(c rune) bool {
	return c == zeroWidthJoiner || c == zeroWidthNonJoiner || c == '\u200e' || c == '\u200f' || c == '\u061c' ||
		c >= isolateLTR && c <= isolateEnd
}

// isInvisible reports whether a character has no glyph of its own.
func isInvisible(c rune) bool { return directs(c) || unicode.Is(dropped, c) }

// isBreak reports whether a character is white space that is no space.
func isBreak(c rune) bool {
	return c >= '\t' && c <= '\r' || c == '\u0085' || c == '\u2028' || c == '\u2029'
}

// isNoCharacter reports whether a code controls machines, or represents nothing
// and never will.
func isNoCharacter(c rune) bool {
	return unicode.Is(unicode.Cc, c) && !isBreak(c) || c&0xfffe == 0xfffe || c >= 0xfdd0 && c <= 0xfdef
}

// Clean makes a text fit for every place it is written to: accents are
// composed, line breaks and tabs are spaces, what is no character is the sign
// for that, and invisible signs are left out.
func Clean(text string) string {
	if isASCII(text) {
		return strings.TrimSpace(text)
	}
	return strings.TrimSpace(flattened(strings.Map(func(c rune) rune {
		switch {
		case isBreak(c):
			return ' '
		case isNoCharacter(c):
			return unicode.ReplacementChar
		case unicode.Is(dropped, c):
			return -1
		}
		return c
	}, norm.NFC.String(strings.ToValidUTF8(text, string(unicode.ReplacementChar))))))
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

// printable makes a text ready to be set: clean, with look-alikes for what the
// fonts lack. What has none stays and becomes the substitute.
func (t *Typeface) printable(text string) string {
	if t.regular.isPlain(text) {
		return strings.TrimSpace(text)
	}
	return t.prepare(Clean(text), nil)
}

// prepare is printable for a clean text; replaced, if set, is called for each
// character that is printed otherwise than it is written.
func (t *Typeface) prepare(text string, replaced func(c rune, by string)) string {
	var b strings.Builder
	say := func(c rune, by string) {
		if replaced != nil {
			replaced(c, by)
		}
		if by != string(substitute) {
			b.WriteString(by)
		}
	}
	marks, last := 0, ' '
	for _, c := range text {
		if !unicode.Is(unicode.M, c) {
			marks = 0
		} else if marks++; marks > maxMarks {
			say(c, "")
			continue
		}
		switch {
		case c == zeroWidthJoiner || c == zeroWidthNonJoiner:
			if unicode.In(last, unicode.Latin, unicode.Common) && last < 0x2000 {
				continue // it joins nothing
			}
			b.WriteRune(c)
		case directs(c) || t.prints(c):
			b.WriteRune(c)
		default:
			by := t.lookAlike(c)
			if say(c, by); by == string(substitute) {
				b.WriteRune(c)
			}
		}
		last = c
	}
	return strings.TrimSpace(b.String())
}

// prints reports whether some font has a character.
func (t *Typeface) prints(c rune) bool {
	return t.regular.isPlain(string(c)) || t.fontFor([]rune{c}, false, nil) != nil
}

// lookAlike is what is printed for a character that no font has: one that looks
// like it, or the substitute.
func (t *Typeface) lookAlike(c rune) string {
	if by := lookAlikes[c]; by != "" {
		return by
	}
	by := norm.NFKC.String(string(c))
	for _, part := range by {
		if !t.prints(part) {
			return string(substitute)
		}
	}
	return by
}

// Replacement is a character that is printed otherwise than it is written.
type Replacement struct {
	Character rune
	By        string // empty: it is left out
}

// Replaced reports the characters of a text that are not printed as they are
// written, each once. White space, and signs that only say how others are set,
// are not among them.
func (t *Typeface) Replaced(text string) (list []Replacement) {
	if t.regular.isPlain(text) {
		return nil
	}
	seen := map[rune]bool{}
	add := func(c rune, by string) {
		if !seen[c] {
			seen[c] = true
			list = append(list, Replacement{Character: c, By: by})
		}
	}
	for _, c := range text {
		switch {
		case isBreak(c): // white space is white space
		case unicode.Is(dropped, c) && !unicode.Is(unicode.Variation_Selector, c):
			add(c, "")
		case isNoCharacter(c):
			add(c, string(substitute))
			seen[unicode.ReplacementChar] = true // which is printed for it
		}
	}
	t.prepare(Clean(text), add)
	return list
}
