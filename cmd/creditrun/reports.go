package main

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/export"
	"creditrun/internal/fault"
	"creditrun/internal/store"
)

// reportRowJSON is a settlement report in a listing.
type reportRowJSON struct {
	Report   string                   `json:"report"`
	Owner    string                   `json:"owner"`
	Period   creditnotes.ReportPeriod `json:"period"`
	Currency string                   `json:"currency"`
	Totals   creditnotes.ReportTotals `json:"totals"`
	SHA256   string                   `json:"sha256"`
}

func (a *app) reportsCommand() *cobra.Command {
	var f creditnotes.ReportFilter
	var month string
	c := &cobra.Command{
		Use: "reports", Short: "List settlement reports",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			if month != "" {
				m, err := entities.ParseMonth(month)
				if err != nil {
					return usageError{fmt.Errorf("--month: %w", err)}
				}
				f.From, f.Until = m, m
			}
			return a.listReports(c.Context(), f)
		},
	}
	c.Flags().StringVar(&f.Owner, "owner", "", "only of this owner")
	c.Flags().StringVar(&f.Currency, "currency", "", "only in this currency")
	c.Flags().StringVar(&month, "month", "", "only those whose period has this month")
	a.jsonFlag(c)
	c.AddCommand(a.showReportCommand())
	return c
}

func (a *app) listReports(ctx context.Context, f creditnotes.ReportFilter) error {
	s, err := a.store(ctx)
	if err != nil {
		return err
	}
	rows := []reportRowJSON{}
	for page := (creditnotes.Page{Limit: creditnotes.MostRows}); ; {
		list, next, _, err := s.Reports(ctx, f, page)
		if err != nil {
			return err
		}
		for _, one := range list {
			r, err := one.Report()
			if err != nil {
				return err
			}
			rows = append(rows, reportRowJSON{r.Name, r.Owner, r.Period, r.Currency, r.Totals, r.SHA256})
		}
		if next == "" {
			break
		}
		page.After = next
	}
	if a.json {
		return a.printJSON(rows)
	}
	table := newTable(a.stdout)
	fmt.Fprintln(table, "report\towner\tfrom\tto\trevenue\texpenses\tcollected\tawaited\tstill awaited\t\t")
	for _, r := range rows {
		t := r.Totals
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", r.Report, r.Owner, r.Period.From, r.Period.To,
			t.Revenue, t.Expenses, t.Collected, t.Awaited, t.StillAwaited, r.Currency)
	}
	return table.Flush()
}

// shownReport says what of a report is wanted.
type shownReport struct {
	owner, month, currency string
	live, diff, force      bool
	pdf, xlsx              string
}

func (a *app) showReportCommand() *cobra.Command {
	var q shownReport
	c := &cobra.Command{
		Use: "show OWNER MONTH", Short: "Show a settlement report: as it was frozen, as it would be now, or what changed since",
		Args: arguments(cobra.ExactArgs(2)),
		RunE: func(c *cobra.Command, args []string) error {
			q.owner, q.month = args[0], args[1]
			return a.showReport(c.Context(), &q)
		},
	}
	c.Flags().StringVar(&q.currency, "currency", "", "the currency, where the owner has more than one")
	c.Flags().BoolVar(&q.live, "live", false, "with today's data")
	c.Flags().BoolVar(&q.diff, "diff", false, "line by line, what differs between the frozen report and today's data")
	c.Flags().StringVar(&q.pdf, "pdf", "", "write the document to this file")
	c.Flags().StringVar(&q.xlsx, "xlsx", "", "write a workbook to this file")
	forceFlag(c, &q.force)
	return a.jsonFlag(c)
}

// wantedReport finds a report by owner and month; MONTH may be the name of a
// run, such as 2026-10-2.
func wantedReport(ctx context.Context, s *store.Store, q *shownReport) (*creditnotes.FrozenReport, error) {
	list, _, _, err := s.Reports(ctx, creditnotes.ReportFilter{Owner: q.owner, Currency: q.currency}, creditnotes.Page{Limit: creditnotes.MostRows})
	if err != nil {
		return nil, err
	}
	var found []*creditnotes.FrozenReport
	for _, f := range list {
		if f.Name == creditnotes.ReportName(q.owner, q.month, f.Currency) {
			found = append(found, f)
		}
	}
	switch len(found) {
	case 0:
		return nil, fault.New(fault.NotFound, "report_unknown", fault.Args{"report": creditnotes.ReportName(q.owner, q.month, q.currency)})
	case 1:
		return found[0], nil
	}
	return nil, usageError{fmt.Errorf("reports show: %s has reports in more than one currency; give --currency", q.owner)}
}

func (a *app) showReport(ctx context.Context, q *shownReport) error {
	s, err := a.store(ctx)
	if err != nil {
		return err
	}
	frozen, err := wantedReport(ctx, s, q)
	if err != nil {
		return err
	}
	run, err := s.RunByID(ctx, frozen.RunID)
	if err != nil {
		return err
	}
	network, err := a.network(ctx, s)
	if err != nil {
		return err
	}
	settings, err := s.Settings(ctx)
	if err != nil {
		return err
	}
	if err := a.writeReport(ctx, q, frozen); err != nil {
		return err
	}
	return s.ReportView(ctx, func(reader creditnotes.ReportReader) error {
		return a.printReportOf(ctx, q, frozen, run, creditnotes.NewReportBook(reader, network, settings))
	})
}

