package creditnotes

import (
	"context"
	"iter"
	"time"

	"creditrun/internal/proof"
	"creditrun/numbering"
)

// Books opens the books for Verify.
type Books interface {
	// Books calls fn with one unchanging view of the database, so that work
	// that goes on meanwhile never looks like a fault.
	Books(ctx context.Context, fn func(VerifyStore) error) error
}

// VerifyStore reads what the proof of the books needs.
type VerifyStore interface {
	AccountBooks
	PayoutBooks
	AdviceBooks
	ReminderBooks
	DocumentBooks
	JournalBooks
	RepriceBooks
	OwnBooks
	ProofBooks
	ReportReader
	// FrozenReports lists the settlement reports by run and name; those that Since
	// leaves out are marked as earlier.
	FrozenReports(ctx context.Context) ([]*FrozenReport, error)
	// Since narrows what grows with the years to what came at or after a time:
	// notes issued since then with their lines, files and sessions, and runs
	// begun since then.
	Since(t time.Time) VerifyStore
	// EarlierNotes lists the numbers of the issued notes and the names of the
	// settlement reports that Since leaves out.
	EarlierNotes(ctx context.Context) ([]string, error)
	// Forgotten lists sessions that no run gave an outcome although one has
	// settled all that was received before, and ends before it.
	Forgotten(ctx context.Context) ([]string, error)
	// Counters lists every number counter with what the notes say of it.
	Counters(ctx context.Context) ([]CounterState, error)
	// IssuedNotes yields every issued note, whole.
	IssuedNotes(ctx context.Context) iter.Seq2[*Note, error]
	// SilentNotes yields every note that a run settled without a document,
	// whole.
	SilentNotes(ctx context.Context) iter.Seq2[*Note, error]
	// BrokenCarries lists the numbers of the notes that bring along something
	// else than what was carried forward.
	BrokenCarries(ctx context.Context) ([]string, error)
	// BrokenCarryUses lists the numbers of the notes of which the record of
	// what they bring along (carry_uses) does not say what their positions say.
	BrokenCarryUses(ctx context.Context) ([]string, error)
	// NoteLines adds up and seals the lines of every note, live or not.
	NoteLines(ctx context.Context) (map[int64]NoteLines, error)
	// StoredFiles yields every stored file with the SHA-256 of its content as
	// it is now, note by note, then those of settlement reports by their name.
	StoredFiles(ctx context.Context) iter.Seq2[StoredFile, error]
	// Mailings yields the mails of issued notes and of settlement reports.
	Mailings(ctx context.Context) iter.Seq2[Mailing, error]
	// UnrenderedNotes lists the issued notes without files, and those of them
	// whose files are being made.
	UnrenderedNotes(ctx context.Context) (all, rendering []string, err error)
	// ExcludedLines seals the lines that stand on no note, by the name of their
	// run; a run that was issued without any has the empty seal.
	ExcludedLines(ctx context.Context) (map[string]string, error)
	// BrokenPaths counts the price paths, and those whose id is not that of
	// their content.
	BrokenPaths(ctx context.Context) (checked, broken int, err error)
	// MissingPaths lists the price paths that lines name and that are not there.
	MissingPaths(ctx context.Context) ([]MissingPath, error)
	// RunEvidence returns what ActionSettled recorded of every run that was
	// issued, as it is now, by the name of the run.
	RunEvidence(ctx context.Context) (map[string]RunEvidence, error)
	// StrayCancellations lists the numbers of cancellations that do not stand
	// in the run and the place of the note they cancel.
	StrayCancellations(ctx context.Context) ([]string, error)
	// RunFates compares the control sheets of runs with their lines and holds.
	RunFates(ctx context.Context) ([]RunFates, error)
	// PaidTwice lists sessions that are paid twice, in one version or in two.
	PaidTwice(ctx context.Context) ([]string, error)
	// UndoneLines lists sessions with a line that counts as undone although its
	// note is neither cancelled nor withdrawn, or as standing although it is.
	// It looks at all lines that are undone.
	UndoneLines(ctx context.Context) ([]string, error)
	// UnequalLines lists sessions whose live line has another energy than the
	// session itself (lifetime control).
	UnequalLines(ctx context.Context) ([]string, error)
	// StationProofs adds up sessions, lines and documents by station; nothing
	// after Since.
	StationProofs(ctx context.Context) ([]StationProof, error)
	// BrokenSums lists the sums of lines that are not what the positions of their
	// note come to; nothing after Since.
	BrokenSums(ctx context.Context) ([]BrokenSum, error)
	// Runs lists all runs.
	Runs(ctx context.Context) ([]Run, error)
	// WalkAudit walks the audit log from its first entry and calls fn with each
	// entry whose hash fits; it stops at the first that does not.
	WalkAudit(ctx context.Context, fn func(AuditRecord)) (AuditChain, error)
	// Guards compares the triggers and unique indexes of the database with
	// those the program created: it lists the ones that are missing, disabled
	// or changed.
	Guards(ctx context.Context) (checked int, broken []string, err error)
}

// NoteLines is what the lines of a note add up to, and the SHA-256 over them
// and the sessions they pay.
type NoteLines struct {
	Sums TaxSums
	Seal string
	// Prices is PriceProof.Digest of the lines; empty for a note without
	// Document.UnitPrices.
	Prices string
	// Sessions and SessionsRoot are the tree of the sessions, of a note with a proof.
	Sessions     int64
	SessionsRoot proof.Hash
}

// StoredFile is a stored file of an issued note, or of a settlement report.
type StoredFile struct {
	Number string // or the name of the report
	Kind   FileKind
	Name   string
	SHA256 string // as recorded when it was stored
	Actual string // of the content as it is now
}

// CounterState is a counter, and the sequences of the notes numbered by it.
type CounterState struct {
	Counter        numbering.Counter
	First, Next    int64
	Notes          int64
	Lowest, Latest int64
}

// RunFates is what a run's control sheet says and what its lines say.
type RunFates struct {
	Run                    string
	SheetPaid, LinesPaid   Count // credited and zero
	SheetClosed, LinesDone Count // excluded and withdrawn
	SheetHeld, Holds       Count
	HeldGone               int64 // held sessions that are not there any more
}

// MissingPath is a price path that lines name and that is not there.
type MissingPath struct {
	Session  string // one that was priced by it
	Sessions int
}
