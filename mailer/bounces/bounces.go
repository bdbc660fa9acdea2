// Package bounces reads what mail systems say of a mail that was sent: that it
// failed, is delayed or was delivered, or that its recipient complained. It
// understands delivery status notifications (RFC 3464), also broken ones and
// those in free text, abuse reports (RFC 5965) and read receipts (RFC 8098).
// Other mails, holiday replies among them, are recognised as no report. It
// reads no clock and no database, and decides nothing about mailings.
package bounces

import "strings"

// Kind is what a message says as a whole.
type Kind string

// The kinds of messages.
const (
	Failed     Kind = "failed"       // at least one recipient will not get the mail
	Delayed    Kind = "delayed"      // the mail system keeps trying
	Delivered  Kind = "delivered"    // nothing failed
	Complaint  Kind = "complaint"    // a recipient reported the mail as abuse
	NotABounce Kind = "not_a_bounce" // no report about a delivery
)

// Report is what a message says.
type Report struct {
	Kind       Kind
	From       string      // the address of who sent it, by its own account
	Recipients []Recipient // whom it is about, in the order of the message
	// OriginalID is the Message-ID of the mail that the report is about,
	// without angle brackets; empty where the report does not carry it.
	OriginalID string
	// IDs are all Message-IDs that may be the one of that mail, the likeliest
	// first, without angle brackets. OriginalID is the first of them.
	IDs []string
	// Mentioned are the addresses to which the mail went according to the copy
	// of it that the report carries.
	Mentioned []string

	to []string // of Mentioned, those of the field To
}

// Recipient is an address that a report is about.
type Recipient struct {
	Address    string // the final one, after aliases and forwards
	Original   string // to which the mail was sent; empty where the report does not say
	Action     string // failed, delayed, delivered, relayed, expanded, deliverable or complaint
	Status     string // RFC 3463, such as 5.1.1; empty where there is none
	Diagnostic string // in the words of the mail system, on one line
	RemoteMTA  string // host name of the server that said it; empty where unknown
}

// Reason is the diagnostic, preceded by the status where it does not show it.
func (r Recipient) Reason() string {
	if r.Status == "" || strings.Contains(r.Diagnostic, r.Status) {
		return r.Diagnostic
	}
	return strings.TrimSpace(r.Status + " " + r.Diagnostic)
}

// MaxSize is how many bytes of a message are read; what follows is ignored.
// Reports stand at the beginning of a message.
const MaxSize = 4 << 20

// Parse reads a message as it was received, with or without the line that a
// mailbox file puts before it. Every message has an answer: what cannot be
// understood is NotABounce.
func Parse(raw []byte) *Report {
	if len(raw) > MaxSize {
		raw = raw[:MaxSize]
	}
	top := read(raw)
	found := top.find(isTyped)
	if found == nil {
		found = top.find(isReport)
	}
	r := &Report{Kind: NotABounce, From: addressIn(top.header.text("From"))}
	switch {
	case found == nil:
		readText(r, top)
	case found.isFeedback():
		readFeedback(r, found)
	case found.isDisposition():
	default:
		readStatus(r, top, found)
	}
	readOriginal(r, top, found)
	if r.Kind == Failed && len(r.Recipients) == 0 && len(r.to) == 1 {
		r.Recipients = []Recipient{{Address: r.to[0], Action: string(Failed)}}
	}
	return r
}

// isTyped reports whether a part says by its type that it is a report.
func isTyped(p *part) bool {
	return p.kind != "text/plain" && isReport(p)
}

// isReport reports whether a part is made for programs.
func isReport(p *part) bool {
	return p.isFeedback() || p.isDisposition() || p.isStatus()
}

// readStatus takes the recipients from the fields of a delivery status, and
// where it names none from the text beside it.
func readStatus(r *Report, top, status *part) {
	for _, p := range top.beside(status) {
		if p == status || p.isLeaf() && p.kind == status.kind && p.isStatus() {
			for _, to := range recipientsOf(p.text()) {
				r.Recipients = add(r.Recipients, to)
			}
		}
	}
	if len(r.Recipients) == 0 {
		readText(r, top)
		return
	}
	text := top.humanText(status)
	for i := range r.Recipients {
		if r.Recipients[i].Original == "" {
			r.Recipients[i].Original = expandedFrom(text, r.Recipients[i].Address)
		}
		if r.Recipients[i].Action == "" {
			r.Recipients[i].Action = actionOf(r.Recipients[i].Status, top.header.text("Subject"), text)
		}
	}
	r.Kind = kindOf(r.Recipients)
}

// kindOf is the kind of a report with such recipients: one failure makes it a
// failure.
func kindOf(recipients []Recipient) Kind {
	kind := Delivered
	for _, r := range recipients {
		switch r.Action {
		case string(Failed):
			return Failed
		case string(Delayed):
			kind = Delayed
		}
	}
	return kind
}

// add adds a recipient; of several reports about the same address a failure
// is kept.
func add(list []Recipient, r Recipient) []Recipient {
	for i, other := range list {
		if strings.EqualFold(other.Address, r.Address) && strings.EqualFold(other.Original, r.Original) {
			if other.Action != string(Failed) && r.Action == string(Failed) {
				list[i] = r
			}
			return list
		}
	}
	if len(list) >= maxRecipients {
		return list
	}
	return append(list, r)
}

// maxRecipients is how many recipients of a report are kept; a mailing has a
// handful.
const maxRecipients = 200
