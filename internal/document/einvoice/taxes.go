package einvoice

import (
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

// taxes writes the breakdown, in the order of the note.
func (c *composer) taxes() []tax {
	var keys []taxKey
	sums := map[taxKey]*creditnotes.TaxTotal{}
	for _, t := range c.note.Taxes {
		sum := sums[keyOf(&t)]
		if sum == nil {
			keys = append(keys, keyOf(&t))
			sums[keyOf(&t)] = &t
			continue
		}
		sum.Base, sum.Tax = sum.Base+t.Base, sum.Tax+t.Tax
	}
	list := make([]tax, 0, len(keys))
	for _, key := range keys {
		list = append(list, c.tax(sums[key]))
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
		if c.profile != XRechnung30 { // BR-48 spares it, BR-DE-14 does not
			t.rate = ""
		}
	}
	t.exemption = clean(total.Exemption)
	if t.exemption == "" {
		t.exemption = clean(total.Name)
	}
	if t.code = strings.ToUpper(clean(total.ExemptionCode)); !exemptionCode.MatchString(t.code) {
		t.code = exemptionCodes[total.Category]
	}
	return t
}

// exemptionCode is the form of the codes of the VATEX list; what is not of it
// stays a text (BR-CL-22).
var exemptionCode = regexp.MustCompile(`^VATEX-[A-Z]{2}-[A-Z0-9-]+$`)

// accountOf is the tax account of a position: the one it names, or the only one
// of the note; false where the note does not say.
func (c *composer) accountOf(p *creditnotes.Position) (string, bool) {
	if p.TaxAccount == "" && len(c.note.Taxes) == 1 {
		return c.note.Taxes[0].Account, true
	}
	return p.TaxAccount, p.TaxAccount != ""
}

// taxOf finds the breakdown that a position belongs to.
func (c *composer) taxOf(inv *invoice, p *creditnotes.Position) (tax, bool) {
	account, known := c.accountOf(p)
	if !known {
		return tax{}, false
	}
	var keys []taxKey
	for _, total := range c.note.Taxes {
		if !slices.Contains(keys, keyOf(&total)) {
			keys = append(keys, keyOf(&total))
		}
		if total.Account == account {
			return inv.taxes[slices.Index(keys, keyOf(&total))], true
		}
	}
	return tax{}, false
}
