package document

import (
	"fmt"
	"io"
	"iter"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/spreadsheet"
)

// detailXLSX is the order of a recipient who gets the sessions as a workbook
// and not as CSV.
const detailXLSX = "xlsx"

// SessionWorkbook writes the sessions of a note as a workbook (XLSX) with the
// columns of the session file: numbers and times are numbers and times, each
// sheet has a filter and sums. The sessions of each month of supply have a sheet
// of their own, and so have all corrections. The same note and sessions always
// give the same bytes.
func (r *Renderer) SessionWorkbook(w io.Writer, n *creditnotes.Note, details iter.Seq2[creditnotes.Detail, error]) error {
	book, err := r.newSessionBook(w, n)
	if err == nil {
		err = writeSessions(n, details, book)
	}
	if err != nil {
		return fmt.Errorf("session workbook of note %s: %w", nameOf(n), err)
	}
	return nil
}

// sessionBook writes the session file as a workbook.
type sessionBook struct {
	out         io.Writer
	book        *spreadsheet.Book
	month       string // of the sheet where there are no sessions
	corrections string // name of their sheet
}

func (r *Renderer) newSessionBook(w io.Writer, n *creditnotes.Note) (*sessionBook, error) {
	total, err := r.texts.Text(n.Language, "sheet_total", nil)
	if err != nil {
		return nil, err
	}
	corrections, err := r.texts.Text(n.Language, "sheet_corrections", nil)
	return &sessionBook{out: w, book: spreadsheet.NewBook(columns, total), month: string(n.Document.Month), corrections: corrections}, err
}

func (b *sessionBook) add(d *creditnotes.Detail, _ *time.Location, cells []string) error {
	if d.Line.Correction || d.CorrectionOf != "" {
		return b.book.Add(1, b.corrections, cells)
	}
	return b.book.Add(0, string(d.Month), cells)
}

func (b *sessionBook) close() error { return b.book.Close(b.out, b.month) }
