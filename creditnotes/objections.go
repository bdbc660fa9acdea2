package creditnotes

import (
	"context"
	"time"

	"creditrun/internal/fault"
)

// Objection is a recipient's protest against a credit note, which then loses
// its effect as an invoice (domain.md §11.6). While it is open, the owners of
// the note fail in every run. It ends when it is withdrawn, or when the note is
// cancelled.
type Objection struct {
	ID        int64
	NoteID    int64
	Number    string   // of the note
	Owners    []string // of the note: keys
	RaisedAt  time.Time
	RaisedBy  string
	Reason    string // code: one of ObjectionReasons
	Text      string
	State     ObjectionState
	SettledAt time.Time // zero while open
	SettledBy string
	Answer    string // of a withdrawal; else the number of the cancellation
}

// ObjectionState is what has become of an objection.
type ObjectionState string

// The states of objections.
const (
	ObjectionOpen      ObjectionState = "open"
	ObjectionWithdrawn ObjectionState = "withdrawn" // the note stands
	ObjectionCancelled ObjectionState = "cancelled" // the note was cancelled
)

// ObjectionFilter narrows a listing; zero fields match everything.
type ObjectionFilter struct {
	Open   bool
	NoteID int64
}

// Obstacle is the fault with which an owner fails because of the objection.
func (o *Objection) Obstacle(owner string) *fault.Fault {
	return fault.New(fault.NotReady, "objection_open", fault.Args{"number": o.Number, "owner": owner})
}

// failObjectors makes the owners fail with an open objection to a note.
func (r *Runner) failObjectors(ctx context.Context, plan *Plan) error {
	open, err := r.Store.Objections(ctx, ObjectionFilter{Open: true})
	if err != nil || len(open) == 0 {
		return err
	}
	against := map[string]*Objection{}
	for i := range open {
		for _, owner := range open[i].Owners {
			against[owner] = &open[i]
		}
	}
	for _, g := range plan.groups {
		for _, o := range g.owners {
			if objection := against[o.entity.Key]; objection != nil && o.failed == nil {
				o.failed = objection.Obstacle(o.entity.Key)
			}
		}
	}
	return nil
}

// objections tells who will not be credited because of one.
func (o *Readiness) objections(open []Objection) {
	for i := range open {
		for _, owner := range open[i].Owners {
			o.add(Fails, open[i].Obstacle(owner))
		}
	}
}
