package creditnotes

import (
	"creditrun/entities"
	"creditrun/internal/fault"
)

// obstacle is what prevents a credit note for an owner from being made out to a
// recipient on a day, whatever it is over: nil when nothing does. Everything
// else that is missing is a warning of the readiness check.
func (p *Plan) obstacle(owner, recipient *entities.Entity, day entities.Date) *fault.Fault {
	args := fault.Args{"owner": owner.Key, "recipient": recipient.Key}
	if p.Config.Settings.Mail && len(recipient.Emails) == 0 && wantsMail(recipient, day) {
		return fault.New(fault.NotReady, "recipient_without_email", args)
	}
	if recipient.Country == "" {
		return fault.New(fault.NotReady, "recipient_without_country", args)
	}
	if p.Config.Settings.RequireAgreement && !recipient.Agreement.CoversDay(day) {
		return fault.New(fault.NotReady, "agreement_missing", args)
	}
	return nil
}

// taxObstacle is what prevents an owner's supplies from being credited under a tax: the
// identity of the recipient, who is the seller, where VAT is shown and the
// operator could not deduct it otherwise (domain.md §9.4), and the ids that
// reverse charge needs on both sides (§7.2). It is judged for every tax that
// stands on a note.
func (p *Plan) taxObstacle(owner, recipient *entities.Entity, account *TaxAccount) *fault.Fault {
	args := fault.Args{"owner": owner.Key, "recipient": recipient.Key}
	switch account.Category {
	case StandardRate:
		if !recipient.HasAddress() {
			return fault.New(fault.NotReady, "recipient_without_address", args)
		}
		if recipient.VATID == "" && recipient.TaxNumber == "" {
			return fault.New(fault.NotReady, "recipient_without_tax_id", args)
		}
	case ReverseCharge:
		operator := p.Network.Operator()
		named := recipient.VATID != "" || recipient.TaxNumber != "" && recipient.Country == operator.Country
		if !named || operator.VATID == "" {
			return fault.New(fault.NotReady, "reverse_charge_without_vat_id", args)
		}
	}
	return nil
}

// wantsMail reports whether documents of a day are mailed to a recipient.
func wantsMail(recipient *entities.Entity, day entities.Date) bool {
	return (&Document{Delivery: recipient.DeliveryOn(day)}).ByMail()
}
