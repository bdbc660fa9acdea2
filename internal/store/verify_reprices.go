package store

import (
	"context"

	"creditrun/creditnotes"
)

// BrokenReprices implements creditnotes.RepriceBooks.
func (b *books) BrokenReprices(ctx context.Context) ([]creditnotes.BrokenReprice, error) {
	and, args := b.recent("r.applied_at >= $1")
	return collect(ctx, b.q, func(r *creditnotes.BrokenReprice) []any { return []any{&r.ID, &r.Recorded, &r.Stored} }, `
		SELECT r.id, r.sessions, count(p.session_id)
		FROM reprices r LEFT JOIN reprice_sessions p ON p.reprice_id = r.id
		WHERE true`+and+`
		GROUP BY r.id, r.sessions HAVING r.sessions <> count(p.session_id)
		ORDER BY r.id`, args...)
}
