package creditnotes

import (
	"context"
	"iter"
	"time"

	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/numbering"
)

// ReportMoment says what a settlement report knows: collections known at the
// cut-off, and the cancellations and movements that there were when it was frozen.
type ReportMoment struct {
	Cutoff   time.Time
	FrozenAt time.Time
	ReportHorizon
	Owner string // only this one; empty: all
}

// ReportSink takes what reports are made of, one by one; nil functions take
// nothing.
type ReportSink struct {
	Record   func(ReportKey, *ReportRecord) error
	Previous func(ReportKey, *ReportLine) error // collected for previous periods
}

// ReportHorizon are the last cancellation, movement of any account and settlement
// report at a moment. Their ids ascend, and clocks may stand still.
type ReportHorizon struct{ Cancellation, Movement, Report int64 }

// ReportKey tells reports of a run apart: one per owner, currency and run.
type ReportKey struct{ Owner, Currency string }

// ReportReader reads what settlement reports add up (settlement.md §7). All
// lines come sorted by owner, currency, start and id of the session.
type ReportReader interface {
	// ReportLines yields the lines of a run that stand on its notes.
	ReportLines(ctx context.Context, run *Run, at ReportMoment) iter.Seq2[ReportLine, error]
	// ReportCollected yields the lines of earlier runs of which the owner's last
	// report of the horizon said that the driver's money is awaited, and that are
	// collected now.
	ReportCollected(ctx context.Context, run *Run, at ReportMoment) iter.Seq2[ReportLine, error]
	// ReportCancelled yields the lines that were awaited by the owner's last
	// report of the horizon and whose note has been cancelled since.
	ReportCancelled(ctx context.Context, run *Run, at ReportMoment) iter.Seq2[ReportLine, error]
	// ReportAwaited adds up, by owner and currency, the driver amounts and
	// owner's shares of all reported lines that are awaited by the last report of
	// the owner. It reads all lines there are: only verify asks.
	ReportAwaited(ctx context.Context) (map[ReportKey]DriverSum, error)
	// ReportPositions lists the positions of the notes of a run with what is
	// needed of their notes; cancellations are not among them.
	ReportPositions(ctx context.Context, run *Run) ([]ReportPosition, error)
	// ReportDocuments lists the documents of a run by owner, and the
	// cancellations of earlier ones since the owner's last report.
	ReportDocuments(ctx context.Context, run *Run, at ReportMoment) (map[ReportKey][]ReportDocument, error)
	// ReportOwnCharges yields what the run billed as own charging, as lines.
	ReportOwnCharges(ctx context.Context, run *Run) ([]ReportOwnCharge, error)
	// ReportTopUps lists the top-ups before a time that were received until the
	// cut-off and are in no report of the horizon, with what they moved.
	ReportTopUps(ctx context.Context, at ReportMoment, until time.Time) ([]MovedTopUpRecord, error)
	// ReportHeld counts by owner what the run held, by reason, and what it could
	// not bill as own charging.
	ReportHeld(ctx context.Context, run *Run) (map[string]ReportHeldCounts, error)
	// ReportMovements lists the movements of the account of a recipient after one
	// and until another, and the balance before them.
	ReportMovements(ctx context.Context, recipient, currency string, after, until int64) (opening money.Amount, list []ReportMovement, err error)
	// ReportHorizon is the horizon of now. Until the transaction ends, no other
	// one freezes reports.
	ReportHorizon(ctx context.Context) (ReportHorizon, error)
	// LastReports are the last reports of the horizon, by owner and currency.
	LastReports(ctx context.Context, at ReportMoment) (map[ReportKey]*FrozenReport, error)
}

// ReportLine is a line with its session as a report counts it.
type ReportLine struct {
	Owner     string // key
	Currency  string
	Number    string // of the document; empty: none
	Kind      LineKind
	Session   string // external id
	Source    string
	Station   string // key
	EVSEID    string
	Connector int
	Medium    string
	Start     time.Time
	End       time.Time
	Duration  int64 // in seconds
	Energy    money.Quantity
	Nets
	Driver      *money.Micros // nil: unknown
	Collected   bool          // by the cut-off, or there is nothing to collect
	CollectedAt time.Time     // zero: not known
}

// MovedTopUpRecord is a top-up with what it moved on an account, which an earlier
// report may show: a top-up of a later period is known before it is in a report.
type MovedTopUpRecord struct {
	TopUp
	Moved money.Amount
}

// ReportPosition is a position with its note.
type ReportPosition struct {
	Position
	Kind     numbering.DocumentType
	Number   string
	Currency string
}

// ReportOwnCharge is a session that was billed as own charging, or taken back.
type ReportOwnCharge struct {
	Owner, Currency, Number string
	Session, Source         string
	Start, End              time.Time
	Energy                  money.Quantity
	Driver, Net             money.Micros
}

// ReportHeldCounts are the sessions of an owner that wait.
type ReportHeldCounts struct {
	Held map[sessions.Reason]Count
	Own  map[sessions.Reason]Count // that could not be billed as own charging
}

// DriverSum adds up what drivers were charged, and the owner's share of it.
type DriverSum struct {
	Sessions int64        `json:"sessions"` // with a credit line
	Unknown  int64        `json:"driver_amount_unknown"`
	Driver   money.Micros `json:"driver_amount"`
	Share    money.Micros `json:"owner_share"`
}

// add adds a line, the records of which come to f.
func (s *DriverSum) add(l *ReportLine, f *RecordFigures) {
	s.Share, s.Driver = s.Share+f.OwnerShare, s.Driver+f.DriverAmount
	if l.Kind == LineCredit {
		s.Sessions, s.Unknown = s.Sessions+1, s.Unknown+f.Unknown
	}
}

// FrozenReport is a settlement report as it is stored.
type FrozenReport struct {
	ID       int64
	Name     string // owner-run-currency: a-2026-10-EUR
	RunID    int64
	Owner    string
	Currency string
	Period   ReportPeriod
	Cutoff   time.Time
	FrozenAt time.Time
	Horizon  ReportHorizon
	Content  []byte // SettlementReport as JSON, without its hash
	SHA256   string // of the content
	TopUps   []int64
	Awaited  DriverSum // at its end
	Earlier  bool      // verify leaves it out (VerifyStore.Since)

	Recipient string // key; empty: frozen by a version that mailed no reports
	NoteID    int64  // the credit note with whose mails it goes; 0: none
	Number    string // of that note
}

// ReportPeriod are the months that a report closes.
type ReportPeriod struct {
	From entities.Month `json:"from"`
	To   entities.Month `json:"to"`
}

// ReportWriter stores settlement reports.
type ReportWriter interface {
	ReportReader
	// SaveReports stores reports for good, and records the hash of each in the
	// audit log under ActionReported.
	SaveReports(list []*FrozenReport, who string) error
}

// ReportFilter narrows a listing of settlement reports; zero fields match
// everything.
type ReportFilter struct {
	Name     string
	Owner    string
	Currency string
	RunID    int64
	From     entities.Month // reports whose period ends in it or later
	Until    entities.Month // reports whose period begins in it or earlier
	// Scope are the keys of the owners a visitor may see; nil: all.
	Scope []string
}
