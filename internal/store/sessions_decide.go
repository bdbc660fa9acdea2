package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"creditrun/internal/fault"
	"creditrun/internal/sessions"
)

// ReleaseSession lets a session be credited in spite of the reason for which
// it is held. The id is that of the current version. A session that a draft or
// a credit note pays already is a Conflict fault, an unknown one NotFound.
// Releasing it again changes nothing.
func (s *Store) ReleaseSession(ctx context.Context, who string, id int64, reason string) error {
	return s.decide(ctx, id, func(tx *Tx, row *sessionRow) error {
		if row.Released {
			return nil
		}
		if _, err := tx.exec("UPDATE sessions SET released = true WHERE id = $1", id); err != nil {
			return err
		}
		return tx.audit(Entry{Who: who, Action: "session.released", Subject: row.name(), Before: "held", After: reason})
	})
}

// InvalidateSession declares a session invalid: it becomes a version of its
// own, so that what its source said is kept. When the source sends the same
// again, it stays invalid; when it sends other content, that is a new version
// again. Faults are those of ReleaseSession.
func (s *Store) InvalidateSession(ctx context.Context, who string, id int64, reason string) error {
	return s.decide(ctx, id, func(tx *Tx, row *sessionRow) error {
		if row.Status == string(sessions.Invalid) && !row.Released {
			return nil
		}
		newID, err := tx.takeIDs("session", 1)
		if err != nil {
			return err
		}
		before := row.Status
		next := *row
		next.ID, next.Version, next.Status, next.Released = newID, row.Version+1, string(sessions.Invalid), false
		next.ReceivedAt = utc(tx.now())
		if err := tx.supersede([]int64{id}, next.ReceivedAt); err != nil {
			return err
		}
		if _, err := tx.copyFrom("sessions", columnsOf[sessionRow](), pgx.CopyFromRows([][]any{next.values(nil)})); err != nil {
			return err
		}
		return tx.audit(Entry{Who: who, Action: "session.invalidated", Subject: row.name(), Before: before, After: reason})
	})
}

// decide lets a person decide about a session that is current and not
// credited.
func (s *Store) decide(ctx context.Context, id int64, change func(tx *Tx, row *sessionRow) error) error {
	return s.inTx(ctx, func(tx *Tx) error {
		if err := tx.lockSessions(); err != nil {
			return err
		}
		args := fault.Args{"session": id}
		rows, err := allRows[sessionRow](tx.ctx, tx.sql, "sessions", "WHERE id = $1", id)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return fault.New(fault.NotFound, "session_not_found", args)
		}
		row := &rows[0]
		args["session"] = row.name()
		if !row.Current {
			return fault.New(fault.Conflict, "session_superseded", args)
		}
		if row.Reversed {
			return fault.New(fault.Conflict, "session_reversed", args)
		}
		var one int
		err = tx.scanRow("SELECT 1 FROM lines WHERE session_id = $1 AND live AND kind <> 'reversal'", []any{id}, &one)
		switch {
		case err == nil:
			return fault.New(fault.Conflict, "session_credited", args)
		case !errors.Is(err, sql.ErrNoRows):
			return fmt.Errorf("lines of session %d: %w", id, err)
		}
		return change(tx, row)
	})
}

func (r *sessionRow) name() string { return r.Source + "/" + r.ExternalID }
