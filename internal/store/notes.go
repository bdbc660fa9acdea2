package store

import (
	"context"
	"database/sql"
	"errors"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
)

// unrendered says that an issued note n has no files yet.
const unrendered = `n.state = 'issued' AND NOT EXISTS (SELECT 1 FROM files f WHERE f.note_id = n.id)`

// Note implements creditnotes.NoteStore.
func (s *Store) Note(ctx context.Context, id int64) (*creditnotes.Note, error) {
	return s.oneNote(ctx, "n.id = $1", id)
}

// NoteByNumber implements creditnotes.NoteStore.
func (s *Store) NoteByNumber(ctx context.Context, number string) (*creditnotes.Note, error) {
	return s.oneNote(ctx, "n.number = $1", number)
}

func (s *Store) oneNote(ctx context.Context, where string, arg any) (*creditnotes.Note, error) {
	notes, err := notesWhere(s.db(ctx), where, arg)
	if err != nil {
		return nil, err
	}
	if len(notes) == 0 {
		return nil, fault.New(fault.NotFound, "note_unknown", fault.Args{"number": arg})
	}
	return notes[0], nil
}

// Notes implements creditnotes.NoteStore: the documents issued, whole, in the
// order in which they were; drafts only where the filter asks for the state.
func (s *Store) Notes(ctx context.Context, f creditnotes.NoteFilter) ([]creditnotes.NoteRow, error) {
	where, err := s.notesLike(ctx, &f)
	if err != nil {
		return nil, err
	}
	type extra struct {
		id                        int64
		run, cancelledBy, mailing string
	}
	extras, err := collect(ctx, s.readSQL, func(x *extra) []any { return []any{&x.id, &x.run, &x.cancelledBy, &x.mailing} }, `
		SELECT n.id, r.name, coalesce(c.number, ''),
			coalesce(`+latestMailing+`, '')
		FROM credit_notes n
		JOIN runs r ON r.id = n.run_id
		LEFT JOIN credit_notes c ON c.cancels = n.id
		`+where.String()+` ORDER BY n.issued_at, n.run_id, n.kind, n.ordinal, n.currency, n.id`, where.args...)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, len(extras))
	for i, x := range extras {
		ids[i] = x.id
	}
	notes, err := notesWhere(s.db(ctx), "n.id "+s.dialect.in("$1"), s.dialect.list(ids))
	if err != nil {
		return nil, err
	}
	byID := make(map[int64]*creditnotes.Note, len(notes))
	for _, note := range notes {
		byID[note.ID] = note
	}
	list := make([]creditnotes.NoteRow, 0, len(extras))
	for _, x := range extras {
		if note := byID[x.id]; note != nil {
			list = append(list, creditnotes.NoteRow{Note: *note, RunName: x.run, CancelledBy: x.cancelledBy, Delivery: creditnotes.DeliveryState(x.mailing)})
		}
	}
	return list, nil
}

// Unrendered implements creditnotes.NoteStore.
func (s *Store) Unrendered(ctx context.Context, runID int64) ([]creditnotes.UnrenderedNote, error) {
	return collect(ctx, s.readSQL, func(n *creditnotes.UnrenderedNote) []any { return []any{&n.ID, &n.Number} },
		"SELECT n.id, n.number FROM credit_notes n WHERE n.run_id = $1 AND "+unrendered+" ORDER BY n.number", runID)
}

// AllUnrendered lists the issued notes of all runs that have no files yet.
func (s *Store) AllUnrendered(ctx context.Context) ([]creditnotes.UnrenderedNote, error) {
	return collect(ctx, s.readSQL, func(n *creditnotes.UnrenderedNote) []any { return []any{&n.ID, &n.Number} },
		"SELECT n.id, n.number FROM credit_notes n WHERE "+unrendered+" ORDER BY n.number")
}

