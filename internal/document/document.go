// Package document makes what is printed and sent of one credit note: the
// PDF/A-3 document, with the invoice for machines and the session file inside.
// It prints the frozen snapshot of a note and computes nothing that is money;
// it reads no database, no clock and no files.
package document

import (
	"fmt"

	"creditrun/creditnotes"
	"creditrun/internal/document/einvoice"
	"creditrun/internal/pdf"
	"creditrun/locales"
	"creditrun/numbering"
)

// Renderer makes the files of credit notes. It is safe for concurrent use.
type Renderer struct {
	texts    *locales.Catalog
	face     *pdf.Typeface
	invoices invoices
	logos    logos
	// Missing, if set, is called for each invoice that a note is without.
	Missing func(n *creditnotes.Note, kind creditnotes.FileKind, why error)
}

// New prepares a renderer with the words of a catalog and the embedded
// fonts.
func New(texts *locales.Catalog) (*Renderer, error) {
	face, err := pdf.NewTypeface()
	if err != nil {
		return nil, fmt.Errorf("fonts: %w", err)
	}
	profiles, err := einvoice.Standard()
	if err != nil {
		return nil, fmt.Errorf("e-invoices: %w", err)
	}
	return &Renderer{texts: texts, face: face, invoices: writers(texts, profiles)}, nil
}

// AddFont adds a font that an installation names for scripts that the embedded
// fonts lack: the content of a font file, of which the font with the index is
// taken where it is a collection. What it refuses and in which order fonts are
// asked is said at pdf.Typeface.Add. None may be added once something is
// rendered.
func (r *Renderer) AddFont(content []byte, index int) error { return r.face.Add(content, index) }

// Replaced reports the characters of a text that are not printed as they are
// written, each once. White space, and signs that only say how others are set,
// are not among them.
func (r *Renderer) Replaced(text string) []creditnotes.Replacement {
	var list []creditnotes.Replacement
	for _, one := range r.face.Replaced(text) {
		list = append(list, creditnotes.Replacement(one))
	}
	return list
}

// PDF renders a note or a cancellation from the note alone, without files in
// it. The same note always gives the same bytes. A language without messages is
// an error; no text is one, whatever characters it has.
func (r *Renderer) PDF(n *creditnotes.Note) ([]byte, error) {
	content, err := r.document(r.newLetter(n), nil, nil)
	if err != nil {
		return nil, fmt.Errorf("PDF of note %s: %w", nameOf(n), err)
	}
	return content, nil
}

// FileName names the file of a note after its number: GS-2026-00001.pdf.
func FileName(n *creditnotes.Note, kind creditnotes.FileKind) string {
	return kind.FileName(numbering.FileName(nameOf(n)))
}

// nameOf is the number of a note, or what a draft is called instead.
func nameOf(n *creditnotes.Note) string {
	if n.Number == "" {
		return "draft-" + n.Recipient
	}
	return n.Number
}
