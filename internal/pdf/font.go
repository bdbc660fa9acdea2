package pdf

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"unicode"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	shaping "github.com/go-text/typesetting/font"
	"golang.org/x/text/unicode/bidi"
	"golang.org/x/text/unicode/norm"
)

// Typeface is what everything is set in: two weights of Liberation Sans, and
// behind them the fonts for what it lacks. It is safe for concurrent use, once
// all fonts are added.
type Typeface struct {
	regular, bold *font
	fallbacks     []*family
}

// font is a TrueType font and what setting text needs of it.
type font struct {
	name        string // for people
	tables      map[string][]byte
	unitsPerEm  int
	widthsKept  int                  // glyphs with a width of their own; those after have that of the last
	longOffsets bool                 // in the table loca
	glyphs      []uint16             // by character of the basic plane; 0: the font does not have it
	advances    []uint16             // by character, in thousandths of the size
	plain       []bool               // by character: set from left to right, one glyph for each, with no regard to its neighbors
	shapes      func() *shaping.Font // what choosing and placing glyphs needs
}

// isPlain reports whether a text is set character by character, which nearly
// all texts are.
func (f *font) isPlain(text string) bool {
	for _, c := range text {
		if int(c) >= len(f.plain) || !f.plain[c] {
			return false
		}
	}
	return true
}

// has reports whether the font has a character.
func (f *font) has(c rune) bool { return int(c) < len(f.glyphs) && c >= 0 && f.glyphs[c] != 0 }

// advance is the width of a character in thousandths of the size.
func (f *font) advance(c rune) int {
	if !f.has(c) {
		return 0
	}
	return int(f.advances[c])
}

// NewTypeface reads the fonts that come with the program.
func NewTypeface() (*Typeface, error) {
	regular, err := readFont("Liberation Sans", liberationsansregular.TTF)
	if err != nil {
		return nil, err
	}
	bold, err := readFont("Liberation Sans Bold", liberationsansbold.TTF)
	if err != nil {
		return nil, err
	}
	return &Typeface{regular, bold, embeddedFamilies()}, nil
}

func (t *Typeface) weight(bold bool) *font {
	if bold {
		return t.bold
	}
	return t.regular
}

// scaled turns thousandths of a size into the unit of the size.
func scaled(thousandths, size float64) float64 { return thousandths * size / 1000 }

