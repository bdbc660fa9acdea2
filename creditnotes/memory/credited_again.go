package memory

import (
	"context"

	"creditrun/creditnotes"
)

// CancelledCredits implements creditnotes.DraftStore.
func (s *Store) CancelledCredits(context.Context) (map[int64]creditnotes.CancelledCredit, error) {
	return s.read().cancelledCredits(), nil
}

// cancelledCredits are the open sessions that a cancelled document credited.
func (d *Data) cancelledCredits() map[int64]creditnotes.CancelledCredit {
	credits := map[int64]creditnotes.CancelledCredit{}
	paid := map[int64]bool{}
	for _, l := range d.Lines {
		if l.Live && l.Kind != creditnotes.LineReversal {
			paid[l.SessionID] = true
		}
	}
	for i := range d.Sessions {
		v := &d.Sessions[i]
		if l, n := d.undoneCredit(v, 0, 0); n != nil && !paid[v.ID] {
			credits[v.ID] = creditnotes.CancelledCredit{OwnerID: l.OwnerID, Number: n.Number}
		}
	}
	return credits
}

// undoneCredit finds the latest cancelled document that credited a session to an
// owner, or to any where that is 0, before a note, or any where that is 0.
func (d *Data) undoneCredit(v *Session, owner, before int64) (line *Line, note *creditnotes.Note) {
	for i := range d.Lines {
		l := &d.Lines[i]
		if l.Live || l.Kind != creditnotes.LineCredit || owner != 0 && l.OwnerID != owner || before != 0 && l.NoteID >= before {
			continue
		}
		old, n := d.session(l.SessionID), d.note(l.NoteID)
		if !old.sameSession(v) || old.Version > v.Version || n.Number == "" || d.stands(n.ID) || note != nil && n.ID < note.ID {
			continue
		}
		line, note = l, n
	}
	return line, note
}

// creditedAgain is the number of the cancelled document that credited the session
// of a line before; empty: none did.
func (d *Data) creditedAgain(l *Line) string {
	v := d.session(l.SessionID)
	if l.Kind != creditnotes.LineCredit || l.Correction || v == nil {
		return ""
	}
	if _, n := d.undoneCredit(v, l.OwnerID, l.NoteID); n != nil {
		return n.Number
	}
	return ""
}
