package einvoice

import (
	"cmp"

	"creditrun/internal/fault"
)

// XRechnung30 is the German CIUS 3.0, which asks for more master data.
var XRechnung30 = &Profile{
	Name: "xrechnung", Edition: "3.0", CII: true, UBL: true,
	ID:        "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0",
	Process:   "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0", // PEPPOL-EN16931-R001
	addresses: true,                                          // BR-DE-3, -4, -8, -9
	zeroRate:  true,                                          // BR-48 spares it, BR-DE-14 does not
	parties:   (*composer).reachable,
}

// reachable gives the seller the contact that XRechnung demands (BR-DE-2,
// BR-DE-5 to BR-DE-7, PEPPOL-EN16931-R020): where that of the seller of a credit
// note is not known, that of the operator, who wrote the document and answers
// for it.
func (c *composer) reachable(inv *invoice) {
	seller, buyer := &inv.seller, &inv.buyer
	if !c.note.OfFees() {
		seller.contact.phone = cmp.Or(seller.contact.phone, buyer.contact.phone)
		seller.contact.email = cmp.Or(seller.contact.email, buyer.contact.email)
		if seller.endpoint.isZero() {
			seller.endpoint = buyer.endpoint
		}
	}
	if seller.contact.phone == "" || seller.contact.email == "" {
		c.lacks(fault.New(fault.NotReady, "einvoice_contact_missing", fault.Args{"party": seller.name}))
	}
	if buyer.endpoint.isZero() { // PEPPOL-EN16931-R010
		c.lacks(fault.New(fault.NotReady, "einvoice_contact_missing", fault.Args{"party": buyer.name}))
	}
}
