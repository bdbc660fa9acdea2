package creditnotes

import (
	"context"
	"log/slog"
	"runtime"
	"time"

	"creditrun/entities"
	"creditrun/internal/fault"
)

// Store is everything the month end wants from a store.
type Store interface {
	DraftStore
	RunStore
	IssueStore
	NoteStore
	ReviewStore
	Configuration(ctx context.Context) (*Configuration, error)
	Settings(ctx context.Context) (Settings, error)
}

// Runner carries out month ends. Each method can be called again after a crash
// and goes on where the last one stopped.
type Runner struct {
	Store Store
	Texts Texts
	// Printer, if set, is asked whether a note can be printed before it is
	// issued.
	Printer Printer
	Now     func() time.Time
	Log     *slog.Logger
	// MessageID names the mail that carries a note; the same note and copy
	// always get the same name.
	MessageID func(number string, copy int, operatorEmail string) string
	// Remittances keeps remittance advices; nil: there are none.
	Remittances RemittanceStore
	// Reminders keeps the reminders that were sent; nil: there are none.
	Reminders ReminderStore
	// Workbook, if set, writes the workbook that is mailed with a settlement report.
	Workbook ReportWorkbook
	// Progress, if set, is called with how many of all pieces of a stage are done.
	Progress func(stage Stage, done, of int)
	// Refused, if set, is what a bank would refuse of a payment to a recipient that is
	// credited in a currency (empty: in euros), with addresses as the setting
	// payout_addresses has them.
	Refused func(e *entities.Entity, currency, addresses string) []*fault.Fault
	// Workers is how many shards are drafted at once; 0: one per processor.
	Workers int
}

// Request asks for a month end.
type Request struct {
	Month        entities.Month
	DocumentDate entities.Date // empty: the day of issue; of a scheduled run the last day of the month
	Trigger      Trigger
	Who          string
	Confirmed    bool // a person has answered what Questions asks
}

// Preview drafts a month without keeping anything: the same code as Run with a
// writer that forgets.
func (r *Runner) Preview(ctx context.Context, q Request) (*Report, error) {
	config, err := r.Store.Configuration(ctx)
	if err != nil {
		return nil, err
	}
	if f := config.Settings.licensed(); f != nil {
		return nil, f
	}
	run := r.newRun(q, config)
	plan, err := r.plan(run, config)
	if err != nil {
		return nil, err
	}
	if f := checkDates(q, r.today(config)); f != nil {
		return nil, f
	}
	preview := &previewTarget{}
	if err := r.draft(ctx, plan, run, nil, preview); err != nil {
		return nil, err
	}
	run.Stage = ""
	if err := r.nameOthers(ctx, preview.holds, preview.warned); err != nil {
		return nil, err
	}
	report := newReport(plan.Network.Zone(), run, preview.notes, preview.holds, preview.warned, preview.owners)
	report.ownWaits(preview.ownWaits)
	return report, nil
}

// Run drafts a month, and issues it unless a person must approve it first. It
// goes on with an unfinished run of the month, and otherwise begins a new one
// that credits what is still open. Nothing is created when the configuration
// prevents it.
func (r *Runner) Run(ctx context.Context, q Request) (*Run, error) {
	run, carryOut, err := r.Begin(ctx, q)
	if err != nil {
		return run, err
	}
	return run, carryOut(ctx)
}

// Begin is the first half of Run, for who wants to know the run before it is
// carried out: it makes the run or takes up the unfinished one, and keeps
// others from it. The caller must call carryOut within a minute, which does the
// rest and lets go of the run.
func (r *Runner) Begin(ctx context.Context, q Request) (run *Run, carryOut func(context.Context) error, err error) {
	config, err := r.Store.Configuration(ctx)
	if err != nil {
		return nil, nil, err
	}
	if err := Ready(config); err != nil {
		return nil, nil, err
	}
	wanted := r.newRun(q, config)
	plan, err := r.plan(wanted, config)
	if err != nil {
		return nil, nil, err
	}
	if err := r.mayBegin(ctx, q, config); err != nil {
		return nil, nil, err
	}
	if err := r.nothingOpen(ctx, wanted, plan); err != nil {
		return nil, nil, err
	}
	run, mine, err := r.Store.BeginRun(ctx, wanted)
	if err != nil {
		return nil, nil, err
	}
	if !mine {
		return run, nil, taken(run)
	}
	return run, func(ctx context.Context) error {
		return r.attempt(ctx, run, func(ctx context.Context) error {
			return r.leased(ctx, run, func(ctx context.Context) error { return r.advance(ctx, run, config, q.Who) })
		})
	}, nil
}

