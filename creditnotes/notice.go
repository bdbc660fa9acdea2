package creditnotes

import "time"

// Notice is a mail that is about no credit note: a link for a user, or what
// a person has to know because money or rights are at stake.
type Notice struct {
	ID       int64
	Kind     NoticeKind
	To       string // one e-mail address
	Language string // the mail falls back to English
	Facts    NoticeFacts
	// UserID is whose link the mail brings; 0: there is none. The link is made
	// when the mail is sent and begins with Address.
	UserID    int64
	Address   string
	State     DeliveryState // queued, sent or failed
	Attempts  int
	Reply     string // what the server last said
	CreatedAt time.Time
	SentAt    time.Time
}

// NoticeKind says what a notice is about.
type NoticeKind string

// The notices. Those with a link go to the user whose link it is, those about
// users to all administrators of the operator.
const (
	NoticeInvited      NoticeKind = "invited"       // a link to set the first password
	NoticeReset        NoticeKind = "reset"         // a link to set another password
	NoticeSecondFactor NoticeKind = "second_factor" // a link to remove the second factor
	NoticeMoved        NoticeKind = "moved"         // to the former address of a user
	NoticeUser         NoticeKind = "user"          // what was done to a user
	NoticeAsked        NoticeKind = "asked"         // changes that move money wait for another person
	NoticeChanged      NoticeKind = "changed"       // changes that move money were made
	NoticeEntityAsked  NoticeKind = "entity_asked"  // as NoticeAsked, to those whose money it is
	NoticeEntityDone   NoticeKind = "entity_done"   // as NoticeChanged, to those whose money it is
	NoticeAuditHead    NoticeKind = "audit_head"    // to finance when a run is complete: the head of the audit log
	NoticeBounced      NoticeKind = "bounced"       // to finance: mails came back, and their addresses are marked
	NoticeComplained   NoticeKind = "complained"    // to finance: who reads an address reported a mail as abuse
	NoticeAnswered     NoticeKind = "answered"      // to who asked or objected: the answer
	NoticeWritten      NoticeKind = "written"       // to a Sub-CPO: what the operator writes in a thread
	NoticeInbox        NoticeKind = "inbox"         // to a user: what waits
	NoticeUnassigned   NoticeKind = "unassigned"    // to finance: a report names no address that the mail was sent to
)

// NoticeFacts is what a notice tells.
type NoticeFacts struct {
	Who    string `json:"who"`              // did it
	User   string `json:"user,omitempty"`   // whom it was done to
	Deed   string `json:"deed,omitempty"`   // of NoticeUser: created, administrator, roles, entity, address, invited, reset, second_factor, openid, password, token
	Server bool   `json:"server,omitempty"` // on the command line of the server
	Run    string `json:"run,omitempty"`    // of NoticeAuditHead
	Head   string `json:"head,omitempty"`   // of NoticeAuditHead: AuditHead as text
	Number string `json:"number,omitempty"` // of the note whose mail came back
	// Subject, Thread and Text are the matter, its kind and the message, of
	// NoticeAnswered and NoticeWritten.
	Subject string          `json:"subject,omitempty"`
	Thread  string          `json:"thread,omitempty"`
	Text    string          `json:"text,omitempty"`
	Waits   []NoticeWaiting `json:"waits,omitempty"` // of NoticeInbox
	Items   []NoticeItem    `json:"items,omitempty"`
	More    int             `json:"more,omitempty"` // how many items are not listed
}

// NoticeWaiting is one kind of things that wait for a user.
type NoticeWaiting struct {
	Kind  string `json:"kind"` // of the inbox
	Count int    `json:"count"`
	Since string `json:"since,omitempty"` // day of the oldest
}

// NoticeItem is one change that moves money; of notices about mails that came
// back, Name is the address and After the reason.
type NoticeItem struct {
	Matter  string `json:"matter,omitempty"`
	Subject string `json:"subject"` // key of the entity or station
	Name    string `json:"name"`
	Before  string `json:"before,omitempty"`
	After   string `json:"after,omitempty"`
}
