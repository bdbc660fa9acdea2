package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"creditrun/entities"
	"creditrun/internal/journal"
	"creditrun/internal/money"
)

// exchangeRateJSON is an exchange rate of a month.
type exchangeRateJSON struct {
	Currency string         `json:"currency"`
	Month    entities.Month `json:"month"`
	Rate     money.Rate     `json:"rate"` // units of the currency for one of the ledger's
}

func (a *app) exchangeRatesCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "exchange-rates", Short: "List the exchange rates of months, at which the journal converts into the currency of the ledger",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error { return a.listExchangeRates(c.Context()) },
	}
	a.jsonFlag(c)
	c.AddCommand(&cobra.Command{
		Use: "set CURRENCY MONTH RATE", Short: "Set a rate: units of the currency for one of the ledger's; journals that were closed keep theirs",
		Args: arguments(cobra.ExactArgs(3)),
		RunE: func(c *cobra.Command, args []string) error { return a.setExchangeRate(c.Context(), args) },
	})
	return c
}

func (a *app) listExchangeRates(ctx context.Context) error {
	s, err := a.store(ctx)
	if err != nil {
		return err
	}
	list, err := s.ExchangeRates(ctx)
	if err != nil {
		return err
	}
	out := []exchangeRateJSON{}
	for _, r := range list {
		out = append(out, exchangeRateJSON(r))
	}
	if a.json {
		return a.printJSON(out)
	}
	table := newTable(a.stdout)
	for _, r := range out {
		fmt.Fprintf(table, "%s\t%s\t%s\t\n", r.Month, r.Currency, r.Rate)
	}
	return table.Flush()
}

func (a *app) setExchangeRate(ctx context.Context, args []string) error {
	month, err := entities.ParseMonth(args[1])
	if err != nil {
		return usageError{fmt.Errorf("MONTH: %w", err)}
	}
	rate, err := money.ParseRate(args[2])
	if err != nil {
		return usageError{fmt.Errorf("RATE: %w", err)}
	}
	s, err := a.store(ctx)
	if err != nil {
		return err
	}
	return s.SetExchangeRate(ctx, a.who(), journal.MonthRate{Currency: args[0], Month: month, Rate: rate})
}
