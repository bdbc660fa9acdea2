package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
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
	Reason    string     `gorm:"column:reason"`
	Text      string     `gorm:"column:text"`
	State     string     `gorm:"column:state"`
	SettledAt *time.Time `gorm:"column:settled_at"`
	SettledBy string     `gorm:"column:settled_by"`
	Answer    string     `gorm:"column:answer"`
}

// TableName implements schema.Tabler.
func (objectionRow) TableName() string { return "objections" }

// RaiseObjection is Object for a reason that has no code of its own.
func (s *Store) RaiseObjection(ctx context.Context, who, number, text string) error {
	return s.Object(ctx, who, number, creditnotes.OtherReason, text)
}

// Object marks an issued credit note as objected to: until that is settled its
// owners are not credited (domain.md §11.6). A note that is cancelled, no credit
// note, or objected to already is a Conflict fault; a reason that is not among
// creditnotes.ObjectionReasons is Invalid, none is the other one.
func (s *Store) Object(ctx context.Context, who, number, reason, text string) error {
	args := fault.Args{"number": number}
	reason, err := reasonOf(reason, creditnotes.ObjectionReasons())
	if err != nil {
		return err
	}
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
		row := objectionRow{ID: id, NoteID: note.ID, RaisedAt: utc(tx.now()), RaisedBy: who, Reason: reason, Text: text, State: string(creditnotes.ObjectionOpen)}
		if err := create(tx.db, row); err != nil {
			return err
		}
		side, _, err := tx.sideOf(who)
		if err != nil {
			return err
		}
		t, err := tx.openThread(threadRow{Kind: string(creditnotes.ObjectionThread), MatterID: id, Entity: note.Recipient, Subject: number, Reason: reason, OpenedBy: who}, side, text)
		if err != nil {
			return err
		}
		if err := tx.tellThread(ObjectionRaised, t); err != nil {
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
		open, err := first[objectionRow](tx.openObjection(note.ID))
		if err != nil {
			return err
		}
		if open != nil {
			if err := tx.checkSeen(seen, strconv.FormatInt(open.ID, 10), number, AuditFilter{Action: "objection", Subject: number}); err != nil {
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

// openObjection is the query of the open objection against a note.
func (tx *Tx) openObjection(noteID int64) *gorm.DB {
	return tx.db.Model(&objectionRow{}).Where("note_id = ? AND state = 'open'", noteID)
}

// settleObjection reports whether there was an open one.
func (tx *Tx) settleObjection(noteID int64, who string, state creditnotes.ObjectionState, answer string) (bool, error) {
	open, err := first[objectionRow](tx.openObjection(noteID))
	if err != nil || open == nil {
		return false, err
	}
	n, err := affected(tx.openObjection(noteID).
		Updates(set{"state": string(state), "settled_at": tx.now(), "settled_by": who, "answer": answer}))
	if err != nil || n == 0 {
		return false, err
	}
	return true, tx.settleThread(creditnotes.ObjectionThread, open.ID, who, answer, ObjectionSettled)
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
	query := s.db(ctx).Model(&objectionRow{})
	if f.Open {
		query = query.Where("state = ?", string(creditnotes.ObjectionOpen))
	}
	if f.NoteID != 0 {
		query = query.Where("note_id = ?", f.NoteID)
	}
	query = query.Session(&gorm.Session{}) // is used twice
	rows, err := find[objectionRow](query.Order("id DESC"))
	if err != nil {
		return nil, err
	}
	owners, err := s.ownersOf(ctx, query.Select("note_id"))
	if err != nil {
		return nil, err
	}
	var list []creditnotes.Objection
	for _, r := range rows {
		one := creditnotes.Objection{
			ID: r.ID, NoteID: r.NoteID, RaisedAt: r.RaisedAt.UTC(), RaisedBy: r.RaisedBy, Reason: r.Reason, Text: r.Text, State: creditnotes.ObjectionState(r.State),
			SettledAt: orZero(r.SettledAt).UTC(), SettledBy: r.SettledBy, Answer: r.Answer,
		}
		for _, owner := range owners[r.NoteID] {
			one.Number, one.Owners = owner.Number, append(one.Owners, owner.Key)
		}
		list = append(list, one)
	}
	return list, nil
}

// noteOwner is an owner whose sessions a note pays.
type noteOwner struct {
	NoteID int64
	Number string // of the note
	Key    string // of the owner
}

// ownersOf returns the owners, in their order, of the notes that a query names.
func (s *Store) ownersOf(ctx context.Context, notes *gorm.DB) (map[int64][]noteOwner, error) {
	var rows []noteOwner
	err := s.db(ctx).Table("credit_note_owners p").Select("p.note_id, n.number, e.key").
		Joins("JOIN credit_notes n ON n.id = p.note_id").Joins("JOIN entities e ON e.id = p.owner_id").
		Where("p.note_id IN (?)", notes).Order("p.note_id, p.place").Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("owners of notes: %w", err)
	}
	owners := map[int64][]noteOwner{}
	for _, row := range rows {
		owners[row.NoteID] = append(owners[row.NoteID], row)
	}
	return owners, nil
}
