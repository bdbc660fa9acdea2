package document

import (
	"strings"

	"creditrun/internal/pdf"
)

// column is one column of a table.
type column struct {
	head  string
	right bool    // figures stand at the right
	width float64 // set by fitColumns; the flexible column takes what is left
	flex  bool
}

// row is one line of a table: a cell for each column.
type row []string

// gap is the room between two columns, padding that above and below a row.
const (
	gap     = 3.0
	padding = 1.1
)

// density is how close a table is set.
type density struct {
	gap, padding float64
	head         pdf.Style
}

// The densities: of what is read, and of what is looked up.
var (
	roomy = density{gap, padding, headStyle}
	dense = density{2, 0.45, pdf.Style{Bold: true, Size: 6.5, Color: accent}}
)

// maxLines is how many lines a row may have on one page; the rest of a longer
// one stands on the next.
const maxLines = 40

// table sets rows under a head that is repeated on every page.
type table struct {
	*setter
	density
	x, across float64
	columns   []column
	headed    bool    // the head stands on the page
	bold      bool    // some rows are set in bold type
	keep      float64 // height of what must stand on the same page below the next row
	tags      tableTags
}

// fitColumns makes every column as wide as its widest word and figure, and
// gives the flexible one the rest. Where too little would be left for that,
// the columns of text give way.
func (t *table) fitColumns(rows []row, least float64) {
	rest, flexible := t.across, -1
	widest := plain
	if t.bold {
		widest = strong
	}
	for i := range t.columns {
		c := &t.columns[i]
		if c.flex {
			flexible = i
			continue
		}
		for _, part := range headParts(c.head, t.Width(c.head, t.density.head)) {
			c.width = max(c.width, t.Width(part, t.density.head))
		}
		for _, r := range rows {
			if i < len(r) {
				c.width = max(c.width, t.Width(t.Printable(r[i]), widest))
			}
		}
		rest -= c.width + t.gap
	}
	for i := range t.columns {
		if c := &t.columns[i]; !c.right && !c.flex && rest < least {
			give := min(least-rest, c.width*2/5)
			c.width -= give
			rest += give
		}
	}
	if flexible >= 0 {
		t.columns[flexible].width = rest
	}
}

// headParts are what must stay on one line of a head: all of it, or each word
// where it is long.
func headParts(head string, width float64) []string {
	const long = 30.0
	if width <= long {
		return []string{head}
	}
	return strings.Split(head, " ")
}

var headStyle = pdf.Style{Bold: true, Size: 8, Color: accent}

// head sets the head of the table. It is read once: on the pages after the first it
// is for the eye.
func (t *table) head() {
	if t.tags.table == nil || t.tags.drawn {
		t.decorate(t.drawHead)
		return
	}
	t.tags.drawn = true
	t.drawHead()
}

func (t *table) drawHead() {
	lines := 1
	wrapped := make([][]string, len(t.columns))
	for i, c := range t.columns {
		wrapped[i] = t.Wrap(c.head, t.density.head, c.width)
		lines = max(lines, len(wrapped[i]))
	}
	height := float64(lines)*t.density.head.Pitch() + 2*t.padding
	t.bar(t.x-1.5, t.y, t.across+3, height, pale)
	x := t.x
	for i, c := range t.columns {
		y := t.y + t.padding + float64(lines-len(wrapped[i]))*t.density.head.Pitch()
		t.resume(t.tags.head(i), func() { t.cell(x, y, c, wrapped[i], t.density.head) })
		x += c.width + t.gap
	}
	t.y += height + 0.6
	t.headed = true
}

// room makes sure that a height fits under a head, on this page or the next.
func (t *table) room(height float64) {
	if !t.headed {
		t.need(height + 12)
		t.head()
	} else if t.y+height > bottom-t.foot {
		t.newPage()
		t.head()
	}
}

