package document

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// The page is A4 with the address window of DIN 5008 (form B). Everything is
// measured in millimetres from the top left corner, sizes of type in points.
const (
	pageWidth  = 210.0
	pageHeight = 297.0
	left       = 25.0
	right      = 190.0
	top        = 24.0  // of what flows on the second page and after
	bottom     = 267.0 // of what flows on every page
	pointSize  = 25.4 / 72
)

// style is how a text is set.
type style struct {
	bold bool
	size float64 // points
	ink  ink
}

// The styles of the page.
var (
	plain     = style{size: 9, ink: black}
	strong    = style{bold: true, size: 9, ink: black}
	small     = style{size: 8, ink: black}
	label     = style{size: 8, ink: grey}
	tiny      = style{size: 7, ink: grey}
	section   = style{bold: true, size: 10, ink: accent}
	headline  = style{bold: true, size: 17, ink: black}
	letterTop = style{bold: true, size: 15, ink: accent}
)

// pitch is the distance of two lines of a style.
func (s style) pitch() float64 { return s.size * pointSize * 1.32 }

// baseline is how far below the top of its line a text stands.
func (s style) baseline() float64 { return s.size * pointSize * 0.98 }

// mark is one line of text with its origin on the baseline.
type mark struct {
	x, y float64
	text string
	style
}

// bar is a filled rectangle; rules are thin bars.
type bar struct {
	x, y, width, height float64
	ink                 ink
}

// sheet is one finished page.
type sheet struct {
	bars  []bar
	marks []mark
	logo  *placedLogo
}

// setter sets text on sheets from top to bottom. The first error stays, and
// everything after it is of no consequence.
type setter struct {
	fonts  typeface
	sheets []*sheet
	y      float64 // top of the next line
	onPage func()  // draws what every new page begins with
	err    error
}

func (s *setter) sheet() *sheet { return s.sheets[len(s.sheets)-1] }

func (s *setter) fail(err error) {
	if s.err == nil {
		s.err = err
	}
}

func (s *setter) font(st style) *font {
	if st.bold {
		return s.fonts.bold
	}
	return s.fonts.regular
}

func (s *setter) width(text string, st style) float64 {
	return s.font(st).width(text, st.size) * pointSize
}

// text sets one line with its left end at x.
func (s *setter) text(x, baseline float64, text string, st style) {
	if text == "" {
		return
	}
	if err := s.font(st).check(text); err != nil {
		s.fail(err)
	}
	s.sheet().marks = append(s.sheet().marks, mark{x, baseline, text, st})
}

// textRight sets one line with its right end at x.
func (s *setter) textRight(x, baseline float64, text string, st style) {
	s.text(x-s.width(text, st), baseline, text, st)
}

func (s *setter) bar(x, y, width, height float64, colour ink) {
	s.sheet().bars = append(s.sheet().bars, bar{x, y, width, height, colour})
}

// rule draws a thin line across.
func (s *setter) rule(x, y, width float64, colour ink) { s.bar(x, y, width, 0.2, colour) }

// newPage begins a page below its head.
func (s *setter) newPage() {
	s.sheets = append(s.sheets, &sheet{})
	s.y = top
	if s.onPage != nil {
		s.onPage()
	}
}

// need begins a new page where less than the height is left.
func (s *setter) need(height float64) {
	if s.y+height > bottom {
		s.newPage()
	}
}

// space leaves room, but not at the top of a page.
func (s *setter) space(height float64) { s.y += height }

// paragraph sets a text in as many lines as it takes.
func (s *setter) paragraph(x, width float64, text string, st style) {
	for _, line := range s.wrap(text, st, width) {
		s.need(st.pitch())
		s.text(x, s.y+st.baseline(), line, st)
		s.y += st.pitch()
	}
}

// together draws a block on one page: where it would break, it begins on the
// next one. A block longer than a page breaks all the same.
func (s *setter) together(draw func()) {
	pages, y := len(s.sheets), s.y
	last := *s.sheet()
	draw()
	if len(s.sheets) == pages || y <= top {
		return
	}
	s.sheets = s.sheets[:pages]
	*s.sheet() = last
	s.newPage()
	draw()
}

// wrap breaks a text into lines that are no wider than width: at spaces, after
// the hyphens and slashes of words, and inside a word that is wider than a line.
func (s *setter) wrap(text string, st style, width float64) []string {
	var lines []string
	for _, paragraph := range strings.Split(text, "\n") {
		line := ""
		for _, word := range words(clean(paragraph)) {
			if joined := line + word; s.width(strings.TrimRight(joined, " "), st) <= width {
				line = joined
				continue
			}
			if line != "" {
				lines = append(lines, strings.TrimRight(line, " "))
			}
			broken := s.breakWord(word, st, width)
			lines = append(lines, broken[:len(broken)-1]...)
			line = broken[len(broken)-1]
		}
		lines = append(lines, strings.TrimRight(line, " "))
	}
	return lines
}

// breakWord cuts a word into pieces that fit; the last one may be followed by
// more words.
func (s *setter) breakWord(word string, st style, width float64) []string {
	var pieces []string
	f := s.font(st)
	from, used := 0, 0
	for i, c := range word {
		if c != ' ' && i > from && f.length(used+f.advance(c), st.size)*pointSize > width {
			pieces = append(pieces, word[from:i])
			from, used = i, 0
		}
		used += f.advance(c)
	}
	return append(pieces, word[from:])
}

// words cuts a text where a line may break; each word keeps what follows it.
func words(text string) []string {
	var list []string
	from, before := 0, ' '
	for i, c := range text {
		if c == ' ' || (c == '-' || c == '/') && unicode.IsLetter(before) {
			list = append(list, text[from:i+1])
			from = i + 1
		}
		before = c
	}
	if from < len(text) {
		list = append(list, text[from:])
	}
	return list
}

// fit shortens a text to one line with an ellipsis where it is too wide.
func (s *setter) fit(text string, st style, width float64) string {
	text = clean(strings.ReplaceAll(text, "\n", " "))
	if s.width(text, st) <= width {
		return text
	}
	return s.ellipsis(text, st, width)
}

// ellipsis keeps as much of a text as fits before an ellipsis.
func (s *setter) ellipsis(text string, st style, width float64) string {
	f := s.font(st)
	used, end := f.advance('…'), len(text)
	for i, c := range text {
		if used += f.advance(c); f.length(used, st.size)*pointSize > width {
			end = i
			break
		}
	}
	return strings.TrimRight(text[:end], " ") + "…"
}

// shorten cuts a text off after its last allowed line.
func (s *setter) shorten(lines []string, most int, st style, width float64) []string {
	if len(lines) <= most {
		return lines
	}
	lines[most-1] = s.ellipsis(lines[most-1], st, width)
	return lines[:most]
}

// clean composes accents and turns control characters and tabs into spaces.
func clean(text string) string {
	return strings.TrimSpace(strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f {
			return ' '
		}
		return c
	}, norm.NFC.String(text)))
}
