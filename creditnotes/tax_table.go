package creditnotes

import (
	"slices"
	"strings"

	"creditrun/entities"
)

// TaxParty is one side of a supply of electricity on the day of supply.
type TaxParty struct {
	Country  string // ISO 3166-1 alpha-2; empty: not known
	Reseller entities.ResellerState
}

// TaxCase is what the decision table goes by. The seller is the recipient of the
// credit note, the buyer the operator.
type TaxCase struct {
	Seller, Buyer TaxParty
	// Standing is the category of the tax account that the seller has on the day: E
	// says that it is a small business, O and G that its supplies are not subject
	// to VAT.
	Standing TaxCategory
	// SmallBusiness says that a statement of the seller that it is a small business is
	// stored and valid on the day.
	SmallBusiness bool
	// Certificates says that one of the two ever had a certificate as a reseller.
	// Without any, and without a statement, nothing is proposed.
	Certificates bool
}

// TaxProposal is what the decision table says. The zero value proposes nothing.
type TaxProposal struct {
	Category TaxCategory   // what is proposed
	Agrees   []TaxCategory // other categories that are no difference
	Reason   TaxReason
}

// TaxReason names the row of the decision table that applies: the key of the fault
// and of the message that say it.
type TaxReason string

// The reasons.
const (
	BothCertified       TaxReason = "tax_proposal_both_certified"        // § 13b (2) no. 5 b and (5) sentence 4 UStG
	BuyerCertified      TaxReason = "tax_proposal_buyer_certified"       // § 19 (1d) UStG 1994, § 2 no. 2 UStBBKV (BGBl. II No. 369/2013)
	SuppliedFromAbroad  TaxReason = "tax_proposal_supplied_from_abroad"  // Articles 38 and 195 of Directive 2006/112/EC
	SuppliedOutsideEU   TaxReason = "tax_proposal_supplied_outside_eu"   // Article 38: the operator is not in the EU
	OperatorUncertified TaxReason = "tax_proposal_operator_uncertified"  // there is no certificate of the operator on the day
	OperatorEnded       TaxReason = "tax_proposal_operator_ended"        // it has ended
	SellerUncertified   TaxReason = "tax_proposal_recipient_uncertified" // there is none of the recipient on the day
	SellerEnded         TaxReason = "tax_proposal_recipient_ended"       // it has ended
	SmallBusiness       TaxReason = "tax_proposal_small_business"        // whose supplies are exempt, so that no tax passes over
	SmallBusinessStated TaxReason = "tax_proposal_small_business_stated" // as a stored statement says
)

// domesticRule says when the buyer of electricity owes the tax on a supply within
// a country.
type domesticRule int

const (
	noRule       domesticRule = iota // none that this table knows
	bothResell                       // seller and buyer are resellers
	buyerResells                     // the buyer is a reseller
)

// domesticRules are the countries whose rule the table knows. Others leave it to
// the tax of the entity.
var domesticRules = map[string]domesticRule{"AT": buyerResells, "DE": bothResell}

// membersOfEU are the countries in which Directive 2006/112/EC applies. Greece is
// GR here, as in addresses.
const membersOfEU = " AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK "

func inEU(country string) bool {
	return len(country) == 2 && strings.Contains(membersOfEU, " "+country+" ")
}

// ProposeTax is the decision table for supplies of electricity to the operator
// (decision 0140). It is a proposal: the dated tax of the recipient decides.
func ProposeTax(c TaxCase) TaxProposal {
	switch seller, buyer := c.Seller.Country, c.Buyer.Country; {
	case !c.Certificates && !c.SmallBusiness || seller == "" || buyer == "":
		return TaxProposal{}
	case seller == buyer:
		return c.domestic()
	case inEU(seller) && inEU(buyer):
		return c.withinEU()
	case inEU(buyer) && c.Buyer.Reseller == entities.ResellerCertified:
		return TaxProposal{ReverseCharge, []TaxCategory{OutsideScope, ExportOutsideEU}, SuppliedFromAbroad}
	case inEU(seller) && c.Buyer.Reseller == entities.ResellerCertified:
		return TaxProposal{OutsideScope, []TaxCategory{ExportOutsideEU}, SuppliedOutsideEU}
	}
	return TaxProposal{}
}

// domestic is the part of the table for supplies within a country.
func (c TaxCase) domestic() TaxProposal {
	rule := domesticRules[c.Seller.Country]
	switch {
	case rule == noRule, c.Standing == OutsideScope, c.Standing == ExportOutsideEU:
		return TaxProposal{}
	case c.SmallBusiness:
		return TaxProposal{Category: Exempt, Reason: SmallBusinessStated}
	case c.Standing == Exempt:
		return TaxProposal{Category: Exempt, Reason: SmallBusiness}
	case c.Buyer.Reseller != entities.ResellerCertified:
		return taxed(c.Buyer.Reseller, OperatorUncertified, OperatorEnded)
	case rule == buyerResells:
		return TaxProposal{Category: ReverseCharge, Reason: BuyerCertified}
	case c.Seller.Reseller != entities.ResellerCertified:
		return taxed(c.Seller.Reseller, SellerUncertified, SellerEnded)
	}
	return TaxProposal{Category: ReverseCharge, Reason: BothCertified}
}

// withinEU is the part of the table for supplies from one member state into
// another. A small business may have registered for its exemption abroad (Article
// 284), which the table cannot know.
func (c TaxCase) withinEU() TaxProposal {
	switch {
	case c.Standing == Exempt, c.Standing == OutsideScope, c.Standing == ExportOutsideEU:
		return TaxProposal{}
	case c.Buyer.Reseller == entities.ResellerCertified:
		return TaxProposal{Category: ReverseCharge, Reason: SuppliedFromAbroad}
	case c.Buyer.Reseller == entities.ResellerEnded:
		return taxed(c.Buyer.Reseller, OperatorUncertified, OperatorEnded)
	}
	return TaxProposal{}
}

// taxed is the proposal that the seller owes the tax, since a certificate is
// missing or has ended.
func taxed(state entities.ResellerState, missing, ended TaxReason) TaxProposal {
	p := TaxProposal{Category: StandardRate, Agrees: []TaxCategory{ZeroRate}, Reason: missing}
	if state == entities.ResellerEnded {
		p.Reason = ended
	}
	return p
}

// Accepts reports whether a tax account of a category is no difference to the
// proposal.
func (p TaxProposal) Accepts(category TaxCategory) bool {
	return p.Category == "" || p.Category == category || slices.Contains(p.Agrees, category)
}
