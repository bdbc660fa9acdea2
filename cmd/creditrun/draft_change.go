package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"creditrun/creditnotes"
	"creditrun/internal/money"
)

func (a *app) leaveOutCommand() *cobra.Command {
	var reason string
	c := &cobra.Command{
		Use: "leave-out RUN OWNER", Short: "Leave an owner out of a draft, which is drafted again; its sessions wait for the next run",
		Args: arguments(cobra.ExactArgs(2)),
		RunE: func(c *cobra.Command, args []string) error {
			return a.redraft(c.Context(), func(r *creditnotes.Runner) (*creditnotes.Run, func(context.Context) error, error) {
				return r.LeaveOut(c.Context(), args[0], args[1], reason, a.who())
			})
		},
	}
	c.Flags().StringVar(&reason, "reason", "", "why; the person who releases the run reads it (required)")
	return a.jsonFlag(c)
}

func (a *app) takeBackCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "take-back RUN OWNER", Short: "Take an owner that was left out back into a draft, which is drafted again",
		Args: arguments(cobra.ExactArgs(2)),
		RunE: func(c *cobra.Command, args []string) error {
			return a.redraft(c.Context(), func(r *creditnotes.Runner) (*creditnotes.Run, func(context.Context) error, error) {
				return r.TakeBackIn(c.Context(), args[0], args[1], a.who())
			})
		},
	}
	return a.jsonFlag(c)
}

// redraft changes who is in a draft, drafts it again and shows it.
func (a *app) redraft(ctx context.Context, change func(*creditnotes.Runner) (*creditnotes.Run, func(context.Context) error, error)) error {
	runner, s, err := a.runner(ctx)
	if err != nil {
		return err
	}
	runner.Progress = a.stageProgress()
	run, carryOut, err := change(runner)
	if err != nil {
		return err
	}
	if err := carryOut(ctx); err != nil {
		a.sayHowFar(ctx, s, run, err)
		return err
	}
	return a.finishRun(ctx, runner, s, run, "")
}

func (a *app) remarkCommand() *cobra.Command {
	return &cobra.Command{
		Use: "remark RUN TEXT", Short: "Write something about a run for the person who releases it; it stays",
		Args: arguments(cobra.ExactArgs(2)),
		RunE: func(c *cobra.Command, args []string) error {
			runner, _, err := a.runner(c.Context())
			if err != nil {
				return err
			}
			return runner.Remark(c.Context(), args[0], a.who(), args[1])
		},
	}
}

func (a *app) remarksCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "remarks RUN", Short: "List what was written about a run, in order",
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			_, s, err := a.runner(c.Context())
			if err != nil {
				return err
			}
			run, err := s.RunByName(c.Context(), args[0])
			if err != nil {
				return err
			}
			list, err := s.Remarks(c.Context(), run.ID)
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(list)
			}
			for _, r := range list {
				fmt.Fprintf(a.stdout, "%s %s: %s\n", r.At.Format(time.RFC3339), r.Who, r.Text)
			}
			return nil
		},
	}
	return a.jsonFlag(c)
}

// comparedJSON is what an owner gets in one run and in another.
type comparedJSON struct {
	Owner      string `json:"owner"`
	Currency   string `json:"currency"`
	Before     string `json:"before"`
	Now        string `json:"now"`
	Difference string `json:"difference"`
}

func (a *app) compareCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "compare RUN OTHER", Short: "Set two runs side by side: net by owner in the first and in the second",
		Args: arguments(cobra.ExactArgs(2)),
		RunE: func(c *cobra.Command, args []string) error { return a.compare(c.Context(), args[0], args[1]) },
	}
	return a.jsonFlag(c)
}

func (a *app) compare(ctx context.Context, before, now string) error {
	runner, s, err := a.runner(ctx)
	if err != nil {
		return err
	}
	earlier, err := s.RunByName(ctx, before)
	if err != nil {
		return err
	}
	run, err := s.RunByName(ctx, now)
	if err != nil {
		return err
	}
	compared, err := runner.CompareRuns(ctx, earlier, run)
	if err != nil {
		return err
	}
	list := make([]comparedJSON, len(compared.Owners))
	for i, n := range compared.Owners {
		digits, _ := money.Digits(n.Currency)
		list[i] = comparedJSON{n.Owner, n.Currency, n.Before.Format(digits), n.Now.Format(digits), n.Difference.Format(digits)}
	}
	if a.json {
		return a.printJSON(list)
	}
	table := newTable(a.stdout)
	fmt.Fprintf(table, "owner\t%s\t%s\tdifference\t\t\t\n", before, now)
	for _, n := range list {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t\t\n", n.Owner, n.Before, n.Now, n.Difference, n.Currency)
	}
	return table.Flush()
}
