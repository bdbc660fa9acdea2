package creditnotes

import (
	"slices"
	"strings"

	"creditrun/entities"
	"creditrun/numbering"
)

// selfBilledInvoice is the document type of a credit note in UNTDID 1001.
const selfBilledInvoice = "389"

// freeze takes the snapshot of everything printed, so that nothing that changes
// later changes the document.
func (c *composer) freeze(d *drafter, note *Note, g *group, digits int) error {
	mentions, err := c.mentions(note)
	if err != nil {
		return err
	}
	operator := c.plan.Network.Operator()
	terms := c.run.Settings.termsOf(g.recipient)
	note.Document = Document{
		Issuer:         partyOf(operator),
		Recipient:      partyOf(g.recipient),
		OwnerNames:     map[string]string{},
		TimeZone:       c.plan.Network.Zone().String(),
		Month:          c.run.Month,
		Mentions:       mentions,
		RevenueAccount: c.run.Settings.RevenueAccount,
		NetDays:        terms.NetDays,
		DueDate:        note.Date.AddDays(terms.NetDays),
		PaymentTerms:   inLanguage(terms.Text, note.Language),
		SessionDetail:  string(g.recipient.SessionDetail),
		Delivery:       g.recipient.DeliveryOn(note.Date),
		Held:           d.heldOf(g),
		MailTo:         g.recipient.Emails,
		ReplyTo:        g.recipient.ReplyTo,
		CurrencyDigits: digits,
		TypeCode:       selfBilledInvoice,
		UnitPrices:     true,
	}
	note.Document.wear(c.run.Settings.LookOf(g.recipient, note.Language))
	if note.State == Draft {
		note.Document.Offsets = c.offsets[note.Recipient][note.Currency]
	}
	if g.recipient.Agreement.CoversDay(note.Date) {
		note.Document.Agreement = g.recipient.Agreement.Reference
	}
	c.freezeOwners(note, g)
	return nil
}

// freezeOwners keeps the names of the owners, and where their periods begin.
func (c *composer) freezeOwners(note *Note, g *group) {
	for _, o := range g.owners {
		note.Document.OwnerNames[o.entity.Key] = o.entity.DisplayName()
		if first := o.period(c.run.Month); first != c.run.Month {
			if note.Document.PeriodBegins == nil {
				note.Document.PeriodBegins = map[string]entities.Month{}
			}
			note.Document.PeriodBegins[o.entity.Key] = first
		}
	}
}

// mentions are the legal words of a document (domain.md §7.3): self-billing on
// every credit note, reverse charge and exemption where they apply to some of it.
func (c *composer) mentions(note *Note) ([]string, error) {
	list := []string{}
	if note.Kind == numbering.CreditNote {
		selfBilling, err := c.texts.Text(note.Language, "mention_self_billing", nil)
		if err != nil {
			return nil, err
		}
		list = append(list, selfBilling)
	}
	add := func(words string) {
		if words != "" && !slices.ContainsFunc(list, func(known string) bool { return strings.EqualFold(known, words) }) {
			list = append(list, words)
		}
	}
	for _, t := range note.Taxes {
		if t.Category == ReverseCharge {
			words, err := c.texts.Text(note.Language, "mention_reverse_charge", nil)
			if err != nil {
				return nil, err
			}
			add(words)
		}
		add(t.Exemption)
	}
	return list, nil
}

// exemption is the reason why no VAT is shown, in a language: the account's own
// words, else the standing ones of its category; none where VAT is shown.
func (c *composer) exemption(language string, account *TaxAccount) (string, error) {
	if account.Category == StandardRate || account.Category == ZeroRate {
		return "", nil
	}
	if reason := inLanguage(account.ExemptionReason, language); reason != "" {
		return reason, nil
	}
	key := "exemption_" + string(account.Category)
	if account.Category == ReverseCharge {
		key = "mention_reverse_charge"
	}
	return c.texts.Text(language, key, nil)
}

// heldOf tells what waits of a group's sessions.
func (d *drafter) heldOf(g *group) HeldSummary {
	var held HeldSummary
	for _, o := range g.owners {
		if sheet := d.sums.sheets[o.entity]; sheet != nil {
			held.Sessions += int(sheet.Held.Sessions)
			held.Energy += sheet.Held.Energy
		}
	}
	return held
}

func partyOf(e *entities.Entity) Party {
	party := Party{
		Key: e.Key, Name: e.DisplayName(), Street: e.Street, Postcode: e.Postcode, City: e.City, Country: e.Country,
		VATID: e.VATID, TaxNumber: e.TaxNumber, RegisterNumber: e.RegisterNumber, Phone: e.Phone,
		CustomerRef: e.CustomerRef, Bank: e.Bank, ElectronicAddress: e.ElectronicAddress,
	}
	if len(e.Emails) > 0 {
		party.Email = e.Emails[0]
	}
	return party
}
