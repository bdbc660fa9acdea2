package store

import (
	"context"

	"creditrun/creditnotes"
)

// SettledLine implements creditnotes.ExplainStore.
func (s *Store) SettledLine(ctx context.Context, sessionID int64) (*creditnotes.SettledLine, error) {
	rows, err := collect(ctx, s.readSQL, func(l *creditnotes.SettledLine) []any {
		return append(append([]any{&l.Line.NoteID, &l.Line.OwnerID, &l.Line.SessionID, &l.Line.PathID, &l.Line.Kind,
			&l.Line.Energy, &l.Line.Reason, &l.Owner, &l.Path, &l.Number}, netFields(&l.Line.Nets)...), driverFields(&l.Line)...)
	}, `
		SELECT coalesce(l.note_id, 0), l.owner_id, l.session_id, l.path_id, l.kind, l.energy,
			coalesce(l.reason, ''), coalesce(e.key, ''), coalesce(p.content, ''), `+numberOf+`, `+netsOf+`, `+driverOf+`
		FROM lines l
		LEFT JOIN entities e ON e.id = l.owner_id
		LEFT JOIN price_paths p ON p.id = l.path_id
		LEFT JOIN credit_notes n ON n.id = l.note_id
		WHERE l.session_id = $1 AND l.live AND l.kind <> 'reversal'`, sessionID)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return &rows[0], nil
}
