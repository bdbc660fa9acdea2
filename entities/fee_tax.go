package entities

// FeeTaxOn is the key of the tax account of what the operator charges the entity
// on a day (settlement.md §5.1); empty: the settings say it.
func (e *Entity) FeeTaxOn(day Date) (account string) {
	var since Date
	for _, t := range e.FeeTaxes {
		if !day.Before(t.From) && !t.From.Before(since) {
			account, since = t.Account, t.From
		}
	}
	return account
}
