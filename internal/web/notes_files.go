package web

import (
	"context"
	"fmt"
	"io"
	"iter"

	"creditrun/creditnotes"
	"creditrun/internal/export"
	"creditrun/internal/fault"
)

// mostBundled is how many notes are downloaded together at most.
const mostBundled = 5000

// notesCSV downloads the list as the filter shows it.
func (v *visit) notesCSV() error {
	filter, err := v.exportedNotes()
	if err != nil {
		return err
	}
	return v.stream(typeCSV, "notes.csv", func(w io.Writer) error {
		return export.NotesCSV(w, nil, v.Store.EachNote(v.r.Context(), filter))
	})
}

// notesXLSX downloads the list as a workbook with heads in the visitor's
// language.
func (v *visit) notesXLSX() error {
	filter, err := v.exportedNotes()
	if err != nil {
		return err
	}
	heads, sheet := v.heads(export.NoteColumns), v.message("menu_notes")
	return v.stream(typeXLSX, "notes.xlsx", func(w io.Writer) error {
		return export.NotesXLSX(w, sheet, heads, v.Store.EachNote(v.r.Context(), filter))
	})
}

// notesZIP downloads the documents and session files of the list.
func (v *visit) notesZIP() error {
	filter, err := v.exportedNotes()
	if err != nil {
		return err
	}
	totals, err := v.Store.NoteTotals(v.r.Context(), filter)
	if err != nil {
		return err
	}
	if f := tooMany(totals); f != nil {
		return f
	}
	return v.stream(typeZIP, "notes.zip", func(w io.Writer) error {
		_, err := export.Bundle(w, v.mailedFiles(v.r.Context(), filter))
		return err
	})
}

// tooMany tells whether notes are too many to be downloaded together.
func tooMany(totals []creditnotes.NoteTotal) *fault.Fault {
	n := 0
	for _, t := range totals {
		n += t.Notes
	}
	if n > mostBundled {
		return fault.New(fault.Invalid, "notes_too_many", fault.Args{"count": n, "most": mostBundled})
	}
	return nil
}

// mailedFiles yields what people read of notes: document and sessions.
func (v *visit) mailedFiles(ctx context.Context, filter creditnotes.NoteFilter) iter.Seq2[creditnotes.File, error] {
	return func(yield func(creditnotes.File, error) bool) {
		for note, err := range v.Store.EachNote(ctx, filter) {
			if err != nil {
				yield(creditnotes.File{}, err)
				return
			}
			files, err := v.Store.Files(ctx, note.ID)
			if err != nil {
				yield(creditnotes.File{}, err)
				return
			}
			for _, file := range files {
				if file.Kind.Mailed() && !yield(file, nil) {
					return
				}
			}
		}
	}
}

// exportedNotes is the filter of the address.
func (v *visit) exportedNotes() (creditnotes.NoteFilter, error) {
	b, err := v.snapshot(v.r.Context())
	if err != nil {
		return creditnotes.NoteFilter{}, err
	}
	return v.noteFilter(b, v.askedNotes())
}

// heads are the names of columns in the visitor's language.
func (v *visit) heads(columns []string) export.Heads {
	words := map[string]string{}
	for _, column := range columns {
		words[column] = v.message(fmt.Sprintf("head_%s", column))
	}
	return func(column string) string { return words[column] }
}
