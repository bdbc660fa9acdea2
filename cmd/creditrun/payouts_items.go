package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"creditrun/entities"
)

func (a *app) openItemsCommand() *cobra.Command {
	var entity, date string
	c := &cobra.Command{
		Use: "items", Short: "List open items: documents, top-ups and adjustments that are not settled, and their age",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error { return a.listOpenItems(c.Context(), entity, date) },
	}
	c.Flags().StringVar(&entity, "entity", "", "only of this recipient")
	c.Flags().StringVar(&date, "date", "", "their age on this day (default: today)")
	return a.jsonFlag(c)
}

func (a *app) listOpenItems(ctx context.Context, entity, date string) error {
	s, err := a.store(ctx)
	if err != nil {
		return err
	}
	day, err := a.typedDay(ctx, date)
	if err != nil {
		return err
	}
	accounts, err := s.OpenAccounts(ctx)
	if err != nil {
		return err
	}
	list := []openItemJSON{}
	for i := range accounts {
		if account := &accounts[i]; entity == "" || entity == account.Recipient.Key {
			list = append(list, account.JSON(day)...)
		}
	}
	if a.json {
		return a.printJSON(list)
	}
	table := newTable(a.stdout)
	fmt.Fprintln(table, "recipient\tkind\treference\tdue\tage\topen\t\t")
	for _, i := range list {
		remark := ""
		switch {
		case i.Payout != "":
			remark = "in payment: " + i.Payout
		case i.Objection:
			remark = "objection"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", i.Recipient, i.Kind, i.Reference, i.Due, i.Age, i.Open, i.Currency, remark)
	}
	return table.Flush()
}

// operatorZone is the zone of the operator's days.
func (a *app) operatorZone(ctx context.Context) (*time.Location, error) {
	s, err := a.store(ctx)
	if err != nil {
		return nil, err
	}
	network, err := a.network(ctx, s)
	if err != nil {
		return nil, err
	}
	return network.Zone(), nil
}

// typedDay reads a day that was typed; nothing is today, where the operator is.
func (a *app) typedDay(ctx context.Context, text string) (entities.Date, error) {
	if text == "" {
		zone, err := a.operatorZone(ctx)
		return entities.DateOf(a.now(), zone), err
	}
	day, err := entities.ParseDate(text)
	if err != nil {
		return "", usageError{fmt.Errorf("a day such as 2026-10-31 is expected: %w", err)}
	}
	return day, nil
}
