package document

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"

	"creditrun/internal/pdf/pdftest"
)

// A reader that was written by others must understand the documents, too. It is
// asked in its relaxed mode: the strict one refuses the associated files of
// PDF/A-3, which came with PDF 2.0.
func TestAnotherReaderTakesTheDocuments(t *testing.T) {
	api.DisableConfigDir()
	r := newRenderer(t)
	for name, note := range archived(t) {
		t.Run(name, func(t *testing.T) {
			files, err := r.Files(note, manyDetails(70))
			if err != nil {
				t.Fatal(err)
			}
			reader := bytes.NewReader(pdfOf(t, files))
			conf := model.NewDefaultConfiguration()
			conf.ValidationMode = model.ValidationRelaxed
			if err := api.Validate(reader, conf); err != nil {
				t.Error(err)
			}
			inside, err := api.Attachments(reader, conf)
			if err != nil {
				t.Fatal(err)
			}
			if want := len(r.newLetter(note).attachments(files)); len(inside) != want {
				t.Errorf("%d files inside, want %d", len(inside), want)
			}
		})
	}
}

// No page is begun for the last lines alone: the letter is set closer, or the
// payment goes over with them.
func TestTheLastPageIsNotAlmostEmpty(t *testing.T) {
	r := newRenderer(t)
	tight, over := 0, 0
	for n := 1; n < 40; n++ {
		l := r.newLetter(longNote(n))
		pages, err := l.compose(nil)
		if err != nil {
			t.Fatal(err)
		}
		if l.almostEmpty() {
			t.Errorf("%d positions: the last of %d pages ends at %.0f mm", n, len(pages), l.y)
		}
		switch l.how {
		case closer:
			tight++
		case paymentLast:
			over++
		}
	}
	if tight == 0 || over == 0 {
		t.Errorf("%d letters set closer, %d with the payment on the last page", tight, over)
	}
}

// A long document has an outline: what it is made of, and the stations of its
// annex. A short one has none.
func TestLongDocumentsHaveAnOutline(t *testing.T) {
	r := newRenderer(t)
	note := consolidatedNote()
	note.Document.SessionDetail = detailPDF
	long, err := r.Files(note, manyDetails(3))
	if err != nil {
		t.Fatal(err)
	}
	short, err := r.Files(shortNote(), manyDetails(3))
	if err != nil {
		t.Fatal(err)
	}
	content := pdfOf(t, long)
	for _, complaint := range pdftest.Violations(content) {
		t.Error(complaint)
	}
	if !bytes.Contains(content, []byte("/PageMode /UseOutlines")) || bytes.Contains(pdfOf(t, short), []byte("/Outlines")) {
		t.Error("the outline is not where it should be")
	}
	l := r.newLetter(note)
	sessions := r.newAnnex(note)
	d := oneDetail()
	if err := sessions.add(&d, time.UTC, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := l.compose(sessions); err != nil {
		t.Fatal(err)
	}
	page := 0
	var titles []string
	for _, h := range l.outline() {
		if h.Page < page {
			t.Errorf("%q goes back to page %d", h.Title, h.Page)
		}
		page = h.Page
		titles = append(titles, h.Title)
	}
	want := []string{"Test 12 Betriebsgesellschaft", "Korrekturen zu August\u00a02026", "Nachzügler aus September\u00a02026", "Oktober\u00a02026",
		"Test XY", "Oktober\u00a02026", "Übertrag", "Zahlung", "Hinweise", "Ladevorgänge", "ST-1"}
	if !slices.Equal(titles, want) {
		t.Errorf("%q", titles)
	}
}
