package pdf

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"creditrun/internal/colors"
	"creditrun/internal/pdf/pdftest"
)

var (
	black = colors.Color{Red: 20, Green: 20, Blue: 20}
	blue  = colors.Color{Blue: 200}
)

// sample is a document with everything that a file can contain.
func sample(tb testing.TB, fonts *Typeface) *Document {
	tb.Helper()
	picture := func(red byte) *Picture {
		p, err := NewRaster(2, 1, []byte{red, 0, 0, 0, 0, red})
		if err != nil {
			tb.Fatal(err)
		}
		return p
	}
	one, two := picture(200), picture(100)
	drawing := NewDrawing(10, 10, []byte("1 0 0 rg\n2 2 6 6 re f\n"))
	set := fonts.NewTypesetter()
	first, second := &Page{}, &Page{}
	root := &Element{}
	root.Add(Heading1)
	body := root.Add(Paragraph)
	y := 20.0
	for _, text := range append(slices.Sorted(maps.Keys(hotels)), "Gutschrift 12", "🔌 (\\)", strings.Repeat("lange Wörter ", 40)) {
		for i, line := range set.Wrap(text, Style{Size: 9}, 100) {
			m := set.Mark(25, y, line, Style{Bold: i%2 == 1, Size: 9, Color: black})
			m.In = body
			first.Marks = append(first.Marks, m)
			y += 6
		}
	}
	figure := root.Add(Figure)
	figure.Alt, figure.Box = "Volt (süd)", [4]float64{100, 20, 40, 20}
	sampleTable(root, set, second)
	first.Bars = []Bar{{X: 25, Y: 10, Width: 100, Height: 0.2, Color: blue}, {X: 25, Y: 15, Width: 100, Height: 2, Color: black}}
	first.Pictures = []Placed{{one, 100, 20, 40, 20, figure}, {drawing, 150, 20, 20, 20, nil}}
	second.Pictures = []Placed{{two, 100, 20, 40, 20, nil}, {one, 100, 60, 40, 20, nil}}
	return &Document{
		Properties: Properties{
			Title: "Gutschrift GS-1", Author: "Volt (net) \\ <&> „Süd“", Language: "de", Producer: "creditrun", At: time.Date(2026, 10, 31, 22, 30, 0, 0, time.UTC),
			Invoice: &FacturX{FileName: "factur-x.xml", DocumentType: "INVOICE", Version: "1.0", Level: "EN 16931"},
		},
		Pages: []*Page{first, second, {}}, Structure: root,
		Attachments: []Attachment{
			{Name: "sessions (ö).csv", MediaType: "text/csv", Relation: Supplement, Description: "Ladevorgänge", Content: []byte("a;b\r\n")},
			{Name: "factur-x.xml", MediaType: "text/xml", Relation: Alternative, Description: "Factur-X", Content: []byte("<a/>")},
		},
		Recolor: map[colors.Color]colors.Color{blue: {Green: 255}},
	}
}

// sampleTable sets a table with two rows, one of which has a cell for both columns.
func sampleTable(root *Element, set *Typesetter, page *Page) {
	table := root.Add(Table)
	head, body := table.Add(TableHead).Add(TableRow), table.Add(TableBody)
	first, last := body.Add(TableRow), body.Add(TableRow)
	wide := last.Add(RowHead)
	wide.Span = 2
	for i, e := range []*Element{head.Add(ColumnHead), head.Add(ColumnHead), first.Add(Cell), first.Add(Cell), wide} {
		m := set.Mark(25, 100+6*float64(i), "Zelle", Style{Size: 9, Color: black})
		m.In = e
		page.Marks = append(page.Marks, m)
	}
}

func written(tb testing.TB, fonts *Typeface, d *Document) []byte {
	tb.Helper()
	content, err := Write(fonts, d)
	if err != nil {
		tb.Fatal(err)
	}
	return content
}

func TestDocumentsKeepTheRulesOfPDFA3b(t *testing.T) {
	fonts := face(t)
	everything := sample(t, fonts)
	long := sample(t, fonts)
	long.Properties.Title = strings.Repeat("Gutschrift\n", 5000)
	for name, d := range map[string]*Document{
		"everything":   everything,
		"no pictures":  {Properties: everything.Properties, Pages: everything.Pages[2:], Attachments: everything.Attachments},
		"nothing else": {Properties: Properties{Title: "a", Author: "b", Language: "en", Producer: "c"}, Pages: []*Page{{}}},
		"a long title": long,
	} {
		for _, complaint := range pdftest.Violations(written(t, fonts, d)) {
			t.Errorf("%s: %s", name, complaint)
		}
	}
}

func TestTheSameDocumentGivesTheSameBytes(t *testing.T) {
	fonts, other := face(t), face(t)
	if !bytes.Equal(written(t, fonts, sample(t, fonts)), written(t, other, sample(t, other))) {
		t.Error("other bytes")
	}
}

