package main

import (
	"context"
	"fmt"
	"io"

	"creditrun/internal/intake"
	"creditrun/internal/store"
)

// importedTable is what became of a file of collections, top-ups or custom
// records.
type importedTable struct {
	Kind intake.Kind `json:"kind"`
	store.TableResult
}

// takeTable takes in a file of one kind.
type takeTable func(ctx context.Context, a *app, s *store.Store, r io.Reader, opts store.ImportOptions) (importedTable, error)

// tables are the kinds of files whose columns say what they are (formats.md §2).
var tables = map[intake.Kind]takeTable{
	intake.KindCollections: func(ctx context.Context, a *app, s *store.Store, r io.Reader, opts store.ImportOptions) (importedTable, error) {
		result, err := s.ImportCollections(ctx, a.who(), intake.ReadCollections(opts.Name, r), opts)
		return importedTable{intake.KindCollections, store.TableResult{New: result.Collected, Unchanged: result.Unchanged, Rejected: result.Rejected}}, err
	},
	intake.KindTopUps: func(ctx context.Context, a *app, s *store.Store, r io.Reader, opts store.ImportOptions) (importedTable, error) {
		result, err := s.ImportTopUps(ctx, a.who(), intake.ReadTopUps(opts.Name, r), opts)
		return importedTable{intake.KindTopUps, result}, err
	},
	intake.KindRecords: func(ctx context.Context, a *app, s *store.Store, r io.Reader, opts store.ImportOptions) (importedTable, error) {
		currencyOf, err := s.Currencies(ctx)
		if err != nil {
			return importedTable{}, err
		}
		result, err := s.ImportRecords(ctx, a.who(), intake.ReadRecords(opts.Name, r, currencyOf), opts)
		return importedTable{intake.KindRecords, result}, err
	},
}

// importTable takes in a file of any size.
func (a *app) importTable(
	ctx context.Context, s *store.Store, name string, r io.Reader, opts store.ImportOptions, take takeTable,
) (imported, error) {
	bar := a.progressBar("records")
	defer bar.Finish()
	opts.Name, opts.Progress = name, func(n int) { _ = bar.Set(n) }
	var result importedTable
	left, err := leavingOut(opts, func(opts store.ImportOptions) (err error) {
		result, err = take(ctx, a, s, r, opts)
		return err
	})
	return imported{File: name, Checked: opts.Check, Table: &result, Rejected: left}, err
}

func (a *app) printTable(one imported) {
	t := one.Table
	what := map[intake.Kind]string{
		intake.KindCollections: "collections", intake.KindTopUps: "top-ups", intake.KindRecords: "custom records",
	}[t.Kind]
	fmt.Fprintf(a.stdout, "%s: %d new, %d changed, %d unchanged, %d rejected %s\n", one.File, t.New, t.Changed, t.Unchanged, t.Rejected, what)
	if t.Rejected > 0 && !one.Checked {
		fmt.Fprintf(a.stdout, "  the rejected records and why: %s\n", one.Rejected)
	}
}
