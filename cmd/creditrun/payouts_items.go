package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/payouts"
)

// openItemJSON is an open item of an account.
type openItemJSON struct {
	Recipient string        `json:"recipient"`
	Currency  string        `json:"currency"`
	Kind      string        `json:"kind"`
	Reference string        `json:"reference"`
	Value     entities.Date `json:"value_date"`
	Due       entities.Date `json:"due_date"`
	Amount    string        `json:"amount"` // positive: the operator owes it
	Open      string        `json:"open"`
	Age       payouts.Age   `json:"age"`
	Objection bool          `json:"objection"`
	Payout    string        `json:"in_payment,omitempty"` // number of the payout
}

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
			list = append(list, openItemsOf(account, day)...)
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

func openItemsOf(account *payouts.Account, day entities.Date) (list []openItemJSON) {
	digits, _ := money.Digits(account.Currency)
	for j := range account.Items {
		i := &account.Items[j]
		list = append(list, openItemJSON{account.Recipient.Key, account.Currency, string(i.Kind), i.Reference, i.Value, i.Due, i.Amount.Format(digits),
			i.Open.Format(digits), i.Age(day), i.Objection, i.Payout})
	}
	return list
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
