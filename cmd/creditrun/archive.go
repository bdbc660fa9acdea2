package main

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/export"
	"creditrun/internal/store"
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
	network, err := a.network(ctx, s)
	if err != nil {
		return err
	}
	config, err := s.Configuration(ctx)
	if err != nil {
		return err
	}
	w := &archiveWriter{store: s, network: network, config: config, year: year}
	if strings.HasSuffix(strings.ToLower(target), ".zip") {
		_, err = writeFileBy(target, force, func(out io.Writer) error {
			archive := zip.NewWriter(out)
			w.archive = export.NewArchive(export.ZipFiles(archive))
			if err := w.write(ctx); err != nil {
				return err
			}
			return archive.Close()
		})
		return err
	}
	w.archive = export.NewArchive(func(name string, write func(io.Writer) error) error {
		path := filepath.Join(target, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		_, err := writeFileBy(path, force, write)
		return err
	})
	return w.write(ctx)
}

// archiveWriter writes the archive of one year.
type archiveWriter struct {
	archive *export.Archive
	store   *store.Store
	network *entities.Network
	config  *creditnotes.Configuration
	year    int
}

func (w *archiveWriter) write(ctx context.Context) error {
	zone, root := w.network.Zone(), w.network.Tree.Root()
	tables := w.store.ArchiveTables(w.year, zone)
	supplier := export.Supplier{Name: root.DisplayName(), Location: root.City, Comment: fmt.Sprintf("creditrun, %d", w.year)}
	err := w.archive.Add("", "index.xml", func(out io.Writer) error {
		return export.IndexXML(out, supplier, fmt.Sprint(w.year), tables)
	})
	if err != nil {
		return err
	}
	for i := range tables {
		if err := w.archive.Table(ctx, &tables[i]); err != nil {
			return err
		}
	}
	for _, step := range []func(context.Context) error{w.documents, w.reports, w.statements, w.procedure} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return w.archive.Close()
}

func (w *archiveWriter) documents(ctx context.Context) error {
	prefix := fmt.Sprintf("%04d-", w.year)
	for note, err := range w.store.EachNote(ctx, creditnotes.NoteFilter{}) {
		if err != nil {
			return err
		}
		if !strings.HasPrefix(string(note.Date), prefix) {
			continue
		}
		files, err := w.store.Files(ctx, note.ID)
		if err != nil {
			return err
		}
		if err := w.archive.Files("documents", files); err != nil {
			return err
		}
	}
	return nil
}

func (w *archiveWriter) reports(ctx context.Context) error {
	f := creditnotes.ReportFilter{From: entities.Month(fmt.Sprintf("%04d-01", w.year)), Until: entities.Month(fmt.Sprintf("%04d-12", w.year))}
	page := creditnotes.Page{OldestFirst: true, Limit: creditnotes.MostRows}
	for {
		list, next, _, err := w.store.Reports(ctx, f, page)
		if err != nil {
			return err
		}
		for _, report := range list {
			files, err := w.store.ReportFiles(ctx, report.ID)
			if err != nil {
				return err
			}
			if err := w.archive.Files("reports", files); err != nil {
				return err
			}
		}
		if page.After = next; next == "" {
			return nil
		}
	}
}

// statements writes the account statement of the year of each recipient.
func (w *archiveWriter) statements(ctx context.Context) error {
	list, err := w.store.Accounts(ctx, creditnotes.AccountFilter{})
	if err != nil {
		return err
	}
	keys := map[string]bool{}
	for i := range list {
		keys[list[i].Entity] = true
	}
	q := creditnotes.StatementQuery{From: entities.Date(fmt.Sprintf("%04d-01-01", w.year)), Until: entities.Date(fmt.Sprintf("%04d-12-31", w.year))}
	for _, q.Entity = range slices.Sorted(maps.Keys(keys)) {
		statement, err := w.store.Statement(ctx, q, w.network)
		if err != nil {
			return err
		}
		err = w.archive.Add("statements", q.Entity+".csv", func(out io.Writer) error {
			return export.StatementCSV(out, nil, w.network.Zone(), statement)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// procedure writes the procedure documentation, filled from the settings.
func (w *archiveWriter) procedure(context.Context) error {
	return w.archive.Add("", "verfahrensdokumentation.txt", func(out io.Writer) error {
		_, err := io.WriteString(out, procedureOf(w.config, w.network.Tree.Root()))
		return err
	})
}

// procedureOf is the procedure documentation that the GoBD ask for, in German.
func procedureOf(config *creditnotes.Configuration, operator *entities.Entity) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\r\n", args...) }
	line("Verfahrensdokumentation: %s", operator.DisplayName())
	line("")
	line("1. Zweck. creditrun erstellt die Gutschriften (§ 14 Abs. 2 UStG) und Gebührenrechnungen aus den Ladevorgängen des Betreibers.")
	line("2. Belegfluss. Ladevorgänge werden importiert, geprüft, bewertet, je Eigentümer und Monat summiert, freigegeben, nummeriert, als PDF/A-3 mit E-Rechnung abgelegt und versandt.")
	line("3. Unveränderbarkeit. Ausgestellte Belege und gespeicherte Dateien werden nicht geändert; Korrekturen sind eigene Zeilen oder Stornobelege. Jeder Beleg trägt ein Siegel (SHA-256); Änderungsprotokoll und Kontobewegungen sind Hashketten. `creditrun verify` prüft beides.")
	line("4. Nummernkreise:")
	for i := range config.NumberRanges {
		r := &config.NumberRanges[i]
		line("   - %s: %s", r.Key, r.Pattern)
	}
	line("5. Steuerkonten:")
	for i := range config.TaxAccounts {
		line("   - %s: %s", config.TaxAccounts[i].Key, config.TaxAccounts[i].Name)
	}
	line("6. Rollen und Rechte:")
	for _, role := range access.Roles() {
		words := []string{}
		for _, right := range access.RightsOf(role) {
			words = append(words, string(right))
		}
		line("   - %s: %s", role, strings.Join(words, ", "))
	}
	line("7. Einstellungen:")
	values := config.Settings.Values()
	for _, key := range slices.Sorted(maps.Keys(values)) {
		line("   - %s = %s", key, values[key])
	}
	line("8. Maschineller Zugriff. index.xml beschreibt die Tabellen im Ordner tables nach dem Beschreibungsstandard für die Datenträgerüberlassung (GDPdU/GoBD); SHA256SUMS nennt die Prüfsummen aller Dateien.")
	return b.String()
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
			rows[i] = quotaJSON{r.EVSEID, r.Station, r.Street, r.Postcode, r.City, r.Country, r.From, r.Until, r.Sessions, r.MWh().String()}
		}
		return a.printJSON(rows)
	}
	_, err = writeFileBy(out, force, func(w io.Writer) error { return export.QuotaXLSX(w, "quota", nil, list) })
	return err
}
