package document

import (
	"creditrun/creditnotes"
	"creditrun/internal/document/einvoice"
	"creditrun/locales"
)

// einvoices says how the invoices for machines are written, by kind of file: in
// which syntax, and by which profile.
var einvoices = map[creditnotes.FileKind]struct {
	write   func(*creditnotes.Note, *einvoice.Profile, einvoice.Texts) ([]byte, error)
	profile string
}{
	creditnotes.FileCII:          {einvoice.CII, "en16931"},
	creditnotes.FileUBL:          {einvoice.UBL, "en16931"},
	creditnotes.FileXRechnung:    {einvoice.UBL, "xrechnung"},
	creditnotes.FileXRechnungCII: {einvoice.CII, "xrechnung"},
}

// writers are the electronic invoices of a note, each with a second opinion: in
// the edition of its profile that documents of its day are written in.
func writers(texts *locales.Catalog, profiles *einvoice.Catalog) invoices {
	list := invoices{}
	for kind, one := range einvoices {
		list[kind] = func(n *creditnotes.Note) ([]byte, error) {
			profile := profiles.On(one.profile, n.Date)
			if profile == nil || !profile.Suits(n) {
				return nil, nil
			}
			content, err := one.write(n, profile, texts)
			if err != nil {
				return nil, err
			}
			if err := einvoice.Check(content); err != nil {
				return nil, doubtful{err}
			}
			return content, nil
		}
	}
	return list
}

// doubtful is an invoice that the second opinion does not take.
type doubtful struct{ error }
