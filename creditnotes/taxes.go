package creditnotes

import (
	"creditrun/entities"
	"creditrun/internal/money"
)

// TaxAccount is a tax rate with its category, ledger account and mention
// (domain.md §7.1).
type TaxAccount struct {
	Key             string
	Name            map[string]string // by language
	Category        TaxCategory
	Country         string
	LedgerAccount   string
	ExemptionCode   string            // VATEX code
	ExemptionReason map[string]string // by language
	Rates           []TaxRate         // sorted by From
}

// TaxRate is the percentage from a day on, in the operator's zone.
type TaxRate struct {
	From    entities.Date `json:"from"`
	Percent money.Percent `json:"percent"`
}

// TaxCategory is a VAT category of UNCL5305.
type TaxCategory string

// The VAT categories.
const (
	StandardRate    TaxCategory = "S"
	ZeroRate        TaxCategory = "Z"
	Exempt          TaxCategory = "E"
	ReverseCharge   TaxCategory = "AE"
	IntraCommunity  TaxCategory = "K"
	ExportOutsideEU TaxCategory = "G"
	OutsideScope    TaxCategory = "O"
)

// RateOn returns the percentage in force on a day; false when none is.
func (a *TaxAccount) RateOn(day entities.Date) (money.Percent, bool) {
	var rate money.Percent
	found := false
	for _, r := range a.Rates {
		if day.Before(r.From) {
			break
		}
		rate, found = r.Percent, true
	}
	return rate, found
}

// TaxTotal is the tax of one category on a credit note: computed on the sum of
// its positions and rounded once (domain.md §6.4).
type TaxTotal struct {
	Account       string        `json:"account"` // key of the tax account
	LedgerAccount string        `json:"ledger_account,omitempty"`
	Name          string        `json:"name"` // in the language of the note
	Category      TaxCategory   `json:"category"`
	Rate          money.Percent `json:"rate"`
	Base          money.Amount  `json:"base"`
	Tax           money.Amount  `json:"tax"`
	ExemptionCode string        `json:"exemption_code,omitempty"`
	Exemption     string        `json:"exemption,omitempty"` // reason in the language of the note
}
