package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"creditrun/creditnotes"
)

// pauseRow is the one row of mail_pause, whose id is 1.
type pauseRow struct {
	ID        int64      `gorm:"column:id"`
	Since     time.Time  `gorm:"column:since"`
	Reason    string     `gorm:"column:reason"`
	Said      string     `gorm:"column:said"`
	Probes    int        `gorm:"column:probes"`
	NextProbe time.Time  `gorm:"column:next_probe_at"`
	Probing   *time.Time `gorm:"column:probing_until"`
	Probed    int64      `gorm:"column:probed"` // the mailing of the last probe
}

// TableName implements schema.Tabler.
func (pauseRow) TableName() string { return "mail_pause" }

func (r *pauseRow) pause() *creditnotes.MailPause {
	return &creditnotes.MailPause{
		Since: r.Since.UTC(), Reason: r.Reason, Said: r.Said, Probes: r.Probes, NextProbe: r.NextProbe.UTC(), Probing: orZero(r.Probing).UTC(),
	}
}

// probeLasts is how long a mail that tries the server has for it: one whose
// process died does not keep the next one waiting for longer.
const probeLasts = 2 * time.Minute

// MailPause returns the pause of all mails, or nil.
func (s *Store) MailPause(ctx context.Context) (*creditnotes.MailPause, error) {
	return pauseOf(s.db(ctx))
}

func pauseOf(db *gorm.DB) (*creditnotes.MailPause, error) {
	row, err := first[pauseRow](db)
	if err != nil || row == nil {
		return nil, err
	}
	return row.pause(), nil
}

// PauseMail begins the pause of all mails, in all processes. While it lasts no
// mail is in doubt. One that there is stays; where a mail tried the server, its
// next try is put off further, unless that mail was an eager one before the
// time of that. It reports whether the pause began now.
func (s *Store) PauseMail(ctx context.Context, reason, said string, tried bool) (p *creditnotes.MailPause, began bool, err error) {
	err = s.inTx(ctx, func(tx *Tx) error {
		now := utc(tx.now())
		fresh := pauseRow{ID: 1, Since: now, Reason: reason, Said: said, NextProbe: now.Add(creditnotes.ProbePause(0))}
		n, err := affected(tx.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&fresh))
		if err != nil {
			return err
		}
		began = n > 0
		p, err = pauseOf(tx.db)
		switch {
		case err != nil || p == nil:
			return err
		case began:
			return errors.Join(tx.dropDoubts("TRUE"), tx.tellPause(MailPaused, p))
		case tried:
			p.Reason, p.Said, p.Probing = reason, said, time.Time{}
			if !p.NextProbe.After(now) {
				p.Probes++
				p.NextProbe = now.Add(creditnotes.ProbePause(p.Probes))
			}
			err = inTable(tx.db.Model(&pauseRow{ID: 1}).Updates(set{
				"reason": reason, "said": said, "probes": p.Probes, "next_probe_at": p.NextProbe, "probing_until": nil,
			}))
		}
		return err
	})
	return p, began, err
}

// ClaimProbe gives the caller the right to try the server with one mail, if the
// time has come and no other is at it, in whichever process; eager does not
// wait for the time. It returns which mailing that is, the next one after that
// of the last try; 0: none waits.
func (s *Store) ClaimProbe(ctx context.Context, eager bool) (id int64, ok bool, err error) {
	err = s.inTx(ctx, func(tx *Tx) error {
		id, ok = 0, false
		now := utc(tx.now())
		row := tx.sql.QueryRowContext(tx.ctx, `UPDATE mail_pause SET probing_until = $1,
				probed = coalesce((SELECT min(d.id) FROM deliveries d WHERE d.id > probed AND `+sendable+`),
					(SELECT min(d.id) FROM deliveries d WHERE `+sendable+`), 0)
			WHERE (next_probe_at <= $2 OR $3) AND (probing_until IS NULL OR probing_until <= $2) RETURNING probed`, now.Add(probeLasts), now, eager)
		err := row.Scan(&id)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		ok = err == nil
		return translateError(err)
	})
	return id, ok, err
}

// ResumeMail ends the pause of all mails and returns it; nil: there was none.
// The mails that waited for it are sent at once.
func (s *Store) ResumeMail(ctx context.Context) (p *creditnotes.MailPause, err error) {
	err = s.inTx(ctx, func(tx *Tx) error {
		var ended []pauseRow
		err := inTable(tx.db.Clauses(clause.Returning{}).Where("id = 1").Delete(&ended))
		if p = nil; err != nil || len(ended) == 0 {
			return err
		}
		p = ended[0].pause()
		// What was refused on another connection when the pause began, or ended, means all.
		if err := tx.dropDoubts("TRUE"); err != nil {
			return err
		}
		for _, kind := range []string{deliverJob{}.Kind(), noticeJob{}.Kind()} {
			if _, err := tx.exec(`UPDATE river_job SET state = 'available', scheduled_at = created_at
				WHERE kind = $1 AND state IN ('scheduled', 'retryable')`, kind); err != nil {
				return err
			}
		}
		return tx.tellPause(MailResumed, p)
	})
	return p, err
}

// pauseData is a pause in a payload.
type pauseData struct {
	Since   time.Time `json:"since"`
	Reason  string    `json:"reason"`
	Said    string    `json:"said"`
	Waiting int       `json:"waiting"`
}

// tellPause tells that the pause begins or ends.
func (tx *Tx) tellPause(event HookEvent, p *creditnotes.MailPause) error {
	return tx.tell(event, func() ([]any, error) {
		d := pauseData{Since: p.Since, Reason: p.Reason, Said: withoutAddresses(p.Said)}
		err := tx.scanRow("SELECT count(*) FROM deliveries d WHERE "+sendable, nil, &d.Waiting)
		return []any{d}, err
	})
}
