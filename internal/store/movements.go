package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/numbering"
)

// movementRow is a row of movements.
type movementRow struct {
	ID           int64     `gorm:"column:id"`
	EntityKey    string    `gorm:"column:entity_key"`
	Currency     string    `gorm:"column:currency"`
	Kind         string    `gorm:"column:kind"`
	Amount       int64     `gorm:"column:amount"`
	BookedAt     time.Time `gorm:"column:booked_at"`
	ValueDate    string    `gorm:"column:value_date"`
	Reference    string    `gorm:"column:reference"`
	NoteID       *int64    `gorm:"column:note_id"`
	TopUpID      *int64    `gorm:"column:top_up_id"`
	Reason       string    `gorm:"column:reason"`
	Who          string    `gorm:"column:who"`
	PreviousHash string    `gorm:"column:previous_hash"`
	Hash         string    `gorm:"column:hash"`
}

// TableName implements schema.Tabler.
func (movementRow) TableName() string { return "movements" }

// movementHeadRow is the one row of movement_head: the end of the chain.
type movementHeadRow struct {
	One  int    `gorm:"column:one"`
	ID   int64  `gorm:"column:id"`
	Hash string `gorm:"column:hash"`
}

// TableName implements schema.Tabler.
func (movementHeadRow) TableName() string { return "movement_head" }

// allocationRow is a row of allocations.
type allocationRow struct {
	MovementID int64 `gorm:"column:movement_id"`
	ItemID     int64 `gorm:"column:item_id"`
	Amount     int64 `gorm:"column:amount"`
}

// TableName implements schema.Tabler.
func (allocationRow) TableName() string { return "allocations" }

const movementColumns = "id, entity_key, currency, kind, amount, booked_at, value_date, reference, note_id, top_up_id, reason, who, previous_hash, hash"

func (r *movementRow) fields() []any {
	return []any{&r.ID, &r.EntityKey, &r.Currency, &r.Kind, &r.Amount, &r.BookedAt, &r.ValueDate, &r.Reference, &r.NoteID, &r.TopUpID,
		&r.Reason, &r.Who, &r.PreviousHash, &r.Hash}
}

func (r *movementRow) domain() creditnotes.Movement {
	return creditnotes.Movement{ID: r.ID, Account: creditnotes.Account{Entity: r.EntityKey, Currency: r.Currency}, Kind: creditnotes.MovementKind(r.Kind),
		Amount: money.Amount(r.Amount), Booked: r.BookedAt.UTC(), Value: entities.Date(r.ValueDate), Reference: r.Reference,
		NoteID: orZero(r.NoteID), TopUpID: orZero(r.TopUpID), Reason: r.Reason, Who: r.Who, Previous: r.PreviousHash, Hash: r.Hash}
}

// book adds movements to the end of the chain and gives them their ids. It takes
// the lock at the end, which every writer needs.
func (tx *Tx) book(list []creditnotes.Movement) error {
	if len(list) == 0 {
		return nil
	}
	var head movementHeadRow
	err := tx.scanRow(`INSERT INTO movement_head (one, id, hash) VALUES (1, 0, '') ON CONFLICT (one) DO UPDATE SET id = movement_head.id
		RETURNING id, hash`, nil, &head.ID, &head.Hash)
	if err != nil {
		return fmt.Errorf("movements: %w", err)
	}
	first, rows := head.ID, make([][]any, len(list))
	for i := range list {
		m := &list[i]
		tx.touch(m.Entity)
		m.ID, m.Previous, m.Booked = head.ID+1, head.Hash, utc(m.Booked)
		m.Hash = m.Seal()
		head.ID, head.Hash = m.ID, m.Hash
		rows[i] = []any{m.ID, m.Entity, m.Currency, string(m.Kind), int64(m.Amount), m.Booked, string(m.Value), m.Reference,
			orNull(m.NoteID), orNull(m.TopUpID), m.Reason, m.Who, m.Previous, m.Hash}
	}
	if _, err := tx.copyFrom("movements", columnsOf[movementRow](), pgx.CopyFromRows(rows)); err != nil {
		return err
	}
	if _, err := tx.exec("UPDATE movement_head SET id = $1, hash = $2", head.ID, head.Hash); err != nil {
		return fmt.Errorf("movements: %w", err)
	}
	return tx.openBooked(first, head.ID)
}

