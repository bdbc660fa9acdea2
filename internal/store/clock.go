package store

import (
	"context"
	"time"

	"creditrun/internal/fault"
)

// clockPause is how long no month is begun by the schedule after the clock has
// jumped, unless a person confirms it before.
const clockPause = time.Hour

// ClockJump is a jump of the clock of a process with a schedule.
type ClockJump struct {
	Host        string
	Was, Became time.Time // what the clock showed, and what it would have shown
	EndsAt      time.Time // when the schedule goes on by itself
}

// jumpRow is the one row of clock_jumps, whose id is 1.
type jumpRow struct {
	ID          int64      `gorm:"column:id"`
	Host        string     `gorm:"column:host"`
	Was         time.Time  `gorm:"column:was"`
	Became      time.Time  `gorm:"column:became"`
	EndsAt      time.Time  `gorm:"column:ends_at"`
	ConfirmedAt *time.Time `gorm:"column:confirmed_at"`
	ConfirmedBy string     `gorm:"column:confirmed_by"`
}

// TableName implements schema.Tabler.
func (jumpRow) TableName() string { return "clock_jumps" }

// ClockJumped keeps that the clock of this machine shows became where it should
// show was. The schedules of all processes pause.
func (s *Store) ClockJumped(ctx context.Context, was, became time.Time) error {
	return s.inTx(ctx, func(tx *Tx) error {
		return upsert(tx.db, jumpRow{ID: 1, Host: s.identity.Host, Was: was, Became: became, EndsAt: became.Add(clockPause)})
	})
}

// ClockPause returns the jump of the clock for which the schedule pauses, or nil.
func (s *Store) ClockPause(ctx context.Context) (*ClockJump, error) {
	r, err := first[jumpRow](s.db(ctx).Where("confirmed_at IS NULL"))
	if err != nil || r == nil {
		return nil, err
	}
	now := s.now()
	if !r.EndsAt.After(now) || r.EndsAt.After(now.Add(clockPause+leaseSlack)) { // over, or from before the clock was set back
		return nil, nil
	}
	return &ClockJump{r.Host, r.Was.UTC(), r.Became.UTC(), r.EndsAt.UTC()}, nil
}

// ConfirmClock ends the pause after a jump of the clock: a person has looked, and
// it is right. Without a pause it is a Conflict fault.
func (s *Store) ConfirmClock(ctx context.Context, who string) error {
	jump, err := s.ClockPause(ctx)
	if err != nil {
		return err
	}
	if jump == nil {
		return fault.New(fault.Conflict, "clock_not_paused", nil)
	}
	return s.inTx(ctx, func(tx *Tx) error {
		open := tx.db.Model(&jumpRow{}).Where("confirmed_at IS NULL")
		n, err := affected(open.Updates(set{"confirmed_at": tx.now(), "confirmed_by": who}))
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "clock_not_paused", nil)
		}
		return tx.audit(Entry{
			Who: who, Action: "clock.confirmed", Subject: jump.Host, Before: jump.Was.Format(time.RFC3339), After: jump.Became.Format(time.RFC3339),
		})
	})
}
