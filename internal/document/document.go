// Package document makes what is printed and sent of one credit note: the
// PDF/A-3 document, with the invoice for machines and the session file inside.
// It prints the frozen snapshot of a note and computes nothing that is money;
// it reads no database, no clock and no files.
package document

import (
	"fmt"

	"creditrun/creditnotes"
	"creditrun/locales"
	"creditrun/numbering"
)

// Renderer makes the files of credit notes. It is safe for concurrent use.
type Renderer struct {
	texts    *locales.Catalog
	fonts    typeface
	invoices invoices
	logos    logos
	// Missing, if set, hears of each invoice that a note is without, and why.
	Missing func(n *creditnotes.Note, kind creditnotes.FileKind, why error)
}

// New prepares a renderer with the words of a catalogue and the embedded
// fonts.
func New(texts *locales.Catalog) (*Renderer, error) {
	fonts, err := loadTypeface()
	if err != nil {
		return nil, fmt.Errorf("fonts: %w", err)
	}
	return &Renderer{texts: texts, fonts: fonts, invoices: writers(texts)}, nil
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
