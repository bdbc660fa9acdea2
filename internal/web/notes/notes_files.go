package notes

import (
	"context"
	"io"
	"iter"

	"creditrun/creditnotes"
	"creditrun/internal/export"
	"creditrun/internal/fault"
	"creditrun/internal/web/page"
)

// mostBundled is how many notes are downloaded together at most.
const mostBundled = 5000

// NotesCSV downloads the list as the filter shows it.
func (v *Visit) NotesCSV() error {
	filter, err := v.exportedNotes()
	if err != nil {
		return err
	}
	return v.Stream(page.TypeCSV, "notes.csv", func(w io.Writer) error {
		return export.NotesCSV(w, v.CSVLook(), v.Store.EachNote(v.R.Context(), filter))
	})
}

// NotesXLSX downloads the list as a workbook with heads in the visitor's
// language.
func (v *Visit) NotesXLSX() error {
	filter, err := v.exportedNotes()
	if err != nil {
		return err
	}
	look, sheet := v.XLSXLook("head_%s"), v.Message("menu_notes")
	return v.Stream(page.TypeXLSX, "notes.xlsx", func(w io.Writer) error {
		return export.NotesXLSX(w, sheet, look, v.Store.EachNote(v.R.Context(), filter))
	})
}

// NotesZIP downloads the documents and session files of the list.
func (v *Visit) NotesZIP() error {
	filter, err := v.exportedNotes()
	if err != nil {
		return err
	}
	totals, err := v.Store.NoteTotals(v.R.Context(), filter)
	if err != nil {
		return err
	}
	if f := tooMany(totals); f != nil {
		return f
	}
	return v.Stream(page.TypeZIP, "notes.zip", func(w io.Writer) error {
		_, err := export.Bundle(w, v.mailedFiles(v.R.Context(), filter))
		return err
	})
}

// tooMany reports whether notes are too many to be downloaded together.
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
func (v *Visit) mailedFiles(ctx context.Context, filter creditnotes.NoteFilter) iter.Seq2[creditnotes.File, error] {
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
			for _, file := range creditnotes.Mailed(files, nil) {
				if !yield(file, nil) {
					return
				}
			}
		}
	}
}

// exportedNotes is the filter of the address.
func (v *Visit) exportedNotes() (creditnotes.NoteFilter, error) {
	b, err := v.Snapshot(v.R.Context())
	if err != nil {
		return creditnotes.NoteFilter{}, err
	}
	return v.noteFilter(b, v.askedNotes())
}
