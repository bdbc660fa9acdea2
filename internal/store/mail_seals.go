package store

import (
	"context"
	"iter"

	"creditrun/creditnotes"
)

// Mailings implements creditnotes.VerifyStore.
func (b *books) Mailings(ctx context.Context) iter.Seq2[creditnotes.Mailing, error] {
	and, args := b.recent("(" + recentNotes + " AND n.id IS NOT NULL OR p.frozen_at >= $1 OR " + recentAdvices + " OR q.created_at >= $1)")
	own := mailings(ctx, b.q, "(n.number IS NOT NULL OR p.id IS NOT NULL OR po.id IS NOT NULL OR q.id IS NOT NULL)"+and, args...)
	and, args = b.recent(recentNotes)
	joint := readMailings(ctx, b.q, `SELECT n.number, d.message_id, d.recipients
		FROM credit_notes n JOIN deliveries d ON d.note_id = n.mailed_with AND d.copy = 0
		WHERE n.number IS NOT NULL`+and, args...)
	return func(yield func(creditnotes.Mailing, error) bool) {
		for _, list := range []iter.Seq2[creditnotes.Mailing, error]{own, joint} {
			for m, err := range list {
				if !yield(m, err) {
					return
				}
			}
		}
	}
}

// mailings reads the mails d of notes n and of reports p that fit a condition.
func mailings(ctx context.Context, q querier, where string, args ...any) iter.Seq2[creditnotes.Mailing, error] {
	return readMailings(ctx, q, "SELECT "+carriedNumber+", d.message_id, d.recipients FROM deliveries d "+carrier+" WHERE "+where, args...)
}

// readMailings reads mails by a query of their numbers, ids and addresses.
func readMailings(ctx context.Context, q querier, query string, args ...any) iter.Seq2[creditnotes.Mailing, error] {
	return func(yield func(creditnotes.Mailing, error) bool) {
		rows, err := q.QueryContext(ctx, query, utcArgs(args)...)
		if err != nil {
			yield(creditnotes.Mailing{}, translateError(err))
			return
		}
		defer rows.Close()
		for rows.Next() {
			var m creditnotes.Mailing
			var to jsonText
			err := translateError(rows.Scan(&m.Number, &m.MessageID, &to))
			if err == nil && to.read("recipients", &m.To) != nil {
				m.To = nil // not what was recorded
			}
			if !yield(m, err) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(creditnotes.Mailing{}, translateError(err))
		}
	}
}

// mailSeals seals the mails of notes that fit a condition, by the number of the
// note.
func mailSeals(ctx context.Context, q querier, where string, args ...any) (map[string]string, error) {
	seals := map[string]string{}
	for m, err := range mailings(ctx, q, where, args...) {
		if err != nil {
			return nil, err
		}
		seals[m.Number] = m.Seal()
	}
	return seals, nil
}
