package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/store"
)

// monthFlags are what names a month end.
type monthFlags struct {
	month, date string
	out         string
}

func (f *monthFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.month, "month", "", "the month to credit, such as 2026-10 (required)")
	c.Flags().StringVar(&f.date, "date", "", "document date (default: the day of issue)")
}

// request turns the flags into what they ask for.
func (f *monthFlags) request(who string) (q creditnotes.Request, err error) {
	if f.month == "" {
		return q, usageError{errors.New("--month is required, such as --month 2026-10")}
	}
	q = creditnotes.Request{Trigger: creditnotes.Manual, Who: who}
	if q.Month, err = entities.ParseMonth(f.month); err != nil {
		return q, usageError{fmt.Errorf("--month: %w", err)}
	}
	if f.date != "" {
		if q.DocumentDate, err = entities.ParseDate(f.date); err != nil {
			return q, usageError{fmt.Errorf("--date: %w", err)}
		}
	}
	return q, nil
}

func (a *app) previewCommand() *cobra.Command {
	var flags monthFlags
	c := &cobra.Command{
		Use: "preview", Short: "Show what a run would credit, without keeping it",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			q, err := flags.request(a.who())
			if err != nil {
				return err
			}
			return a.runMonth(c.Context(), q, "", true)
		},
	}
	flags.add(c)
	return a.jsonFlag(c)
}

func (a *app) runCommand() *cobra.Command {
	var flags monthFlags
	var dry, yes bool
	c := &cobra.Command{
		Use: "run", Short: "Credit a month: draft, release, issue, render, queue the mails",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			q, err := flags.request(a.who())
			if err != nil {
				return err
			}
			q.Confirmed = yes
			return a.runMonth(c.Context(), q, flags.out, dry)
		},
	}
	flags.add(c)
	c.Flags().BoolVar(&yes, "yes", false, "confirm what would be asked: a month that is not over, a date before the last document")
	c.Flags().StringVar(&flags.out, "out", "", "also write the documents into this folder")
	c.Flags().BoolVar(&dry, "dry-run", false, "the same as preview")
	return a.jsonFlag(c)
}

func (a *app) runMonth(ctx context.Context, q creditnotes.Request, out string, dry bool) error {
	runner, s, err := a.runner(ctx)
	if err != nil {
		return err
	}
	if _, err := a.network(ctx, s); err != nil {
		return err
	}
	if dry {
		report, err := runner.Preview(ctx, q)
		if err != nil {
			return err
		}
		return a.printReport(report)
	}
	runner.Progress = a.stageProgress()
	run, err := a.runWhenFree(ctx, runner, q)
	if fault.Is(err, fault.Unconfirmed) {
		if q.Confirmed = a.confirmed(err); q.Confirmed {
			run, err = a.runWhenFree(ctx, runner, q)
		}
	}
	if nothing := nothingOpen(err); nothing != nil {
		return a.sayNothingOpen(ctx, runner, q, nothing)
	}
	if err != nil {
		a.sayHowFar(ctx, s, run, err)
		return err
	}
	if err := a.finishRun(ctx, runner, s, run, out); err != nil {
		return err
	}
	counts, err := s.DeliveryCounts(ctx)
	if n := counts[creditnotes.DeliveryQueued]; n > 0 {
		a.say("Mails waiting: %d. creditrun deliver or a running creditrun serve sends them.", n)
	}
	return err
}

