package api

import (
	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/payouts"
)

// owedInput asks what was open on a day.
type owedInput struct {
	Entity string `query:"entity" doc:"key of the recipient"`
	Day    string `query:"day" format:"date" doc:"at the end of this day; without it, today"`
}

// asked is the day of a list, today where none is given.
func (c *call) asked(text string) (entities.Date, error) {
	if text == "" {
		return c.snapshot.Day(c.Now()), nil
	}
	day, err := entities.ParseDate(text)
	if err != nil {
		return "", c.invalid("query.day", "expected a date")
	}
	return day, nil
}

// owedOn are the accounts at the end of a day that the visitor sees.
func (c *call) owedOn(in *owedInput) (entities.Date, []payouts.Account, error) {
	day, err := c.asked(in.Day)
	if err != nil {
		return "", nil, err
	}
	all, err := c.Store.OpenAccountsOn(c.ctx, day)
	return day, payouts.Seen(all, func(key string) bool { return c.who.Sees(key) && (in.Entity == "" || in.Entity == key) }), err
}

// ageing adds up what was open by age.
func (c *call) ageing(in *owedInput) (*One[payouts.AgeingJSON], error) {
	day, accounts, err := c.owedOn(in)
	if err != nil {
		return nil, err
	}
	list := payouts.AgeingOf(day, accounts)
	return &One[payouts.AgeingJSON]{list.JSON(day)}, nil
}

// cash plans what is to be paid from a day on.
func (c *call) cash(in *owedInput) (*One[payouts.ForecastJSON], error) {
	day, accounts, err := c.owedOn(in)
	if err != nil {
		return nil, err
	}
	settings, err := c.Store.Settings(c.ctx)
	if err != nil {
		return nil, err
	}
	f := payouts.ForecastOf(day, settings.MinimumPayout, accounts)
	return &One[payouts.ForecastJSON]{f.JSON(day, c.words)}, nil
}

// accrualsInput asks what was on no document on a day.
type accrualsInput struct {
	Owner string `query:"owner" doc:"key"`
	Day   string `query:"day" format:"date" doc:"at the end of this day, by the dates of documents; without it, today"`
}

// accruals lists what was owed and on no document, after the open month was looked
// at.
func (c *call) accruals(in *accrualsInput) (*One[creditnotes.AccrualListJSON], error) {
	day, err := c.asked(in.Day)
	if err != nil {
		return nil, err
	}
	var scope []string
	if in.Owner != "" {
		if _, err := c.stored(in.Owner); err != nil {
			return nil, err
		}
		scope = []string{in.Owner}
	}
	done, err := c.turn()
	if err != nil {
		return nil, err
	}
	defer done()
	if _, err := (&creditnotes.OpenMonth{Runner: c.Runner, Store: c.Store}).Refresh(c.ctx); err != nil {
		return nil, err
	}
	list, err := c.Store.Accruals(c.ctx, day, scope)
	if err != nil {
		return nil, err
	}
	return &One[creditnotes.AccrualListJSON]{list.JSON()}, nil
}
