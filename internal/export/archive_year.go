package export

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
)

// ArchiveSource reads what the archive of a year is made of.
type ArchiveSource interface {
	ArchiveTables(year int, zone *time.Location) []creditnotes.ArchiveTable
	ArchiveFiles(ctx context.Context, year int) iter.Seq2[creditnotes.ArchiveFile, error]
	EachNote(ctx context.Context, f creditnotes.NoteFilter) iter.Seq2[creditnotes.NoteEntry, error]
	Files(ctx context.Context, noteID int64) ([]creditnotes.File, error)
	Reports(ctx context.Context, f creditnotes.ReportFilter, p creditnotes.Page) (list []*creditnotes.FrozenReport, next, previous string, err error)
	ReportFiles(ctx context.Context, reportID int64) ([]creditnotes.File, error)
	Accounts(ctx context.Context, f creditnotes.AccountFilter) ([]creditnotes.AccountState, error)
	Statement(ctx context.Context, q creditnotes.StatementQuery, network *entities.Network) (*creditnotes.AccountStatement, error)
}

// ArchiveBooks is a source of archives with its configuration.
type ArchiveBooks interface {
	ArchiveSource
	Configuration(ctx context.Context) (*creditnotes.Configuration, error)
}

// NewYearArchive is the archive of a year of some books, with the words of its
// tables in German. progress may be nil.
func NewYearArchive(ctx context.Context, books ArchiveBooks, year int, german, english Messages, progress func(done, of int)) (*YearArchive, error) {
	config, err := books.Configuration(ctx)
	if err != nil {
		return nil, err
	}
	network, err := entities.NewNetwork(config.Entities, config.Stations, config.Connectors, config.Media, config.Partners)
	if err != nil {
		return nil, err
	}
	return &YearArchive{Source: books, Network: network, Config: config, Year: year, German: german, English: english, Progress: progress}, nil
}

// YearArchive is the archive of a calendar year in the zone of the operator.
type YearArchive struct {
	Source  ArchiveSource
	Network *entities.Network
	Config  *creditnotes.Configuration
	Year    int
	German  Messages // of the tables and the procedure documentation
	English Messages // of the procedure documentation
	// Progress is called with how many of how many parts are done; it may be nil.
	Progress func(done, of int)
}

// Write writes the archive: index.xml with the tables, documents, settlement
// reports, account statements, other files, the procedure documentation in German
// and English, and the hashes of all files.
func (y *YearArchive) Write(ctx context.Context, a *Archive) error {
	tables := y.Source.ArchiveTables(y.Year, y.Network.Zone())
	steps := []func(context.Context, *Archive) error{y.index(tables)}
	for i := range tables {
		steps = append(steps, func(ctx context.Context, a *Archive) error { return a.Table(ctx, &tables[i]) })
	}
	steps = append(steps, y.documents, y.reports, y.files, y.statements, y.procedures)
	for i, step := range steps {
		if y.Progress != nil {
			y.Progress(i, len(steps))
		}
		if err := step(ctx, a); err != nil {
			return err
		}
	}
	return a.Close()
}

// WriteZIP writes the archive as a ZIP.
func (y *YearArchive) WriteZIP(ctx context.Context, w io.Writer) error {
	archive := zip.NewWriter(w)
	if err := y.Write(ctx, NewArchive(ZipFiles(archive))); err != nil {
		return err
	}
	return archive.Close()
}

func (y *YearArchive) index(tables []creditnotes.ArchiveTable) func(context.Context, *Archive) error {
	root := y.Network.Tree.Root()
	supplier := Supplier{Name: root.DisplayName(), Location: root.City, Comment: fmt.Sprintf("creditrun, %d", y.Year)}
	return func(_ context.Context, a *Archive) error {
		return a.Add("", "index.xml", func(out io.Writer) error { return IndexXML(out, supplier, fmt.Sprint(y.Year), tables, y.German) })
	}
}

func (y *YearArchive) documents(ctx context.Context, a *Archive) error {
	prefix := fmt.Sprintf("%04d-", y.Year)
	for note, err := range y.Source.EachNote(ctx, creditnotes.NoteFilter{}) {
		if err != nil {
			return err
		}
		if !strings.HasPrefix(string(note.Date), prefix) {
			continue
		}
		files, err := y.Source.Files(ctx, note.ID)
		if err != nil {
			return err
		}
		if err := a.Files("documents", files); err != nil {
			return err
		}
	}
	return nil
}

func (y *YearArchive) reports(ctx context.Context, a *Archive) error {
	f := creditnotes.ReportFilter{From: entities.Month(fmt.Sprintf("%04d-01", y.Year)), Until: entities.Month(fmt.Sprintf("%04d-12", y.Year))}
	page := creditnotes.Page{OldestFirst: true, Limit: creditnotes.MostRows}
	for {
		list, next, _, err := y.Source.Reports(ctx, f, page)
		if err != nil {
			return err
		}
		for i := range list {
			files, err := y.Source.ReportFiles(ctx, list[i].ID)
			if err != nil {
				return err
			}
			if err := a.Files("reports", files); err != nil {
				return err
			}
		}
		if page.After = next; next == "" {
			return nil
		}
	}
}

// files writes bank files, remittance advices, reminders and journals.
func (y *YearArchive) files(ctx context.Context, a *Archive) error {
	for f, err := range y.Source.ArchiveFiles(ctx, y.Year) {
		if err != nil {
			return err
		}
		err := a.Add(f.Folder, f.Name, func(out io.Writer) error {
			_, err := out.Write(f.Content)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// statements writes the account statement of the year of each recipient.
func (y *YearArchive) statements(ctx context.Context, a *Archive) error {
	list, err := y.Source.Accounts(ctx, creditnotes.AccountFilter{})
	if err != nil {
		return err
	}
	keys := map[string]bool{}
	for i := range list {
		keys[list[i].Entity] = true
	}
	q := creditnotes.StatementQuery{From: entities.Date(fmt.Sprintf("%04d-01-01", y.Year)), Until: entities.Date(fmt.Sprintf("%04d-12-31", y.Year))}
	for _, q.Entity = range slices.Sorted(maps.Keys(keys)) {
		statement, err := y.Source.Statement(ctx, q, y.Network)
		if err != nil {
			return err
		}
		err = a.Add("statements", q.Entity+".csv", func(out io.Writer) error {
			return StatementCSV(out, nil, y.Network.Zone(), statement)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// procedures writes the procedure documentation in both languages.
func (y *YearArchive) procedures(_ context.Context, a *Archive) error {
	for _, one := range []struct {
		name, language string
		words          Messages
	}{{"verfahrensdokumentation.txt", "de", y.German}, {"procedure-documentation.txt", "en", y.English}} {
		list, err := ProcedureOf(y.Config, y.Network.Tree.Root(), one.language, one.words)
		if err != nil {
			return err
		}
		if err := a.Add("", one.name, func(out io.Writer) error { return ProcedureText(out, list) }); err != nil {
			return err
		}
	}
	return nil
}
