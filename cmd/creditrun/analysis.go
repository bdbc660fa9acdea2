package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/export"
	"creditrun/internal/store"
)

// askedAnalysis is an analysis as it was typed.
type askedAnalysis struct {
	by, from, until, owner, currency string
	below, force                     bool
	csv, xlsx                        string
}

func (a *app) analysisCommand() *cobra.Command {
	var q askedAnalysis
	c := &cobra.Command{
		Use: "analysis", Short: "Analyze what was settled by owner, station, tariff or month: kWh, driver amounts, shares, what is awaited, and the value of what is held",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error { return a.analysis(c.Context(), &q) },
	}
	c.Flags().StringVar(&q.by, "by", string(creditnotes.ByOwner), "owner, station, tariff or month")
	c.Flags().StringVar(&q.from, "from", "", "first month, such as 2026-01 (default: eleven months before the last one)")
	c.Flags().StringVar(&q.until, "until", "", "last month (default: the month before this one)")
	c.Flags().StringVar(&q.owner, "owner", "", "only this owner")
	c.Flags().BoolVar(&q.below, "below", false, "with --owner: also the entities below it")
	c.Flags().StringVar(&q.currency, "currency", "", "only in this currency")
	c.Flags().StringVar(&q.csv, "csv", "", "write the rows as CSV to this file, too")
	c.Flags().StringVar(&q.xlsx, "xlsx", "", "write a workbook to this file, too")
	forceFlag(c, &q.force)
	return a.jsonFlag(c)
}

// query reads what was typed.
func (q *askedAnalysis) query(ctx context.Context, s *store.Store, now time.Time, network *entities.Network) (asked creditnotes.AnalysisQuery, err error) {
	asked = creditnotes.AnalysisQuery{By: creditnotes.AnalysisBy(q.by), Currency: q.currency, Until: entities.MonthOf(now, network.Zone()).Prev()}
	if !slices.Contains(creditnotes.AnalysisGroups, asked.By) {
		return asked, usageError{fmt.Errorf("--by: expected owner, station, tariff or month, got %q", q.by)}
	}
	if q.until != "" {
		if asked.Until, err = entities.ParseMonth(q.until); err != nil {
			return asked, usageError{fmt.Errorf("--until: %w", err)}
		}
	}
	asked.From = asked.Until.AddMonths(-11)
	if q.from != "" {
		if asked.From, err = entities.ParseMonth(q.from); err != nil {
			return asked, usageError{fmt.Errorf("--from: %w", err)}
		}
	}
	if asked.Until < asked.From {
		return asked, usageError{fmt.Errorf("--until: %s lies before %s", asked.Until, asked.From)}
	}
	if q.owner == "" {
		return asked, nil
	}
	if _, err := s.Entity(ctx, q.owner); err != nil {
		return asked, err
	}
	asked.Owners = []string{q.owner}
	if q.below {
		for _, e := range network.Tree.Subtree(q.owner) {
			asked.Owners = append(asked.Owners, e.Key)
		}
	}
	return asked, nil
}

func (a *app) analysis(ctx context.Context, q *askedAnalysis) error {
	s, err := a.storeToRead(ctx)
	if err != nil {
		return err
	}
	network, err := a.network(ctx, s)
	if err != nil {
		return err
	}
	asked, err := q.query(ctx, s, a.now(), network)
	if err != nil {
		return err
	}
	result, err := creditnotes.Analyze(ctx, s, asked)
	if err != nil {
		return err
	}
	for name, write := range map[string]func(io.Writer) error{
		q.csv: func(w io.Writer) error { return export.AnalysisCSV(w, nil, result) },
		q.xlsx: func(w io.Writer) error {
			return export.AnalysisXLSX(w, export.AnalysisSheets{"analysis", "trend", "held", "awaited"}, nil, result)
		},
	} {
		if name == "" {
			continue
		}
		if _, err := writeFileBy(name, q.force, write); err != nil {
			return err
		}
	}
	if a.json {
		return a.printJSON(result.JSON(func(t time.Time) time.Time { return t.In(network.Zone()) }))
	}
	return a.printAnalysis(result)
}

func (a *app) printAnalysis(r *creditnotes.Analysis) error {
	table := newTable(a.stdout)
	fmt.Fprintf(table, "%s\tsessions\tkWh\tdriver amounts\towner's share\toperator's share\tawaited\tbeside\tfees\t\t\n", r.By)
	line := func(name string, row *creditnotes.AnalysisRow) {
		fmt.Fprintf(table, "%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", name, row.Sessions, row.Energy, row.Driver, row.Share, row.Operator(), row.Awaited(),
			row.Beside, row.Fees, row.Currency)
	}
	for i := range r.Rows {
		line(strings.TrimSpace(r.Rows[i].Key+" "+r.Rows[i].Rule), &r.Rows[i])
	}
	for i := range r.Totals {
		line("total", &r.Totals[i])
	}
	if err := table.Flush(); err != nil {
		return err
	}
	held, worth, unknown := creditnotes.HeldOf(r.Held)
	fmt.Fprintf(a.stdout, "held: %d sessions, %s kWh", held.Sessions, held.Energy)
	for _, currency := range slices.Sorted(maps.Keys(worth)) {
		fmt.Fprintf(a.stdout, ", worth %s %s", worth[currency], currency)
	}
	fmt.Fprintf(a.stdout, ", %d of unknown worth\n", unknown)
	return nil
}
