package store

import (
	"context"
	"fmt"

	"creditrun/creditnotes"
	"creditrun/entities"
)

// waitingOf finds the owners whose part of a negative note waits to be brought
// along.
const waitingOf = `
	SELECT DISTINCT n.id, e.key
	FROM credit_notes n
	JOIN runs r ON r.id = n.run_id AND r.stage IN ('issued', 'completed')
	JOIN positions p ON p.note_id = n.id
	JOIN entities e ON e.id = p.owner_id
	WHERE n.state = 'carried'
		AND NOT EXISTS (SELECT 1 FROM carry_uses u WHERE u.carried_id = n.id AND u.owner_id = p.owner_id)
		AND NOT EXISTS (SELECT 1 FROM withdrawn_notes w WHERE w.note_id = n.id)
	ORDER BY 1, 2`

// CarriedForward implements creditnotes.DraftStore.
func (s *Store) CarriedForward(ctx context.Context) ([]creditnotes.WaitingNote, error) {
	type part struct {
		note  int64
		owner string
	}
	parts, err := collect(ctx, s.readSQL, func(p *part) []any { return []any{&p.note, &p.owner} }, waitingOf)
	if err != nil || len(parts) == 0 {
		return nil, err
	}
	var ids []int64
	owners := map[int64][]string{}
	for _, p := range parts {
		if owners[p.note] == nil {
			ids = append(ids, p.note)
		}
		owners[p.note] = append(owners[p.note], p.owner)
	}
	notes, err := notesWhere(s.db(ctx), "n.id "+s.dialect.in("$1"), s.dialect.list(ids))
	if err != nil {
		return nil, fmt.Errorf("carried forward: %w", err)
	}
	byID := map[int64]*creditnotes.Note{}
	for _, n := range notes {
		byID[n.ID] = n
	}
	list := make([]creditnotes.WaitingNote, 0, len(ids))
	for _, id := range ids {
		list = append(list, creditnotes.WaitingNote{Note: byID[id], Owners: owners[id]})
	}
	return list, nil
}

// Offsets implements creditnotes.DraftStore. What was set off is what such a
// note credits beside the sums it brings along.
func (s *Store) Offsets(ctx context.Context) (map[string]map[string][]creditnotes.Offset, error) {
	type row struct {
		recipient, currency string
		creditnotes.Offset
	}
	rows, err := collect(ctx, s.readSQL, func(r *row) []any { return []any{&r.recipient, &r.currency, &r.Month, &r.Credits} }, `
		SELECT n.recipient_key, n.currency, r.month, CAST(-sum(p.net) AS bigint)
		FROM credit_notes n
		JOIN runs r ON r.id = n.run_id AND r.stage IN ('issued', 'completed')
		JOIN positions p ON p.note_id = n.id AND p.carried_from IS NOT NULL
		WHERE n.state = 'zero' AND n.kind = 'credit_note'
			AND NOT EXISTS (SELECT 1 FROM withdrawn_notes w WHERE w.note_id = n.id)
			AND NOT EXISTS (SELECT 1 FROM credit_notes later WHERE later.recipient_key = n.recipient_key AND later.currency = n.currency
				AND later.kind = 'credit_note' AND later.state = 'issued' AND later.run_id > n.run_id)
		GROUP BY n.recipient_key, n.currency, r.month, n.id
		ORDER BY n.id`)
	if err != nil {
		return nil, fmt.Errorf("offsets: %w", err)
	}
	found := map[string]map[string][]creditnotes.Offset{}
	for _, r := range rows {
		if found[r.recipient] == nil {
			found[r.recipient] = map[string][]creditnotes.Offset{}
		}
		found[r.recipient][r.currency] = append(found[r.recipient][r.currency], r.Offset)
	}
	return found, nil
}

// broughtNote is a negative note that another one brings along, itself or
// through others: of one owner.
type broughtNote struct {
	note, owner int64
	root        int64          // the one that the note itself names
	month       entities.Month // of its run
}

