package store

import (
	"context"
	"errors"
	"time"

	"creditrun/creditnotes"
)

// endedMail is a mailing that ended without an attempt of its own.
type endedMail struct {
	number string
	state  creditnotes.DeliveryState
}

// logEnded logs mailings that ended as the mailer logs those that it tried.
func (s *Store) logEnded(ctx context.Context, list []endedMail) {
	for _, m := range list {
		s.log.WarnContext(ctx, "mail "+string(m.state), "number", m.number)
	}
}

// dropDoubts clears the doubts of mailings: what the server said meant all of
// them. They wait like all others.
func (tx *Tx) dropDoubts(where string, args ...any) error {
	_, err := tx.exec("UPDATE deliveries SET doubt = '', due_at = NULL WHERE doubt <> '' AND "+where, args...)
	return err
}

// settleDoubts refuses the mailings that a server refused which has taken
// another one now: it means them and not the sender. No doubt is older than the
// last pause (ResumeMail).
func (tx *Tx) settleDoubts(taken int64) ([]endedMail, error) {
	return tx.refuse("", true, "d.doubt <> '' AND d.id <> $1", taken)
}

// GiveUpMails ends the tries for the mails that wait and were queued before this
// time, where the pause began before it, too: no later try with any mail has
// succeeded. It does nothing where a mail tries the server now.
func (s *Store) GiveUpMails(ctx context.Context, before time.Time, said string) error {
	var list []endedMail
	err := s.durably(ctx, func(tx *Tx) (err error) {
		list, err = tx.refuse(said, false, `d.created_at <= $1 AND EXISTS (SELECT 1 FROM mail_pause
			WHERE since <= $1 AND (probing_until IS NULL OR probing_until <= $2)) AND `+sendable, utc(before), utc(tx.now()))
		return err
	})
	if err == nil {
		s.logEnded(ctx, list)
	}
	return err
}

// refuse ends mailings d for the recipients that wait, with what the server
// said; empty: what it said when it left the mailing in doubt. An attempt of
// them counts only where the server judged them.
func (tx *Tx) refuse(said string, judged bool, where string, args ...any) (ended []endedMail, err error) {
	type mailing struct {
		id                   int64
		state, doubt, number string
	}
	list, err := collect(tx.ctx, tx.sql, func(m *mailing) []any { return []any{&m.id, &m.state, &m.doubt, &m.number} },
		"SELECT d.id, d.state, d.doubt, "+carriedNumber+" FROM deliveries d "+carrier+" WHERE "+where+" ORDER BY d.id", args...)
	if err != nil {
		return nil, err
	}
	for _, m := range list {
		reply := said
		if reply == "" {
			reply = m.doubt
		}
		if _, err := tx.exec("UPDATE delivery_recipients SET state = 'refused', reply = $1 WHERE delivery_id = $2 AND state IN ('queued', 'deferred')",
			reply, m.id); err != nil {
			return nil, err
		}
		all, err := tx.saveRecipients(m.id, nil)
		if err != nil {
			return nil, err
		}
		a := creditnotes.Attempt{Reply: reply, Counts: judged, At: tx.now()}
		if err := errors.Join(tx.finishMailing(m.id, a, all), tx.tellEnded(m.id, creditnotes.DeliveryState(m.state), all)); err != nil {
			return nil, err
		}
		ended = append(ended, endedMail{m.number, creditnotes.StateOf(all)})
	}
	return ended, nil
}
