package pdftest

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// pages checks pages, their contents and fonts (6.2).
func (a *archive) pages() {
	tree := a.dict(a.root()["Pages"])
	kids, _ := tree["Kids"].(pdfArray)
	a.must(len(kids) > 0 && tree["Count"] == pdfNumber(len(kids)) && tree["Type"] == pdfSymbol("Pages"), "tree of pages")
	for _, kid := range kids {
		page := a.dict(kid)
		a.must(page["Type"] == pdfSymbol("Page") && page["Parent"] == a.root()["Pages"], "a page without its tree")
		box, _ := page["MediaBox"].(pdfArray)
		if len(box) != 4 {
			a.complain("a page without a box")
			continue
		}
		for i, side := range []float64{210, 297} {
			size, _ := box[i+2].(pdfNumber)
			a.must(box[i] == pdfNumber(0) && math.Abs(float64(size)-side/point) < 0.01, "6.1.13: box %v", box)
		}
		number, _ := kid.(pdfRef)
		a.page(number, a.stream(page["Contents"]), a.dict(page["Resources"]))
	}
}

// operators are those that a page may use, with the number of their operands.
var operators = map[string]int{
	"q": 0, "Q": 0, "cm": 6, "re": 4, "f": 0, "f*": 0, "S": 0, "B": 0, "B*": 0, "W": 0, "n": 0, "m": 2, "l": 2, "c": 6, "h": 0, "w": 1,
	"rg": 3, "RG": 3, "BT": 0, "ET": 0, "Tf": 2, "Td": 2, "Tj": 1, "Do": 1, "BDC": 2, "BMC": 1, "EMC": 0,
}

// page checks a content and the glyphs it shows.
func (a *archive) page(page pdfRef, content []byte, resources pdfDict) {
	fonts := map[pdfSymbol]*shownFont{}
	for name, font := range a.dict(resources["Font"]) {
		fonts[pdfSymbol(name)] = a.font(font)
	}
	var pictures pdfDict
	if resources["XObject"] != nil {
		pictures = a.dict(resources["XObject"])
		for _, picture := range pictures {
			a.picture(picture)
		}
	}
	var operands []any
	var font *shownFont
	depth, inText, colored, given := 0, false, false, false
	var marks []pdfSymbol // that are open
	for p := (&parser{b: content}); !p.end(); {
		value := p.value()
		word, ok := value.(pdfWord)
		if !ok {
			a.limit(0, value)
			operands = append(operands, value)
			continue
		}
		count, known := operators[string(word)]
		a.must(known && count == len(operands), "6.2.2: operator %s with %v", word, operands)
		if slices.Contains(painting, string(word)) {
			a.must(len(marks) > 0, "7.1: %s outside of marked content", word)
		}
		switch word {
		case "q":
			depth++
			a.must(depth <= 28, "6.1.13: nesting")
		case "Q":
			depth--
		case "BT", "ET":
			a.must(inText == (word == "ET"), "text in text")
			inText = word == "BT"
		case "rg":
			colored = true
		case "f", "f*", "B", "B*":
			a.must(colored, "6.2.4.3: a shape without a color")
		case "Tf":
			name, _ := operands[0].(pdfSymbol)
			font = fonts[name]
			a.must(font != nil, "6.2.2: font %s is no resource", name)
		case "Do":
			name, _ := operands[0].(pdfSymbol)
			a.must(pictures[string(name)] != nil, "6.2.2: picture %s is no resource", name)
		case "Tj":
			codes, _ := operands[0].(pdfString)
			a.must(inText && font != nil && colored, "text without a font or color")
			if font != nil {
				a.shown(font, codes.value, given)
			}
		case "BMC", "BDC":
			tag, _ := operands[0].(pdfSymbol)
			given = a.begin(page, tag, operands[1:], marks)
			marks = append(marks, tag)
		case "EMC":
			if len(marks) == 0 {
				a.complain("14.6: the end of what did not begin")
				return
			}
			marks, given = marks[:len(marks)-1], false
		}
		operands = nil
	}
	a.must(depth == 0 && !inText && len(marks) == 0 && len(operands) == 0, "a page does not end what it begins")
}

// painting are the operators that draw.
var painting = []string{"f", "f*", "S", "B", "B*", "Tj", "Do"}

// begin checks the begin of a marked content inside of those that are open, and
// reports whether it gives the text of its glyphs (14.9.4).
func (a *archive) begin(page pdfRef, tag pdfSymbol, operands []any, open []pdfSymbol) (given bool) {
	var properties pdfDict
	if len(operands) > 0 {
		properties, _ = operands[0].(pdfDict)
	}
	switch id, numbered := properties["MCID"].(pdfNumber); {
	case tag == "Span" && !numbered:
		a.must(len(open) == 1 && textOf(properties["ActualText"]) != "", "14.9.4: %v", operands)
		return true
	case tag == "Artifact":
		a.must(len(open) == 0 && !numbered, "7.1: decoration inside of content")
	default:
		at := mark{page, int(id)}
		a.must(numbered && len(open) == 0 && a.marked[at] == "", "7.1: content %s %v", tag, properties)
		a.marked[at] = tag
	}
	return false
}

