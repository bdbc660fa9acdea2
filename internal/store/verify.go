package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"iter"
	"time"

	"gorm.io/gorm"

	"creditrun/creditnotes"
	"creditrun/tariffs"
)

// books is one unchanging view of the database.
type books struct {
	reportReader
	db    *gorm.DB
	now   time.Time
	since time.Time // zero: all
}

// Since implements creditnotes.VerifyStore.
func (b *books) Since(t time.Time) creditnotes.VerifyStore {
	return &books{b.reportReader, b.db, b.now, utc(t)}
}

// recent adds a condition, in which $1 is the time since when, to a query that
// has no other argument; nothing where all is looked at.
func (b *books) recent(condition string) (and string, args []any) {
	if b.since.IsZero() {
		return "", nil
	}
	return " AND " + condition, []any{b.since}
}

// recentNotes are the notes n issued since $1, and those of runs begun since
// then that have no number.
const recentNotes = "(n.issued_at >= $1 OR n.issued_at IS NULL AND n.run_id IN (SELECT id FROM runs WHERE created_at >= $1))"

// recentAdvices are the payouts po whose remittance advices were frozen since $1.
const recentAdvices = "po.id IN (SELECT payout_id FROM remittance_advices WHERE frozen_at >= $1)"

// EarlierNotes implements creditnotes.VerifyStore.
func (b *books) EarlierNotes(ctx context.Context) ([]string, error) {
	if b.since.IsZero() {
		return nil, nil
	}
	return column[string](ctx, b.q, `SELECT number FROM credit_notes WHERE number IS NOT NULL AND issued_at < $1
		UNION ALL SELECT name FROM settlement_reports WHERE frozen_at < $1
		UNION ALL SELECT po.number FROM payouts po JOIN remittance_advices a ON a.payout_id = po.id WHERE a.frozen_at < $1
		UNION ALL SELECT number FROM reminders WHERE created_at < $1`, b.since)
}

// Forgotten implements creditnotes.VerifyStore. It looks at all sessions.
func (b *books) Forgotten(ctx context.Context) ([]string, error) {
	base, err := lastSettled(ctx, b.q, endOfTime)
	if err != nil || base == nil || !b.since.IsZero() {
		return nil, err
	}
	return column[string](ctx, b.q, `
		SELECT s.source || '/' || s.external_id
		FROM sessions s
		JOIN runs r ON r.id = $1
		LEFT JOIN lines l ON l.session_id = s.id AND l.live AND l.kind <> 'reversal'
		LEFT JOIN run_holds h ON h.run_id = r.id AND h.session_id = s.id
		LEFT JOIN (SELECT DISTINCT session_id FROM lines WHERE NOT live) undone ON undone.session_id = s.id
		WHERE s.id < r.settled_below AND s.received_at <= r.cutoff AND s.ended_at < r.settled_until
			AND (s.superseded_at IS NULL OR s.superseded_at > r.cutoff)
			AND l.session_id IS NULL AND h.session_id IS NULL AND undone.session_id IS NULL AND NOT (`+settledAlike+`)
		ORDER BY s.id LIMIT 100`, base.run)
}

// Books implements creditnotes.Books.
func (s *Store) Books(ctx context.Context, fn func(creditnotes.VerifyStore) error) error {
	return s.snapshot(ctx, func(v view) error {
		return fn(&books{reportReader: reportReader{v, s.dialect}, db: v.db, now: utc(s.now())})
	})
}

// Counters implements creditnotes.VerifyStore. Notes whose counter is missing
// appear as a counter that gave no number.
func (b *books) Counters(ctx context.Context) ([]creditnotes.CounterState, error) {
	return collect(ctx, b.q, func(c *creditnotes.CounterState) []any {
		return []any{&c.Counter.Range, &c.Counter.Scope, &c.Counter.Period, &c.First, &c.Next, &c.Notes, &c.Lowest, &c.Latest}
	}, `
		SELECT c.range_key, c.scope, c.period, c.first, c.next, count(n.id), coalesce(min(n.sequence), 0), coalesce(max(n.sequence), 0)
		FROM number_counters c
		LEFT JOIN (SELECT id, range_key, scope, period, sequence FROM credit_notes WHERE number IS NOT NULL
			UNION ALL SELECT -sequence, range_key, scope, period, sequence FROM lost_numbers) n
			ON n.range_key = c.range_key AND n.scope = c.scope AND n.period = c.period
		GROUP BY c.range_key, c.scope, c.period, c.first, c.next
		UNION ALL
		SELECT n.range_key, n.scope, n.period, 0, 0, count(*), min(n.sequence), max(n.sequence)
		FROM credit_notes n
		WHERE n.number IS NOT NULL AND NOT EXISTS (SELECT 1 FROM number_counters c
			WHERE c.range_key = n.range_key AND c.scope = n.scope AND c.period = n.period)
		GROUP BY n.range_key, n.scope, n.period
		ORDER BY 1, 2, 3`)
}

