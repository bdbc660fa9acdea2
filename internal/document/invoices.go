package document

import (
	"creditrun/creditnotes"
	"creditrun/internal/document/einvoice"
	"creditrun/locales"
)

// writers are the electronic invoices of a note, each with a second opinion.
func writers(texts *locales.Catalog) invoices {
	profiles := map[creditnotes.FileKind]struct {
		write   func(*creditnotes.Note, einvoice.Profile, einvoice.Texts) ([]byte, error)
		profile einvoice.Profile
	}{
		creditnotes.FileCII:          {einvoice.CII, einvoice.EN16931},
		creditnotes.FileUBL:          {einvoice.UBL, einvoice.EN16931},
		creditnotes.FileXRechnung:    {einvoice.UBL, einvoice.XRechnung30},
		creditnotes.FileXRechnungCII: {einvoice.CII, einvoice.XRechnung30},
	}
	list := invoices{}
	for kind, one := range profiles {
		list[kind] = func(n *creditnotes.Note, g *einvoice.Guard) ([]byte, error) {
			content, err := one.write(n, one.profile, texts)
			if err != nil {
				return nil, err
			}
			if err := g.Check(content); err != nil {
				return nil, doubtful{err}
			}
			return content, nil
		}
	}
	return list
}

// doubtful is an invoice that the second opinion does not take.
type doubtful struct{ error }
