package store

import (
	"context"
	"fmt"
	"slices"

	"creditrun/creditnotes"
)

// lastDay is after every day of a movement.
const lastDay = "9999-12-31"

// Accounts lists the accounts that have movements, by the key of the entity and
// the currency, with their balances and open items. Where the filter names a last
// day, later movements and what they settle do not count.
func (s *Store) Accounts(ctx context.Context, f creditnotes.AccountFilter) ([]creditnotes.AccountState, error) {
	query, where := accountsNow, condition{}
	if f.Until != "" {
		query = accountsUntil
		where.and("value_date <= ?", string(f.Until))
	}
	if f.Entity != "" {
		where.and("entity_key = ?", f.Entity)
	}
	if f.Scope != nil {
		where.and("entity_key "+s.dialect.in("?"), s.dialect.texts(f.Scope))
	}
	list, err := collect(ctx, s.readSQL, func(a *creditnotes.AccountState) []any {
		return []any{&a.Entity, &a.Currency, &a.Movements, &a.Balance, &a.OpenItems, &a.Open, &a.Oldest}
	}, fmt.Sprintf(query, where.String()), where.args...)
	if err != nil {
		return nil, fmt.Errorf("accounts: %w", err)
	}
	return slices.DeleteFunc(list, func(a creditnotes.AccountState) bool { return !f.Fits(&a) }), nil
}

// accountsNow and accountsUntil read the accounts that fit a condition: as they are,
// and by the movements that fit it.
const (
	accountsNow = `
		SELECT a.entity_key, a.currency, a.movements, a.balance, coalesce(x.items, 0), coalesce(x.open, 0), coalesce(x.oldest, '')
		FROM (SELECT * FROM accounts %s) AS a LEFT JOIN (
			SELECT o.entity_key, o.currency, count(*) AS items, CAST(sum(o.open) AS bigint) AS open, min(m.value_date) AS oldest
			FROM open_items o JOIN movements m ON m.id = o.movement_id
			WHERE m.kind NOT IN ('payout', 'payout_return', 'payment') GROUP BY o.entity_key, o.currency
		) AS x ON x.entity_key = a.entity_key AND x.currency = a.currency
		ORDER BY a.entity_key, a.currency`

	accountsUntil = `
		WITH m AS (
			SELECT id, entity_key, currency, amount, value_date, kind NOT IN ('payout', 'payout_return', 'payment') AS item
			FROM movements %s
		), known AS (
			SELECT a.movement_id, a.item_id, a.amount FROM allocations a JOIN m x ON x.id = a.movement_id JOIN m y ON y.id = a.item_id
		), given AS (SELECT movement_id AS id, sum(amount) AS amount FROM known GROUP BY movement_id
		), taken AS (SELECT item_id AS id, sum(amount) AS amount FROM known GROUP BY item_id
		), opened AS (
			SELECT m.entity_key, m.currency, m.amount, m.value_date, m.item, m.amount - coalesce(t.amount, 0) + coalesce(g.amount, 0) AS open
			FROM m LEFT JOIN taken t ON t.id = m.id LEFT JOIN given g ON g.id = m.id
		)
		SELECT entity_key, currency, count(*), CAST(sum(amount) AS bigint),
			CAST(sum(CASE WHEN item AND open <> 0 THEN 1 ELSE 0 END) AS bigint), CAST(sum(CASE WHEN item THEN open ELSE 0 END) AS bigint),
			coalesce(min(CASE WHEN item AND open <> 0 THEN value_date END), '')
		FROM opened GROUP BY entity_key, currency ORDER BY entity_key, currency`
)
