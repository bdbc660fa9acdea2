package store

import (
	"context"
	"fmt"
)

// paidBefore finds, for the corrections on a note, the notes that paid the
// sessions in an earlier version: the version that is taken back, or, where
// another owner is paid now, the last one that was paid. A note that was
// cancelled since counts only where no other is left, so that what is rendered
// later says the same.
const paidBefore = `
	SELECT s.source, s.external_id, n.id, paid.owner_id, coalesce(n.number, '')
	FROM lines l
	JOIN sessions s ON s.id = l.session_id
	JOIN sessions old ON old.source = s.source AND old.external_id = s.external_id AND NOT old.current
		AND (old.version < s.version OR l.kind = 'reversal' AND old.version = s.version)
	JOIN lines paid ON paid.session_id = old.id AND %s
	JOIN credit_notes n ON n.id = paid.note_id
	WHERE l.note_id = $1 AND (l.kind = 'reversal' OR l.correction)
	ORDER BY old.version, n.id`

// chargedBefore finds the sessions of which a fee invoice takes back or bills anew
// what was billed as own charging, each with the number of the invoice that billed
// it before; empty where there is none (yet).
func (s *Store) chargedBefore(ctx context.Context, noteID int64) (map[sessionName]string, error) {
	type row struct {
		name   sessionName
		number string
	}
	rows, err := collect(ctx, s.readSQL, func(r *row) []any { return []any{&r.name.source, &r.name.externalID, &r.number} }, `
		SELECT s.source, s.external_id, coalesce(n.number, '')
		FROM own_charges c
		JOIN sessions s ON s.id = c.session_id
		JOIN sessions old ON old.source = s.source AND old.external_id = s.external_id
			AND (old.version < s.version OR c.kind = 'own_charging_reversal' AND old.version = s.version)
		JOIN own_charges billed ON billed.session_id = old.id AND billed.kind = 'own_charging' AND billed.note_id <> c.note_id
		JOIN credit_notes n ON n.id = billed.note_id
		WHERE c.note_id = $1 AND c.correction
		ORDER BY billed.live, old.version, n.id`, noteID)
	numbers := map[sessionName]string{}
	for _, r := range rows {
		numbers[r.name] = r.number
	}
	return numbers, err
}

// correctedOn finds the sessions that a note corrects, each with the number of
// the document that it stood on before; empty where there is none (yet).
func (s *Store) correctedOn(ctx context.Context, noteID int64) (map[sessionName]string, error) {
	type row struct {
		name          sessionName
		note, ownerID int64
		number        string
	}
	numbers := map[sessionName]string{}
	for _, which := range []string{"NOT paid.live AND paid.kind = 'credit'", "paid.live AND paid.kind <> 'reversal'"} {
		rows, err := collect(ctx, s.readSQL, func(r *row) []any {
			return []any{&r.name.source, &r.name.externalID, &r.note, &r.ownerID, &r.number}
		}, fmt.Sprintf(paidBefore, which), noteID)
		if err != nil {
			return nil, fmt.Errorf("what note %d corrects: %w", noteID, err)
		}
		for _, r := range rows {
			if r.number == "" {
				if r.number, err = s.broughtOn(ctx, r.note, r.ownerID); err != nil {
					return nil, err
				}
			}
			numbers[r.name] = r.number
		}
	}
	return numbers, nil
}
