package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"creditrun/creditnotes"
)

func (a *app) reviewCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "review RUN", Short: "Show what is other about each owner than on its last document, the largest change first",
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error { return a.review(c.Context(), args[0]) },
	}
	return a.jsonFlag(c)
}

func (a *app) review(ctx context.Context, name string) error {
	runner, s, err := a.runner(ctx)
	if err != nil {
		return err
	}
	run, err := s.RunByName(ctx, name)
	if err != nil {
		return err
	}
	review, err := runner.Review(ctx, run)
	if err != nil {
		return err
	}
	list := make([]creditnotes.OwnerReviewJSON, len(review.Owners))
	for i := range review.Owners {
		list[i] = review.Owners[i].JSON(a.words)
	}
	if a.json {
		return a.printJSON(list)
	}
	table := newTable(a.stdout)
	fmt.Fprintf(table, "owner\t%s\t%s\tdifference\t\twhat is other\t\t\n", review.Earlier, review.Month)
	for _, o := range list {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t\t\n", o.Owner, o.Before, o.Now, o.Difference, o.Currency, reviewWords(o.Changes))
	}
	return table.Flush()
}

// reviewWords lists changes in a line.
func reviewWords(list []creditnotes.ReviewChange) string {
	words := make([]string, len(list))
	for i, c := range list {
		words[i] = string(c.Kind)
		if c.Before != "" || c.After != "" {
			words[i] += fmt.Sprintf(" (%s → %s)", c.Before, c.After)
		}
	}
	return strings.Join(words, ", ")
}