func (a *archive) picture(value any) {
	d := a.dict(value)
	a.must(d["Subtype"] == pdfSymbol("Image") && d["ColorSpace"] == pdfSymbol("DeviceRGB") && d["BitsPerComponent"] == pdfNumber(8), "6.2.8: %v", d)
	width, _ := d["Width"].(pdfNumber)
	height, _ := d["Height"].(pdfNumber)
	a.must(len(a.stream(value)) == 3*int(width)*int(height), "a picture of %v by %v has %d bytes", width, height, len(a.stream(value)))
}

// shownFont is what the codes of a font represent.
type shownFont struct {
	widths  map[int]float64
	program map[string][]byte
	texts   map[int]string
}

// font checks a composite font with a TrueType subset (6.2.11).
func (a *archive) font(value any) *shownFont {
	d := a.dict(value)
	f := &shownFont{widths: map[int]float64{}, texts: map[int]string{}}
	descendants, _ := d["DescendantFonts"].(pdfArray)
	if d["Type"] != pdfSymbol("Font") || d["Subtype"] != pdfSymbol("Type0") || d["Encoding"] != pdfSymbol("Identity-H") || len(descendants) != 1 {
		a.complain("6.2.11.3: %v", d)
		return f
	}
	cid := a.dict(descendants[0])
	a.must(cid["Subtype"] == pdfSymbol("CIDFontType2") && cid["CIDToGIDMap"] == pdfSymbol("Identity"), "6.2.11.3.2: %v", cid)
	descriptor := a.dict(cid["FontDescriptor"])
	name, _ := d["BaseFont"].(pdfSymbol)
	a.must(regexp.MustCompile(`^[A-Z]{6}\+[A-Za-z0-9-]+$`).MatchString(string(name)), "font %s", name)
	a.must(cid["BaseFont"] == name && descriptor["FontName"] == name, "6.2.11.2: names of %s", name)
	for _, key := range strings.Fields("Flags FontBBox ItalicAngle Ascent Descent CapHeight StemV FontFile2") {
		a.must(descriptor[key] != nil, "descriptor without %s", key)
	}
	program := a.stream(descriptor["FontFile2"])
	a.must(a.dict(descriptor["FontFile2"])["Length1"] == pdfNumber(len(program)), "Length1")
	var err error
	if f.program, err = tablesOf(program); err != nil {
		a.complain("6.2.11.4: %v", err)
		return f
	}
	a.checksums(program)
	if list, ok := cid["W"].(pdfArray); ok && len(list) == 2 {
		first, _ := list[0].(pdfNumber)
		for i, width := range list[1].(pdfArray) {
			f.widths[int(first)+i] = float64(width.(pdfNumber))
		}
	}
	for _, m := range mapping.FindAllStringSubmatch(string(a.stream(d["ToUnicode"])), -1) {
		code, err := strconv.ParseInt(m[1], 16, 32)
		a.must(err == nil, "ToUnicode of %s", m[1])
		for i := 0; i+4 <= len(m[2]); i += 4 {
			a.must(!slices.Contains([]string{"0000", "FEFF", "FFFE"}, m[2][i:i+4]), "ToUnicode leads to %s", m[2])
		}
		f.texts[int(code)] = m[2]
	}
	return f
}

// checksums checks the sums of the tables of a font.
func (a *archive) checksums(program []byte) {
	for i := range at(program, 2) {
		entry := program[12+16*i:]
		name, from, size := string(entry[:4]), binary.BigEndian.Uint32(entry[8:]), binary.BigEndian.Uint32(entry[12:])
		table := slices.Clone(program[from : from+size])
		if name == "head" {
			binary.BigEndian.PutUint32(table[8:], 0)
		}
		a.must(from%4 == 0 && checksum(table) == binary.BigEndian.Uint32(entry[4:]), "font: sum of %s", name)
	}
	a.must(checksum(program) == 0xB1B0AFBA, "font: sum of the file %x", checksum(program))
}

