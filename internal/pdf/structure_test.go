package pdf

import (
	"strings"
	"testing"

	"creditrun/internal/pdf/pdftest"
)

// The structure is compressed in the file, so that its faults are planted in what
// is written.
func TestTheGuardFindsFaultsOfTheStructure(t *testing.T) {
	fonts := face(t)
	for _, c := range []struct {
		rule  string
		plant func(d *Document, e []*Element)
	}{
		{"7.4.2", func(_ *Document, e []*Element) { e[0].Role = Heading2 }},
		{"7.3", func(_ *Document, e []*Element) { e[2].Alt = "" }},
		{"7.1", func(_ *Document, e []*Element) { e[1].Role = Section }},
		{"7.2: P in Table", func(_ *Document, e []*Element) { e[3].Add(Paragraph) }},
		{"7.2: 1 columns", func(_ *Document, e []*Element) { e[3].Kids[1].Kids[1].Kids[0].Span = 1 }},
		{"7.2: LI in Document", func(d *Document, _ []*Element) { d.Structure.Add(ListItem) }},
		{"7.5: a table without", func(_ *Document, e []*Element) { e[3].Kids[0].Role = TableBody }},
	} {
		d := sample(t, fonts)
		c.plant(d, d.Structure.Kids)
		if found := pdftest.Violations(written(t, fonts, d)); !strings.Contains(strings.Join(found, "\n"), c.rule) {
			t.Errorf("want a complaint about %s, got %q", c.rule, found)
		}
	}
}

func TestTheStructureIsReadInItsOrder(t *testing.T) {
	fonts := face(t)
	d := sample(t, fonts)
	first := d.Structure.Kids[1]
	d.Structure.Kids = append(d.Structure.Kids[2:], d.Structure.Kids[0], first)
	first.Role = Heading1
	d.Structure.Kids = d.Structure.Kids[:len(d.Structure.Kids):len(d.Structure.Kids)]
	got := pdftest.Structure(t, written(t, fonts, d))
	want := "Document\n Figure Volt (süd)\n Table\n  THead\n   TR\n    TH Zelle\n    TH Zelle\n  TBody\n   TR\n    TD Zelle\n    TD Zelle\n   TR\n    TH Zelle\n H1\n H1 "
	if !strings.HasPrefix(got, want) {
		t.Errorf("got %s", got)
	}
}

func TestAPageNamesNoElementThatIsNotRead(t *testing.T) {
	fonts := face(t)
	d := sample(t, fonts)
	d.Structure.Kids = d.Structure.Kids[:2]
	if _, err := Write(fonts, d); err == nil {
		t.Error("a text of no element was written")
	}
}

// linkIn makes the first paragraph of a document lead elsewhere.
func linkIn(d *Document, target Target, y float64) *Element {
	link := d.Structure.Kids[1].Add(Link)
	link.Target = &target
	for _, one := range d.Pages {
		for i := range one.Marks {
			if one.Marks[i].In == d.Structure.Kids[1] {
				one.Marks[i].In = link
				one.Links = append(one.Links, Area{X: 20, Y: y, Width: 30, Height: 4, In: link})
			}
		}
	}
	return link
}

func TestLinksArePartsOfTheStructure(t *testing.T) {
	fonts := face(t)
	for _, c := range []struct {
		rule   string
		target Target
		y      float64
		plant  func(link *Element)
	}{
		{"", Target{URI: "https://volt.example/?a=(b)", Says: "Größe"}, 20, nil},
		{"", Target{File: "GS ü.pdf", Says: "Credit note"}, 20, nil},
		{"7.18.5: link", Target{URI: "https://volt.example"}, 20, nil},
		{"7.18.5: annotation", Target{URI: "https://volt.example", Says: "Volt"}, 20, func(e *Element) { e.Role = Paragraph }},
		{"beside the page", Target{URI: "https://volt.example", Says: "Volt"}, 295, nil},
		{"a link to no file", Target{Says: "Volt"}, 20, nil},
	} {
		d := sample(t, fonts)
		link := linkIn(d, c.target, c.y)
		if c.plant != nil {
			c.plant(link)
		}
		content := written(t, fonts, d)
		found := pdftest.Violations(content)
		if c.rule != "" && !strings.Contains(strings.Join(found, "\n"), c.rule) || c.rule == "" && len(found) > 0 {
			t.Errorf("want a complaint about %q, got %q", c.rule, found)
		}
		if c.rule != "" {
			continue
		}
		for _, one := range pdftest.Links(content) {
			if one.To != c.target.URI+c.target.File || one.Says != c.target.Says {
				t.Errorf("a link to %+v", one)
			}
		}
	}
	d := sample(t, fonts)
	link := linkIn(d, Target{URI: "https://volt.example", Says: "Volt"}, 20)
	d.Structure.Kids[1].Kids = nil
	link.parent = nil
	if _, err := Write(fonts, d); err == nil {
		t.Error("a link of no element was written")
	}
}
