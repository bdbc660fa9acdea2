package document

import (
	"creditrun/internal/colors"
	"creditrun/internal/pdf"
)

// The page is A4 with the address window of DIN 5008 (form B). Everything is
// measured in millimeters from the top left corner, sizes of type in points.
const (
	left   = 25.0
	right  = 190.0
	top    = 24.0  // of what flows on the second page and after
	bottom = 267.0 // of what flows on every page
)

// The styles of the page.
var (
	plain     = pdf.Style{Size: 9, Color: black}
	strong    = pdf.Style{Bold: true, Size: 9, Color: black}
	small     = pdf.Style{Size: 8, Color: black}
	label     = pdf.Style{Size: 8, Color: gray}
	tiny      = pdf.Style{Size: 7, Color: gray}
	section   = pdf.Style{Bold: true, Size: 10, Color: accent}
	headline  = pdf.Style{Bold: true, Size: 17, Color: black}
	letterTop = pdf.Style{Bold: true, Size: 15, Color: accent}
)

// setter sets text on pages from top to bottom. The first error stays, and
// everything after it is of no consequence.
type setter struct {
	*pdf.Typesetter
	pages     []*pdf.Page
	y         float64                // top of the next line
	foot      float64                // height that is kept free above the foot of every page
	tight     bool                   // half the room is left
	outlined  []pdf.Heading          // of the outline
	root      *pdf.Element           // what is read, in its order
	open      []*pdf.Element         // the elements that are open: the last one gets what is set; none for decoration
	documents map[string]*pdf.Target // other documents by their numbers
	links     *linker                // of the text that is set; nil for none
	onPage    func()                 // draws what every new page begins with
	err       error
}

func (s *setter) page() *pdf.Page { return s.pages[len(s.pages)-1] }

func (s *setter) fail(err error) {
	if s.err == nil {
		s.err = err
	}
}

// text sets one line with its left end at x, as part of the element that is open.
func (s *setter) text(x, baseline float64, text string, st pdf.Style) {
	if s.links != nil {
		s.put(x, baseline, text, st)
	} else if text != "" {
		m := s.Mark(x, baseline, text, st)
		m.In = s.element()
		s.page().Marks = append(s.page().Marks, m)
	}
}

// textRight sets one line with its right end at x.
func (s *setter) textRight(x, baseline float64, text string, st pdf.Style) {
	s.text(x-s.Width(text, st), baseline, text, st)
}

func (s *setter) bar(x, y, width, height float64, color colors.Color) {
	s.page().Bars = append(s.page().Bars, pdf.Bar{X: x, Y: y, Width: width, Height: height, Color: color})
}

// lastBar is the rectangle that was drawn last.
func (s *setter) lastBar() *pdf.Bar { return &s.page().Bars[len(s.page().Bars)-1] }

// rule draws a thin line across.
func (s *setter) rule(x, y, width float64, color colors.Color) { s.bar(x, y, width, 0.2, color) }

// newPage begins a page below its head.
func (s *setter) newPage() {
	s.pages = append(s.pages, &pdf.Page{})
	s.y = top
	if s.onPage != nil {
		s.decorate(s.onPage)
	}
}

// mark puts a heading that was just set into the outline.
func (s *setter) mark(title string) {
	const above = 10.0 // millimeters: the heading and some room
	s.outlined = append(s.outlined, pdf.Heading{Title: title, Page: len(s.pages) - 1, Y: max(s.y-above, 0)})
}

// need begins a new page where less than the height is left.
func (s *setter) need(height float64) {
	if s.y+height > bottom-s.foot {
		s.newPage()
	}
}

// space leaves room, but not at the top of a page.
func (s *setter) space(height float64) {
	if s.tight {
		height /= 2
	}
	s.y += height
}

// paragraph sets a text in as many lines as it takes.
func (s *setter) paragraph(x, width float64, text string, st pdf.Style) {
	s.passage(pdf.Paragraph, x, width, text, st)
}

// mainHeading sets what the document is called, once.
func (s *setter) mainHeading(text string) { s.passage(pdf.Heading1, left, right-left, text, headline) }

// partHeading sets the heading of a part of the document.
func (s *setter) partHeading(text string) { s.passage(pdf.Heading2, left, right-left, text, section) }

// passage is paragraph for a text with a role.
func (s *setter) passage(role pdf.Role, x, width float64, text string, st pdf.Style) {
	s.begin(role)
	defer s.end()
	s.linked(text, func() {
		for _, line := range s.Wrap(text, st, width) {
			s.need(st.Pitch())
			s.text(x, s.y+st.Baseline(), line, st)
			s.y += st.Pitch()
		}
	})
}

// together draws a block on one page: where it would break, it begins on the
// next one. A block longer than a page breaks all the same.
func (s *setter) together(draw func()) {
	count, y, marks := len(s.pages), s.y, len(s.outlined)
	last := *s.page()
	s.in(pdf.Section, draw)
	if len(s.pages) == count || y <= top {
		return
	}
	s.pages, s.outlined = s.pages[:count], s.outlined[:marks]
	*s.page() = last
	parent := s.element()
	parent.Kids = parent.Kids[:len(parent.Kids)-1]
	s.newPage()
	s.in(pdf.Section, draw)
}