// taken says that another process works on a run, and which where that is known.
func taken(run *Run) *fault.Fault {
	if h := run.Holder; h != nil && h.Who != "" {
		return fault.New(fault.Conflict, "run_taken_by", fault.Args{"run": run.Name, "who": h.Who, "until": h.Until.Format(time.RFC3339)})
	}
	return fault.New(fault.Conflict, "run_taken", fault.Args{"run": run.Name})
}

// nothingOpen refuses, with a Conflict fault, to begin another run by hand of a
// month that had one, where nothing is open that it could decide about.
func (r *Runner) nothingOpen(ctx context.Context, wanted *Run, plan *Plan) error {
	if wanted.Trigger != Manual {
		return nil
	}
	runs, err := r.Store.Runs(ctx)
	if err != nil {
		return err
	}
	finished := false
	for _, run := range runs {
		switch {
		case run.Month != wanted.Month || run.Stage == StageDiscarded:
		case run.Stage != StageCompleted:
			return nil // it is taken up
		default:
			finished = true
		}
	}
	if !finished {
		return nil
	}
	trial, quiet, preview := *wanted, *r, &previewTarget{}
	quiet.Progress = nil
	if err := quiet.draft(ctx, plan, &trial, nil, preview); err != nil {
		return err
	}
	if len(preview.notes) > 0 || totalOf(preview.owners).Received != (Count{}) {
		return nil
	}
	for _, owner := range preview.owners {
		if owner.Failed != nil {
			return nil
		}
	}
	return fault.New(fault.Conflict, "run_nothing_open", fault.Args{"month": string(wanted.Month)})
}

// mayBegin returns what prevents a run from beginning on its dates, and what is not
// confirmed.
func (r *Runner) mayBegin(ctx context.Context, q Request, config *Configuration) error {
	if f := checkDates(q, r.today(config)); f != nil {
		return f
	}
	if q.Confirmed {
		return nil
	}
	questions, err := r.questions(ctx, q, config)
	if err != nil {
		return err
	}
	return questions.Err()
}

// Approve releases a drafted run and issues it. Who drafted it may not approve
// it (domain.md §10), nor a person who counts as one person with that user. seen, if
// given, is DraftChanges of the draft that the person saw: where it was made anew
// since, nothing is released (Conflict fault run_draft_changed).
func (r *Runner) Approve(ctx context.Context, name, who string, seen ...int) (*Run, error) {
	run, config, err := r.find(ctx, name)
	if err != nil {
		return nil, err
	}
	if len(seen) > 0 {
		run.Seen = &seen[0]
	}
	if f := config.Settings.licensed(); f != nil {
		return nil, f
	}
	if run.Stage != StageDrafted {
		return nil, fault.New(fault.Conflict, "run_not_drafted", fault.Args{"run": name, "stage": string(run.Stage)})
	}
	if err := r.MayApprove(ctx, run, who); err != nil {
		return nil, err
	}
	if err := Ready(config); err != nil {
		return nil, err
	}
	if err := r.mayRelease(ctx, run, config); err != nil {
		return nil, err
	}
	if err := r.Store.AdvanceRun(ctx, run, StageDrafted, StageReleased, who); err != nil {
		return nil, err
	}
	return run, r.attempt(ctx, run, func(ctx context.Context) error { return r.issue(ctx, run, config, who) })
}

// MayApprove refuses, with a Forbidden fault, that a person approves a run that
// this person, or one who counts as the same, has drafted or changed by leaving an
// owner out or taking one back in.
func (r *Runner) MayApprove(ctx context.Context, run *Run, who string) error {
	if run.CreatedBy == who {
		return fault.New(fault.Forbidden, "run_needs_second_person", fault.Args{"run": run.Name, "who": who})
	}
	if err := r.Store.SecondPerson(ctx, run.CreatedBy, who); err != nil {
		return err
	}
	return r.changedByAnother(ctx, run, who)
}

