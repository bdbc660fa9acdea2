package pdf

import (
	"sort"
	"strings"
	"unicode"

	"github.com/go-text/typesetting/segmenter"
)

// Typesetter measures text and breaks it into lines. It remembers how it set
// texts, and is not safe for concurrent use.
type Typesetter struct {
	face  *Typeface
	known map[shapedText]*shaped
}

type shapedText struct {
	text string
	bold bool
}

// NewTypesetter begins to set text in a typeface.
func (t *Typeface) NewTypesetter() *Typesetter { return &Typesetter{face: t} }

func (s *Typesetter) font(st Style) *font { return s.face.weight(st.Bold) }

// IsPlain reports whether the font that everything is set in has a text in a
// weight, so that it needs neither fallbacks nor shaping.
func (s *Typesetter) IsPlain(text string, bold bool) bool { return s.face.weight(bold).isPlain(text) }

// Printable makes a text ready to be set: clean, with look-alikes for what the
// fonts lack.
func (s *Typesetter) Printable(text string) string { return s.face.printable(text) }

// Width is how wide a text is without spaces at its end, in millimeters.
func (s *Typesetter) Width(text string, st Style) float64 {
	text = strings.TrimRight(text, " ")
	f := s.font(st)
	sum := 0
	for _, c := range text {
		if int(c) >= len(f.plain) || !f.plain[c] {
			return scaled(s.shape(text, st.Bold).width, st.Size) * Point
		}
		sum += int(f.advances[c])
	}
	return scaled(float64(sum), st.Size) * Point
}

// Mark sets one line with its left end at x, in millimeters. A space at its end is
// for readers, which put the words of lines together; it takes no room.
func (s *Typesetter) Mark(x, baseline float64, text string, st Style) Mark {
	m := Mark{x: x, y: baseline, text: strings.TrimRight(text, " "), style: st}
	m.gap, text = len(m.text) < len(text), m.text
	if !s.font(st).isPlain(text) {
		m.glyphs = s.shape(text, st.Bold)
	}
	return m
}

// maxShaped is how many texts a typesetter remembers the glyphs of.
const maxShaped = 4096

// shape sets a text that is not plain; the same texts come again and again.
func (s *Typesetter) shape(text string, bold bool) *shaped {
	key := shapedText{text, bold}
	if known := s.known[key]; known != nil {
		return known
	}
	if s.known == nil || len(s.known) >= maxShaped {
		s.known = map[shapedText]*shaped{}
	}
	s.known[key] = s.face.shape(s.face.printable(text), bold)
	return s.known[key]
}

// Wrap breaks a text into lines that are no wider than width (millimeters): at spaces, after
// the hyphens and slashes of words, and inside a word that is wider than a line. A
// line that ends between two words ends in a space.
func (s *Typesetter) Wrap(text string, st Style, width float64) []string {
	var lines []string
	paragraphs := strings.Split(text, "\n")
	for i, paragraph := range paragraphs {
		line := ""
		for _, word := range s.words(s.face.printable(paragraph), st) {
			if joined := line + word; s.Width(joined, st) <= width {
				line = joined
				continue
			}
			if line != "" {
				lines = append(lines, oneSpace(line))
			}
			broken := s.breakWord(word, st, width)
			lines = append(lines, broken[:len(broken)-1]...)
			line = broken[len(broken)-1]
		}
		if line = strings.TrimRight(line, " "); line != "" && i < len(paragraphs)-1 {
			line += " "
		}
		lines = append(lines, line)
	}
	return carryIsolates(lines)
}

// oneSpace leaves one of the spaces at the end of a line.
func oneSpace(line string) string {
	trimmed := strings.TrimRight(line, " ")
	return line[:min(len(line), len(trimmed)+1)]
}

// breakWord cuts a word into pieces that fit; the last one may be followed by
// more words.
func (s *Typesetter) breakWord(word string, st Style, width float64) []string {
	if !s.font(st).isPlain(word) {
		return s.breakShaped(word, st, width)
	}
	var pieces []string
	f := s.font(st)
	from, used := 0, 0
	for i, c := range word {
		if c != ' ' && i > from && scaled(float64(used+f.advance(c)), st.Size)*Point > width {
			pieces = append(pieces, word[from:i])
			from, used = i, 0
		}
		used += f.advance(c)
	}
	return append(pieces, word[from:])
}

// maxInLine is how many characters a line may have at most, wide or not.
const maxInLine = 256

// breakShaped is breakWord for a text that is not plain: it never parts a
// letter from its marks.
func (s *Typesetter) breakShaped(word string, st Style, width float64) []string {
	text := []rune(word)
	starts := graphemes(text)
	var pieces []string
	for from := 0; ; {
		rest := len(starts) - 1 - from
		// The first number of characters that is too wide, less one.
		n := sort.Search(min(rest, maxInLine), func(n int) bool {
			return s.Width(strings.TrimRight(string(text[starts[from]:starts[from+n+1]]), " "), st) > width
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
			lines[i] = strings.TrimRight(line, " ") + string(isolateEnd) + line[len(strings.TrimRight(line, " ")):]
		}
	}
	return lines
}

// words cuts a text where a line may break; each word keeps what follows it.
func (s *Typesetter) words(text string, st Style) []string {
	if s.font(st).isPlain(text) {
		return Words(text)
	}
	var list []string
	var breaks segmenter.Segmenter
	breaks.Init([]rune(text))
	for iterator := breaks.LineIterator(); iterator.Next(); {
		list = append(list, Words(string(iterator.Line().Text))...)
	}
	return list
}

// Words cuts a text at its spaces, hyphens and slashes. What follows a hyphen and is a
// number stays with it: ST-9 is one word (UAX #14, LB25).
func Words(text string) []string {
	var list []string
	from, before := 0, ' '
	for i, c := range text {
		numbered := c == '-' && i+1 < len(text) && '0' <= text[i+1] && text[i+1] <= '9'
		if c == ' ' || (c == '-' || c == '/') && unicode.IsLetter(before) && !numbered {
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

// Fit shortens a text to one line with an ellipsis where it is too wide. It is
// for what stands elsewhere in full.
func (s *Typesetter) Fit(text string, st Style, width float64) string {
	text = s.face.printable(strings.ReplaceAll(text, "\n", " "))
	if s.Width(text, st) <= width {
		return text
	}
	return s.ellipsis(text, st, width)
}

// ellipsis keeps as much of a text as fits before an ellipsis.
func (s *Typesetter) ellipsis(text string, st Style, width float64) string {
	width -= s.Width("…", st)
	return strings.TrimRight(s.breakWord(text, st, width)[0], " ") + "…"
}

// Shorten cuts a text off after its last allowed line.
func (s *Typesetter) Shorten(lines []string, count int, st Style, width float64) []string {
	if len(lines) <= count {
		return lines
	}
	lines[count-1] = s.ellipsis(lines[count-1], st, width)
	return lines[:count]
}
