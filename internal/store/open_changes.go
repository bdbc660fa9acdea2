package store

import (
	"context"
	"fmt"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/sessions"
)

// TouchedSessions implements creditnotes.OpenStore.
func (s *Store) TouchedSessions(ctx context.Context, b *creditnotes.OpenBook, sweep bool) (t creditnotes.OpenTouched, err error) {
	err = s.snapshot(ctx, func(v view) error {
		if err := s.readByIndex(ctx, v); err != nil {
			return err
		}
		row, err := first[openBookRow](v.db.Where("id = ?", b.ID))
		if err != nil {
			return err
		}
		t.Beside = row != nil && row.Changed != row.Entered
		type mark struct{ id, session int64 }
		marks, err := collect(ctx, v, func(m *mark) []any { return []any{&m.id, &m.session} }, "SELECT id, session_id FROM open_touched")
		if err != nil {
			return err
		}
		var named []int64
		for _, m := range marks {
			t.Marks = append(t.Marks, m.id)
			if m.session == 0 {
				t.Beside = true
			} else {
				named = append(named, m.session)
			}
		}
		if err := v.QueryRowContext(ctx, "SELECT coalesce(max(next), 1) FROM id_counters WHERE name = 'session'").Scan(&t.Cursor); err != nil {
			return err
		}
		if sweep {
			due, err := column[int64](ctx, v, "SELECT session_id FROM open_holds WHERE note_id = $1 AND outcome = 'held' AND reason = $2", -b.ID, string(sessions.InTheFuture))
			if err != nil {
				return err
			}
			named = append(named, due...)
		}
		if t.Cursor == b.Cursor && len(named) == 0 {
			return nil
		}
		seen := map[int64]bool{}
		type place struct{ id, connector int64 }
		list, err := collect(ctx, v, func(p *place) []any { return []any{&p.id, &p.connector} }, s.touchedQuery(), b.Cursor, t.Cursor, s.dialect.list(named))
		for _, p := range list {
			t.Sessions = append(t.Sessions, p.id)
			if !seen[p.connector] {
				seen[p.connector] = true
				t.Connectors = append(t.Connectors, p.connector)
			}
		}
		return err
	})
	if err != nil {
		return t, fmt.Errorf("open month: %w", translateError(err))
	}
	return t, nil
}

// touchedQuery finds the versions of sessions that are new, those $3 that changed,
// the other versions of these, and the sessions that begin while one of them lasts:
// they may overlap it.
func (s *Store) touchedQuery() string {
	j := s.dialect.then()
	return `WITH changed AS (SELECT id FROM sessions WHERE id >= $1 AND id < $2 UNION SELECT id FROM sessions WHERE id ` + s.dialect.in("$3") + `),
		versions AS (
			SELECT id FROM changed
			UNION SELECT v.id FROM changed c ` + j + ` sessions s ON s.id = c.id AND s.version > 1 ` + j + ` sessions v ON v.source = s.source AND v.external_id = s.external_id AND NOT v.current
			UNION SELECT v.id FROM changed c ` + j + ` sessions s ON s.id = c.id AND NOT s.current ` + j + ` sessions v ON v.source = s.source AND v.external_id = s.external_id AND v.current
		)
		SELECT s.id, s.connector_id FROM versions n ` + j + ` sessions s ON s.id = n.id
		UNION SELECT x.id, x.connector_id FROM versions n ` + j + ` sessions s ON s.id = n.id
			` + j + ` sessions x ON x.connector_id = s.connector_id AND x.started_at >= s.started_at AND x.started_at < s.ended_at AND x.current
		ORDER BY 1`
}

