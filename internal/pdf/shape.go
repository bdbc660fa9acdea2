package pdf

import (
	"sync"
	"unicode"

	shaping "github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/harfbuzz"
	"github.com/go-text/typesetting/segmenter"
)

// substitute is printed for a character that no font has.
const substitute = '□'

// shaped is a text set glyph by glyph, in the order in which the glyphs stand
// on the page.
type shaped struct {
	runs  []glyphRun
	width float64 // thousandths of the size
}

// glyphRun is a part of a text in one font.
type glyphRun struct {
	font     *font
	clusters []cluster
}

// cluster is the glyphs that represent some characters and cannot be taken
// apart: a letter with its marks, a ligature.
type cluster struct {
	text   string
	glyphs []glyph
}

// glyph is one outline; its place is relative to where the one before ended,
// in thousandths of the size.
type glyph struct {
	id      int
	advance float64
	x, y    float64
}

// blank is a glyph without outline and width, which every font is given where it
// is needed.
const blank = -1

// shaper turns characters into glyphs. It is not safe for concurrent use.
type shaper struct {
	buffer *harfbuzz.Buffer
	fonts  map[*font]*harfbuzz.Font
}

// shapers are shapers to be used again: what they know of a font takes time to
// find out.
var shapers = sync.Pool{New: func() any {
	return &shaper{buffer: harfbuzz.NewBuffer(), fonts: map[*font]*harfbuzz.Font{}}
}}

// shape sets a text that is not plain.
func (t *Typeface) shape(text string, bold bool) *shaped {
	s, ok := shapers.Get().(*shaper)
	if !ok {
		return nil // nothing else is put into the pool
	}
	defer shapers.Put(s)
	characters := []rune(text)
	line := &shaped{}
	starts := graphemes(characters)
	for _, p := range visual(characters) {
		items := t.items(characters, starts, p, bold)
		for i := range items {
			if p.level%2 == 1 {
				i = len(items) - 1 - i
			}
			line.add(s.run(characters, items[i], p.level%2 == 1, t.weight(bold)))
		}
	}
	return line
}

func (l *shaped) add(r glyphRun) {
	for _, c := range r.clusters {
		for _, g := range c.glyphs {
			l.width += g.advance
		}
	}
	l.runs = append(l.runs, r)
}

// graphemes are the places in a text where what people call a character
// begins, and its end.
func graphemes(text []rune) []int {
	var s segmenter.Segmenter
	s.Init(text)
	starts := make([]int, 0, len(text)+1)
	for iterator := s.GraphemeIterator(); iterator.Next(); {
		starts = append(starts, iterator.Grapheme().Offset)
	}
	return append(starts, len(text))
}

// item is a part of a text in one font and direction.
type item struct {
	font       *font
	start, end int
	lacking    bool // the font prints a substitute for all of it
}

// items finds a font for each part of a piece of a text.
func (t *Typeface) items(text []rune, starts []int, p piece, bold bool) []item {
	var list []item
	put := func(f *font, start, end int, lacking bool) {
		if n := len(list) - 1; n >= 0 && list[n].font == f && !lacking && !list[n].lacking {
			list[n].end = end
			return
		}
		list = append(list, item{f, start, end, lacking})
	}
	for i := 1; i < len(starts); i++ {
		start, end := max(starts[i-1], p.start), min(starts[i], p.end)
		if start >= end {
			continue
		}
		var before *font
		if n := len(list) - 1; n >= 0 && !list[n].lacking {
			before = list[n].font
		}
		if f := t.fontFor(text[start:end], bold, before); f != nil {
			put(f, start, end, false)
			continue
		}
		// A mark that no font has must not take its letter with it.
		letter := start
		for letter < end {
			f := t.fontFor(text[start:letter+1], bold, before)
			if f == nil {
				break
			}
			letter++
		}
		if letter > start {
			put(t.fontFor(text[start:letter], bold, before), start, letter, false)
		}
		put(t.weight(bold), letter, end, true)
	}
	return list
}

// fontFor finds a font that has all visible characters of a text: the one that
// everything is set in, the one of what stands before, then the others.
func (t *Typeface) fontFor(text []rune, bold bool, before *font) *font {
	main := t.weight(bold)
	if all(text, func(c rune) bool { return int(c) < len(main.plain) && main.plain[c] }) {
		return main
	}
	if before != nil && before != main && all(text, before.covers) {
		return before
	}
	for _, weight := range []bool{bold, !bold} {
		for _, family := range t.fallbacks {
			if all(text, family.mayHave) && all(text, family.weight(weight).covers) {
				return family.weight(weight)
			}
		}
		if last := t.weight(weight); all(text, last.covers) {
			return last
		}
	}
	return nil
}

// all reports whether something holds for all visible characters of a text.
func all(text []rune, holds func(rune) bool) bool {
	for _, c := range text {
		if !isInvisible(c) && (unicode.Is(unicode.Co, c) || !holds(c)) {
			return false
		}
	}
	return true
}

