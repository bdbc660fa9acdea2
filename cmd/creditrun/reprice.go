package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/store"
)

func (a *app) repriceCommand() *cobra.Command {
	var q creditnotes.RepriceQuery
	var from string
	var yes bool
	c := &cobra.Command{
		Use: "reprice", Short: "Price credited sessions anew whose cost rate or contract was wrong; without --yes only say what would change",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) (err error) {
			if q.From, err = entities.ParseDate(from); err != nil {
				return usageError{fmt.Errorf("--from: %w", err)}
			}
			return a.reprice(c.Context(), q, yes)
		},
	}
	c.Flags().StringVar(&q.Rate, "rate", "", "key of the cost rate that was wrong")
	c.Flags().StringVar(&q.Contract, "contract", "", "key of the contract that was wrong")
	c.Flags().StringVar(&from, "from", "", "first day, such as 2026-10-01: of a rate by the start of the session, of a contract the first of a month (required)")
	c.Flags().StringVar(&q.Reason, "reason", "", "why, as the price path names it (required with --yes)")
	c.Flags().BoolVar(&yes, "yes", false, "price them anew: the next run takes back what they were paid and pays the new price")
	c.AddCommand(a.decideProposalCommand(creditnotes.MatterReprice, "approve", "Carry out a reprice that another person asked for", (*store.Store).Approve),
		a.decideProposalCommand(creditnotes.MatterReprice, "reject", "Throw a reprice away that waits", (*store.Store).Reject))
	return a.jsonFlag(c)
}

func (a *app) reprice(ctx context.Context, q creditnotes.RepriceQuery, yes bool) error {
	s, err := a.store(ctx)
	if err != nil {
		return err
	}
	if !yes {
		result, err := s.PreviewReprice(ctx, q, nil)
		if err != nil {
			return err
		}
		return a.tellReprice(result, nil, "preview")
	}
	result, waiting, err := s.Reprice(ctx, a.who(), q, nil)
	switch {
	case err != nil:
		return err
	case waiting != nil:
		return a.tellReprice(&creditnotes.RepriceResult{RepriceQuery: q}, waiting, "waiting")
	case result.Nothing():
		return a.tellReprice(result, nil, "nothing")
	}
	return a.tellReprice(result, nil, "applied")
}

// tellReprice prints what a reprice changes, or would change.
func (a *app) tellReprice(r *creditnotes.RepriceResult, waiting *creditnotes.Proposal, state string) error {
	out := r.JSON()
	if out.State = state; waiting != nil {
		out.Change = waiting.ID
	}
	if a.json {
		return a.printJSON(out)
	}
	if waiting != nil {
		fmt.Fprintf(a.stdout, "reprice %d waits for another person: creditrun reprice approve %d\n", waiting.ID, waiting.ID)
		return nil
	}
	t := newTable(a.stdout)
	fmt.Fprintln(t, "OWNER\tSESSIONS\tKWH\tOLD NET\tNEW NET\tDIFFERENCE\tCURRENCY")
	for _, one := range out.Owners {
		fmt.Fprintf(t, "%s\t%d\t%s\t%s\t%s\t%s\t%s\n", one.Owner, one.Sessions, one.Energy, one.Old, one.New, one.Difference, one.Currency)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "%d sessions come to another price, %d to the same\n", out.Sessions, out.Unchanged)
	for _, left := range out.Left {
		fmt.Fprintf(a.stdout, "%d are left as they are: %s\n", left.Sessions, left.Reason)
	}
	for _, m := range out.Months {
		fmt.Fprintf(a.stdout, "%s of %s is settled by the contracts as they are now\n", m.Month, m.Owner)
	}
	switch state {
	case "preview":
		a.say("nothing was changed: --yes prices them anew")
	case "applied":
		a.say("the next run corrects them")
	}
	return nil
}
