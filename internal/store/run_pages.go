package store

import (
	"context"
	"database/sql"
	"errors"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

// RunSums adds up the documents of some runs, drafted or issued, by run and
// currency. What was cancelled since counts all the same: it is what the run
// did.
func (s *Store) RunSums(ctx context.Context, runIDs []int64) (map[int64][]creditnotes.NoteTotal, error) {
	type sum struct {
		run int64
		creditnotes.NoteTotal
	}
	rows, err := collect(ctx, s.readSQL, func(t *sum) []any {
		return []any{&t.run, &t.Currency, &t.Notes, &t.Net, &t.Tax, &t.Gross}
	}, `
		SELECT n.run_id, n.currency, count(*), CAST(sum(n.net) AS bigint), CAST(sum(n.tax) AS bigint), CAST(sum(n.gross) AS bigint)
		FROM credit_notes n
		WHERE n.run_id `+s.dialect.in("$1")+` AND n.kind = 'credit_note' AND n.state IN ('draft', 'issued')
		GROUP BY n.run_id, n.currency ORDER BY n.run_id, n.currency`, s.dialect.list(runIDs))
	sums := make(map[int64][]creditnotes.NoteTotal, len(runIDs))
	for _, row := range rows {
		sums[row.run] = append(sums[row.run], row.NoteTotal)
	}
	return sums, err
}

// RunHeld counts the sessions that a run held, by owner and reason.
func (s *Store) RunHeld(ctx context.Context, runID int64) ([]creditnotes.HeldGroup, error) {
	return collect(ctx, s.readSQL, func(g *creditnotes.HeldGroup) []any { return []any{&g.Owner, &g.Reason, &g.Sessions, &g.Energy} }, `
		SELECT coalesce(e.key, ''), h.reason, count(*), CAST(sum(CASE WHEN s.reversed THEN 0 ELSE s.energy END) AS bigint)
		FROM run_holds h
		JOIN sessions s ON s.id = h.session_id
		LEFT JOIN entities e ON e.id = h.owner_id
		WHERE h.run_id = $1 GROUP BY 1, 2 ORDER BY 1, 2`, runID)
}

// Undelivered is the latest mailing of a note that did not reach anybody, or of
// which nobody knows whether it did.
type Undelivered struct {
	creditnotes.Delivery
	Number    string // of the note
	Recipient string // key
}

// RunUndelivered lists what somebody has to send again, in the order of the
// numbers; limit is the most that are listed.
func (s *Store) RunUndelivered(ctx context.Context, runID int64, limit int) ([]Undelivered, error) {
	type row struct {
		Undelivered
		to jsonText
	}
	rows, err := collect(ctx, s.readSQL, func(r *row) []any {
		return []any{&r.ID, &r.NoteID, &r.Number, &r.Recipient, &r.State, &r.Copy, &r.Attempts, &r.Reply, &r.to}
	}, limited(`
		SELECT d.id, d.note_id, n.number, n.recipient_key, d.state, d.copy, d.attempts, d.reply, d.recipients
		FROM deliveries d JOIN credit_notes n ON n.id = d.note_id
		WHERE n.run_id = $1 AND n.kind = 'credit_note' AND d.state IN ('failed', 'parked')
			AND NOT EXISTS (SELECT 1 FROM deliveries later WHERE later.note_id = d.note_id AND later.copy > d.copy)
		ORDER BY n.number`, limit), runID)
	list := make([]Undelivered, len(rows))
	for i, r := range rows {
		list[i] = r.Undelivered
		err = errors.Join(err, r.to.read("recipients", &list[i].To))
	}
	return list, err
}

// RunIsTaken tells whether some process works on a run at the moment, or died
// so lately that it may not have. A run that is not there is a NotFound fault.
func (s *Store) RunIsTaken(ctx context.Context, name string) (taken bool, err error) {
	err = s.readSQL.QueryRowContext(ctx, "SELECT lease_until >= $2 FROM runs WHERE name = $1", name, utc(s.now())).Scan(&taken)
	if errors.Is(err, sql.ErrNoRows) {
		return false, fault.New(fault.NotFound, "run_unknown", fault.Args{"run": name})
	}
	return taken, explain(err)
}
