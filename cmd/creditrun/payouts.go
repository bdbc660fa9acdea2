package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/bank"
	"creditrun/internal/fault"
	"creditrun/internal/payouts"
	"creditrun/internal/store"
)

// Payouts are printed for programs as the API answers them.
type (
	payoutBatchJSON = payouts.BatchJSON
	openItemJSON    = payouts.OpenItemJSON
)

func (a *app) payoutsCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "payouts", Short: "List payouts: what is paid to recipients, and what is left out",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error { return a.listPayouts(c.Context()) },
	}
	a.jsonFlag(c)
	c.AddCommand(a.openItemsCommand(), a.preparePayoutsCommand(), a.approvePayoutsCommand(), a.exportPayoutsCommand(), a.discardPayoutsCommand(), a.advisePayoutsCommand(),
		a.payoutCommand("executed", "Say that a payout was executed, on the day of --date: its items are settled", false, executed),
		a.payoutCommand("returned", "Say that the money of a payout came back: its items are open again, and further payouts are on hold", true, (*store.Store).ReturnPayout),
		a.payoutCommand("rejected", "Say that the bank did not execute a payout: its items are open again, and further payouts are on hold", true, (*store.Store).RejectPayout))
	return c
}

// executed is ExecutePayout as one of the answers of a bank.
func executed(s *store.Store, ctx context.Context, who, number, _ string, on entities.Date) error {
	return s.ExecutePayout(ctx, who, number, on)
}

// advisePayoutsCommand makes and queues the remittance advices that serve makes by
// itself.
func (a *app) advisePayoutsCommand() *cobra.Command {
	return &cobra.Command{
		Use: "advise", Short: "Queue the remittance advices of payouts that were executed; each is mailed once, and serve does it by itself",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			runner, _, err := a.runner(c.Context())
			if err != nil {
				return err
			}
			n, err := runner.AdviseRemittances(c.Context(), a.who())
			fmt.Fprintf(a.stdout, "%d remittance advices\n", n)
			return err
		},
	}
}

func (a *app) listPayouts(ctx context.Context) error {
	s, err := a.store(ctx)
	if err != nil {
		return err
	}
	var list []payouts.Batch
	for page := (creditnotes.Page{Limit: creditnotes.MostRows}); ; {
		some, next, _, err := s.PayoutBatches(ctx, page)
		if err != nil {
			return err
		}
		list = append(list, some...)
		if page.After = next; next == "" {
			return a.tellBatches(ctx, list)
		}
	}
}

// tellBatches prints batches, for people or for programs.
func (a *app) tellBatches(ctx context.Context, list []payouts.Batch) error {
	zone, err := a.operatorZone(ctx)
	if err != nil {
		return err
	}
	out := []payoutBatchJSON{}
	for i := range list {
		out = append(out, list[i].JSON(zone, a.words))
	}
	if a.json {
		return a.printJSON(out)
	}
	for _, b := range out {
		if err := a.printBatch(&b); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) printBatch(b *payoutBatchJSON) error {
	if b.Batch == 0 && len(b.Payouts) > 0 {
		fmt.Fprintf(a.stdout, "due on %s, not prepared\n", b.Requested)
	} else if b.Batch == 0 {
		fmt.Fprintf(a.stdout, "nothing to pay on %s\n", b.Requested)
	} else {
		fmt.Fprintf(a.stdout, "payouts %d for %s: %s, prepared by %s\n", b.Batch, b.Requested, b.State, b.PreparedBy)
	}
	table := newTable(a.stdout)
	if len(b.Payouts)+len(b.LeftOut) > 0 {
		fmt.Fprintln(table, "  payout\trecipient\taccount\tamount\t\tstate\t")
	}
	for _, p := range b.Payouts {
		var about []string
		for _, item := range p.Items {
			about = append(about, item.Reference)
		}
		if p.ByHand {
			about = append(about, "to be paid by hand")
		}
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\t%s\t%s\t%s\n", p.Payout, p.Recipient, p.IBAN, p.Amount, p.Currency, p.State, strings.Join(about, ", "))
	}
	for _, l := range b.LeftOut {
		fmt.Fprintf(table, "  left out\t%s\t\t%s\t%s\t%s\t%s\n", l.Recipient, l.Amount, l.Currency, l.Reason, l.Detail)
	}
	return table.Flush()
}

func (a *app) preparePayoutsCommand() *cobra.Command {
	var date string
	var preview bool
	c := &cobra.Command{
		Use: "prepare", Short: "Prepare a payout for each recipient of what is due on a day, set off against what it owes",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			ctx := c.Context()
			s, err := a.store(ctx)
			if err != nil {
				return err
			}
			day, err := a.typedDay(ctx, date)
			if err != nil {
				return err
			}
			if !bank.IsTargetDay(day) {
				return usageError{fmt.Errorf("--date: banks execute no transfers on %s; the next day is %s", day, bank.NextTargetDay(day))}
			}
			if preview {
				drafts, left, err := s.DuePayouts(ctx, day)
				if err != nil {
					return err
				}
				return a.tellBatches(ctx, []payouts.Batch{*payouts.Preview(day, drafts, left)})
			}
			batch, err := s.PreparePayouts(ctx, a.who(), day)
			if err != nil {
				return err
			}
			return a.tellBatches(ctx, []payouts.Batch{batch})
		},
	}
	c.Flags().StringVar(&date, "date", "", "the day on which the bank executes them, such as 2026-12-01 (required)")
	c.Flags().BoolVar(&preview, "preview", false, "only show what would be paid and left out")
	_ = c.MarkFlagRequired("date")
	return a.jsonFlag(c)
}

