package creditnotes

import (
	"slices"
	"time"
)

// Delivery is one mailing of a note, or of a settlement report alone: its state
// is the truth, the job that carries it out only knows its id.
type Delivery struct {
	ID         int64
	NoteID     int64         // 0: of something else
	ReportID   int64         // of a settlement report; 0: of something else
	PayoutID   int64         // of a remittance advice; 0: of something else
	ReminderID int64         // 0: of something else
	State      DeliveryState // follows from the states of the recipients
	Copy       int           // 0: the original; 1, 2, …: re-sent
	To         []string
	ReplyTo    string
	MessageID  string
	Attempts   int    // in which the server judged this mail
	Reply      string // what the server last said
	CreatedAt  time.Time
	SentAt     time.Time // when the server last took it for a recipient

	// MarkedCopy says that the mail is marked as a copy: a server has accepted
	// another mailing of the note already. Only Store.Delivery fills it in.
	MarkedCopy bool
	// Joint are the other notes in the same mail. Only Store.Delivery fills them in.
	Joint []*Note
	// Report is the report that the mail carries alone; nil: it carries a note.
	// Only Store.Delivery fills it in.
	Report *SettlementReport
	// Remittance is the advice that the mail carries. Only Store.Delivery fills it
	// in.
	Remittance *Remittance
	// Reminder is the reminder that the mail carries; nil: it carries something else.
	// Only Store.Delivery fills it in.
	Reminder *Reminder
	// Recipients are the addresses of To, in their order, and what became of
	// the mail at each.
	Recipients []DeliveryRecipient
	// Handover names the last time the mail was handed over, at SendingAt;
	// empty: never.
	Handover  string
	SendingAt time.Time
	// DueAt is when recipients that were put off are tried again; zero: at once.
	DueAt time.Time
	// JudgedAt is when a server first judged this mail; zero: none has.
	JudgedAt time.Time
	// Doubt is what the server said when it refused the mail for a reason that
	// may concern the sender and not this mail; empty: there is no doubt.
	Doubt string
}

// Refused are the recipients that did not get the mail and will not.
func (d Delivery) Refused() (list []DeliveryRecipient) {
	for _, r := range d.Recipients {
		switch r.State {
		case RecipientRefused, RecipientBounced, RecipientSuppressed:
			list = append(list, r)
		}
	}
	return list
}

// Open are the recipients that have not got the mail, or of which no one knows
// whether they have.
func (d Delivery) Open() (list []DeliveryRecipient) {
	return slices.DeleteFunc(slices.Clone(d.Recipients), func(r DeliveryRecipient) bool { return !r.State.Open() })
}

// Untried are the addresses that are still to be sent to.
func (d Delivery) Untried() (list []string) {
	for _, r := range d.Recipients {
		if r.State.Waits() {
			list = append(list, r.Address)
		}
	}
	return list
}

// DeliveryRecipient is what became of a mail at one of its recipients.
type DeliveryRecipient struct {
	Address string
	State   RecipientState
	Reply   string // of the server, or why it was not asked
}

// RecipientState is whether a recipient got a mail.
type RecipientState string

// The states of a recipient.
const (
	RecipientQueued     RecipientState = "queued"     // waits for its turn
	RecipientSending    RecipientState = "sending"    // the mail is being handed over for it
	RecipientAccepted   RecipientState = "accepted"   // the server took the mail for it
	RecipientDeferred   RecipientState = "deferred"   // the server put it off; it is tried again
	RecipientRefused    RecipientState = "refused"    // it did not get the mail and will not
	RecipientBounced    RecipientState = "bounced"    // the mail came back
	RecipientParked     RecipientState = "parked"     // no one knows whether the server took the mail; a person decides
	RecipientSuppressed RecipientState = "suppressed" // nothing is sent to the address until it is changed
)

// RecipientStates lists all states of a recipient.
func RecipientStates() []RecipientState {
	return []RecipientState{RecipientQueued, RecipientSending, RecipientAccepted, RecipientDeferred,
		RecipientRefused, RecipientBounced, RecipientParked, RecipientSuppressed}
}

// Open reports whether the recipient has not got the mail, or no one knows
// whether it has.
func (s RecipientState) Open() bool { return s != RecipientAccepted }

// Waits reports whether the mail is sent to the recipient by itself.
func (s RecipientState) Waits() bool { return s == RecipientQueued || s == RecipientDeferred }

// DeliveryState is where a mailing is on its way.
type DeliveryState string

