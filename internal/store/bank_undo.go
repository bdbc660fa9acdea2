package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/payouts"
)

// bankUndoRow is a row of bank_undos.
type bankUndoRow struct {
	EntryID   int64     `gorm:"column:entry_id"`
	InsteadID int64     `gorm:"column:instead_id"`
	BookedID  *int64    `gorm:"column:booked_id"`
	BackID    *int64    `gorm:"column:back_id"`
	UndoneAt  time.Time `gorm:"column:undone_at"`
	UndoneBy  string    `gorm:"column:undone_by"`
	Reason    string    `gorm:"column:reason"`
}

// TableName implements schema.Tabler.
func (bankUndoRow) TableName() string { return "bank_undos" }

// UndoBankEntry takes back what a person decided about an entry, and says why. The
// entry stays in the list; what it booked is booked back with the date of today,
// and a new entry, whose id is returned, waits for the right decision. A payout has
// the state again that it had before; a hold of the recipient stays. Faults:
// bank_undo_none where no person decided about the entry or the decision was taken back before,
// bank_undo_late where what it booked has changed since, bank_undo_reason.
func (s *Store) UndoBankEntry(ctx context.Context, who string, id int64, reason string) (instead int64, err error) {
	if reason == "" {
		return 0, fault.New(fault.Invalid, "bank_undo_reason", fault.Args{"entry": id}).At("reason")
	}
	err = s.durably(ctx, func(tx *Tx) error {
		row, err := tx.decidedEntry(id)
		if err != nil {
			return err
		}
		instead, err = tx.undoEntry(who, row, reason)
		return err
	})
	if errors.Is(err, gorm.ErrDuplicatedKey) { // of payout_items_standing: the items are paid by another payout
		return 0, fault.Wrap(fault.Conflict, "bank_undo_late", fault.Args{"entry": id}, err)
	}
	return instead, err
}

// decidedEntry reads an entry that a person decided, and takes the locks that
// booking it back needs.
func (tx *Tx) decidedEntry(id int64) (*bankEntryRow, error) {
	if err := tx.lockConfiguration(); err != nil {
		return nil, err
	}
	if err := tx.lock("payouts"); err != nil {
		return nil, err
	}
	row, err := first[bankEntryRow](tx.db.Where("id = ?", id))
	if err != nil || row == nil {
		return nil, errorOr(err, entryUnknown(id))
	}
	undone, err := exists[bankUndoRow](tx.db.Where("entry_id = ?", id))
	if err != nil {
		return nil, err
	}
	decided := row.State == string(payouts.EntryBooked) || row.State == string(payouts.EntryForeign)
	if undone || !decided || row.DecidedAt == nil {
		return nil, fault.New(fault.Conflict, "bank_undo_none", fault.Args{"entry": id})
	}
	return row, nil
}

// undoEntry books back what an entry booked, and queues another in its place.
func (tx *Tx) undoEntry(who string, row *bankEntryRow, reason string) (instead int64, err error) {
	undo := bankUndoRow{EntryID: row.ID, UndoneAt: utc(tx.now()), UndoneBy: who, Reason: reason}
	links, err := find[bankEntryPayoutRow](tx.db.Where("entry_id = ?", row.ID))
	if err != nil {
		return 0, err
	}
	for i := range links {
		if undo.BookedID, undo.BackID, err = tx.undoPayout(who, row, &links[i], reason); err != nil {
			return 0, err
		}
	}
	if row.MovementID != nil {
		undo.BookedID = row.MovementID
		if undo.BackID, err = tx.bookBack(who, *row.MovementID, creditnotes.MovedPayment, reason); err != nil {
			return 0, tooLate(row, err)
		}
	}
	if undo.InsteadID, err = tx.queueInstead(row); err != nil {
		return 0, err
	}
	if err := create(tx.db, undo); err != nil {
		return 0, err
	}
	return undo.InsteadID, tx.audit(Entry{Who: who, Action: "bank_entries.undone", Subject: entryName(row), Before: row.DecidedReason, After: reason})
}

// errMovedOn says that what was booked was built on since.
var errMovedOn = errors.New("what was booked has changed since")

// tooLate is the fault of an entry whose booking was built on since.
func tooLate(row *bankEntryRow, err error) error {
	if errors.Is(err, errMovedOn) {
		return fault.Wrap(fault.Conflict, "bank_undo_late", fault.Args{"entry": row.ID}, err)
	}
	return err
}

// queueInstead adds the entry that waits in the place of one that was taken back.
func (tx *Tx) queueInstead(row *bankEntryRow) (int64, error) {
	again := *row
	var err error
	if again.ID, err = tx.takeIDs("bank_entries", 1); err != nil {
		return 0, err
	}
	again.Key, again.Twin = textKey("instead", row.Key), "" // those of the first one stay known
	again.Outcome, again.BatchID, again.MovementID = "", nil, nil
	again.DecidedAt, again.DecidedBy, again.DecidedReason = nil, "", ""
	again.queue(payouts.WhyUndone)
	return again.ID, create(tx.db, again)
}

