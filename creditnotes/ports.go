package creditnotes

import (
	"context"
	"iter"
	"time"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/numbering"
	"creditrun/tariffs"
)

// DraftStore is what drafting reads and writes.
type DraftStore interface {
	// UnclaimedConnectors lists the connectors that sessions name and no
	// station claims.
	UnclaimedConnectors(ctx context.Context) ([]int64, error)
	// Waiting finds the sessions that are open from earlier, as far as an
	// earlier run tells; what was received after the cut-off, or ends at or
	// after until, does not count.
	Waiting(ctx context.Context, cutoff, until time.Time) (Waiting, error)
	// OpenSessions streams the sessions at some connectors, sorted by
	// connector, start and external id.
	OpenSessions(ctx context.Context, q SessionQuery) (SessionCursor, error)
	// SessionsByID finds versions of sessions by their ids.
	SessionsByID(ctx context.Context, ids []int64) (map[int64]sessions.Session, error)
	// PendingReversals lists what was paid for versions of sessions that a
	// later version, received until the cut-off, has replaced, where a run looks
	// at the later version: one of a later month waits for a run of its month.
	// What the run itself has taken back is among them.
	PendingReversals(ctx context.Context, run *Run, q SessionQuery) ([]Reversal, error)
	// CancelledCredits returns the open sessions that a cancelled document
	// credited, in this version or an earlier one, by the version.
	CancelledCredits(ctx context.Context) (map[int64]CancelledCredit, error)
	// CarriedForward lists the negative notes of finished runs of which
	// something waits to be brought along, whole and by id.
	CarriedForward(ctx context.Context) ([]WaitingNote, error)
	// Offsets lists, by recipient and currency, what was set off to exactly
	// 0.00 in earlier runs since the recipient's last document.
	Offsets(ctx context.Context) (map[string]map[string][]Offset, error)
	// FrozenContracts lists the contracts by which an earlier run, or what this
	// run drafted before, settled a month of an owner of which something stands.
	FrozenContracts(ctx context.Context, run *Run) ([]FrozenContracts, error)
	// OwnSessions lists the versions of sessions that may be billed as own
	// charging: those that count at the cut-off, were charged with one of the
	// media, end in [From, Until), and are billed to no one.
	OwnSessions(ctx context.Context, q OwnQuery) ([]int64, error)
	// ReplacedCharges lists what was billed as own charging for versions of
	// sessions that a later version, received until the cut-off, has replaced, and
	// that no one has taken back. One that belongs to a later month waits.
	ReplacedCharges(ctx context.Context, run *Run, q SessionQuery) ([]ReplacedCharge, error)
	// Awaited lists the versions of sessions that a run before this one held as
	// not collected, in one version or another, and that no live line credits.
	Awaited(ctx context.Context, run *Run) (map[int64]bool, error)
	// Turns returns the last turn of each booking that has positions, whether
	// these stand or not. It is asked before what the next turn books.
	Turns(ctx context.Context) (map[Booking]int, error)
	// ContractSums adds up what positions hold of contracts that are live, those
	// of the run itself left out.
	ContractSums(ctx context.Context, run *Run) ([]ContractSum, error)
	// NotedOwners lists the owners who have a standing note of the month from
	// another run.
	NotedOwners(ctx context.Context, run *Run) (map[int64]bool, error)
	// CustomRecords lists the custom records of the months until one that are on
	// no standing document, draft or carried sum, in the order of month, date
	// and key.
	CustomRecords(ctx context.Context, until entities.Month) ([]CustomRecord, error)
	// Objections lists the objections to notes, the latest first.
	Objections(ctx context.Context, f ObjectionFilter) ([]Objection, error)
	// ReceivedBy counts, independently of drafting, what a run has to
	// decide about.
	ReceivedBy(ctx context.Context, run *Run, q SessionQuery) (Count, error)
	// LineSums adds up a run's lines, to be compared with its positions.
	LineSums(ctx context.Context, runID int64) (map[int64]TaxSums, error)
	// DraftedOwners lists the owners of a run that are drafted already.
	DraftedOwners(ctx context.Context, runID int64) (map[int64]bool, error)
	// NoteIDs reserves n ids for notes, used or not, and returns the first.
	NoteIDs(ctx context.Context, n int) (int64, error)
	// WriteDraft runs fn in one transaction; it may run again from the start.
	WriteDraft(ctx context.Context, run *Run, fn func(DraftWriter) error) error
}

// TaxSums is what the lines of a note add up to, by the slot of the tax.
type TaxSums map[int]money.Micros

// Waiting are the sessions that are open from before an instant: everything
// else that is open ends then or later.
type Waiting struct {
	Since       time.Time         // zero: no one knows what is open, and all sessions have to be looked at
	ByConnector map[int64][]int64 // ids
}

