package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"creditrun/creditnotes"
)

// CreditedSince counts the sessions that started at some connectors since a
// moment and that issued runs have credited: those of a cost rate, or of any
// where it is empty. It looks at what was charged there since then.
func (s *Store) CreditedSince(ctx context.Context, connectors []int64, rate string, since time.Time) (n int64, err error) {
	where := &condition{}
	where.and("s.connector_id "+s.dialect.in("?"), s.dialect.list(connectors))
	where.and("s.started_at >= ?", utc(since))
	where.and("l.live AND l.kind = 'credit' AND r.stage NOT IN ('drafting', 'drafted', 'released')")
	if rate != "" {
		paths, err := s.repricedPaths(ctx, creditnotes.RepriceQuery{Rate: rate})
		if err != nil {
			return 0, err
		}
		where.and("l.path_id "+s.dialect.in("?"), s.dialect.list(slices.Sorted(maps.Keys(paths))))
	}
	err = s.readSQL.QueryRowContext(ctx, "SELECT count(*) FROM sessions s JOIN lines l ON l.session_id = s.id JOIN runs r ON r.id = l.run_id "+where.String(), where.args...).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("credited sessions: %w", err)
	}
	return n, nil
}