func (a *app) approvePayoutsCommand() *cobra.Command {
	return &cobra.Command{
		Use: "approve N", Short: "Release prepared payouts; the person who prepared them cannot",
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			s, id, err := a.batch(c.Context(), args[0])
			if err != nil {
				return err
			}
			return s.ApprovePayouts(c.Context(), a.who(), id)
		},
	}
}

func (a *app) exportPayoutsCommand() *cobra.Command {
	var out string
	var force, single bool
	c := &cobra.Command{
		Use: "export N", Short: "Write the bank file of approved payouts (pain.001.001.09); once more it is the same file",
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			s, id, err := a.batch(c.Context(), args[0])
			if err != nil {
				return err
			}
			if err := makeFolder(out); err != nil { // before the bank file is made, so that it can be written
				return err
			}
			files, copied, err := s.ExportPayoutFiles(c.Context(), a.who(), id, single)
			if err != nil {
				return err
			}
			if err := a.writeBankFiles(out, files, copied, force); err != nil {
				return err
			}
			return a.sayByHand(c.Context(), s, id)
		},
	}
	c.Flags().StringVar(&out, "out", ".", "folder to write to")
	c.Flags().BoolVar(&single, "single", false, "one file for each payout, for banks that check the names of single payments only; files that were made before stay as they are")
	forceFlag(c, &force)
	return c
}

// makeFolder makes a folder for files to be written to, unless it is there.
func makeFolder(name string) error {
	if err := os.MkdirAll(name, 0o700); err != nil {
		return fault.Wrap(fault.Unavailable, "file_unwritable", fault.Args{"file": name}, err)
	}
	return nil
}

func (a *app) writeBankFiles(out string, files []payouts.File, copied, force bool) error {
	if len(files) == 0 {
		a.say("no bank file: all payouts are paid by hand")
	}
	for _, file := range files {
		path := filepath.Join(out, file.Name)
		if _, err := writeFile(path, file.Content, force); err != nil {
			return err
		}
		if copied {
			a.say("%s (copy of the file that was exported before: a bank executes it once)", path)
			continue
		}
		a.say("%s", path)
	}
	return nil
}

// sayByHand lists the payouts that are in no bank file.
func (a *app) sayByHand(ctx context.Context, s *store.Store, id int64) error {
	b, err := s.PayoutBatch(ctx, id)
	if err != nil {
		return err
	}
	for _, p := range b.ByHand() {
		one := p.JSON()
		a.say("to be paid by hand: %s to %s, %s %s, account of %s: %s", one.Payout, one.Recipient, one.Amount, one.Currency, p.Payee.Name, p.Payee.IBAN)
	}
	return nil
}

func (a *app) discardPayoutsCommand() *cobra.Command {
	var reason, payout string
	c := &cobra.Command{
		Use: "discard N", Short: "Give up payouts that were not exported, or one of them: their items are open again",
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			s, id, err := a.batch(c.Context(), args[0])
			if err != nil {
				return err
			}
			if payout != "" {
				return s.DiscardPayout(c.Context(), a.who(), payout, reason)
			}
			return s.DiscardPayouts(c.Context(), a.who(), id, reason)
		},
	}
	c.Flags().StringVar(&reason, "reason", "", "why (required)")
	c.Flags().StringVar(&payout, "payout", "", "only this one, such as PO-00000001")
	_ = c.MarkFlagRequired("reason")
	return c
}

// bankAnswer books what a bank did with a payout on a day.
type bankAnswer func(s *store.Store, ctx context.Context, who, number, reason string, on entities.Date) error

// payoutCommand is a command about what a bank did with a payout.
func (a *app) payoutCommand(use, short string, needsReason bool, do bankAnswer) *cobra.Command {
	var date, reason string
	c := &cobra.Command{
		Use: use + " PAYOUT", Short: short,
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.store(c.Context())
			if err != nil {
				return err
			}
			day, err := a.typedDay(c.Context(), date)
			if err != nil {
				return err
			}
			return do(s, c.Context(), a.who(), args[0], reason, day)
		},
	}
	c.Flags().StringVar(&date, "date", "", "the day on which the bank did it (default: today)")
	if needsReason {
		c.Flags().StringVar(&reason, "reason", "", "why, in the words of the bank (required)")
		_ = c.MarkFlagRequired("reason")
	}
	return c
}

// batch reads the number of a batch.
func (a *app) batch(ctx context.Context, text string) (*store.Store, int64, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil, 0, usageError{fmt.Errorf("the number of payouts is expected, such as 1, got %q", text)}
	}
	s, err := a.store(ctx)
	return s, id, err
}
