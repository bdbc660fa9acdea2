package einvoice

import (
	"slices"

	"creditrun/creditnotes"
	"creditrun/internal/money"
	"creditrun/numbering"
)

// month is the unit of a monthly fee (BT-130, UN/ECE Rec. 20). All other fees
// count stations and EVSEs, which are pieces.
const month = "MON"

// sides are the seller and the buyer: of a fee invoice the operator and the
// recipient, of a credit note the other way round (domain.md §7.4).
func (c *composer) sides() (seller, buyer *creditnotes.Party) {
	d := &c.note.Document
	if c.note.OfFees() {
		return &d.Issuer, &d.Recipient
	}
	return &d.Recipient, &d.Issuer
}

// contract is what BT-12 names: the self-billing agreement of a credit note; of
// a fee invoice the contract, where all positions are of one.
func (c *composer) contract() string {
	n := c.note
	if !n.OfFees() || len(n.Positions) == 0 {
		return clean(n.Document.Agreement)
	}
	first := n.Positions[0].Contract
	if slices.ContainsFunc(n.Positions, func(p creditnotes.Position) bool { return p.Contract != first }) {
		return ""
	}
	return clean(first)
}

// accounting is BT-19, an account of the buyer: the operator has one for credit
// notes. It does not know those of others.
func (c *composer) accounting() string {
	if c.note.OfFees() {
		return ""
	}
	return clean(c.note.Document.RevenueAccount)
}

// terms are those of payment, with the sentence that a fee invoice is set off.
// A cancellation has none.
func (c *composer) terms() (string, error) {
	d := &c.note.Document
	switch {
	case c.note.Kind == numbering.Cancellation:
		return "", nil
	case !d.SetOff:
		return clean(d.PaymentTerms), nil
	}
	setOff, err := c.say("payment_set_off", nil)
	return join(" ", setOff, clean(d.PaymentTerms)), err
}

// feeLine gives a line quantity and unit price of its fee. A price is never
// negative (BR-27). Where the currency has fewer decimals than two, the product
// may not be the amount (PEPPOL-EN16931-R120): such a line stays one piece.
func (c *composer) feeLine(l *line, p *creditnotes.Position) {
	if p.Sum.Round(mostDecimals) != p.Net.Micros(c.sums.digits).Round(mostDecimals) {
		return
	}
	quantity, price := turn(&c.sums, money.Micros(p.Quantity)), p.UnitPrice
	if price < 0 {
		quantity, price = -quantity, -price
	}
	l.quantity, l.price = money.Amount(quantity).Format(0), priceOf(price)
	if p.Component == creditnotes.MonthlyFee {
		l.unit = month
	}
}

// priceOf writes a price with two decimals, or with as many as it needs.
func priceOf(price money.Micros) string {
	decimals := money.MicroDecimals
	for decimals > mostDecimals && price%10 == 0 {
		price, decimals = price/10, decimals-1
	}
	return money.Amount(price).Format(decimals)
}

// describeFee names what a position of a fee invoice charges for.
func (c *composer) describeFee(l *line, p *creditnotes.Position) (err error) {
	months := c.texts.Month(c.note.Language, p.Month)
	name := clean(p.Text)
	if p.Component != creditnotes.Custom || name == "" {
		if name, err = c.say("component_"+string(p.Component), nil); err != nil {
			return err
		}
	}
	l.name = join(", ", name, months)
	if l.description, err = c.feeDescription(p, months); err != nil {
		return err
	}
	if p.Component != creditnotes.OwnCharging {
		return nil
	}
	return c.attributes(l, p)
}

// feeDescription is the contract of a position, that it is a correction, and
// whose it is where there are several owners.
func (c *composer) feeDescription(p *creditnotes.Position, months string) (string, error) {
	contract, correction := "", ""
	if key := clean(p.Contract); key != "" {
		label, err := c.say("label_contract", nil)
		if err != nil {
			return "", err
		}
		contract = label + " " + key
	}
	if p.Correction {
		words, err := c.say("heading_correction", map[string]any{"Month": months})
		if err != nil {
			return "", err
		}
		correction = words
	}
	return join("; ", contract, correction, c.ownerOf(p)), nil
}
