package document

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/internal/pdf/pdftest"
	"creditrun/numbering"
)

// laidOut gives a note a layout with long texts.
func laidOut(n *creditnotes.Note) *creditnotes.Note {
	n.Document.Layout = &creditnotes.PrintedLayout{
		Key:    "winter",
		Header: "Voltnetz – Laden in Hamburg\n" + strings.TrimSpace(strings.Repeat("Kopf ", 48)),
		Footer: "Geschäftsführung: Ada Beispiel\n" + strings.TrimSpace(strings.Repeat("Fuß ", 60)),
		Intro:  "Guten Tag,\n\nvielen Dank für die gute Zusammenarbeit im Winter.",
	}
	return n
}

func TestDocumentsHaveTheTextsOfTheirLayout(t *testing.T) {
	r := newRenderer(t)
	cancelled := laidOut(shortNote())
	cancelled.Kind, cancelled.Document.CancelsNumber = numbering.Cancellation, "GS-1"
	for name, note := range map[string]*creditnotes.Note{"note": laidOut(longNote(60)), "fees": laidOut(feeInvoice()), "cancelled": cancelled} {
		content, err := r.PDF(note)
		if err != nil {
			t.Fatal(err)
		}
		conforms(t, content)
		checkLayout(t, r, content)
		read := pdftest.Structure(t, content)
		for text, want := range map[string]int{"Laden in Hamburg": 1, "Ada Beispiel": 1, "im Winter.": 1} {
			if text == "im Winter." && name == "cancelled" {
				want = 0
			}
			if got := strings.Count(read, text); got != want {
				t.Errorf("%s: %q is read %d times, want %d", name, text, got, want)
			}
		}
		shown := 0
		for _, p := range pdftest.Read(t, content) {
			if strings.Contains(p.Text, "Ada Beispiel") {
				shown++
			}
		}
		if pages := pdftest.Pages(t, content); shown != pages {
			t.Errorf("%s: the footer is on %d of %d pages", name, shown, pages)
		}
		look(t, "layout-"+name, content)
	}
}

// What a document names can be followed: addresses, and the documents that it is about.
func TestAddressesAndOtherDocumentsAreLinks(t *testing.T) {
	r := newRenderer(t)
	note := shortNote()
	note.Document.Issuer.Email = "office@voltnetz.example"
	note.Document.Layout = &creditnotes.PrintedLayout{
		Key:    "winter",
		Header: "Fragen? Hilfe steht auf https://voltnetz.example/hilfe/" + strings.Repeat("gutschriften/", 9) + "oktober?seite=2.",
		Footer: "www.voltnetz.example, service@voltnetz.example",
		Intro:  "Lesen Sie (https://voltnetz.example/größe) auf www.größe.example oder xwww.voltnetz.example.",
	}
	long := "https://voltnetz.example/hilfe/" + strings.Repeat("gutschriften/", 9) + "oktober?seite=2"
	links := func(name string, n *creditnotes.Note) map[string]int {
		content, err := r.PDF(n)
		if err != nil {
			t.Fatal(err)
		}
		conforms(t, content)
		look(t, "links-"+name, content)
		golden(t, "links-"+name+".txt", transcript(t, content))
		found := map[string]int{}
		for _, one := range pdftest.Links(content) {
			found[one.To+" "+one.Says]++
		}
		golden(t, "read-links-"+name+".txt", []byte(pdftest.Structure(t, content)))
		return found
	}
	want := map[string]int{
		long + " " + long: 2, "mailto:office@voltnetz.example office@voltnetz.example": 2, "https://www.voltnetz.example www.voltnetz.example": 1,
		"mailto:service@voltnetz.example service@voltnetz.example": 1, "https://voltnetz.example/gr%C3%B6%C3%9Fe https://voltnetz.example/größe": 1,
	}
	if diff := cmp.Diff(want, links("note", note)); diff != "" {
		t.Error(diff)
	}
	note.Kind, note.Document.Layout, note.Document.CancelsNumber = numbering.Cancellation, nil, "GS/2026-7"
	want = map[string]int{
		"mailto:office@voltnetz.example office@voltnetz.example":      1,
		numbering.FileName("GS/2026-7") + ".pdf Gutschrift GS/2026-7": 2,
	}
	if diff := cmp.Diff(want, links("cancellation", note)); diff != "" {
		t.Error(diff)
	}
}

func TestRemittanceAdvicesLeadToWhatTheyPay(t *testing.T) {
	r := newRenderer(t)
	note := shortNote()
	note.Kind, note.Number = "remittance", "P-2026-00001"
	advice := &creditnotes.Remittance{Payout: "P-2026-00001", Amount: 100, ExecutedOn: "2026-11-14", Account: "6789", Items: []creditnotes.PaidDocument{
		{Kind: creditnotes.MovedCreditNote, Reference: "GS-2026-1", Date: "2026-10-31", Amount: 150},
		{Kind: creditnotes.MovedInvoice, Reference: "GS-2026-11", Date: "2026-10-31", Amount: -60},
		{Kind: creditnotes.MovedPayment, Reference: "GS-2026-1 of May", Date: "2026-10-31", Amount: 10},
	}}
	content, err := r.RemittancePDF(note, advice)
	if err != nil {
		t.Fatal(err)
	}
	conforms(t, content)
	var files []string
	for _, one := range pdftest.Links(content) {
		if !strings.HasPrefix(one.To, "mailto:") {
			files = append(files, one.To)
		}
	}
	if got := strings.Join(files, " "); got != "GS-2026-1.pdf GS-2026-11.pdf" {
		t.Errorf("links to %s", got)
	}
}