// Discard throws a drafted run away: its sessions are open again.
func (r *Runner) Discard(ctx context.Context, name, who string) error {
	run, err := r.Store.RunByName(ctx, name)
	if err != nil {
		return err
	}
	if run.Stage != StageDrafted && run.Stage != StageDrafting {
		return fault.New(fault.Conflict, "run_not_drafted", fault.Args{"run": name, "stage": string(run.Stage)})
	}
	return r.Store.DiscardRun(ctx, run, who)
}

// Report reads what a run did.
func (r *Runner) Report(ctx context.Context, run *Run) (*Report, error) {
	config, err := r.Store.Configuration(ctx)
	if err != nil {
		return nil, err
	}
	zone, err := zoneOf(config)
	if err != nil {
		return nil, err
	}
	notes, err := r.Store.RunNotes(ctx, run.ID)
	if err != nil {
		return nil, err
	}
	holds, err := r.Store.Holds(ctx, run.ID)
	if err != nil {
		return nil, err
	}
	warned, err := r.Store.Warnings(ctx, run.ID)
	if err != nil {
		return nil, err
	}
	owners, err := r.Store.OwnerResults(ctx, run.ID)
	if err != nil {
		return nil, err
	}
	waits, err := r.Store.OwnWaits(ctx, run.ID)
	if err != nil {
		return nil, err
	}
	report := newReport(zone, run, notes, holds, warned, owners)
	report.ownWaits(waits)
	return report, nil
}

// advance takes a run from wherever it is to issued, or to drafted where
// a person must approve it.
func (r *Runner) advance(ctx context.Context, run *Run, config *Configuration, who string) error {
	if run.Stage == StageDrafting {
		plan, err := r.plan(run, config)
		if err != nil {
			return err
		}
		done, err := r.Store.DraftedOwners(ctx, run.ID)
		if err != nil {
			return err
		}
		if err := r.draft(ctx, plan, run, done, &draftKeeper{r.Store, run}); err != nil {
			return err
		}
		if err := r.prove(ctx, plan, run); err != nil {
			return err
		}
		if err := r.Store.AdvanceRun(ctx, run, StageDrafting, StageDrafted, who); err != nil {
			return err
		}
	}
	if run.Stage == StageDrafted {
		if run.Settings.Release == ReleaseApprove {
			return nil
		}
		if err := r.mayRelease(ctx, run, config); err != nil {
			return err
		}
		if err := r.Store.AdvanceRun(ctx, run, StageDrafted, StageReleased, who); err != nil {
			return err
		}
	}
	return r.issue(ctx, run, config, who)
}

// newRun fills in a request. The cut-off is now: what is received later is late.
func (r *Runner) newRun(q Request, config *Configuration) *Run {
	now := r.Now()
	run := &Run{
		Name: string(q.Month), Month: q.Month, Trigger: q.Trigger, Stage: StageDrafting, DocumentDate: q.DocumentDate,
		Cutoff: now, Settings: config.Settings, CreatedAt: now, CreatedBy: q.Who,
	}
	if run.DocumentDate.IsZero() && run.Trigger == Schedule {
		run.DocumentDate = q.Month.LastDay()
	}
	run.DateGiven = !run.DocumentDate.IsZero()
	if !run.DateGiven {
		run.DocumentDate = r.today(config)
	}
	return run
}

// plan makes the plan of a run, with the settings with which it began.
func (r *Runner) plan(run *Run, config *Configuration) (*Plan, error) {
	frozen := *config
	frozen.Settings = run.Settings
	return newPlan(&frozen, run.DocumentDate, run.Month)
}

func (r *Runner) find(ctx context.Context, name string) (*Run, *Configuration, error) {
	run, err := r.Store.RunByName(ctx, name)
	if err != nil {
		return nil, nil, err
	}
	config, err := r.Store.Configuration(ctx)
	return run, config, err
}

func (r *Runner) workers() int {
	if r.Workers > 0 {
		return r.Workers
	}
	return runtime.GOMAXPROCS(0)
}

func (r *Runner) progress(stage Stage, done, of int) {
	if r.Progress != nil {
		r.Progress(stage, done, of)
	}
}

// zoneOf is the operator's zone.
func zoneOf(config *Configuration) (*time.Location, error) {
	for _, e := range config.Entities {
		if e.Parent == "" {
			return time.LoadLocation(e.TimeZone)
		}
	}
	return nil, fault.New(fault.NotReady, "operator_missing", nil)
}
