package creditnotes

import (
	"cmp"
	"maps"
	"slices"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/settlement"
	"creditrun/numbering"
)

// charge is a position of no station that is not on a document yet: of a fee
// invoice, or a monthly sum or custom record of a credit note.
type charge struct {
	owner    *owner
	currency string
	tax      treatment
	position Position   // without its tax
	lines    []*ownLine // that it adds up
}

// invoices makes the fee invoices of a group: one per currency, and one more
// for what is not subject to VAT (settlement.md §5).
func (c *composer) invoices(d *drafter, g *group) ([]*Note, error) {
	charges, err := c.charges(d, g)
	if err != nil {
		return nil, err
	}
	var notes []*Note
	for _, key := range c.invoiceKeys(g, charges) {
		note, err := c.invoice(d, key, charges)
		if err != nil {
			return nil, err
		}
		if note != nil {
			notes = append(notes, note)
		}
	}
	return notes, nil
}

// charges are what the owners of a group are charged with. Those that cannot be
// charged fail.
func (c *composer) charges(d *drafter, g *group) ([]charge, error) {
	var list []charge
	for _, o := range g.owners {
		if o.failed != nil || !o.due {
			continue
		}
		charges, failed := c.chargesOf(d, o)
		if failed != nil {
			if err := d.fail(o, failed); err != nil {
				return nil, err
			}
		}
		list = append(list, charges...)
	}
	if d.broken {
		return nil, errOwnerFailed
	}
	return list, nil
}

func (c *composer) chargesOf(d *drafter, o *owner) ([]charge, *fault.Fault) {
	fees, failed := c.fees(o)
	if failed != nil {
		return nil, failed
	}
	custom, failed := c.customs(d, o, Debited)
	if failed != nil {
		return nil, failed
	}
	all := append(append(fees, c.own.charges(o)...), custom...)
	if len(all) == 0 && len(c.charged[o.entity.Key]) == 0 {
		return nil, nil
	}
	return all, c.invoiceRange(o)
}

// invoiceRange is what keeps fee invoices from being numbered.
func (c *composer) invoiceRange(o *owner) *fault.Fault {
	key := c.run.Settings.InvoiceRange
	if key == "" {
		return fault.New(fault.NotReady, "fees_without_range", fault.Args{"owner": o.entity.Key})
	}
	return c.plan.Config.usable(key, numbering.Invoice)
}

// fees are those of the contracts of an owner that are on no fee invoice yet:
// once per contract and month that has begun (settlement.md §3.7).
func (c *composer) fees(o *owner) ([]charge, *fault.Fault) {
	var list []charge
	for _, month := range c.months.begun {
		for _, contract := range c.plan.contractsOf(o.entity, month) {
			currency := c.plan.contractCurrency(contract, o.entity)
			held := c.months.held[contractMonth{o.entity.Key, contract.Key, month, currency}]
			if held.charged(contract) {
				continue
			}
			for _, fee := range c.plan.contractsFor(o.entity, month).Fees(contract, c.plan.Network, month) {
				component := Component(fee.Kind)
				if held != nil && held.invoiced[component] {
					continue
				}
				tax, failed := c.plan.feeTreatment(o, contract.FeeTaxAccount, month.LastDay())
				if failed != nil && !c.open {
					return nil, failed
				}
				digits, err := digitsOf(currency)
				if err != nil {
					return nil, asFault(err)
				}
				list = append(list, charge{owner: o, currency: currency, tax: tax, position: Position{
					Owner: o.entity.Key, Component: component, Month: month, Sum: money.Micros(fee.Quantity) * fee.UnitPrice, Net: fee.Net(digits),
					Contract: contract.Key, Quantity: fee.Quantity, UnitPrice: fee.UnitPrice,
				}})
			}
		}
	}
	c.months.take(list)
	return list, nil
}

// charged reports whether all fees of a contract are on fee invoices.
func (h *heldSums) charged(c *settlement.Contract) bool {
	for component, price := range map[Component]money.Micros{
		MonthlyFee: c.MonthlyFee, FeePerStation: c.MonthlyFeePerStation, FeePerACEVSE: c.MonthlyFeePerACEVSE, FeePerDCEVSE: c.MonthlyFeePerDCEVSE,
	} {
		if price != 0 && (h == nil || !h.invoiced[component]) {
			return false
		}
	}
	return true
}

// feeTreatment is the tax on what the operator charges an owner on a day: that
// of the contract, of the recipient, of the settings; never that of what the
// recipient supplies (settlement.md §5.1).
func (p *Plan) feeTreatment(o *owner, key string, day entities.Date) (treatment, *fault.Fault) {
	recipient := o.group.recipient
	key = cmp.Or(key, recipient.FeeTaxOn(day), p.Config.Settings.FeeTaxAccount)
	if key == "" {
		return treatment{}, fault.New(fault.NotReady, "fees_without_tax_account", fault.Args{"owner": o.entity.Key})
	}
	tax, failed := p.treatmentBy(key, recipient, day)
	if failed == nil && tax.account.Category == ReverseCharge {
		failed = p.taxObstacle(o.entity, recipient, tax.account)
	}
	return tax, failed
}

