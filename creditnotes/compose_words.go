package creditnotes

import (
	"cmp"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
)

// languageOf is the language of a recipient's documents: its own, that of the
// settings, English (domain.md §9.1).
func (c *composer) languageOf(recipient *entities.Entity) string {
	return c.run.Settings.languageOf(recipient, c.texts)
}

func (s *Settings) languageOf(recipient *entities.Entity, texts Texts) string {
	for _, language := range []string{recipient.Language, s.Language} {
		if texts.Supports(language) {
			return language
		}
	}
	return "en"
}

// termsOf are the payment terms of a recipient: its own, otherwise those of the
// settings.
func (s *Settings) termsOf(recipient *entities.Entity) PaymentTerms {
	if own := recipient.PaymentTerms; own != nil {
		return PaymentTerms(*own)
	}
	return s.PaymentTerms
}

// lastCurrency is that of an entity without one where the operator has none
// either.
const lastCurrency = "EUR"

// currencyOf is an entity's default currency, else the operator's, else euro.
func (c *composer) currencyOf(entity *entities.Entity) string { return c.plan.currencyOf(entity) }

func (p *Plan) currencyOf(entity *entities.Entity) string {
	for _, currency := range []string{entity.Currency, p.Network.Operator().Currency} {
		if currency != "" {
			return currency
		}
	}
	return lastCurrency
}

func digitsOf(currency string) (int, error) {
	digits, ok := money.Digits(currency)
	if !ok {
		return 0, fault.New(fault.Invalid, "currency_unknown", fault.Args{"currency": currency})
	}
	return digits, nil
}

// inLanguage picks a text by language, else the one that goes for every language
// (""). A document has no words of another language: where there is neither, the
// text is empty.
func inLanguage(texts map[string]string, language string) string {
	return cmp.Or(texts[language], texts[""])
}
