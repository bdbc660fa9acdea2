// Package numbering knows number ranges: which documents they are valid for,
// what their numbers look like, when they start again, and how numbers are
// taken without a gap. It keeps nothing: the counters are the store's.
package numbering

// Range is a series of document numbers (domain.md §8).
type Range struct {
	Key      string
	Name     string
	Pattern  string         // such as GS-{YYYY}-{SEQ:5}
	Next     int64          // the number with which the range begins
	Reset    Reset          // when it starts again at 1
	ValidFor []DocumentType // what may be numbered by it
	Scope    Scope
	Active   bool
}

// Reset says when a range starts again, by the date of the document.
type Reset string

// The resets of ranges.
const (
	ResetNever   Reset = "never"
	ResetYearly  Reset = "yearly"
	ResetMonthly Reset = "monthly"
)

// Scope says whose sequence a range is.
type Scope string

// The scopes of ranges.
const (
	ScopeIssuer    Scope = "issuer"    // one sequence for all
	ScopeRecipient Scope = "recipient" // one sequence per recipient
)

// DocumentType is what a number is given to.
type DocumentType string

// The document types.
const (
	CreditNote   DocumentType = "credit_note"
	Cancellation DocumentType = "cancellation"
	Invoice      DocumentType = "invoice"
)