// IssuedNotes implements creditnotes.VerifyStore, a hundred at a time.
func (b *books) IssuedNotes(ctx context.Context) iter.Seq2[*creditnotes.Note, error] {
	return b.notesWith(ctx, "number IS NOT NULL")
}

// SilentNotes implements creditnotes.VerifyStore.
func (b *books) SilentNotes(ctx context.Context) iter.Seq2[*creditnotes.Note, error] {
	return b.notesWith(ctx, "state IN ('zero', 'carried')")
}

// BrokenCarries implements creditnotes.VerifyStore.
func (b *books) BrokenCarries(ctx context.Context) ([]string, error) {
	return column[string](ctx, b.q, `
		SELECT DISTINCT coalesce(n.number, r.month || ' ' || n.recipient_key)
		FROM (SELECT note_id, carried_from, owner_id, sum(net) AS net FROM positions
			WHERE carried_from IS NOT NULL GROUP BY note_id, carried_from, owner_id) brought
		JOIN credit_notes n ON n.id = brought.note_id
		JOIN runs r ON r.id = n.run_id
		WHERE brought.net <> (SELECT coalesce(sum(c.net), 0) FROM positions c
			WHERE c.note_id = brought.carried_from AND c.owner_id = brought.owner_id)
		ORDER BY 1`)
}

