package creditnotes

import (
	"slices"

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
	DATEVKey        string            // tax key of DATEV; 0: booked without one; empty: none is known
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

// TaxTotal is one tax on a credit note: that of an account at a rate, computed
// on the sum of its positions and rounded once (domain.md §6.4).
type TaxTotal struct {
	Slot          int           `json:"slot,omitempty"` // by which positions and lines of the note name it
	Account       string        `json:"account"`        // key of the tax account
	LedgerAccount string        `json:"ledger_account,omitempty"`
	Name          string        `json:"name"` // in the language of the note; empty: the account has none in it
	Category      TaxCategory   `json:"category"`
	Rate          money.Percent `json:"rate"`
	Base          money.Amount  `json:"base"`
	Tax           money.Amount  `json:"tax"`
	ExemptionCode string        `json:"exemption_code,omitempty"`
	Exemption     string        `json:"exemption,omitempty"` // reason in the language of the note
}

// Label names the tax by its category and rate: "S 19".
func (t *TaxTotal) Label() string { return string(t.Category) + " " + t.Rate.String() }

// TaxOf returns the tax that a position is part of; nil only for a position
// that is not of this note.
func (n *Note) TaxOf(p *Position) *TaxTotal { return n.taxIn(p.Tax) }

// SlotOf is the slot of the tax of a note that has the same account, category
// and rate as another one.
func (n *Note) SlotOf(t *TaxTotal) int {
	for i := range n.Taxes {
		if compareTaxes(&n.Taxes[i], t) == 0 {
			return n.Taxes[i].Slot
		}
	}
	return t.Slot
}

// TaxLabel names the tax of a position of the note: "S 19".
func (n *Note) TaxLabel(p Position) string {
	if t := n.TaxOf(&p); t != nil {
		return t.Label()
	}
	return ""
}

// SortTaxes puts the taxes into the order in which they are printed.
func (n *Note) SortTaxes() {
	slices.SortFunc(n.Taxes, func(a, b TaxTotal) int { return compareTaxes(&a, &b) })
}

func (n *Note) taxIn(slot int) *TaxTotal {
	for i := range n.Taxes {
		if n.Taxes[i].Slot == slot {
			return &n.Taxes[i]
		}
	}
	return nil
}
