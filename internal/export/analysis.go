package export

import (
	"io"
	"time"

	"creditrun/creditnotes"
)

// AnalysisColumns name the columns of the rows of an analysis.
var AnalysisColumns = []string{
	"key", "rule", "currency", "sessions", "energy_kwh", "driver_amount", "owner_share", "operator_share", "awaited", "driver_amount_unknown", "beside_sessions", "fees",
}

// HeldColumns and AwaitedColumns name the columns of what is held and awaited.
var (
	HeldColumns    = []string{"owner", "reason", "currency", "sessions", "energy_kwh", "worth", "worth_unknown"}
	AwaitedColumns = []string{"owner", "currency", "driver_amount", "owner_share", "until"}
)

// AnalysisSheets are the names of the sheets of AnalysisXLSX: rows, trend, held,
// awaited.
type AnalysisSheets [4]string

// AnalysisCSV writes the rows of an analysis.
func AnalysisCSV(w io.Writer, heads *Look, a *creditnotes.Analysis) error {
	return writeCSV(w, AnalysisColumns, heads, rowsOf(a.Rows), analysisCells)
}

// AnalysisXLSX writes an analysis as a workbook.
func AnalysisXLSX(w io.Writer, sheets AnalysisSheets, heads *Look, a *creditnotes.Analysis) error {
	book, err := newWorkbook()
	if err != nil {
		return err
	}
	for i, rows := range [][]creditnotes.AnalysisRow{a.Rows, a.Trend} {
		if err == nil {
			err = addSheet(book, sheets[i], AnalysisColumns, heads, rowsOf(rows), analysisCells)
		}
	}
	if err == nil {
		err = addSheet(book, sheets[2], HeldColumns, heads, rowsOf(a.Held), heldSumCells)
	}
	if err == nil {
		err = addSheet(book, sheets[3], AwaitedColumns, heads, rowsOf(a.Awaited), awaitedSumCells)
	}
	return book.finish(w, err)
}

func analysisCells(r *creditnotes.AnalysisRow) []cell {
	return []cell{
		text(r.Key), text(r.Rule), text(r.Currency), whole(r.Sessions), number(r.Energy.String()), number(r.Driver.String()), number(r.Share.String()),
		number(r.Operator().String()), number(r.Awaited().String()), whole(r.Unknown), number(r.Beside.String()), number(r.Fees.String()),
	}
}

func heldSumCells(h *creditnotes.HeldSum) []cell {
	return []cell{text(h.Owner), text(h.Reason), text(h.Currency), whole(h.Sessions), number(h.Energy.String()), number(h.Worth.String()), whole(h.Unknown)}
}

func awaitedSumCells(s *creditnotes.AwaitedSum) []cell {
	return []cell{text(s.Owner), text(s.Currency), number(s.Driver.String()), number(s.Share.String()), text(s.Until.UTC().Format(time.RFC3339))}
}
