package creditnotes

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// prove stops a run whose totals are not what the database says
// (domain.md §3.8): what has an outcome is what it received, and what its
// notes say is what its lines add up to.
func (r *Runner) prove(ctx context.Context, plan *Plan, run *Run) error {
	q := plan.query(run)
	var received Count
	var counting error
	var counted sync.WaitGroup
	counted.Go(func() { received, counting = r.Store.ReceivedBy(ctx, run, q) })
	lines, err := r.Store.LineSums(ctx, run.ID)
	counted.Wait()
	if err := errors.Join(counting, err); err != nil {
		return err
	}
	results, err := r.Store.OwnerResults(ctx, run.ID)
	if err != nil {
		return err
	}
	total := totalOf(results)
	if !total.Balanced() || total.Received != received {
		return fmt.Errorf("control sheet of run %s does not balance: %d sessions with %s kWh wait in the database, %d with %s kWh have an outcome",
			run.Name, received.Sessions, received.Energy, total.Received.Sessions, total.Received.Energy)
	}
	notes, err := r.Store.RunNotes(ctx, run.ID)
	if err != nil {
		return err
	}
	for _, note := range notes {
		if err := prove(note, lines[note.ID]); err != nil {
			return err
		}
	}
	run.SettledUntil = q.Until
	return nil
}

func totalOf(results []OwnerResult) Control {
	var total Control
	for _, result := range results {
		total = total.Plus(result.Control)
	}
	return total
}
