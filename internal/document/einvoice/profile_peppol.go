package einvoice

import (
	"strings"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

// PeppolSelfBilling30 is Peppol BIS Self-Billing 3.0, in which the buyer writes the
// invoice of the seller: UBL Invoice 389 and CreditNote 261.
var PeppolSelfBilling30 = &Profile{
	Name: "peppol-selfbilling", Edition: "3.0", UBL: true,
	ID:         "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:selfbilling:3.0", // PEPPOL-EN16931-R004
	Process:    "urn:fdc:peppol.eu:2017:poacc:selfbilling:01:1.0",                                // PEPPOL-EN16931-R007
	types:      []string{selfBilledInvoice, selfBilledCreditNote},                                // PEPPOL-EN16931-P0100, -P0101
	parties:    (*composer).electronic,
	finish:     (*composer).oneNote,
	unsuitable: func(n *creditnotes.Note) bool { return n.OfFees() },
}

// PeppolBilling30 is Peppol BIS Billing 3.0, in which the seller writes: fee invoices
// and their cancellations.
var PeppolBilling30 = &Profile{
	Name: "peppol-billing", Edition: "3.0", UBL: true,
	ID:         "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0",
	Process:    "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0",
	types:      []string{feeInvoice, feeCreditNote},
	parties:    (*composer).electronic,
	finish:     (*composer).oneNote,
	unsuitable: func(n *creditnotes.Note) bool { return !n.OfFees() },
}

// electronic gives both sides the electronic address of a network, which an
// access point finds them by (PEPPOL-EN16931-R010, -R020).
func (c *composer) electronic(inv *invoice) {
	seller, buyer := c.sides()
	inv.seller.endpoint, inv.buyer.endpoint = endpointOf(seller), endpointOf(buyer)
	for _, p := range []*party{&inv.seller, &inv.buyer} {
		if p.endpoint.isZero() {
			c.lacks(fault.New(fault.NotReady, "einvoice_endpoint_missing", fault.Args{"party": p.name}))
		}
	}
}

// endpointOf is the electronic address of a party, none where it has none.
func endpointOf(p *creditnotes.Party) endpoint {
	scheme, id := p.ElectronicAddress.Split()
	return endpoint{clean(scheme), clean(id)}
}

// oneNote joins the notes, of which Peppol has one (PEPPOL-EN16931-R002).
func (c *composer) oneNote(inv *invoice) {
	var texts []string
	for _, n := range inv.notes {
		texts = append(texts, n.text)
	}
	if len(texts) > 0 {
		inv.notes = []note{{text: strings.Join(texts, "; ")}}
	}
}
