package creditnotes

import (
	"creditrun/internal/fault"
)

// recordsBy are the custom records that are on no document, by the key of their
// owner.
func recordsBy(list []CustomRecord) map[string][]*CustomRecord {
	found := map[string][]*CustomRecord{}
	for i := range list {
		found[list[i].Owner] = append(found[list[i].Owner], &list[i])
	}
	return found
}

// customs are the custom records of an owner that go on documents of a direction
// (settlement.md §3.10), one position each. Their tax is that of their date.
func (c *composer) customs(d *drafter, o *owner, direction Direction) (list []charge, failed *fault.Fault) {
	for _, r := range c.records[o.entity.Key] {
		if r.Direction != direction {
			continue
		}
		tax, failed := c.customTax(d, o, r)
		if failed != nil {
			return nil, failed
		}
		digits, err := digitsOf(r.Currency)
		if err != nil {
			return nil, asFault(err)
		}
		list = append(list, charge{owner: o, currency: r.Currency, tax: tax, position: Position{
			Owner: o.entity.Key, Component: Custom, Month: r.Month, Sum: r.Net.Micros(digits), Net: r.Net, Record: r.Key, Text: r.Text,
		}})
	}
	c.months.take(list)
	return list, nil
}

func (c *composer) customTax(d *drafter, o *owner, r *CustomRecord) (treatment, *fault.Fault) {
	if r.Direction == Debited {
		return c.plan.feeTreatment(o, r.TaxAccount, r.Date)
	}
	if r.TaxAccount == "" {
		return d.taxed(o, r.Date.In(c.plan.Network.Zone()))
	}
	tax, failed := c.plan.treatmentBy(r.TaxAccount, o.group.recipient, r.Date)
	if failed == nil {
		failed = d.taxObstacle(o, tax)
	}
	return tax, failed
}

// customCredits are the custom records that go on the credit notes of a group.
func (c *composer) customCredits(d *drafter, g *group) ([]charge, error) {
	var list []charge
	for _, o := range g.owners {
		if o.failed != nil || !o.due {
			continue
		}
		credits, failed := c.customs(d, o, Credited)
		if failed != nil {
			if err := d.fail(o, failed); err != nil {
				return nil, err
			}
		}
		list = append(list, credits...)
	}
	if d.broken {
		return nil, errOwnerFailed
	}
	return list, nil
}
