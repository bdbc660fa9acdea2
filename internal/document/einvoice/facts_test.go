package einvoice

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// strictFirst sorts the files of a sample as they are checked.
func strictFirst(files map[string][]byte) (names []string) {
	for name := range files {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(b, a) })
	return names
}

// Every element that is written is known in both syntaxes, and both say the same.
// French invoices have elements of their own and are always read in full.
func TestBothSyntaxesSayTheSame(t *testing.T) {
	words := texts(t)
	for name, s := range samples() {
		files := s.write(t, name, words)
		for _, file := range strictFirst(files) {
			says, known := factsOf(files[file])
			if !known {
				if !strings.HasPrefix(file, "france-") {
					t.Errorf("%s: something in it is not known", file)
				}
				continue
			}
			other := strings.Replace(file, ".ubl.", ".cii.", 1)
			same, _ := factsOf(files[other])
			if diff := cmp.Diff(says, same, cmp.AllowUnexported(facts{}, fact{})); files[other] != nil && diff != "" {
				t.Errorf("%s and %s: %s", file, other, diff)
			}
		}
	}
}

// The files of a note are read once, that of Peppol self-billing among them unless it
// has other notes.
func TestTheGuardReadsANoteOnce(t *testing.T) {
	words := texts(t)
	for name, most := range map[string]int{"S": 1, "S-positions": 1, "AE": 2, "fees": 2, "O": 3} {
		files := samples()[name].write(t, name, words)
		maps.DeleteFunc(files, func(file string, _ []byte) bool {
			return strings.HasPrefix(file, "france-")
		})
		g := &Guard{}
		for _, file := range strictFirst(files) {
			if err := g.Check(files[file]); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
		if len(files) < 4 || g.read > most {
			t.Errorf("%s: %d of %d files were read, want %d", name, g.read, len(files), most)
		}
	}
}

// A fault that only one of the files has is found in it, whichever passed before.
func TestTheGuardFindsWhatOnlyOneFileHas(t *testing.T) {
	words := texts(t)
	files := samples()["S"].write(t, "S", words)
	names := strictFirst(files)
	for _, c := range []struct{ old, planted string }{
		{"GrandTotalAmount>20.04", "GrandTotalAmount>20.05"},
		{`PayableAmount currencyID="EUR">20.04`, `PayableAmount currencyID="EUR">20.05`},
		{`TaxInclusiveAmount currencyID="EUR">20.04`, `TaxInclusiveAmount currencyID="EUR">20.40`},
		{"<ram:CategoryCode>S</ram:CategoryCode>", "<ram:CategoryCode>Z</ram:CategoryCode>"},
	} {
		planted := 0
		for last := range names {
			bad := bytes.Replace(files[names[last]], []byte(c.old), []byte(c.planted), 1)
			if bytes.Equal(bad, files[names[last]]) {
				continue
			}
			planted++
			g := &Guard{}
			for i, name := range names {
				if i != last && g.Check(files[name]) != nil {
					t.Fatalf("%s does not pass", name)
				}
			}
			if g.Check(bad) == nil {
				t.Errorf("%s in %s is not found", c.planted, names[last])
			}
		}
		if planted == 0 {
			t.Errorf("%s is in no file", c.old)
		}
	}
}

// What the reader of facts does not know is left to the other implementation.
func TestUnknownElementsAreNotPassedOver(t *testing.T) {
	words := texts(t)
	content := samples()["S"].write(t, "S", words)
	for _, c := range []struct{ old, planted string }{
		{"<ram:BuyerReference>", "<ram:BuyerRef>"},
		{`unitCode="C62"`, `unit="C62"`},
		{`currencyID="EUR"`, `currencyID="USD"`},
		{`format="102"`, `format="610"`},
		{`schemeID="VA"`, `schemeID="XX"`},
	} {
		for name, file := range content {
			g := &Guard{}
			if err := g.Check(file); err != nil {
				t.Fatal(err)
			}
			bad := bytes.Replace(file, []byte(c.old), []byte(c.planted), 1)
			if bytes.Equal(bad, file) {
				continue
			}
			if _ = g.Check(bad); g.read != 2 {
				t.Errorf("%s: %s was not read", name, c.planted)
			}
		}
	}
}
