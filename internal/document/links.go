package document

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"creditrun/creditnotes"
	"creditrun/internal/pdf"
	"creditrun/numbering"
)

// part is a part of a text that leads elsewhere: characters of the text, counted
// without spaces and characters that are not seen, since lines have others of these.
type part struct {
	from, to int
	target   *pdf.Target
	element  *pdf.Element // once it was begun
}

// linker follows a text that is set in lines, and knows which parts of it lead
// elsewhere.
type linker struct {
	seen  []rune // the characters of the text that count
	at    int    // how many of them were set
	parts []part
}

// linked sets a text that is in lines, so that the addresses and the other documents
// that it names can be followed. Decoration has no links, and neither has a line of
// which the order or the forms of letters depend on each other.
func (s *setter) linked(text string, draw func()) {
	if s.element() != nil {
		s.links = s.findLinks(text)
	}
	draw()
	s.links = nil
}

func counts(c rune) bool { return !unicode.IsSpace(c) && !unicode.Is(unicode.Cf, c) }

// findLinks is nil for a text without links.
func (s *setter) findLinks(text string) *linker {
	var l linker
	add := func(from, to int, target *pdf.Target) {
		before := countRunes(text[:from])
		l.parts = append(l.parts, part{from: before, to: before + countRunes(text[from:to]), target: target})
	}
	if strings.ContainsRune(text, '@') || strings.Contains(text, "://") || strings.Contains(text, "www.") {
		for _, at := range address.FindAllStringIndex(text, -1) {
			end := at[0] + len(strings.TrimRight(text[at[0]:at[1]], ".,;:!?)]}'\u2069"))
			if target := targetOf(text[at[0]:end]); target != nil && standsAlone(text, at[0]) {
				add(at[0], end, target)
			}
		}
	}
	if from, number := s.documentIn(text); number != "" {
		add(from, from+len(number), s.documents[number])
	}
	if len(l.parts) == 0 {
		return nil
	}
	for _, c := range text {
		if counts(c) {
			l.seen = append(l.seen, c)
		}
	}
	return &l
}

func countRunes(text string) (n int) {
	for _, c := range text {
		if counts(c) {
			n++
		}
	}
	return n
}

// address finds what may be the address of a page or a mailbox.
var address = regexp.MustCompile(`(?:https?://|www\.)[^\s<>"]+|[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+`)

// standsAlone reports whether no letter or digit stands right before a place of a text.
func standsAlone(text string, at int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:at])
	return !unicode.IsLetter(before) && !unicode.IsDigit(before)
}

// targetOf is where an address leads; nil for none.
func targetOf(text string) *pdf.Target {
	if !strings.Contains(text, "://") && !strings.HasPrefix(text, "www.") {
		return &pdf.Target{URI: "mailto:" + text, Says: text}
	}
	to := text
	if strings.HasPrefix(to, "www.") {
		to = "https://" + to
	}
	u, err := url.Parse(to)
	if err != nil || !strings.Contains(u.Host, ".") || strings.ContainsFunc(u.Host, func(c rune) bool { return c > unicode.MaxASCII }) {
		return nil
	}
	return &pdf.Target{URI: u.String(), Says: text}
}

// refer makes the numbers of other documents lead to their files, which are kept
// beside this one's in mails and archives.
func (s *setter) refer(says, number string) {
	if number == "" {
		return
	}
	if s.documents == nil {
		s.documents = map[string]*pdf.Target{}
	}
	s.documents[number] = &pdf.Target{File: creditnotes.FilePDF.FileName(numbering.FileName(number)), Says: says + " " + number}
}

// documentIn finds the number of another document in a text. Where there are several,
// they are in lists, and a number is all of the text.
func (s *setter) documentIn(text string) (from int, number string) {
	if len(s.documents) > 1 {
		if number = unisolated(strings.TrimSpace(text)); s.documents[number] == nil {
			return 0, ""
		}
		return strings.Index(text, number), number
	}
	for number := range s.documents {
		if from = strings.Index(text, number); from >= 0 && standsAlone(text, from) {
			return from, number
		}
	}
	return 0, ""
}

// unisolated is a text without the characters that set it apart.
func unisolated(text string) string { return strings.Trim(text, "\u2068\u2069") }

// put sets one line of a text with links: the parts of it that lead elsewhere are
// elements of their own.
func (s *setter) put(x, baseline float64, line string, st pdf.Style) {
	l := s.links
	plain := s.IsPlain(strings.TrimRight(line, " "), st.Bold)
	from, inside := 0, (*part)(nil)
	flush := func(to int) {
		piece := line[from:to]
		s.piece(x, baseline, piece, st, inside)
		x, from = x+s.Width(piece+".", st)-s.Width(".", st), to // spaces at an end have no width
	}
	for i, c := range line {
		if !counts(c) {
			continue
		}
		if l.at >= len(l.seen) || l.seen[l.at] != c { // it was cut off
			plain = false
		}
		if now := l.partAt(plain); now != inside {
			flush(i)
			inside = now
		}
		l.at++
	}
	flush(len(line))
}

// partAt is the part in which the next character is; nil for none.
func (l *linker) partAt(plain bool) *part {
	for i := range l.parts {
		if p := &l.parts[i]; plain && p.from <= l.at && l.at < p.to {
			return p
		}
	}
	return nil
}

// piece sets a piece of a line, which may lead elsewhere.
func (s *setter) piece(x, baseline float64, text string, st pdf.Style, of *part) {
	if text == "" {
		return
	}
	m := s.Mark(x, baseline, text, st)
	if m.In = s.element(); of != nil {
		if of.element == nil {
			of.element = s.element().Add(pdf.Link)
			of.element.Target = of.target
		}
		m.In = of.element
		height := st.Size * pdf.Point
		s.page().Links = append(s.page().Links, pdf.Area{X: x, Y: baseline - 0.8*height, Width: s.Width(text, st), Height: 1.05 * height, In: of.element})
	}
	s.page().Marks = append(s.page().Marks, m)
}
