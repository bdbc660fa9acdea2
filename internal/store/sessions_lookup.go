package store

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// currentSessions looks up the current versions of sessions by name.
func (tx *Tx) currentSessions(list []incoming) (map[sessionName]currentSession, error) {
	names := make([]sessionName, len(list))
	for i := range list {
		names[i] = list[i].name()
	}
	type row struct {
		sessionName
		currentSession
	}
	known := map[sessionName]currentSession{}
	err := tx.eachSource(names, func(source string, ids []string) error {
		if none, err := tx.allNew(source, ids); none || err != nil {
			return err
		}
		query := "SELECT s.external_id, s.id, s.fingerprint, s.updated_at, s.collected_at FROM sessions s WHERE s.current AND s.source = $1 AND s.external_id = ANY ($2)"
		if tx.dialect == sqliteDialect {
			// CROSS JOIN is how SQLite is told to go through the names.
			query = "SELECT s.external_id, s.id, s.fingerprint, s.updated_at, s.collected_at FROM json_each($2) k CROSS JOIN sessions s ON s.source = $1 AND s.external_id = k.value WHERE s.current"
		}
		rows, err := collect(tx.ctx, tx.sql, func(r *row) []any { return []any{&r.externalID, &r.id, &r.fingerprint, &r.updatedAt, &r.collectedAt} },
			query, source, tx.dialect.texts(ids))
		for _, r := range rows {
			known[sessionName{source, r.externalID}] = r.currentSession
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("sessions: %w", err)
	}
	return known, nil
}

// allNew reports whether no session has an id from the first to the last of some
// ids in their order. Most sources count their sessions up: then one look says of
// thousands of ids that they are new. Where it does not, it costs next to nothing.
func (tx *Tx) allNew(source string, ids []string) (bool, error) {
	query := "SELECT count(*) FROM (SELECT 1 FROM sessions WHERE current AND source = $1 AND external_id ~>=~ $2 AND external_id ~<=~ $3 LIMIT 1) AS one"
	if tx.dialect == sqliteDialect {
		query = "SELECT count(*) FROM (SELECT 1 FROM sessions WHERE current AND source = $1 AND external_id >= $2 AND external_id <= $3 LIMIT 1)"
	}
	var n int
	err := tx.scanRow(query, []any{source, ids[0], ids[len(ids)-1]}, &n)
	return n == 0, err
}

// families reads all versions of all sessions that were sent under some ids.
func (tx *Tx) families(names []sessionName) (map[sessionName]*family, error) {
	if len(names) == 0 {
		return nil, nil
	}
	found := map[sessionName]*family{}
	err := tx.eachSource(names, func(source string, ids []string) error {
		// The versions that are current, those that were replaced and those
		// sent under the id of another have an index each.
		columns := "SELECT s." + strings.Join(columnsOf[sessionRow](), ", s.") + " FROM "
		from, is := "sessions s WHERE s.source = $1 AND ", " = ANY ($2)"
		if tx.dialect == sqliteDialect {
			from, is = "json_each($2) k CROSS JOIN sessions s ON s.source = $1 AND ", " = k.value"
		}
		and := " AND "
		if tx.dialect == sqliteDialect {
			and = " WHERE "
		}
		query := columns + from + "s.external_id" + is + and + "s.current UNION ALL " +
			columns + from + "s.external_id" + is + and + "NOT s.current UNION ALL " +
			columns + from + "s.reused_id" + is + and + "s.reused_id <> ''"
		rows, err := collect(tx.ctx, tx.sql, (*sessionRow).fields, query, source, tx.dialect.texts(ids))
		if err != nil {
			return err
		}
		slices.SortFunc(rows, func(a, b sessionRow) int { return cmp.Compare(a.ID, b.ID) })
		wanted := map[string]bool{}
		for _, id := range ids {
			wanted[id] = true
		}
		for i := range rows {
			// A session that was given a suffix may be asked for by either id.
			for _, id := range []string{rows[i].ExternalID, rows[i].ReusedID} {
				if id != "" && wanted[id] {
					name := sessionName{source, id}
					if found[name] == nil {
						found[name] = &family{}
					}
					found[name].add(&rows[i])
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("sessions: %w", err)
	}
	return found, nil
}

// add takes up a version of one of the sessions. Versions come in the order in
// which they were stored, so the session that got the id first is the first.
func (f *family) add(row *sessionRow) {
	var m *familyMember
	for _, other := range f.members {
		if other.externalID == row.ExternalID {
			m = other
		}
	}
	if m == nil {
		m = &familyMember{externalID: row.ExternalID}
		f.members = append(f.members, m)
	}
	m.said = append(m.said, row.said())
	if row.Current {
		m.row = row
	}
}

// eachSource asks source by source: nearly always there is one.
func (tx *Tx) eachSource(names []sessionName, ask func(source string, ids []string) error) error {
	bySource := map[string][]string{}
	for _, name := range names {
		bySource[name.source] = append(bySource[name.source], name.externalID)
	}
	for source, ids := range bySource {
		slices.Sort(ids) // neighbours in the index, and each once
		err := tx.byIndex(func() error { return ask(source, slices.Compact(ids)) })
		if err != nil {
			return err
		}
	}
	return nil
}

// byIndex runs a look-up that has to go by an index whatever the statistics
// say. Inside a transaction that fills a table there are none: PostgreSQL
// would read the whole growing table for each batch, and an import of a
// million sessions would take its time by their square.
func (tx *Tx) byIndex(look func() error) error {
	if tx.dialect == sqliteDialect {
		return look()
	}
	if _, err := tx.exec(`SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off;
		SET LOCAL max_parallel_workers_per_gather = 0`); err != nil {
		return err
	}
	if err := look(); err != nil {
		return err
	}
	_, err := tx.exec(`SET LOCAL enable_seqscan TO DEFAULT; SET LOCAL enable_hashjoin TO DEFAULT; SET LOCAL enable_mergejoin TO DEFAULT;
		SET LOCAL max_parallel_workers_per_gather TO DEFAULT`)
	return err
}

// noteUpdates keeps when the source last changed records whose content is what
// is stored.
func (tx *Tx) noteUpdates(list []sessionUpdate) error {
	if len(list) == 0 {
		return nil
	}
	if tx.dialect == sqliteDialect {
		for _, u := range list {
			if _, err := tx.exec("UPDATE sessions SET updated_at = $1 WHERE id = $2", u.at, u.id); err != nil {
				return err
			}
		}
		return nil
	}
	ids, times := make([]int64, len(list)), make([]time.Time, len(list))
	for i, u := range list {
		ids[i], times[i] = u.id, u.at
	}
	return tx.byIndex(func() error {
		_, err := tx.exec("UPDATE sessions s SET updated_at = u.at FROM unnest($1::bigint[], $2::timestamptz[]) AS u (id, at) WHERE s.id = u.id", ids, times)
		return err
	})
}
