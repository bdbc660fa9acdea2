package store

import (
	"context"
	"fmt"

	"creditrun/creditnotes"
)

// undoneCredits are the lines l of cancelled documents n that credited an open
// session s, in this version or an earlier one.
const undoneCredits = `lines l
	JOIN credit_notes n ON n.id = l.note_id AND n.number IS NOT NULL
	JOIN credit_notes x ON x.cancels = n.id
	JOIN sessions old ON old.id = l.session_id
	JOIN sessions s ON s.source = old.source AND s.external_id = old.external_id AND s.version >= old.version `

// CancelledCredits implements creditnotes.DraftStore. The undone lines have an
// index, so it does not matter how many lines there are.
func (s *Store) CancelledCredits(ctx context.Context) (map[int64]creditnotes.CancelledCredit, error) {
	return s.cancelledCredits(ctx, "")
}

// cancelledCredits are the open sessions s that a cancelled document credited, of
// those that a condition lets through.
func (s *Store) cancelledCredits(ctx context.Context, and string, args ...any) (map[int64]creditnotes.CancelledCredit, error) {
	type row struct {
		session int64
		creditnotes.CancelledCredit
	}
	rows, err := collect(ctx, s.readSQL, func(r *row) []any { return []any{&r.session, &r.OwnerID, &r.Number} }, `
		SELECT s.id, l.owner_id, n.number FROM `+undoneCredits+`
		WHERE NOT l.live AND l.kind = 'credit'
			AND NOT EXISTS (SELECT 1 FROM lines paid WHERE paid.session_id = s.id AND paid.live AND paid.kind <> 'reversal')`+and+`
		ORDER BY n.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("what cancelled documents credited: %w", err)
	}
	credits := make(map[int64]creditnotes.CancelledCredit, len(rows))
	for _, r := range rows {
		credits[r.session] = r.CancelledCredit // the latest document
	}
	return credits, nil
}

// creditedAgain finds the sessions of a note that a cancelled document credited
// before, each with the number of the latest one.
func creditedAgain(ctx context.Context, q querier, noteID int64) (map[sessionName]string, error) {
	type row struct {
		name   sessionName
		number string
	}
	rows, err := collect(ctx, q, func(r *row) []any { return []any{&r.name.source, &r.name.externalID, &r.number} }, `
		SELECT s.source, s.external_id, n.number FROM `+undoneCredits+`
		JOIN lines mine ON mine.session_id = s.id AND mine.note_id = $1 AND mine.kind = 'credit' AND NOT mine.correction AND mine.owner_id = l.owner_id
		WHERE NOT l.live AND l.kind = 'credit' AND n.id < $1
		ORDER BY n.id`, noteID)
	if err != nil {
		return nil, fmt.Errorf("what note %d credits again: %w", noteID, err)
	}
	numbers := make(map[sessionName]string, len(rows))
	for _, r := range rows {
		numbers[r.name] = r.number
	}
	return numbers, nil
}
