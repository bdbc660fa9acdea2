package creditnotes

import (
	"context"
	"iter"
	"log/slog"

	"creditrun/internal/fault"
)

// Renderer makes the files of an issued note, from the note alone.
type Renderer interface {
	Files(n *Note, details iter.Seq2[Detail, error]) ([]File, error)
}

// Render makes and stores the files of a note once; its mailing starts when
// they are stored. A note that has its files is left alone, so the job may run
// twice. What goes wrong is kept with the run, which waits for the files.
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
	return r.failed(ctx, r.render(ctx, note, renderer), slog.String("number", note.Number),
		func(ctx context.Context, faults fault.List) (*Failure, error) {
			return r.Store.FailRun(ctx, note.RunID, faults)
		})
}

func (r *Runner) render(ctx context.Context, note *Note, renderer Renderer) (err error) {
	if logo := note.Document.Logo; logo != "" {
		if note.Logo, err = r.Store.Asset(ctx, logo); err != nil {
			return err
		}
	}
	files, err := renderer.Files(note, r.Store.Details(ctx, note))
	if err != nil {
		return err
	}
	return r.Store.SaveFiles(ctx, note.ID, files)
}

// Resend queues the identical documents once more, marked as a copy
// (domain.md §9.9), or for the first time where automatic mail was off.
func (r *Runner) Resend(ctx context.Context, number, who string) (*Delivery, error) {
	settings, err := r.Store.Settings(ctx)
	if err != nil {
		return nil, err
	}
	if f := settings.licensed(); f != nil {
		return nil, f
	}
	note, err := r.Store.NoteByNumber(ctx, number)
	if err != nil {
		return nil, err
	}
	if len(note.Document.MailTo) == 0 {
		return nil, fault.New(fault.NotReady, "resend_without_recipient", fault.Args{"number": number, "recipient": note.Recipient})
	}
	delivery := r.delivery(note, 1)
	err = r.Store.WriteIssue(ctx, func(w IssueWriter) error {
		if err := w.Resend(&delivery, func(copy int) string {
			return r.MessageID(note.Number, copy, note.Document.Issuer.Email)
		}); err != nil {
			return err
		}
		return w.Audit(who, ActionResent, number, "", delivery.MessageID)
	})
	return &delivery, err
}

// Replacement is a character that is printed as something else: a look-alike,
// nothing, or the sign for what the fonts lack.
type Replacement struct {
	Character rune
	By        string
}