// UpdateOpen implements creditnotes.OpenStore.
func (s *Store) UpdateOpen(ctx context.Context, b *creditnotes.OpenBook, u *creditnotes.OpenUpdate) (done bool, err error) {
	zone, err := s.operatorZone(ctx)
	if err != nil {
		return false, err
	}
	err = s.inTx(ctx, func(tx *Tx) error {
		done = false
		if err := s.readByIndex(ctx, tx.sql); err != nil {
			return err
		}
		row, err := first[openBookRow](tx.forUpdate().Where("id = ? AND current AND changed = ? AND cursor = ?", b.ID, b.Changed, b.Cursor))
		if err != nil || row == nil {
			return err
		}
		w := &openWriter{tx, b.ID}
		values := set{"cursor": u.Cursor, "as_of": utc(u.AsOf), "swept_at": utc(u.Swept)}
		if len(u.Sessions) > 0 || u.Beside {
			values["changed"] = b.Changed + 1
		}
		if len(u.Sessions) > 0 {
			if err := w.replace(s, zone, u); err != nil {
				return err
			}
		}
		if len(u.Marks) > 0 {
			if _, err := tx.exec("DELETE FROM open_touched WHERE id "+s.dialect.in("$1"), s.dialect.list(u.Marks)); err != nil {
				return err
			}
		}
		done = true
		return inTable(tx.db.Model(&openBookRow{}).Where("id = ?", b.ID).Updates(values))
	})
	if err != nil {
		return false, fmt.Errorf("open month: %w", err)
	}
	if done {
		b.Cursor, b.AsOf, b.Swept = u.Cursor, u.AsOf, u.Swept
		if len(u.Sessions) > 0 || u.Beside {
			b.Changed++
		}
	}
	return done, nil
}

// openGroup is what is added up again as a whole.
type openGroup struct {
	owner int64
	day   string
}

// replace replaces what a book has of some sessions, and adds up again what that
// is a part of.
func (w *openWriter) replace(s *Store, zone *time.Location, u *creditnotes.OpenUpdate) error {
	d, ids := s.dialect, s.dialect.list(u.Sessions)
	groups, err := collect(w.tx.ctx, w.tx.sql, func(g *openGroup) []any { return []any{&g.owner, &g.day} },
		"SELECT DISTINCT owner_id, day FROM open_lines WHERE note_id = $1 AND of_session "+d.in("$2"), -w.id, ids)
	if err != nil {
		return err
	}
	for _, statement := range []string{
		"DELETE FROM open_lines WHERE note_id = $1 AND of_session " + d.in("$2"),
		"DELETE FROM open_holds WHERE note_id = $1 AND session_id " + d.in("$2"),
		"DELETE FROM open_charges WHERE note_id = $1 AND of_session " + d.in("$2"),
	} {
		if _, err := w.tx.exec(statement, -w.id, ids); err != nil {
			return err
		}
	}
	if err := w.CopyOpenLines(&openLineList{list: u.Lines}); err != nil {
		return err
	}
	if err := w.SaveOpenHolds(u.Holds); err != nil {
		return err
	}
	if err := w.saveCharges(u.Own); err != nil {
		return err
	}
	known := map[openGroup]bool{}
	for _, g := range groups {
		known[g] = true
	}
	for i := range u.Lines {
		known[openGroup{u.Lines[i].OwnerID, string(u.Lines[i].Day)}] = true
	}
	return w.sumGroups(s, zone, known)
}

func (w *openWriter) sumGroups(s *Store, zone *time.Location, groups map[openGroup]bool) error {
	if len(groups) == 0 {
		return nil
	}
	owners, days := make([]int64, 0, len(groups)), make([]string, 0, len(groups))
	for g := range groups {
		owners, days = append(owners, g.owner), append(days, g.day)
	}
	which, args := "(l.owner_id, l.day) IN (SELECT * FROM unnest($1::bigint[], $2::text[]))", []any{any(owners), any(days)}
	if s.dialect == sqliteDialect {
		which = "(l.owner_id, l.day) IN (SELECT o.value, d.value FROM json_each($1) o JOIN json_each($2) d ON d.key = o.key)"
		args = []any{s.dialect.list(owners), s.dialect.texts(days)}
	}
	if _, err := w.tx.exec("DELETE FROM record_sums AS l WHERE "+which+" AND l.note_id = $3", append(args[:2:2], -w.id)...); err != nil {
		return err
	}
	return w.sum(s, zone, which, args...)
}

// openLineList yields lines that are all at hand.
type openLineList struct {
	list []creditnotes.OpenLine
	line *creditnotes.OpenLine
}

// Next implements creditnotes.OpenLines.
func (l *openLineList) Next() bool {
	if len(l.list) == 0 {
		return false
	}
	l.line, l.list = &l.list[0], l.list[1:]
	return true
}

// OpenLine implements creditnotes.OpenLines.
func (l *openLineList) OpenLine() *creditnotes.OpenLine { return l.line }

// Err implements creditnotes.OpenLines.
func (l *openLineList) Err() error { return nil }
