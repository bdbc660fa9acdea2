package store

import (
	"context"

	"creditrun/creditnotes"
)

// RunSums adds up the documents of some runs, drafted or issued, by run,
// currency and kind. What was cancelled since counts all the same: it is what the run
// did.
func (s *Store) RunSums(ctx context.Context, runIDs []int64) (map[int64][]creditnotes.NoteTotal, error) {
	type sum struct {
		run int64
		creditnotes.NoteTotal
	}
	rows, err := collect(ctx, s.readSQL, func(t *sum) []any {
		return []any{&t.run, &t.Currency, &t.Kind, &t.Notes, &t.Net, &t.Tax, &t.Gross}
	}, `
		SELECT n.run_id, n.currency, n.kind, count(*), CAST(sum(n.net) AS bigint), CAST(sum(n.tax) AS bigint), CAST(sum(n.gross) AS bigint)
		FROM credit_notes n
		WHERE n.run_id `+s.dialect.in("$1")+` AND n.kind <> 'cancellation' AND n.state IN ('draft', 'issued')
		GROUP BY n.run_id, n.currency, n.kind ORDER BY n.run_id, n.currency, n.kind`, s.dialect.list(runIDs))
	sums := make(map[int64][]creditnotes.NoteTotal, len(runIDs))
	for _, row := range rows {
		sums[row.run] = append(sums[row.run], row.NoteTotal)
	}
	return sums, err
}

// RunHeld counts the sessions that a run held, by owner and reason.
func (s *Store) RunHeld(ctx context.Context, runID int64) ([]creditnotes.HeldGroup, error) {
	return s.runGroups(ctx, "run_holds", runID)
}

// RunWarned counts the sessions that a run credited with a warning, by owner
// and reason.
func (s *Store) RunWarned(ctx context.Context, runID int64) ([]creditnotes.HeldGroup, error) {
	return s.runGroups(ctx, "run_warnings", runID)
}

// RunBlockers lists the sessions that others are held for in a run, those first
// that concern most energy, at most some.
func (s *Store) RunBlockers(ctx context.Context, runID int64, most int) ([]creditnotes.Blocker, error) {
	return collect(ctx, s.readSQL, func(b *creditnotes.Blocker) []any { return []any{&b.SessionID, &b.Session, &b.Sessions, &b.Energy} }, `
		SELECT o.id, o.external_id, count(*), CAST(sum(s.energy) AS bigint)
		FROM run_holds h
		JOIN sessions s ON s.id = h.session_id
		JOIN sessions o ON o.id = h.other_id
		WHERE h.run_id = $1 GROUP BY o.id, o.external_id ORDER BY 4 DESC, 1 LIMIT $2`, runID, most)
}

func (s *Store) runGroups(ctx context.Context, table string, runID int64) ([]creditnotes.HeldGroup, error) {
	return collect(ctx, s.readSQL, func(g *creditnotes.HeldGroup) []any { return []any{&g.Owner, &g.Reason, &g.Sessions, &g.Energy} }, `
		SELECT coalesce(e.key, ''), h.reason, count(*), CAST(sum(CASE WHEN s.reversed THEN 0 ELSE s.energy END) AS bigint)
		FROM `+table+` h
		JOIN sessions s ON s.id = h.session_id
		LEFT JOIN entities e ON e.id = h.owner_id
		WHERE h.run_id = $1 GROUP BY 1, 2 ORDER BY 1, 2`, runID)
}

// RunIsTaken reports whether some process works on a run at the moment, or ended
// so lately that it may not have. A run that is not there is a NotFound fault.
func (s *Store) RunIsTaken(ctx context.Context, name string) (taken bool, err error) {
	row, err := s.runNamed(ctx, name)
	if err != nil {
		return false, err
	}
	by, err := s.holder(s.db(ctx), *row)
	return by != nil, err
}
