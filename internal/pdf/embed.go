package pdf

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// embedded is a font in one document: the characters that the document sets one
// by one, in the order of their codes in it, which begin with 1, and behind them
// the glyphs that the font chose for more than one character.
type embedded struct {
	*font
	resource   string // what the pages call it
	characters []rune
	codes      [256]*[256]uint16 // by character: its higher and its lower byte
	signs      []sign
	signCodes  map[sign]uint16
}

// sign is a glyph and what it represents; text is empty where it represents
// something together with others, and the page says what (textPainter.run).
type sign struct {
	glyph int
	text  string
}

// use takes down the characters of a text.
func (e *embedded) use(text string) {
	for _, c := range text {
		if !e.has(c) {
			continue
		}
		if e.codes[c>>8] == nil {
			e.codes[c>>8] = new([256]uint16)
		}
		if code := e.code(c); *code == 0 {
			*code = 1
			e.characters = append(e.characters, c)
		}
	}
}

// code is where the code of a character stands that is in use.
func (e *embedded) code(c rune) *uint16 { return &e.codes[c>>8][c&0xFF] }

// useRun takes down the glyphs of a run.
func (e *embedded) useRun(r *glyphRun) {
	if e.signCodes == nil {
		e.signCodes = map[sign]uint16{}
	}
	for i := range r.clusters {
		for k := range r.clusters[i].glyphs {
			s := r.clusters[i].sign(k)
			if _, known := e.signCodes[s]; !known {
				e.signCodes[s] = 0
				e.signs = append(e.signs, s)
			}
		}
	}
}

// sign is the k-th glyph of a cluster with the text of the cluster, if it is
// the only one.
func (c *cluster) sign(k int) sign {
	if len(c.glyphs) > 1 {
		return sign{glyph: c.glyphs[k].id}
	}
	return sign{c.glyphs[k].id, c.text}
}

// close numbers the characters and glyphs, now that all are known.
func (e *embedded) close() {
	slices.Sort(e.characters)
	for i, c := range e.characters {
		*e.code(c) = uint16(i + 1)
	}
	slices.SortFunc(e.signs, func(a, b sign) int { return cmp.Or(cmp.Compare(a.glyph, b.glyph), cmp.Compare(a.text, b.text)) })
	for i, s := range e.signs {
		e.signCodes[s] = uint16(len(e.characters) + i + 1)
	}
}

// used lists the glyphs of the font in the order of their codes.
func (e *embedded) used() []int {
	list := make([]int, 0, len(e.characters)+len(e.signs))
	for _, c := range e.characters {
		list = append(list, int(e.glyphs[c]))
	}
	for _, s := range e.signs {
		list = append(list, s.glyph)
	}
	return list
}

// appendText appends a text as a string operand: two bytes a character.
func (e *embedded) appendText(b []byte, text string) []byte {
	b = append(b, '(')
	for _, c := range text {
		b = appendCode(b, *e.code(c))
	}
	return append(b, ')')
}

func appendCode(b []byte, code uint16) []byte {
	return appendByte(appendByte(b, byte(code>>8)), byte(code))
}

func appendByte(b []byte, c byte) []byte {
	switch c {
	case '(', ')', '\\':
		return append(b, '\\', c)
	case '\r':
		return append(b, `\r`...)
	case '\n':
		return append(b, `\n`...)
	}
	return append(b, c)
}

// write writes the font with its subset (ISO 32000-1 §9.7; ISO 19005-3
// §6.2.11): codes are glyphs, and a table leads from them back to characters.
func (e *embedded) write(o *objects) (ref, error) {
	program, err := e.subset(e.used())
	if err != nil {
		return 0, fmt.Errorf("subset of %s: %w", e.font.name, err)
	}
	file, err := o.packed(fmt.Sprintf("/Length1 %d", len(program)), program)
	if err != nil {
		return 0, err
	}
	unicode, err := o.packed("", e.toUnicode())
	if err != nil {
		return 0, err
	}
	name := e.prefix() + "+" + strings.ReplaceAll(e.font.name, " ", "")
	descriptor := o.add("<< /Type /FontDescriptor /FontName /%s /Flags 4 /FontBBox %s /ItalicAngle 0 /Ascent %d /Descent %d /CapHeight %d /StemV %d /FontFile2 %s >>",
		name, e.box(), e.signed("hhea", 2), e.signed("hhea", 3), e.capHeight(), e.stem(), file)
	descendant := o.add("<< /Type /Font /Subtype /CIDFontType2 /BaseFont /%s /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /FontDescriptor %s /DW %d /W [1 [%s]] /CIDToGIDMap /Identity >>",
		name, descriptor, e.thousandths(at(e.tables["hmtx"], 0)), e.widthList())
	return o.add("<< /Type /Font /Subtype /Type0 /BaseFont /%s /Encoding /Identity-H /DescendantFonts [%s] /ToUnicode %s >>", name, descendant, unicode), nil
}

// prefix is the tag of a subset: six capitals that follow from its characters.
func (e *embedded) prefix() string {
	content := []byte(string(e.characters))
	for _, s := range e.signs {
		content = fmt.Appendf(content, "/%d %s", s.glyph, s.text)
	}
	sum := sha256.Sum256(content)
	tag := make([]byte, 6)
	for i := range tag {
		tag[i] = 'A' + sum[i]%26
	}
	return string(tag)
}

func (e *embedded) signed(table string, place int) int {
	return e.thousandths(int(int16(at(e.tables[table], place))))
}

// capHeight is how high capitals are; fonts of before version 2 of the table
// OS/2 do not say it.
func (e *embedded) capHeight() int {
	if len(e.tables["OS/2"]) < 90 {
		return e.signed("hhea", 2)
	}
	return e.signed("OS/2", 44)
}

func (e *embedded) box() string {
	return fmt.Sprintf("[%d %d %d %d]", e.signed("head", 18), e.signed("head", 19), e.signed("head", 20), e.signed("head", 21))
}

// stem is the width of upright strokes, as the weight of the font suggests.
func (e *embedded) stem() int {
	weight := at(e.tables["OS/2"], 2)
	return 50 + weight*weight/(65*65)
}

func (e *embedded) widthList() string {
	used := e.used()
	widths := make([]string, len(used))
	for i, glyph := range used {
		widths[i] = strconv.Itoa(e.glyphAdvance(glyph))
	}
	return strings.Join(widths, " ")
}

// zeroWidth is the character of glyphs that represent something together with
// others only: each code has one (ISO 14289-1 §7.21.7).
const zeroWidth = "\u200b"

// toUnicode is the table by which readers copy and search text.
func (e *embedded) toUnicode() []byte {
	const maxEntries = 100 // of a block
	var b strings.Builder
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n" +
		"/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n" +
		"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	texts := make([]string, 0, len(e.characters)+len(e.signs))
	for _, c := range e.characters {
		texts = append(texts, string(c))
	}
	for _, s := range e.signs {
		texts = append(texts, s.text)
	}
	var entries []string
	for i, text := range texts {
		entries = append(entries, fmt.Sprintf("<%04X> <%s>\n", i+1, utf16Hex(cmp.Or(text, zeroWidth))))
	}
	for block := range slices.Chunk(entries, maxEntries) {
		fmt.Fprintf(&b, "%d beginbfchar\n%sendbfchar\n", len(block), strings.Join(block, ""))
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return []byte(b.String())
}
