package einvoice

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/internal/money"
)

// tax is one VAT breakdown (BG-23), and what its lines say of it (BG-30).
type tax struct {
	category  creditnotes.TaxCategory // BT-118, BT-151
	lineRate  string                  // BT-152; empty in category O (BR-O-05)
	rate      string                  // BT-119
	base      string                  // BT-116
	amount    string                  // BT-117
	exemption string                  // BT-120
	code      string                  // BT-121
}

// exemptionCodes are the codes of the categories that mean one thing only, for
// tax accounts that do not give one.
var exemptionCodes = map[creditnotes.TaxCategory]string{
	creditnotes.ReverseCharge:   "VATEX-EU-AE",
	creditnotes.IntraCommunity:  "VATEX-EU-IC",
	creditnotes.ExportOutsideEU: "VATEX-EU-G",
	creditnotes.OutsideScope:    "VATEX-EU-O",
}

// taxKey is what makes a breakdown of its own: there is one for each category
// and rate (BR-S-08), however many tax accounts lead to it.
type taxKey struct {
	category creditnotes.TaxCategory
	rate     money.Percent
}

func keyOf(t *creditnotes.TaxTotal) taxKey { return taxKey{t.Category, t.Rate} }

// taxKeys are the breakdowns, in the order of the note.
func (c *composer) taxKeys() (keys []taxKey) {
	for i := range c.note.Taxes {
		if key := keyOf(&c.note.Taxes[i]); !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys
}

// taxes writes the breakdown. Where several tax accounts come together in one,
// the reasons of all of them are given.
func (c *composer) taxes() []tax {
	var list []tax
	for _, key := range c.taxKeys() {
		sum := creditnotes.TaxTotal{Category: key.category, Rate: key.rate}
		var reasons []string
		for i, t := range c.note.Taxes {
			if keyOf(&c.note.Taxes[i]) != key {
				continue
			}
			sum.Base, sum.Tax = sum.Base+t.Base, sum.Tax+t.Tax
			if sum.ExemptionCode == "" {
				sum.ExemptionCode = t.ExemptionCode
			}
			if reason := cmp.Or(clean(t.Exemption), clean(t.Name)); !slices.Contains(reasons, reason) {
				reasons = append(reasons, reason)
			}
		}
		sum.Exemption = strings.Join(reasons, "; ")
		list = append(list, c.tax(&sum))
	}
	outside := func(t tax) bool { return t.category == creditnotes.OutsideScope }
	if len(list) > 1 && slices.ContainsFunc(list, outside) { // BR-O-11
		c.lacks(fault.New(fault.NotReady, "einvoice_tax_mixed", fault.Args{}))
	}
	return list
}

func (c *composer) tax(total *creditnotes.TaxTotal) tax {
	t := tax{
		category: total.Category, rate: total.Rate.String(), lineRate: total.Rate.String(),
		base: c.sums.write(total.Base), amount: c.sums.write(total.Tax),
	}
	switch total.Category {
	case creditnotes.StandardRate, creditnotes.ZeroRate: // BR-S-10, BR-Z-10
		return t
	case creditnotes.OutsideScope:
		t.lineRate = ""
		if !c.profile.zeroRate {
			t.rate = ""
		}
	}
	t.exemption = total.Exemption
	if t.code = strings.ToUpper(clean(total.ExemptionCode)); !exemptionCode.MatchString(t.code) {
		t.code = exemptionCodes[total.Category]
	}
	return t
}

// exemptionCode is the form of the codes of the VATEX list; what is not of it
// stays a text (BR-CL-22).
var exemptionCode = regexp.MustCompile(`^VATEX-[A-Z]{2}-[A-Z0-9-]+$`)

// taxOf finds the breakdown that a position belongs to.
func (c *composer) taxOf(inv *invoice, p *creditnotes.Position) (tax, bool) {
	total := c.note.TaxOf(p)
	if total == nil || p.TaxAccount != "" && p.TaxAccount != total.Account {
		return tax{}, false
	}
	return inv.taxes[slices.Index(c.taxKeys(), keyOf(total))], true
}