// row sets one row; its cells wrap.
func (t *table) row(cells row, st pdf.Style) {
	wrapped := make([][]string, len(cells))
	lines, tags := 1, t.newRow(cells, st)
	for i, text := range cells {
		wrapped[i] = t.Wrap(text, st, t.span(cells, i))
		lines = max(lines, len(wrapped[i]))
	}
	for ; lines > maxLines; lines -= maxLines {
		upper := make([][]string, len(cells))
		for i := range wrapped {
			n := min(len(wrapped[i]), maxLines)
			upper[i], wrapped[i] = wrapped[i][:n], wrapped[i][n:]
		}
		t.lines(upper, maxLines, st, tags)
	}
	t.lines(wrapped, lines, st, tags)
}

// together is the most room that a position takes with what stands below it and is
// not parted by the end of a page.
const together = 60.0

// below is the height of what stands below the first of some lines and belongs to
// it, and of what must be kept with the last line. More than fits well together is
// parted.
func (t *table) below(lines []tableLine, keep float64) float64 {
	n := 1
	for lines[0].cells[0] != "" && n < len(lines) && lines[n].cells[0] == "" {
		n++
	}
	if n < len(lines) {
		keep = 0
	}
	if t.headed && t.y+together < bottom-t.foot {
		return keep // there is room enough
	}
	height := keep
	for _, one := range lines[1:n] {
		height += t.height(one)
	}
	if height > together {
		return keep
	}
	return height
}

// first is what a heading is kept with of the lines below it, beside the room that a
// heading always has for them.
func (t *table) first(lines []tableLine, keep float64) float64 {
	if t.headed && t.y+together < bottom-t.foot {
		return t.below(lines, keep)
	}
	return t.below(lines, keep) + max(0, t.height(lines[0])-2*plain.Pitch()-4)
}

// height is that of a row, as far as one page has it.
func (t *table) height(one tableLine) float64 {
	lines := 1
	for i, text := range one.cells {
		lines = max(lines, len(t.Wrap(text, one.st, t.span(one.cells, i))))
	}
	return float64(min(lines, maxLines))*one.st.Pitch() + 2*t.padding
}

// lines sets cells that are wrapped, each as part of its element.
func (t *table) lines(cells [][]string, lines int, st pdf.Style, tags []*pdf.Element) {
	height := float64(lines)*st.Pitch() + 2*t.padding
	t.room(height + t.keep)
	x := t.x
	for i, c := range t.columns {
		if i < len(cells) {
			t.resume(tags[i], func() { t.cell(x, t.y+t.padding, c, cells[i], st) })
		}
		x += c.width + t.gap
	}
	t.y += height
}

// span is the width of a cell: a text reaches into the empty cells beside it.
func (t *table) span(cells row, i int) float64 {
	width := t.columns[i].width
	for next := i + 1; !t.columns[i].right && next < len(cells) && cells[next] == ""; next++ {
		width += t.gap + t.columns[next].width
	}
	return width
}

func (t *table) cell(x, y float64, c column, lines []string, st pdf.Style) {
	draw := func() {
		for _, line := range lines {
			if c.right {
				t.textRight(x+c.width, y+st.Baseline(), line, st)
			} else {
				t.text(x, y+st.Baseline(), line, st)
			}
			y += st.Pitch()
		}
	}
	if len(t.documents) == 0 {
		draw()
		return
	}
	t.linked(strings.Join(lines, ""), draw)
}

// heading sets a line across the table and keeps it with what follows, and with
// what that must be kept with.
func (t *table) heading(text string, st pdf.Style) {
	t.begun()
	lines := t.Wrap(text, st, t.across)
	height := float64(min(len(lines), maxLines)) * st.Pitch()
	t.room(height + 2*t.padding + 2*plain.Pitch() + 4 + t.keep)
	t.y += 1.6
	tag := t.newHeading()
	for i, line := range lines {
		if i > 0 && i%maxLines == 0 {
			t.room(st.Pitch())
		}
		t.resume(tag, func() { t.text(t.x, t.y+t.padding+st.Baseline(), line, st) })
		t.y += st.Pitch()
	}
	t.y += 2 * t.padding
}

// line draws a rule across the table.
func (t *table) line() { t.rule(t.x-1.5, t.y, t.across+3, hair) }
