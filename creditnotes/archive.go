package creditnotes

import (
	"context"
	"fmt"
	"iter"
	"time"

	"creditrun/entities"
	"creditrun/internal/money"
)

// ArchiveKind says what the values of a column are.
type ArchiveKind string

// The kinds of columns.
const (
	ArchiveText   ArchiveKind = "text"
	ArchiveNumber ArchiveKind = "number" // with a decimal point
	ArchiveDate   ArchiveKind = "date"   // YYYY-MM-DD
)

// ArchiveColumn describes a column to software that audits tables.
type ArchiveColumn struct {
	Name     string
	Kind     ArchiveKind
	Decimals int    // at most, of a number
	Key      bool   // part of the primary key; these come first
	Says     string // the message archive_column_SAYS describes it
}

// ArchiveTable is a table of the archive of a year.
type ArchiveTable struct {
	Name    string            // of its file, without ending; the message archive_table_NAME describes it
	Refers  map[string]string // column: the table of which it is the primary key
	Columns []ArchiveColumn
	// Rows yields the rows in a fixed order, with one text per column.
	Rows func(ctx context.Context) iter.Seq2[[]string, error]
}

// ArchiveFile is a stored file of the archive of a year that belongs to no note and
// no settlement report.
type ArchiveFile struct {
	Folder, Name string
	Content      []byte
}

// KeptArchive is an archive of a year that was made and can be downloaded.
type KeptArchive struct {
	ID     int64
	Year   int
	MadeAt time.Time
	MadeBy string
	Size   int64  // in bytes
	SHA256 string // of the ZIP
}

// FileName is the name of the ZIP.
func (a KeptArchive) FileName() string { return fmt.Sprintf("archive-%04d.zip", a.Year) }

// Kilobytes is the size in 1,000 bytes, rounded up.
func (a KeptArchive) Kilobytes() int64 { return (a.Size + 999) / 1000 }

// QuotaRow is what was delivered at one public charge point in a year, as the
// greenhouse-gas quota asks for it.
type QuotaRow struct {
	EVSEID, Station, Name           string
	Street, Postcode, City, Country string
	PowerType                       string
	From, Until                     entities.Date // first and last day of the deliveries, in the zone of the operator
	Sessions                        int64
	Energy                          money.Quantity // kWh
}

// MWh is the energy in MWh with six decimals, rounded half away from zero.
func (r *QuotaRow) MWh() money.Quantity {
	if r.Energy < 0 {
		return (r.Energy - 500) / 1000
	}
	return (r.Energy + 500) / 1000
}
