// Package einvoice writes a credit note or fee invoice as an electronic invoice: the European
// standard EN 16931 in its two syntaxes, UN/CEFACT CII (which is also the
// factur-x.xml inside a PDF) and OASIS UBL 2.1, each also as XRechnung 3.0. It
// writes the frozen note and nothing else: it computes no money, reads no
// clock and no files, and the same note always gives the same bytes. It does
// not read e-invoices; Check looks over what was written.
//
// The terms BT-1 … and BG-1 … in the comments are those of EN 16931-1, the
// rules BR-… those of its validation artefacts. The seller of a credit note is
// its recipient and the buyer the operator (domain.md §7.4); of a fee invoice it
// is the other way round (settlement.md §5).
package einvoice

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"sync"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
)

// Texts gives the words of an e-invoice in the language of its note.
// locales.Catalog has them.
type Texts interface {
	Text(language, key string, args map[string]any) (string, error)
	Month(language string, m entities.Month) string
}

// CII writes a numbered note in the syntax of UN/CEFACT CII D16B, its elements
// in the order of the Factur-X schema. A fault tells which master data the
// profile wants and the note does not have, or that the standard cannot carry
// the note's figures; such a note has no e-invoice of this profile.
func CII(n *creditnotes.Note, p *Profile, texts Texts) ([]byte, error) {
	inv, err := invoiceOf(n, p, texts)
	if err != nil {
		return nil, fmt.Errorf("CII of note %s: %w", n.Number, err)
	}
	return encode(inv.cii())
}

// UBL writes a numbered note in the syntax of OASIS UBL 2.1: an Invoice, or a
// CreditNote where the type says so (261, 381). Faults are as those of CII.
func UBL(n *creditnotes.Note, p *Profile, texts Texts) ([]byte, error) {
	inv, err := invoiceOf(n, p, texts)
	if err != nil {
		return nil, fmt.Errorf("UBL of note %s: %w", n.Number, err)
	}
	return encode(inv.ubl())
}

// Try reports what would keep every e-invoice of a numbered note from being
// written for a reason that is not the note's: a message that a language lacks.
func Try(n *creditnotes.Note, texts Texts) error {
	_, err := invoiceOf(n, EN16931, texts)
	var lacks *fault.Fault
	if err == nil || errors.As(err, &lacks) {
		return nil // it is issued without an e-invoice
	}
	return fmt.Errorf("e-invoice: %w", err)
}

// buffers are those in which documents are written, to be used again.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func encode(document any) ([]byte, error) {
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	b.WriteString(xml.Header)
	e := xml.NewEncoder(b)
	e.Indent("", "  ")
	if err := e.Encode(document); err != nil {
		return nil, err
	}
	b.WriteByte('\n')
	return bytes.Clone(b.Bytes()), nil
}
