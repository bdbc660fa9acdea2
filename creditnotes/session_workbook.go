package creditnotes

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"iter"
	"strings"

	"creditrun/internal/fault"
)

// SessionPrinter writes the sessions of a note as a workbook (XLSX).
type SessionPrinter interface {
	SessionWorkbook(w io.Writer, n *Note, details iter.Seq2[Detail, error]) error
}

// SessionWorkbook makes the workbook with the sessions of an issued note that has
// none stored, because its recipient does not get one. It is made from the frozen
// note each time, always the same, and not stored. A note without a session file,
// or whose files are not made yet, has no workbook: a NotFound fault.
func (r *Runner) SessionWorkbook(ctx context.Context, note *Note) (*File, error) {
	stored, err := r.Store.FileInfos(ctx, note.ID)
	if err != nil {
		return nil, err
	}
	printer, ok := r.Printer.(SessionPrinter)
	name := workbookName(stored)
	if name == "" || !ok {
		return nil, fault.New(fault.NotFound, "file_not_stored", fault.Args{"number": note.Number, "kind": string(FileXLSX)})
	}
	var out bytes.Buffer
	if err := printer.SessionWorkbook(&out, note, r.Store.Details(ctx, note)); err != nil {
		return nil, fmt.Errorf("workbook of %s: %w", note.Number, err)
	}
	sum := sha256.Sum256(out.Bytes())
	return &File{
		NoteID: note.ID, Kind: FileXLSX, Name: name, MediaType: TypeXLSX, SHA256: hex.EncodeToString(sum[:]), Content: out.Bytes(),
	}, nil
}

// workbookName names the workbook after the session file beside it; empty where
// there is none.
func workbookName(stored []FileInfo) string {
	for _, f := range stored {
		if f.Kind == FileCSV {
			return strings.TrimSuffix(f.Name, endings[FileCSV]) + endings[FileXLSX]
		}
	}
	return ""
}

// WithWorkbook adds the workbook of sessions to the stored files of a note where
// it can be asked for and is not stored: its size and hash are not known yet.
func WithWorkbook(stored []FileInfo) []FileInfo {
	name := workbookName(stored)
	for _, f := range stored {
		if f.Kind == FileXLSX {
			return stored
		}
	}
	if name == "" {
		return stored
	}
	return append(stored, FileInfo{Kind: FileXLSX, Name: name, MediaType: TypeXLSX})
}
