package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"creditrun/creditnotes"
	"creditrun/internal/payouts"
)

// touch keeps in mind that something was booked on the account of an entity, or is
// in a payout no longer: before the transaction ends, money of the account that
// settles nothing is allocated.
func (tx *Tx) touch(entity string) {
	if tx.touched == nil {
		tx.touched = map[string]bool{}
	}
	tx.touched[entity] = true
}

// absorbTouched allocates the money of the accounts that the transaction touched.
func (tx *Tx) absorbTouched() error {
	if len(tx.touched) == 0 {
		return nil
	}
	keys := make([]string, 0, len(tx.touched))
	for key := range tx.touched {
		keys = append(keys, key)
	}
	tx.touched = nil
	return tx.absorb(" AND o.entity_key "+tx.dialect.in("$1"), tx.dialect.texts(keys))
}

// absorb allocates the money that settles nothing of all accounts, or of those that
// fit a condition on open items o (payouts.Account.Absorb). It takes the lock at the
// end of the movements, so that nothing is allocated twice.
func (tx *Tx) absorb(where string, args ...any) error {
	if _, err := tx.exec("UPDATE movement_head SET id = id"); err != nil {
		return fmt.Errorf("movements: %w", err)
	}
	keys, err := column[string](tx.ctx, tx.sql, "SELECT DISTINCT o.entity_key FROM open_items o JOIN movements m ON m.id = o.movement_id WHERE "+isMoney+where, args...)
	if err != nil || len(keys) == 0 {
		return err
	}
	rows, err := collect(tx.ctx, tx.sql, (*openItem).scanned, openMovements+" WHERE o.entity_key "+tx.dialect.in("$1")+openMovementOrder, tx.dialect.texts(keys))
	if err != nil {
		return err
	}
	accounts, err := moneyAccounts(rows)
	if err != nil {
		return err
	}
	list, err := absorbed(tx.ctx, tx.sql, tx.dialect, accounts)
	if err != nil {
		return err
	}
	return tx.addAllocations(list)
}

// isMoney is the condition that a movement m settles items and is none itself
// (creditnotes.MovementKind.IsItem).
const isMoney = "m.kind IN ('payment', 'payout', 'payout_return')"

// moneyAccounts sorts open items, which are in the order of their accounts, into
// accounts without recipients.
func moneyAccounts(rows []openItem) (list []payouts.Account, err error) {
	for i := range rows {
		item, err := rows[i].item()
		if err != nil {
			return nil, err
		}
		if i == 0 || rows[i].EntityKey != rows[i-1].EntityKey || rows[i].Currency != rows[i-1].Currency {
			list = append(list, payouts.Account{Currency: rows[i].Currency})
		}
		account := &list[len(list)-1]
		account.Items = append(account.Items, item)
	}
	return list, nil
}

// absorbed takes off the items of accounts what their money settles, and lists it.
func absorbed(ctx context.Context, q querier, d dialect, accounts []payouts.Account) (list []creditnotes.Allocation, err error) {
	var ids []int64
	for i := range accounts {
		for j := range accounts[i].Items {
			if item := &accounts[i].Items[j]; !item.Kind.IsItem() {
				ids = append(ids, item.ID)
			}
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	known, err := collect(ctx, q, allocationFields, "SELECT movement_id, item_id, amount FROM allocations WHERE movement_id "+d.in("$1"), d.list(ids))
	if err != nil {
		return nil, err
	}
	pairs := map[[2]int64]bool{}
	for _, a := range known {
		pairs[[2]int64{a.Movement, a.Item}] = true
	}
	for i := range accounts {
		list = append(list, accounts[i].Absorb(func(movement, item int64) bool { return pairs[[2]int64{movement, item}] })...)
	}
	return list, nil
}

// dueAccounts are the accounts as a preparation of payouts sees them: with the money
// that settles nothing allocated, which only PreparePayouts writes.
func dueAccounts(ctx context.Context, q querier, db *gorm.DB, d dialect) ([]payouts.Account, error) {
	accounts, err := payoutAccounts(ctx, q, db)
	if err != nil {
		return nil, err
	}
	_, err = absorbed(ctx, q, d, accounts)
	return accounts, err
}

// withinAmounts refuses allocations that took something back on which others were
// built: more would be open of an item than it is, or the other way round.
func (tx *Tx) withinAmounts(list []creditnotes.Allocation) error {
	var ids []int64
	for _, a := range list {
		ids = append(ids, a.Item)
	}
	wrong, err := column[int64](tx.ctx, tx.sql, `SELECT o.movement_id FROM open_items o JOIN movements m ON m.id = o.movement_id
		WHERE (abs(o.open) > abs(m.amount) OR (o.open < 0) <> (m.amount < 0)) AND m.id `+tx.dialect.in("$1"), tx.dialect.list(ids))
	if err == nil && len(wrong) > 0 {
		err = errMovedOn
	}
	return err
}