// SessionQuery asks for the sessions a shard of a run has to look at: those
// received until Cutoff that are open and end in [Since, Until), or wait from
// before, and those that overlap them.
type SessionQuery struct {
	Connectors  []int64
	From, Until time.Time // the month
	Cutoff      time.Time
	// Since and Waiting say what is open from before (see Waiting).
	Since   time.Time
	Waiting []int64
	// Future is the instant after which an end lies in the future, whatever its
	// month: such sessions are open, too. Zero: none is.
	Future time.Time
	// Drivers asks for the medium, the driver amount and when it was collected,
	// as far as that was known at the cut-off.
	Drivers bool
	// Only narrows what was paid for replaced versions to those that one of these
	// versions has replaced; nil: all.
	Only []int64
	// All looks at all sessions that end in [From, Until) as if none had an
	// outcome, and at none from before. No run does.
	All bool
}

// SessionCursor walks over sessions one by one. The session is only valid
// until the next call of Next. Of its texts only class, status and partner are
// filled, and the medium where the class is not stated or the query asks for drivers.
type SessionCursor interface {
	Next() bool
	Session() *sessions.Session
	// Name is the external id of the session.
	Name() string
	// Open reports whether the session waits for an outcome (with All: ends in the
	// period); the others are there for what they overlap.
	Open() bool
	Err() error
	Close() error
}

// DraftWriter writes what a shard drafted, inside one transaction.
type DraftWriter interface {
	// CopyLines writes the lines a source yields until it ends.
	CopyLines(src LineSource) error
	// SavePaths stores the price paths that are not stored yet.
	SavePaths(paths []*tariffs.Path) error
	// SaveDrafts stores notes with positions, taxes, owners and the carried
	// sums they use. A turn of a booking that is taken is a Conflict fault:
	// another run has booked it since the turns were read.
	SaveDrafts(notes []*Note) error
	SaveHolds(holds []Hold) error
	// SaveWarnings stores the sessions that are credited although a rule
	// applies that only warns.
	SaveWarnings(warned []Hold) error
	SaveOwners(results []OwnerResult) error
	// SaveOwnCharges stores what is billed as own charging. A session that another
	// run bills meanwhile is the Conflict fault of SaveDrafts.
	SaveOwnCharges(list []OwnCharge) error
	// SaveOwnWaits stores the sessions that cannot be billed as own charging yet.
	SaveOwnWaits(list []Hold) error
	// SaveContracts stores the contracts by which the notes settle.
	SaveContracts(list []FrozenContracts) error
}

// LineSource yields lines one by one; the line is only valid until the next
// call of Next.
type LineSource interface {
	Next() bool
	Line() *Line
	Err() error
}

// Reversal is what was paid for a version of a session that has been replaced:
// the next run takes it back and pays the new version instead.
type Reversal struct {
	Line      Line // as it was paid
	Path      PathInfo
	Priced    *tariffs.Path // that of Path, as a whole
	Duration  int64         // of the version that was paid, in seconds
	Currency  string
	Tax       TaxTotal // with which it was credited, without its amounts
	treatment treatment
	End       time.Time // of the version that was paid
	Start     time.Time
	CurrentID int64 // the version that replaced it
	// Reprice says why the version that replaced it is priced anew; nil: its
	// content is another.
	Reprice *tariffs.PathReprice
	// Taken: it is taken back already, by this run in what it drafted before it was
	// interrupted, or by an earlier run whose payment of the new version has been
	// cancelled. It only marks the line that pays the session now.
	Taken bool
}

// CreditedAgain is the number of the cancelled document that credited the session of
// a line to the same owner before; empty: none did, or the line is a correction.
func CreditedAgain(l *Line, cancelled map[int64]CancelledCredit) string {
	if before := cancelled[l.SessionID]; l.Kind == LineCredit && !l.Correction && before.OwnerID == l.OwnerID {
		return before.Number
	}
	return ""
}

// CancelledCredit is the latest cancelled document that credited a session, and
// to whom.
type CancelledCredit struct {
	OwnerID int64
	Number  string
}

