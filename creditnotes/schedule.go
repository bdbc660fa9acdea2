package creditnotes

import (
	"context"
	"time"

	"creditrun/entities"
	"creditrun/internal/fault"
)

// MonthEnd is when the scheduled run fires: on the last day of the month at a
// local time, or a number of days after it (domain.md §9.2). It implements the
// schedule interface of robfig/cron, which has no word for the last day and
// skips jobs in the hour that a spring clock change leaves out.
type MonthEnd struct {
	Zone         *time.Location
	Hour, Minute int
	ReviewDays   int
}

// NewMonthEnd makes the schedule that the settings ask for.
func NewMonthEnd(s Settings, zone *time.Location) MonthEnd {
	hour, minute := s.RunClock()
	return MonthEnd{Zone: zone, Hour: hour, Minute: minute, ReviewDays: s.ReviewDays}
}

// Next returns the first firing after t.
func (m MonthEnd) Next(t time.Time) time.Time {
	month := entities.MonthOf(t, m.Zone).AddMonths(-2)
	for {
		if at := m.Of(month); at.After(t) {
			return at
		}
		month = month.Next()
	}
}

// Of returns the instant at which the run of a month fires. A local time that
// a clock change leaves out fires when the clock has moved on; one that comes
// twice fires the first time. time.Date promises neither.
func (m MonthEnd) Of(month entities.Month) time.Time {
	day := month.LastDay().AddDays(m.ReviewDays).In(time.UTC)
	local := time.Date(day.Year(), day.Month(), day.Day(), m.Hour, m.Minute, 0, 0, time.UTC)
	before, after := m.read(local, -24*time.Hour), m.read(local, 24*time.Hour)
	if !shows(before, local) && shows(after, local) {
		return after
	}
	return before
}

// read takes a local time for an instant by the offset that was or will be in
// force some time away from it.
func (m MonthEnd) read(local time.Time, away time.Duration) time.Time {
	_, offset := local.Add(away).In(m.Zone).Zone()
	return local.Add(-time.Duration(offset) * time.Second).In(m.Zone)
}

// shows reports whether the clocks show a local time at an instant.
func shows(at, local time.Time) bool {
	return at.Format(time.DateTime) == local.Format(time.DateTime)
}

// Due lists the months whose scheduled run should have fired by now and has
// not: those since the feature was turned on for which no run was drafted at
// or after the time of firing. The database knows, not the clock: a run missed
// while nothing was running is caught up. Nothing is due while the feature is
// off or the license right withdrawn.
func Due(config *Configuration, runs []Run, now time.Time) ([]entities.Month, error) {
	if !config.Settings.CreditRun || !config.Settings.Active || config.ActiveSince.IsZero() {
		return nil, nil
	}
	zone, err := zoneOf(config)
	if err != nil {
		return nil, err
	}
	schedule := NewMonthEnd(config.Settings, zone)
	var due []entities.Month
	for month := entities.MonthOf(config.ActiveSince, zone).AddMonths(-2); !schedule.Of(month).After(now); month = month.Next() {
		fires := schedule.Of(month)
		if fires.After(config.ActiveSince) && !covered(runs, month, fires) {
			due = append(due, month)
		}
	}
	return due, nil
}

// covered reports whether a month has had its run: a scheduled one that is done
// or waits for approval, or one that was started by hand after the time of
// firing. An unfinished run is due again, to be taken up.
func covered(runs []Run, month entities.Month, fires time.Time) bool {
	for _, run := range runs {
		if run.Month != month || run.Stage == StageDiscarded {
			continue
		}
		waiting := run.Stage == StageDrafting || run.Stage == StageReleased
		if !waiting && (run.Trigger == Schedule || !run.Cutoff.Before(fires)) {
			return true
		}
	}
	return false
}

// waits says for which process a scheduled run waits, and until when.
func (r *Runner) waits(run *Run) {
	if r.Log != nil && run != nil && run.Holder != nil {
		r.Log.Info("a run waits for another process", "run", run.Name, "held_by", run.Holder.Who, "until", run.Holder.Until)
	}
}

// RunDue carries out what is due. A month that another process works on is
// left to it. The first error is returned after all months were tried.
func (r *Runner) RunDue(ctx context.Context, who string) (done []*Run, failed error) {
	config, err := r.Store.Configuration(ctx)
	if err != nil {
		return nil, err
	}
	runs, err := r.Store.Runs(ctx)
	if err != nil {
		return nil, err
	}
	months, err := Due(config, runs, r.Now())
	if err != nil {
		return nil, err
	}
	for _, month := range months {
		run, err := r.beginDue(ctx, Request{Month: month, Trigger: Schedule, Who: who})
		switch {
		case fault.Is(err, fault.Conflict):
			r.waits(run)
		case err != nil && failed == nil:
			failed = err
		case err == nil:
			done = append(done, run)
		}
	}
	return done, failed
}