// takenBackOn are the ids of the notes that take back what a note $1 credits, or
// bills as own charging.
const takenBackOn = `SELECT back.note_id FROM lines l
	JOIN lines back ON back.session_id = l.session_id AND back.kind = 'reversal' AND back.live
	WHERE l.note_id = $1 AND l.kind = 'credit'
	UNION
	SELECT back.note_id FROM own_charges c
	JOIN own_charges back ON back.session_id = c.session_id AND back.kind = 'own_charging_reversal' AND back.live
	WHERE c.note_id = $1 AND c.kind = 'own_charging'`

// Corrections implements creditnotes.NoteStore.
func (s *Store) Corrections(ctx context.Context, noteID int64) ([]creditnotes.Correction, error) {
	return collect(ctx, s.readSQL, func(c *creditnotes.Correction) []any { return []any{&c.NoteID, &c.State, &c.Number} }, `
		SELECT DISTINCT n.id, n.state, coalesce(n.number,
			(SELECT min(coalesce(b.number, r.name)) FROM carry_uses u JOIN credit_notes b ON b.id = u.note_id JOIN runs r ON r.id = b.run_id
				WHERE u.carried_id = n.id), '')
		FROM credit_notes n
		WHERE n.id <> $1 AND n.id IN (`+takenBackOn+`)
		ORDER BY 1`, noteID)
}

// Dependents implements creditnotes.NoteStore.
func (s *Store) Dependents(ctx context.Context, noteID int64) ([]creditnotes.Correction, error) {
	return collect(ctx, s.readSQL, func(c *creditnotes.Correction) []any { return []any{&c.NoteID, &c.State, &c.Number} }, `
		SELECT n.id, n.state, coalesce(n.number, '')
		FROM credit_notes n
		WHERE n.id <> $1 AND n.id IN (
			`+takenBackOn+`
			UNION
			SELECT note_id FROM carry_uses WHERE carried_id = $1)
		ORDER BY 1`, noteID)
}

// MonthNets implements creditnotes.NoteStore.
func (s *Store) MonthNets(ctx context.Context, month entities.Month) ([]creditnotes.OwnerNet, error) {
	return s.netsByOwner(ctx, `JOIN runs r ON r.id = n.run_id
		WHERE r.month = $1 AND n.kind = 'credit_note' AND n.state = 'issued'
			AND NOT EXISTS (SELECT 1 FROM credit_notes c WHERE c.cancels = n.id)`, string(month))
}

// DraftNets implements creditnotes.NoteStore.
func (s *Store) DraftNets(ctx context.Context, runID int64) ([]creditnotes.OwnerNet, error) {
	return s.netsByOwner(ctx, "WHERE n.run_id = $1 AND n.kind = 'credit_note' AND n.state = 'draft'", runID)
}

// netsByOwner adds up the positions of the notes n that a condition lets
// through; ids are added up faster than keys.
func (s *Store) netsByOwner(ctx context.Context, which string, args ...any) ([]creditnotes.OwnerNet, error) {
	return collect(ctx, s.readSQL, func(n *creditnotes.OwnerNet) []any { return []any{&n.Owner, &n.Currency, &n.Net} }, `
		SELECT e.key, o.currency, o.net
		FROM (
			SELECT p.owner_id, n.currency, CAST(sum(p.net) AS bigint) AS net
			FROM positions p JOIN credit_notes n ON n.id = p.note_id `+which+`
			GROUP BY p.owner_id, n.currency
		) o
		JOIN entities e ON e.id = o.owner_id
		ORDER BY e.key, o.currency`, args...)
}

// CancelledBy implements creditnotes.NoteStore.
func (s *Store) CancelledBy(ctx context.Context, noteID int64) (string, error) {
	return s.text(ctx, "SELECT number FROM credit_notes WHERE cancels = $1 AND number IS NOT NULL", noteID)
}

// text reads one text, or "" where there is no row.
func (s *Store) text(ctx context.Context, query string, args ...any) (text string, err error) {
	err = s.readSQL.QueryRowContext(ctx, query, args...).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return text, translateError(err)
}
