package network

import (
	"context"
	"slices"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/settlement"
	"creditrun/internal/tasks"
)

// AskContractWhatIf begins to work out what a month would have been under a
// contract, and shows the page that waits for it.
func (v *Visit) AskContractWhatIf() error {
	_, c, err := v.contractSeen()
	if err != nil {
		return err
	}
	month, err := entities.ParseMonth(v.R.FormValue("month"))
	if err != nil {
		return fault.New(fault.Invalid, "run_month_invalid", fault.Args{"month": v.R.FormValue("month")})
	}
	if err := v.begunMonth(month); err != nil {
		return err
	}
	ask := whatIfAsk{Month: month, Kind: contractWhatIf, Contract: c.Key}
	task := v.tasks.whatIfs.Start(v.Name(), string(month)+" "+ask.Kind, func(ctx context.Context, _ *tasks.Progress) (whatIf, error) {
		effect, err := v.Runner.WhatIf(ctx, ask.Month, ask.change)
		return whatIf{Ask: ask, Effect: effect}, err
	})
	return v.Redirect("/tariffs/what-if/" + task.State().ID)
}

// changeContract puts the contract in force for the month, in the place of the
// contracts of its owner that are for the same sessions.
func (a *whatIfAsk) changeContract(c *creditnotes.Configuration) error {
	i := slices.IndexFunc(c.Contracts, func(one settlement.Contract) bool { return one.Key == a.Contract })
	if i < 0 {
		return fault.New(fault.NotFound, "key_unknown", fault.Args{"key": a.Contract})
	}
	tried := &c.Contracts[i]
	tried.Active, tried.Unread, tried.From, tried.To, tried.Ended = true, false, a.Month, a.Month, ""
	for j := range c.Contracts {
		if other := &c.Contracts[j]; j != i && other.Owner == tried.Owner && settlement.Compete(other, tried) {
			other.Active = false
		}
	}
	return nil
}
