package creditnotes

import (
	"context"
	"iter"

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
	Name        string
	Kind        ArchiveKind
	Decimals    int  // at most, of a number
	Key         bool // part of the primary key; these come first
	Description string
}

// ArchiveTable is a table of the archive of a year.
type ArchiveTable struct {
	Name        string // of its file, without ending
	Description string
	Columns     []ArchiveColumn
	// Rows yields the rows in a fixed order, with one text per column.
	Rows func(ctx context.Context) iter.Seq2[[]string, error]
}

// QuotaRow is what was delivered at one public charge point in a year, as the
// greenhouse-gas quota asks for it.
type QuotaRow struct {
	EVSEID, Station, Name           string
	Street, Postcode, City, Country string
	PowerType                       string
	From, Until                     string // first and last day of the deliveries, YYYY-MM-DD, in the zone of the operator
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
