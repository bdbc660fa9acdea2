package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"creditrun/internal/money"
	"creditrun/tariffs"
)

// priceQuery is what the calculator is asked for.
type priceQuery struct{ rate, energy, duration, start string }

// priceJSON is the answer of the calculator (formats.md §4).
type priceJSON struct {
	Rate     string         `json:"rate"`
	Version  int            `json:"version"`
	Currency string         `json:"currency"`
	Schedule int            `json:"schedule"`
	Energy   string         `json:"energy"`
	Time     string         `json:"time"`
	Fee      string         `json:"fee"`
	Total    string         `json:"total"`
	Bands    []tariffs.Step `json:"bands"`
}

func (a *app) priceCommand() *cobra.Command {
	var q priceQuery
	c := &cobra.Command{
		Use: "price", Short: "Calculate a cost rate",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error { return a.price(c.Context(), q) },
	}
	c.Flags().StringVar(&q.rate, "rate", "", "key of the cost rate (required)")
	c.Flags().StringVar(&q.energy, "energy-kwh", "0", "energy in kWh, such as 12.345")
	c.Flags().StringVar(&q.duration, "duration", "0s", "duration, such as 1h30m")
	c.Flags().StringVar(&q.start, "start", "", "start of the session, such as 2026-10-31T22:00:00+01:00 (default: now)")
	return a.jsonFlag(c)
}

func (a *app) price(ctx context.Context, q priceQuery) error {
	if q.rate == "" {
		return usageError{errors.New("--rate is required: the key of a cost rate")}
	}
	energy, err := money.ParseQuantity(q.energy)
	if err != nil || energy < 0 {
		return usageError{fmt.Errorf("--energy-kwh: expected kWh with at most %d decimals, such as 12.345, got %q", money.QuantityDecimals, q.energy)}
	}
	duration, err := time.ParseDuration(q.duration)
	if err != nil || duration < 0 {
		return usageError{fmt.Errorf("--duration: expected a duration such as 1h30m, got %q", q.duration)}
	}
	s, err := a.store(ctx)
	if err != nil {
		return err
	}
	config, err := s.Configuration(ctx)
	if err != nil {
		return err
	}
	network, err := a.network(ctx, s)
	if err != nil {
		return err
	}
	start, zone := a.now(), network.Zone()
	if q.start != "" {
		if start, err = time.Parse(time.RFC3339, q.start); err != nil {
			return usageError{fmt.Errorf("--start: expected a time such as 2026-10-31T22:00:00+01:00, got %q", q.start)}
		}
		// The calculator has no station: the clock of --start is the station's.
		zone = start.Location()
	}
	book, err := tariffs.NewBook(config.Tariffs, network, config.Settings.CommunityDiscount)
	if err != nil {
		return err
	}
	rate, err := book.Rate(q.rate, start)
	if err != nil {
		return err
	}
	seconds := int64((duration + time.Second - 1) / time.Second)
	price, err := tariffs.PriceOf(rate, energy, seconds, start, zone)
	if err != nil {
		return err
	}
	return a.printPrice(rate, price)
}

func (a *app) printPrice(rate *tariffs.CostRate, p tariffs.Price) error {
	if a.json {
		bands := p.Steps
		if bands == nil {
			bands = []tariffs.Step{}
		}
		return a.printJSON(priceJSON{rate.Key, rate.Version, p.Currency, p.Entry, p.Energy.String(), p.Time.String(), p.Fee.String(), p.Total.String(), bands})
	}
	for _, step := range p.Steps {
		fmt.Fprintf(a.stdout, "%s: %s × %s = %s\n", step.Component, step.Units, step.Price, step.Amount)
	}
	fmt.Fprintf(a.stdout, "energy %s + time %s + fee %s = %s %s\n", p.Energy, p.Time, p.Fee, p.Total, p.Currency)
	return nil
}
