package memory

import (
	"context"
	"slices"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/numbering"
)

// RaiseObjection marks an issued credit note as objected to. A note that is
// cancelled, no credit note, or objected to already is a Conflict fault.
func (s *Store) RaiseObjection(ctx context.Context, who, number, text string) error {
	args := fault.Args{"number": number}
	if text == "" {
		return fault.New(fault.Usage, "objection_without_text", args)
	}
	return s.write(ctx, func(t *tx) error {
		note, err := t.byNumber(number)
		if err != nil {
			return err
		}
		if note.Kind != numbering.CreditNote {
			return fault.New(fault.Conflict, "objection_not_a_credit_note", args)
		}
		if by := t.cancelledBy(note.ID); by != nil {
			return fault.New(fault.Conflict, "objection_cancelled", fault.Args{"number": number, "by": by.Number})
		}
		if t.openObjection(note.ID) >= 0 {
			return fault.New(fault.Conflict, "objection_twice", args)
		}
		t.Objections = append(t.Objections, creditnotes.Objection{
			ID: t.takeIDs("objections", 1), NoteID: note.ID, RaisedAt: t.now, RaisedBy: who, Text: text, State: creditnotes.ObjectionOpen,
		})
		t.audit(who, "objection.raised", number, "", text)
		return nil
	})
}

// WithdrawObjection settles the open objection to a note: the note stands. None
// is a NotFound fault.
func (s *Store) WithdrawObjection(ctx context.Context, who, number, answer string) error {
	args := fault.Args{"number": number}
	if answer == "" {
		return fault.New(fault.Usage, "objection_without_answer", args)
	}
	return s.write(ctx, func(t *tx) error {
		note, err := t.byNumber(number)
		if err != nil {
			return err
		}
		if !t.settleObjection(note.ID, who, creditnotes.ObjectionWithdrawn, answer) {
			return fault.New(fault.NotFound, "objection_none", args)
		}
		t.audit(who, "objection."+string(creditnotes.ObjectionWithdrawn), number, string(creditnotes.ObjectionOpen), answer)
		return nil
	})
}

func (d *Data) openObjection(noteID int64) int {
	return slices.IndexFunc(d.Objections, func(o creditnotes.Objection) bool {
		return o.NoteID == noteID && o.State == creditnotes.ObjectionOpen
	})
}

// settleObjection reports whether there was an open one.
func (t *tx) settleObjection(noteID int64, who string, state creditnotes.ObjectionState, answer string) bool {
	at := t.openObjection(noteID)
	if at < 0 {
		return false
	}
	o := &t.Objections[at]
	o.State, o.SettledAt, o.SettledBy, o.Answer = state, t.now, who, answer
	return true
}

// Objections implements creditnotes.DraftStore: the latest first.
func (s *Store) Objections(_ context.Context, f creditnotes.ObjectionFilter) (list []creditnotes.Objection, err error) {
	d := s.read()
	for _, o := range slices.Backward(d.Objections) {
		if f.Open && o.State != creditnotes.ObjectionOpen || f.NoteID != 0 && o.NoteID != f.NoteID {
			continue
		}
		note := d.note(o.NoteID)
		o.Number, o.Owners = note.Number, slices.Clone(note.Owners)
		list = append(list, o)
	}
	return list, nil
}
