package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

// SessionHistory returns everything that is kept of a session: all versions,
// who decided about it, and the lines of all notes that paid it or took it
// back. The id is that of any version; an unknown one is a NotFound fault.
func (s *Store) SessionHistory(ctx context.Context, id int64) (*creditnotes.SessionHistory, error) {
	var h creditnotes.SessionHistory
	err := s.snapshot(ctx, func(q view) error {
		names, err := collect(ctx, q, func(n *sessionName) []any { return []any{&n.source, &n.externalID} },
			"SELECT source, external_id FROM sessions WHERE id = $1", id)
		if err != nil {
			return err
		}
		if len(names) == 0 {
			return fault.New(fault.NotFound, "session_not_found", fault.Args{"session": id})
		}
		if h.Versions, err = sessionVersions(ctx, q, names[0]); err != nil {
			return err
		}
		if h.Decisions, err = decisions(q.db, names[0].source+"/"+names[0].externalID); err != nil {
			return err
		}
		ids := make([]int64, len(h.Versions))
		for i := range h.Versions {
			ids[i] = h.Versions[i].ID
		}
		h.Lines, err = s.historyLines(ctx, q, ids)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("history of session %d: %w", id, err)
	}
	return &h, nil
}

func decisions(db *gorm.DB, subject string) (list []creditnotes.Decision, err error) {
	rows, err := find[auditRow](db.Where("subject = ? AND action LIKE 'session.%'", subject).Order("id DESC"))
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		decision := creditnotes.Decision{At: row.At.UTC(), Who: row.Who, Action: row.Action, Reason: row.After}
		if row.Action == "session.corrected" {
			var after corrigible
			if err := jsonText(row.After).read("after", &after); err != nil {
				return nil, err
			}
			decision.Reason = after.Reason
		}
		list = append(list, decision)
	}
	return list, nil
}

// historyLines reads live lines and those undone, which have an index each.
func (s *Store) historyLines(ctx context.Context, q querier, versions []int64) ([]creditnotes.HistoryLine, error) {
	const columns = "SELECT note_id, run_id, owner_id, session_id, path_id, kind, energy, live, " + netsOf + " FROM lines l WHERE session_id "
	in := s.dialect.in("$1")
	return collect(ctx, q, historyFields, `
		SELECT v.version, r.name, coalesce(e.key, ''), coalesce(l.note_id, 0), l.owner_id, l.session_id, l.path_id, l.kind,
			l.energy, l.live,
			`+numberOf+`, coalesce(n.state, ''), coalesce(n.date, ''), coalesce(n.currency, ''), coalesce(c.number, ''), `+netsOf+`
		FROM (`+columns+in+` AND live AND kind <> 'reversal' UNION ALL `+columns+in+` AND live AND kind = 'reversal' UNION ALL `+columns+in+` AND NOT live) AS l
		JOIN sessions v ON v.id = l.session_id
		JOIN runs r ON r.id = l.run_id
		LEFT JOIN entities e ON e.id = l.owner_id
		LEFT JOIN credit_notes n ON n.id = l.note_id
		LEFT JOIN credit_notes c ON c.cancels = n.id
		ORDER BY r.id, l.note_id, v.version, l.kind DESC`, s.dialect.list(versions))
}

func historyFields(h *creditnotes.HistoryLine) []any {
	return append([]any{&h.Version, &h.Run, &h.Owner, &h.NoteID, &h.OwnerID, &h.SessionID, &h.PathID, &h.Kind,
		&h.Energy, &h.Live, &h.Number, &h.NoteState, &h.Date, &h.Currency, &h.CancelledBy}, netFields(&h.Nets)...)
}
