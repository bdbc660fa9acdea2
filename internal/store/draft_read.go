package store

import (
	"context"
	"fmt"

	"creditrun/creditnotes"
	"creditrun/internal/money"
	"creditrun/tariffs"
)

// UnclaimedConnectors implements creditnotes.DraftStore.
func (s *Store) UnclaimedConnectors(ctx context.Context) ([]int64, error) {
	return column[int64](ctx, s.readSQL,
		"SELECT id FROM connectors WHERE station_key IS NULL ORDER BY id")
}

// takenBy is the run that took back what a version old of a session was paid. It
// is a scalar query for the same reason as settled.
const takenBy = `(SELECT r.run_id FROM lines r WHERE r.session_id = old.id AND r.live AND r.kind = 'reversal')`

// paidAnew holds where the version s of a session was paid as a correction by
// the run that took an earlier one back, on a note that has been cancelled since
// then: what pays it now is still a correction.
const paidAnew = `EXISTS (SELECT 1 FROM lines c WHERE c.session_id = s.id AND NOT c.live AND c.kind = 'credit' AND c.run_id = ` + takenBy + `)`

// PendingReversals implements creditnotes.DraftStore.
func (s *Store) PendingReversals(ctx context.Context, run *creditnotes.Run, q creditnotes.SessionQuery) ([]creditnotes.Reversal, error) {
	future := q.Future
	if future.IsZero() {
		future = endOfTime
	}
	only, args := "", []any{utc(run.Cutoff), utc(q.Until), utc(future), run.ID}
	if q.Only != nil {
		only, args = " AND s.id "+s.dialect.in("$5"), append(args, s.dialect.list(q.Only))
	}
	type row struct {
		creditnotes.Reversal
		path     string
		currency string
		why      tariffs.PathReprice
	}
	rows, err := collectByIndex(ctx, s, q.Only != nil, func(r *row) []any {
		return append(append([]any{&r.Line.SessionID, &r.Line.OwnerID, &r.Line.PathID, &r.Line.Energy,
			&r.Start, &r.End, &r.Duration, &r.CurrentID, &r.Taken, &r.currency, &r.path, &r.why.ID, &r.why.CostRate, &r.why.Contract, &r.why.Reason,
			&r.Tax.Account, &r.Tax.LedgerAccount, &r.Tax.Name, &r.Tax.Category, &r.Tax.Rate, &r.Tax.ExemptionCode, &r.Tax.Exemption},
			netFields(&r.Line.Nets)...), driverFields(&r.Line)...)
	}, `
		SELECT l.session_id, l.owner_id, l.path_id, l.energy,
			old.started_at, old.ended_at, old.duration_s, s.id, `+takenBy+` IS NOT NULL, n.currency, p.content, coalesce(w.id, 0), coalesce(w.rate, ''), coalesce(w.contract, ''), coalesce(w.reason, ''),
			t.account, t.ledger_account, t.name, t.category, t.rate, t.exemption_code, t.exemption, `+netsOf+`, `+driverOf+`
		FROM sessions old
		JOIN lines l ON l.session_id = old.id AND l.live AND l.kind = 'credit'
		JOIN credit_notes n ON n.id = l.note_id
		JOIN note_taxes t ON t.note_id = l.note_id AND t.ordinal = l.tax + 1
		JOIN price_paths p ON p.id = l.path_id
		JOIN sessions s ON s.source = old.source AND s.external_id = old.external_id AND s.version > old.version
		LEFT JOIN reprice_sessions a ON a.session_id = s.id
		LEFT JOIN reprices w ON w.id = a.reprice_id
		WHERE old.superseded_at <= $1 AND NOT old.current AND s.received_at <= $1 AND (s.superseded_at IS NULL OR s.superseded_at > $1)
			AND (s.ended_at < $2 OR s.ended_at > $3 AND NOT s.released AND NOT s.reversed)
			AND (coalesce(`+takenBy+`, $4) = $4 OR `+paidAnew+`)
			AND (l.driver_amount IS NOT NULL OR s.same_as IS NULL OR old.id <> s.same_as AND (old.same_as IS NULL OR old.same_as <> s.same_as))`+only+`
		ORDER BY l.owner_id, old.started_at, old.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("pending reversals: %w", err)
	}
	list := make([]creditnotes.Reversal, 0, len(rows))
	paths := map[int64]*tariffs.Path{}
	for _, r := range rows {
		if paths[r.Line.PathID] == nil {
			if paths[r.Line.PathID], err = tariffs.ParsePath([]byte(r.path)); err != nil {
				return nil, err
			}
		}
		r.Priced = paths[r.Line.PathID]
		r.Path, r.Currency = creditnotes.PathInfoOf(r.Priced), r.currency
		if r.why.ID != 0 {
			r.Reprice = &r.why
		}
		list = append(list, r.Reversal)
	}
	return list, nil
}

// NotedOwners implements creditnotes.DraftStore.
func (s *Store) NotedOwners(ctx context.Context, run *creditnotes.Run) (map[int64]bool, error) {
	ids, err := column[int64](ctx, s.readSQL, `
		SELECT DISTINCT o.owner_id
		FROM credit_note_owners o
		JOIN credit_notes n ON n.id = o.note_id AND n.kind = 'credit_note'
		JOIN runs r ON r.id = n.run_id AND r.month = $1 AND r.id <> $2
		WHERE NOT EXISTS (SELECT 1 FROM credit_notes c WHERE c.cancels = n.id)
			AND NOT EXISTS (SELECT 1 FROM withdrawn_notes w WHERE w.note_id = n.id)`, string(run.Month), run.ID)
	return setOf(ids), err
}

// LineSums implements creditnotes.DraftStore.
func (s *Store) LineSums(ctx context.Context, runID int64) (map[int64]creditnotes.TaxSums, error) {
	type sum struct {
		note, slot int64
		total      money.Micros
	}
	rows, err := collect(ctx, s.readSQL, func(r *sum) []any { return []any{&r.note, &r.slot, &r.total} }, `
		SELECT note_id, tax, sum(`+netTotal+`) FROM lines
		WHERE run_id = $1 AND note_id IN (SELECT id FROM credit_notes WHERE run_id = $1) GROUP BY note_id, tax
		UNION ALL
		SELECT note_id, tax, sum(net) FROM own_charges
		WHERE run_id = $1 AND note_id IN (SELECT id FROM credit_notes WHERE run_id = $1) GROUP BY note_id, tax`, runID)
	sums := map[int64]creditnotes.TaxSums{}
	for _, r := range rows {
		if sums[r.note] == nil {
			sums[r.note] = creditnotes.TaxSums{}
		}
		sums[r.note][int(r.slot)] = r.total
	}
	return sums, err
}

// DraftedOwners implements creditnotes.DraftStore.
func (s *Store) DraftedOwners(ctx context.Context, runID int64) (map[int64]bool, error) {
	ids, err := column[int64](ctx, s.readSQL,
		"SELECT owner_id FROM run_owners WHERE run_id = $1", runID)
	return setOf(ids), err
}

func setOf(ids []int64) map[int64]bool {
	set := make(map[int64]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set
}

// collectByIndex is collect, of few rows that are found by index where so.
func collectByIndex[T any](ctx context.Context, s *Store, so bool, fields func(*T) []any, query string, args ...any) (list []T, err error) {
	if !so {
		return collect(ctx, s.readSQL, fields, query, args...)
	}
	err = s.snapshot(ctx, func(v view) error {
		if err := s.readByIndex(ctx, v); err != nil {
			return err
		}
		list, err = collect(ctx, v, fields, query, args...)
		return err
	})
	return list, err
}
