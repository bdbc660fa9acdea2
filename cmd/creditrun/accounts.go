package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/store"
)

// askedAccounts are the accounts that a command asks for, as it was typed.
type askedAccounts struct{ entity, currency, standing, until string }

func (a *app) accountsCommand() *cobra.Command {
	var asked askedAccounts
	c := &cobra.Command{
		Use: "accounts", Short: "List accounts: what the operator and each recipient owe each other, and what is open",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error { return a.listAccounts(c.Context(), &asked) },
	}
	c.Flags().StringVar(&asked.entity, "entity", "", "only of this recipient")
	c.Flags().StringVar(&asked.currency, "currency", "", "only in this currency")
	c.Flags().StringVar(&asked.standing, "standing", "", "owed (by the operator), owing (to the operator), even (balance 0) or open (with open items)")
	c.Flags().StringVar(&asked.until, "until", "", "as of the end of this day, such as 2026-10-31 (default: all movements)")
	a.jsonFlag(c)
	c.AddCommand(a.adjustCommand(), a.adjustmentsCommand(), a.decideProposalCommand(creditnotes.MatterAdjustment, "approve", "Book an adjustment that another person asked for", (*store.Store).Approve),
		a.decideProposalCommand(creditnotes.MatterAdjustment, "reject", "Throw an adjustment away that waits", (*store.Store).Reject))
	return c
}

// filter reads what was asked.
func (asked *askedAccounts) filter() (f creditnotes.AccountFilter, err error) {
	f = creditnotes.AccountFilter{Entity: asked.entity, Currency: asked.currency, Standing: creditnotes.AccountStanding(asked.standing)}
	if asked.standing != "" && !slices.Contains(creditnotes.AccountStandings(), f.Standing) {
		return f, usageError{fmt.Errorf("--standing: expected owed, owing, even or open, got %q", asked.standing)}
	}
	if asked.until != "" {
		if f.Until, err = entities.ParseDate(asked.until); err != nil {
			return f, usageError{fmt.Errorf("--until: %w", err)}
		}
	}
	return f, nil
}

func (a *app) listAccounts(ctx context.Context, asked *askedAccounts) error {
	f, err := asked.filter()
	if err != nil {
		return err
	}
	s, err := a.store(ctx)
	if err != nil {
		return err
	}
	list, err := s.Accounts(ctx, f)
	if err != nil {
		return err
	}
	all := make([]creditnotes.AccountStateJSON, len(list))
	for i := range list {
		all[i] = list[i].JSON()
	}
	if a.json {
		return a.printJSON(all)
	}
	t := newTable(a.stdout)
	fmt.Fprintln(t, "RECIPIENT\tCURRENCY\tBALANCE\tOPEN ITEMS\tOPEN\tUNALLOCATED\tOLDEST OPEN ITEM\t")
	for _, one := range all {
		fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%s\t%s\t%s\t\n", one.Entity, one.Currency, one.Balance, one.OpenItems, one.OpenAmount, one.Unallocated, one.OldestOpen)
	}
	for _, sum := range creditnotes.TotalsOfAccounts(list) {
		digits, _ := money.Digits(sum.Currency)
		fmt.Fprintf(t, "%d in all\t%s\t%s\t%d\t%s\t%s\t\t\n", sum.Accounts, sum.Currency, sum.Balance().Format(digits), sum.OpenItems, sum.Open.Format(digits),
			sum.Unallocated().Format(digits))
	}
	return t.Flush()
}

// typedAdjustment is an adjustment as it is typed in.
type typedAdjustment struct{ amount, currency, value, reason string }

func (a *app) adjustCommand() *cobra.Command {
	var typed typedAdjustment
	c := &cobra.Command{
		Use: "adjust ENTITY", Short: "Ask for a change of an account by hand; another person approves it",
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.store(c.Context())
			if err != nil {
				return err
			}
			network, err := a.network(c.Context(), s)
			if err != nil {
				return err
			}
			adjustment, err := typed.read(c.Context(), s, args[0], entities.DateOf(a.now(), network.Zone()))
			if err != nil {
				return err
			}
			waiting, err := s.ProposeAdjustment(c.Context(), a.who(), adjustment)
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(adjustmentJSONOf(&waiting[0], &adjustment))
			}
			fmt.Fprintf(a.stdout, "adjustment %d of %s waits for another person: creditrun accounts approve %d\n", waiting[0].ID, args[0], waiting[0].ID)
			return nil
		},
	}
	c.Flags().StringVar(&typed.amount, "amount", "", "amount, such as -12.50; positive: the operator owes it")
	c.Flags().StringVar(&typed.currency, "currency", "", "currency (default: that of the entity)")
	c.Flags().StringVar(&typed.value, "value-date", "", "day from which the balance includes it (default: today)")
	c.Flags().StringVar(&typed.reason, "reason", "", "why, as printed on the account statement")
	return a.jsonFlag(c)
}

