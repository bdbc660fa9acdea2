package store

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
)

// faultRow is a fault as it is kept of a failure.
type faultRow struct {
	Kind fault.Kind `json:"kind"`
	Key  string     `json:"key"`
	Args fault.Args `json:"args"`
}

// failureData is a failure in a payload.
type failureData struct {
	At        time.Time    `json:"at"`
	Reasons   []reasonData `json:"reasons"`
	Reference string       `json:"reference,omitempty"`
}

// reasonData is one reason of a failure.
type reasonData struct {
	Reason string     `json:"reason"`
	Args   fault.Args `json:"args"`
}

// newFailure is a failure now, with a reference for the log where there are no
// faults.
func (tx *Tx) newFailure(faults fault.List) (*creditnotes.Failure, jsonText) {
	f := &creditnotes.Failure{At: utc(tx.now()), Faults: faults}
	if len(faults) == 0 {
		f.Reference = rand.Text()[:8]
	}
	return f, faultsText(faults)
}

func (f *failureData) of(failure *creditnotes.Failure) *failureData {
	*f = failureData{At: failure.At, Reference: failure.Reference, Reasons: []reasonData{}}
	for _, one := range failure.Faults {
		f.Reasons = append(f.Reasons, reasonData{one.Key, one.Args})
	}
	return f
}

// failureOf reads a failure; nil when there is none.
func failureOf(at *time.Time, faults jsonText, reference string) (*creditnotes.Failure, error) {
	if at == nil {
		return nil, nil
	}
	list, err := readFaults(faults)
	return &creditnotes.Failure{At: at.UTC(), Faults: list, Reference: reference}, err
}

// FailRun implements creditnotes.RunStore. Webhooks are told once, however often
// the run fails for the same reason.
func (s *Store) FailRun(ctx context.Context, runID int64, faults fault.List) (failure *creditnotes.Failure, err error) {
	err = s.inTx(ctx, func(tx *Tx) error {
		var text jsonText
		failure, text = tx.newFailure(faults)
		row, err := first[runRow](tx.db.Where("id = ? AND stage NOT IN ('completed', 'discarded')", runID))
		if err != nil || row == nil {
			return err
		}
		values := set{"failed_at": failure.At, "failure": text, "failure_reference": failure.Reference}
		if err := inTable(tx.db.Model(&runRow{}).Where("id = ?", runID).Updates(values)); err != nil {
			return fmt.Errorf("failure of run %s: %w", row.Name, err)
		}
		if row.FailedAt != nil && row.Failure == text {
			return nil
		}
		run, err := row.run()
		if err != nil {
			return err
		}
		tx.logFailure("run stopped", "run", run.Name, faults)
		return tx.tellFailure(run, failure)
	})
	return failure, err
}

// monthFailureRow is a row of month_failures.
type monthFailureRow struct {
	Month     string    `gorm:"column:month;primaryKey"`
	FailedAt  time.Time `gorm:"column:failed_at"`
	Failure   jsonText  `gorm:"column:failure"`
	Reference string    `gorm:"column:failure_reference"`
}

// TableName implements schema.Tabler.
func (monthFailureRow) TableName() string { return "month_failures" }

// FailMonth implements creditnotes.RunStore. As with FailRun, webhooks are told
// once.
func (s *Store) FailMonth(ctx context.Context, month entities.Month, faults fault.List) (failure *creditnotes.Failure, err error) {
	err = s.inTx(ctx, func(tx *Tx) error {
		var text jsonText
		failure, text = tx.newFailure(faults)
		before, err := first[monthFailureRow](tx.db.Where("month = ?", string(month)))
		if err != nil {
			return err
		}
		if err := upsert(tx.db, monthFailureRow{string(month), failure.At, text, failure.Reference}); err != nil {
			return fmt.Errorf("failure of %s: %w", month, err)
		}
		if before != nil && before.Failure == text {
			return nil
		}
		tx.logFailure("run could not begin", "month", string(month), faults)
		return tx.tellFailure(&creditnotes.Run{Month: month}, failure)
	})
	return failure, err
}

// MonthFailures implements creditnotes.RunStore.
func (s *Store) MonthFailures(ctx context.Context) ([]creditnotes.MonthFailure, error) {
	rows, err := find[monthFailureRow](s.db(ctx).Order("month"))
	if err != nil {
		return nil, err
	}
	list := make([]creditnotes.MonthFailure, len(rows))
	for i, r := range rows {
		f, err := failureOf(&r.FailedAt, r.Failure, r.Reference)
		if err != nil {
			return nil, err
		}
		list[i] = creditnotes.MonthFailure{Month: entities.Month(r.Month), Failure: *f}
	}
	return list, nil
}
