package store

import (
	"context"
	"fmt"

	"creditrun/creditnotes"
)

// stands is the condition that a note, by its id, is neither cancelled nor
// withdrawn with one that is.
func stands(note string) string {
	return fmt.Sprintf(`(NOT EXISTS (SELECT 1 FROM credit_notes x WHERE x.cancels = %[1]s)
		AND NOT EXISTS (SELECT 1 FROM withdrawn_notes x WHERE x.note_id = %[1]s))`, note)
}

// undoneNotes are the notes that do not stand.
const undoneNotes = "(SELECT cancels AS id FROM credit_notes WHERE cancels IS NOT NULL UNION SELECT note_id FROM withdrawn_notes)"

// UndoneLines implements creditnotes.VerifyStore. The undone lines have an
// index, so it does not matter how many lines there are.
func (b *books) UndoneLines(ctx context.Context) ([]string, error) {
	const session = "SELECT coalesce(s.source || '/' || s.external_id, 'line of session ' || l.session_id) FROM "
	return column[string](ctx, b.q, session+`lines l
		LEFT JOIN sessions s ON s.id = l.session_id
		WHERE NOT l.live AND (l.note_id IS NULL OR `+stands("l.note_id")+`)
		UNION `+session+undoneNotes+` undone
		JOIN lines l ON l.note_id = undone.id
		LEFT JOIN sessions s ON s.id = l.session_id
		WHERE l.live
		UNION `+session+`own_charges l
		LEFT JOIN sessions s ON s.id = l.session_id
		WHERE NOT l.live AND `+stands("l.note_id")+`
		UNION `+session+undoneNotes+` undone
		JOIN own_charges l ON l.note_id = undone.id
		LEFT JOIN sessions s ON s.id = l.session_id
		WHERE l.live
		ORDER BY 1 LIMIT 100`)
}

// paidAgain finds the sessions v that are paid although an earlier payment, of
// the same version or of one before, is undone without a reason.
func paidAgain(back string) string {
	return `
		SELECT v.source || '/' || v.external_id
		FROM lines undone
		JOIN sessions v ON v.id = undone.session_id
		JOIN sessions w ON w.source = v.source AND w.external_id = v.external_id AND w.version >= v.version
		JOIN lines new ON new.session_id = w.id AND new.live AND new.kind <> 'reversal' AND new.kind = 'credit'
		WHERE NOT undone.live AND undone.kind = 'credit' AND ` + stands("undone.note_id") +
		" AND NOT " + fmt.Sprintf(back, "v") + " AND NOT " + fmt.Sprintf(back, "w")
}

// BrokenCarryUses implements creditnotes.VerifyStore. carry_uses has one row for
// each part that a note brings along which stands, so no part is brought along
// by two.
func (b *books) BrokenCarryUses(ctx context.Context) ([]string, error) {
	const note = "SELECT coalesce(n.number, r.month || ' ' || n.recipient_key) FROM credit_notes n JOIN runs r ON r.id = n.run_id JOIN "
	return column[string](ctx, b.q, note+`positions p ON p.note_id = n.id
		WHERE p.carried_from IS NOT NULL AND `+stands("n.id")+` AND NOT EXISTS (SELECT 1 FROM carry_uses u
			WHERE u.carried_id = p.carried_from AND u.owner_id = p.owner_id AND u.note_id = p.note_id)
		UNION `+note+`carry_uses u ON u.note_id = n.id
		WHERE NOT `+stands("n.id")+` OR NOT EXISTS (SELECT 1 FROM positions p
			WHERE p.note_id = u.note_id AND p.carried_from = u.carried_id AND p.owner_id = u.owner_id)
		ORDER BY 1`)
}

// MissingPaths implements creditnotes.VerifyStore.
func (b *books) MissingPaths(ctx context.Context) ([]creditnotes.MissingPath, error) {
	and, args := b.recent("l.note_id IN (SELECT n.id FROM credit_notes n WHERE " + recentNotes + ")")
	return collect(ctx, b.q, func(p *creditnotes.MissingPath) []any { return []any{&p.Session, &p.Sessions} }, `
		SELECT coalesce(min(s.source || '/' || s.external_id), '–'), count(*)
		FROM (SELECT note_id, session_id, path_id FROM lines UNION ALL SELECT note_id, session_id, path_id FROM own_charges) l
		LEFT JOIN sessions s ON s.id = l.session_id
		WHERE l.path_id <> 0 AND NOT EXISTS (SELECT 1 FROM price_paths p WHERE p.id = l.path_id)`+and+`
		GROUP BY l.path_id ORDER BY 1 LIMIT 100`, args...)
}
