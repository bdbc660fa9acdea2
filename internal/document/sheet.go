package document

import (
	"sort"
	"strings"
	"unicode"

	"github.com/go-text/typesetting/segmenter"
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

// of is the style in another size.
func (s style) of(size float64) style {
	s.size = size
	return s
}

// pitch is the distance of two lines of a style.
func (s style) pitch() float64 { return s.size * pointSize * 1.32 }

// baseline is how far below the top of its line a text stands.
func (s style) baseline() float64 { return s.size * pointSize * 0.98 }

// mark is one line of text with its origin on the baseline.
type mark struct {
	x, y   float64
	text   string
	glyphs *shaped // nil for a text that is set character by character
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
	known  map[shapedText]*shaped
	err    error
}

func (s *setter) sheet() *sheet { return s.sheets[len(s.sheets)-1] }

func (s *setter) fail(err error) {
	if s.err == nil {
		s.err = err
	}
}

func (s *setter) font(st style) *font { return s.fonts.weight(st.bold) }

// width is how much room a text takes.
func (s *setter) width(text string, st style) float64 {
	f := s.font(st)
	sum := 0
	for _, c := range text {
		if int(c) >= len(f.plain) || !f.plain[c] {
			return scaled(s.shape(text, st.bold).width, st.size) * pointSize
		}
		sum += int(f.advances[c])
	}
	return scaled(float64(sum), st.size) * pointSize
}

// mostShaped is how many texts a setter remembers the glyphs of.
const mostShaped = 4096

// shape sets a text that is not plain; the same texts come again and again.
func (s *setter) shape(text string, bold bool) *shaped {
	key := shapedText{text, bold}
	if known := s.known[key]; known != nil {
		return known
	}
	if s.known == nil || len(s.known) >= mostShaped {
		s.known = map[shapedText]*shaped{}
	}
	s.known[key] = s.fonts.shape(s.fonts.printable(text), bold)
	return s.known[key]
}

type shapedText struct {
	text string
	bold bool
}

// text sets one line with its left end at x.
func (s *setter) text(x, baseline float64, text string, st style) {
	if text == "" {
		return
	}
	m := mark{x: x, y: baseline, text: text, style: st}
	if !s.font(st).isPlain(text) {
		m.glyphs = s.shape(text, st.bold)
	}
	s.sheet().marks = append(s.sheet().marks, m)
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
		for _, word := range s.words(s.fonts.printable(paragraph), st) {
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
	return carryIsolates(lines)
}

// breakWord cuts a word into pieces that fit; the last one may be followed by
// more words.
func (s *setter) breakWord(word string, st style, width float64) []string {
	if !s.font(st).isPlain(word) {
		return s.breakShaped(word, st, width)
	}
	var pieces []string
	f := s.font(st)
	from, used := 0, 0
	for i, c := range word {
		if c != ' ' && i > from && scaled(float64(used+f.advance(c)), st.size)*pointSize > width {
			pieces = append(pieces, word[from:i])
			from, used = i, 0
		}
		used += f.advance(c)
	}
	return append(pieces, word[from:])
}

// mostInLine is how many characters a line may have at most, wide or not.
const mostInLine = 256

// breakShaped is breakWord for a text that is not plain: it never parts a
// letter from its marks.
func (s *setter) breakShaped(word string, st style, width float64) []string {
	text := []rune(word)
	starts := graphemes(text)
	var pieces []string
	for from := 0; ; {
		rest := len(starts) - 1 - from
		// The first number of characters that is too wide, less one.
		n := sort.Search(min(rest, mostInLine), func(n int) bool {
			return s.width(strings.TrimRight(string(text[starts[from]:starts[from+n+1]]), " "), st) > width
		})
		if n = max(n, 1); n >= rest {
			return append(pieces, string(text[starts[from]:]))
		}
		pieces = append(pieces, string(text[starts[from]:starts[from+n]]))
		from += n
	}
}

// carryIsolates lets a text that is set apart go on being so where it goes on
// in the next line.
func carryIsolates(lines []string) []string {
	open := false
	for i, line := range lines {
		begin, end := strings.LastIndex(line, string(isolateFirst)), strings.LastIndex(line, string(isolateEnd))
		if open {
			lines[i] = string(isolateFirst) + line
		}
		if open = begin > end || open && end < 0; open {
			lines[i] += string(isolateEnd)
		}
	}
	return lines
}

// words cuts a text where a line may break; each word keeps what follows it.
func (s *setter) words(text string, st style) []string {
	if s.font(st).isPlain(text) {
		return words(text)
	}
	var list []string
	var breaks segmenter.Segmenter
	breaks.Init([]rune(text))
	for iterator := breaks.LineIterator(); iterator.Next(); {
		list = append(list, words(string(iterator.Line().Text))...)
	}
	return list
}

// words cuts a text at its spaces, hyphens and slashes.
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

// fit shortens a text to one line with an ellipsis where it is too wide. It is
// for what stands elsewhere in full.
func (s *setter) fit(text string, st style, width float64) string {
	text = s.fonts.printable(strings.ReplaceAll(text, "\n", " "))
	if s.width(text, st) <= width {
		return text
	}
	return s.ellipsis(text, st, width)
}

// ellipsis keeps as much of a text as fits before an ellipsis.
func (s *setter) ellipsis(text string, st style, width float64) string {
	width -= s.width("…", st)
	return strings.TrimRight(s.breakWord(text, st, width)[0], " ") + "…"
}

// shorten cuts a text off after its last allowed line.
func (s *setter) shorten(lines []string, most int, st style, width float64) []string {
	if len(lines) <= most {
		return lines
	}
	lines[most-1] = s.ellipsis(lines[most-1], st, width)
	return lines[:most]
}
