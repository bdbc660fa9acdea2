package creditnotes_test

import (
	"slices"
	"testing"

	"creditrun/creditnotes"
	"creditrun/entities"
)

// TestTheDecisionTable goes through every row of the table in decision 0140, and
// every combination of what a row does not look at.
func TestTheDecisionTable(t *testing.T) {
	const (
		valid, ended, none, stated, later = entities.ResellerCertified, entities.ResellerEnded, entities.ResellerNone, entities.ResellerStated, entities.ResellerLater
		s, z, e, ae, k, g, o              = creditnotes.StandardRate, creditnotes.ZeroRate, creditnotes.Exempt, creditnotes.ReverseCharge, creditnotes.IntraCommunity, creditnotes.ExportOutsideEU, creditnotes.OutsideScope
	)
	type states = []entities.ResellerState
	type categories = []creditnotes.TaxCategory
	all := states{valid, ended, none, stated, later}
	notValid := states{ended, none, stated, later}
	withVAT := categories{s, z, ae, k, ""}
	type row struct {
		name            string
		seller, buyer   string
		standing        categories
		sellers, buyer2 states
		want            creditnotes.TaxCategory
		agrees          categories
		reason          creditnotes.TaxReason
		stated          bool // a statement of the recipient is valid
	}
	rows := []row{
		{"Germany, both certified", "DE", "DE", withVAT, states{valid}, states{valid}, ae, nil, creditnotes.BothCertified, false},
		{"Germany, certificate of the operator ended", "DE", "DE", withVAT, all, states{ended}, s, categories{z}, creditnotes.OperatorEnded, false},
		{"Germany, operator without a certificate", "DE", "DE", withVAT, all, states{none, stated, later}, s, categories{z}, creditnotes.OperatorUncertified, false},
		{"Germany, certificate of the recipient ended", "DE", "DE", withVAT, states{ended}, states{valid}, s, categories{z}, creditnotes.SellerEnded, false},
		{"Germany, recipient without a certificate", "DE", "DE", withVAT, states{none, stated, later}, states{valid}, s, categories{z}, creditnotes.SellerUncertified, false},
		{"Germany, small business", "DE", "DE", categories{e}, all, all, e, nil, creditnotes.SmallBusiness, false},
		{"Austria, operator certified", "AT", "AT", withVAT, all, states{valid}, ae, nil, creditnotes.BuyerCertified, false},
		{"Austria, certificate of the operator ended", "AT", "AT", withVAT, all, states{ended}, s, categories{z}, creditnotes.OperatorEnded, false},
		{"Austria, operator without a certificate", "AT", "AT", withVAT, all, states{none, stated, later}, s, categories{z}, creditnotes.OperatorUncertified, false},
		{"Austria, small business", "AT", "AT", categories{e}, all, all, e, nil, creditnotes.SmallBusiness, false},
		{"within a country, not subject to VAT", "DE", "DE", categories{o, g}, all, all, "", nil, "", false},
		{"within a country whose rule is not known", "FR", "FR", categories{s, z, e, ae, k, g, o}, all, all, "", nil, "", false},
		{"between member states, operator certified", "AT", "DE", withVAT, all, states{valid}, ae, nil, creditnotes.SuppliedFromAbroad, false},
		{"between member states, certificate ended", "AT", "DE", withVAT, all, states{ended}, s, categories{z}, creditnotes.OperatorEnded, false},
		{"between member states, no certificate of the operator", "AT", "DE", withVAT, all, states{none, stated, later}, "", nil, "", false},
		{"between member states, small business or not subject to VAT", "AT", "DE", categories{e, o, g}, all, all, "", nil, "", false},
		{"from outside the EU, operator certified", "CH", "DE", categories{s, z, e, ae, k, g, o}, all, states{valid}, ae, categories{o, g}, creditnotes.SuppliedFromAbroad, false},
		{"from outside the EU, not certified", "CH", "DE", categories{s, z, e, ae, k, g, o}, all, notValid, "", nil, "", false},
		{"to an operator outside the EU, certified", "DE", "CH", categories{s, z, e, ae, k, g, o}, all, states{valid}, o, categories{g}, creditnotes.SuppliedOutsideEU, false},
		{"to an operator outside the EU, not certified", "DE", "CH", categories{s, z, e, ae, k, g, o}, all, notValid, "", nil, "", false},
		{"both outside the EU", "CH", "GB", categories{s, z, e, ae, k, g, o}, all, all, "", nil, "", false},
		{"country of the recipient not known", "", "DE", categories{s}, all, all, "", nil, "", false},
		{"country of the operator not known", "DE", "", categories{s}, all, all, "", nil, "", false},
	}
	for _, country := range []string{"DE", "AT"} {
		rows = append(rows, row{"statement of a small business", country, country, append(slices.Clone(withVAT), e), all, all, e, nil, creditnotes.SmallBusinessStated, true},
			row{"statement, but not subject to VAT", country, country, categories{o, g}, all, all, "", nil, "", true})
	}
	rows = append(rows, row{"statement within a country whose rule is not known", "FR", "FR", withVAT, all, all, "", nil, "", true},
		row{"statement between member states, operator certified", "AT", "DE", withVAT, all, states{valid}, ae, nil, creditnotes.SuppliedFromAbroad, true},
		row{"statement from outside the EU, not certified", "CH", "DE", withVAT, all, notValid, "", nil, "", true})
	for _, row := range rows {
		for _, standing := range row.standing {
			for _, seller := range row.sellers {
				for _, buyer := range row.buyer2 {
					q := creditnotes.TaxCase{
						Seller: creditnotes.TaxParty{Country: row.seller, Reseller: seller}, Buyer: creditnotes.TaxParty{Country: row.buyer, Reseller: buyer},
						Standing: standing, Certificates: true, SmallBusiness: row.stated,
					}
					got := creditnotes.ProposeTax(q)
					if got.Category != row.want || got.Reason != row.reason || !slices.Equal(got.Agrees, row.agrees) {
						t.Errorf("%s (%s, recipient %s, operator %s): %+v", row.name, standing, seller, buyer, got)
					}
					if q.Certificates = false; !row.stated && creditnotes.ProposeTax(q).Category != "" {
						t.Errorf("%s: proposed without any certificate", row.name)
					}
				}
			}
		}
	}
}

