package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/store"
)

// runJSON is a run in a listing.
type runJSON struct {
	Run          string                   `json:"run"`
	Month        entities.Month           `json:"month"`
	Trigger      creditnotes.Trigger      `json:"trigger"`
	Stage        creditnotes.Stage        `json:"stage"`
	DocumentDate entities.Date            `json:"document_date"`
	DateGiven    bool                     `json:"document_date_given"` // false: the day of issue
	Cutoff       string                   `json:"cutoff"`
	CreatedBy    string                   `json:"created_by"`
	ApprovedBy   string                   `json:"approved_by"`
	Failure      *creditnotes.FailureJSON `json:"failure,omitempty"`
}

func (a *app) runsCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "runs", Short: "List the runs, the latest first",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			runner, s, err := a.runner(c.Context())
			if err != nil {
				return err
			}
			runs, err := s.Runs(c.Context())
			if err != nil {
				return err
			}
			list := make([]runJSON, len(runs))
			for i, r := range runs {
				list[i] = runJSON{r.Name, r.Month, r.Trigger, r.Stage, r.DocumentDate, r.DateGiven, r.Cutoff.Format(time.RFC3339), r.CreatedBy, r.ApprovedBy, r.Failure.JSON(a.words)}
			}
			if a.json {
				return a.printJSON(list)
			}
			if err := a.sayDueFailures(c.Context(), runner); err != nil {
				return err
			}
			table := newTable(a.stdout)
			fmt.Fprintln(table, "run\tstage\ttrigger\tdate\tcut-off\tby\tapproved by\t\t")
			for _, r := range list {
				remark := ""
				if r.Failure != nil {
					remark = "stopped"
				}
				fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", r.Run, r.Stage, r.Trigger, r.DocumentDate, r.Cutoff, r.CreatedBy, r.ApprovedBy, remark)
			}
			return table.Flush()
		},
	}
	a.jsonFlag(c)
	c.AddCommand(a.showRunCommand(), a.draftCommand(), a.reviewCommand(), a.leaveOutCommand(), a.takeBackCommand(), a.remarkCommand(), a.remarksCommand(), a.compareCommand())
	return c
}

// sayDueFailures says which months are due and why their scheduled runs could
// not begin.
func (a *app) sayDueFailures(ctx context.Context, runner *creditnotes.Runner) error {
	failed, err := runner.DueFailures(ctx)
	for _, f := range failed {
		a.say("The scheduled run of %s could not begin at %s:", f.Month, f.At.Format(time.RFC3339))
		for _, one := range f.Faults {
			a.say("  %s", a.words(one))
		}
		if f.Reference != "" {
			a.say("  the reason is in the log, reference %s", f.Reference)
		}
	}
	return err
}

func (a *app) showRunCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "show RUN", Short: "Show what a run did",
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			runner, s, err := a.runner(c.Context())
			if err != nil {
				return err
			}
			run, err := s.RunByName(c.Context(), args[0])
			if err != nil {
				return err
			}
			report, err := runner.Report(c.Context(), run)
			if err != nil {
				return err
			}
			if err := a.printReport(report); err != nil || a.json {
				return err
			}
			return a.printMails(c.Context(), s, run)
		},
	}
	return a.jsonFlag(c)
}

// printMails counts the mails of a run by state, and the recipients that have
// not got theirs.
func (a *app) printMails(ctx context.Context, s *store.Store, run *creditnotes.Run) error {
	progress, err := s.RunProgress(ctx, run.ID)
	if err != nil || len(progress.Deliveries) == 0 {
		return err
	}
	line := ""
	for _, state := range deliveryStates {
		if n := progress.Deliveries[state]; n > 0 {
			line += fmt.Sprintf("  %s %d", state, n)
		}
	}
	fmt.Fprintf(a.stdout, "  mails%s\n", line)
	open, err := s.OpenRecipients(ctx, store.OpenFilter{Run: run.Name, Limit: mostOpen})
	if err == nil && len(open) > 0 {
		fmt.Fprintf(a.stdout, "  recipients without their mail: %d (creditrun deliveries --open --run %s)\n", len(open), run.Name)
	}
	return err
}

func (a *app) migrateCommand() *cobra.Command {
	var role string
	c := &cobra.Command{
		Use: "migrate", Short: "Bring the schema of the database up to date",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			if err := a.migrate(c.Context()); err != nil || role == "" {
				return err
			}
			return a.grant(c.Context(), role)
		},
	}
	c.Flags().StringVar(&role, "app-role", "", "PostgreSQL role of the running program: give it the rights it needs and no others")
	return c
}
