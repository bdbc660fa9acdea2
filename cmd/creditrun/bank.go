package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/internal/payouts"
	"creditrun/internal/store"
)

// importBankFile takes in an answer of a bank from a file, or from a pipe, of which
// the reader has read the beginning.
func (a *app) importBankFile(ctx context.Context, s *store.Store, name string, file io.ReadSeeker, begun io.Reader, how store.ImportOptions) (imported, error) {
	from := begun
	if _, err := file.Seek(0, io.SeekStart); err == nil {
		from = file
	}
	result, err := a.importBank(ctx, s, name, from, how)
	if err != nil {
		err = inFile{name, func(*fault.Fault) int { return 0 }, err}
	}
	return imported{File: name, Checked: how.Check, Bank: result}, err
}

// importBank takes in an answer of a bank.
func (a *app) importBank(ctx context.Context, s *store.Store, name string, r io.Reader, how store.ImportOptions) (*importedBank, error) {
	bar := a.progressBar("bank entries")
	defer bar.Finish()
	how.Name, how.Progress = name, func(n int) { _ = bar.Set(n) }
	result, err := s.ImportBank(ctx, a.who(), r, how)
	if err != nil {
		return nil, err
	}
	out := importedBank{BankResult: result}
	for _, f := range result.Findings {
		out.Findings = append(out.Findings, a.words(f))
	}
	return &out, nil
}

// importedBank is what became of a bank's file.
type importedBank struct {
	store.BankResult
	Findings []string `json:"findings,omitempty"`
}

func (a *app) printBank(one imported) {
	b := one.Bank
	if b.Repeated {
		fmt.Fprintf(a.stdout, "%s: %s, read before: %d entries known, nothing changed\n", one.File, b.Kind, b.Known)
		return
	}
	fmt.Fprintf(a.stdout, "%s: %s, payouts: %d executed, %d returned, %d rejected; %d payments received; %d queued, %d ignored, %d known before\n",
		one.File, b.Kind, b.Executed, b.Returned, b.Rejected, b.Received, b.Queued, b.Ignored, b.Known)
	if b.Pending > 0 {
		fmt.Fprintf(a.stdout, "  %d are not booked by the bank yet and were left out\n", b.Pending)
	}
	if b.Others > 0 {
		fmt.Fprintf(a.stdout, "  %d are of other accounts and were left out\n", b.Others)
	}
	for _, finding := range b.Findings {
		fmt.Fprintf(a.stdout, "  %s\n", finding)
	}
	if b.Queued > 0 && !one.Checked {
		fmt.Fprintln(a.stdout, "  those that are queued wait for a person: creditrun bank")
	}
}

func (a *app) bankCommand() *cobra.Command {
	var state string
	var limit int
	c := &cobra.Command{
		Use: "bank", Short: "List what banks said and what waits for a person, with suggestions",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error { return a.listBank(c.Context(), state, limit) },
	}
	c.Flags().StringVar(&state, "state", string(payouts.EntryQueued), "queued, booked, ignored, foreign, undone, or all")
	c.Flags().IntVar(&limit, "limit", 0, "only the latest so many (default: all)")
	a.jsonFlag(c)
	c.AddCommand(a.assignBankCommand(), a.foreignBankCommand(), a.undoBankCommand())
	return c
}

func (a *app) listBank(ctx context.Context, state string, limit int) error {
	filter := payouts.EntryFilter{State: payouts.EntryState(state)}
	switch {
	case state == "all":
		filter.State = ""
	case !isState(filter.State):
		return usageError{fmt.Errorf("--state is queued, booked, ignored, foreign, undone or all, not %q", state)}
	}
	s, err := a.store(ctx)
	if err != nil {
		return err
	}
	zone, err := a.operatorZone(ctx)
	if err != nil {
		return err
	}
	out := []payouts.EntryJSON{}
	for page := (creditnotes.Page{}); ; {
		list, next, _, err := s.BankEntries(ctx, filter, page)
		if err != nil {
			return err
		}
		for i := range list {
			if limit > 0 && len(out) == limit {
				return a.tellEntries(out)
			}
			one, err := a.entryJSON(ctx, s, &list[i])
			if err != nil {
				return err
			}
			out = append(out, list[i].JSON(zone, one.finding, one.suggestions))
		}
		if next == "" {
			return a.tellEntries(out)
		}
		page.After = next
	}
}

