package pdf

import "creditrun/internal/colors"

// textPainter draws the texts of a page, and remembers what is set already.
type textPainter struct {
	*painter
	page  []byte
	x, y  float64 // where the last text began
	font  *embedded
	size  float64
	color colors.Color
	used  bool // something was drawn
}

// mark draws one text.
func (t *textPainter) mark(m *Mark) {
	if !t.used || m.style.Color != t.color {
		t.page = t.appendColor(t.page, m.style.Color)
	}
	t.used, t.color = true, m.style.Color
	x, y := m.x/Point, (PageHeight-m.y)/Point
	defer t.gap(m)
	if m.glyphs != nil {
		for i := range m.glyphs.runs {
			x = t.run(&m.glyphs.runs[i], x, y, m.style.Size)
		}
		return
	}
	t.set(t.weight(m.style.Bold), m.style.Size)
	t.move(x, y)
	t.page = append(t.font.appendText(t.page, m.text), " Tj\n"...)
}

// gap ends a line with a space for readers.
func (t *textPainter) gap(m *Mark) {
	if m.gap && m.In != nil {
		t.set(t.weight(m.style.Bold), m.style.Size)
		t.page = append(t.font.appendText(t.page, " "), " Tj\n"...)
	}
}

// set chooses font and size.
func (t *textPainter) set(f *embedded, size float64) {
	if f == t.font && size == t.size {
		return
	}
	t.font, t.size = f, size
	t.page = append(append(append(t.page, '/'), f.resource...), ' ')
	t.page = append(appendNumber(t.page, size), " Tf\n"...)
}

// move goes to where a text begins. A position is relative to the last: both
// are rounded before, so that no error adds up.
func (t *textPainter) move(x, y float64) {
	x, y = rounded(x), rounded(y)
	t.page = append(AppendOperands(t.page, x-t.x, y-t.y), " Td "...)
	t.x, t.y = x, y
}

// run draws glyphs and returns where they end. Glyphs that follow each other
// as the font has them are one text; a glyph that is moved has a place of its
// own. Where several glyphs stand together for some characters, the file says
// for which (ISO 32000-1 §14.9.4).
func (t *textPainter) run(r *glyphRun, x, y, size float64) float64 {
	t.set(t.fonts[r.font], size)
	open := false
	end := func() {
		if open {
			t.page = append(t.page, ") Tj\n"...)
		}
		open = false
	}
	for i := range r.clusters {
		c := &r.clusters[i]
		together := len(c.glyphs) > 1
		if together {
			end()
			t.page = append(t.page, "/Span << /ActualText "+wideText(c.text)+" >> BDC\n"...)
		}
		for k, g := range c.glyphs {
			if !open || g.x != 0 || g.y != 0 {
				end()
				t.move(x+scaled(g.x, size), y+scaled(g.y, size))
				t.page = append(t.page, '(')
				open = true
			}
			t.page = appendCode(t.page, t.font.signCodes[c.sign(k)])
			x += scaled(g.advance, size)
			if g.x != 0 || g.y != 0 || g.advance != float64(t.font.glyphAdvance(g.id)) {
				end()
			}
		}
		if together {
			end()
			t.page = append(t.page, "EMC\n"...)
		}
	}
	end()
	return x
}