// broughtBy finds what a note brings along. It asks the positions, which stay
// when the note is cancelled.
func (s *Store) broughtBy(ctx context.Context, noteID int64) ([]broughtNote, error) {
	return collect(ctx, s.readSQL, func(b *broughtNote) []any { return []any{&b.note, &b.owner, &b.root, &b.month} }, `
		WITH RECURSIVE brought (note_id, owner_id, root) AS (
			SELECT DISTINCT carried_from, owner_id, carried_from FROM positions WHERE note_id = $1 AND carried_from IS NOT NULL
			UNION
			SELECT p.carried_from, p.owner_id, b.root FROM brought b
			JOIN positions p ON p.note_id = b.note_id AND p.owner_id = b.owner_id AND p.carried_from IS NOT NULL
		)
		SELECT b.note_id, b.owner_id, b.root, r.month
		FROM brought b JOIN credit_notes n ON n.id = b.root JOIN runs r ON r.id = n.run_id
		ORDER BY 1, 2`, noteID)
}

// numberOf is the number of the document on which a line l of a note n stands,
// also where the note was carried forward and a later one brings it along; empty
// where there is none.
const numberOf = `coalesce(n.number, CASE WHEN n.state = 'carried' THEN (
	WITH RECURSIVE users (note_id) AS (
		SELECT u.note_id FROM carry_uses u WHERE u.carried_id = n.id AND u.owner_id = l.owner_id
		UNION
		SELECT u.note_id FROM users x JOIN carry_uses u ON u.carried_id = x.note_id AND u.owner_id = l.owner_id
	)
	SELECT d.number FROM users x JOIN credit_notes d ON d.id = x.note_id WHERE d.number IS NOT NULL) END, '')`

// broughtOn is the number of the document on which an owner's part of a sum
// carried forward stands, or empty.
func (s *Store) broughtOn(ctx context.Context, noteID, ownerID int64) (string, error) {
	return s.text(ctx, `
		WITH RECURSIVE users (note_id) AS (
			SELECT note_id FROM carry_uses WHERE carried_id = $1 AND owner_id = $2
			UNION
			SELECT u.note_id FROM users x JOIN carry_uses u ON u.carried_id = x.note_id AND u.owner_id = $2
		)
		SELECT n.number FROM users x JOIN credit_notes n ON n.id = x.note_id WHERE n.number IS NOT NULL`, noteID, ownerID)
}

// SettledNotes lists the latest notes of finished runs that were settled
// without a document and have to do with sums carried forward, for a person
// with a scope as in NoteFilter.
func (s *Store) SettledNotes(ctx context.Context, scope []string, limit int) ([]creditnotes.SettledNote, error) {
	where := &condition{}
	where.and("r.stage IN ('issued', 'completed')")
	where.and("(n.state = 'carried' OR n.state = 'zero' AND EXISTS (SELECT 1 FROM positions p WHERE p.note_id = n.id AND p.carried_from IS NOT NULL))")
	where.and("NOT EXISTS (SELECT 1 FROM withdrawn_notes w WHERE w.note_id = n.id)")
	if scope != nil {
		if err := s.addScope(ctx, where, scope); err != nil {
			return nil, err
		}
	}
	return collect(ctx, s.readSQL, func(n *creditnotes.SettledNote) []any {
		return []any{&n.Kind, &n.Month, &n.State, &n.Recipient, &n.Currency, &n.Net, &n.Number}
	}, limited(`
		SELECT n.kind, r.month, n.state, n.recipient_key, n.currency,
			CASE WHEN n.state = 'carried' THEN n.net
				ELSE (SELECT CAST(-sum(p.net) AS bigint) FROM positions p WHERE p.note_id = n.id AND p.carried_from IS NOT NULL) END,
			coalesce((SELECT min(u.number) FROM carry_uses c JOIN credit_notes u ON u.id = c.note_id WHERE c.carried_id = n.id), '')
		FROM credit_notes n JOIN runs r ON r.id = n.run_id
		`+where.String()+` ORDER BY n.id DESC`, limit), where.args...)
}
