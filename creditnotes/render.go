package creditnotes

import (
	"context"
	"iter"
)

// Renderer makes the files of an issued note, from the note alone.
type Renderer interface {
	Files(n *Note, details iter.Seq2[Detail, error]) ([]File, error)
}

// Render makes and stores the files of a note once; its mailing starts when
// they are stored. A note that has its files is left alone, so the job may run
// twice.
func (r *Runner) Render(ctx context.Context, noteID int64, renderer Renderer) error {
	stored, err := r.Store.Files(ctx, noteID)
	if err != nil {
		return err
	}
	if len(stored) > 0 {
		return nil
	}
	note, err := r.Store.Note(ctx, noteID)
	if err != nil {
		return err
	}
	if logo := note.Document.Logo; logo != "" {
		if note.Logo, err = r.Store.Asset(ctx, logo); err != nil {
			return err
		}
	}
	files, err := renderer.Files(note, r.Store.Details(ctx, note))
	if err != nil {
		return err
	}
	return r.Store.SaveFiles(ctx, noteID, files)
}

// Replacement is a character that is printed as something else: a look-alike,
// nothing, or the sign for what the fonts lack.
type Replacement struct {
	Character rune
	By        string
}
