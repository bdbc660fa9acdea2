package store

import (
	"context"
	"fmt"

	"creditrun/creditnotes"
)

// accountRow is a row of accounts: how many movements an account has, and what
// they come to.
type accountRow struct {
	EntityKey string `gorm:"column:entity_key"`
	Currency  string `gorm:"column:currency"`
	Movements int64  `gorm:"column:movements"`
	Balance   int64  `gorm:"column:balance"`
}

// TableName implements schema.Tabler.
func (accountRow) TableName() string { return "accounts" }

// openItemRow is a row of open_items: what is open of a movement now. Those that
// are settled have none.
type openItemRow struct {
	MovementID int64  `gorm:"column:movement_id"`
	EntityKey  string `gorm:"column:entity_key"`
	Currency   string `gorm:"column:currency"`
	Open       int64  `gorm:"column:open"`
}

// TableName implements schema.Tabler.
func (openItemRow) TableName() string { return "open_items" }

// openBooked brings accounts and open items up to the movements after first that
// were booked now: all of each is open.
func (tx *Tx) openBooked(first, last int64) error {
	for _, statement := range []string{
		`INSERT INTO accounts (entity_key, currency, movements, balance)
			SELECT entity_key, currency, count(*), sum(amount) FROM movements WHERE id > $1 AND id <= $2 GROUP BY entity_key, currency
			ON CONFLICT (entity_key, currency) DO UPDATE SET movements = accounts.movements + excluded.movements, balance = accounts.balance + excluded.balance`,
		`INSERT INTO open_items (movement_id, entity_key, currency, open)
			SELECT id, entity_key, currency, amount FROM movements WHERE id > $1 AND id <= $2`,
	} {
		if _, err := tx.exec(statement, first, last); err != nil {
			return fmt.Errorf("open items: %w", err)
		}
	}
	return nil
}

// openOfMovement is what is open of a movement m by its allocations.
const openOfMovement = `CAST(m.amount - coalesce((SELECT sum(a.amount) FROM allocations a WHERE a.item_id = m.id), 0)
	+ coalesce((SELECT sum(a.amount) FROM allocations a WHERE a.movement_id = m.id), 0) AS bigint)`

// openAllocated computes what is open of the movements on both sides of
// allocations again.
func (tx *Tx) openAllocated(list []creditnotes.Allocation) error {
	var ids []int64
	for _, a := range list {
		ids = append(ids, a.Movement, a.Item)
	}
	touched := tx.dialect.list(ids)
	if _, err := tx.exec("DELETE FROM open_items WHERE movement_id "+tx.dialect.in("$1"), touched); err != nil {
		return fmt.Errorf("open items: %w", err)
	}
	_, err := tx.exec(`INSERT INTO open_items (movement_id, entity_key, currency, open) SELECT id, entity_key, currency, open
		FROM (SELECT m.id, m.entity_key, m.currency, `+openOfMovement+` AS open FROM movements m WHERE m.id `+tx.dialect.in("$1")+`) AS m
		WHERE open <> 0`, touched)
	if err != nil {
		return fmt.Errorf("open items: %w", err)
	}
	return nil
}

// KeptAccounts implements creditnotes.AccountBooks.
func (b *books) KeptAccounts(ctx context.Context) (map[creditnotes.Account]creditnotes.Balance, error) {
	type row struct {
		entity string
		creditnotes.Balance
	}
	rows, err := collect(ctx, b.q, func(r *row) []any { return []any{&r.entity, &r.Currency, &r.Movements, &r.Amount} },
		"SELECT entity_key, currency, movements, balance FROM accounts")
	kept := make(map[creditnotes.Account]creditnotes.Balance, len(rows))
	for _, r := range rows {
		kept[creditnotes.Account{Entity: r.entity, Currency: r.Currency}] = r.Balance
	}
	return kept, err
}

// KeptOpen implements creditnotes.AccountBooks.
func (b *books) KeptOpen(ctx context.Context) (map[int64]creditnotes.KeptOpen, error) {
	type row struct {
		id int64
		creditnotes.KeptOpen
	}
	rows, err := collect(ctx, b.q, func(r *row) []any { return []any{&r.id, &r.Entity, &r.Currency, &r.Open} },
		"SELECT movement_id, entity_key, currency, open FROM open_items")
	kept := make(map[int64]creditnotes.KeptOpen, len(rows))
	for _, r := range rows {
		kept[r.id] = r.KeptOpen
	}
	return kept, err
}
