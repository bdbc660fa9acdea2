package creditnotes

import "time"

// Handover is one file of a note that goes to an access point. What the network
// answers is not part of it.
type Handover struct {
	NoteID    int64
	Number    string
	Kind      FileKind
	State     HandoverState
	CreatedAt time.Time // when the file was stored
	WrittenAt time.Time // when it was written for the access point; zero: not yet
}

// HandoverState says how far a file is on its way to an access point.
type HandoverState string

// The states of a handover.
const (
	HandoverQueued  HandoverState = "queued"
	HandoverWritten HandoverState = "written" // into the folder of the access point
)

// ActionHandedOver is the action of the audit log that says that a file was
// written for an access point.
const ActionHandedOver = "document.handed_over"
