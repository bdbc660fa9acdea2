package creditnotes

import (
	"slices"
	"time"

	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/numbering"
)

// Page says which part of a listing is wanted. After and Before are cursors of
// the pages beside it; at most one of them is set, and without either the
// listing begins. Newest first, unless OldestFirst.
type Page struct {
	After, Before string
	OldestFirst   bool
	Limit         int // rows; 0: DefaultLimit; never more than MostRows
}

// How many rows a page has.
const (
	DefaultLimit = 50
	MostRows     = 1000
)

// Size is how many rows the page has at most.
func (p Page) Size() int {
	if p.Limit <= 0 {
		return DefaultLimit
	}
	return min(p.Limit, MostRows)
}

// Standing is what a note is worth today.
type Standing string

// The standings of notes.
const (
	StandsIssued    Standing = "issued"       // a credit note or fee invoice that was not cancelled
	StandsCancelled Standing = "cancelled"    // one that was
	StandsAgainst   Standing = "cancellation" // a document that cancels another
	StandsDraft     Standing = "draft"        // no number yet
)

// NeverMailed asks a NoteFilter for notes without any mailing.
const NeverMailed DeliveryState = "none"

// NoteEntry is a note in a listing of many: without its positions.
type NoteEntry struct {
	ID          int64
	Number      string // empty: a draft
	Kind        numbering.DocumentType
	Standing    Standing
	Date        entities.Date
	Run         string // name
	Month       entities.Month
	Range       string // key of the number range
	Recipient   string
	Owners      []string // in walk order
	Currency    string
	Net         money.Amount
	Tax         money.Amount
	Gross       money.Amount
	Delivery    DeliveryState // of the latest mailing; empty: none
	CancelledBy string        // number
	Cancels     string        // number
	ExternalID  string        // its key in another system; empty: none
}

// NoteList is one page of notes. Next and Previous are the cursors of the
// pages beside it; empty: there is none.
type NoteList struct {
	Notes          []NoteEntry
	Next, Previous string
}

// NoteTotal adds up the documents of a listing in one currency: credit notes,
// or fee invoices. Cancellations count with what they cancel, with their
// negative figures.
type NoteTotal struct {
	Currency string
	Kind     numbering.DocumentType // credit_note or invoice
	Notes    int
	Net      money.Amount
	Tax      money.Amount
	Gross    money.Amount
}

// TotalsOf are those of some totals that add up documents of a kind.
func TotalsOf(list []NoteTotal, kind numbering.DocumentType) []NoteTotal {
	return slices.DeleteFunc(slices.Clone(list), func(t NoteTotal) bool { return t.Kind != kind })
}

// SessionState is what became of a session so far.
type SessionState string

// The states of sessions.
const (
	SessionOpen      SessionState = "open"      // waits for a run
	SessionHeld      SessionState = "held"      // the latest run held it; the next one looks again
	SessionDrafted   SessionState = "drafted"   // on a draft
	SessionCredited  SessionState = "credited"  // on an issued credit note, or carried forward
	SessionZero      SessionState = "zero"      // settled without a document
	SessionExcluded  SessionState = "excluded"  // closed for good, unpaid
	SessionWithdrawn SessionState = "withdrawn" // taken back by its source before it was credited
)

// SessionFilter narrows a listing of sessions; what is not set does not
// narrow.
type SessionFilter struct {
	From, Until time.Time          // sessions that end in [From, Until)
	Owned       *entities.Holdings // sessions that belong to these owners; nil: to any
	Connectors  []int64            // at these; nil: at any
	State       SessionState
	// Next is what the next run would make of a session that waits: held, credited,
	// zero, excluded or withdrawn, as the open month says.
	Next   SessionState
	Reason sessions.Reason // held or excluded for this; with Next, would be
	Name   string          // begins the external id
	Medium string          // ends the medium uid
	// Matches is asked for what the database cannot know, such as the class
	// of a session whose source states none.
	Matches func(*sessions.Session) bool
}

// SessionRow is a session in a listing.
type SessionRow struct {
	Session sessions.Session
	State   SessionState
	Reason  sessions.Reason // of a held or excluded one
	Number  string          // of the credit note
	Other   string          // external id of the session that a held one overlaps
	OtherID int64           // of that session; 0: none

	// Next is what the next run would make of it, where it waits and the open month
	// knows it; empty otherwise.
	Next       SessionState
	NextReason sessions.Reason // of one that would be held or excluded
	Net        *money.Micros   // what it would be credited with, or would come to if it were not held; nil: unknown
	Currency   string          // of Net
}

// NextHeld is what the next run would hold for one reason, of one age, and of a
// worth in one currency.
type NextHeld struct {
	Reason   sessions.Reason
	Age      int    // the place among the bounds of ages
	Currency string // of Worth; empty: it is not known
	Count
	Worth   money.Micros // what they would come to if they were released
	Unknown int64        // of these, sessions of unknown worth
	Late    int64        // of these, sessions that wait for longer than they may
	Oldest  time.Time    // the earliest end
}

// MonthPart is what some sessions of a month come to in a currency: those on
// documents (credited), on drafts (drafted), that the next run would credit (open),
// or would hold (held).
type MonthPart struct {
	State    SessionState
	Currency string // empty: held sessions of unknown worth
	Count
	Net     money.Micros // of held ones what they would come to
	Unknown int64        // held sessions of unknown worth
}

// HeldPlace counts what the next run would hold at a connector.
type HeldPlace struct {
	Connector int64 // id
	Count
	Oldest time.Time
}

// SessionList is one page of sessions. A page may have fewer rows than asked
// for although there is a next one: where few sessions match, the search
// pauses.
type SessionList struct {
	Sessions       []SessionRow
	Next, Previous string
}

// SessionCount counts the sessions of one state, and of one reason where they
// are held.
type SessionCount struct {
	State  SessionState
	Reason sessions.Reason
	// Of those that wait, what the next run would make of them, and for which reason.
	Next       SessionState
	NextReason sessions.Reason
	Count
}

// SessionChange is what a person corrects of a session that its source got
// wrong; what is not set stays.
type SessionChange struct {
	Invalid bool
	End     time.Time
	Energy  *money.Quantity
}

// SessionHistory is everything that is kept of one session.
type SessionHistory struct {
	Versions  []sessions.Session // the latest first
	Decisions []Decision         // the latest first
	Lines     []HistoryLine      // in the order of their notes
}

// Decision is what a person decided about a session.
type Decision struct {
	At     time.Time
	Who    string
	Action string // session.released, .invalidated, .corrected, .separated or .merged
	Reason string
}

// HistoryLine is a line that paid, took back or closed a version of a session.
type HistoryLine struct {
	Version int
	Run     string // name
	Owner   string
	Line
	Live bool // not undone by a cancellation

	// The note; nothing where the session was excluded.
	Number      string // empty: a draft, or settled without a document
	NoteState   State
	Date        entities.Date
	Currency    string
	CancelledBy string
}
