package creditnotes

import (
	"context"
	"time"

	"creditrun/entities"
	"creditrun/internal/fault"
)

// clocksDiffer is by how much the clocks of machines may differ before a time in
// the future means that a clock was ahead.
const clocksDiffer = 5 * time.Minute

// aheadOfClock finds the runs that were issued while the clock was ahead: they
// were begun, or their documents are dated, in what is still the future; or a
// later run was begun before them, and sessions of their month are open.
func (r *Runner) aheadOfClock(ctx context.Context, out *Readiness, zone *time.Location) error {
	runs, err := r.Store.Runs(ctx)
	if err != nil {
		return err
	}
	now := r.Now()
	today := entities.DateOf(now, zone)
	var earliest time.Time // cut-off of the runs that came later
	for _, run := range runs {
		ahead := run.Cutoff.After(now.Add(clocksDiffer)) || today.Before(run.DocumentDate)
		overtaken := !earliest.IsZero() && run.Cutoff.After(earliest.Add(clocksDiffer))
		if earliest.IsZero() || run.Cutoff.Before(earliest) {
			earliest = run.Cutoff
		}
		if run.Stage.Numberless() || run.Stage == StageDiscarded || !ahead && !overtaken {
			continue
		}
		count, err := r.Store.MonthCount(ctx, run.Month.Start(zone), run.Month.Next().Start(zone))
		if err != nil {
			return err
		}
		if ahead || count.Open > 0 {
			out.add(Warns, fault.New(fault.NotReady, "run_ahead_of_clock", fault.Args{
				"run": run.Name, "date": string(run.DocumentDate), "open": count.Open,
			}))
		}
	}
	return nil
}