// runWhenFree carries a run out. While a process holds it of which nothing was
// heard for a while, it waits until the run is free.
func (a *app) runWhenFree(ctx context.Context, runner *creditnotes.Runner, q creditnotes.Request) (*creditnotes.Run, error) {
	for said := false; ; {
		run, err := runner.Run(ctx, q)
		if !fault.Is(err, fault.Conflict) || run == nil || run.Holder == nil || !run.Holder.Silent {
			return run, err
		}
		if !said {
			a.say("Waiting for %s, of which nothing was heard for a while. The run %s is taken over at %s at the latest.",
				run.Holder.Who, run.Name, run.Holder.Until.UTC().Format(time.RFC3339))
			said = true
		}
		select {
		case <-ctx.Done():
			return run, ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

// nothingOpen returns the fault which says that there is nothing to do, or nil.
func nothingOpen(err error) *fault.Fault {
	for _, f := range fault.Of(err) {
		if f.Key == "run_nothing_open" {
			return f
		}
	}
	return nil
}

// sayNothingOpen shows what a run would have done, which is nothing.
func (a *app) sayNothingOpen(ctx context.Context, runner *creditnotes.Runner, q creditnotes.Request, f *fault.Fault) error {
	report, err := runner.Preview(ctx, q)
	if err != nil {
		return err
	}
	a.say("%s", a.words(f))
	return a.printReport(report)
}

// sayHowFar says of a run that stopped what is done of it, and how it goes on.
func (a *app) sayHowFar(ctx context.Context, s *store.Store, run *creditnotes.Run, err error) {
	switch {
	case run == nil:
	case fault.Is(err, fault.Conflict):
		a.say("If that process has ended on this machine, the same command takes the run up at once; if it hangs or is elsewhere, two minutes after it was last heard of.")
	case fault.Is(err, fault.Unavailable):
		asking, done := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer done()
		stage := run.Stage
		if now, err := s.RunByName(asking, run.Name); err == nil {
			stage = now.Stage
		}
		a.say("The run %s stopped at the stage %q. What it has done until then is kept; the same command goes on there.", run.Name, stage)
	}
}

// confirmed puts what has to be confirmed to the person at the terminal, and
// reports whether the answer is yes. Without a terminal nothing is asked.
func (a *app) confirmed(questions error) bool {
	if !a.answers {
		a.say("Nothing was changed. --yes confirms it.")
		return false
	}
	for _, f := range fault.Of(questions) {
		a.say("%s", a.words(f))
	}
	fmt.Fprint(a.stderr, "Start the run all the same? [yes/no] ")
	answers := bufio.NewScanner(a.stdin)
	if answers.Scan() && strings.TrimSpace(answers.Text()) == "yes" {
		return true
	}
	a.say("Nothing was changed.")
	return false
}

// finishRun renders what was issued and prints the report.
func (a *app) finishRun(ctx context.Context, runner *creditnotes.Runner, s *store.Store, run *creditnotes.Run, out string) error {
	failed := a.renderRun(ctx, runner, s, run)
	run, err := s.RunByName(ctx, run.Name)
	if err != nil {
		return errors.Join(failed, err)
	}
	report, err := runner.Report(ctx, run)
	if err != nil {
		return errors.Join(failed, err)
	}
	if err := a.printReport(report); err != nil {
		return errors.Join(failed, err)
	}
	if run.Stage == creditnotes.StageDrafted {
		a.say("The run %s waits for another person than %s to approve it: creditrun approve %s", run.Name, run.CreatedBy, run.Name)
	}
	if out != "" {
		return errors.Join(failed, a.exportNotes(ctx, s, creditnotes.NoteFilter{Run: run.Name}, out, false))
	}
	return failed
}

// waitFor asks again and again until it is done.
func waitFor(ctx context.Context, done func() (bool, error)) error {
	for {
		if finished, err := done(); finished || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// stageProgress shows the stages of a run on a terminal.
func (a *app) stageProgress() func(creditnotes.Stage, int, int) {
	var bar *progressbar.ProgressBar
	return func(stage creditnotes.Stage, done, of int) {
		if bar == nil {
			bar = a.progressBar(string(stage))
		}
		bar.ChangeMax(of)
		_ = bar.Set(done)
		if done == of {
			_ = bar.Finish()
			bar = nil
		}
	}
}

func (a *app) approveCommand() *cobra.Command {
	var out string
	c := &cobra.Command{
		Use: "approve RUN", Short: "Release a drafted run and issue it",
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			runner, s, err := a.runner(c.Context())
			if err != nil {
				return err
			}
			run, err := runner.Approve(c.Context(), args[0], a.who())
			if err != nil {
				return err
			}
			return a.finishRun(c.Context(), runner, s, run, out)
		},
	}
	c.Flags().StringVar(&out, "out", "", "also write the documents into this folder")
	return a.jsonFlag(c)
}

func (a *app) discardCommand() *cobra.Command {
	return &cobra.Command{
		Use: "discard RUN", Short: "Throw a drafted run away; its sessions are open again",
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			runner, _, err := a.runner(c.Context())
			if err != nil {
				return err
			}
			if err := runner.Discard(c.Context(), args[0], a.who()); err != nil {
				return err
			}
			a.say("The run %s is discarded; its sessions are open again.", args[0])
			return nil
		},
	}
}
