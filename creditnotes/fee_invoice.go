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

// charge is a position of a fee invoice that is not on one yet.
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
		fees, failed := c.fees(o)
		fees = append(fees, c.own.charges(o)...)
		if failed == nil && (len(fees) > 0 || len(c.charged[o.entity.Key]) > 0) {
			failed = c.invoiceRange(o)
		}
		if failed != nil {
			if err := d.fail(o, failed); err != nil {
				return nil, err
			}
			continue
		}
		list = append(list, fees...)
	}
	if d.broken {
		return nil, errOwnerFailed
	}
	return list, nil
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
				if failed != nil {
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
	account := p.account[key]
	switch {
	case key == "":
		return treatment{}, fault.New(fault.NotReady, "fees_without_tax_account", fault.Args{"owner": o.entity.Key})
	case account == nil:
		return treatment{}, fault.New(fault.NotReady, "tax_account_missing", fault.Args{"account": key, "recipient": recipient.Key})
	}
	rate, ok := account.RateOn(day)
	if !ok {
		return treatment{}, fault.New(fault.NotReady, "tax_rate_missing", fault.Args{"account": key, "date": string(day)})
	}
	if account.Category == ReverseCharge {
		return treatment{account, rate}, p.taxObstacle(o.entity, recipient, account)
	}
	return treatment{account, rate}, nil
}

// invoiceKeys lists the fee invoices of a group in their order.
func (c *composer) invoiceKeys(g *group, charges []charge) []noteKey {
	keys := map[noteKey]bool{}
	for i := range charges {
		keys[noteKey{g, charges[i].currency, charges[i].tax.outside()}] = true
	}
	c.addWaiting(keys, g, c.charged)
	return sortedKeys(keys)
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
	for i := range charges {
		if one := &charges[i]; one.currency == key.currency && one.tax.outside() == key.outside {
			one.put(note, n)
		}
	}
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
		MailTo:         g.recipient.Emails,
		ReplyTo:        g.recipient.ReplyTo,
		CurrencyDigits: digits,
		TypeCode:       TypeFeeInvoice,
		Logo:           settings.Logo,
		Color:          settings.Color,
	}
	c.freezeOwners(note, g)
	return nil
}
