package entities

// TaxOn is the key of the tax account that the entity's tax treatments name for a
// day of supply (domain.md §7.2); empty: the settings say it.
func (e *Entity) TaxOn(day Date) string { return accountOn(e.Taxes, day) }

// FeeTaxOn is the key of the tax account of what the operator charges the entity
// on a day (settlement.md §5.1); empty: the settings say it.
func (e *Entity) FeeTaxOn(day Date) string { return accountOn(e.FeeTaxes, day) }

func accountOn(list []TaxTreatment, day Date) (account string) {
	var since Date
	for _, t := range list {
		if !day.Before(t.From) && !t.From.Before(since) {
			account, since = t.Account, t.From
		}
	}
	return account
}
