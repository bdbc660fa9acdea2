package creditnotes

import (
	"context"
	"iter"
	"slices"
	"strings"

	"creditrun/internal/fault"
)

// FilePrinter makes single files of a note.
type FilePrinter interface {
	// AskedFile makes one file of an issued note: an e-invoice, or the workbook of
	// its sessions. It is nil where there is none for such notes, and a fault says
	// what the note lacks. The same note always gives the same bytes.
	AskedFile(n *Note, kind FileKind, details iter.Seq2[Detail, error]) (*File, error)
}

// AskedFileStore keeps the files of notes that are made when asked for.
type AskedFileStore interface {
	// File returns one stored file of a note, which has this number. One that is not
	// stored is a NotFound fault.
	File(ctx context.Context, noteID int64, number string, kind FileKind) (*File, error)
	// AddFile stores a file of a note that has files, with an entry of the audit log.
	// One that is stored already stays as it is.
	AddFile(ctx context.Context, who, number string, f File) error
}

// ActionFileMade records a file that was made when asked for; the subject is the
// number, After the SHA-256 of the file by its kind as JSON.
const ActionFileMade = "credit_note.file_made"

// askedFrom are the kinds of files that are made when asked for, each with the file
// that a note has if it has this one.
var askedFrom = map[FileKind]FileKind{
	FileXLSX: FileCSV, FileUBL: FileCII, FileXRechnungCII: FileXRechnung, FilePeppol: FileCII, FileFrance: FileCII,
}

// File returns a file of an issued note. One that its recipient does not get is made
// when it is asked for first, from the frozen note, and stored: after that it is
// always the stored one. A file that a note cannot have, or whose note has no files
// yet, is a NotFound fault; what an e-invoice lacks is a fault of its own.
func (r *Runner) File(ctx context.Context, note *Note, kind FileKind, who string) (*File, error) {
	file, missing := r.Store.File(ctx, note.ID, note.Number, kind)
	if !fault.Is(missing, fault.NotFound) {
		return file, missing
	}
	stored, err := r.Store.FileInfos(ctx, note.ID)
	if err != nil {
		return nil, err
	}
	printer, ok := r.Printer.(FilePrinter)
	if !ok || !has(stored, askedFrom[kind]) {
		return nil, missing
	}
	made, err := printer.AskedFile(note, kind, r.Store.Details(ctx, note))
	if err != nil {
		return nil, err
	}
	if made == nil {
		return nil, missing
	}
	if err := r.Store.AddFile(ctx, who, note.Number, *made); err != nil {
		return nil, err
	}
	return r.Store.File(ctx, note.ID, note.Number, kind)
}

// MakeMissingFiles makes and stores, as File does, the e-invoices of EN 16931 and
// XRechnung that an issued note can have and its recipient does not get.
func (r *Runner) MakeMissingFiles(ctx context.Context, noteID int64, who string) error {
	stored, err := r.Store.FileInfos(ctx, noteID)
	if err != nil {
		return err
	}
	var note *Note
	for _, kind := range []FileKind{FileUBL, FileXRechnungCII} {
		if has(stored, kind) || !has(stored, askedFrom[kind]) {
			continue
		}
		if note == nil {
			if note, err = r.Store.Note(ctx, noteID); err != nil {
				return err
			}
		}
		if _, err := r.File(ctx, note, kind, who); err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
	}
	return nil
}

// has reports whether a file of a kind is among some.
func has(list []FileInfo, kind FileKind) bool {
	return kind != "" && slices.ContainsFunc(list, func(f FileInfo) bool { return f.Kind == kind })
}

// WithAsked adds to the stored files of a note those that can be asked for: their
// size and hash are not known yet. Files of networks are not named, because they may
// be asked for only where both sides have an electronic address.
func WithAsked(stored []FileInfo) []FileInfo {
	list := stored
	for _, kind := range []FileKind{FileXLSX, FileUBL, FileXRechnungCII} {
		if !has(stored, kind) && has(stored, askedFrom[kind]) {
			list = append(list, FileInfo{Kind: kind, Name: kind.FileName(numberIn(stored)), MediaType: kind.MediaType()})
		}
	}
	return list
}

// numberIn is the number of a note as the names of its files have it.
func numberIn(stored []FileInfo) string {
	return strings.TrimSuffix(stored[0].Name, endings[stored[0].Kind])
}
