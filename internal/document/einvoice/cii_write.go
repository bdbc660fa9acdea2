package einvoice

import (
	"strings"

	"creditrun/entities"
)

// calendarDay is the format of dates in CII: 20261031.
const calendarDay = "102"

// valueAddedTax is the one tax an e-invoice knows.
const valueAddedTax = "VAT"

// cii writes the model in the syntax of CII.
func (inv *invoice) cii() *ciiDocument {
	d := &ciiDocument{
		RSM:     "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
		RAM:     "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
		UDT:     "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
		QDT:     "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
		Context: ciiContext{Process: ciiIDOf(inv.process), Guideline: ciiID{inv.profile.ID}},
		Document: ciiHeader{
			ID: inv.number, TypeCode: inv.typeCode, Issued: ciiDateOf(inv.issued),
		},
		Transaction: ciiTransaction{
			Agreement: ciiAgreement{
				BuyerReference: inv.buyerReference, Seller: inv.seller.cii(), Buyer: inv.buyer.cii(),
				Contract: ciiRefOf(inv.contract, ""),
			},
			Settlement: inv.ciiSettlement(),
		},
	}
	for _, note := range inv.notes {
		d.Document.Notes = append(d.Document.Notes, ciiNote{note.text, note.code})
	}
	for _, l := range inv.lines {
		d.Transaction.Lines = append(d.Transaction.Lines, l.cii())
	}
	d.Transaction.Delivery.On.At = ciiDateOf(inv.delivery.on)
	if inv.delivery.address != nil {
		d.Transaction.Delivery.ShipTo = &ciiShipTo{inv.delivery.address.cii()}
	}
	return d
}

func (l *line) cii() ciiLine {
	c := ciiLine{
		ID: l.id, Price: l.price, Quantity: ciiQuantity{l.unit, l.quantity},
		Product: ciiProduct{Station: l.station, Name: l.name, Description: l.description},
		Settlement: ciiLineSettlement{
			Tax:    ciiLineTax{valueAddedTax, string(l.tax.category), l.tax.lineRate},
			Period: l.period.cii(), Net: l.net,
		},
	}
	for _, a := range l.attributes {
		c.Product.Attributes = append(c.Product.Attributes, ciiAttribute{a.name, a.value})
	}
	return c
}

func (inv *invoice) ciiSettlement() ciiSettlement {
	s := ciiSettlement{
		Currency: inv.currency, Means: inv.payment.cii(), Period: inv.period.cii(),
		Terms: ciiTerms{inv.terms, ciiDateOf(inv.due)},
		Totals: ciiTotals{
			Lines: inv.totals.net, Net: inv.totals.net, Tax: ciiAmount{inv.currency, inv.totals.tax},
			Gross: inv.totals.gross, Due: inv.totals.gross,
		},
		Accounting: ciiIDOf(inv.accounting),
	}
	for _, t := range inv.taxes {
		s.Taxes = append(s.Taxes, ciiTax{
			Amount: t.amount, Type: valueAddedTax, Exemption: t.exemption, Base: t.base,
			Category: string(t.category), ExemptionCode: t.code, Rate: t.rate,
		})
	}
	if inv.preceding != nil {
		s.Preceding = ciiRefOf(inv.preceding.number, inv.preceding.issued)
	}
	return s
}

func (p *payment) cii() ciiMeans {
	m := ciiMeans{Code: p.code}
	if p.iban != "" {
		m.Account = &ciiAccount{p.iban, p.holder}
		if p.bic != "" {
			m.Bank = &ciiBank{p.bic}
		}
	}
	return m
}

func (p *party) cii() ciiParty {
	c := ciiParty{ID: p.id, Name: p.name, Address: p.address.cii()}
	if p.register != "" {
		c.Register = &ciiTaxID{ciiSchemed{p.registerScheme, p.register}}
	}
	if !p.contact.isZero() {
		c.Contact = &ciiContact{Name: p.contact.name, Email: ciiURIOf("", p.contact.email)}
		if p.contact.phone != "" {
			c.Contact.Phone = &ciiPhone{p.contact.phone}
		}
	}
	c.Endpoint = ciiURIOf(p.endpoint.scheme, p.endpoint.id)
	if p.vatID != "" {
		c.TaxIDs = append(c.TaxIDs, ciiTaxID{ciiSchemed{"VA", p.vatID}})
	}
	if p.taxID != "" {
		c.TaxIDs = append(c.TaxIDs, ciiTaxID{ciiSchemed{"FC", p.taxID}})
	}
	return c
}

func (a *address) cii() ciiAddress {
	return ciiAddress{Postcode: a.postcode, Street: a.street, City: a.city, Country: a.country}
}

func (p *period) cii() *ciiPeriod {
	if p == nil {
		return nil
	}
	return &ciiPeriod{ciiDateOf(p.from), ciiDateOf(p.to)}
}

func ciiDateOf(d entities.Date) ciiDate { return ciiDate{ciiDayOf(d)} }

func ciiDayOf(d entities.Date) ciiDay {
	return ciiDay{calendarDay, strings.ReplaceAll(string(d), "-", "")}
}

func ciiIDOf(id string) *ciiID {
	if id == "" {
		return nil
	}
	return &ciiID{id}
}

func ciiURIOf(scheme, id string) *ciiURI {
	if id == "" {
		return nil
	}
	return &ciiURI{ciiSchemed{scheme, id}}
}

// ciiRefOf refers to a document by its number and, where known, its date.
func ciiRefOf(id string, issued entities.Date) *ciiRef {
	if id == "" {
		return nil
	}
	r := &ciiRef{ID: id}
	if !issued.IsZero() {
		r.Issued = &ciiQualifiedDate{ciiDayOf(issued)}
	}
	return r
}
