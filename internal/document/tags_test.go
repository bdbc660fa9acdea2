package document

import (
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/money"
	"creditrun/internal/pdf/pdftest"
)

// conforms finds what a document does against PDF/A-3b and PDF/UA-1.
func conforms(t *testing.T, content []byte) {
	t.Helper()
	for _, complaint := range pdftest.Violations(content) {
		t.Error(complaint)
	}
}

func TestDocumentsAreReadInTheirOrder(t *testing.T) {
	r := newRenderer(t)
	note := shortNote()
	note.Logo = pngLogo(t)
	report := sampleReport("en", 2, 2)
	for name, make := range map[string]func() ([]byte, error){
		"note":   func() ([]byte, error) { return r.PDF(note) },
		"fees":   func() ([]byte, error) { return r.PDF(feeInvoice()) },
		"report": func() ([]byte, error) { return r.ReportPDF(report, sampleRows()) },
	} {
		content, err := make()
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "read-"+name+".txt", []byte(pdftest.Structure(t, content)))
	}
}

// What is repeated on every page is for the eye: the foot, the number of the page,
// and the head of a table that goes on.
func TestWhatIsRepeatedIsReadOnce(t *testing.T) {
	r := newRenderer(t)
	content, err := r.PDF(longNote(100))
	if err != nil {
		t.Fatal(err)
	}
	conforms(t, content)
	head, err := r.texts.Text("de", "column_station", nil)
	if err != nil {
		t.Fatal(err)
	}
	shown := 0
	for _, p := range pdftest.Read(t, content) {
		if p.Text == head {
			shown++
		}
		if p.Y > 270 && !p.Decoration || p.Page > 1 && p.Y < 17 && !p.Decoration {
			t.Errorf("page %d: %q is read aloud", p.Page, p.Text)
		}
	}
	read := pdftest.Structure(t, content)
	if shown < 3 || strings.Count(read, "TH "+head+"\n") != 1 || strings.Count(read, "H1 ") != 1 {
		t.Errorf("the head is on %d pages, and what is read is\n%s", shown, read)
	}
}

func TestRemittanceAdvicesAreReadInEveryLanguage(t *testing.T) {
	r := newRenderer(t)
	for i, language := range r.texts.Languages() {
		note := in(language, shortNote())
		note.Kind, note.Number, note.Language = "remittance", "P-2026-00001", language
		note.Document.Recipient.Name = hotels[i%len(hotels)]
		advice := &creditnotes.Remittance{Payout: "P-2026-00001", Amount: 123456, ExecutedOn: "2026-11-14", Account: "6789"}
		for k, kind := range []creditnotes.MovementKind{creditnotes.MovedCreditNote, creditnotes.MovedInvoice} {
			advice.Items = append(advice.Items, creditnotes.PaidDocument{Kind: kind, Reference: hotels[(i+k)%len(hotels)], Date: "2026-10-31", Amount: money.Amount(130000 - 136544*k)})
		}
		content, err := r.RemittancePDF(note, advice)
		if err != nil {
			t.Fatal(err)
		}
		conforms(t, content)
		look(t, "remittance-"+language, content)
	}
}