// writeReport writes the files that were asked for.
func (a *app) writeReport(ctx context.Context, q *shownReport, frozen *creditnotes.FrozenReport) error {
	runner, _, err := a.runner(ctx)
	if err != nil {
		return err
	}
	for kind, path := range map[creditnotes.FileKind]string{creditnotes.FilePDF: q.pdf, creditnotes.FileXLSX: q.xlsx} {
		if path == "" {
			continue
		}
		file, err := runner.ReportFile(ctx, frozen, kind)
		if err != nil {
			return err
		}
		if _, err := writeFile(path, file.Content, q.force); err != nil {
			return err
		}
	}
	return nil
}

// workbook writes a settlement report as a workbook in its language.
func (a *app) workbook(w io.Writer, r *creditnotes.SettlementReport, rows creditnotes.ReportRows) error {
	words := func(key string) (string, error) { return a.texts.Text(r.Language, key, nil) }
	return export.ReportXLSX(w, words, r, rows)
}

// mailbag makes the files of settlement reports that are mailed alone, and of
// remittance advices.
type mailbag struct {
	*store.Store
	runner  *creditnotes.Runner
	printer creditnotes.ReportPrinter
}

// Delivery implements mailer.Outbox.
func (m mailbag) Delivery(ctx context.Context, id int64) (*creditnotes.Delivery, *creditnotes.Note, []creditnotes.File, error) {
	d, note, files, err := m.Store.Delivery(ctx, id)
	if err != nil || d.NoteID != 0 || len(files) > 0 {
		return d, note, files, err
	}
	if d.PayoutID != 0 {
		frozen, err := m.Store.RemittanceByID(ctx, d.PayoutID)
		if err != nil {
			return nil, nil, nil, err
		}
		file, err := m.runner.RemittanceFile(ctx, frozen)
		if err != nil {
			return nil, nil, nil, err
		}
		return d, note, []creditnotes.File{*file}, nil
	}
	if err := m.runner.RenderReport(ctx, d.ReportID, m.printer); err != nil {
		return nil, nil, nil, err
	}
	return m.Store.Delivery(ctx, id)
}

func (a *app) printReportOf(ctx context.Context, q *shownReport, frozen *creditnotes.FrozenReport, run *creditnotes.Run, book *creditnotes.ReportBook) error {
	report, err := frozen.Report()
	if err != nil {
		return err
	}
	if q.live || q.diff {
		live, err := book.Live(ctx, frozen, run, a.now())
		if err != nil {
			return err
		}
		if q.diff {
			return a.printDifferences(creditnotes.DifferencesOf(report, live))
		}
		report = live
	}
	if !a.json {
		return a.printSettlement(report)
	}
	if q.live {
		return a.printJSON(report)
	}
	var out bytes.Buffer
	if err := book.WriteJSON(ctx, &out, frozen, run); err != nil {
		return err
	}
	_, err = a.stdout.Write(out.Bytes())
	return err
}

func (a *app) printDifferences(list []creditnotes.ReportDifference) error {
	if a.json {
		if list == nil {
			list = []creditnotes.ReportDifference{}
		}
		return a.printJSON(list)
	}
	if len(list) == 0 {
		fmt.Fprintln(a.stdout, "nothing changed since the report was frozen")
		return nil
	}
	table := newTable(a.stdout)
	fmt.Fprintln(table, "line\tfrozen\tnow")
	for _, d := range list {
		fmt.Fprintf(table, "%s\t%s\t%s\n", d.Line, d.Frozen, d.Now)
	}
	return table.Flush()
}

func (a *app) printSettlement(r *creditnotes.SettlementReport) error {
	fmt.Fprintf(a.stdout, "Settlement report %s of %s, %s – %s\n", r.Name, r.OwnerName, r.Period.From, r.Period.To)
	table := newTable(a.stdout)
	fmt.Fprintf(table, "\tdriver amounts\towner's share\t\n")
	t := r.Totals
	fmt.Fprintf(table, "collected\t%s\t%s\t\n", t.Collected, t.CollectedShare)
	fmt.Fprintf(table, "awaited\t%s\t%s\t\n", t.Awaited, t.AwaitedShare)
	fmt.Fprintf(table, "collected for previous periods\t%s\t%s\t\n", t.CollectedPrevious, t.PreviousShare)
	fmt.Fprintf(table, "still awaited\t%s\t%s\t\n", t.StillAwaited, t.StillAwaitedShare)
	fmt.Fprintf(table, "not from drivers\t\t%s\t\n", t.NotFromDrivers)
	fmt.Fprintf(table, "rounding\t\t%s\t\n", t.Rounding)
	fmt.Fprintf(table, "revenue\t\t%s\t%s\n", t.Revenue, r.Currency)
	fmt.Fprintf(table, "expenses\t\t%s\t%s\n", t.Expenses, r.Currency)
	if err := table.Flush(); err != nil {
		return err
	}
	for _, d := range r.Documents {
		fmt.Fprintf(a.stdout, "  %s %s: net %s, gross %s (%s)\n", d.Kind, d.Number, d.Net, d.Gross, d.State)
	}
	for _, h := range r.Held {
		fmt.Fprintf(a.stdout, "  held %s: %d sessions, %s kWh\n", h.Reason, h.Sessions, h.Energy)
	}
	fmt.Fprintf(a.stdout, "  account: opening %s, closing %s %s\n", r.Account.Opening, r.Account.Closing, r.Currency)
	return nil
}