// readFont reads the tables head, hhea, hmtx and cmap (format 4) of a TrueType
// file.
func readFont(name string, content []byte) (*font, error) {
	f := &font{name: name}
	var err error
	if f.tables, err = tablesOf(content); err == nil {
		err = f.measure()
	}
	if err == nil {
		err = f.readCharacters()
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	f.shapes = sync.OnceValue(func() *shaping.Font {
		face, err := shaping.ParseTTF(bytes.NewReader(content))
		if err != nil {
			return nil // it covers nothing then
		}
		return face.Font
	})
	return f, nil
}

var errFont = errors.New("not a TrueType font that can be read")

// tablesOf finds the tables of a font by name.
func tablesOf(content []byte) (map[string][]byte, error) {
	if len(content) < 12 {
		return nil, errFont
	}
	count := int(binary.BigEndian.Uint16(content[4:]))
	if len(content) < 12+16*count {
		return nil, errFont
	}
	tables := make(map[string][]byte, count)
	for i := range count {
		entry := content[12+16*i:]
		from, size := uint64(binary.BigEndian.Uint32(entry[8:])), uint64(binary.BigEndian.Uint32(entry[12:]))
		if from+size > uint64(len(content)) {
			return nil, errFont
		}
		tables[string(entry[:4])] = content[from : from+size]
	}
	return tables, nil
}

// measure reads what all glyphs have in common, and checks that their widths
// and outlines can be read.
func (f *font) measure() error {
	head, hhea, hmtx := f.tables["head"], f.tables["hhea"], f.tables["hmtx"]
	if len(head) < 54 || len(hhea) < 36 || len(f.tables["maxp"]) < 6 || len(f.tables["OS/2"]) < 78 {
		return errFont
	}
	f.unitsPerEm, f.widthsKept, f.longOffsets = at(head, 9), at(hhea, 17), at(head, 25) == 1
	offset := 2
	if f.longOffsets {
		offset = 4
	}
	count := f.count()
	if f.unitsPerEm == 0 || f.widthsKept == 0 || f.widthsKept > count || len(hmtx) < 4*f.widthsKept+2*(count-f.widthsKept) {
		return errFont
	}
	if len(f.tables["loca"]) < offset*(count+1) && !f.cubic() {
		return errFont
	}
	return nil
}

// count is how many glyphs the font has.
func (f *font) count() int { return at(f.tables["maxp"], 2) }

// glyphAdvance is the width of a glyph in thousandths of the size.
func (f *font) glyphAdvance(glyph int) int {
	if glyph == blank {
		return 0
	}
	return f.thousandths(at(f.tables["hmtx"], 2*min(glyph, f.widthsKept-1)))
}

// readCharacters fills in the glyphs and widths of all characters.
func (f *font) readCharacters() error {
	glyphs, err := glyphsOf(f.tables["cmap"])
	if err != nil {
		return err
	}
	f.glyphs, f.advances, f.plain = make([]uint16, 1<<16), make([]uint16, 1<<16), make([]bool, 1<<16)
	for c, glyph := range glyphs {
		if glyph >= f.count() {
			return errFont
		}
		f.glyphs[c], f.advances[c], f.plain[c] = uint16(glyph), uint16(f.glyphAdvance(glyph)), standsAlone(c)
	}
	return nil
}

// standsAlone reports whether a character is set without regard to those
// beside it: it is no mark on another, is not written from right to left, is
// visible or a space, and has no other form in which it is composed.
func standsAlone(c rune) bool {
	if unicode.In(c, unicode.M, unicode.C) {
		return false
	}
	if properties, _ := bidi.LookupRune(c); properties.Class() == bidi.R || properties.Class() == bidi.AL || properties.Class() == bidi.AN {
		return false
	}
	return norm.NFC.IsNormalString(string(c))
}

// thousandths turns units of the font into thousandths of the size.
func (f *font) thousandths(units int) int {
	if units < 0 {
		return -f.thousandths(-units)
	}
	return (units*1000 + f.unitsPerEm/2) / f.unitsPerEm
}

// glyphsOf reads the character map for the basic plane of Unicode.
func glyphsOf(cmap []byte) (map[rune]int, error) {
	segments, err := segmentsOf(cmap)
	if err != nil {
		return nil, err
	}
	n := int(binary.BigEndian.Uint16(segments[6:])) / 2
	if len(segments) < 16+8*n {
		return nil, errFont
	}
	ends, starts, deltas, offsets := segments[14:], segments[16+2*n:], segments[16+4*n:], segments[16+6*n:]
	glyphs := map[rune]int{}
	for i := range n {
		end, start := at(ends, i), at(starts, i)
		delta, offset := at(deltas, i), at(offsets, i)
		for c := start; c <= end && c != 0xffff; c++ {
			glyph := c
			if offset != 0 {
				place := offset/2 + (c - start) + i
				if len(offsets) < 2*place+2 {
					return nil, errFont
				}
				if glyph = at(offsets, place); glyph == 0 {
					continue
				}
			}
			if glyph = (glyph + delta) & 0xffff; glyph != 0 {
				glyphs[rune(c)] = glyph
			}
		}
	}
	return glyphs, nil
}

// segmentsOf finds the subtable of format 4 for Windows or Unicode.
func segmentsOf(cmap []byte) ([]byte, error) {
	if len(cmap) < 4 {
		return nil, errFont
	}
	for i := range at(cmap, 1) {
		if len(cmap) < 12+8*i {
			return nil, errFont
		}
		entry := cmap[4+8*i:]
		platform, encoding := at(entry, 0), at(entry, 1)
		from := int(binary.BigEndian.Uint32(entry[4:]))
		if from+16 > len(cmap) || at(cmap[from:], 0) != 4 {
			continue
		}
		if platform == 0 || platform == 3 && encoding == 1 {
			return cmap[from:], nil
		}
	}
	return nil, errFont
}

// at reads the i-th 16-bit number of a table.
func at(table []byte, i int) int { return int(binary.BigEndian.Uint16(table[2*i:])) }