// read makes the adjustment of what was typed.
func (t *typedAdjustment) read(ctx context.Context, s *store.Store, entity string, today entities.Date) (a creditnotes.Adjustment, err error) {
	a = creditnotes.Adjustment{Entity: entity, Currency: t.currency, Value: today, Reason: t.reason}
	if a.Currency == "" {
		currencyOf, err := s.Currencies(ctx)
		if err != nil {
			return a, err
		}
		a.Currency = currencyOf(entity)
	}
	digits, known := money.Digits(a.Currency)
	if !known {
		digits = 2
	}
	amount, err := money.Parse(t.amount, digits)
	if err != nil {
		return a, usageError{fmt.Errorf("--amount: expected an amount with at most %d decimals, got %q", digits, t.amount)}
	}
	if a.Amount = money.Amount(amount); t.value != "" {
		if a.Value, err = entities.ParseDate(t.value); err != nil {
			return a, usageError{fmt.Errorf("--value-date: %w", err)}
		}
	}
	return a, nil
}

// adjustmentJSON is an adjustment that waits or was decided.
type adjustmentJSON struct {
	ID        int64                     `json:"id"`
	Entity    string                    `json:"entity"`
	Currency  string                    `json:"currency"`
	Amount    string                    `json:"amount"`
	Value     entities.Date             `json:"value_date"`
	Reason    string                    `json:"reason"`
	State     creditnotes.ProposalState `json:"state"`
	AskedBy   string                    `json:"asked_by"`
	AskedAt   time.Time                 `json:"asked_at"`
	DecidedBy string                    `json:"decided_by,omitempty"`
}

func adjustmentJSONOf(p *creditnotes.Proposal, a *creditnotes.Adjustment) adjustmentJSON {
	digits, _ := money.Digits(a.Currency)
	return adjustmentJSON{p.ID, a.Entity, a.Currency, a.Amount.Format(digits), a.Value, a.Reason, p.State, p.AskedBy, p.AskedAt, p.DecidedBy}
}

func (a *app) adjustmentsCommand() *cobra.Command {
	var all bool
	c := &cobra.Command{
		Use: "adjustments", Short: "List the adjustments of accounts that wait for another person",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error { return a.listAdjustments(c.Context(), all) },
	}
	c.Flags().BoolVar(&all, "all", false, "also those that were decided")
	return a.jsonFlag(c)
}

func (a *app) listAdjustments(ctx context.Context, all bool) error {
	s, err := a.store(ctx)
	if err != nil {
		return err
	}
	proposals, err := s.Proposals(ctx, creditnotes.ProposalFilter{Waiting: !all, Matter: creditnotes.MatterAdjustment})
	if err != nil {
		return err
	}
	list := make([]adjustmentJSON, len(proposals))
	for i := range proposals {
		var adjustment creditnotes.Adjustment
		if err := json.Unmarshal([]byte(proposals[i].After), &adjustment); err != nil {
			return fmt.Errorf("adjustment %d: %w", proposals[i].ID, err)
		}
		list[i] = adjustmentJSONOf(&proposals[i], &adjustment)
	}
	if a.json {
		return a.printJSON(list)
	}
	t := newTable(a.stdout)
	fmt.Fprintln(t, "ID\tRECIPIENT\tAMOUNT\tCURRENCY\tVALUE\tSTATE\tASKED BY\tDECIDED BY\tREASON")
	for _, one := range list {
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", one.ID, one.Entity, one.Amount, one.Currency, one.Value, one.State, one.AskedBy,
			cmp.Or(one.DecidedBy, "-"), one.Reason)
	}
	return t.Flush()
}

// decideProposalCommand approves or rejects an adjustment or a reprice. Other
// changes that wait are not decided on the command line.
func (a *app) decideProposalCommand(matter creditnotes.Matter, use, short string, decide func(s *store.Store, ctx context.Context, who string, id int64) error) *cobra.Command {
	return &cobra.Command{
		Use: use + " ID", Short: short,
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			id, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil {
				return usageError{fmt.Errorf("the id of what waits is expected, got %q", args[0])}
			}
			s, err := a.store(c.Context())
			if err != nil {
				return err
			}
			p, err := s.Proposal(c.Context(), id)
			if err == nil && p.Matter != matter {
				err = fault.New(fault.NotFound, "proposal_unknown", fault.Args{"change": id})
			}
			if err != nil {
				return err
			}
			return decide(s, c.Context(), a.who(), id)
		},
	}
}
