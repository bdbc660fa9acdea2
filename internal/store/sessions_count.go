package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"creditrun/creditnotes"
	"creditrun/internal/sessions"
)

// CountSessions counts the sessions that a filter lets through, up to a most;
// more tells that there are more than that.
func (s *Store) CountSessions(ctx context.Context, f creditnotes.SessionFilter, most int) (n int, more bool, err error) {
	q, err := s.searchSessions(ctx, &f)
	if err != nil {
		return 0, false, fmt.Errorf("count sessions: %w", err)
	}
	if q.checked() {
		for _, err := range s.EachSession(ctx, f) {
			if err != nil {
				return 0, false, err
			}
			if n++; n > most {
				return most, true, nil
			}
		}
		return n, false, nil
	}
	where := q.where()
	matching := limited("SELECT 1"+q.from()+where.String(), most+1)
	err = s.readSQL.QueryRowContext(ctx, "SELECT count(*) FROM ("+matching+") AS matching", utcArgs(where.args)...).Scan(&n)
	return min(n, most), n > most, translateError(err)
}

// SessionCounts counts the sessions that a filter lets through by state and
// reason. It looks at all of them: narrow the filter to a month.
func (s *Store) SessionCounts(ctx context.Context, f creditnotes.SessionFilter) ([]creditnotes.SessionCount, error) {
	q, err := s.searchSessions(ctx, &f)
	if err != nil {
		return nil, fmt.Errorf("count sessions: %w", err)
	}
	if q.checked() {
		return s.countEach(ctx, f)
	}
	where := q.where()
	condition := where.String()
	next, nextReason := q.next.words(s.dialect, where)
	return collect(ctx, s.readSQL, func(c *creditnotes.SessionCount) []any {
		return []any{&c.State, &c.Reason, &c.Next, &c.NextReason, &c.Sessions, &c.Energy}
	}, "SELECT "+stateWords+", "+stateReason+", "+next+", "+nextReason+", count(*), CAST(sum(s.energy) AS bigint)"+q.from()+outcomes+q.next.joins()+" "+condition+
		" GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4", where.args...)
}

// countEach is SessionCounts for sessions that have to be looked at.
func (s *Store) countEach(ctx context.Context, f creditnotes.SessionFilter) ([]creditnotes.SessionCount, error) {
	type kind struct {
		state, next        creditnotes.SessionState
		reason, nextReason sessions.Reason
	}
	counts := map[kind]*creditnotes.SessionCount{}
	for row, err := range s.EachSession(ctx, f) {
		if err != nil {
			return nil, err
		}
		of := kind{row.State, row.Next, row.Reason, row.NextReason}
		if counts[of] == nil {
			counts[of] = &creditnotes.SessionCount{State: row.State, Reason: row.Reason, Next: row.Next, NextReason: row.NextReason}
		}
		counts[of].Add(row.Session.Energy)
	}
	list := make([]creditnotes.SessionCount, 0, len(counts))
	for _, count := range counts {
		list = append(list, *count)
	}
	slices.SortFunc(list, func(a, b creditnotes.SessionCount) int {
		return cmp.Or(cmp.Compare(a.State, b.State), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Next, b.Next), cmp.Compare(a.NextReason, b.NextReason))
	})
	return list, nil
}
