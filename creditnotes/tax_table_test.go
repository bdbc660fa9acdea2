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
	rows := []struct {
		name            string
		seller, buyer   string
		standing        categories
		sellers, buyer2 states
		want            creditnotes.TaxCategory
		agrees          categories
		reason          creditnotes.TaxReason
	}{
		{"Germany, both certified", "DE", "DE", withVAT, states{valid}, states{valid}, ae, nil, creditnotes.BothCertified},
		{"Germany, certificate of the operator ended", "DE", "DE", withVAT, all, states{ended}, s, categories{z}, creditnotes.OperatorEnded},
		{"Germany, operator without a certificate", "DE", "DE", withVAT, all, states{none, stated, later}, s, categories{z}, creditnotes.OperatorUncertified},
		{"Germany, certificate of the recipient ended", "DE", "DE", withVAT, states{ended}, states{valid}, s, categories{z}, creditnotes.SellerEnded},
		{"Germany, recipient without a certificate", "DE", "DE", withVAT, states{none, stated, later}, states{valid}, s, categories{z}, creditnotes.SellerUncertified},
		{"Germany, small business", "DE", "DE", categories{e}, all, all, e, nil, creditnotes.SmallBusiness},
		{"Austria, operator certified", "AT", "AT", withVAT, all, states{valid}, ae, nil, creditnotes.BuyerCertified},
		{"Austria, certificate of the operator ended", "AT", "AT", withVAT, all, states{ended}, s, categories{z}, creditnotes.OperatorEnded},
		{"Austria, operator without a certificate", "AT", "AT", withVAT, all, states{none, stated, later}, s, categories{z}, creditnotes.OperatorUncertified},
		{"Austria, small business", "AT", "AT", categories{e}, all, all, e, nil, creditnotes.SmallBusiness},
		{"within a country, not subject to VAT", "DE", "DE", categories{o, g}, all, all, "", nil, ""},
		{"within a country whose rule is not known", "FR", "FR", categories{s, z, e, ae, k, g, o}, all, all, "", nil, ""},
		{"between member states, operator certified", "AT", "DE", withVAT, all, states{valid}, ae, nil, creditnotes.SuppliedFromAbroad},
		{"between member states, certificate ended", "AT", "DE", withVAT, all, states{ended}, s, categories{z}, creditnotes.OperatorEnded},
		{"between member states, no certificate of the operator", "AT", "DE", withVAT, all, states{none, stated, later}, "", nil, ""},
		{"between member states, small business or not subject to VAT", "AT", "DE", categories{e, o, g}, all, all, "", nil, ""},
		{"from outside the EU, operator certified", "CH", "DE", categories{s, z, e, ae, k, g, o}, all, states{valid}, ae, categories{o, g}, creditnotes.SuppliedFromAbroad},
		{"from outside the EU, not certified", "CH", "DE", categories{s, z, e, ae, k, g, o}, all, notValid, "", nil, ""},
		{"to an operator outside the EU, certified", "DE", "CH", categories{s, z, e, ae, k, g, o}, all, states{valid}, o, categories{g}, creditnotes.SuppliedOutsideEU},
		{"to an operator outside the EU, not certified", "DE", "CH", categories{s, z, e, ae, k, g, o}, all, notValid, "", nil, ""},
		{"both outside the EU", "CH", "GB", categories{s, z, e, ae, k, g, o}, all, all, "", nil, ""},
		{"country of the recipient not known", "", "DE", categories{s}, all, all, "", nil, ""},
		{"country of the operator not known", "DE", "", categories{s}, all, all, "", nil, ""},
	}
	for _, row := range rows {
		for _, standing := range row.standing {
			for _, seller := range row.sellers {
				for _, buyer := range row.buyer2 {
					q := creditnotes.TaxCase{
						Seller: creditnotes.TaxParty{Country: row.seller, Reseller: seller}, Buyer: creditnotes.TaxParty{Country: row.buyer, Reseller: buyer},
						Standing: standing, Certificates: true,
					}
					got := creditnotes.ProposeTax(q)
					if got.Category != row.want || got.Reason != row.reason || !slices.Equal(got.Agrees, row.agrees) {
						t.Errorf("%s (%s, recipient %s, operator %s): %+v", row.name, standing, seller, buyer, got)
					}
					if q.Certificates = false; creditnotes.ProposeTax(q).Category != "" {
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
	if list := config.ProposedTaxes(hotel, &entities.Entity{Key: "volt", Country: "DE"}, "2026-11-01", "2026-11-30"); len(list) > 0 {
		t.Errorf("without certificates: %+v", list)
	}
	if found := config.TaxDifferences(hotel, operator, "2026-11-01", "2026-11-30"); len(found) != 2 ||
		found[0].Key != "tax_proposal_recipient_uncertified" || found[0].Args["date"] != "2026-11-15" || found[0].Args["account"] != "rc" ||
		found[1].Key != "tax_proposal_operator_ended" || found[1].Args["date"] != "2026-11-25" || found[1].Args["until"] != "2026-11-24" {
		t.Errorf("%v", found)
	}
	hotel.Reseller = []entities.ResellerPeriod{{From: "2026-11-10", Until: "2028-12-31", Certificate: "1 TH 2"}}
	var days []entities.Date
	for _, p := range config.ProposedTaxes(hotel, operator, "2026-11-01", "2026-11-30") {
		if p.Differs() != (p.From == "2026-11-10" || p.From == "2026-11-25") {
			t.Errorf("%+v", p)
		}
		days = append(days, p.From)
	}
	if !slices.Equal(days, []entities.Date{"2026-11-01", "2026-11-10", "2026-11-15", "2026-11-25"}) {
		t.Errorf("%v", days)
	}
}
