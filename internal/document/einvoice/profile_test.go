package einvoice

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"creditrun/creditnotes"
)

// edition4 is an edition that begins with 2027, as that of EN 16931:2026 will.
var edition4 = &Profile{
	Name: "xrechnung", Edition: "4.0", From: "2027-01-01", CII: true, UBL: true,
	ID: "urn:cen.eu:en16931:2026#compliant#urn:xeinkauf.de:kosit:xrechnung_4.0", Process: XRechnung30.Process,
	addresses: true, zeroRate: true, parties: (*composer).reachable,
	finish: func(_ *composer, inv *invoice) { inv.contract = "" },
}

func TestASecondEditionStandsBesideTheFirst(t *testing.T) {
	catalog, err := NewCatalog(append(standard(t).Profiles(), edition4)...)
	if err != nil {
		t.Fatal(err)
	}
	write := func(n *creditnotes.Note) []byte {
		return must(t)(UBL(n, catalog.On("xrechnung", n.Date), texts(t)))
	}
	golden, err := os.ReadFile("testdata/xrechnung-3.0/S.ubl.xml")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(golden, write(shortNote())) {
		t.Error("the new edition changed a document of the time before it")
	}
	later := shortNote()
	later.Date = "2027-01-01"
	content := string(write(later))
	if !strings.Contains(content, edition4.ID) || strings.Contains(content, "SBA-17") {
		t.Errorf("a document of the first day is not of the new edition:\n%s", content)
	}
}

func TestEditionsHaveOneStartAndOneName(t *testing.T) {
	for name, second := range map[string]*Profile{
		"the same edition": {Name: "xrechnung", Edition: "3.0", From: "2027-01-01"},
		"the same start":   {Name: "xrechnung", Edition: "4.0"},
	} {
		if _, err := NewCatalog(XRechnung30, second); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	catalog, err := NewCatalog(edition4)
	if err != nil {
		t.Fatal(err)
	}
	if catalog.On("xrechnung", "2026-12-31") != nil || catalog.On("zugferd", "2027-12-31") != nil {
		t.Error("an edition before it begins, or of a name there is not")
	}
}

func TestEveryProfileHasGoldenFiles(t *testing.T) {
	for _, p := range standard(t).Profiles() {
		if len(strings.Fields(kept[folder(p)])) < 4 {
			t.Errorf("%s has few or no golden files", p)
		}
	}
}

func TestRuleSetsAreThoseOfTheProfilesOfThisRelease(t *testing.T) {
	names := map[string]bool{}
	for _, p := range standard(t).Profiles() {
		if names[p.String()] = true; len(p.RuleSets()) == 0 {
			t.Errorf("%s was tested with nothing", p)
		}
	}
	for name := range ruleSets {
		if !names[name] {
			t.Errorf("rule sets of %s, which is no profile", name)
		}
	}
	module, err := os.ReadFile("../../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(module), "github.com/"+CheckName+" "+CheckVersion) {
		t.Errorf("the check is not %s %s", CheckName, CheckVersion)
	}
}
