package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/numbering"
	"creditrun/tariffs"
)

// unrendered says that an issued note n has no files yet.
const unrendered = `n.state = 'issued' AND NOT EXISTS (SELECT 1 FROM files f WHERE f.note_id = n.id)`

// Note implements creditnotes.NoteStore.
func (s *Store) Note(ctx context.Context, id int64) (*creditnotes.Note, error) {
	return s.oneNote(ctx, "WHERE n.id = $1", id)
}

// NoteByNumber implements creditnotes.NoteStore.
func (s *Store) NoteByNumber(ctx context.Context, number string) (*creditnotes.Note, error) {
	return s.oneNote(ctx, "WHERE n.number = $1", number)
}

func (s *Store) oneNote(ctx context.Context, where string, arg any) (*creditnotes.Note, error) {
	notes, err := notesWhere(ctx, s.readSQL, where, arg)
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
			coalesce((SELECT d.state FROM deliveries d WHERE d.note_id = n.id ORDER BY d.copy DESC LIMIT 1), '')
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
	notes, err := notesWhere(ctx, s.readSQL, "WHERE n.id "+s.dialect.in("$1"), s.dialect.list(ids))
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

// Corrections implements creditnotes.NoteStore.
func (s *Store) Corrections(ctx context.Context, noteID int64) ([]creditnotes.Correction, error) {
	return collect(ctx, s.readSQL, func(c *creditnotes.Correction) []any { return []any{&c.NoteID, &c.State, &c.Number} }, `
		SELECT DISTINCT n.id, n.state, coalesce(n.number,
			(SELECT min(coalesce(b.number, r.name)) FROM carry_uses u JOIN credit_notes b ON b.id = u.note_id JOIN runs r ON r.id = b.run_id
				WHERE u.carried_id = n.id), '')
		FROM lines l
		JOIN lines back ON back.session_id = l.session_id AND back.kind = 'reversal' AND back.live
		JOIN credit_notes n ON n.id = back.note_id
		WHERE l.note_id = $1 AND l.kind = 'credit' AND n.id <> l.note_id
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
	return text, explain(err)
}

// Details implements creditnotes.NoteStore. A cancellation shows the sessions of
// the note it cancels with their signs turned.
func (s *Store) Details(ctx context.Context, n *creditnotes.Note) iter.Seq2[creditnotes.Detail, error] {
	return func(yield func(creditnotes.Detail, error) bool) {
		if err := s.details(ctx, n, func(d creditnotes.Detail) bool { return yield(d, nil) }); err != nil {
			yield(creditnotes.Detail{}, err)
		}
	}
}

func (s *Store) details(ctx context.Context, n *creditnotes.Note, yield func(creditnotes.Detail) bool) error {
	noteID, sign := n.ID, int64(1)
	if n.Kind == numbering.Cancellation {
		noteID, sign = n.Cancels, -1
	}
	corrected, err := s.correctedOn(ctx, noteID)
	if err != nil {
		return err
	}
	zone, err := time.LoadLocation(n.Document.TimeZone)
	if err != nil {
		return fmt.Errorf("credit note %s: %w", n.Number, err)
	}
	places, err := s.linePlaces(ctx, noteID)
	if err != nil {
		return fmt.Errorf("sessions of %s: %w", n.Number, err)
	}
	paths := map[int64]creditnotes.PathInfo{}
	for some := range slices.Chunk(places, s.detailsRead) {
		page, err := s.detailsAt(ctx, noteID, some, paths)
		if err != nil {
			return fmt.Errorf("sessions of %s: %w", n.Number, err)
		}
		for _, place := range some {
			d, ok := page[place]
			if !ok {
				return fmt.Errorf("sessions of %s: session %d is gone", n.Number, place.session)
			}
			turn(&d.Line, sign)
			d.Month = entities.MonthOf(d.Session.End, zone)
			d.Late = d.Month.Before(n.Document.Month)
			correction, corrects := corrected[sessionName{d.Session.Source, d.Session.ExternalID}]
			d.Line.Correction, d.CorrectionOf = d.Line.Correction || corrects, correction
			if !yield(d) {
				return nil
			}
		}
	}
	return nil
}

// detailsRead is how many sessions of a note are read at once as a rule. No
// reading stays open while they are yielded: whoever writes them to somebody who
// reads slowly holds no connection.
const detailsRead = 5000

// linePlace tells the lines of a note apart.
type linePlace struct {
	session int64
	kind    creditnotes.LineKind
}

// linePlaces are the lines of a note in the order in which they are printed.
func (s *Store) linePlaces(ctx context.Context, noteID int64) ([]linePlace, error) {
	return collect(ctx, s.readSQL, func(p *linePlace) []any { return []any{&p.session, &p.kind} }, `
		SELECT l.session_id, l.kind
		FROM lines l
		JOIN credit_note_owners o ON o.note_id = l.note_id AND o.owner_id = l.owner_id
		JOIN sessions s ON s.id = l.session_id
		WHERE l.note_id = $1
		ORDER BY o.place, s.started_at, `+s.dialect.bytewise("s.external_id")+`, s.version`, noteID)
}

// detailsAt reads some lines of a note; what price paths say is kept in paths.
func (s *Store) detailsAt(
	ctx context.Context, noteID int64, places []linePlace, paths map[int64]creditnotes.PathInfo,
) (map[linePlace]creditnotes.Detail, error) {
	ids := make([]int64, len(places))
	for i, p := range places {
		ids[i] = p.session
	}
	rows, err := s.readSQL.QueryContext(ctx, `
		SELECT s.id, s.source, s.external_id, s.version, s.medium_uid, s.class, s.partner, s.started_at, s.ended_at, s.duration_s, s.status,
			e.key, l.kind, l.correction, l.energy, l.net_energy, l.net_time, l.net_fee, l.tax, t.account, t.category, t.rate, p.id, p.content
		FROM lines l
		JOIN note_taxes t ON t.note_id = l.note_id AND t.ordinal = l.tax + 1
		JOIN entities e ON e.id = l.owner_id
		JOIN sessions s ON s.id = l.session_id
		JOIN price_paths p ON p.id = l.path_id
		WHERE l.note_id = $1 AND l.session_id `+s.dialect.in("$2"), noteID, s.dialect.list(ids))
	if err != nil {
		return nil, explain(err)
	}
	defer rows.Close()
	page := make(map[linePlace]creditnotes.Detail, len(places))
	for rows.Next() {
		var d creditnotes.Detail
		var content sql.RawBytes
		one, line := &d.Session, &d.Line
		if err := rows.Scan(&one.ID, &one.Source, &one.ExternalID, &one.Version, &one.MediumUID, &one.Class, &one.Partner,
			&one.Start, &one.End, &one.Duration, &one.Status, &d.Owner, &line.Kind, &line.Correction,
			&line.Energy, &line.NetEnergy, &line.NetTime, &line.NetFee, &line.Tax, &d.Tax.Account, &d.Tax.Category, &d.Tax.Rate, &line.PathID, &content); err != nil {
			return nil, explain(err)
		}
		info, ok := paths[line.PathID]
		if !ok {
			path, err := tariffs.ParsePath(content)
			if err != nil {
				return nil, err
			}
			info = creditnotes.PathInfoOf(path)
			paths[line.PathID] = info
		}
		d.Path = info
		page[linePlace{one.ID, line.Kind}] = d
	}
	return page, explain(rows.Err())
}

func turn(l *creditnotes.Line, sign int64) {
	l.Energy *= money.Quantity(sign)
	l.NetEnergy *= money.Micros(sign)
	l.NetTime *= money.Micros(sign)
	l.NetFee *= money.Micros(sign)
}
