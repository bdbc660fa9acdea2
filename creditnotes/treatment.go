package creditnotes

import (
	"cmp"
	"slices"
	"time"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
)

// treatment is the tax on a supply: an account and its rate (domain.md §7.2).
// The zero treatment is that of sessions whose tax no one asks for.
type treatment struct {
	account *TaxAccount
	rate    money.Percent
}

// outside reports whether the supply is not subject to VAT (category O). EN
// 16931 lets nothing else stand on a document beside it (BR-O-11 to BR-O-14).
func (t treatment) outside() bool {
	return t.account != nil && t.account.Category == OutsideScope
}

// treatments are the treatments of a recipient over time, in order.
type treatments []treatmentSpan

// treatmentSpan is a treatment from the beginning of a day in the operator's
// zone until the next span begins. The first span has no beginning.
type treatmentSpan struct {
	treatment // without an account where there is none, or no rate
	day       entities.Date
	from      time.Time
}

// treatmentsOf works out the treatments of a recipient: its own, from the day
// on which each begins, or that of the settings before; each with the rates of
// its account.
func (p *Plan) treatmentsOf(recipient *entities.Entity) treatments {
	days := []entities.Date{""}
	for _, t := range recipient.Taxes {
		days = append(days, t.From)
	}
	for _, key := range accountKeys(recipient, p.Config.Settings.TaxAccount) {
		if account := p.account[key]; account != nil {
			for _, r := range account.Rates {
				days = append(days, r.From)
			}
		}
	}
	slices.Sort(days)
	zone := p.Network.Zone()
	var list treatments
	for _, day := range slices.Compact(days) {
		span := treatmentSpan{day: day}
		if !day.IsZero() {
			span.from = day.In(zone)
		}
		span.treatment, _ = p.treatmentOn(recipient, day)
		if last := len(list) - 1; last >= 0 && list[last].treatment == span.treatment {
			continue
		}
		list = append(list, span)
	}
	return list
}

// accountKeys are the tax accounts that ever apply to a recipient.
func accountKeys(recipient *entities.Entity, standing string) []string {
	keys := []string{standing}
	for _, t := range recipient.Taxes {
		if !slices.Contains(keys, t.Account) {
			keys = append(keys, t.Account)
		}
	}
	return keys
}

// treatmentOn is the treatment of a recipient on a day: its own, or the one of
// the settings. The account must exist and have a rate on that day.
func (p *Plan) treatmentOn(recipient *entities.Entity, day entities.Date) (treatment, *fault.Fault) {
	return p.treatmentBy(cmp.Or(recipient.TaxOn(day), p.Config.Settings.TaxAccount), recipient, day)
}

// treatmentBy is the treatment by a tax account on a day.
func (p *Plan) treatmentBy(key string, recipient *entities.Entity, day entities.Date) (treatment, *fault.Fault) {
	account := p.account[key]
	if account == nil {
		return treatment{}, fault.New(fault.NotReady, "tax_account_missing", fault.Args{"account": key, "recipient": recipient.Key})
	}
	rate, ok := account.RateOn(day)
	if !ok {
		return treatment{}, fault.New(fault.NotReady, "tax_rate_missing", fault.Args{"account": key, "date": string(day)})
	}
	return treatment{account, rate}, nil
}

// at is the span in which a session ends.
func (list treatments) at(end time.Time) *treatmentSpan {
	i := len(list) - 1
	for i > 0 && end.Before(list[i].from) {
		i--
	}
	return &list[i]
}

// within lists the spans that touch a period, which is half-open.
func (list treatments) within(from, until time.Time) treatments {
	var found treatments
	for i, span := range list {
		if span.from.Before(until) && (i == len(list)-1 || list[i+1].from.After(from)) {
			found = append(found, span)
		}
	}
	return found
}

// compareTaxes is the order in which taxes are printed (domain.md §6.3).
func compareTaxes(a, b *TaxTotal) int {
	return cmp.Or(cmp.Compare(a.Category, b.Category), cmp.Compare(a.Rate, b.Rate), cmp.Compare(a.Account, b.Account))
}

// storedTreatment is the treatment with which something was credited, whatever
// the configuration says today. Where the account has another category now, or
// is gone, its words are those that were printed.
func (p *Plan) storedTreatment(t *TaxTotal) treatment {
	if account := p.account[t.Account]; account != nil && account.Category == t.Category {
		return treatment{account, t.Rate}
	}
	key := storedAccount{t.Account, t.Category}
	account := p.past[key]
	if account == nil {
		account = &TaxAccount{
			Key: t.Account, Name: map[string]string{"": t.Name}, Category: t.Category, LedgerAccount: t.LedgerAccount,
			ExemptionCode: t.ExemptionCode, ExemptionReason: map[string]string{"": t.Exemption},
		}
		p.past[key] = account
	}
	return treatment{account, t.Rate}
}

// storedAccount names a tax account as it once was.
type storedAccount struct {
	key      string
	category TaxCategory
}
