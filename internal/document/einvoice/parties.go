package einvoice

import (
	"cmp"
	"regexp"
	"strings"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
)

// party is the seller or the buyer. An empty value is not written.
type party struct {
	id             string   // BT-29: the buyer's key for the seller; the buyer has none
	name           string   // BT-27, BT-44
	register       string   // BT-30, BT-47
	registerScheme string   // BT-30-1, BT-47-1; empty: none
	vatID          string   // BT-31, BT-48
	taxID          string   // BT-32; the buyer has no such term
	endpoint       endpoint // BT-34, BT-49
	address        address
	contact        contact
}

// endpoint is an electronic address: an id of a scheme of the code list EAS.
type endpoint struct{ scheme, id string }

func (e endpoint) isZero() bool { return e.id == "" }

// mailScheme says that an electronic address is one of e-mail (CEF EAS).
const mailScheme = "EM"

// address is BG-5, BG-8 or BG-15.
type address struct {
	street, city, postcode, country string
}

// contact is BG-6 or BG-9; none when phone and e-mail are empty.
type contact struct {
	name, phone, email string
}

func (c contact) isZero() bool { return c.phone == "" && c.email == "" }

// parties fills in seller and buyer and finds what the profile misses of them.
func (c *composer) parties(inv *invoice) {
	seller, buyer := c.sides()
	inv.seller, inv.buyer = partyOf(seller), partyOf(buyer)
	inv.buyer.id, inv.buyer.taxID = "", ""
	if c.note.OfFees() {
		inv.seller.id = "" // the buyer gave it none
	}
	if c.profile.parties != nil {
		c.profile.parties(c, inv)
	}
	for _, p := range []*party{&inv.seller, &inv.buyer} {
		if p.address.country == "" { // BR-09, BR-11
			c.lacks(fault.New(fault.NotReady, "einvoice_country_missing", fault.Args{"party": p.name}))
		}
		if c.profile.addresses && (p.address.city == "" || p.address.postcode == "") {
			c.lacks(fault.New(fault.NotReady, "einvoice_address_missing", fault.Args{"party": p.name}))
		}
	}
	c.taxIDs(inv)
}

// taxIDs checks that both sides have the tax ids their categories ask for, and
// removes the VAT ids where nothing is subject to VAT (BR-O-02).
func (c *composer) taxIDs(inv *invoice) {
	seller, buyer := &inv.seller, &inv.buyer
	sellerLacks, buyerLacks := false, false
	for _, t := range inv.taxes {
		switch t.category {
		case creditnotes.OutsideScope:
			seller.vatID, buyer.vatID = "", ""
		case creditnotes.IntraCommunity: // BR-IC-02
			sellerLacks = sellerLacks || seller.vatID == ""
			buyerLacks = buyerLacks || buyer.vatID == ""
		case creditnotes.ExportOutsideEU: // BR-G-02
			sellerLacks = sellerLacks || seller.vatID == ""
		case creditnotes.ReverseCharge: // BR-AE-02
			sellerLacks = sellerLacks || seller.vatID == "" && seller.taxID == ""
			buyerLacks = buyerLacks || buyer.vatID == "" && buyer.register == ""
		default: // BR-S-02, BR-Z-02, BR-E-02, BR-DE-16
			sellerLacks = sellerLacks || seller.vatID == "" && seller.taxID == ""
		}
	}
	if sellerLacks {
		c.lacks(fault.New(fault.NotReady, "einvoice_tax_id_missing", fault.Args{"party": seller.name}))
	}
	if buyerLacks {
		c.lacks(fault.New(fault.NotReady, "einvoice_tax_id_missing", fault.Args{"party": buyer.name}))
	}
}

// delivery says when the supply was complete, and where to for the categories
// that must tell: an intra-Community supply (BR-IC-11, BR-IC-12, BR-57) and, for
// the customs, an export. The buyer sells the energy on, so it is supplied to
// the buyer.
func (c *composer) delivery(inv *invoice) delivery {
	d := delivery{on: c.note.PeriodTo}
	if d.on.IsZero() {
		d.on = c.note.Date
	}
	for _, t := range inv.taxes {
		if t.category == creditnotes.IntraCommunity || t.category == creditnotes.ExportOutsideEU {
			d.address = &inv.buyer.address
		}
	}
	return d
}

// withPrefix is a VAT id that begins with a country (BR-CO-09).
var withPrefix = regexp.MustCompile(`^[A-Z]{2}.`)

func partyOf(p *creditnotes.Party) party {
	email := clean(p.Email)
	result := party{
		id: clean(p.Key), name: nameOf(p), register: clean(p.RegisterNumber), taxID: clean(p.TaxNumber), endpoint: endpoint{mailScheme, email},
		address: address{clean(p.Street), clean(p.City), clean(p.Postcode), strings.ToUpper(clean(p.Country))},
		contact: contact{nameOf(p), clean(p.Phone), email},
	}
	switch vatID := entities.NormalVATID(clean(p.VATID)); {
	case withPrefix.MatchString(vatID):
		result.vatID = vatID
	case result.taxID == "":
		result.taxID = vatID // a number without a country is a local one
	}
	return result
}

// nameOf is the name of a party, or its key when no one gave it one (BR-06).
func nameOf(p *creditnotes.Party) string { return cmp.Or(clean(p.Name), clean(p.Key)) }
