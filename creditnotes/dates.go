package creditnotes

import (
	"context"
	"time"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/numbering"
)

// MonthCount counts the sessions that end in a month, and those of them that no
// run has settled.
type MonthCount struct {
	Sessions int64
	Open     int64
}

// LastDocument is the issued document with the latest date in a number range;
// the zero value when the range has none.
type LastDocument struct {
	Number string
	Date   entities.Date
}

// today is the day in the operator's zone. Without a valid zone it is the day
// in UTC: the plan of the run reports the zone then.
func (r *Runner) today(config *Configuration) entities.Date {
	zone, err := zoneOf(config)
	if err != nil {
		zone = time.UTC
	}
	return entities.DateOf(r.Now(), zone)
}

// checkDates refuses a month that has not begun, and a given document date that
// lies in the future or before the last day of the month (domain.md §9.2).
func checkDates(q Request, today entities.Date) *fault.Fault {
	last := q.Month.LastDay()
	switch {
	case today.Before(q.Month.FirstDay()):
		return fault.New(fault.Conflict, "run_month_not_begun", fault.Args{"month": string(q.Month), "begins": string(q.Month.FirstDay())}).At("month")
	case q.DocumentDate.IsZero():
		return nil
	case today.Before(q.DocumentDate):
		return fault.New(fault.Invalid, "run_date_in_future", fault.Args{"date": string(q.DocumentDate), "today": string(today)}).At("date")
	case q.DocumentDate.Before(last):
		return fault.New(fault.Invalid, "run_date_before_month_end", fault.Args{
			"date": string(q.DocumentDate), "month": string(q.Month), "last": string(last),
		})
	}
	return nil
}

// Questions returns what a person has to confirm before a run begins
// (domain.md §9.2): that the month is not over yet, with the consequence in
// figures, and that the given date lies before a document that the number range
// has numbered already. Each is a fault of the kind Unconfirmed. A run that is
// taken up again was confirmed when it began, and the schedule is not asked.
func (r *Runner) Questions(ctx context.Context, q Request) (list fault.List, err error) {
	config, err := r.Store.Configuration(ctx)
	if err != nil {
		return nil, err
	}
	return r.questions(ctx, q, config)
}

func (r *Runner) questions(ctx context.Context, q Request, config *Configuration) (list fault.List, err error) {
	if q.Trigger == Schedule {
		return nil, nil
	}
	begun, err := r.hasBegun(ctx, q.Month)
	if begun || err != nil {
		return nil, err
	}
	for _, ask := range []func(context.Context, Request, *Configuration) (*fault.Fault, error){r.monthIsRunning, r.documentIsLater} {
		f, err := ask(ctx, q, config)
		if err != nil {
			return nil, err
		}
		if f != nil {
			list = append(list, f)
		}
	}
	return list, nil
}

// hasBegun reports whether the month has an unfinished run, which is taken up
// instead of a new one.
func (r *Runner) hasBegun(ctx context.Context, month entities.Month) (bool, error) {
	runs, err := r.Store.Runs(ctx)
	for _, run := range runs {
		if run.Month == month && !run.Stage.Done() {
			return true, err
		}
	}
	return false, err
}

// monthIsRunning asks before the last day of the running month. The sessions
// that end on the days that are left are estimated by those that ended so far.
func (r *Runner) monthIsRunning(ctx context.Context, q Request, config *Configuration) (*fault.Fault, error) {
	today := r.today(config)
	if !today.Before(q.Month.LastDay()) {
		return nil, nil
	}
	zone, err := zoneOf(config)
	if err != nil {
		return nil, err
	}
	count, err := r.Store.MonthCount(ctx, q.Month.Start(zone), q.Month.End(zone))
	if err != nil {
		return nil, err
	}
	left, passed := int64(today.DaysUntil(q.Month.LastDay())), int64(q.Month.FirstDay().DaysUntil(today)+1)
	return fault.New(fault.Unconfirmed, "run_month_running", fault.Args{
		"month": string(q.Month), "last": string(q.Month.LastDay()), "days": left,
		"open": count.Open, "expected": (count.Sessions*left + passed/2) / passed,
	}), nil
}

// documentIsLater asks when the given date lies before the range's last
// document: numbers and dates would not rise together.
func (r *Runner) documentIsLater(ctx context.Context, q Request, config *Configuration) (*fault.Fault, error) {
	if q.DocumentDate.IsZero() {
		return nil, nil
	}
	last, err := r.Store.LastDocument(ctx, config.Settings.NumberRange)
	if err != nil || !q.DocumentDate.Before(last.Date) {
		return nil, err
	}
	return fault.New(fault.Unconfirmed, "run_date_before_last_document", fault.Args{
		"date": string(q.DocumentDate), "range": config.Settings.NumberRange, "number": last.Number, "last": string(last.Date),
	}), nil
}

// dateOfIssue is the date under which a released run is issued: the given one,
// else today (domain.md §9.2), and never a day in the future. The schedule gives
// the last day of the month; where the number range has a later document by
// then, the run is dated today, since the schedule cannot be asked.
func (r *Runner) dateOfIssue(ctx context.Context, run *Run, config *Configuration) (entities.Date, error) {
	today := r.today(config)
	if !run.DateGiven || today.Before(run.DocumentDate) {
		return today, nil
	}
	if run.Trigger == Schedule {
		last, err := r.Store.LastDocument(ctx, run.Settings.NumberRange)
		if err != nil || run.DocumentDate.Before(last.Date) {
			return today, err
		}
	}
	return run.DocumentDate, nil
}

// mayRelease refuses to release a draft that would be issued on another day
// than it was drafted for, when an agreement that is required does not cover
// that day.
func (r *Runner) mayRelease(ctx context.Context, run *Run, config *Configuration) error {
	date, err := r.dateOfIssue(ctx, run, config)
	if err != nil || date == run.DocumentDate || !run.Settings.RequireAgreement {
		return err
	}
	notes, err := r.Store.RunNotes(ctx, run.ID)
	if err != nil {
		return err
	}
	var list fault.List
	for _, note := range notes {
		if note.State == Draft && note.Kind == numbering.CreditNote && config.agreementOn(note.Recipient, date) == nil {
			list = append(list, fault.New(fault.NotReady, "run_release_agreement", fault.Args{
				"run": run.Name, "recipient": note.Recipient, "date": string(date),
			}))
		}
	}
	return list.Err()
}

// redate gives the drafts of a run the date under which they are issued, with
// everything that follows from it: the day on which payment is due and the
// agreement of that day. The number is taken by it, too. The taxes follow the
// time of supply and stay as they are.
func (n *Note) redate(date entities.Date, config *Configuration) {
	n.Date = date
	n.Document.DueDate = date.AddDays(n.Document.NetDays)
	n.Document.Agreement = ""
	if n.Kind != numbering.CreditNote {
		return
	}
	if agreement := config.agreementOn(n.Recipient, date); agreement != nil {
		n.Document.Agreement = agreement.Reference
	}
}

// agreementOn is the self-billing agreement of an entity, or nil when it does
// not cover the day.
func (c *Configuration) agreementOn(key string, day entities.Date) *entities.Agreement {
	for i := range c.Entities {
		if e := &c.Entities[i]; e.Key == key && e.Agreement.CoversDay(day) {
			return &e.Agreement
		}
	}
	return nil
}
