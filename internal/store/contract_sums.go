package store

import (
	"context"
	"fmt"

	"creditrun/creditnotes"
)

// Awaited implements creditnotes.DraftStore.
func (s *Store) Awaited(ctx context.Context, run *creditnotes.Run) (map[int64]bool, error) {
	ids, err := column[int64](ctx, s.readSQL, `
		SELECT DISTINCT v.id
		FROM run_holds h JOIN sessions s ON s.id = h.session_id
		JOIN sessions v ON v.source = s.source AND v.external_id = s.external_id
		WHERE h.reason = 'not_collected' AND h.run_id < $1
			AND NOT EXISTS (SELECT 1 FROM lines l WHERE l.session_id = v.id AND l.live AND l.kind = 'credit')`, run.ID)
	if err != nil {
		return nil, fmt.Errorf("sessions that were awaited: %w", err)
	}
	awaited := make(map[int64]bool, len(ids))
	for _, id := range ids {
		awaited[id] = true
	}
	return awaited, nil
}

// Turns implements creditnotes.DraftStore.
func (s *Store) Turns(ctx context.Context) (map[creditnotes.Booking]int, error) {
	type row struct {
		creditnotes.Booking
		turn int
	}
	rows, err := collect(ctx, s.readSQL, func(r *row) []any {
		return []any{&r.Owner, &r.Contract, &r.Month, &r.Component, &r.Record, &r.turn}
	}, `
		SELECT e.key, p.contract, p.month, p.component, p.record, p.turn
		FROM (SELECT owner_id, contract, month, component, record, max(turn) AS turn FROM positions
			WHERE turn > 0 GROUP BY owner_id, contract, month, component, record) p
		JOIN entities e ON e.id = p.owner_id`)
	if err != nil {
		return nil, fmt.Errorf("turns of sums and fees: %w", err)
	}
	turns := make(map[creditnotes.Booking]int, len(rows))
	for _, r := range rows {
		turns[r.Booking] = r.turn
	}
	return turns, nil
}

// ContractSums implements creditnotes.DraftStore. It reads the positions of
// contracts and no lines. What another run has drafted counts: it is taken
// back when the draft is discarded, by the next run.
func (s *Store) ContractSums(ctx context.Context, run *creditnotes.Run) ([]creditnotes.ContractSum, error) {
	list, err := collect(ctx, s.readSQL, func(c *creditnotes.ContractSum) []any {
		return []any{&c.Owner, &c.Contract, &c.Month, &c.Component, &c.Currency, &c.Net, &c.Energy}
	}, `
		SELECT e.key, c.contract, c.month, c.component, c.currency, c.net, c.energy
		FROM (
			SELECT p.owner_id, p.contract, p.month, p.component, n.currency,
				CAST(sum(p.net) AS bigint) AS net, CAST(sum(p.energy) AS bigint) AS energy
			FROM positions p JOIN credit_notes n ON n.id = p.note_id
			WHERE p.contract <> '' AND n.cancels IS NULL AND n.run_id <> $1 AND `+stands("n.id")+`
			GROUP BY p.owner_id, p.contract, p.month, p.component, n.currency
		) c JOIN entities e ON e.id = c.owner_id
		ORDER BY 1, 2, 3, 4, 5`, run.ID)
	if err != nil {
		return nil, fmt.Errorf("sums of contracts: %w", err)
	}
	return list, nil
}
