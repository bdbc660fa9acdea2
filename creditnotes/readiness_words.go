package creditnotes

import (
	"slices"
	"time"

	"creditrun/entities"
	"creditrun/internal/fault"
)

// words warns of what documents of a recipient leave out because it is not there
// in their language: names of tax accounts and payment terms.
func (o *Readiness) words(s *Settings, texts Texts, recipient *entities.Entity, list treatments, from, until time.Time) {
	language := s.languageOf(recipient, texts)
	for _, span := range list.within(from, until) {
		if account := span.account; account != nil && inLanguage(account.Name, language) == "" {
			o.warnOnce(fault.New(fault.NotReady, "tax_name_untranslated", fault.Args{"account": account.Key, "language": language}))
		}
	}
	terms := s.termsOf(recipient)
	switch {
	case len(terms.Text) == 0 || inLanguage(terms.Text, language) != "":
	case recipient.PaymentTerms != nil:
		o.warnOnce(fault.New(fault.NotReady, "payment_terms_untranslated_own", fault.Args{"recipient": recipient.Key, "language": language}))
	default:
		o.warnOnce(fault.New(fault.NotReady, "payment_terms_untranslated", fault.Args{"language": language}))
	}
}

// warnOnce adds a warning unless the same one is there already.
func (o *Readiness) warnOnce(f *fault.Fault) {
	if !slices.ContainsFunc(o.Findings, func(known Finding) bool { return known.Fault.Error() == f.Error() }) {
		o.add(Warns, f)
	}
}
