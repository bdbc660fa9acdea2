package document

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
)

// embedded is a font in one document: the characters that the document uses,
// in the order of their codes in it, which begin with 1.
type embedded struct {
	*font
	resource   string // what the pages call it
	characters []rune
	codes      []uint16 // by character
}

// use takes down the characters of a text.
func (e *embedded) use(text string) {
	if e.codes == nil {
		e.codes = make([]uint16, 1<<16)
	}
	for _, c := range text {
		if e.has(c) && e.codes[c] == 0 {
			e.codes[c] = 1
			e.characters = append(e.characters, c)
		}
	}
}

// close numbers the characters, now that all are known.
func (e *embedded) close() {
	slices.Sort(e.characters)
	for i, c := range e.characters {
		e.codes[c] = uint16(i + 1)
	}
}

// appendText appends a text as a string operand: two bytes a character.
func (e *embedded) appendText(b []byte, text string) []byte {
	b = append(b, '(')
	for _, c := range text {
		code := e.codes[c]
		b = appendByte(appendByte(b, byte(code>>8)), byte(code))
	}
	return append(b, ')')
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
	program, err := e.subset(e.characters)
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
		name, e.box(), e.signed("hhea", 2), e.signed("hhea", 3), e.signed("OS/2", 44), e.stem(), file)
	descendant := o.add("<< /Type /Font /Subtype /CIDFontType2 /BaseFont /%s /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /FontDescriptor %s /DW %d /W [1 [%s]] /CIDToGIDMap /Identity >>",
		name, descriptor, e.thousandths(at(e.tables["hmtx"], 0)), e.widthList())
	return o.add("<< /Type /Font /Subtype /Type0 /BaseFont /%s /Encoding /Identity-H /DescendantFonts [%s] /ToUnicode %s >>", name, descendant, unicode), nil
}

// prefix is the tag of a subset: six capitals that follow from its characters.
func (e *embedded) prefix() string {
	sum := sha256.Sum256([]byte(string(e.characters)))
	tag := make([]byte, 6)
	for i := range tag {
		tag[i] = 'A' + sum[i]%26
	}
	return string(tag)
}

func (e *embedded) signed(table string, place int) int {
	return e.thousandths(int(int16(at(e.tables[table], place))))
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
	widths := make([]string, len(e.characters))
	for i, c := range e.characters {
		widths[i] = fmt.Sprint(e.advance(c))
	}
	return strings.Join(widths, " ")
}

// toUnicode is the table by which readers copy and search text.
func (e *embedded) toUnicode() []byte {
	const most = 100 // entries in a block
	var b strings.Builder
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n" +
		"/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n" +
		"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	code := 1
	for block := range slices.Chunk(e.characters, most) {
		fmt.Fprintf(&b, "%d beginbfchar\n", len(block))
		for _, c := range block {
			fmt.Fprintf(&b, "<%04X> <%04X>\n", code, c)
			code++
		}
		b.WriteString("endbfchar\n")
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return []byte(b.String())
}
