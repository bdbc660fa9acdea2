package document

import (
	"bytes"
	"testing"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
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