// shown checks the glyphs of a text: each is there (6.2.11.4.1), is not the one
// for what is missing (6.2.11.8), is as wide as the dictionary says
// (6.2.11.5), and has a character.
func (a *archive) shown(f *shownFont, codes []byte, given bool) {
	a.must(len(codes)%2 == 0, "half a character")
	for i := 0; i+1 < len(codes); i += 2 {
		code := at(codes[i:], 0)
		count := at(f.program["maxp"], 2)
		if code == 0 || code >= count || count != at(f.program["hhea"], 17) || len(f.program["loca"]) != 4*count+4 {
			a.complain("6.2.11.4.1: code %d has no glyph", code)
			return
		}
		units := float64(at(f.program["head"], 9))
		width := float64(at(f.program["hmtx"], 2*code)) * 1000 / units
		a.must(math.Abs(width-f.widths[code]) <= 1, "6.2.11.5: code %d is %v wide, the font says %v", code, f.widths[code], width)
		loca := f.program["loca"]
		from, to := binary.BigEndian.Uint32(loca[4*code:]), binary.BigEndian.Uint32(loca[4*code+4:])
		a.must(from <= to && int(to) <= len(f.program["glyf"]), "6.2.11.4.1: outline of code %d", code)
		text := f.texts[code]
		a.must(text != "", "7.21.7: code %d represents no character", code)
		a.must(from < to || given || width == 0 || slices.Contains([]string{"0020", "00A0", "2009", "202F", "3000"}, text), "6.2.11.4.1: %s has no outline", text)
	}
}

// metadata checks the XMP packet, and that it agrees with the information
// dictionary (6.6).
func (a *archive) metadata() {
	root := a.root()
	d := a.dict(root["Metadata"])
	a.must(d["Type"] == pdfSymbol("Metadata") && d["Subtype"] == pdfSymbol("XML") && d["Filter"] == nil, "6.6.2.1: %v", d)
	packet := a.stream(root["Metadata"])
	a.must(bytes.HasPrefix(packet, []byte("<?xpacket begin=\"\ufeff\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n")), "6.6.2.1: begin of the packet")
	a.must(bytes.HasSuffix(packet, []byte("<?xpacket end=\"r\"?>\n")), "6.6.2.1: end of the packet")
	properties := map[string]string{}
	decoder := xml.NewDecoder(bytes.NewReader(packet))
	var path []string
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			a.complain("6.6.2.1: %v", err)
			return
		}
		switch token := token.(type) {
		case xml.StartElement:
			path = append(path, token.Name.Space+token.Name.Local)
		case xml.EndElement:
			path = path[:len(path)-1]
		case xml.CharData:
			if text := strings.TrimSpace(string(token)); text != "" && len(path) > 3 {
				properties[path[3]] += text + "|"
			}
		}
	}
	a.agree(properties)
}

func (a *archive) agree(properties map[string]string) {
	info := a.dict(a.trailer["Info"])
	const pdfa, dc, xmp, fx = "http://www.aiim.org/pdfa/ns/id/", "http://purl.org/dc/elements/1.1/", "http://ns.adobe.com/xap/1.0/", "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
	want := map[string]string{
		pdfa + "part": "3", pdfa + "conformance": "B", "http://www.aiim.org/pdfua/ns/id/part": "1",
		dc + "format": "application/pdf", dc + "title": textOf(info["Title"]), dc + "creator": textOf(info["Author"]), dc + "language": textOf(a.root()["Lang"]),
		xmp + "CreatorTool": textOf(info["Creator"]), "http://ns.adobe.com/pdf/1.3/Producer": textOf(info["Producer"]),
	}
	for key, entry := range map[string]string{"CreateDate": "CreationDate", "ModifyDate": "ModDate", "MetadataDate": "ModDate"} {
		want[xmp+key] = pdfDateForm.ReplaceAllString(textOf(info[entry]), "$1-$2-${3}T$4:$5:${6}Z")
	}
	const schemas = "http://www.aiim.org/pdfa/ns/extension/schemas"
	words := properties[schemas]
	names, _ := a.root()["AF"].(pdfArray)
	if slices.ContainsFunc(names, func(r any) bool { return textOf(a.dict(r)["UF"]) == "factur-x.xml" }) {
		want[fx+"DocumentType"], want[fx+"DocumentFileName"], want[fx+"Version"], want[fx+"ConformanceLevel"] = "INVOICE", "factur-x.xml", "1.0", "EN 16931"
		a.extension(words, "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#|fx|", "DocumentFileName|Text|external|", "DocumentType|Text|external|", "Version|Text|external|", "ConformanceLevel|Text|external|")
	}
	a.extension(words, "http://www.aiim.org/pdfua/ns/id/|pdfuaid|", "part|Integer|internal|")
	delete(properties, schemas)
	for key, value := range want {
		a.must(value != "" && properties[key] == value+"|", "6.6: %s is %q, want %q", key, properties[key], value)
	}
	a.must(len(properties) == len(want), "6.6.2.3: properties without a description: %v", properties)
}

// extension checks the description of words that PDF/A has none for (6.6.2.3.3).
func (a *archive) extension(text string, parts ...string) {
	for _, want := range parts {
		a.must(strings.Contains(text, want), "6.6.2.3: the extension lacks %s", want)
	}
}
