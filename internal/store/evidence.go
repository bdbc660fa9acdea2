package store

import (
	"context"
	"fmt"

	"creditrun/creditnotes"
)

// recordEvidence writes the seals of the notes, files and runs that an older
// version issued into the audit log, once: never where the log has seals already, so
// that a later change is not recorded as if it were right.
func (s *Store) recordEvidence(ctx context.Context) error {
	const missing = `SELECT EXISTS (SELECT 1 FROM credit_notes WHERE number IS NOT NULL)
		AND NOT EXISTS (SELECT 1 FROM audit WHERE action = $1)`
	const unsettled = "SELECT EXISTS (SELECT 1 FROM runs r WHERE " + issuedRuns + ") AND NOT EXISTS (SELECT 1 FROM audit WHERE action = $1)"
	const without = `SELECT EXISTS (SELECT 1 FROM runs r WHERE r.stage IN ('issued', 'completed')
			AND EXISTS (SELECT 1 FROM lines l WHERE l.run_id = r.id AND l.note_id IS NULL))
		AND NOT EXISTS (SELECT 1 FROM audit WHERE action = $1)`
	return s.inTx(ctx, func(tx *Tx) error {
		var wanted bool
		if err := tx.scanRow(without, []any{creditnotes.ActionExcluded}, &wanted); err != nil {
			return err
		}
		if wanted {
			if err := tx.recordExcluded("migrate", issuedRuns); err != nil {
				return err
			}
		}
		if err := tx.scanRow(unsettled, []any{creditnotes.ActionSettled}, &wanted); err != nil {
			return err
		}
		if wanted {
			if err := tx.recordSettled("migrate", issuedRuns); err != nil {
				return err
			}
		}
		if err := tx.scanRow(missing, []any{creditnotes.ActionIssued}, &wanted); err != nil || !wanted {
			return err
		}
		entries, err := tx.evidence()
		if err != nil {
			return fmt.Errorf("record what was issued: %w", err)
		}
		return tx.audit(entries...)
	})
}

// evidence lists the audit entries of all notes and files as they are now.
func (tx *Tx) evidence() (entries []Entry, err error) {
	lines, err := noteLines(tx.ctx, tx.sql, nil, nil, "l.note_id IS NOT NULL")
	if err != nil {
		return nil, err
	}
	type note struct {
		id           int64
		number, seal string
	}
	notes, err := collect(tx.ctx, tx.sql, func(n *note) []any { return []any{&n.id, &n.number, &n.seal} },
		"SELECT id, number, hash FROM credit_notes WHERE number IS NOT NULL ORDER BY id")
	if err != nil {
		return nil, err
	}
	type file struct {
		note         int64
		kind, sha256 string
	}
	files, err := collect(tx.ctx, tx.sql, func(f *file) []any { return []any{&f.note, &f.kind, &f.sha256} },
		"SELECT note_id, kind, sha256 FROM files")
	if err != nil {
		return nil, err
	}
	stored := map[int64]map[creditnotes.FileKind]string{}
	for _, f := range files {
		if stored[f.note] == nil {
			stored[f.note] = map[creditnotes.FileKind]string{}
		}
		stored[f.note][creditnotes.FileKind(f.kind)] = f.sha256
	}
	const who = "migrate"
	for _, n := range notes {
		entries = append(entries, issuedEntry(who, n.number, n.seal, lines[n.id], ""))
		if kinds := stored[n.id]; kinds != nil {
			entries = append(entries, renderedEntry(who, n.number, kinds))
		}
	}
	return entries, nil
}
