package store

import (
	"context"
	"fmt"
	"time"

	"creditrun/internal/sessions"
)

// signedAtOnce is how many sessions are checked again in one transaction.
const signedAtOnce = 500

// CheckSignedAgain checks signed meter data once more, with the keys of today: of
// the current versions at some connectors (nil: at all) that end at or after an
// instant and that no note pays. It returns how many were checked, and how many of
// them have another verdict now. What a note paid keeps the verdict it had.
func (s *Store) CheckSignedAgain(ctx context.Context, who string, connectors []int64, since time.Time) (checked, changed int, err error) {
	after := int64(0)
	for more := true; more; {
		err := s.inTx(ctx, func(tx *Tx) error {
			rows, err := tx.signedSince(connectors, since, after)
			if more = len(rows) == signedAtOnce; err != nil || len(rows) == 0 {
				return err
			}
			n, err := tx.judgeSigned(rows)
			if err != nil {
				return err
			}
			after = rows[len(rows)-1].id
			checked, changed = checked+len(rows), changed+n
			if n == 0 {
				return nil
			}
			return tx.audit(Entry{Who: who, Action: "sessions.signatures_checked", Subject: since.UTC().Format(time.DateOnly), After: string(jsonOf(map[string]int{"changed": n}))})
		})
		if err != nil {
			return checked, changed, fmt.Errorf("signed data: %w", err)
		}
	}
	return checked, changed, nil
}

// signedSession is a session with its signed meter data.
type signedSession struct {
	id, connector, signature int64
	started                  time.Time
	energy                   *int64
	content                  jsonText
}

func (tx *Tx) signedSince(connectors []int64, since time.Time, after int64) ([]signedSession, error) {
	if err := tx.lockSessions(); err != nil {
		return nil, err
	}
	where, args := "", []any{utc(since), after}
	if connectors != nil {
		where = " AND s.connector_id " + tx.dialect.in("$3")
		args = append(args, tx.dialect.list(connectors))
	}
	fields := func(r *signedSession) []any {
		return []any{&r.id, &r.connector, &r.signature, &r.started, &r.energy, &r.content}
	}
	return collect(tx.ctx, tx.sql, fields, limited(`SELECT s.id, s.connector_id, s.signature, s.started_at, s.signed_energy, d.content
		FROM sessions s JOIN signed_data d ON d.session_id = s.id
		WHERE s.current AND s.ended_at >= $1 AND s.id > $2`+where+`
			AND (SELECT 1 FROM lines l WHERE l.session_id = s.id AND l.live AND l.kind <> 'reversal') IS NULL
		ORDER BY s.id`, signedAtOnce), args...)
}

// judgeSigned stores the verdicts that differ from those of before.
func (tx *Tx) judgeSigned(rows []signedSession) (changed int, err error) {
	keys, err := tx.loadMeterKeys()
	if err != nil {
		return 0, err
	}
	list := make([]checkedData, len(rows))
	for i := range rows {
		list[i] = checkedData{signed: &sessions.Signed{}, keys: keys.at(rows[i].connector, rows[i].started)}
		if err := rows[i].content.read("content", &list[i].signed.Values); err != nil {
			return 0, err
		}
	}
	checkAll(list)
	for i := range rows {
		var now sessionRow
		now.sign(list[i].signed)
		if now.Signature == rows[i].signature && equalOptional(now.SignedEnergy, rows[i].energy) {
			continue
		}
		changed++
		if _, err := tx.exec("UPDATE sessions SET signature = $2, signed_energy = $3 WHERE id = $1", rows[i].id, now.Signature, now.SignedEnergy); err != nil {
			return 0, err
		}
		if err := tx.touchSessions("VALUES ($1)", rows[i].id); err != nil {
			return 0, err
		}
	}
	return changed, nil
}
