package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"maps"
	"slices"

	"creditrun/creditnotes"
)

// RunEvidence implements creditnotes.VerifyStore.
func (b *books) RunEvidence(ctx context.Context) (map[string]creditnotes.RunEvidence, error) {
	and, args := b.recent("r.created_at >= $1")
	return runEvidence(ctx, b.q, issuedRuns+and, args...)
}

// issuedRuns is the condition that a run r is issued.
const issuedRuns = "r.stage IN ('issued', 'completed')"

// runEvidence reads what the runs r that fit a condition settled, by the name
// of the run.
func runEvidence(ctx context.Context, q querier, where string, args ...any) (map[string]creditnotes.RunEvidence, error) {
	type run struct {
		name string
		creditnotes.RunEvidence
	}
	runs, err := collect(ctx, q, func(r *run) []any { return []any{&r.name, &r.Month, &r.Date} },
		"SELECT r.name, r.month, r.document_date FROM runs r WHERE "+where, args...)
	if err != nil || len(runs) == 0 {
		return nil, err
	}
	notes, err := noteSeals(ctx, q, where, args...)
	if err != nil {
		return nil, err
	}
	held, err := holdSeals(ctx, q, where, args...)
	found := make(map[string]creditnotes.RunEvidence, len(runs))
	for _, r := range runs {
		r.Notes, r.Held = notes[r.name], held[r.name]
		found[r.name] = r.RunEvidence
	}
	return found, err
}

// noteSeals seals which notes the runs have and in which order, and what those
// without a document say, which have no seal of their own. Cancellations come
// later and are left out.
func noteSeals(ctx context.Context, q querier, where string, args ...any) (map[string]string, error) {
	const silent = "n.state IN ('zero', 'carried')"
	return sealsOf(ctx, q, `
		SELECT r.name, n.ordinal, n.id, CASE WHEN `+silent+` THEN n.net ELSE 0 END, CASE WHEN `+silent+` THEN n.gross ELSE 0 END,
			CASE WHEN `+silent+` THEN n.state || ' ' || n.recipient_key || ' ' || n.currency ELSE '' END
		FROM credit_notes n JOIN runs r ON r.id = n.run_id
		WHERE n.kind <> 'cancellation' AND `+where+` ORDER BY r.id, n.ordinal, n.id`, args...)
}

// holdSeals seals which sessions the runs held, and why.
func holdSeals(ctx context.Context, q querier, where string, args ...any) (map[string]string, error) {
	return sealsOf(ctx, q, `
		SELECT r.name, h.session_id, h.owner_id, coalesce(h.other_id, 0), 0, h.reason
		FROM run_holds h JOIN runs r ON r.id = h.run_id
		WHERE `+where+` ORDER BY r.id, h.session_id`, args...)
}

// sealsOf hashes the rows of each run, which come as the name of the run, four
// numbers and a text. It streams; a run without rows has no seal.
func sealsOf(ctx context.Context, q querier, query string, args ...any) (map[string]string, error) {
	rows, err := q.QueryContext(ctx, query, utcArgs(args)...)
	if err != nil {
		return nil, translateError(err)
	}
	defer rows.Close()
	sums := map[string]hash.Hash{}
	for rows.Next() {
		var run, text string
		var a, b, c, d int64
		if err := rows.Scan(&run, &a, &b, &c, &d, &text); err != nil {
			return nil, translateError(err)
		}
		if sums[run] == nil {
			sums[run] = sha256.New()
		}
		fmt.Fprintf(sums[run], "%d %d %d %d %q\n", a, b, c, d, text)
	}
	seals := make(map[string]string, len(sums))
	for run, sum := range sums {
		seals[run] = hex.EncodeToString(sum.Sum(nil))
	}
	return seals, translateError(rows.Err())
}

// recordSettled records what runs settled.
func (tx *Tx) recordSettled(who string, where string, args ...any) error {
	found, err := runEvidence(tx.ctx, tx.sql, where, args...)
	if err != nil {
		return err
	}
	var entries []Entry
	for _, run := range slices.Sorted(maps.Keys(found)) {
		entries = append(entries, Entry{Who: who, Action: creditnotes.ActionSettled, Subject: run, After: string(jsonOf(found[run]))})
	}
	return tx.audit(entries...)
}

// StrayCancellations implements creditnotes.VerifyStore.
func (b *books) StrayCancellations(ctx context.Context) ([]string, error) {
	return column[string](ctx, b.q, `
		SELECT coalesce(c.number, '') FROM credit_notes c JOIN credit_notes n ON n.id = c.cancels
		WHERE c.run_id <> n.run_id OR c.ordinal <> n.ordinal
		ORDER BY 1 LIMIT 100`)
}
