package pdftest

import (
	"bytes"
	"compress/zlib"
	"crypto/md5"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// archive is a PDF taken apart for the rules of PDF/A-3b (ISO 19005-3) and PDF/UA-1
// (ISO 14289-1), which are cited by their numbers.
type archive struct {
	content    []byte
	objects    map[int]any
	streams    map[int][]byte
	trailer    pdfDict
	complaints []string
	seen       map[int]bool
	heads      map[int][]int      // of the streams of objects: numbers and offsets in turn
	marked     map[mark]pdfSymbol // the contents of pages and their tags
}

// Violations lists what a PDF does against PDF/A-3b and PDF/UA-1, with the clauses
// of ISO 19005-3 and ISO 14289-1; nothing for one that keeps the rules.
func Violations(content []byte) (complaints []string) {
	a := newArchive(content)
	defer func() {
		if bad := recover(); bad != nil { // it cannot be read any further
			complaints = append(a.complaints, fmt.Sprint(bad))
		}
	}()
	a.structure()
	a.limits()
	a.catalog()
	a.pages()
	a.tagged()
	a.attachments()
	a.outline()
	a.metadata()
	if len(a.seen) != len(a.objects) {
		for n := range a.objects {
			if !a.seen[n] {
				a.complain("object %d is not used", n)
			}
		}
	}
	return a.complaints
}

func newArchive(content []byte) *archive {
	return &archive{content: content, objects: map[int]any{}, streams: map[int][]byte{}, seen: map[int]bool{}, heads: map[int][]int{}, marked: map[mark]pdfSymbol{}}
}

// Attachments are the contents of the files in a PDF by name, relation and media
// type: "factur-x.xml Alternative text/xml".
func Attachments(tb testing.TB, content []byte) map[string]string {
	tb.Helper()
	a := newArchive(content)
	defer func() {
		if bad := recover(); bad != nil {
			tb.Fatal(bad)
		}
	}()
	a.structure()
	inside := map[string]string{}
	list, _ := a.root()["AF"].(pdfArray)
	for _, one := range list {
		spec := a.dict(one)
		relation, _ := spec["AFRelationship"].(pdfSymbol)
		file := a.dict(spec["EF"])["F"]
		subtype, _ := a.dict(file)["Subtype"].(pdfSymbol)
		inside[textOf(spec["UF"])+" "+string(relation)+" "+string(subtype)] = string(a.stream(file))
	}
	return inside
}

func (a *archive) complain(format string, args ...any) {
	a.complaints = append(a.complaints, fmt.Sprintf(format, args...))
}

func (a *archive) must(holds bool, format string, args ...any) {
	if !holds {
		a.complain(format, args...)
	}
}

// structure checks header, cross-reference stream and the frames of the objects
// (6.1.2 to 6.1.9), and reads the objects.
func (a *archive) structure() {
	a.must(regexp.MustCompile(`^%PDF-1\.[5-7]\n%`).Match(a.content), "6.1.2: header")
	a.must(len(a.content) > 14 && slices.Min(a.content[10:14]) > 127, "6.1.2: binary comment")
	t := tableOf(a.content)
	a.trailer, a.seen[t.number] = t.dict, true
	last := 0
	for n, at := range t.entries {
		if n > 0 && at.stream == 0 && n != t.number {
			last = max(last, a.object(n, at.offset))
		}
	}
	a.must(last == t.start && t.entries[t.number].offset == t.start, "6.1.9: the table does not follow the last object: %d, %d", last, t.start)
	for n, at := range t.entries {
		if at.stream != 0 {
			a.inside(n, at)
		}
	}
	ids, _ := a.trailer["ID"].(pdfArray)
	if len(ids) != 2 || len(ids[0].(pdfString).value) < 16 {
		a.complain("6.1.3: no file identifier")
	}
	a.must(a.trailer["Encrypt"] == nil, "6.1.3: encrypted")
}

// inside reads an object out of a stream of objects (ISO 32000-1 7.5.7).
func (a *archive) inside(n int, at entry) {
	d, _ := a.objects[at.stream].(pdfDict)
	a.seen[at.stream] = true
	count, _ := d["N"].(pdfNumber)
	first, _ := d["First"].(pdfNumber)
	content := a.streams[at.stream]
	p := &parser{b: content}
	if d["Type"] != pdfSymbol("ObjStm") || at.index >= int(count) || int(first) > len(content) {
		p.fail("7.5.7: object %d is not in stream %d", n, at.stream)
	}
	if a.heads[at.stream] == nil {
		for range 2 * int(count) {
			number, _ := p.value().(pdfNumber)
			a.heads[at.stream] = append(a.heads[at.stream], int(number))
		}
	}
	head := a.heads[at.stream][2*at.index:]
	a.must(head[0] == n, "7.5.7: object %d of stream %d is %d", at.index, at.stream, head[0])
	p.i = int(first) + head[1]
	a.objects[n] = p.value()
}

// object reads one object and returns where it ends.
func (a *archive) object(n, offset int) int {
	frame := fmt.Sprintf("%d 0 obj\n", n)
	p := &parser{b: a.content, i: offset}
	if offset == 0 || offset >= len(a.content) || a.content[offset-1] != '\n' || !p.starts(frame) {
		p.fail("6.1.9: object %d does not begin on a line of its own at %d", n, offset)
	}
	p.i += len(frame)
	value := p.value()
	a.objects[n] = value
	if p.starts("\nstream") {
		d, _ := value.(pdfDict)
		length, _ := d["Length"].(pdfNumber)
		if !p.starts("\nstream\n") || p.i+8+int(length) > len(a.content) {
			p.fail("6.1.7.1: stream of object %d", n)
		}
		from := p.i + len("\nstream\n")
		p.i = from + int(length)
		if !p.starts("\nendstream") {
			p.fail("6.1.7.1: stream of object %d is not %v bytes long", n, length)
		}
		p.i += len("\nendstream")
		a.streams[n] = a.unpack(n, d, a.content[from:from+int(length)])
	}
	if !p.starts("\nendobj\n") {
		p.fail("6.1.9: object %d does not end on a line of its own", n)
	}
	return p.i + len("\nendobj\n")
}

func (a *archive) unpack(n int, d pdfDict, packed []byte) []byte {
	for _, key := range []string{"F", "FFilter", "FDecodeParms", "DecodeParms", "Crypt"} {
		a.must(d[key] == nil, "6.1.7.1: /%s in the stream of object %d", key, n)
	}
	switch d["Filter"] {
	case nil:
		return packed
	case pdfSymbol("FlateDecode"):
		r, err := zlib.NewReader(bytes.NewReader(packed))
		if err == nil {
			var content []byte
			if content, err = io.ReadAll(r); err == nil {
				return content
			}
		}
		a.complain("stream of object %d: %v", n, err)
		return nil
	}
	a.complain("6.1.7.2: filter %v", d["Filter"])
	return nil
}

// limits checks every value (6.1.13), and that nothing forbidden is there.
func (a *archive) limits() {
	a.must(len(a.objects) <= 8388607, "6.1.13: objects")
	for n, value := range a.objects {
		a.limit(n, value)
	}
}

func (a *archive) limit(n int, value any) {
	switch v := value.(type) {
	case pdfDict:
		for key, entry := range v {
			a.limit(n, pdfSymbol(key))
			a.limit(n, entry)
			switch key {
			case "Type":
				a.must(entry != pdfSymbol("Filespec") || v["EF"] != nil && v["AFRelationship"] != nil, "6.8: object %d has a file specification without a file or relation", n)
			case "JavaScript", "JS", "AA", "OpenAction", "XFA", "AcroForm", "NeedsRendering", "Requirements", "AlternatePresentations", "PresSteps",
				"OCProperties", "Perms", "SMask", "Mask", "Group", "BM", "CA", "ca", "TR", "TR2", "HTP", "OPI", "Alternates", "Ref", "PS", "Interpolate":
				a.complain("object %d has /%s", n, key)
			case "A":
				a.must(v["S"] != nil && v["P"] != nil || v["Subtype"] == pdfSymbol("Link"), "object %d has an action", n)
			}
		}
	case pdfArray:
		a.must(len(v) <= 8191, "an array of %d entries", len(v))
		for _, entry := range v {
			a.limit(n, entry)
		}
	case pdfSymbol:
		a.must(len(v) <= 127, "6.1.13: a name of %d bytes", len(v))
	case pdfString:
		a.must(len(v.value) < 32768, "6.1.13: a string of %d bytes", len(v.value))
	case pdfNumber:
		a.number(float64(v))
	case pdfWord:
		a.must(v == "true" || v == "false" || v == "null", "object %d: %q", n, string(v))
	}
}

func (a *archive) number(v float64) {
	a.must(math.Abs(v) <= 2147483647 && (v == 0 || math.Abs(v) > 1.175e-38), "6.1.13: number %g", v)
}

// get follows a reference.
func (a *archive) get(value any) any {
	if r, ok := value.(pdfRef); ok {
		a.seen[int(r)] = true
		found, there := a.objects[int(r)]
		a.must(there, "object %d is not there", r)
		return found
	}
	return value
}

func (a *archive) dict(value any) pdfDict {
	d, ok := a.get(value).(pdfDict)
	a.must(ok, "%v is no dictionary", value)
	return d
}

func (a *archive) stream(value any) []byte {
	r, _ := value.(pdfRef)
	a.get(value)
	content, ok := a.streams[int(r)]
	a.must(ok, "%v is no stream", value)
	return content
}

func (a *archive) root() pdfDict { return a.dict(a.trailer["Root"]) }

// catalog checks the entries about the whole document, and its colors
// (6.2.3).
func (a *archive) catalog() {
	root := a.root()
	a.must(root["Type"] == pdfSymbol("Catalog"), "catalog")
	lang, _ := root["Lang"].(pdfString)
	a.must(regexp.MustCompile(`^[a-z]{2}(-[A-Z]{2})?$`).Match(lang.value), "language %q", lang.value)
	a.must(a.dict(root["ViewerPreferences"])["DisplayDocTitle"] == pdfWord("true"), "the title is not shown")
	intents, _ := root["OutputIntents"].(pdfArray)
	if len(intents) != 1 {
		a.complain("6.2.3: %d output intents", len(intents))
		return
	}
	intent := a.dict(intents[0])
	a.must(intent["S"] == pdfSymbol("GTS_PDFA1") && intent["Type"] == pdfSymbol("OutputIntent"), "6.2.3: intent %v", intent)
	a.must(len(intent["OutputConditionIdentifier"].(pdfString).value) > 0, "6.2.3: no condition")
	a.must(a.dict(intent["DestOutputProfile"])["N"] == pdfNumber(3), "6.2.3: N")
	a.profile(a.stream(intent["DestOutputProfile"]))
}

// profile checks an ICC profile: its header, and that every tag is inside.
func (a *archive) profile(p []byte) {
	if len(p) < 132 || int(binary.BigEndian.Uint32(p)) != len(p) {
		a.complain("6.2.3: size of the profile")
		return
	}
	a.must(p[8] >= 2 && p[8] < 5, "6.2.3: version %d", p[8])
	a.must(string(p[12:24]) == "mntrRGB XYZ " && string(p[36:40]) == "acsp", "6.2.3: header %q", p[12:40])
	tags := map[string]bool{}
	for i := range int(binary.BigEndian.Uint32(p[128:])) {
		entry := p[132+12*i:]
		from, size := binary.BigEndian.Uint32(entry[4:]), binary.BigEndian.Uint32(entry[8:])
		a.must(from%4 == 0 && int(from+size) <= len(p), "6.2.3: tag %q", entry[:4])
		tags[string(entry[:4])] = true
	}
	for _, tag := range strings.Fields("desc cprt wtpt rXYZ gXYZ bXYZ rTRC gTRC bTRC") {
		a.must(tags[tag], "6.2.3: no tag %s", tag)
	}
}

// attachments checks the files inside (6.8).
func (a *archive) attachments() {
	root := a.root()
	associated, _ := root["AF"].(pdfArray)
	if root["Names"] == nil {
		a.must(len(associated) == 0, "6.8: associated files without names")
		return
	}
	names, _ := a.dict(a.dict(root["Names"])["EmbeddedFiles"])["Names"].(pdfArray)
	a.must(len(names) == 2*len(associated), "6.8: %d names, %d associated", len(names)/2, len(associated))
	before := ""
	for i := 0; i+1 < len(names); i += 2 {
		key := string(names[i].(pdfString).value)
		a.must(key > before, "names are not sorted: %q, %q", before, key)
		before = key
		a.must(slices.Contains(associated, names[i+1]), "6.8: %s is associated with nothing", key)
		spec := a.dict(names[i+1])
		f, _ := spec["F"].(pdfString)
		uf, _ := spec["UF"].(pdfString)
		a.must(len(f.value) > 0 && len(uf.value) > 0, "6.8: file without a name")
		a.must(spec["Type"] == pdfSymbol("Filespec") && spec["Desc"] != nil, "6.8: %s", key)
		a.must(spec["AFRelationship"] == pdfSymbol("Alternative") || spec["AFRelationship"] == pdfSymbol("Supplement"), "6.8: relation %v", spec["AFRelationship"])
		ef := a.dict(spec["EF"])
		a.must(ef["F"] == ef["UF"], "6.8: two contents")
		file, params := a.dict(ef["F"]), a.dict(a.dict(ef["F"])["Params"])
		subtype, _ := file["Subtype"].(pdfSymbol)
		a.must(regexp.MustCompile(`^[-\w+.]+/[-\w+.]+$`).MatchString(string(subtype)), "6.8: subtype %q", subtype)
		content := a.stream(ef["F"])
		sum := md5.Sum(content)
		check, checked := params["CheckSum"].(pdfString)
		a.must(params["Size"] == pdfNumber(len(content)) && (!checked || bytes.Equal(check.value, sum[:])), "6.8: size or sum of %s", key)
		date, _ := params["ModDate"].(pdfString)
		a.must(pdfDateForm.Match(date.value), "6.8: date %q", date.value)
	}
}

var pdfDateForm = regexp.MustCompile(`^D:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$`)

// textOf decodes a text string.
func textOf(s any) string {
	text, _ := s.(pdfString)
	wide, found := bytes.CutPrefix(text.value, []byte{0xFE, 0xFF})
	if !found {
		return string(text.value)
	}
	var units []uint16
	for i := 0; i+1 < len(wide); i += 2 {
		units = append(units, binary.BigEndian.Uint16(wide[i:]))
	}
	return string(utf16.Decode(units))
}
