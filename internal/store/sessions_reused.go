package store

import (
	"context"
	"time"

	"creditrun/internal/fault"
)

// SeparateSession decides that a record held as id_reused is a session of its
// own: it keeps its id with the suffix and is credited by the next run. One
// about which no one has to decide is a Conflict fault; the other faults are
// those of ReleaseSession.
func (s *Store) SeparateSession(ctx context.Context, who string, id int64, reason string) error {
	return one(s.SeparateSessions(ctx, who, []int64{id}, reason))
}

// TakeAsCorrection decides that a record held as id_reused is a correction of
// the session that has its id: it becomes the next version of that session.
// Faults are those of SeparateSession; a session that a credit CDR took back
// is not corrected any more, which is a Conflict fault, too.
func (s *Store) TakeAsCorrection(ctx context.Context, who string, id int64, reason string) error {
	return one(s.TakeAsCorrections(ctx, who, []int64{id}, reason))
}

// SeparateSessions is SeparateSession for many, in one transaction. It returns
// how many are decided now, and for each of the others why not.
func (s *Store) SeparateSessions(ctx context.Context, who string, ids []int64, reason string) (done int, refused map[int64]*fault.Fault, err error) {
	return s.decide(ctx, ids, func(tx *Tx, row *sessionRow) (*Entry, error) {
		if !row.IDReused {
			return nil, fault.New(fault.Conflict, "session_id_not_reused", fault.Args{"session": row.name()})
		}
		_, err := tx.exec("UPDATE sessions SET id_reused = false WHERE id = $1", row.ID)
		return &Entry{Who: who, Action: "session.separated", Subject: row.name(), Before: row.Source + "/" + row.ReusedID, After: reason}, err
	})
}

// TakeAsCorrections is TakeAsCorrection for many, in one transaction. It
// returns how many are decided now, and for each of the others why not.
func (s *Store) TakeAsCorrections(ctx context.Context, who string, ids []int64, reason string) (done int, refused map[int64]*fault.Fault, err error) {
	return s.decide(ctx, ids, func(tx *Tx, row *sessionRow) (*Entry, error) {
		if !row.IDReused {
			return nil, fault.New(fault.Conflict, "session_id_not_reused", fault.Args{"session": row.name()})
		}
		session, err := first[sessionRow](tx.db.Where("source = ? AND external_id = ? AND current", row.Source, row.ReusedID))
		if err != nil {
			return nil, err
		}
		if session == nil {
			return nil, fault.New(fault.Conflict, "session_superseded", fault.Args{"session": row.Source + "/" + row.ReusedID})
		}
		if session.Reversed {
			return nil, fault.New(fault.Conflict, "session_reversed", fault.Args{"session": session.name()})
		}
		return &Entry{Who: who, Action: "session.merged", Subject: session.name(), Before: row.name(), After: reason}, tx.correctBy(session, row)
	})
}

// correctBy makes a record that was kept beside a session its next version.
func (tx *Tx) correctBy(session, record *sessionRow) error {
	id, err := tx.takeIDs("session", 1)
	if err != nil {
		return err
	}
	now := utc(tx.now())
	next := *record
	next.ExternalID, next.ReusedID, next.IDReused, next.Released = session.ExternalID, session.ReusedID, session.IDReused, false
	if next.Reversed {
		next.reverse(session)
	}
	next.ID, next.Version, next.ReceivedAt, next.SameAs = id, session.Version+1, now, nil
	collected := map[sessionName]time.Time{}
	if session.CollectedAt != nil {
		next.CollectedAt, next.CollectionKnownAt = session.CollectedAt, session.CollectionKnownAt
	} else if next.CollectedAt != nil {
		collected[session.sessionName()] = *next.CollectedAt
	}
	if next.UpdatedAt == nil || older(*next.UpdatedAt, session.UpdatedAt) {
		next.UpdatedAt = session.UpdatedAt
	}
	if err := tx.supersede([]int64{session.ID, record.ID}, now); err != nil {
		return err
	}
	if err := tx.copySessions([]*sessionRow{&next}, &copyRows{}); err != nil {
		return err
	}
	return tx.collectSessions(collected, now)
}
