package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

// Progress is how far a run has come, as the database knows it: any process may
// ask, also while another one works on the run.
type Progress struct {
	Stage creditnotes.Stage
	// OwnersDone counts the owners drafted, the operator among them where it
	// owns stations; creditnotes.Plan.Owners is how many there are in all.
	OwnersDone    int
	SessionsDone  int64 // given their outcome
	NotesTotal    int   // drafted or issued; those without a document do not count
	NotesRendered int   // with their files stored
	Deliveries    map[creditnotes.DeliveryState]int
}

// RunProgress asks for the progress of a run. A run that is not there is a
// NotFound fault.
func (s *Store) RunProgress(ctx context.Context, runID int64) (*Progress, error) {
	p := &Progress{Deliveries: map[creditnotes.DeliveryState]int{}}
	err := s.snapshot(ctx, func(q view) error {
		err := q.QueryRowContext(ctx, "SELECT stage FROM runs WHERE id = $1", runID).Scan(&p.Stage)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.NotFound, "run_unknown", fault.Args{"run": runID})
		}
		if err != nil {
			return err
		}
		err = q.QueryRowContext(ctx, `SELECT count(CASE WHEN owner_id > 0 THEN 1 END), coalesce(sum(received_sessions), 0)
			FROM run_owners WHERE run_id = $1`, runID).Scan(&p.OwnersDone, &p.SessionsDone)
		if err != nil {
			return err
		}
		err = q.QueryRowContext(ctx, `SELECT count(*), count(CASE WHEN EXISTS (SELECT 1 FROM files f WHERE f.note_id = n.id) THEN 1 END)
			FROM credit_notes n WHERE n.run_id = $1 AND n.kind <> 'cancellation' AND n.state IN ('draft', 'issued')`, runID).
			Scan(&p.NotesTotal, &p.NotesRendered)
		if err != nil {
			return err
		}
		return p.countDeliveries(ctx, q, runID)
	})
	if err != nil {
		return nil, fmt.Errorf("progress of run %d: %w", runID, err)
	}
	return p, nil
}

func (p *Progress) countDeliveries(ctx context.Context, q querier, runID int64) error {
	type count struct {
		state creditnotes.DeliveryState
		n     int
	}
	rows, err := collect(ctx, q, func(c *count) []any { return []any{&c.state, &c.n} }, `
		SELECT state, sum(mails) FROM (
			SELECT d.state, count(*) AS mails FROM credit_notes n JOIN deliveries d ON d.note_id = n.id
			WHERE n.run_id = $1 AND n.kind <> 'cancellation' GROUP BY d.state
			UNION ALL
			SELECT d.state, count(*) FROM settlement_reports p JOIN deliveries d ON d.report_id = p.id
			WHERE p.run_id = $1 GROUP BY d.state) AS mailed GROUP BY state`, runID)
	for _, c := range rows {
		p.Deliveries[c.state] = c.n
	}
	return err
}