// bookNotes writes what documents move, and has a cancellation settle what is
// open of the document that it cancels.
func (tx *Tx) bookNotes(notes []*creditnotes.Note, who string) error {
	var list []creditnotes.Movement
	cancels := map[int64]int64{} // document by cancellation
	for _, n := range notes {
		var kind string
		if n.Cancels != 0 {
			if err := tx.scanRow("SELECT kind FROM credit_notes WHERE id = $1", []any{n.Cancels}, &kind); err != nil {
				return err
			}
			cancels[n.ID] = n.Cancels
		}
		if m, moves := creditnotes.NoteMovement(n, numbering.DocumentType(kind)); moves {
			m.Who = who
			list = append(list, m)
		}
	}
	if err := tx.book(list); err != nil {
		return err
	}
	for i := range list {
		if cancels[list[i].NoteID] == 0 {
			continue
		}
		if err := tx.settleCancelled(&list[i], cancels[list[i].NoteID]); err != nil {
			return err
		}
	}
	return nil
}

// settleCancelled allocates a cancellation to the movement of a document.
func (tx *Tx) settleCancelled(m *creditnotes.Movement, note int64) error {
	var item int64
	err := tx.scanRow("SELECT id FROM movements WHERE note_id = $1", []any{note}, &item)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return tx.allocate(m, item)
}

// allocate settles the named item with a movement.
func (tx *Tx) allocate(m *creditnotes.Movement, named int64) error {
	items, err := openItems(tx.ctx, tx.sql, m.Account)
	if err != nil {
		return err
	}
	return tx.addAllocations(creditnotes.Allocate(m.ID, m.Amount, named, items))
}

// addAllocations settles items, at most once for each pair of movement and item.
func (tx *Tx) addAllocations(list []creditnotes.Allocation) error {
	if len(list) == 0 {
		return nil
	}
	rows := make([]allocationRow, len(list))
	for i, a := range list {
		rows[i] = allocationRow{a.Movement, a.Item, int64(a.Amount)}
	}
	if err := create(tx.db, rows...); err != nil {
		return err
	}
	return tx.openAllocated(list)
}

// openItems reads the movements of an account of which something is open, the
// oldest first.
func openItems(ctx context.Context, q querier, account creditnotes.Account) ([]creditnotes.OpenItem, error) {
	return openMovementsWhere(ctx, q, "o.entity_key = $1 AND o.currency = $2", account.Entity, account.Currency)
}

// openMovementsWhere reads movements m of which something is open, o, that fit a
// condition, by value date and id.
func openMovementsWhere(ctx context.Context, q querier, where string, args ...any) ([]creditnotes.OpenItem, error) {
	type row struct {
		movementRow
		open int64
	}
	rows, err := collect(ctx, q, func(r *row) []any { return append(r.fields(), &r.open) },
		openMovementColumns+", o.open FROM open_items o JOIN movements m ON m.id = o.movement_id WHERE "+where+" ORDER BY m.value_date, m.id", args...)
	list := make([]creditnotes.OpenItem, len(rows))
	for i := range rows {
		list[i] = creditnotes.OpenItem{Movement: rows[i].domain(), Open: money.Amount(rows[i].open)}
	}
	return list, err
}

func allocationFields(a *creditnotes.Allocation) []any { return []any{&a.Movement, &a.Item, &a.Amount} }

// OpenItems lists the open items of an account and what is not yet allocated, the
// oldest first.
func (s *Store) OpenItems(ctx context.Context, account creditnotes.Account) (list []creditnotes.OpenItem, err error) {
	err = s.snapshot(ctx, func(v view) error {
		list, err = openItems(ctx, v, account)
		return err
	})
	return list, err
}

// BookPayment writes a payment, a payout or a returned payout, whose amount has
// the sign of the movement, and allocates it: to the named items in their order,
// and what is left to the oldest. A returned payout opens again what the payout, which is
// the one named item, had settled.
func (s *Store) BookPayment(ctx context.Context, who string, m creditnotes.Movement, items ...int64) (booked creditnotes.Movement, err error) {
	err = s.durably(ctx, func(tx *Tx) error {
		m.Who = who
		if m.Booked.IsZero() {
			m.Booked = tx.now()
		}
		list := []creditnotes.Movement{m}
		if err := tx.book(list); err != nil {
			return err
		}
		booked = list[0]
		if err := tx.settlePayment(&booked, items); err != nil {
			return err
		}
		return tx.audit(Entry{Who: who, Action: "account." + string(m.Kind), Subject: m.Entity, After: string(jsonOf(booked))})
	})
	return booked, err
}

func (tx *Tx) settlePayment(m *creditnotes.Movement, items []int64) error {
	if m.Kind == creditnotes.MovedPayoutReturn && len(items) == 1 {
		settled, err := collect(tx.ctx, tx.sql, allocationFields, "SELECT movement_id, item_id, amount FROM allocations WHERE movement_id = $1", items[0])
		if err != nil {
			return err
		}
		for i := range settled {
			settled[i].Movement, settled[i].Amount = m.ID, -settled[i].Amount
		}
		return tx.addAllocations(settled)
	}
	rest := *m
	for _, item := range items {
		opened, err := tx.openPaid(&rest, item)
		if err != nil {
			return err
		}
		rest.Amount += opened
		open, err := openItems(tx.ctx, tx.sql, m.Account)
		if err != nil {
			return err
		}
		list := creditnotes.Allocate(m.ID, rest.Amount, item, open)
		for _, a := range list {
			rest.Amount += a.Amount
		}
		if err := tx.addAllocations(list); err != nil {
			return err
		}
	}
	return nil
}

