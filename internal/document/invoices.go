package document

import (
	"creditrun/creditnotes"
	"creditrun/internal/document/einvoice"
	"creditrun/locales"
)

// einvoices says how the invoices for machines are written, by kind of file: in
// which syntax, and by which profile.
var einvoices = map[creditnotes.FileKind]struct {
	write    func(*creditnotes.Note, *einvoice.Profile, einvoice.Texts) ([]byte, error)
	profiles []string // the first that suits the note is taken
}{
	creditnotes.FileCII:          {einvoice.CII, []string{"en16931"}},
	creditnotes.FileUBL:          {einvoice.UBL, []string{"en16931"}},
	creditnotes.FileXRechnung:    {einvoice.UBL, []string{"xrechnung"}},
	creditnotes.FileXRechnungCII: {einvoice.CII, []string{"xrechnung"}},
	creditnotes.FilePeppol:       {einvoice.UBL, []string{"peppol-selfbilling", "peppol-billing"}},
	creditnotes.FileFrance:       {einvoice.CII, []string{"france"}},
}

// written is an e-invoice that has passed its check.
type written struct {
	content []byte
	profile *einvoice.Profile
}

// writers are the electronic invoices of a note, each with a second opinion: in
// the edition of its profile that documents of its day are written in.
func writers(texts *locales.Catalog, profiles *einvoice.Catalog) invoices {
	list := invoices{}
	for kind, one := range einvoices {
		list[kind] = func(n *creditnotes.Note, g *einvoice.Guard) (*written, error) {
			profile := profileOf(profiles, one.profiles, n)
			if profile == nil {
				return nil, nil
			}
			content, err := one.write(n, profile, texts)
			if err != nil {
				return nil, err
			}
			if err := g.Check(content); err != nil {
				return nil, doubtful{err}
			}
			return &written{content, profile}, nil
		}
	}
	return list
}

// profileOf is the edition of the first of some profiles that suits a note; nil
// where none does.
func profileOf(profiles *einvoice.Catalog, names []string, n *creditnotes.Note) *einvoice.Profile {
	for _, name := range names {
		if p := profiles.On(name, n.Date); p != nil && p.Suits(n) {
			return p
		}
	}
	return nil
}

// doubtful is an invoice that the second opinion does not take.
type doubtful struct{ error }