// The states of a delivery.
const (
	DeliveryQueued     DeliveryState = "queued"     // waits for its turn, or for another try
	DeliverySending    DeliveryState = "sending"    // the message is being handed over
	DeliverySent       DeliveryState = "sent"       // the server took it for every recipient
	DeliveryIncomplete DeliveryState = "incomplete" // the server took it for some recipients, others are open
	DeliveryFailed     DeliveryState = "failed"     // no recipient gets it
	DeliveryParked     DeliveryState = "parked"     // no one knows whether the server took it; a person decides
)

// StateOf is the state of a mailing to these recipients: sending or parked where
// one of them is; sent where all accepted the mail, incomplete where some did;
// otherwise queued while it is still tried, and failed when it is not.
func StateOf(list []DeliveryRecipient) DeliveryState {
	n := map[RecipientState]int{}
	for _, r := range list {
		n[r.State]++
	}
	switch {
	case n[RecipientSending] > 0:
		return DeliverySending
	case n[RecipientParked] > 0:
		return DeliveryParked
	case n[RecipientAccepted] == len(list) && len(list) > 0:
		return DeliverySent
	case n[RecipientAccepted] > 0:
		return DeliveryIncomplete
	case n[RecipientQueued]+n[RecipientDeferred] > 0:
		return DeliveryQueued
	}
	return DeliveryFailed
}

// Attempt is how an attempt to send a mailing ended.
type Attempt struct {
	// Handover is that of the mailing: as it was read where the mail was not
	// handed over, else the one that HandOver recorded. An attempt with another
	// one is not recorded: another process has the mailing.
	Handover string
	// Recipients are those that the attempt changed. Others keep their states.
	Recipients []DeliveryRecipient
	Reply      string
	At         time.Time
	Counts     bool      // the server judged this mail
	DueAt      time.Time // when recipients that were put off are tried again
	Doubt      string    // see Delivery
}

// MailPause says that no mail is sent, because the server takes none.
type MailPause struct {
	Since     time.Time
	Reason    string // key of a fault
	Said      string // what the server said, or why it could not be asked; without addresses
	Probes    int    // mails with which it was tried since
	NextProbe time.Time
	Probing   time.Time // until when a try may be under way; zero: none is
}

// MailDoubts is what the other deliveries tell of one that the server refused
// for a reason that may concern all.
type MailDoubts struct {
	Alike    int  // were refused and are in doubt, too
	Ready    int  // could be sent now
	Accepted bool // one was accepted after this one was first refused
}

// probePauses are the pauses between the mails with which a server is tried
// that takes none: a minute, doubled to an hour.
const (
	firstProbePause = time.Minute
	mostProbePause  = time.Hour
)

// ProbePause is how long a paused queue waits after so many tries.
func ProbePause(probes int) time.Duration {
	return min(firstProbePause<<min(probes, 10), mostProbePause)
}

// retryPauses are the pauses between the attempts for a recipient that is put
// off: ten attempts within three days.
var retryPauses = []time.Duration{
	time.Minute, 5 * time.Minute, 20 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour,
}

// RetryPause is how long a mailing waits after so many attempts.
func RetryPause(attempts int) time.Duration {
	return retryPauses[min(max(attempts, 1), len(retryPauses))-1]
}

// RetryFor is how long a mail is tried when the configuration does not say.
const RetryFor = 5 * 24 * time.Hour

// OpenRecipient is a recipient of the latest mailing of a note that has not got
// it.
type OpenRecipient struct {
	Run       string
	Month     string
	Number    string // or the name of a settlement report
	Report    bool   // the mail carries a settlement report alone
	Payout    bool   // the mail carries a remittance advice; it is of no run
	Reminder  bool   // the mail carries a reminder; it is of no run
	Recipient string // key
	Mailing   int64  // id
	Copy      int
	Mailed    DeliveryState // of the mailing
	Address   string
	State     RecipientState
	Reply     string
	Since     time.Time // when the mailing was queued
	DueAt     time.Time // when it is tried again; zero: at once, or not
}

// Todo is what is to be done about an open recipient.
type Todo string

// What is to be done.
const (
	TodoNothing Todo = "nothing" // it goes on by itself
	TodoCorrect Todo = "correct" // correct the address and send the mail again
	TodoAsk     Todo = "ask"     // ask the recipient, and say whether the mail arrived
)

// Todo returns what is to be done about a recipient in this state.
func (s RecipientState) Todo() Todo {
	switch s {
	case RecipientRefused, RecipientBounced, RecipientSuppressed:
		return TodoCorrect
	case RecipientParked:
		return TodoAsk
	}
	return TodoNothing
}
