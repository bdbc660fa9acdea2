package pdf

import (
	"encoding/binary"
	"maps"
	"slices"
)

// subset cuts a TrueType file down to some glyphs: glyph i of the list becomes
// glyph i+1, after the one for what is missing. Instructions for coarse screens
// are left out; the outlines are those of the font.
func (f *font) subset(glyphs []int) ([]byte, error) {
	old := append(make([]int, 1, len(glyphs)+1), glyphs...)
	place := map[int]int{} // where a part of accented letters went
	var outlines []byte
	starts := binary.BigEndian.AppendUint32(nil, 0)
	for i := 0; i < len(old); i++ { // grows while it is walked
		full, err := f.outline(old[i])
		if err != nil {
			return nil, err
		}
		outline, err := bare(full, func(part int) int {
			if _, there := place[part]; !there {
				place[part] = len(old)
				old = append(old, part)
			}
			return place[part]
		})
		if err != nil {
			return nil, err
		}
		outlines = append(outlines, outline...)
		for len(outlines)%4 != 0 {
			outlines = append(outlines, 0)
		}
		starts = binary.BigEndian.AppendUint32(starts, uint32(len(outlines)))
	}
	return assemble(map[string][]byte{
		"glyf": outlines,
		"loca": starts,
		"hmtx": f.metrics(old),
		"head": patched(f.tables["head"], 50, 1),        // long offsets in loca
		"hhea": patched(f.tables["hhea"], 34, len(old)), // widths in hmtx
		"maxp": patched(f.profile(), 4, len(old)),       // glyphs
	}), nil
}

// outline is the description of a glyph as the font has it; empty for a blank.
func (f *font) outline(glyph int) ([]byte, error) {
	if glyph == blank {
		return nil, nil
	}
	if f.cubic() {
		return f.quadratic(glyph)
	}
	loca, glyf := f.tables["loca"], f.tables["glyf"]
	if glyph >= f.count() {
		return nil, errFont
	}
	var from, to int
	if f.longOffsets {
		from, to = int(binary.BigEndian.Uint32(loca[4*glyph:])), int(binary.BigEndian.Uint32(loca[4*glyph+4:]))
	} else {
		from, to = 2*at(loca, glyph), 2*at(loca, glyph+1)
	}
	if from > to || to > len(glyf) {
		return nil, errFont
	}
	return glyf[from:to], nil
}

// metrics are the widths and left edges of glyphs.
func (f *font) metrics(glyphs []int) []byte {
	hmtx := f.tables["hmtx"]
	list := make([]byte, 0, 4*len(glyphs))
	for _, glyph := range glyphs {
		if glyph == blank {
			list = append(list, 0, 0, 0, 0)
			continue
		}
		width, edge := 4*glyph, 4*glyph+2
		if glyph >= f.widthsKept {
			width, edge = 4*(f.widthsKept-1), 4*f.widthsKept+2*(glyph-f.widthsKept)
		}
		list = append(append(list, hmtx[width:width+2]...), hmtx[edge:edge+2]...)
	}
	return list
}

// What follows a part of a glyph that is made of others.
const (
	partWideOffsets  = 0x0001
	partScale        = 0x0008
	partMore         = 0x0020
	partTwoScales    = 0x0040
	partMatrix       = 0x0080
	partInstructions = 0x0100
	outlineHeader    = 10
)

// bare copies an outline without its instructions; the parts that it is made
// of get the numbers that place returns.
func bare(outline []byte, place func(part int) int) ([]byte, error) {
	if len(outline) == 0 {
		return nil, nil
	}
	if len(outline) < outlineHeader {
		return nil, errFont
	}
	if contours := int(int16(at(outline, 0))); contours >= 0 {
		end := outlineHeader + 2*contours
		if len(outline) < end+2 {
			return nil, errFont
		}
		rest := end + 2 + at(outline[end:], 0)
		if len(outline) < rest {
			return nil, errFont
		}
		return slices.Concat(outline[:end], []byte{0, 0}, outline[rest:]), nil
	}
	copied := slices.Clone(outline)
	for i := outlineHeader; ; {
		if len(copied) < i+6 {
			return nil, errFont
		}
		flags := at(copied[i:], 0)
		binary.BigEndian.PutUint16(copied[i:], uint16(flags&^partInstructions))
		binary.BigEndian.PutUint16(copied[i+2:], uint16(place(at(copied[i:], 1))))
		if i += partSize(flags); len(copied) < i {
			return nil, errFont
		}
		if flags&partMore == 0 {
			return copied[:i], nil
		}
	}
}

func partSize(flags int) int {
	size := 6
	if flags&partWideOffsets != 0 {
		size += 2
	}
	switch {
	case flags&partScale != 0:
		size += 2
	case flags&partTwoScales != 0:
		size += 4
	case flags&partMatrix != 0:
		size += 8
	}
	return size
}

// patched copies a table with one 16-bit number changed.
func patched(table []byte, offset, value int) []byte {
	table = slices.Clone(table)
	binary.BigEndian.PutUint16(table[offset:], uint16(value))
	return table
}

// assemble makes a font file of tables, with their checksums.
func assemble(tables map[string][]byte) []byte {
	names := slices.Sorted(maps.Keys(tables))
	const entry = 16
	exponent := 0
	for 2<<exponent <= len(names) {
		exponent++
	}
	file := binary.BigEndian.AppendUint32(nil, 0x00010000)
	for _, v := range []int{len(names), entry << exponent, exponent, entry*len(names) - entry<<exponent} {
		file = binary.BigEndian.AppendUint16(file, uint16(v))
	}
	binary.BigEndian.PutUint32(tables["head"][8:], 0)
	offset := len(file) + entry*len(names)
	for _, name := range names {
		table := tables[name]
		file = append(file, name...)
		for _, v := range []uint32{checksum(table), uint32(offset), uint32(len(table))} {
			file = binary.BigEndian.AppendUint32(file, v)
		}
		offset += (len(table) + 3) &^ 3
	}
	head := 0
	for _, name := range names {
		if name == "head" {
			head = len(file)
		}
		file = append(file, tables[name]...)
		for len(file)%4 != 0 {
			file = append(file, 0)
		}
	}
	binary.BigEndian.PutUint32(file[head+8:], 0xB1B0AFBA-checksum(file))
	return file
}

// checksum adds a table up as 32-bit numbers.
func checksum(table []byte) uint32 {
	var sum uint32
	for ; len(table) >= 4; table = table[4:] {
		sum += binary.BigEndian.Uint32(table)
	}
	var last [4]byte
	copy(last[:], table)
	return sum + binary.BigEndian.Uint32(last[:])
}