func isState(state payouts.EntryState) bool {
	for _, known := range payouts.EntryStates() {
		if known == state {
			return true
		}
	}
	return false
}

// besideEntry is what is told with an entry.
type besideEntry struct {
	finding     string
	suggestions []payouts.Suggestion
}

func (a *app) entryJSON(ctx context.Context, s *store.Store, e *payouts.BankEntry) (b besideEntry, err error) {
	if e.Finding != nil {
		b.finding = a.words(e.Finding)
	}
	if e.State == payouts.EntryQueued {
		b.suggestions, err = s.SuggestForBankEntry(ctx, e)
	}
	return b, err
}

func (a *app) tellEntries(list []payouts.EntryJSON) error {
	if a.json {
		return a.printJSON(list)
	}
	if len(list) == 0 {
		a.say("no such bank entries")
		return nil
	}
	table := newTable(a.stdout)
	fmt.Fprintln(table, "entry\tday\tamount\t\tother side\ttext\tstate\t")
	for _, e := range list {
		state := string(e.State) + ": " + string(e.Why) + string(e.Outcome)
		text := strings.TrimSpace(e.EndToEnd + " " + e.Text)
		if len(e.Payouts) > 0 {
			state += " " + strings.Join(e.Payouts, ", ")
		}
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t\n", e.ID, e.Day, e.Amount, e.Currency, e.Name, shortened(text), state)
		for _, s := range e.Suggestions {
			fmt.Fprintf(table, "\t\t%s\t\t\tperhaps %s%s%s (%s)\t\t\n", s.Amount, s.Payout, s.Document, s.Entity, s.Because)
		}
	}
	return table.Flush()
}

// shortened keeps a line of a table readable; --json tells all.
func shortened(text string) string {
	if runes := []rune(text); len(runes) > 60 {
		return string(runes[:59]) + "…"
	}
	return text
}

func (a *app) assignBankCommand() *cobra.Command {
	var to payouts.Target
	var reason string
	c := &cobra.Command{
		Use: "assign ENTRY", Short: "Say what a queued bank entry is about: a payout, a document, or the account of a recipient",
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			s, id, err := a.bankEntry(c.Context(), args[0])
			if err != nil {
				return err
			}
			return s.AssignBankEntry(c.Context(), a.who(), id, to, reason)
		},
	}
	c.Flags().StringVar(&to.Payout, "payout", "", "the payout that was executed, returned or rejected, such as PO-00000001")
	c.Flags().StringVar(&to.Document, "document", "", "the document that is paid, such as RE-2026-00001")
	c.Flags().StringVar(&to.Entity, "account", "", "the recipient whose account it is, by key: its oldest items are settled")
	c.Flags().StringVar(&reason, "reason", "", "why")
	c.MarkFlagsOneRequired("payout", "document", "account")
	c.MarkFlagsMutuallyExclusive("payout", "document", "account")
	return c
}

func (a *app) foreignBankCommand() *cobra.Command {
	var reason string
	c := &cobra.Command{
		Use: "foreign ENTRY", Short: "Say that a queued bank entry is about no account here, and why",
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			s, id, err := a.bankEntry(c.Context(), args[0])
			if err != nil {
				return err
			}
			return s.MarkForeign(c.Context(), a.who(), id, reason)
		},
	}
	c.Flags().StringVar(&reason, "reason", "", "why (required)")
	_ = c.MarkFlagRequired("reason")
	return c
}

func (a *app) undoBankCommand() *cobra.Command {
	var reason string
	c := &cobra.Command{
		Use: "undo ENTRY", Short: "Take back what a person decided about a bank entry: it is booked back, and another entry waits in its place",
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			s, id, err := a.bankEntry(c.Context(), args[0])
			if err != nil {
				return err
			}
			instead, err := s.UndoBankEntry(c.Context(), a.who(), id, reason)
			if err == nil {
				fmt.Fprintf(a.stdout, "bank entry %d waits for a decision\n", instead)
			}
			return err
		},
	}
	c.Flags().StringVar(&reason, "reason", "", "why (required)")
	_ = c.MarkFlagRequired("reason")
	return c
}

// bankEntry reads the number of an entry.
func (a *app) bankEntry(ctx context.Context, text string) (*store.Store, int64, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil, 0, usageError{fmt.Errorf("the number of a bank entry is expected, such as 1, got %q", text)}
	}
	s, err := a.store(ctx)
	return s, id, err
}
