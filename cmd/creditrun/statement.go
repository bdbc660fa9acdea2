package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/export"
	"creditrun/internal/money"
)

// statementOptions are what a statement is asked for, as it was typed.
type statementOptions struct {
	from, until, sections, asOf, diff string
	pdf, xlsx, csv                    string
	force                             bool
}

func (a *app) statementCommand() *cobra.Command {
	var o statementOptions
	c := &cobra.Command{
		Use: "statement ENTITY", Short: "Account statement of an entity: opening balance, movements, closing balance, and what was charged",
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error { return a.statement(c.Context(), args[0], o) },
	}
	c.Flags().StringVar(&o.from, "from", "", "first day, such as 2026-01-01 (default: the first day of this year)")
	c.Flags().StringVar(&o.until, "until", "", "last day (default: today)")
	c.Flags().StringVar(&o.sections, "sections", "transactions", "transactions, public, rfid, machines, with commas between them")
	c.Flags().StringVar(&o.asOf, "as-of", "", "as it was known at this time, such as 2026-11-01T08:00:00+01:00")
	c.Flags().StringVar(&o.diff, "diff", "", "also what has become known since this time, and where it was credited")
	c.Flags().StringVar(&o.pdf, "pdf", "", "write the statement as PDF to this file")
	c.Flags().StringVar(&o.xlsx, "xlsx", "", "write the statement as a workbook to this file")
	c.Flags().StringVar(&o.csv, "csv", "", "write the statement as CSV to this file")
	forceFlag(c, &o.force)
	return a.jsonFlag(c)
}

// query reads what was typed; days are those of the operator.
func (o *statementOptions) query(entity string, today entities.Date) (q creditnotes.StatementQuery, err error) {
	q = creditnotes.StatementQuery{Entity: entity, From: today[:len("2006-")] + "01-01", Until: today}
	for _, one := range []struct {
		text string
		day  *entities.Date
	}{{o.from, &q.From}, {o.until, &q.Until}} {
		if one.text == "" {
			continue
		}
		if *one.day, err = entities.ParseDate(one.text); err != nil {
			return q, usageError{fmt.Errorf("a day such as 2026-10-31 is expected: %w", err)}
		}
	}
	for _, one := range []struct {
		text string
		at   *time.Time
	}{{o.asOf, &q.AsOf}, {o.diff, &q.Since}} {
		if one.text == "" {
			continue
		}
		if *one.at, err = time.Parse(time.RFC3339, one.text); err != nil {
			return q, usageError{fmt.Errorf("a time such as 2026-11-01T08:00:00+01:00 is expected: %w", err)}
		}
	}
	for name := range strings.SplitSeq(o.sections, ",") {
		s := creditnotes.StatementSection(strings.TrimSpace(name))
		if !slices.Contains(creditnotes.StatementSections(), s) {
			return q, usageError{fmt.Errorf("--sections: expected transactions, public, rfid or machines, got %q", name)}
		}
		q.Sections = append(q.Sections, s)
	}
	if q.Until.Before(q.From) {
		return q, usageError{fmt.Errorf("--until: %s lies before %s", q.Until, q.From)}
	}
	return q, nil
}

func (a *app) statement(ctx context.Context, entity string, o statementOptions) error {
	s, err := a.store(ctx)
	if err != nil {
		return err
	}
	if _, err := s.Entity(ctx, entity); err != nil {
		return err
	}
	config, err := s.Configuration(ctx)
	if err != nil {
		return err
	}
	plan, err := creditnotes.NewPlan(config, "")
	if err != nil {
		return err
	}
	zone := plan.Network.Zone()
	q, err := o.query(entity, entities.Date(a.now().In(zone).Format(time.DateOnly)))
	if err != nil {
		return err
	}
	st, err := s.Statement(ctx, q, plan.Network)
	if err != nil {
		return err
	}
	if err := a.writeStatement(ctx, st, o, zone); err != nil {
		return err
	}
	if a.json {
		return a.printJSON(st.JSON(zone))
	}
	return a.printStatement(st.JSON(zone))
}

// writeStatement writes the files that were asked for.
func (a *app) writeStatement(ctx context.Context, st *creditnotes.AccountStatement, o statementOptions, zone *time.Location) error {
	for _, file := range []struct {
		path  string
		write func(io.Writer) error
	}{
		{o.csv, func(w io.Writer) error { return export.StatementCSV(w, nil, zone, st) }},
		{o.xlsx, func(w io.Writer) error { return export.StatementXLSX(w, "statement", nil, zone, st) }},
		{o.pdf, func(w io.Writer) error {
			runner, _, err := a.runner(ctx)
			if err != nil {
				return err
			}
			content, err := runner.StatementPDF(ctx, st)
			if err == nil {
				_, err = w.Write(content)
			}
			return err
		}},
	} {
		if file.path == "" {
			continue
		}
		var content bytes.Buffer
		if err := file.write(&content); err != nil {
			return err
		}
		if _, err := writeFile(file.path, content.Bytes(), o.force); err != nil {
			return err
		}
		a.say("%s", file.path)
	}
	return nil
}

func (a *app) printStatement(st creditnotes.StatementJSON) error {
	fmt.Fprintf(a.stdout, "%s from %s to %s, as known at %s\n", st.Entity, st.From, st.Until, st.AsOf.Format(time.RFC3339))
	for _, account := range st.Accounts {
		t := newTable(a.stdout)
		fmt.Fprintf(t, "VALUE\tKIND\tREFERENCE\t%s\tBALANCE\n", account.Currency)
		fmt.Fprintf(t, "%s\topening balance\t\t\t%s\n", st.From, account.Opening)
		for _, m := range account.Movements {
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", m.Value, m.Kind, m.Reference, m.Amount, m.Balance)
		}
		fmt.Fprintf(t, "%s\tclosing balance\t\t\t%s\n", st.Until, account.Closing)
		if err := t.Flush(); err != nil {
			return err
		}
	}
	for _, c := range st.Charges {
		fmt.Fprintf(a.stdout, "%s: %d sessions, %s kWh\n", c.Section, len(c.Sessions), c.Energy)
		if err := a.printCharges(c.Sessions); err != nil {
			return err
		}
	}
	if st.Since == nil {
		return nil
	}
	fmt.Fprintf(a.stdout, "since %s: %d movements, %d sessions\n", st.Since.Format(time.RFC3339), len(st.News), len(st.Sessions))
	for _, m := range st.News {
		fmt.Fprintf(a.stdout, "  %s %s %s %s %s\n", m.Value, m.Kind, m.Reference, m.Amount, m.Currency)
	}
	return a.printCharges(st.Sessions)
}

func (a *app) printCharges(list []creditnotes.ChargeJSON) error {
	if len(list) == 0 {
		return nil
	}
	t := newTable(a.stdout)
	fmt.Fprintln(t, "SESSION\tSTATION\tEND\tKWH\tDRIVER AMOUNT\tDOCUMENT")
	for _, s := range list {
		amount := ""
		if s.DriverAmount != nil {
			amount = money.FormatTrimmed(int64(*s.DriverAmount), money.MicroDecimals) + " " + s.Currency
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", s.Session, s.Station, s.End.Format(time.RFC3339), s.Energy, amount, s.Document)
	}
	return t.Flush()
}
