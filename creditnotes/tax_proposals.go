package creditnotes

import (
	"cmp"
	"slices"

	"creditrun/entities"
	"creditrun/internal/fault"
)

// ProposedTax is what the decision table proposes for the credit notes of an
// entity from a day of supply on, beside what its tax says.
type ProposedTax struct {
	TaxProposal
	From    entities.Date
	Account *TaxAccount   // that applies; nil: there is none
	Ended   entities.Date // when the certificate ended, where that is the reason
}

// Differs reports whether the tax of the entity is another one than proposed.
func (p *ProposedTax) Differs() bool { return p.Account != nil && !p.Accepts(p.Account.Category) }

// warning is the readiness warning of a difference.
func (p *ProposedTax) warning(e *entities.Entity) *fault.Fault {
	return fault.New(fault.NotReady, string(p.Reason), fault.Args{
		"recipient": e.Key, "date": string(p.From), "account": p.Account.Key, "category": string(p.Account.Category), "until": string(p.Ended),
	})
}

// ProposedTaxes lists what the decision table proposes for an entity as the
// recipient of credit notes, from one day of supply to another, both included: an
// element for the first day and for each day on which something else is
// proposed or applies. It is empty where the table proposes nothing.
func (c *Configuration) ProposedTaxes(e, operator *entities.Entity, stated Statements, first, last entities.Date) (list []ProposedTax) {
	if operator == nil || e.Key == operator.Key || !operator.HasCertificate() && !e.HasCertificate() && len(stated[e.Key]) == 0 {
		return nil
	}
	before := ProposedTax{}
	for _, day := range taxDays(e, operator, stated, first, last) {
		one := c.proposedTax(e, operator, stated, day)
		if one.Reason != "" && (one.Reason != before.Reason || one.Account != before.Account || one.Ended != before.Ended) {
			list = append(list, one)
		}
		before = one
	}
	return list
}

// taxDays are the days from first to last on which the tax, a certificate or a
// statement may change, first among them.
func taxDays(e, operator *entities.Entity, stated Statements, first, last entities.Date) []entities.Date {
	days := []entities.Date{first}
	add := func(day entities.Date) {
		if first.Before(day) && !last.Before(day) {
			days = append(days, day)
		}
	}
	for _, t := range e.Taxes {
		add(t.From)
	}
	for _, p := range slices.Concat(e.Reseller, operator.Reseller) {
		add(p.From)
		if !p.Until.IsZero() {
			add(p.Until.AddDays(1))
		}
	}
	for _, d := range stated[e.Key] {
		add(d.ValidFrom)
		if !d.ValidUntil.IsZero() {
			add(d.ValidUntil.AddDays(1))
		}
	}
	slices.Sort(days)
	return slices.Compact(days)
}

// proposedTax asks the decision table for a day of supply.
func (c *Configuration) proposedTax(e, operator *entities.Entity, stated Statements, day entities.Date) ProposedTax {
	p := ProposedTax{From: day, Account: c.taxAccountOn(e, day)}
	q := TaxCase{Seller: TaxParty{Country: e.Country}, Buyer: TaxParty{Country: operator.Country}, SmallBusiness: stated.validOn(e.Key, day)}
	q.Certificates = operator.HasCertificate() || e.HasCertificate()
	var sold, bought entities.Date
	q.Seller.Reseller, sold = e.ResellerOn(day)
	q.Buyer.Reseller, bought = operator.ResellerOn(day)
	if p.Account != nil {
		q.Standing = p.Account.Category
	}
	p.TaxProposal = ProposeTax(q)
	switch p.Reason {
	case SellerEnded:
		p.Ended = sold
	case OperatorEnded:
		p.Ended = bought
	}
	return p
}

// taxAccountOn is the tax account of an entity on a day: its own, or that of the
// settings; nil: there is none of that key.
func (c *Configuration) taxAccountOn(e *entities.Entity, day entities.Date) *TaxAccount {
	return c.taxAccount(cmp.Or(e.TaxOn(day), c.Settings.TaxAccount))
}

// TaxDifferences warns of each day of supply from which the tax of an entity is
// another one than the decision table proposes, with the reason.
func (c *Configuration) TaxDifferences(e, operator *entities.Entity, stated Statements, first, last entities.Date) (found []*fault.Fault) {
	for _, p := range c.ProposedTaxes(e, operator, stated, first, last) {
		if p.Differs() {
			found = append(found, p.warning(e))
		}
	}
	return found
}
