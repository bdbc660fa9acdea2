package document

import (
	"creditrun/creditnotes"
	"creditrun/internal/document/einvoice"
	"creditrun/locales"
)

// writers are the electronic invoices of a note.
func writers(texts *locales.Catalog) invoices {
	return invoices{
		creditnotes.FileCII: func(n *creditnotes.Note) ([]byte, error) {
			return einvoice.CII(n, einvoice.EN16931, texts)
		},
		creditnotes.FileUBL: func(n *creditnotes.Note) ([]byte, error) {
			return einvoice.UBL(n, einvoice.EN16931, texts)
		},
		creditnotes.FileXRechnung: func(n *creditnotes.Note) ([]byte, error) {
			return einvoice.UBL(n, einvoice.XRechnung30, texts)
		},
		creditnotes.FileXRechnungCII: func(n *creditnotes.Note) ([]byte, error) {
			return einvoice.CII(n, einvoice.XRechnung30, texts)
		},
	}
}
