package creditnotes

import (
	"creditrun/entities"
	"creditrun/internal/fault"
)

// ProposedTaxJSON is what the decision table proposes from a day of supply on, beside
// the tax of the entity, as programs read it.
type ProposedTaxJSON struct {
	From             entities.Date `json:"from" format:"date" doc:"the day of supply from which this is so"`
	Category         TaxCategory   `json:"category" enum:"S,Z,E,AE,K,G,O" doc:"what is proposed (UNCL5305)"`
	Agrees           []TaxCategory `json:"agrees,omitempty" nullable:"false" doc:"other categories that are no difference"`
	Reason           TaxReason     `json:"reason" enum:"tax_proposal_both_certified,tax_proposal_buyer_certified,tax_proposal_supplied_from_abroad,tax_proposal_supplied_outside_eu,tax_proposal_operator_uncertified,tax_proposal_operator_ended,tax_proposal_recipient_uncertified,tax_proposal_recipient_ended,tax_proposal_small_business,tax_proposal_small_business_stated" doc:"the row of the decision table"`
	CertificateEnded entities.Date `json:"certificate_ended,omitempty" format:"date" doc:"where that is the reason"`
	Account          string        `json:"account,omitempty" doc:"key of the tax account that the entity has on these days"`
	AccountCategory  TaxCategory   `json:"account_category,omitempty" doc:"of that account"`
	Differs          bool          `json:"differs" doc:"the tax of the entity is another one than proposed; it decides all the same"`
	Warning          string        `json:"warning,omitempty" doc:"the difference and its reason, as readiness says it"`
}

// JSON is the proposal for an entity as programs read it, with the difference in words.
func (p *ProposedTax) JSON(e *entities.Entity, words func(*fault.Fault) string) ProposedTaxJSON {
	out := ProposedTaxJSON{From: p.From, Category: p.Category, Agrees: p.Agrees, Reason: p.Reason, CertificateEnded: p.Ended, Differs: p.Differs()}
	if p.Account != nil {
		out.Account, out.AccountCategory = p.Account.Key, p.Account.Category
	}
	if out.Differs {
		out.Warning = words(p.warning(e))
	}
	return out
}