// RunStore keeps runs.
type RunStore interface {
	// BeginRun returns the unfinished run of a month, or makes a new one, and
	// leases it to this process; false when another process works on it, or a
	// scheduled run of that month exists already.
	BeginRun(ctx context.Context, r *Run) (*Run, bool, error)
	// RenewLease keeps a run leased while this process works on it.
	RenewLease(ctx context.Context, runID int64) error
	// ReleaseLease lets others work on the run.
	ReleaseLease(ctx context.Context, runID int64) error
	// AdvanceRun moves a run from one stage to the next; a run that is not in
	// that stage is a Conflict fault.
	AdvanceRun(ctx context.Context, run *Run, from, to Stage, who string) error
	// FailRun keeps why a run stopped, until AdvanceRun moves it on. Without
	// faults the failure gets a reference, under which the caller logs it.
	// Nothing is kept of a run that is done.
	FailRun(ctx context.Context, runID int64, faults fault.List) (*Failure, error)
	// FailMonth is FailRun for a scheduled run that could not begin; it is kept
	// until a run of the month begins.
	FailMonth(ctx context.Context, month entities.Month, faults fault.List) (*Failure, error)
	MonthFailures(ctx context.Context) ([]MonthFailure, error)
	// DiscardRun throws a drafted run away. What its owners had is kept, to be
	// compared.
	DiscardRun(ctx context.Context, run *Run, who string) error
	// SecondPerson refuses, with a Forbidden fault, that a person approves what
	// another person did when the two count as one person.
	SecondPerson(ctx context.Context, first, second string) error
	// Proposals lists changes that wait or waited for a second person, the
	// latest first.
	Proposals(ctx context.Context, f ProposalFilter) ([]Proposal, error)
	RunByName(ctx context.Context, name string) (*Run, error)
	Runs(ctx context.Context) ([]Run, error)
	// MonthCount counts the sessions that end in [from, until).
	MonthCount(ctx context.Context, from, until time.Time) (MonthCount, error)
	OwnerResults(ctx context.Context, runID int64) ([]OwnerResult, error)
	Holds(ctx context.Context, runID int64) ([]Hold, error)
	// OwnWaits lists the sessions that a run could not bill as own charging.
	OwnWaits(ctx context.Context, runID int64) ([]Hold, error)
	// Warnings lists the sessions that a run credited with a warning.
	Warnings(ctx context.Context, runID int64) ([]Hold, error)
	RunNotes(ctx context.Context, runID int64) ([]*Note, error)
}

// IssueStore issues notes.
type IssueStore interface {
	// WriteIssue runs fn in one transaction.
	WriteIssue(ctx context.Context, fn func(IssueWriter) error) error
	// LastDocument finds the issued document with the latest date in a number
	// range.
	LastDocument(ctx context.Context, numberRange string) (LastDocument, error)
}

// IssueWriter writes what is issued, inside one transaction.
type IssueWriter interface {
	ReportWriter
	// Drafts lists the draft notes of a run in walk order, whole.
	Drafts(runID int64) ([]*Note, error)
	// Redate stores the date of a run and of its drafts, with what is printed
	// on them.
	Redate(run *Run, date entities.Date, notes []*Note) error
	// TakeNumbers takes a block of n numbers and returns the first.
	TakeNumbers(r *numbering.Range, c numbering.Counter, n int) (int64, error)
	// AddCancellation stores the draft of a cancellation and makes the
	// sessions of the note it cancels creditable again, and those of the
	// numberless notes that are withdrawn with it.
	AddCancellation(n *Note, withdrawn []int64) error
	// SettleObjection settles the open objection to a note, if there is one,
	// by the cancellation of the note.
	SettleObjection(cancelled, cancellation *Note, who string) error
	// Issue gives drafts their numbers; from then on they never change. Each
	// gets a job that renders it, and an entry in the audit log with its seals
	// and that of its mail, so their mailings are added before.
	Issue(notes []*Note, who string) error
	// AddDeliveries queues mailings; those of notes start when the documents are
	// stored, those of settlement reports at once.
	AddDeliveries(list []Delivery) error
	// Resend queues one more mailing of a note or of a settlement report: it gives the delivery the next
	// copy number and the message id of that copy. Its job starts when the
	// documents are stored, which is at once in most cases.
	Resend(d *Delivery, messageID func(copy int) string) error
	// AdvanceRun is RunStore.AdvanceRun in this transaction.
	AdvanceRun(run *Run, from, to Stage, who string) error
	// Audit writes into the audit log.
	Audit(who, action, subject, before, after string) error
}