func TestPagesShowWhatIsOnThem(t *testing.T) {
	fonts := face(t)
	content := written(t, fonts, sample(t, fonts))
	if got := pdftest.Pages(t, content); got != 3 {
		t.Errorf("%d pages", got)
	}
	found := slices.ContainsFunc(pdftest.Read(t, content), func(p pdftest.Printed) bool {
		return p.Text == "Gutschrift 12" && p.Page == 1 && p.Size == 9 && p.X > 24.99 && p.X < 25.01
	})
	if !found {
		t.Error("a line is not where it was set")
	}
	inside := pdftest.Attachments(t, content)
	if len(inside) != 2 || inside["factur-x.xml Alternative text/xml"] != "<a/>" || inside["sessions (ö).csv Supplement text/csv"] != "a;b\r\n" {
		t.Errorf("inside are %v", inside)
	}
	if got := bytes.Count(content, []byte("/Subtype /Image")); got != 2 {
		t.Errorf("%d pictures, want each of two once", got)
	}
}

func TestColorsAndPicturesAreDrawnAsTheyArePlaced(t *testing.T) {
	fonts := face(t)
	d := sample(t, fonts)
	p := newPainter(fonts, d)
	if page, _ := p.page(0, d.Pages[0]); bytes.Contains(page, []byte("0 0 0.784 rg")) || !bytes.HasPrefix(page, []byte("/Artifact BMC\n0 1 0 rg\n")) {
		t.Errorf("the page begins %.60q", page)
	}
	content, _ := p.page(1, d.Pages[1])
	if page := string(content); !strings.Contains(page, "/P2 Do") || strings.Index(page, "/P1 Do") < strings.Index(page, "/P2 Do") {
		t.Errorf("the second page is %q", page)
	}
}

func TestPixelsMustBeThoseOfThePicture(t *testing.T) {
	for _, size := range [][2]int{{2, 2}, {0, 0}, {-2, -1}} {
		if _, err := NewRaster(size[0], size[1], make([]byte, 6)); err == nil {
			t.Errorf("six bytes are %d by %d pixels", size[0], size[1])
		}
	}
}

// Each planted fault keeps the length, so that nothing else breaks.
func TestTheGuardFindsPlantedFaults(t *testing.T) {
	fonts := face(t)
	content := written(t, fonts, sample(t, fonts))
	if found := pdftest.Violations(content); len(found) > 0 {
		t.Fatalf("before any fault: %v", found)
	}
	for _, c := range []struct{ rule, old, new string }{
		{"6.1.2", "%\xe2\xe3\xcf\xd3", "%abcd"},
		{"6.1.3", " /ID [<", " /Id [<"},
		{"6.1.3", "%%EOF\n", "%%EOF "},
		{"7.5.8", "/W [1 4 2]", "/W [1 2 4]"},
		{"7.1", "/Marked true", "/Marked fals"},
		{"7.18.3", "/Tabs /S", "/Tabs /R"},
		{"7.18.3", "/StructParents 0", "/StructParents 1"},
		{"7.5.7", "/Type /ObjStm", "/Type /ObjStr"},
		{"6.6", "<pdfuaid:part>1", "<pdfuaid:part>2"},
		{"6.1.6", "/CheckSum <", "/CheckSum <g"},
		{"6.1.7.1", " /Length 1", " /Length 2"},
		{"6.1.7.2", "/FlateDecode", "/LZWDecode  "},
		{"6.1.9", "\nendobj\n", " endobj\n"},
		{"6.1.9", "1 0 obj\n", "1 0 obj "},
		{"6.2.3", "/S /GTS_PDFA1", "/S /GTS_PDFX "},
		{"6.2.3", "mntrRGB ", "mntrCMYK"},
		{"6.2.3", "/N 3", "/N 4"},
		{"6.2.11.3", "/CIDToGIDMap /Identity", "/CIDToGIDMop /Identity"},
		{"6.2.11.5", "/W [1 [278", "/W [1 [288"},
		{"6.2.11.2", "+LiberationSans ", "-LiberationSans "},
		{"6.6", "<pdfaid:conformance>B", "<pdfaid:conformance>X"},
		{"6.6", "/Title (Gutschrift", "/Title (Gutshcrift"},
		{"6.6", "/ModDate (D:2026", "/ModDate (D:2025"},
		{"6.6", "<fx:Version>1.0", "<fx:Version>2.0"},
		{"6.6.2.3", "<pdfaProperty:name>Version", "<pdfaProperty:name>Varsion"},
		{"6.8", "/AFRelationship /Supplement", "/AFRelationshop /Supplement"},
		{"6.8", "/Subtype /text#2Fcsv", "/Subtype /text#20csv"},
		{"6.8", "/AF [", "/AG ["},
		{"language", "/Lang (de)", "/Lang (DE)"},
		{"/AA", "/PageMode /UseAttachments", "/AA <<>>                 "},
	} {
		planted := bytes.Replace(content, []byte(c.old), []byte(c.new), 1)
		if c.rule == "6.1.6" { // one digit less
			planted = bytes.Replace(content, []byte("/CheckSum <"), []byte("/CheckSum<"), 1)
			at := bytes.Index(planted, []byte("/CheckSum<"))
			planted = slices.Insert(planted, at+len("/CheckSum<"), 'G')
		}
		if bytes.Equal(planted, content) {
			t.Errorf("%s: %q is not there", c.rule, c.old)
			continue
		}
		if found := pdftest.Violations(planted); !strings.Contains(strings.Join(found, "\n"), c.rule) {
			t.Errorf("%q for %q: want a complaint about %s, got %q", c.new, c.old, c.rule, found)
		}
	}
}
