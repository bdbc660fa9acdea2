package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"creditrun/internal/fault"
	"creditrun/internal/tasks"
)

// maxTasks is how many tasks are kept: the oldest make room for new ones.
const maxTasks = 200

// taskRow is a row of tasks.
type taskRow struct {
	ID         string     `gorm:"column:id"`
	Kind       string     `gorm:"column:kind"`
	Subject    string     `gorm:"column:subject"`
	Who        string     `gorm:"column:who"`
	Process    string     `gorm:"column:process"`
	Status     string     `gorm:"column:status"`
	BegunAt    time.Time  `gorm:"column:begun_at"`
	BeatAt     time.Time  `gorm:"column:beat_at"`
	EndedAt    *time.Time `gorm:"column:ended_at"`
	ExpiresAt  time.Time  `gorm:"column:expires_at"`
	Progress   int        `gorm:"column:progress"`
	ProgressOf int        `gorm:"column:progress_of"`
	Failure    jsonText   `gorm:"column:failure"`
	FailureRef string     `gorm:"column:failure_reference"`
	Result     []byte     `gorm:"column:result"`
}

// TableName implements schema.Tabler.
func (taskRow) TableName() string { return "tasks" }

func (s *Store) taskRow(r *tasks.Record) taskRow {
	row := taskRow{
		ID: r.ID, Kind: r.Kind, Subject: r.Subject, Who: r.Who, Process: s.process, Status: string(r.Status),
		BegunAt: utc(r.Begun), BeatAt: utc(r.Beat), ExpiresAt: utc(r.Expires), Progress: r.Progress.Done, ProgressOf: r.Progress.Of,
		Failure: faultsText(r.Failure), FailureRef: r.Reference, Result: r.Result,
	}
	if !r.Ended.IsZero() {
		ended := utc(r.Ended)
		row.EndedAt = &ended
	}
	return row
}

func (r taskRow) record() (*tasks.Record, error) {
	t := &tasks.Record{
		ID: r.ID, Kind: r.Kind, Subject: r.Subject, Who: r.Who, Status: tasks.Status(r.Status),
		Begun: r.BegunAt.UTC(), Beat: r.BeatAt.UTC(), Ended: orZero(r.EndedAt), Expires: r.ExpiresAt.UTC(),
		Progress: tasks.Count{Done: r.Progress, Of: r.ProgressOf}, Reference: r.FailureRef, Result: r.Result,
	}
	var err error
	if t.Failure, err = readFaults(r.Failure); err != nil {
		return nil, fmt.Errorf("task %s: %w", r.ID, err)
	}
	return t, nil
}

// faultsText is a list of faults as a column holds it.
func faultsText(faults fault.List) jsonText {
	rows := make([]faultRow, len(faults))
	for i, one := range faults {
		rows[i] = faultRow{one.Kind, one.Key, one.Args}
	}
	return jsonOf(rows)
}

// readFaults reads what faultsText wrote.
func readFaults(text jsonText) (list fault.List, err error) {
	var rows []faultRow
	if err := text.read("failure", &rows); err != nil {
		return nil, err
	}
	for _, row := range rows {
		list = append(list, fault.New(row.Kind, row.Key, row.Args))
	}
	return list, nil
}

// SaveTask implements tasks.Store. It removes what has expired, and makes this
// process known, so that others see whether it lives.
func (s *Store) SaveTask(ctx context.Context, r *tasks.Record) error {
	return s.inTx(ctx, func(tx *Tx) error {
		if err := s.register(tx); err != nil {
			return err
		}
		if err := upsert(tx.db, s.taskRow(r)); err != nil {
			return err
		}
		_, err := tx.exec(`DELETE FROM tasks WHERE expires_at < $1
			OR id IN (SELECT id FROM tasks ORDER BY begun_at DESC, id DESC LIMIT $2 OFFSET $3)`, tx.now(), maxTasks, maxTasks)
		return err
	})
}

// BeatTask implements tasks.Store.
func (s *Store) BeatTask(ctx context.Context, id string, at time.Time, progress tasks.Count) error {
	return s.inTx(ctx, func(tx *Tx) error {
		_, err := affected(tx.db.Model(&taskRow{}).Where("id = ? AND ended_at IS NULL", id).
			Updates(set{"beat_at": utc(at), "progress": progress.Done, "progress_of": progress.Of}))
		return err
	})
}

// TaskByID implements tasks.Store.
func (s *Store) TaskByID(ctx context.Context, kind, id string) (*tasks.Record, error) {
	return s.task(ctx, s.db(ctx).Where("kind = ? AND id = ?", kind, id))
}

// LatestTask implements tasks.Store.
func (s *Store) LatestTask(ctx context.Context, kind, who, subject string) (*tasks.Record, error) {
	query := s.db(ctx).Where("kind = ? AND subject = ?", kind, subject).Order("begun_at DESC, id DESC")
	if who != "" {
		query = query.Where("who = ?", who)
	}
	return s.task(ctx, query)
}

// task reads one task. One that is under way and whose process is gone was
// stopped.
func (s *Store) task(ctx context.Context, query *gorm.DB) (*tasks.Record, error) {
	row, err := first[taskRow](query.Where("expires_at >= ?", s.now()))
	if err != nil || row == nil {
		return nil, err
	}
	r, err := row.record()
	if err != nil || r.Status != tasks.UnderWay || row.Process == s.process {
		return r, err
	}
	p, err := peerByID(s.db(ctx), row.Process)
	if err != nil {
		return nil, err
	}
	now, err := s.databaseNow(s.db(ctx))
	if err != nil {
		return nil, err
	}
	if p == nil || p.gone(s.dialect) || p.silent(now) {
		r.Status, r.Ended = tasks.Stopped, r.Beat
	}
	return r, nil
}

// ForgetTask implements tasks.Store.
func (s *Store) ForgetTask(ctx context.Context, id string) error {
	return s.inTx(ctx, func(tx *Tx) error {
		_, err := affected(tx.db.Where("id = ?", id).Delete(&taskRow{}))
		return err
	})
}
