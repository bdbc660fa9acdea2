package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

// RunByName implements creditnotes.RunStore.
func (s *Store) RunByName(ctx context.Context, name string) (*creditnotes.Run, error) {
	row, err := s.runNamed(ctx, name)
	if err != nil {
		return nil, err
	}
	return row.run()
}

// runNamed reads the run of a name; an unknown one is a NotFound fault.
func (s *Store) runNamed(ctx context.Context, name string) (*runRow, error) {
	row, err := first[runRow](s.db(ctx).Where("name = ?", name))
	if err == nil && row == nil {
		err = fault.New(fault.NotFound, "run_unknown", fault.Args{"run": name})
	}
	return row, err
}

// Runs implements creditnotes.RunStore: all runs, the latest first.
func (s *Store) Runs(ctx context.Context) ([]creditnotes.Run, error) { return runsIn(s.db(ctx)) }

func runsIn(db *gorm.DB) ([]creditnotes.Run, error) {
	rows, err := find[runRow](db.Order("id DESC"))
	if err != nil {
		return nil, err
	}
	var list []creditnotes.Run
	for _, row := range rows {
		run, err := row.run()
		if err != nil {
			return nil, err
		}
		list = append(list, *run)
	}
	return list, nil
}

// MonthCount implements creditnotes.RunStore.
func (s *Store) MonthCount(ctx context.Context, from, until time.Time) (count creditnotes.MonthCount, err error) {
	err = s.readSQL.QueryRowContext(ctx, `
		SELECT count(*), count(CASE WHEN NOT (`+settled+`) THEN 1 END)
		FROM sessions s WHERE s.current AND s.ended_at >= $1 AND s.ended_at < $2`, utc(from), utc(until)).Scan(&count.Sessions, &count.Open)
	return count, translateError(err)
}

// OwnerResults implements creditnotes.RunStore.
func (s *Store) OwnerResults(ctx context.Context, runID int64) ([]creditnotes.OwnerResult, error) {
	keys, err := entityKeys(s.db(ctx))
	if err != nil {
		return nil, err
	}
	rows, err := find[runOwnerRow](s.db(ctx).Where("run_id = ?", runID).Order("owner_id"))
	if err != nil {
		return nil, err
	}
	var list []creditnotes.OwnerResult
	for _, row := range rows {
		result, err := row.result(keys)
		if err != nil {
			return nil, err
		}
		list = append(list, result)
	}
	return list, nil
}

// Holds implements creditnotes.RunStore.
func (s *Store) Holds(ctx context.Context, runID int64) ([]creditnotes.Hold, error) {
	return s.named(ctx, "run_holds", runID)
}

// Warnings implements creditnotes.RunStore.
func (s *Store) Warnings(ctx context.Context, runID int64) ([]creditnotes.Hold, error) {
	return s.named(ctx, "run_warnings", runID)
}

func (s *Store) named(ctx context.Context, table string, runID int64) ([]creditnotes.Hold, error) {
	return collect(ctx, s.readSQL, func(h *creditnotes.Hold) []any {
		return []any{&h.SessionID, &h.Session, &h.OwnerID, &h.Owner, &h.Reason, &h.Energy, &h.OtherID, &h.Other}
	}, `
		SELECT h.session_id, s.external_id, h.owner_id, coalesce(e.key, ''), h.reason, CASE WHEN s.reversed THEN 0 ELSE s.energy END,
			coalesce(h.other_id, 0), coalesce(o.external_id, '')
		FROM `+table+` h
		JOIN sessions s ON s.id = h.session_id
		LEFT JOIN sessions o ON o.id = h.other_id
		LEFT JOIN entities e ON e.id = h.owner_id
		WHERE h.run_id = $1 ORDER BY h.session_id`, runID)
}

// LastNotes implements creditnotes.ReviewStore.
func (s *Store) LastNotes(ctx context.Context, runID int64) ([]*creditnotes.Note, error) {
	return notesWhere(s.db(ctx), `n.id IN (
		SELECT n.id
		FROM (
			SELECT o.owner_id, (
				SELECT max(n.run_id) FROM credit_note_owners p JOIN credit_notes n ON n.id = p.note_id
				WHERE p.owner_id = o.owner_id AND n.run_id < $1 AND `+standingCreditNote+`) AS run_id
			FROM run_owners o WHERE o.run_id = $1
		) latest
		JOIN credit_note_owners p ON p.owner_id = latest.owner_id
		JOIN credit_notes n ON n.id = p.note_id AND n.run_id = latest.run_id AND `+standingCreditNote+`)`, runID)
}

// standingCreditNote holds for a credit note n that is issued and not cancelled.
const standingCreditNote = `n.kind = 'credit_note' AND n.state = 'issued' AND NOT EXISTS (SELECT 1 FROM credit_notes c WHERE c.cancels = n.id)`

// RunNotes implements creditnotes.RunStore.
func (s *Store) RunNotes(ctx context.Context, runID int64) ([]*creditnotes.Note, error) {
	return notesWhere(s.db(ctx), "n.run_id = $1 AND n.kind <> 'cancellation'", runID)
}