// invoiceKeys lists the fee invoices of a group in their order.
func (c *composer) invoiceKeys(g *group, charges []charge) []noteKey {
	keys := map[noteKey]bool{}
	addKeys(keys, g, charges)
	c.addWaiting(keys, g, c.charged)
	return sortedKeys(keys)
}

// addKeys adds the documents that charges go on.
func addKeys(keys map[noteKey]bool, g *group, charges []charge) {
	for i := range charges {
		keys[noteKey{g, charges[i].currency, charges[i].tax.outside()}] = true
	}
}

// addWaiting adds the notes that sums carried forward go on.
func (c *composer) addWaiting(keys map[noteKey]bool, g *group, waiting waitingSums) {
	for _, o := range g.owners {
		for _, sum := range waiting[o.entity.Key] {
			if o.failed == nil && o.due {
				keys[noteKey{g, sum.from.Currency, sum.tax.outside()}] = true
			}
		}
	}
}

func sortedKeys(keys map[noteKey]bool) []noteKey {
	return slices.SortedFunc(maps.Keys(keys), func(a, b noteKey) int {
		return cmp.Or(cmp.Compare(a.currency, b.currency), compareBool(a.outside, b.outside))
	})
}

// invoice makes the draft of one fee invoice; nil where sums that wait stay
// negative.
func (c *composer) invoice(d *drafter, key noteKey, charges []charge) (*Note, error) {
	digits, err := digitsOf(key.currency)
	if err != nil {
		return nil, err
	}
	n := &noteSums{id: c.ids.take()}
	note := c.blank(key.group, n.id, key.currency)
	note.Kind = numbering.Invoice
	putAll(charges, note, key, n)
	anew := len(note.Positions) > 0
	brought := c.bringAlong(note, key, n, c.charged)
	note.Owners = ownersIn(note.Owners, note.Positions)
	note.PeriodFrom, note.PeriodTo = note.months()
	if err := c.finish(d, note, key.group, n.taxes, digits); err != nil {
		return nil, err
	}
	if !anew && note.State == Carried {
		return nil, nil
	}
	note.freezeCarried(brought)
	return note, nil
}

// putAll puts the charges on a note that belong to it.
func putAll(charges []charge, note *Note, key noteKey, n *noteSums) {
	for i := range charges {
		if one := &charges[i]; one.currency == key.currency && one.tax.outside() == key.outside {
			one.put(note, n)
		}
	}
}

// put puts a charge on a note, and its lines.
func (c *charge) put(note *Note, n *noteSums) {
	p := c.position
	p.TaxAccount, p.Tax = c.tax.account.Key, n.slot(c.tax)
	note.Positions = append(note.Positions, p)
	for _, line := range c.lines {
		line.charge.NoteID, line.charge.Tax = note.ID, p.Tax
	}
}

// months is the period of a fee invoice: the first to the last day of the months
// on it.
func (n *Note) months() (from, to entities.Date) {
	for i := range n.Positions {
		p := &n.Positions[i]
		if first := p.Month.FirstDay(); from.IsZero() || first.Before(from) {
			from = first
		}
		to = max(to, p.Month.LastDay())
	}
	return from, to
}

// freezeInvoice takes the snapshot of everything that a fee invoice prints.
func (c *composer) freezeInvoice(note *Note, g *group, digits int) error {
	mentions, err := c.mentions(note)
	if err != nil {
		return err
	}
	settings := &c.run.Settings
	note.Document = Document{
		Issuer:         partyOf(c.plan.Network.Operator()),
		Recipient:      partyOf(g.recipient),
		OwnerNames:     map[string]string{},
		TimeZone:       c.plan.Network.Zone().String(),
		Month:          c.run.Month,
		Mentions:       mentions,
		RevenueAccount: settings.FeeRevenueAccount,
		NetDays:        settings.FeeNetDays,
		DueDate:        note.Date.AddDays(settings.FeeNetDays),
		SetOff:         g.recipient.SetOff,
		SessionDetail:  string(g.recipient.SessionDetail),
		Delivery:       g.recipient.DeliveryOn(note.Date),
		MailTo:         g.recipient.Emails,
		ReplyTo:        g.recipient.ReplyTo,
		CurrencyDigits: digits,
		TypeCode:       TypeFeeInvoice,
		UnitPrices:     true,
	}
	note.Document.wear(settings.LookOf(g.recipient, note.Language))
	c.freezeOwners(note, g)
	return nil
}
