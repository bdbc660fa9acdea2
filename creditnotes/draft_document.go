package creditnotes

import (
	"context"
	"iter"
	"strconv"

	"creditrun/internal/fault"
)

// DraftPrinter makes the documents of drafts.
type DraftPrinter interface {
	// Draft makes the document of a note that has no number, as it would be issued and
	// marked as a draft on every page. It is content and no file of the note, so that
	// it cannot be stored as one.
	Draft(n *Note, details iter.Seq2[Detail, error]) ([]byte, error)
}

// DraftDocument makes the document of a draft of a run as it would be issued today:
// with the date of issue and what follows from it, without a number, without a seal.
// What has a number, or was settled without a document, is a Conflict fault.
func (r *Runner) DraftDocument(ctx context.Context, run *Run, noteID int64) ([]byte, error) {
	note, err := r.Store.Note(ctx, noteID)
	switch {
	case err != nil && !fault.Is(err, fault.NotFound):
		return nil, err
	case err != nil || note.RunID != run.ID:
		return nil, DraftUnknown(run)
	case note.State != Draft || note.Number != "":
		return nil, fault.New(fault.Conflict, "run_draft_no_document", fault.Args{"run": run.Name, "recipient": note.Recipient})
	}
	printer, ok := r.Printer.(DraftPrinter)
	if !ok {
		return nil, errNoPrinter
	}
	config, err := r.Store.Configuration(ctx)
	if err != nil {
		return nil, err
	}
	date, err := r.dateOfIssue(ctx, run, config)
	if err != nil {
		return nil, err
	}
	if date != run.DocumentDate {
		note.redate(date, config)
	}
	if err := r.withLogo(ctx, note); err != nil {
		return nil, err
	}
	return printer.Draft(note, r.Store.Details(ctx, note))
}

// DraftUnknown is the fault of a draft that a run does not have, or has no more.
func DraftUnknown(run *Run) *fault.Fault {
	return fault.New(fault.NotFound, "run_draft_unknown", fault.Args{"run": run.Name})
}

// DraftName is what the document of a draft is called as a file.
func DraftName(run *Run, n *Note) string {
	return "draft-" + run.Name + "-" + n.Recipient + "-" + strconv.FormatInt(n.ID, 10) + ".pdf"
}
