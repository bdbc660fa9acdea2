package creditnotes

import (
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
)

// languageOf is the language of a recipient's documents: its own, that of the
// settings, English (domain.md §9.1).
func (c *composer) languageOf(recipient *entities.Entity) string {
	for _, language := range []string{recipient.Language, c.run.Settings.Language} {
		if c.texts.Supports(language) {
			return language
		}
	}
	return "en"
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

// inLanguage picks a text by language, else English, else the fallback.
func inLanguage(texts map[string]string, language, fallback string) string {
	for _, key := range []string{language, "en"} {
		if text := texts[key]; text != "" {
			return text
		}
	}
	return fallback
}
