package creditnotes

import (
	"context"
	"strings"
	"time"

	"creditrun/entities"
	"creditrun/internal/sessions"
)

// OpenBook is what the next run would make of the open month, and of everything
// earlier that waits for it (settlement.md §4.3). It is kept by a store, made by
// the code that drafts, and made anew where configuration or runs have changed;
// beside that, only sessions that changed are looked at again (docs/decisions/0112).
type OpenBook struct {
	ID      int64
	Month   entities.Month
	Basis   string    // what it goes by: month, configuration and runs
	Cursor  int64     // versions of sessions with a lower id are in it
	Changed int64     // how often it was
	AsOf    time.Time // when it was last right
	Swept   time.Time // when what waits for its time was last looked at
}

// OpenState says what there is and whether it is right.
type OpenState struct {
	Book     *OpenBook // nil: none was ever completed
	Basis    string    // configuration and runs as they are now, the configuration as one word before the rest
	Cursor   int64     // the next version of a session gets this id
	Touched  bool      // something is marked as changed
	Drafting bool      // a run is being drafted: what it has drafted so far says nothing
}

// Overtaken reports whether runs have decided about sessions since the book was
// right. The basis of a book is its month, the configuration and the runs; that of
// a state the last two.
func (s *OpenState) Overtaken() bool {
	if s.Book == nil {
		return false
	}
	_, stored, _ := strings.Cut(s.Book.Basis, " ")
	_, stored, _ = strings.Cut(stored, " ")
	_, runs, _ := strings.Cut(s.Basis, " ")
	return stored != runs
}

// OpenTouched is what has changed since a book was last right.
type OpenTouched struct {
	Sessions   []int64 // versions whose outcome is to be found again, with those that they may overlap
	Connectors []int64 // of these
	Beside     bool    // what no session makes is to be found again
	Cursor     int64
	Marks      []int64 // the marks that say so
}

// OpenLine is a line of a book: without a note, with what it is added up under.
type OpenLine struct {
	Line
	For      int64 // the version of the session on whose behalf it is
	Currency string
	Station  string // key
	Contract string // key; empty: none
	Shared   bool
	End      time.Time     // of the session
	Day      entities.Date // of the end, in the operator's zone
	Tax      string        // tells treatments apart
}

// OpenCharge is what would bill a session as own charging.
type OpenCharge struct {
	OwnCharge
	For      int64 // the version of the session on whose behalf it is
	Currency string
	End      time.Time
}

// OpenSum adds up the lines of a book that have all of these in common.
type OpenSum struct {
	Owner      string // key
	Station    string // key
	Day        entities.Date
	Currency   string
	Contract   string // key
	Shared     bool
	Correction bool
	Tax        string
	Sessions   int64 // that are paid
	Nets
	Count // energy of all lines; their number
}

// OpenSumsBy says what sums of a book are told apart by.
type OpenSumsBy int

// The ways to add a book up.
const (
	OpenByDay OpenSumsBy = iota
	OpenByOwner
	OpenByContract
)

// OpenHeld counts the sessions of an owner that wait for one reason.
type OpenHeld struct {
	Owner  string // key; empty: none
	Reason sessions.Reason
	Count
}

// OpenUpdate changes a book.
type OpenUpdate struct {
	OpenTouched
	Lines []OpenLine
	Holds []Hold
	Own   []OpenCharge
	AsOf  time.Time
	Swept time.Time
}

// OpenLines yields lines one by one; a line is valid until the next call of Next.
type OpenLines interface {
	Next() bool
	OpenLine() *OpenLine
	Err() error
}

// OpenWriter writes a part of a book.
type OpenWriter interface {
	CopyOpenLines(src OpenLines) error
	SaveOpenHolds(holds []Hold) error
}

// OpenStore keeps the open month.
type OpenStore interface {
	OpenState(ctx context.Context) (OpenState, error)
	// BeginBook begins a book that is not current yet, and forgets all marks; false
	// where another process is making one.
	BeginBook(ctx context.Context, b OpenBook) (id int64, mine bool, err error)
	// WriteOpen runs fn in one transaction; it may run again from the start. A book
	// that another process removed is a Conflict fault.
	WriteOpen(ctx context.Context, id int64, fn func(OpenWriter) error) error
	// FinishBook adds a book up, makes it the current one, and removes the others.
	FinishBook(ctx context.Context, id int64, own []OpenCharge) error
	// RemoveBook gives up a book that is not current.
	RemoveBook(ctx context.Context, id int64) error
	// TouchedSessions finds what has changed since a book was right; with sweep also
	// what waits for its time.
	TouchedSessions(ctx context.Context, b *OpenBook, sweep bool) (OpenTouched, error)
	// UpdateOpen replaces what a book has of the touched sessions, in one
	// transaction, and counts the change. It reports false, and changes nothing, where the book is no longer
	// as it was given: another process was faster.
	UpdateOpen(ctx context.Context, b *OpenBook, u *OpenUpdate) (bool, error)
	// SaveOpenEntries replaces the records of a book that no session makes.
	SaveOpenEntries(ctx context.Context, b *OpenBook, list []SettlementRecord) error
	// OpenSums adds up the lines of a book. The sums have set what they are told apart
	// by: OpenByDay the day and currency, OpenByOwner owner, month and currency (the day is the first of the month), and
	// OpenByContract everything but the day, which is the first of the month, of the lines
	// that a contract settles.
	OpenSums(ctx context.Context, id int64, by OpenSumsBy) ([]OpenSum, error)
	OpenHeld(ctx context.Context, id int64) ([]OpenHeld, error)
	// OpenFailed lists the owners of whom sessions wait because they failed.
	OpenFailed(ctx context.Context, id int64) ([]int64, error)
}