// notesWith reads notes a hundred at a time.
func (b *books) notesWith(ctx context.Context, condition string) iter.Seq2[*creditnotes.Note, error] {
	return func(yield func(*creditnotes.Note, error) bool) {
		and, args := b.recent(recentNotes)
		ids, err := column[int64](ctx, b.q,
			"SELECT n.id FROM credit_notes n WHERE n."+condition+and+" ORDER BY n.id", args...)
		for len(ids) > 0 && err == nil {
			n := min(100, len(ids))
			var notes []*creditnotes.Note
			notes, err = notesWhere(b.db.WithContext(ctx), "n.id "+b.dialect.in("$1"), b.dialect.list(ids[:n]))
			for _, note := range notes {
				if !yield(note, nil) {
					return
				}
			}
			ids = ids[n:]
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

// NoteLines implements creditnotes.VerifyStore.
func (b *books) NoteLines(ctx context.Context) (map[int64]creditnotes.NoteLines, error) {
	and, args := b.recent("l.note_id IN (SELECT n.id FROM credit_notes n WHERE " + recentNotes + ")")
	proofs, err := b.priceProofs(ctx)
	if err != nil {
		return nil, err
	}
	trees, err := b.storedTrees(ctx)
	if err != nil {
		return nil, err
	}
	lines, err := noteLines(ctx, b.q, proofs, trees.add, "l.note_id IS NOT NULL"+and, args...)
	for id, tree := range trees.trees {
		if one, ok := lines[id]; ok {
			one.Sessions, one.SessionsRoot = tree.Size(), tree.Root()
			lines[id] = one
		}
	}
	return lines, err
}

// StoredFiles implements creditnotes.VerifyStore.
func (b *books) StoredFiles(ctx context.Context) iter.Seq2[creditnotes.StoredFile, error] {
	and, args := b.recent(recentNotes)
	reports, _ := b.recent("p.frozen_at >= $1")
	advices, _ := b.recent(recentAdvices)
	return func(yield func(creditnotes.StoredFile, error) bool) {
		for _, query := range []string{
			`SELECT coalesce(n.number, ''), f.kind, f.name, f.sha256, f.content
				FROM files f JOIN credit_notes n ON n.id = f.note_id` + and + ` ORDER BY f.note_id, f.kind`,
			`SELECT p.name, f.kind, p.name || '.' || f.kind, f.sha256, f.content
				FROM settlement_report_files f JOIN settlement_reports p ON p.id = f.report_id` + reports + ` ORDER BY f.report_id, f.kind`,
			`SELECT po.number, f.kind, po.number || '.' || f.kind, f.sha256, f.content
				FROM remittance_files f JOIN payouts po ON po.id = f.payout_id` + advices + ` ORDER BY f.payout_id, f.kind`,
		} {
			for f, err := range storedFiles(ctx, b.q, query, args...) {
				if !yield(f, err) || err != nil {
					return
				}
			}
		}
	}
}

// storedFiles reads files with the SHA-256 of their content, one at a time.
func storedFiles(ctx context.Context, q querier, query string, args ...any) iter.Seq2[creditnotes.StoredFile, error] {
	return func(yield func(creditnotes.StoredFile, error) bool) {
		rows, err := q.QueryContext(ctx, query, utcArgs(args)...)
		if err != nil {
			yield(creditnotes.StoredFile{}, translateError(err))
			return
		}
		defer rows.Close()
		var content sql.RawBytes
		for rows.Next() {
			var f creditnotes.StoredFile
			if err := rows.Scan(&f.Number, &f.Kind, &f.Name, &f.SHA256, &content); err != nil {
				yield(f, translateError(err))
				return
			}
			sum := sha256.Sum256(content)
			f.Actual = hex.EncodeToString(sum[:])
			if !yield(f, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(creditnotes.StoredFile{}, translateError(err))
		}
	}
}

// rendersFor is how long after a note was issued its files may be on their way,
// as long as a job for them is under way or waits and has not failed yet.
const rendersFor = 2 * jobTimeout

// UnrenderedNotes implements creditnotes.VerifyStore.
func (b *books) UnrenderedNotes(ctx context.Context) (all, rendering []string, err error) {
	job := "(j.args #>> '{note}')::bigint"
	if b.dialect == sqliteDialect {
		job = "json_extract(j.args, '$.note')"
	}
	restored, err := column[time.Time](ctx, b.q, "SELECT restored_at FROM restores ORDER BY id DESC LIMIT 1")
	if err != nil {
		return nil, nil, err
	}
	type note struct {
		number string
		issued time.Time
		live   bool
	}
	notes, err := collect(ctx, b.q, func(n *note) []any { return []any{&n.number, &n.issued, &n.live} }, `
		SELECT n.number, n.issued_at, EXISTS (SELECT 1 FROM river_job j WHERE j.kind = '`+renderJob{}.Kind()+`'
			AND j.state IN ('available', 'pending', 'scheduled', 'running') AND j.errors IS NULL AND `+job+` = n.id)
		FROM credit_notes n WHERE `+unrendered+` ORDER BY n.number`)
	for _, n := range notes {
		all = append(all, n.number)
		queued := n.issued
		if len(restored) > 0 && restored[0].After(queued) { // a restore queues the jobs again
			queued = restored[0]
		}
		if n.live && b.now.Sub(queued) < rendersFor {
			rendering = append(rendering, n.number)
		}
	}
	return all, rendering, err
}

// ExcludedLines implements creditnotes.VerifyStore.
func (b *books) ExcludedLines(ctx context.Context) (map[string]string, error) {
	and, args := b.recent("r.created_at >= $1")
	return excludedLines(ctx, b.q, "r.stage IN ('issued', 'completed')"+and, args...)
}

// Runs implements creditnotes.VerifyStore.
func (b *books) Runs(ctx context.Context) ([]creditnotes.Run, error) {
	return runsIn(b.db.WithContext(ctx))
}

// BrokenPaths implements creditnotes.VerifyStore.
func (b *books) BrokenPaths(ctx context.Context) (checked, broken int, err error) {
	type row struct {
		id      int64
		content []byte
	}
	rows, err := collect(ctx, b.q, func(r *row) []any { return []any{&r.id, &r.content} }, "SELECT id, content FROM price_paths")
	for _, r := range rows {
		path, err := tariffs.ParsePath(r.content)
		if err != nil || path.ID != r.id {
			broken++
		}
	}
	return len(rows), broken, err
}

// RunFates implements creditnotes.VerifyStore.
func (b *books) RunFates(ctx context.Context) ([]creditnotes.RunFates, error) {
	and, args := b.recent("r.created_at >= $1")
	of := ""
	if and != "" {
		of = " WHERE run_id IN (SELECT id FROM runs WHERE created_at >= $1)"
	}
	return collect(ctx, b.q, func(r *creditnotes.RunFates) []any {
		return []any{&r.Run, &r.SheetPaid.Sessions, &r.SheetPaid.Energy, &r.SheetClosed.Sessions, &r.SheetClosed.Energy,
			&r.LinesPaid.Sessions, &r.LinesPaid.Energy, &r.LinesDone.Sessions, &r.LinesDone.Energy,
			&r.SheetHeld.Sessions, &r.SheetHeld.Energy, &r.Holds.Sessions, &r.Holds.Energy, &r.HeldGone}
	}, `
		SELECT r.name, coalesce(o.paid, 0), coalesce(o.paid_energy, 0), coalesce(o.closed, 0), coalesce(o.closed_energy, 0),
			coalesce(l.paid, 0), coalesce(l.paid_energy, 0), coalesce(l.closed, 0), coalesce(l.closed_energy, 0),
			coalesce(o.held, 0), coalesce(o.held_energy, 0), coalesce(h.held, 0), coalesce(h.energy, 0), coalesce(h.gone, 0)
		FROM runs r
		LEFT JOIN (SELECT run_id, sum(credited_sessions + zero_sessions) AS paid, sum(credited_energy + zero_energy) AS paid_energy,
			sum(excluded_sessions + withdrawn_sessions) AS closed, sum(excluded_energy + withdrawn_energy) AS closed_energy,
			sum(held_sessions) AS held, sum(held_energy) AS held_energy FROM run_owners GROUP BY run_id) o ON o.run_id = r.id
		LEFT JOIN (SELECT run_id, count(s.id) AS held, sum(CASE WHEN s.reversed THEN 0 ELSE s.energy END) AS energy, count(*) - count(s.id) AS gone
			FROM run_holds LEFT JOIN sessions s ON s.id = session_id`+of+` GROUP BY run_id) h ON h.run_id = r.id
		LEFT JOIN (SELECT run_id,
			sum(CASE WHEN kind = 'credit' THEN 1 ELSE 0 END) AS paid, sum(CASE WHEN kind = 'credit' THEN energy ELSE 0 END) AS paid_energy,
			sum(CASE WHEN kind = 'withdrawn' OR kind = 'excluded' AND NOT correction THEN 1 ELSE 0 END) AS closed,
			sum(CASE WHEN kind = 'withdrawn' OR kind = 'excluded' AND NOT correction THEN energy ELSE 0 END) AS closed_energy
			FROM lines`+of+` GROUP BY run_id) l ON l.run_id = r.id
		WHERE r.stage NOT IN ('drafting', 'discarded')`+and+`
		ORDER BY r.id`, args...)
}

// PaidTwice implements creditnotes.VerifyStore. A version that is paid and not
// taken back waits, and is no fault, while its owner fails: that a later one was
// paid to another owner in the meantime is right. The owner counts as failing by
// the latest run that could have taken it back.
func (b *books) PaidTwice(ctx context.Context) ([]string, error) {
	and, args := b.recent("v.superseded_at >= $1")
	const back = "EXISTS (SELECT 1 FROM lines r WHERE r.session_id = %s.id AND r.live AND r.kind = 'reversal')"
	return column[string](ctx, b.q, `
		SELECT DISTINCT v.source || '/' || v.external_id
		FROM sessions v
		JOIN lines old ON old.session_id = v.id AND old.live AND old.kind = 'credit'
		JOIN sessions w ON w.source = v.source AND w.external_id = v.external_id AND w.version > v.version
		JOIN lines new ON new.session_id = w.id AND new.live AND new.kind = 'credit'
		JOIN runs paid ON paid.id = new.run_id
		WHERE NOT v.current AND NOT `+fmt.Sprintf(back, "v")+" AND NOT "+fmt.Sprintf(back, "w")+and+`
			AND NOT EXISTS (SELECT 1 FROM run_owners o WHERE o.owner_id = old.owner_id AND o.failed_key <> '' AND o.run_id =
				(SELECT max(r.id) FROM runs r WHERE r.stage NOT IN ('drafting', 'discarded') AND r.month >= paid.month))
		UNION`+paidAgain(back)+`
		ORDER BY 1`, args...)
}

// UnequalLines implements creditnotes.VerifyStore.
func (b *books) UnequalLines(ctx context.Context) ([]string, error) {
	and, args := b.recent("l.note_id IN (SELECT n.id FROM credit_notes n WHERE " + recentNotes + ")")
	return column[string](ctx, b.q, fmt.Sprintf(`
		SELECT coalesce(s.source || '/' || s.external_id, 'line of session ' || l.session_id)
		FROM lines l
		LEFT JOIN sessions s ON s.id = l.session_id
		WHERE l.live AND (s.id IS NULL OR l.energy <> (CASE WHEN l.kind = 'reversal' THEN -1 ELSE 1 END) * %s)%s
		ORDER BY 1 LIMIT 100`, "(CASE WHEN s.reversed THEN 0 ELSE s.energy END)", and), args...)
}
