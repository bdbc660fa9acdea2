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
	"delivery", "cancelled_by", "cancels", "external_id",
}

// NotesCSV writes a list of notes as CSV.
func NotesCSV(w io.Writer, heads *Look, notes iter.Seq2[creditnotes.NoteEntry, error]) error {
	return writeCSV(w, NoteColumns, heads, notes, noteCells)
}

// NotesXLSX writes a list of notes as a workbook; sheet is the name of its
// sheet.
func NotesXLSX(w io.Writer, sheet string, heads *Look, notes iter.Seq2[creditnotes.NoteEntry, error]) error {
	return writeXLSX(w, sheet, NoteColumns, heads, notes, noteCells)
}

func noteCells(n *creditnotes.NoteEntry) []cell {
	digits, ok := money.Digits(n.Currency)
	if !ok {
		digits = 2
	}
	return []cell{
		text(n.Number), text(n.Kind), text(n.Standing), dayOf(n.Date), text(n.Run), monthOf(n.Month), text(n.Recipient),
		text(strings.Join(n.Owners, ", ")), text(n.Currency),
		number(n.Net.Format(digits)), number(n.Tax.Format(digits)), number(n.Gross.Format(digits)),
		text(n.Delivery), text(n.CancelledBy), text(n.Cancels), text(n.ExternalID),
	}
}

// SessionColumns names the columns of a list of sessions.
var SessionColumns = []string{
	"source", "session", "version", "evse_id", "connector", "start", "end", "duration_s", "energy_kwh", "class", "partner", "medium",
	"status", "released", "state", "reason", "number", "overlaps", "station", "owner", "driver_amount", "currency",
}

// Whereabouts are the keys of the station of a session and of its owner; empty
// where they are not known.
type Whereabouts func(*sessions.Session) (station, owner string)

// SessionsCSV writes a list of sessions as CSV, with the times of a zone and
// media masked to their last four characters.
func SessionsCSV(w io.Writer, heads *Look, zone *time.Location, at Whereabouts, rows iter.Seq2[creditnotes.SessionRow, error]) error {
	return writeCSV(w, SessionColumns, heads, rows, sessionCells(zone, at))
}

// SessionsXLSX writes a list of sessions as a workbook, otherwise like
// SessionsCSV; sheet is the name of its sheet.
func SessionsXLSX(w io.Writer, sheet string, heads *Look, zone *time.Location, at Whereabouts, rows iter.Seq2[creditnotes.SessionRow, error]) error {
	return writeXLSX(w, sheet, SessionColumns, heads, rows, sessionCells(zone, at))
}

func sessionCells(zone *time.Location, at Whereabouts) func(*creditnotes.SessionRow) []cell {
	return func(r *creditnotes.SessionRow) []cell {
		s := &r.Session
		station, owner := at(s)
		return []cell{
			text(s.Source), text(s.ExternalID), whole(int64(s.Version)), text(s.EVSEID), whole(int64(s.Connector)),
			momentOf(s.Start, zone), momentOf(s.End, zone), whole(s.Duration), number(s.Energy.String()),
			text(s.Class), text(s.Partner), text(sessions.MaskMedium(s.MediumUID)), text(s.Status), text(strconv.FormatBool(s.Released)),
			text(r.State), text(r.Reason), text(r.Number), text(r.Other), text(station), text(owner), microsOr(s.DriverAmount), text(s.Currency),
		}
	}
}
