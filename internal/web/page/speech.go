package page

import (
	"slices"

	"creditrun/locales"
)

// speech says what pages say. The portal is in every language of the documents;
// the pages that only the operator has are in those of Catalog.PageLanguages.
// Where a visitor of another language meets one of their messages, for which
// more rights than those of a Sub-CPO are needed, it is in English.
type speech struct {
	*locales.Catalog
	// foreign is called for messages that are said in English for want of others;
	// nil: nothing does.
	foreign func(lang, key string)
}

// Text is the message in a language, or in English where a page that is not in
// that language says it.
func (s speech) Text(lang, key string, args map[string]any) (string, error) {
	text, err := s.Catalog.Text(lang, key, args)
	if err == nil || slices.Contains(s.PageLanguages(), locales.Words(lang)) {
		return text, err
	}
	english, failed := s.Catalog.Text(locales.English, key, args)
	if failed != nil {
		return text, err
	}
	if s.foreign != nil {
		s.foreign(locales.Words(lang), key)
	}
	return english, nil
}

// In is Text in one language.
func (s speech) In(lang string) func(key string, args map[string]any) (string, error) {
	return func(key string, args map[string]any) (string, error) { return s.Text(lang, key, args) }
}

// OfferedLanguages are those that a visitor may have the pages in: those of all pages,
// or those of the portal for Sub-CPOs and for anyone who has not logged in.
func (v *Visit) OfferedLanguages() []string {
	if v.Who != nil && v.Who.Operator {
		return v.texts.PageLanguages()
	}
	return v.texts.Languages()
}