// NoteStore finds notes and keeps their files.
type NoteStore interface {
	Note(ctx context.Context, id int64) (*Note, error)
	NoteByNumber(ctx context.Context, number string) (*Note, error)
	Notes(ctx context.Context, f NoteFilter) ([]NoteRow, error)
	// Details yields the sessions of a note in order of owner, start and id.
	Details(ctx context.Context, n *Note) iter.Seq2[Detail, error]
	// FileInfos lists the stored files of a note, the PDF first.
	FileInfos(ctx context.Context, noteID int64) ([]FileInfo, error)
	// SaveFiles stores the files of a note once and queues its mailing; files
	// that are stored already stay as they are.
	SaveFiles(ctx context.Context, noteID int64, files []File) error
	// NoteProof is what the PDF of a note carries to prove itself; nil where its run
	// has no signed head. That the key is missing is a NotReady fault.
	NoteProof(ctx context.Context, n *Note) (*NoteProof, error)
	AskedFileStore
	ReportStore
	// Asset returns a stored file, such as a logo, by the SHA-256 of its
	// content.
	Asset(ctx context.Context, sha256 string) ([]byte, error)
	// Entity returns an entity as it is now; an unknown key is a NotFound fault.
	Entity(ctx context.Context, key string) (entities.Entity, error)
	// Undelivered lists the notes of a run that did not reach all recipients, in
	// the order of their numbers.
	Undelivered(ctx context.Context, runID int64) ([]Undelivered, error)
	// MarkedAddresses lists the addresses that get no more mails.
	MarkedAddresses(ctx context.Context) ([]MarkedAddress, error)
	// EntityDocuments lists documents about entities without their content, the
	// latest first.
	EntityDocuments(ctx context.Context, f EntityDocumentFilter) ([]EntityDocument, error)
	// Unrendered lists the notes of a run that have no files yet.
	Unrendered(ctx context.Context, runID int64) ([]UnrenderedNote, error)
	// Corrections lists what stands and takes back sessions of a note.
	Corrections(ctx context.Context, noteID int64) ([]Correction, error)
	// Dependents lists what stands on a note: the notes that take back its
	// sessions, and those that bring along a sum that it carries forward.
	Dependents(ctx context.Context, noteID int64) ([]Correction, error)
	// MonthNets adds up the credit notes of a month that are issued and not
	// cancelled, by owner and currency.
	MonthNets(ctx context.Context, month entities.Month) ([]OwnerNet, error)
	// DraftNets adds up the drafts of a run, by owner and currency.
	DraftNets(ctx context.Context, runID int64) ([]OwnerNet, error)
	// CancelledBy returns the number of the cancellation of a note, or "".
	CancelledBy(ctx context.Context, noteID int64) (string, error)
}

// ReportStore finds settlement reports and keeps their files.
type ReportStore interface {
	// FrozenReport finds a report by its name; the scope is as in ReportFilter.
	FrozenReport(ctx context.Context, name string, scope []string) (*FrozenReport, error)
	FrozenReportByID(ctx context.Context, id int64) (*FrozenReport, error)
	// ReportsWith lists the reports that go with the mails of a note.
	ReportsWith(ctx context.Context, noteID int64) ([]*FrozenReport, error)
	// RunByID finds a run; nil: there is none.
	RunByID(ctx context.Context, id int64) (*Run, error)
	// ReportView calls fn with what reports are made of, in one unchanging view.
	ReportView(ctx context.Context, fn func(ReportReader) error) error
	// ReportFiles lists the stored files of a report, the document first.
	ReportFiles(ctx context.Context, id int64) ([]File, error)
	// SaveReportFiles stores the files of a report once; files that are stored
	// already stay as they are.
	SaveReportFiles(ctx context.Context, id int64, files []File) error
	// ReportDeliveries lists the mailings that carry a report alone, the original
	// first.
	ReportDeliveries(ctx context.Context, id int64) ([]Delivery, error)
}

// UnrenderedNote is an issued note without files.
type UnrenderedNote struct {
	ID     int64
	Number string
}

// Correction is a note that takes back sessions of an earlier one.
type Correction struct {
	NoteID int64
	State  State
	Number string // its own, or of the note that brought it along; empty: none
}

// NoteFilter narrows a listing; zero fields match everything. Without a
// state it is the issued documents that are listed.
type NoteFilter struct {
	Month      entities.Month // of the run
	FromMonth  entities.Month // the first and the last month of the runs
	UntilMonth entities.Month
	Owner      string
	Recipient  string
	Run        string
	Number     string
	State      State
	Standing   Standing
	Kind       numbering.DocumentType
	Range      string // key of the number range
	Currency   string
	Delivery   DeliveryState // of the latest mailing, or NeverMailed
	Text       string        // part of the number or of the recipient's key
	Amount     money.Amount  // net or gross amount, with either sign; 0: any
	ExternalID string        // key in another system
	// Scope are the keys of the entities a visitor may see; nil: all. A note is
	// seen by who gets it, and by who sees all of its owners; a draft is
	// not seen by anyone with a scope.
	Scope []string
}

// NoteRow is a note in a listing.
type NoteRow struct {
	Note
	RunName     string
	CancelledBy string
	Delivery    DeliveryState // of the latest mailing; empty: none
}

// Texts finds the words of a language. A missing message is an error.
type Texts interface {
	Text(language, key string, args map[string]any) (string, error)
	Supports(language string) bool
}
