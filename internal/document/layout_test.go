package document

import (
	"strings"
	"testing"

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
