package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
)

// ReleaseSession lets a session be credited in spite of the reason for which
// it is held. The id is that of the current version. A session that a draft or
// a credit note pays already is a Conflict fault, and so is one that is held as
// id_reused, for which a release does not say what the record is; an unknown
// one is NotFound. Releasing it again changes nothing.
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
		if row.IDReused {
			return nil, fault.New(fault.Conflict, "session_id_reused", fault.Args{"session": row.name(), "id": row.ReusedID})
		}
		if err := tx.curable(row); err != nil {
			return nil, err
		}
		_, err := tx.exec("UPDATE sessions SET released = true WHERE id = $1", row.ID)
		err = errors.Join(err, tx.touchSessions("VALUES ($1)", row.ID))
		return &Entry{Who: who, Action: "session.released", Subject: row.name(), Before: "held", After: reason}, err
	})
}

// curable is a Conflict fault where a session is held for a reason that a release
// does not cure: for which it would be held, as the open month says, else for
// which the latest run held it.
func (tx *Tx) curable(row *sessionRow) error {
	var reason string
	err := tx.scanRow(`SELECT coalesce(
		(SELECT h.reason FROM open_books b JOIN open_holds h ON h.note_id = -b.id AND h.session_id = $1 AND h.outcome = 'held' WHERE b.current),
		(SELECT '' FROM open_books b JOIN open_lines l ON l.note_id = -b.id AND l.session_id = $1 AND l.kind = 'credit' WHERE b.current),
		(SELECT h.reason FROM run_holds h WHERE h.session_id = $1 AND h.run_id = `+latestRun+"), '')", []any{row.ID}, &reason)
	if err != nil {
		return fmt.Errorf("reason of session %d: %w", row.ID, err)
	}
	if reason == "" || sessions.Reason(reason).Releasable() {
		return nil
	}
	return fault.New(fault.Conflict, "session_release_cures_nothing", fault.Args{"session": row.name()})
}

// InvalidateSessions is InvalidateSession for many, in one transaction. It
// returns how many are invalid now, and for each of the others why not. released,
// if given, are the sessions that a person saw as released: one that another
// person released since is not made invalid (Conflict fault record_changed).
func (s *Store) InvalidateSessions(
	ctx context.Context, who string, ids []int64, reason string, released ...[]int64,
) (done int, refused map[int64]*fault.Fault, err error) {
	return s.decide(ctx, ids, func(tx *Tx, row *sessionRow) (*Entry, error) {
		if err := tx.checkReleased(row, released); err != nil {
			return nil, err
		}
		if row.Status == string(sessions.Invalid) && !row.Released {
			return nil, nil
		}
		next := *row
		next.Status = string(sessions.Invalid)
		next.IDReused = row.IDReused && !row.Reversed // its reversal is worth nothing either way
		if err := tx.nextVersion(row, next); err != nil {
			return nil, err
		}
		return &Entry{Who: who, Action: "session.invalidated", Subject: row.name(), Before: row.Status, After: reason}, nil
	})
}

// checkReleased compares whether a session is released with what a person saw.
func (tx *Tx) checkReleased(row *sessionRow, seen [][]int64) error {
	if len(seen) == 0 || slices.Contains(seen[0], row.ID) == row.Released {
		return nil
	}
	return tx.changedMeanwhile(row.name(), AuditFilter{Action: "session.released", Subject: row.name()})
}

// nextVersion stores what a person makes of a session as its next version. What
// the source said is kept, and so is its fingerprint: when it sends the same
// again, that changes nothing.
func (tx *Tx) nextVersion(row *sessionRow, next sessionRow) (err error) {
	if next.ID, err = tx.takeIDs("session", 1); err != nil {
		return err
	}
	next.Version, next.Released, next.ReceivedAt, next.SameAs = row.Version+1, false, utc(tx.now()), nil
	if err := tx.supersede([]int64{row.ID}, next.ReceivedAt); err != nil {
		return err
	}
	return tx.copySessions([]*sessionRow{&next}, &copyRows{})
}

