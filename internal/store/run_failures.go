package store

import (
	"context"
	"crypto/rand"
	"database/sql"
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
		rows, err := allRows[runRow](tx.ctx, tx.sql, "runs", "WHERE id = $1 AND stage NOT IN ('completed', 'discarded')", runID)
		if err != nil || len(rows) == 0 {
			return err
		}
		_, err = tx.exec("UPDATE runs SET failed_at = $1, failure = $2, failure_reference = $3 WHERE id = $4",
			failure.At, text, failure.Reference, runID)
		if err != nil {
			return fmt.Errorf("failure of run %s: %w", rows[0].Name, err)
		}
		if rows[0].FailedAt != nil && rows[0].Failure == text {
			return nil
		}
		run, err := rows[0].run()
		if err != nil {
			return err
		}
		tx.logFailure("run stopped", "run", run.Name, faults)
		return tx.tellFailure(run, failure)
	})
	return failure, err
}

// FailMonth implements creditnotes.RunStore. As with FailRun, webhooks are told
// once.
func (s *Store) FailMonth(ctx context.Context, month entities.Month, faults fault.List) (failure *creditnotes.Failure, err error) {
	err = s.inTx(ctx, func(tx *Tx) error {
		var text jsonText
		failure, text = tx.newFailure(faults)
		var before sql.NullString
		err := tx.scanRow("SELECT max(failure) FROM month_failures WHERE month = $1", []any{string(month)}, &before)
		if err != nil {
			return err
		}
		_, err = tx.exec(`INSERT INTO month_failures (month, failed_at, failure, failure_reference) VALUES ($1, $2, $3, $4)
			ON CONFLICT (month) DO UPDATE SET failed_at = $2, failure = $3, failure_reference = $4`,
			string(month), failure.At, text, failure.Reference)
		if err != nil {
			return fmt.Errorf("failure of %s: %w", month, err)
		}
		if before.Valid && before.String == string(text) {
			return nil
		}
		tx.logFailure("run could not begin", "month", string(month), faults)
		return tx.tellFailure(&creditnotes.Run{Month: month}, failure)
	})
	return failure, err
}

// MonthFailures implements creditnotes.RunStore.
func (s *Store) MonthFailures(ctx context.Context) ([]creditnotes.MonthFailure, error) {
	type row struct {
		month     entities.Month
		at        time.Time
		faults    jsonText
		reference string
	}
	rows, err := collect(ctx, s.readSQL, func(r *row) []any { return []any{&r.month, &r.at, &r.faults, &r.reference} },
		"SELECT month, failed_at, failure, failure_reference FROM month_failures ORDER BY month")
	if err != nil {
		return nil, err
	}
	list := make([]creditnotes.MonthFailure, len(rows))
	for i, r := range rows {
		f, err := failureOf(&r.at, r.faults, r.reference)
		if err != nil {
			return nil, err
		}
		list[i] = creditnotes.MonthFailure{Month: r.month, Failure: *f}
	}
	return list, nil
}
