package document

import (
	"encoding/binary"
	"errors"
	"fmt"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
)

// typeface is the two weights everything is set in.
type typeface struct {
	regular, bold *font
}

// font is a TrueType font and what setting text needs of it: which characters
// it has, and how wide they are.
type font struct {
	name    string
	content []byte
	widths  map[rune]int // in thousandths of the size; a character that is not here has no glyph
}

func loadTypeface() (typeface, error) {
	regular, err := readFont("Liberation Sans", liberationsansregular.TTF)
	if err != nil {
		return typeface{}, err
	}
	bold, err := readFont("Liberation Sans Bold", liberationsansbold.TTF)
	return typeface{regular: regular, bold: bold}, err
}

// width is how much room a text takes, in the unit of size.
func (f *font) width(text string, size float64) float64 {
	sum := 0
	for _, c := range text {
		sum += f.widths[c]
	}
	return f.length(sum, size)
}

// length turns thousandths of a size into the unit of the size.
func (f *font) length(thousandths int, size float64) float64 {
	return float64(thousandths) * size / 1000
}

// check reports the first character that the font cannot print.
func (f *font) check(text string) error {
	for _, c := range text {
		if _, ok := f.widths[c]; !ok {
			return fmt.Errorf("the font %s has no character %q (%U), wanted in %q", f.name, c, c, text)
		}
	}
	return nil
}

// readFont reads the tables head, hhea, hmtx and cmap (format 4) of a TrueType
// file.
func readFont(name string, content []byte) (*font, error) {
	f := &font{name: name, content: content}
	tables, err := tablesOf(content)
	if err == nil {
		err = f.measure(tables)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
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

// measure fills in the widths of all characters.
func (f *font) measure(tables map[string][]byte) error {
	head, hhea, hmtx := tables["head"], tables["hhea"], tables["hmtx"]
	if len(head) < 20 || len(hhea) < 36 {
		return errFont
	}
	unitsPerEm := int(binary.BigEndian.Uint16(head[18:]))
	metrics := int(binary.BigEndian.Uint16(hhea[34:]))
	if unitsPerEm == 0 || metrics == 0 || len(hmtx) < 4*metrics {
		return errFont
	}
	glyphs, err := glyphsOf(tables["cmap"])
	if err != nil {
		return err
	}
	f.widths = make(map[rune]int, len(glyphs))
	for c, glyph := range glyphs {
		advance := int(binary.BigEndian.Uint16(hmtx[4*min(glyph, metrics-1):]))
		f.widths[c] = (advance*1000 + unitsPerEm/2) / unitsPerEm
	}
	return nil
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
