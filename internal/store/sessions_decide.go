package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"creditrun/internal/fault"
	"creditrun/internal/sessions"
)

// ReleaseSession lets a session be credited in spite of the reason for which
// it is held. The id is that of the current version. A session that a draft or
// a credit note pays already is a Conflict fault, an unknown one NotFound.
// Releasing it again changes nothing.
func (s *Store) ReleaseSession(ctx context.Context, who string, id int64, reason string) error {
	return one(s.ReleaseSessions(ctx, who, []int64{id}, reason))
}

// InvalidateSession declares a session invalid: it becomes a version of its
// own, so that what its source said is kept. When the source sends the same
// again, it stays invalid; when it sends other content, that is a new version
// again. Faults are those of ReleaseSession.
func (s *Store) InvalidateSession(ctx context.Context, who string, id int64, reason string) error {
	return one(s.InvalidateSessions(ctx, who, []int64{id}, reason))
}

// one is the error of a decision about one session.
func one(_ int, refused map[int64]*fault.Fault, err error) error {
	for _, f := range refused {
		return f
	}
	return err
}

// ReleaseSessions is ReleaseSession for many, in one transaction. It returns
// how many are released now, and for each of the others why not.
func (s *Store) ReleaseSessions(ctx context.Context, who string, ids []int64, reason string) (done int, refused map[int64]*fault.Fault, err error) {
	return s.decide(ctx, ids, func(tx *Tx, row *sessionRow) (*Entry, error) {
		if row.Released {
			return nil, nil
		}
		_, err := tx.exec("UPDATE sessions SET released = true WHERE id = $1", row.ID)
		return &Entry{Who: who, Action: "session.released", Subject: row.name(), Before: "held", After: reason}, err
	})
}

// InvalidateSessions is InvalidateSession for many, in one transaction. It
// returns how many are invalid now, and for each of the others why not.
func (s *Store) InvalidateSessions(ctx context.Context, who string, ids []int64, reason string) (done int, refused map[int64]*fault.Fault, err error) {
	return s.decide(ctx, ids, func(tx *Tx, row *sessionRow) (*Entry, error) {
		if row.Status == string(sessions.Invalid) && !row.Released {
			return nil, nil
		}
		newID, err := tx.takeIDs("session", 1)
		if err != nil {
			return nil, err
		}
		next := *row
		next.ID, next.Version, next.Status, next.Released = newID, row.Version+1, string(sessions.Invalid), false
		next.ReceivedAt = utc(tx.now())
		if err := tx.supersede([]int64{row.ID}, next.ReceivedAt); err != nil {
			return nil, err
		}
		if _, err := tx.copyFrom("sessions", columnsOf[sessionRow](), pgx.CopyFromRows([][]any{next.values(nil)})); err != nil {
			return nil, err
		}
		return &Entry{Who: who, Action: "session.invalidated", Subject: row.name(), Before: row.Status, After: reason}, nil
	})
}

// decide lets a person decide about sessions that are current and not
// credited; change tells what to write into the audit log, or nothing where
// nothing changed. An id that is given twice is decided about once.
func (s *Store) decide(ctx context.Context, ids []int64, change func(*Tx, *sessionRow) (*Entry, error)) (done int, refused map[int64]*fault.Fault, err error) {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	err = s.inTx(ctx, func(tx *Tx) error {
		done, refused = 0, map[int64]*fault.Fault{}
		if err := tx.lockSessions(); err != nil {
			return err
		}
		var entries []Entry
		for _, id := range ids {
			row, no, err := tx.undecided(id)
			if err != nil {
				return err
			}
			if no != nil {
				refused[id] = no
				continue
			}
			entry, err := change(tx, row)
			if err != nil {
				return err
			}
			if done++; entry != nil {
				entries = append(entries, *entry)
			}
		}
		return tx.audit(entries...)
	})
	if err != nil {
		return 0, nil, err
	}
	return done, refused, nil
}

// undecided reads a session about which a person may decide, or says why
// nobody may.
func (tx *Tx) undecided(id int64) (*sessionRow, *fault.Fault, error) {
	args := fault.Args{"session": id}
	rows, err := allRows[sessionRow](tx.ctx, tx.sql, "sessions", "WHERE id = $1", id)
	if err != nil {
		return nil, nil, err
	}
	if len(rows) == 0 {
		return nil, fault.New(fault.NotFound, "session_not_found", args), nil
	}
	row := &rows[0]
	args["session"] = row.name()
	if !row.Current {
		return nil, fault.New(fault.Conflict, "session_superseded", args), nil
	}
	if row.Reversed {
		return nil, fault.New(fault.Conflict, "session_reversed", args), nil
	}
	var settled int
	err = tx.scanRow("SELECT count(*) FROM lines WHERE session_id = $1 AND live AND kind <> 'reversal'", []any{id}, &settled)
	if err != nil {
		return nil, nil, fmt.Errorf("lines of session %d: %w", id, err)
	}
	if settled > 0 {
		return nil, fault.New(fault.Conflict, "session_credited", args), nil
	}
	return row, nil, nil
}

func (r *sessionRow) name() string { return r.Source + "/" + r.ExternalID }
