package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/export"
	"creditrun/internal/payouts"
	"creditrun/internal/store"
)

// askedList is a list of what is owed, as it was typed.
type askedList struct {
	day, csv, xlsx string
	force          bool
}

// owedCommand is a command that lists what is owed on a day.
func (a *app) owedCommand(use, short, day string, list func(context.Context, *store.Store, entities.Date, *askedList) error) *cobra.Command {
	asked := &askedList{}
	c := &cobra.Command{
		Use: use, Short: short, Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := a.store(c.Context())
			if err != nil {
				return err
			}
			day, err := a.typedDay(c.Context(), asked.day)
			if err != nil {
				return err
			}
			return list(c.Context(), s, day, asked)
		},
	}
	c.Flags().StringVar(&asked.day, "day", "", day)
	asked.flags(c)
	return a.jsonFlag(c)
}

// flags adds the flags of files to a command.
func (q *askedList) flags(c *cobra.Command) {
	c.Flags().StringVar(&q.csv, "csv", "", "write the rows as CSV to this file, too")
	c.Flags().StringVar(&q.xlsx, "xlsx", "", "write a workbook to this file, too")
	forceFlag(c, &q.force)
}

// write writes the files that were asked for.
func (q *askedList) write(csv, xlsx func(io.Writer) error) error {
	if q.csv != "" {
		if _, err := writeFileBy(q.csv, q.force, csv); err != nil {
			return err
		}
	}
	if q.xlsx == "" {
		return nil
	}
	_, err := writeFileBy(q.xlsx, q.force, xlsx)
	return err
}

func (a *app) ageingCommand() *cobra.Command {
	return a.owedCommand("ageing", "List what is open by age: not due, 1–30, 31–60, 61–90 and more than 90 days", "as of the end of this day (default: today)", a.ageing)
}

func (a *app) ageing(ctx context.Context, s *store.Store, day entities.Date, q *askedList) error {
	accounts, err := s.OpenAccountsOn(ctx, day)
	if err != nil {
		return err
	}
	list := payouts.AgeingOf(day, accounts)
	err = q.write(func(w io.Writer) error { return export.AgeingCSV(w, nil, &list) },
		func(w io.Writer) error { return export.AgeingXLSX(w, "ageing", nil, &list) })
	if err != nil {
		return err
	}
	out := list.JSON(day)
	if a.json {
		return a.printJSON(out)
	}
	t := newTable(a.stdout)
	fmt.Fprintln(t, "RECIPIENT\tSIDE\tITEMS\tNOT DUE\t1-30\t31-60\t61-90\tOVER 90\tTOTAL\t\t")
	line := func(name string, r payouts.AgedJSON) {
		fmt.Fprintf(t, "%s\t%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", name, r.Side, r.Items, r.NotDue, r.To30, r.To60, r.To90, r.Over90, r.Total, r.Currency)
	}
	for _, r := range out.Rows {
		line(r.Entity, r)
	}
	for _, r := range out.Totals {
		line("total", r)
	}
	return t.Flush()
}

func (a *app) cashCommand() *cobra.Command {
	return a.owedCommand("cash", "Forecast the cash to be paid by date, from open items that become due", "from this day on, of what was open at its end (default: today)", a.cash)
}

func (a *app) cash(ctx context.Context, s *store.Store, day entities.Date, q *askedList) error {
	accounts, err := s.OpenAccountsOn(ctx, day)
	if err != nil {
		return err
	}
	settings, err := s.Settings(ctx)
	if err != nil {
		return err
	}
	list := payouts.ForecastOf(day, settings.MinimumPayout, accounts)
	err = q.write(func(w io.Writer) error { return export.CashCSV(w, nil, &list, a.words) },
		func(w io.Writer) error { return export.CashXLSX(w, "cash", nil, &list, a.words) })
	if err != nil {
		return err
	}
	out := list.JSON(day, a.words)
	if a.json {
		return a.printJSON(out)
	}
	t := newTable(a.stdout)
	fmt.Fprintln(t, "DAY\tPAYOUTS\tAMOUNT\tSUM\t\t")
	for _, d := range out.Days {
		fmt.Fprintf(t, "%s\t%d\t%s\t%s\t%s\t\n", d.Day, d.Payouts, d.Amount, d.Sum, d.Currency)
	}
	if err := t.Flush(); err != nil || len(out.Apart) == 0 {
		return err
	}
	t = newTable(a.stdout)
	fmt.Fprintln(t, "APART\tSINCE\tAMOUNT\t\tREASON\t")
	for _, c := range out.Apart {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", c.Entity, c.Day, c.Amount, c.Currency, c.Reason, strings.TrimSpace(c.Detail+" "+strings.Join(c.Documents, ", ")))
	}
	return t.Flush()
}

func (a *app) accrualsCommand() *cobra.Command {
	return a.owedCommand("accruals", "List what is owed and not yet on a document, valued, with what is held", "at the end of this day, by the dates of documents (default: today)", a.accruals)
}

func (a *app) accruals(ctx context.Context, s *store.Store, day entities.Date, q *askedList) error {
	runner, _, err := a.runner(ctx)
	if err != nil {
		return err
	}
	if _, err := (&creditnotes.OpenMonth{Runner: runner, Store: s}).Refresh(ctx); err != nil {
		return err
	}
	list, err := s.Accruals(ctx, day, nil)
	if err == nil && (q.csv != "" || q.xlsx != "") {
		err = list.Whole()
	}
	if err != nil {
		return err
	}
	err = q.write(func(w io.Writer) error { return export.AccrualsCSV(w, nil, list) },
		func(w io.Writer) error { return export.AccrualsXLSX(w, "accruals", nil, list) })
	if err != nil {
		return err
	}
	out := list.JSON()
	if a.json {
		return a.printJSON(out)
	}
	t := newTable(a.stdout)
	fmt.Fprintln(t, "OWNER\tKIND\tSTATE\tSESSIONS\tKWH\tNET\t\t")
	for _, r := range out.Rows {
		fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%s\t%s\t%s\t%s\n", r.Owner, r.Kind, r.State, r.Sessions, r.Energy, r.Net, r.Currency, r.Reason)
	}
	for _, r := range out.Totals {
		fmt.Fprintf(t, "owed\t\t\t\t\t%s\t%s\t\nheld\t\t\t\t\t%s\t%s\t\n", r.Owed, r.Currency, r.Held, r.Currency)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if !list.Complete {
		a.say("the open month is being looked at by another process: ask again in a moment")
	}
	return nil
}
