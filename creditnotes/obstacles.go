package creditnotes

import (
	"creditrun/entities"
	"creditrun/internal/fault"
)

// obstacle is what forbids to make a credit note for an owner out to a
// recipient on a day: nil when nothing does. Everything else that is missing
// is a warning of the readiness check.
func (p *Plan) obstacle(owner, recipient *entities.Entity, day entities.Date) *fault.Fault {
	args := fault.Args{"owner": owner.Key, "recipient": recipient.Key}
	if p.Config.Settings.Mail && len(recipient.Emails) == 0 {
		return fault.New(fault.NotReady, "recipient_without_email", args)
	}
	if recipient.Country == "" {
		return fault.New(fault.NotReady, "recipient_without_country", args)
	}
	if p.Config.Settings.RequireAgreement && !recipient.Agreement.CoversDay(day) {
		return fault.New(fault.NotReady, "agreement_missing", args)
	}
	account, failed := p.accountOf(recipient, day)
	if failed != nil {
		return failed
	}
	if account.Category == ReverseCharge && (recipient.VATID == "" || p.Network.Operator().VATID == "") {
		return fault.New(fault.NotReady, "reverse_charge_without_vat_id", args)
	}
	return nil
}

// accountOf is the tax account of a recipient on a day: its own treatment, or
// the one of the settings (domain.md §7.2). It has a rate on that day.
func (p *Plan) accountOf(recipient *entities.Entity, day entities.Date) (*TaxAccount, *fault.Fault) {
	key := p.Config.Settings.TaxAccount
	for _, t := range recipient.Taxes {
		if day.Before(t.From) {
			break
		}
		key = t.Account
	}
	account := p.account[key]
	if account == nil {
		return nil, fault.New(fault.NotReady, "tax_account_missing", fault.Args{"account": key, "recipient": recipient.Key})
	}
	if _, ok := account.RateOn(day); !ok {
		return nil, fault.New(fault.NotReady, "tax_rate_missing", fault.Args{"account": key, "date": string(day)})
	}
	return account, nil
}
