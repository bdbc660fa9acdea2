package einvoice

// Namespaces of UBL 2.1.
const (
	ublInvoiceSpace    = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
	ublCreditNoteSpace = "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2"
	ublAggregates      = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
	ublBasics          = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
)

// ubl writes the model in the syntax of UBL.
func (inv *invoice) ubl() any {
	if inv.returns() {
		return inv.ublCreditNote()
	}
	return inv.ublInvoice()
}

// ublInvoice writes the model as an Invoice.
func (inv *invoice) ublInvoice() *ublInvoice {
	d := &ublInvoice{
		ublNamespaces: ublNamespaces{ublInvoiceSpace, ublAggregates, ublBasics},
		ublHead:       inv.ublHead(), Due: string(inv.due), Type: inv.typeCode, ublBody: inv.ublBody(),
	}
	for _, l := range inv.lines {
		written := inv.ublLine(&l)
		written.Invoiced = &ublQuantity{l.unit, l.quantity}
		d.Lines = append(d.Lines, written)
	}
	return d
}

// ublCreditNote writes the model as a CreditNote, whose due date has another
// place.
func (inv *invoice) ublCreditNote() *ublCreditNote {
	d := &ublCreditNote{
		ublNamespaces: ublNamespaces{ublCreditNoteSpace, ublAggregates, ublBasics},
		ublHead:       inv.ublHead(), Type: inv.typeCode, ublBody: inv.ublBody(),
	}
	d.Means.Due = string(inv.due)
	for _, l := range inv.lines {
		written := inv.ublLine(&l)
		written.Credited = &ublQuantity{l.unit, l.quantity}
		d.Lines = append(d.Lines, written)
	}
	return d
}

func (inv *invoice) ublHead() ublHead {
	return ublHead{inv.profile.ID, inv.process, inv.number, string(inv.issued)}
}

func (inv *invoice) ublBody() ublBody {
	b := ublBody{
		Currency: inv.currency, Accounting: inv.accounting, BuyerReference: inv.buyerReference,
		Period: inv.period.ubl(), Contract: ublIDOf(inv.contract),
		Seller: inv.seller.ubl(), Buyer: inv.buyer.ubl(), Means: inv.payment.ubl(),
		Totals: ublTotals{
			Lines: inv.ublAmount(inv.totals.net), Net: inv.ublAmount(inv.totals.net),
			Gross: inv.ublAmount(inv.totals.gross), Due: inv.ublAmount(inv.totals.gross),
		},
		Tax: ublTaxTotal{Amount: inv.ublAmount(inv.totals.tax)},
	}
	for _, n := range inv.notes {
		b.Notes = append(b.Notes, n.ubl())
	}
	if inv.preceding != nil {
		b.Preceding = &ublPreceding{ublDocument{inv.preceding.number, string(inv.preceding.issued)}}
	}
	b.Delivery.On = string(inv.delivery.on)
	if inv.delivery.address != nil {
		b.Delivery.Location = &ublLocation{inv.delivery.address.ubl()}
	}
	if inv.terms != "" {
		b.Terms = &ublTerms{inv.terms}
	}
	for _, t := range inv.taxes {
		b.Tax.Subtotals = append(b.Tax.Subtotals, ublTaxSubtotal{
			Base: inv.ublAmount(t.base), Amount: inv.ublAmount(t.amount),
			Category: ublCategory{string(t.category), t.rate, t.code, t.exemption, valueAddedTax},
		})
	}
	return b
}

func (inv *invoice) ublLine(l *line) ublLine {
	written := ublLine{
		ID: l.id, Net: inv.ublAmount(l.net), Period: l.period.ubl(), Price: inv.ublAmount(l.price),
		Item: ublItem{
			Description: l.description, Name: l.name, Station: ublIDOf(l.station),
			Tax: ublCategory{ID: string(l.tax.category), Rate: l.tax.lineRate, Scheme: valueAddedTax},
		},
	}
	for _, a := range l.attributes {
		written.Item.Attributes = append(written.Item.Attributes, ublAttribute{a.name, a.value})
	}
	return written
}

func (inv *invoice) ublAmount(value string) ublAmount { return ublAmount{inv.currency, value} }

// ubl writes a note, its code in front where it has one.
func (n note) ubl() string {
	if n.code == "" {
		return n.text
	}
	return "#" + n.code + "#" + n.text
}

func (p *payment) ubl() ublMeans {
	m := ublMeans{Code: p.code}
	if p.iban != "" {
		m.Account = &ublAccount{p.iban, p.holder, ublIDOf(p.bic)}
	}
	return m
}

func (p *party) ubl() ublParty {
	u := ublParty{ID: ublIDOf(p.id), Address: p.address.ubl(), Legal: ublLegalEntity{Name: p.name}}
	if p.register != "" {
		u.Legal.Register = &ublSchemed{p.registerScheme, p.register}
	}
	if !p.endpoint.isZero() {
		u.Endpoint = &ublSchemed{p.endpoint.scheme, p.endpoint.id}
	}
	if p.vatID != "" {
		u.TaxIDs = append(u.TaxIDs, ublTaxID{p.vatID, valueAddedTax})
	}
	if p.taxID != "" {
		u.TaxIDs = append(u.TaxIDs, ublTaxID{p.taxID, "FC"})
	}
	if !p.contact.isZero() {
		u.Contact = &ublContact{p.contact.name, p.contact.phone, p.contact.email}
	}
	return u
}

func (a *address) ubl() ublAddress { return ublAddress{a.street, a.city, a.postcode, a.country} }

func (p *period) ubl() *ublPeriod {
	if p == nil {
		return nil
	}
	return &ublPeriod{string(p.from), string(p.to)}
}

func ublIDOf(id string) *ublID {
	if id == "" {
		return nil
	}
	return &ublID{id}
}
