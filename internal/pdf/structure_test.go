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