// undoPayout gives a payout the state back that it had before an entry said
// something of it.
func (tx *Tx) undoPayout(who string, row *bankEntryRow, link *bankEntryPayoutRow, reason string) (booked, back *int64, err error) {
	if link.Changed == nil {
		return nil, nil, tooLate(row, errMovedOn)
	}
	if *link.Changed {
		if booked, back, err = tx.undoPart(who, link, reason); err != nil {
			return nil, nil, tooLate(row, err)
		}
	}
	where := tx.db.Model(&bankEntryPayoutRow{}).Where("entry_id = ? AND payout_id = ? AND part = ?", link.EntryID, link.PayoutID, link.Part)
	return booked, back, inTable(where.Updates(set{"undone": true}))
}

func (tx *Tx) undoPart(who string, link *bankEntryPayoutRow, reason string) (booked, back *int64, err error) {
	list, err := payoutsBy(tx.ctx, tx.sql, tx.dialect, tx.db.Where("id = ?", link.PayoutID))
	if err != nil {
		return nil, nil, err
	}
	p := &list[0]
	if string(p.State) != link.Part {
		return nil, nil, errMovedOn
	}
	switch link.Part {
	case partExecuted:
		booked = &p.MovementID
		if back, err = tx.bookBack(who, p.MovementID, creditnotes.MovedPayoutReturn, reason); err != nil {
			return nil, nil, err
		}
		return booked, back, tx.exportedAgain(who, p, reason)
	case partRejected:
		return nil, nil, tx.exportedAgain(who, p, reason)
	}
	if booked, err = tx.returnOf(p); err != nil {
		return nil, nil, err
	}
	if back, err = tx.bookBack(who, *booked, creditnotes.MovedPayout, reason); err != nil {
		return nil, nil, err
	}
	return booked, back, tx.endPayout(p, payouts.Executed, who, reason, nil)
}

// returnOf finds the movement of the return of a payout, which is its latest.
func (tx *Tx) returnOf(p *payouts.Payout) (*int64, error) {
	var id int64
	err := tx.scanRow("SELECT coalesce(max(id), 0) FROM movements WHERE kind = $1 AND reference = $2 AND entity_key = $3",
		[]any{string(creditnotes.MovedPayoutReturn), p.Number, p.Entity}, &id)
	if err == nil && id == 0 {
		err = errMovedOn
	}
	return &id, err
}

// exportedAgain has the bank answer for a payout once more: its items stand in it.
func (tx *Tx) exportedAgain(who string, p *payouts.Payout, reason string) error {
	values := set{"state": string(payouts.Exported), "executed_on": "", "movement_id": nil, "changed_at": utc(tx.now()), "changed_by": who, "reason": reason}
	if err := inTable(tx.db.Model(&payoutRow{}).Where("id = ?", p.ID).Updates(values)); err != nil {
		return err
	}
	if err := inTable(tx.db.Model(&payoutItemRow{}).Where("payout_id = ?", p.ID).Updates(set{"standing": true})); err != nil {
		return err
	}
	return tx.audit(Entry{Who: who, Action: "payout.undone", Subject: p.Number, Before: string(p.State), After: reason})
}

// bookBack books the opposite of a movement with the date of today: what it settled
// is open again, and what it opened is settled again.
func (tx *Tx) bookBack(who string, id int64, kind creditnotes.MovementKind, reason string) (*int64, error) {
	row, err := first[movementRow](tx.db.Where("id = ?", id))
	if err != nil || row == nil {
		return nil, errorOr(err, fmt.Errorf("movement %d is missing", id))
	}
	settled, err := collect(tx.ctx, tx.sql, allocationFields, "SELECT movement_id, item_id, amount FROM allocations WHERE movement_id = $1 OR item_id = $1 ORDER BY item_id", id)
	if err != nil {
		return nil, err
	}
	day, err := tx.today()
	if err != nil {
		return nil, err
	}
	was := row.domain()
	list := []creditnotes.Movement{{Account: was.Account, Kind: kind, Amount: -was.Amount, Booked: tx.now(), Value: day, Reference: was.Reference, Reason: reason, Who: who}}
	if err := tx.book(list); err != nil {
		return nil, err
	}
	for i := range settled {
		if settled[i].Item == id {
			return nil, errMovedOn
		}
		settled[i].Movement, settled[i].Amount = list[0].ID, -settled[i].Amount
	}
	if err := tx.addAllocations(settled); err != nil {
		return nil, err
	}
	if err := tx.withinAmounts(settled); err != nil {
		return nil, err
	}
	return &list[0].ID, tx.audit(Entry{Who: who, Action: "account." + string(kind), Subject: was.Entity, After: string(jsonOf(list[0]))})
}

// today is the day it is for the operator.
func (tx *Tx) today() (entities.Date, error) {
	zone, err := tx.daysZone()
	if err != nil {
		return "", err
	}
	return entities.DateOf(tx.now(), zone), nil
}

// daysZone is the zone that says on which day something happens. Without an operator
// nothing can.
func (tx *Tx) daysZone() (*time.Location, error) {
	operator, err := first[entityRow](tx.operator())
	if err != nil || operator == nil {
		return nil, errorOr(err, fault.New(fault.Invalid, "operator_missing", nil))
	}
	zone, err := time.LoadLocation(operator.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("time zone of the operator: %w", err)
	}
	return zone, nil
}
