package creditnotes

import (
	"slices"
	"time"

	"creditrun/entities"
)

// Thread is what the operator and a Sub-CPO write to each other about one
// matter: a question on a session, an objection to a credit note, or a
// conversation about anything else. A question or an objection is settled by its
// answer, a conversation by either side, and a message opens it again.
type Thread struct {
	ID       int64
	Kind     ThreadKind
	MatterID int64  // of the question or the objection; 0 of a conversation
	Entity   string // key of the Sub-CPO; empty: the operator asks itself
	Subject  string // source and id of the session, number of the note, or the title
	Reason   string // code: one of QuestionReasons or ObjectionReasons; empty of a conversation
	Settled  bool
	WaitsFor Side // whose turn it is; empty: the thread is settled
	OpenedAt time.Time
	OpenedBy string
	// ChangedAt is when the last message was written.
	ChangedAt time.Time
}

// Message is one that was written in a thread. It is never changed.
type Message struct {
	ID   int64
	At   time.Time
	Who  string
	Side Side // on which the writer is
	Text string
}

// ThreadKind says what a thread is about.
type ThreadKind string

// The kinds of threads.
const (
	QuestionThread     ThreadKind = "question"     // on a session
	ObjectionThread    ThreadKind = "objection"    // to a credit note
	ConversationThread ThreadKind = "conversation" // about anything else
)

// ThreadKinds lists all kinds of threads.
func ThreadKinds() []ThreadKind {
	return []ThreadKind{QuestionThread, ObjectionThread, ConversationThread}
}

// Side is one of the two that write to each other.
type Side string

// The sides.
const (
	OperatorSide Side = "operator"
	SubCPOSide   Side = "sub_cpo"
)

// Other is the side that a message of this one is for.
func (s Side) Other() Side {
	if s == OperatorSide {
		return SubCPOSide
	}
	return OperatorSide
}

// OtherReason is the code of a reason that is none of the others.
const OtherReason = "other"

// QuestionReasons lists what a question on a session may be about.
func QuestionReasons() []string {
	return []string{"price", "energy", "time", "owner", "missing", "held", OtherReason}
}

// ObjectionReasons lists what an objection to a credit note may be about.
func ObjectionReasons() []string {
	return []string{"amount", "price", "sessions", "tax", "period", "recipient", OtherReason}
}

// ThreadFilter narrows a listing of threads; what is not set does not narrow.
type ThreadFilter struct {
	Kind     ThreadKind
	Entity   string
	Open     bool
	Settled  bool
	WaitsFor Side
	Scope    []string // keys of entities; nil: all
}

// Sees reports whether a thread is within a scope of entities; nil is everything.
func (t *Thread) Sees(scope []string) bool {
	return scope == nil || t.Entity != "" && slices.Contains(scope, t.Entity)
}

// Announcement is what the operator tells one Sub-CPO or all in the portal.
type Announcement struct {
	ID          int64
	Entity      string // key of the Sub-CPO; empty: all
	Title       string
	Text        string
	Until       entities.Date // the last day on which it is shown; empty: until it is withdrawn
	AnnouncedAt time.Time
	AnnouncedBy string
	WithdrawnAt time.Time // zero: it was not
	WithdrawnBy string
}