// TestTaxIsProposedByTheDayOfSupply follows a recipient whose certificate begins
// and whose tax changes within the days that are looked at.
func TestTaxIsProposedByTheDayOfSupply(t *testing.T) {
	config := &creditnotes.Configuration{
		Settings:    creditnotes.Settings{TaxAccount: "standard"},
		TaxAccounts: []creditnotes.TaxAccount{{Key: "standard", Category: creditnotes.StandardRate}, {Key: "rc", Category: creditnotes.ReverseCharge}},
	}
	operator := &entities.Entity{Key: "volt", Country: "DE", Reseller: []entities.ResellerPeriod{{From: "2025-01-01", Until: "2026-11-24", Certificate: "1 TH 1"}}}
	hotel := &entities.Entity{Key: "hotel", Parent: "volt", Country: "DE", Taxes: []entities.TaxTreatment{{From: "2026-11-15", Account: "rc"}}}
	if list := config.ProposedTaxes(hotel, &entities.Entity{Key: "volt", Country: "DE"}, nil, "2026-11-01", "2026-11-30"); len(list) > 0 {
		t.Errorf("without certificates: %+v", list)
	}
	if found := config.TaxDifferences(hotel, operator, nil, "2026-11-01", "2026-11-30"); len(found) != 2 ||
		found[0].Key != "tax_proposal_recipient_uncertified" || found[0].Args["date"] != "2026-11-15" || found[0].Args["account"] != "rc" ||
		found[1].Key != "tax_proposal_operator_ended" || found[1].Args["date"] != "2026-11-25" || found[1].Args["until"] != "2026-11-24" {
		t.Errorf("%v", found)
	}
	hotel.Reseller = []entities.ResellerPeriod{{From: "2026-11-10", Until: "2028-12-31", Certificate: "1 TH 2"}}
	var days []entities.Date
	for _, p := range config.ProposedTaxes(hotel, operator, nil, "2026-11-01", "2026-11-30") {
		if p.Differs() != (p.From == "2026-11-10" || p.From == "2026-11-25") {
			t.Errorf("%+v", p)
		}
		days = append(days, p.From)
	}
	if !slices.Equal(days, []entities.Date{"2026-11-01", "2026-11-10", "2026-11-15", "2026-11-25"}) {
		t.Errorf("%v", days)
	}
}