// openPaid opens a document again that payments settled, with money that goes the
// other way: a payment was charged back. It opens at most what payments settled, and
// returns what it opened, with the sign of payments.
func (tx *Tx) openPaid(m *creditnotes.Movement, item int64) (opened money.Amount, err error) {
	if m.Kind != creditnotes.MovedPayment {
		return 0, nil
	}
	var settled money.Amount // with the sign of the document
	err = tx.scanRow(`SELECT CAST(coalesce(sum(a.amount), 0) AS bigint) FROM allocations a JOIN movements p ON p.id = a.movement_id
		WHERE a.item_id = $1 AND p.kind = $2`, []any{item, string(creditnotes.MovedPayment)}, &settled)
	switch {
	case err != nil:
		return 0, err
	case settled < 0 && m.Amount < 0:
		opened = min(-settled, -m.Amount)
	case settled > 0 && m.Amount > 0:
		opened = -min(settled, m.Amount)
	default:
		return 0, nil
	}
	return opened, tx.addAllocations([]creditnotes.Allocation{{Movement: m.ID, Item: item, Amount: opened}})
}

// recordMovements writes the movements of the documents that an older version
// issued, once: never where movements were written already, so that a later
// change is not recorded as if it were right.
func (s *Store) recordMovements(ctx context.Context) error {
	return s.inTx(ctx, func(tx *Tx) error {
		var wanted bool
		err := tx.scanRow(`SELECT EXISTS (SELECT 1 FROM credit_notes WHERE number IS NOT NULL) AND NOT EXISTS (SELECT 1 FROM movement_head)
			AND NOT EXISTS (SELECT 1 FROM audit WHERE action = 'accounts.opened')`, nil, &wanted)
		if err != nil || !wanted {
			return err
		}
		notes, err := collect(tx.ctx, tx.sql, func(n *creditnotes.Note) []any {
			return []any{&n.ID, &n.Kind, &n.Number, &n.Recipient, &n.Currency, &n.Date, &n.Gross, &n.Cancels, &n.IssuedAt}
		}, `SELECT id, kind, number, recipient_key, currency, date, gross, coalesce(cancels, 0), issued_at
			FROM credit_notes WHERE number IS NOT NULL ORDER BY issued_at, id`)
		if err != nil {
			return err
		}
		list := make([]*creditnotes.Note, len(notes))
		for i := range notes {
			list[i] = &notes[i]
		}
		if err := tx.bookNotes(list, "migrate"); err != nil {
			return err
		}
		return tx.audit(Entry{Who: "migrate", Action: "accounts.opened", After: string(jsonOf(map[string]int{"documents": len(list)}))})
	})
}

// ProposeAdjustment asks for a change of an account by hand, which waits for a
// second person.
func (s *Store) ProposeAdjustment(ctx context.Context, who string, a creditnotes.Adjustment) (waiting []creditnotes.Proposal, err error) {
	if _, known := money.Digits(a.Currency); a.Amount == 0 || a.Reason == "" || !known || a.Value.IsZero() {
		return nil, fault.New(fault.Invalid, "adjustment_incomplete", fault.Args{"entity": a.Entity})
	}
	err = s.inTx(ctx, func(tx *Tx) error {
		if err := tx.lockConfiguration(); err != nil {
			return err
		}
		e, err := tx.entity(a.Entity)
		if err != nil {
			return err
		}
		if e.Parent == "" {
			return fault.New(fault.Invalid, "adjustment_operator", fault.Args{"entity": a.Entity})
		}
		waiting, _, err = tx.propose(who, []moves{{creditnotes.MatterAdjustment, a.Entity, "", jsonOf(a)}})
		return err
	})
	return waiting, err
}

// adjust books an adjustment that was approved.
func (tx *Tx) adjust(asked, approved string, after jsonText) error {
	var a creditnotes.Adjustment
	if err := after.read("after", &a); err != nil {
		return err
	}
	m := creditnotes.Movement{Account: creditnotes.Account{Entity: a.Entity, Currency: a.Currency}, Kind: creditnotes.MovedAdjustment, Amount: a.Amount,
		Booked: tx.now(), Value: a.Value, Reference: a.Reason, Reason: a.Reason, Who: asked + ", " + approved}
	list := []creditnotes.Movement{m}
	if err := tx.book(list); err != nil {
		return err
	}
	return tx.audit(Entry{Who: approved, Action: "account.adjustment", Subject: a.Entity, After: string(jsonOf(list[0]))})
}
