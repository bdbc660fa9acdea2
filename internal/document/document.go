// Package document makes what is printed and sent of one credit note: the
// PDF/A-3 document, with the invoice for machines and the session file inside.
// It prints the frozen snapshot of a note and computes nothing that is money;
// it reads no database, no clock and no files.
package document

import (
	"fmt"
	"strings"

	"creditrun/creditnotes"
	"creditrun/locales"
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
// it. The same note always gives the same bytes. A language without messages,
// and a character that the fonts do not have, are errors: nothing is printed
// as a box.
func (r *Renderer) PDF(n *creditnotes.Note) ([]byte, error) {
	content, err := r.document(r.newLetter(n), nil, nil)
	if err != nil {
		return nil, fmt.Errorf("PDF of note %s: %w", nameOf(n), err)
	}
	return content, nil
}

// endings follow the number in the names of files.
var endings = map[creditnotes.FileKind]string{
	creditnotes.FilePDF:          ".pdf",
	creditnotes.FileCSV:          ".csv",
	creditnotes.FileCII:          "-factur-x.xml",
	creditnotes.FileUBL:          "-ubl.xml",
	creditnotes.FileXRechnung:    "-xrechnung.xml",
	creditnotes.FileXRechnungCII: "-xrechnung-cii.xml",
}

// FileName names the file of a note after its number, with everything that
// some file system refuses turned into a hyphen: GS-2026-00001.pdf.
func FileName(n *creditnotes.Note, kind creditnotes.FileKind) string {
	safe := strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f || strings.ContainsRune(`/\:*?"<>| `, c) {
			return '-'
		}
		return c
	}, nameOf(n))
	safe = strings.Trim(safe, "-. ")
	if safe == "" {
		safe = "note"
	}
	return safe + endings[kind]
}

// nameOf is the number of a note, or what a draft is called instead.
func nameOf(n *creditnotes.Note) string {
	if n.Number == "" {
		return "draft-" + n.Recipient
	}
	return n.Number
}
