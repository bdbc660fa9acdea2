package creditnotes

import (
	"cmp"
	"strings"

	"creditrun/entities"
	"creditrun/internal/fault"
)

// refused warns of recipients whose payment a bank would refuse. What the master
// data of a recipient are warned of already is not said twice.
func (o *Readiness) refused(p *Plan, day entities.Date, refused func(e *entities.Entity, currency, addresses string) []*fault.Fault) {
	seen, operator := map[string]bool{}, p.Network.Operator()
	for _, g := range p.groups {
		for _, owner := range g.owners {
			recipient, _ := p.recipientOf(owner.entity, day)
			if owner.entity == operator || recipient == nil || seen[recipient.Key] || recipient.Bank.IBAN == "" {
				continue
			}
			seen[recipient.Key] = true
			for _, f := range refused(recipient, cmp.Or(recipient.Currency, operator.Currency), p.Config.Settings.PayoutAddresses) {
				if !o.warned(recipient.Key, f.Field) {
					o.add(Warns, f)
				}
			}
		}
	}
}

// warned reports whether the field of an entity has a finding: bank.iban is found as
// iban_length and the like.
func (o *Readiness) warned(entity, field string) bool {
	name := strings.TrimPrefix(field, "bank.")
	for _, f := range o.Findings {
		if name != "" && f.Fault.Args["entity"] == entity && (f.Fault.Field == field || strings.HasPrefix(f.Fault.Key, name+"_")) {
			return true
		}
	}
	return false
}
