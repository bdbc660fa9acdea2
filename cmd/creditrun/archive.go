package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"creditrun/internal/export"
)

func (a *app) exportArchiveCommand() *cobra.Command {
	var year int
	var force bool
	c := &cobra.Command{
		Use: "archive DIR|ZIP", Short: "Write the archive of a year for an audit: documents, reports, statements, tables with index.xml, hashes",
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			if err := checkYear(year); err != nil {
				return err
			}
			return a.exportArchive(c.Context(), year, args[0], force)
		},
	}
	c.Flags().IntVar(&year, "year", 0, "calendar year, such as 2026 (required)")
	forceFlag(c, &force)
	return c
}

func checkYear(year int) error {
	if year < 2000 || year > 9999 {
		return usageError{fmt.Errorf("--year: expected a year such as 2026, got %d", year)}
	}
	return nil
}

func (a *app) exportArchive(ctx context.Context, year int, target string, force bool) error {
	s, err := a.store(ctx)
	if err != nil {
		return err
	}
	y, err := export.NewYearArchive(ctx, s, year, a.texts.In("de"), a.texts.In("en"), nil)
	if err != nil {
		return err
	}
	if strings.HasSuffix(strings.ToLower(target), ".zip") {
		_, err = writeFileBy(target, force, func(out io.Writer) error { return y.WriteZIP(ctx, out) })
		return err
	}
	return y.Write(ctx, export.NewArchive(func(name string, write func(io.Writer) error) error {
		path := filepath.Join(target, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		_, err := writeFileBy(path, force, write)
		return err
	}))
}

func (a *app) exportQuotaCommand() *cobra.Command {
	var year int
	var out string
	var force bool
	c := &cobra.Command{
		Use: "quota", Short: "Write the energy per public charge point and year, as the greenhouse-gas quota asks for it",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			if err := checkYear(year); err != nil {
				return err
			}
			if out == "" {
				out = fmt.Sprintf("quota-%d.xlsx", year)
			}
			return a.exportQuota(c.Context(), year, out, force)
		},
	}
	c.Flags().IntVar(&year, "year", 0, "calendar year, such as 2026 (required)")
	c.Flags().StringVar(&out, "out", "", "file to write (default: quota-YEAR.xlsx)")
	forceFlag(c, &force)
	return a.jsonFlag(c)
}

// quotaJSON is the energy of one charge point.
type quotaJSON struct {
	EVSE     string `json:"evse_id"`
	Station  string `json:"station"`
	Street   string `json:"street"`
	Postcode string `json:"postcode"`
	City     string `json:"city"`
	Country  string `json:"country"`
	From     string `json:"from"`
	Until    string `json:"until"`
	Sessions int64  `json:"sessions"`
	MWh      string `json:"energy_mwh"`
}

func (a *app) exportQuota(ctx context.Context, year int, out string, force bool) error {
	s, err := a.store(ctx)
	if err != nil {
		return err
	}
	network, err := a.network(ctx, s)
	if err != nil {
		return err
	}
	list, err := s.Quota(ctx, year, network.Zone())
	if err != nil {
		return err
	}
	if a.json {
		rows := make([]quotaJSON, len(list))
		for i := range list {
			r := &list[i]
			rows[i] = quotaJSON{r.EVSEID, r.Station, r.Street, r.Postcode, r.City, r.Country, string(r.From), string(r.Until), r.Sessions, r.MWh().String()}
		}
		return a.printJSON(rows)
	}
	_, err = writeFileBy(out, force, func(w io.Writer) error { return export.QuotaXLSX(w, "quota", nil, list) })
	return err
}
