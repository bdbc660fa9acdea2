package creditnotes

import (
	"context"
	"iter"
	"log/slog"

	"creditrun/internal/fault"
)

// Renderer makes the files of an issued note, from the note alone, and those of
// settlement reports.
type Renderer interface {
	ReportPrinter
	Files(n *Note, details iter.Seq2[Detail, error]) ([]File, error)
}

// Render makes and stores the files of a note once, after those of the settlement
// reports that go with it; its mailing starts when they are stored. A note that has its files is left alone, so the job may run
// twice. What goes wrong is kept with the run, which waits for the files.
func (r *Runner) Render(ctx context.Context, noteID int64, renderer Renderer) error {
	stored, err := r.Store.FileInfos(ctx, noteID)
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
	return r.failed(ctx, r.render(ctx, note, renderer), slog.String("number", note.Number),
		func(ctx context.Context, faults fault.List) (*Failure, error) {
			return r.Store.FailRun(ctx, note.RunID, faults)
		})
}

func (r *Runner) render(ctx context.Context, note *Note, renderer Renderer) (err error) {
	if err := r.withLogo(ctx, note); err != nil {
		return err
	}
	if err := r.renderReports(ctx, note.ID, renderer); err != nil {
		return err
	}
	if note.Proof, err = r.Store.NoteProof(ctx, note); err != nil {
		return err
	}
	files, err := renderer.Files(note, r.Store.Details(ctx, note))
	if err != nil {
		return err
	}
	return r.Store.SaveFiles(ctx, note.ID, files)
}
