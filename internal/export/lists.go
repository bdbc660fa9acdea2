package export

import (
	"io"
	"iter"
	"strconv"
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
)

// NoteColumns names the columns of a list of notes.
var NoteColumns = []string{
	"number", "kind", "standing", "date", "run", "month", "recipient", "owners", "currency", "net", "tax", "gross",
	"delivery", "cancelled_by", "cancels",
}

// NotesCSV writes a list of notes as CSV.
func NotesCSV(w io.Writer, heads Heads, notes iter.Seq2[creditnotes.NoteEntry, error]) error {
	return writeCSV(w, NoteColumns, heads, notes, noteCells)
}

// NotesXLSX writes a list of notes as a workbook; sheet is the name of its
// sheet.
func NotesXLSX(w io.Writer, sheet string, heads Heads, notes iter.Seq2[creditnotes.NoteEntry, error]) error {
	return writeXLSX(w, sheet, NoteColumns, heads, notes, noteCells)
}

func noteCells(n *creditnotes.NoteEntry) []cell {
	digits, ok := money.Digits(n.Currency)
	if !ok {
		digits = 2
	}
	return []cell{
		text(n.Number), text(n.Kind), text(n.Standing), text(n.Date), text(n.Run), text(n.Month), text(n.Recipient),
		text(strings.Join(n.Owners, ", ")), text(n.Currency),
		number(n.Net.Format(digits)), number(n.Tax.Format(digits)), number(n.Gross.Format(digits)),
		text(n.Delivery), text(n.CancelledBy), text(n.Cancels),
	}
}

// SessionColumns names the columns of a list of sessions.
var SessionColumns = []string{
	"source", "session", "version", "evse_id", "connector", "start", "end", "duration_s", "energy_kwh", "class", "partner", "medium",
	"status", "released", "state", "reason", "number", "overlaps",
}

// SessionsCSV writes a list of sessions as CSV, with the times of a zone and
// media masked to their last four characters.
func SessionsCSV(w io.Writer, heads Heads, zone *time.Location, rows iter.Seq2[creditnotes.SessionRow, error]) error {
	return writeCSV(w, SessionColumns, heads, rows, sessionCells(zone))
}

// SessionsXLSX writes a list of sessions as a workbook, otherwise like
// SessionsCSV; sheet is the name of its sheet.
func SessionsXLSX(w io.Writer, sheet string, heads Heads, zone *time.Location, rows iter.Seq2[creditnotes.SessionRow, error]) error {
	return writeXLSX(w, sheet, SessionColumns, heads, rows, sessionCells(zone))
}

func sessionCells(zone *time.Location) func(*creditnotes.SessionRow) []cell {
	return func(r *creditnotes.SessionRow) []cell {
		s := &r.Session
		return []cell{
			text(s.Source), text(s.ExternalID), whole(int64(s.Version)), text(s.EVSEID), whole(int64(s.Connector)),
			text(s.Start.In(zone).Format(time.RFC3339)), text(s.End.In(zone).Format(time.RFC3339)), whole(s.Duration), number(s.Energy.String()),
			text(s.Class), text(s.Partner), text(sessions.MaskMedium(s.MediumUID)), text(s.Status), text(strconv.FormatBool(s.Released)),
			text(r.State), text(r.Reason), text(r.Number), text(r.Other),
		}
	}
}
