package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/numbering"
)

// objectionRow is a row of objections.
type objectionRow struct {
	ID        int64      `gorm:"column:id"`
	NoteID    int64      `gorm:"column:note_id"`
	RaisedAt  time.Time  `gorm:"column:raised_at"`
	RaisedBy  string     `gorm:"column:raised_by"`
	Text      string     `gorm:"column:text"`
	State     string     `gorm:"column:state"`
	SettledAt *time.Time `gorm:"column:settled_at"`
	SettledBy string     `gorm:"column:settled_by"`
	Answer    string     `gorm:"column:answer"`
}

// RaiseObjection marks an issued credit note as objected to: until that is
// settled its owners are not credited (domain.md §11.6). A note that is
// cancelled, no credit note, or objected to already is a Conflict fault.
func (s *Store) RaiseObjection(ctx context.Context, who, number, text string) error {
	args := fault.Args{"number": number}
	if text == "" {
		return fault.New(fault.Usage, "objection_without_text", args).At("text")
	}
	note, err := s.NoteByNumber(ctx, number)
	if err != nil {
		return err
	}
	if note.Kind != numbering.CreditNote {
		return fault.New(fault.Conflict, "objection_not_a_credit_note", args)
	}
	err = s.inTx(ctx, func(tx *Tx) error {
		if err := tx.lockSessions(); err != nil { // as a cancellation does
			return err
		}
		var by string
		if err := tx.scanRow("SELECT coalesce(max(number), '') FROM credit_notes WHERE cancels = $1", []any{note.ID}, &by); err != nil {
			return err
		}
		if by != "" {
			return fault.New(fault.Conflict, "objection_cancelled", fault.Args{"number": number, "by": by})
		}
		id, err := tx.takeIDs("objections", 1)
		if err != nil {
			return err
		}
		row := objectionRow{ID: id, NoteID: note.ID, RaisedAt: utc(tx.now()), RaisedBy: who, Text: text, State: string(creditnotes.ObjectionOpen)}
		if err := add(tx, "objections", []objectionRow{row}); err != nil {
			return err
		}
		return tx.audit(Entry{Who: who, Action: "objection.raised", Subject: number, After: text})
	})
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return fault.Wrap(fault.Conflict, "objection_twice", args, err)
	}
	return err
}

// WithdrawObjection settles the open objection against a note: the note stands.
// None is a NotFound fault. seen, if given, is the id of the objection that a
// person answers: where another one is open by now, nothing is settled (Conflict
// fault record_changed).
func (s *Store) WithdrawObjection(ctx context.Context, who, number, answer string, seen ...string) error {
	args := fault.Args{"number": number}
	if answer == "" {
		return fault.New(fault.Usage, "objection_without_answer", args).At("answer")
	}
	note, err := s.NoteByNumber(ctx, number)
	if err != nil {
		return err
	}
	return s.inTx(ctx, func(tx *Tx) error {
		open, err := collect(tx.ctx, tx.sql, func(id *string) []any { return []any{id} },
			"SELECT CAST(id AS TEXT) FROM objections WHERE note_id = $1 AND state = 'open'", note.ID)
		if err != nil {
			return err
		}
		if len(open) > 0 {
			if err := tx.checkSeen(seen, open[0], number, AuditFilter{Action: "objection", Subject: number}); err != nil {
				return err
			}
		}
		settled, err := tx.settleObjection(note.ID, who, creditnotes.ObjectionWithdrawn, answer)
		if err == nil && !settled {
			err = fault.New(fault.NotFound, "objection_none", args)
		}
		if err != nil {
			return err
		}
		return tx.audit(objectionSettled(who, number, creditnotes.ObjectionWithdrawn, answer))
	})
}

// settleObjection tells whether there was an open one.
func (tx *Tx) settleObjection(noteID int64, who string, state creditnotes.ObjectionState, answer string) (bool, error) {
	n, err := tx.exec("UPDATE objections SET state = $1, settled_at = $2, settled_by = $3, answer = $4 WHERE note_id = $5 AND state = 'open'",
		string(state), tx.now(), who, answer, noteID)
	return n > 0, err
}

func objectionSettled(who, number string, state creditnotes.ObjectionState, answer string) Entry {
	return Entry{Who: who, Action: "objection." + string(state), Subject: number, Before: string(creditnotes.ObjectionOpen), After: answer}
}

// SettleObjection implements creditnotes.IssueWriter.
func (w *issueWriter) SettleObjection(cancelled, cancellation *creditnotes.Note, who string) error {
	settled, err := w.tx.settleObjection(cancelled.ID, who, creditnotes.ObjectionCancelled, cancellation.Number)
	if err != nil || !settled {
		return err
	}
	return w.tx.audit(objectionSettled(who, cancelled.Number, creditnotes.ObjectionCancelled, cancellation.Number))
}

// Objections implements creditnotes.DraftStore: the latest first.
func (s *Store) Objections(ctx context.Context, f creditnotes.ObjectionFilter) ([]creditnotes.Objection, error) {
	var where condition
	if f.Open {
		where.and("o.state = ?", string(creditnotes.ObjectionOpen))
	}
	if f.NoteID != 0 {
		where.and("o.note_id = ?", f.NoteID)
	}
	type row struct {
		creditnotes.Objection
		settledAt *time.Time
		owner     string
	}
	rows, err := collect(ctx, s.readSQL, func(r *row) []any {
		return []any{&r.ID, &r.NoteID, &r.Number, &r.RaisedAt, &r.RaisedBy, &r.Text, &r.State, &r.settledAt, &r.SettledBy, &r.Answer, &r.owner}
	}, `
		SELECT o.id, o.note_id, n.number, o.raised_at, o.raised_by, o.text, o.state, o.settled_at, o.settled_by, o.answer, e.key
		FROM objections o
		JOIN credit_notes n ON n.id = o.note_id
		JOIN credit_note_owners p ON p.note_id = o.note_id
		JOIN entities e ON e.id = p.owner_id
		`+where.String()+` ORDER BY o.id DESC, p.place`, where.args...)
	if err != nil {
		return nil, fmt.Errorf("objections: %w", err)
	}
	var list []creditnotes.Objection
	for _, r := range rows {
		if len(list) == 0 || list[len(list)-1].ID != r.ID {
			r.RaisedAt, r.SettledAt = r.RaisedAt.UTC(), orZero(r.settledAt).UTC()
			list = append(list, r.Objection)
		}
		last := &list[len(list)-1]
		last.Owners = append(last.Owners, r.owner)
	}
	return list, nil
}