// CorrectSession corrects a session, credited or not, that its source got
// wrong: it becomes the next version, and the next run takes back what an
// earlier one was paid and pays this one, if it is valid (domain.md §3.4). The
// id is that of the current version. A session that its source took back is a
// Conflict fault, an unknown one NotFound, a change that changes nothing or
// makes no sense Invalid. released is as in InvalidateSessions.
func (s *Store) CorrectSession(
	ctx context.Context, who string, id int64, change creditnotes.SessionChange, reason string, released ...[]int64,
) error {
	return s.inTx(ctx, func(tx *Tx) error {
		if err := tx.lockSessions(); err != nil {
			return err
		}
		row, no, err := tx.present(id)
		if err != nil {
			return err
		}
		if no != nil {
			return no
		}
		if err := tx.checkReleased(row, released); err != nil {
			return err
		}
		next, no := row.corrected(change)
		if no != nil {
			return no
		}
		if err := tx.nextVersion(row, next); err != nil {
			return err
		}
		return tx.audit(Entry{
			Who: who, Action: "session.corrected", Subject: row.name(),
			Before: string(jsonOf(row.corrigible(""))), After: string(jsonOf(next.corrigible(reason))),
		})
	})
}

// corrected is the row with what a person corrects of it. The duration follows
// a corrected end; the meter values and signed meter data that a corrected
// energy contradicts stay with the earlier version.
func (r *sessionRow) corrected(change creditnotes.SessionChange) (sessionRow, *fault.Fault) {
	next, args := *r, fault.Args{"session": r.name()}
	if change.Invalid {
		next.Status = string(sessions.Invalid)
	}
	if end := utc(change.End); !change.End.IsZero() && !end.Equal(r.EndedAt) {
		if end.Before(r.StartedAt) {
			args["start"], args["end"] = r.StartedAt.UTC().Format(time.RFC3339), end.Format(time.RFC3339)
			return next, fault.New(fault.Invalid, "session_correction_times", args).At("end")
		}
		next.EndedAt, next.DurationS = end, sessions.DurationOf(r.StartedAt, end)
	}
	if change.Energy != nil && int64(*change.Energy) != r.Energy {
		next.Energy, next.MeterStart, next.MeterStop = int64(*change.Energy), nil, nil
		next.Signature, next.SignedEnergy = 0, nil
	}
	if next.Status == r.Status && next.EndedAt.Equal(r.EndedAt) && next.Energy == r.Energy {
		return next, fault.New(fault.Invalid, "session_correction_empty", args)
	}
	return next, nil
}

// corrigible is what the audit log keeps of a correction.
type corrigible struct {
	Status string `json:"status"`
	End    string `json:"end"`
	Energy string `json:"energy_kwh"`
	Reason string `json:"reason,omitempty"`
}

func (r *sessionRow) corrigible(reason string) corrigible {
	return corrigible{r.Status, r.EndedAt.UTC().Format(time.RFC3339Nano), money.Quantity(r.Energy).String(), reason}
}

// decide lets a person decide about sessions that are current and not
// credited; change returns what to write into the audit log, or nothing where
// nothing changed, or a Conflict fault where no one may decide so. An id that is
// given twice is decided about once.
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
			if errors.As(err, &no) && no.Kind == fault.Conflict {
				refused[id] = no
				continue
			}
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
// no one may.
func (tx *Tx) undecided(id int64) (*sessionRow, *fault.Fault, error) {
	row, no, err := tx.present(id)
	if err != nil || no != nil {
		return nil, no, err
	}
	var settled int
	err = tx.scanRow("SELECT count(*) FROM lines WHERE session_id = $1 AND live AND kind <> 'reversal'", []any{id}, &settled)
	if err != nil {
		return nil, nil, fmt.Errorf("lines of session %d: %w", id, err)
	}
	if settled > 0 {
		return nil, fault.New(fault.Conflict, "session_credited", fault.Args{"session": row.name()}), nil
	}
	return row, nil, nil
}

// present reads the current version of a session that its source did not take
// back, or says why there is none.
func (tx *Tx) present(id int64) (*sessionRow, *fault.Fault, error) {
	args := fault.Args{"session": id}
	row, err := first[sessionRow](tx.db.Where("id = ?", id))
	if err != nil {
		return nil, nil, err
	}
	if row == nil {
		return nil, fault.New(fault.NotFound, "session_not_found", args), nil
	}
	args["session"] = row.name()
	if !row.Current {
		return nil, fault.New(fault.Conflict, "session_superseded", args), nil
	}
	if row.Reversed && !row.IDReused {
		return nil, fault.New(fault.Conflict, "session_reversed", args), nil
	}
	return row, nil, nil
}

func (r *sessionRow) name() string { return r.Source + "/" + r.ExternalID }
