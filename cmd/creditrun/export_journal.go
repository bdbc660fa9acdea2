package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"creditrun/entities"
	"creditrun/internal/export"
	"creditrun/internal/journal"
)

// accountingJSON is a month that was exported to the books.
type accountingJSON struct {
	Month    entities.Month          `json:"month"`
	ClosedBy string                  `json:"closed_by"`
	Copied   bool                    `json:"copied"` // the files are those that were exported before
	Entries  int                     `json:"entries"`
	Files    []string                `json:"files"`
	Controls []export.JournalControl `json:"controls"`
}

func (a *app) exportDATEVCommand() *cobra.Command {
	return a.journalCommand("datev", "Write the journal of a month for DATEV: booking batches, debtors and creditors; the first export closes the month",
		func() (journal.Format, error) { return journal.DATEV, nil }, nil)
}

func (a *app) exportJournalCommand() *cobra.Command {
	var format string
	return a.journalCommand("journal", "Write the journal of a month as csv, xlsx or json; the first export closes the month",
		func() (journal.Format, error) {
			f := journal.Format(format)
			switch f {
			case journal.CSV, journal.XLSX, journal.JSON:
				return f, nil
			}
			return f, usageError{fmt.Errorf("--format: expected csv, xlsx or json, got %q", format)}
		}, func(c *cobra.Command) { c.Flags().StringVar(&format, "format", "csv", "csv, xlsx or json") })
}

func (a *app) journalCommand(use, short string, choose func() (journal.Format, error), flags func(*cobra.Command)) *cobra.Command {
	var month, out string
	var force bool
	c := &cobra.Command{
		Use: use, Short: short, Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			m, err := entities.ParseMonth(month)
			if err != nil {
				return usageError{fmt.Errorf("--month: %w", err)}
			}
			format, err := choose()
			if err != nil {
				return err
			}
			return a.exportBooks(c.Context(), m, format, out, force)
		},
	}
	c.Flags().StringVar(&month, "month", "", "the month, such as 2026-10 (required)")
	c.Flags().StringVar(&out, "out", ".", "folder to write to")
	_ = c.MarkFlagRequired("month")
	forceFlag(c, &force)
	if flags != nil {
		flags(c)
	}
	return a.jsonFlag(c)
}

func (a *app) exportBooks(ctx context.Context, month entities.Month, format journal.Format, out string, force bool) error {
	s, err := a.store(ctx)
	if err != nil {
		return err
	}
	if err := makeFolder(out); err != nil { // before the month is closed
		return err
	}
	done, err := s.ExportJournal(ctx, a.who(), month, format, export.JournalFiles(format))
	if err != nil {
		return err
	}
	told := accountingJSON{Month: month, ClosedBy: done.Journal.ClosedBy, Copied: done.Copied, Entries: len(done.Journal.Entries), Files: []string{}, Controls: []export.JournalControl{}}
	for _, f := range done.Files {
		path := filepath.Join(out, f.Name)
		if _, err := writeFile(path, f.Content, force); err != nil {
			return err
		}
		told.Files = append(told.Files, path)
	}
	for i := range done.Journal.Controls {
		told.Controls = append(told.Controls, export.JournalControlOf(&done.Journal.Controls[i]))
	}
	if a.json {
		return a.printJSON(told)
	}
	return a.printBooks(&told)
}

func (a *app) printBooks(told *accountingJSON) error {
	for _, path := range told.Files {
		if told.Copied {
			path += " (copy of the file that was exported before)"
		}
		fmt.Fprintln(a.stdout, path)
	}
	table := newTable(a.stdout)
	fmt.Fprintln(table, "\tdocuments\tjournal\tissued\tmovements\tothers\ttheir sum\t")
	for _, c := range told.Controls {
		fmt.Fprintf(table, "%s\t%d\t%s\t%s\t%s\t%d\t%s\t\n", c.Currency, c.Documents, c.Journal, c.Issued, c.Movements, c.Others, c.Payments)
	}
	return table.Flush()
}
