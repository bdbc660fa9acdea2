package document

import (
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/internal/pdf/pdftest"
)

// noDetails yields no sessions.
func noDetails() iter.Seq2[creditnotes.Detail, error] {
	return func(func(creditnotes.Detail, error) bool) {}
}

// placesOf says what is printed where.
func placesOf(list []pdftest.Printed) (places []string) {
	for _, m := range list {
		places = append(places, fmt.Sprintf("%d %.1f %.1f %s", m.Page, m.X, m.Y, m.Text))
	}
	return places
}

func TestADraftIsTheDocumentToComeWithAMarkOnEveryPage(t *testing.T) {
	r := newRenderer(t)
	for _, language := range r.texts.Languages() {
		n := in(language, longNote(60))
		n.Number, n.State, n.IssuedAt = "", creditnotes.Draft, time.Time{}
		n.Document.SessionDetail = "none"
		draft, err := r.Draft(n, noDetails())
		if err != nil {
			t.Fatal(language, err)
		}
		plain, err := r.PDF(n)
		if err != nil {
			t.Fatal(language, err)
		}
		word, err := r.texts.Text(language, "title_draft", nil)
		if err != nil {
			t.Fatal(err)
		}
		notice, err := r.texts.Text(language, "draft_notice", nil)
		if err != nil {
			t.Fatal(err)
		}
		marked, pages := pdftest.Read(t, draft), pdftest.Pages(t, plain)
		if pdftest.Pages(t, draft) != pages || pages < 2 {
			t.Errorf("%s: %d pages, %d without the mark", language, pdftest.Pages(t, draft), pages)
		}
		for page := range pages {
			for _, text := range []string{word, notice} {
				if !slices.ContainsFunc(marked, func(m pdftest.Printed) bool { return m.Page == page+1 && m.Text == text }) {
					t.Errorf("%s: page %d does not say %q", language, page+1, text)
				}
			}
		}
		rest := slices.DeleteFunc(marked, func(m pdftest.Printed) bool { return m.Text == notice || m.Size > 40 })
		if diff := cmp.Diff(placesOf(pdftest.Read(t, plain)), placesOf(rest)); diff != "" {
			t.Errorf("%s: the rest is not where it will be: %s", language, diff)
		}
		if list := pdftest.Violations(draft); len(list) > 0 {
			t.Errorf("%s: %v", language, list)
		}
	}
}

func TestWhatHasANumberIsNoDraft(t *testing.T) {
	r := newRenderer(t)
	if _, err := r.Draft(shortNote(), noDetails()); err == nil {
		t.Error("a document with a number is printed as a draft")
	}
}