// run sets an item; main has the sign for what is lacking.
func (s *shaper) run(text []rune, i item, rightToLeft bool, main *font) glyphRun {
	part := text[i.start:i.end]
	if !i.lacking && !rightToLeft && i.font == main && main.isPlain(string(part)) {
		r := glyphRun{font: main}
		for _, c := range part {
			r.clusters = append(r.clusters, cluster{string(c), []glyph{{id: int(main.glyphs[c]), advance: float64(main.advance(c))}}})
		}
		return r
	}
	if !i.lacking {
		if clusters, ok := s.clusters(text, i, rightToLeft); ok {
			return glyphRun{i.font, clusters}
		}
	}
	sign := glyph{id: int(main.glyphs[substitute]), advance: float64(main.advance(substitute))}
	return glyphRun{main, []cluster{{visible(part), []glyph{sign}}}}
}

// clusters lets the font choose and place glyphs; it reports whether the font
// had all of them.
func (s *shaper) clusters(text []rune, i item, rightToLeft bool) ([]cluster, bool) {
	if i.font.shapes() == nil {
		return nil, false
	}
	b := s.buffer
	b.Clear()
	b.ClusterLevel = harfbuzz.MonotoneCharacters
	b.AddRunes(text, i.start, i.end-i.start)
	b.Props.Language = "en" // otherwise it is asked of the environment
	b.Props.Direction = harfbuzz.LeftToRight
	if rightToLeft {
		b.Props.Direction = harfbuzz.RightToLeft
	}
	b.GuessSegmentProperties()
	b.Shape(s.font(i.font), nil)
	return s.collect(text, i, rightToLeft)
}

// collect puts together the glyphs that represent the same characters.
func (s *shaper) collect(text []rune, i item, rightToLeft bool) (list []cluster, ok bool) {
	info, places := s.buffer.Info, s.buffer.Pos
	joined := inOrder(info, rightToLeft)
	scale := 1000 / float64(i.font.unitsPerEm)
	for from, to := 0, 0; from < len(info); from = to {
		var c cluster
		for ; to < len(info) && info[to].Cluster == info[from].Cluster; to++ {
			if info[to].Glyph == 0 {
				return nil, false
			}
			c.glyphs = append(c.glyphs, glyph{
				id: int(info[to].Glyph), advance: rounded(float64(places[to].XAdvance) * scale),
				x: rounded(float64(places[to].XOffset) * scale), y: rounded(float64(places[to].YOffset) * scale),
			})
		}
		end := i.end
		if rightToLeft && from > 0 {
			end = info[from-1].Cluster
		} else if !rightToLeft && to < len(info) {
			end = info[to].Cluster
		}
		characters := text[info[from].Cluster:end]
		switch c.text = visible(characters); {
		case c.text == "":
			continue
		case all(characters, func(rune) bool { return false }): // only says how others are set
			c.glyphs = []glyph{{id: blank}}
		}
		if rightToLeft && !joined[info[from].Cluster] {
			list = append(list, c.letters()...)
		} else {
			list = append(list, c)
		}
	}
	return list, true
}

// inOrder puts glyphs together that the shaper left out of order: where a text
// is set against the direction of its script, go-text reverses a letter and its
// mark and does not merge their clusters, although monotone ones are asked for.
// It returns the clusters that it made larger.
func inOrder(info []harfbuzz.GlyphInfo, rightToLeft bool) map[int]bool {
	var joined map[int]bool
	join := func(glyph, neighbor *harfbuzz.GlyphInfo) {
		if glyph.Cluster <= neighbor.Cluster {
			return
		}
		if joined == nil {
			joined = map[int]bool{}
		}
		glyph.Cluster = neighbor.Cluster
		joined[neighbor.Cluster] = true
	}
	for i := 1; i < len(info) && rightToLeft; i++ {
		join(&info[i], &info[i-1])
	}
	for i := len(info) - 2; i >= 0 && !rightToLeft; i-- {
		join(&info[i], &info[i+1])
	}
	return joined
}

// letters gives each letter that is written from right to left a glyph of its
// own, the last letter first: readers find the letters of such text by where
// they stand, and turn them round. A ligature gets blank glyphs beside it.
func (c cluster) letters() []cluster {
	letters := []rune(c.text)
	var list []cluster
	for i := len(letters) - 1; i > 0; i-- {
		one := cluster{string(letters[i]), []glyph{{id: blank}}}
		if len(c.glyphs) > 0 {
			one.glyphs, c.glyphs = c.glyphs[:1:1], c.glyphs[1:]
		}
		list = append(list, one)
	}
	if len(c.glyphs) == 0 {
		c.glyphs = []glyph{{id: blank}}
	}
	return append(list, cluster{string(letters[0]), c.glyphs})
}

func (s *shaper) font(f *font) *harfbuzz.Font {
	known := s.fonts[f]
	if known == nil {
		known = harfbuzz.NewFont(shaping.NewFace(f.shapes()))
		s.fonts[f] = known
	}
	return known
}

// visible is a text without the signs that only direct how it is set.
func visible(text []rune) string {
	kept := make([]rune, 0, len(text))
	for _, c := range text {
		if !isInvisible(c) || c == zeroWidthJoiner || c == zeroWidthNonJoiner {
			kept = append(kept, c)
		}
	}
	return string(kept)
}
