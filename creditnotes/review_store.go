package creditnotes

import "context"

// ReviewStore keeps what people look at and decide before a run is released.
type ReviewStore interface {
	// LastNotes lists, whole, the credit notes that stand of the latest earlier run
	// that made one for an owner of a run, of all its owners.
	LastNotes(ctx context.Context, runID int64) ([]*Note, error)
	// RunNets adds up the credit notes of a run, by owner and currency: drafts, what
	// stands of the issued ones, or what a discarded draft had.
	RunNets(ctx context.Context, runID int64) ([]OwnerNet, error)
	// LeftOut lists who was left out of a run, in order, also those who were taken
	// back in.
	LeftOut(ctx context.Context, runID int64) ([]LeftOut, error)
	// LeaveOut leaves an owner out of a drafted run, and TakeBackIn takes one back
	// in: the draft is thrown away, the run is drafting again and leased to this
	// process. A run that is not drafted or that a later one has looked past, an owner of whom the run knows nothing, one
	// that is left out already or is not, and another run that is being drafted are
	// Conflict faults.
	LeaveOut(ctx context.Context, run *Run, owner, reason, who string) error
	TakeBackIn(ctx context.Context, run *Run, owner, who string) error
	// Remarks lists what was written about a run, in order; AddRemark adds to it.
	Remarks(ctx context.Context, runID int64) ([]Remark, error)
	AddRemark(ctx context.Context, run *Run, who, text string) error
}
