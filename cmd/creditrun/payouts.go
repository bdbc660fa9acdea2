package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"creditrun/entities"
	"creditrun/internal/bank"
	"creditrun/internal/money"
	"creditrun/internal/payouts"
	"creditrun/internal/store"
)

// payoutBatchJSON is a batch of payouts.
type payoutBatchJSON struct {
	Batch      int64         `json:"batch"` // 0: nothing was to be paid, and none was made
	Requested  entities.Date `json:"requested_date"`
	State      payouts.State `json:"state"`
	PreparedAt time.Time     `json:"prepared_at"`
	PreparedBy string        `json:"prepared_by"`
	ApprovedAt *time.Time    `json:"approved_at,omitempty"`
	ApprovedBy string        `json:"approved_by,omitempty"`
	ExportedAt *time.Time    `json:"exported_at,omitempty"`
	ExportedBy string        `json:"exported_by,omitempty"`
	Payouts    []payoutJSON  `json:"payouts"`
	LeftOut    []leftOutJSON `json:"left_out"`
}

type payoutJSON struct {
	Payout     string           `json:"payout"` // number, and end-to-end id at the bank
	Recipient  string           `json:"recipient"`
	Amount     string           `json:"amount"`
	Currency   string           `json:"currency"`
	State      payouts.State    `json:"state"`
	ByHand     bool             `json:"by_hand"` // in no bank file
	IBAN       string           `json:"iban"`    // its last four characters
	ExecutedOn entities.Date    `json:"executed_on,omitempty"`
	Reason     string           `json:"reason,omitempty"`
	Items      []payoutItemJSON `json:"items"`
}

type payoutItemJSON struct {
	Kind      string        `json:"kind"`
	Reference string        `json:"reference"`
	Value     entities.Date `json:"value_date"`
	Amount    string        `json:"amount"`
}

type leftOutJSON struct {
	Recipient string         `json:"recipient"`
	Amount    string         `json:"amount"`
	Currency  string         `json:"currency"`
	Reason    payouts.Reason `json:"reason"`
	Detail    string         `json:"detail,omitempty"`
}

func payoutBatchJSONOf(b *payouts.Batch, zone *time.Location) payoutBatchJSON {
	out := payoutBatchJSON{Batch: b.ID, Requested: b.Requested, State: b.State, PreparedAt: b.PreparedAt.In(zone), PreparedBy: b.PreparedBy,
		ApprovedBy: b.ApprovedBy, ExportedBy: b.ExportedBy, Payouts: []payoutJSON{}, LeftOut: []leftOutJSON{}}
	if !b.ApprovedAt.IsZero() {
		out.ApprovedAt = new(b.ApprovedAt.In(zone))
	}
	if !b.ExportedAt.IsZero() {
		out.ExportedAt = new(b.ExportedAt.In(zone))
	}
	for i := range b.Payouts {
		out.Payouts = append(out.Payouts, payoutJSONOf(&b.Payouts[i]))
	}
	for _, l := range b.LeftOut {
		digits, _ := money.Digits(l.Currency)
		out.LeftOut = append(out.LeftOut, leftOutJSON{l.Entity, l.Amount.Format(digits), l.Currency, l.Reason, l.Detail})
	}
	return out
}

func payoutJSONOf(p *payouts.Payout) payoutJSON {
	digits, _ := money.Digits(p.Currency)
	out := payoutJSON{Payout: p.Number, Recipient: p.Entity, Amount: p.Amount.Format(digits), Currency: p.Currency, State: p.State, ByHand: p.ByHand(),
		IBAN: entities.LastFour(p.Payee.IBAN), ExecutedOn: p.ExecutedOn, Reason: p.Reason, Items: []payoutItemJSON{}}
	for _, item := range p.Items {
		out.Items = append(out.Items, payoutItemJSON{string(item.Kind), item.Reference, item.Value, item.Amount.Format(digits)})
	}
	return out
}

func (a *app) payoutsCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "payouts", Short: "List payouts: what is paid to recipients, and what is left out",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error { return a.listPayouts(c.Context()) },
	}
	a.jsonFlag(c)
	c.AddCommand(a.openItemsCommand(), a.preparePayoutsCommand(), a.approvePayoutsCommand(), a.exportPayoutsCommand(), a.discardPayoutsCommand(),
		a.payoutCommand("executed", "Say that a payout was executed, on the day of --date: its items are settled", false, executed),
		a.payoutCommand("returned", "Say that the money of a payout came back: its items are open again, and further payouts are on hold", true, (*store.Store).ReturnPayout),
		a.payoutCommand("rejected", "Say that the bank did not execute a payout: its items are open again, and further payouts are on hold", true, (*store.Store).RejectPayout))
	return c
}

// executed is ExecutePayout as one of the answers of a bank.
func executed(s *store.Store, ctx context.Context, who, number, _ string, on entities.Date) error {
	return s.ExecutePayout(ctx, who, number, on)
}

func (a *app) listPayouts(ctx context.Context) error {
	s, err := a.store(ctx)
	if err != nil {
		return err
	}
	list, err := s.PayoutBatches(ctx)
	if err != nil {
		return err
	}
	return a.tellBatches(ctx, list)
}

// tellBatches prints batches, for people or for programs.
func (a *app) tellBatches(ctx context.Context, list []payouts.Batch) error {
	zone, err := a.operatorZone(ctx)
	if err != nil {
		return err
	}
	out := []payoutBatchJSON{}
	for i := range list {
		out = append(out, payoutBatchJSONOf(&list[i], zone))
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
	if b.Batch == 0 {
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
			batch, err := s.PreparePayouts(ctx, a.who(), day)
			if err != nil {
				return err
			}
			return a.tellBatches(ctx, []payouts.Batch{batch})
		},
	}
	c.Flags().StringVar(&date, "date", "", "the day on which the bank executes them, such as 2026-12-01 (required)")
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
	var force bool
	c := &cobra.Command{
		Use: "export N", Short: "Write the bank file of approved payouts (pain.001.001.09); once more it is the same file",
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			s, id, err := a.batch(c.Context(), args[0])
			if err != nil {
				return err
			}
			file, copied, err := s.ExportPayouts(c.Context(), a.who(), id)
			if err != nil {
				return err
			}
			if file == nil {
				a.say("no bank file: all payouts %d are paid by hand", id)
				return nil
			}
			path := filepath.Join(out, file.Name)
			if _, err := writeFile(path, file.Content, force); err != nil {
				return err
			}
			if copied {
				a.say("%s (copy of the file that was exported before: a bank executes it once)", path)
				return nil
			}
			a.say("%s", path)
			return nil
		},
	}
	c.Flags().StringVar(&out, "out", ".", "folder to write to")
	forceFlag(c, &force)
	return c
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
