package web

import (
	"context"
	"net/url"
	"strings"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
)

// newRunView is the form that starts a run.
type newRunView struct {
	Month, Date string
	Approve     bool   // the run waits for a second person
	Mail        bool   // notes are mailed by themselves
	Range       string // key of the number range; empty: none is chosen
	Pattern     string
	Stops       []findingLine
	Questions   []string // what has to be confirmed
	Confirms    string   // the value of the tick that confirms it for this month and date
	Confirm     confirmView
}

// newRunPage asks for a month, and says what will happen and what stops it.
func (v *visit) newRunPage() error {
	runs, err := v.Store.Runs(v.r.Context())
	if err != nil {
		return err
	}
	month, err := v.nextMonth(runs)
	if err != nil {
		return err
	}
	if wanted, err := entities.ParseMonth(v.r.FormValue("month")); err == nil {
		month = wanted
	}
	return v.showNewRun(string(month), "", nil)
}

func (v *visit) showNewRun(month, date string, problem error) error {
	b, err := v.snapshot(v.r.Context())
	if err != nil {
		return err
	}
	settings := b.Config.Settings
	view := newRunView{
		Month: month, Date: date, Approve: settings.Release == creditnotes.ReleaseApprove, Mail: settings.Mail, Confirm: v.confirmView(),
	}
	if r := b.Config.Range(settings.NumberRange); r != nil {
		view.Range, view.Pattern = r.Key, r.Pattern
	}
	for _, err := range []error{creditnotes.Ready(b.Config), b.Err} {
		for _, f := range fault.Of(err) {
			view.Stops = append(view.Stops, findingLine{v.Texts.Fault(v.lang, f), v.fixLink(f, b)})
		}
	}
	if view.Questions, err = v.runQuestions(month, date); err != nil {
		return err
	}
	view.Confirms = confirmation(month, date)
	title, err := v.text("run_new")
	if err != nil {
		return err
	}
	switch {
	case problem == nil:
		return v.show("run_new", title, view)
	case fault.Is(problem, fault.Unconfirmed): // the page asks
		v.status = fault.Unconfirmed.HTTPStatus()
		return v.show("run_new", title, view)
	}
	return v.retry(problem, "run_new", title, view)
}

// runQuestions puts into words what has to be confirmed before a run begins.
func (v *visit) runQuestions(month, date string) (list []string, err error) {
	q, err := v.request(month, date)
	if err != nil {
		return nil, nil // the form says so when it is sent
	}
	questions, err := v.Runner.Questions(v.r.Context(), q)
	if err != nil && len(fault.Of(err)) == 0 {
		return nil, err
	}
	for _, f := range questions {
		list = append(list, v.Texts.Fault(v.lang, f))
	}
	return list, nil
}

// confirmation is the value of the tick that confirms a run: it holds for one
// month and date, so that no other question is answered by it.
func confirmation(month, date string) string { return month + " " + date }

// startRun starts a run and shows it. An unfinished one of the month is shown
// as it is, for it has settings of its own.
func (v *visit) startRun() error {
	month, date := strings.TrimSpace(v.r.FormValue("month")), strings.TrimSpace(v.r.FormValue("date"))
	q, err := v.request(month, date)
	if err != nil {
		return v.showNewRun(month, date, err)
	}
	if unfinished, err := v.unfinished(q.Month); err != nil || unfinished != "" {
		if err != nil {
			return err
		}
		return v.done(runPath(unfinished), "run_unfinished", "Run", unfinished)
	}
	b, err := v.network()
	if err != nil {
		return v.showNewRun(month, date, err)
	}
	if b.Config.Settings.Release == creditnotes.ReleaseAutomatic {
		if err := v.confirm(); err != nil {
			return v.showNewRun(month, date, err)
		}
	}
	q.Confirmed = v.r.FormValue("confirmed") == confirmation(month, date)
	run, carryOut, err := v.Runner.Begin(v.r.Context(), q)
	if err != nil {
		return v.showNewRun(month, date, err)
	}
	return v.carryOut(run.Name, carryOut, "run_started")
}

// request reads month and document date of a form.
func (v *visit) request(month, date string) (q creditnotes.Request, err error) {
	q = creditnotes.Request{Trigger: creditnotes.Manual, Who: v.name()}
	if q.Month, err = entities.ParseMonth(month); err != nil {
		return q, fault.New(fault.Invalid, "run_month_invalid", fault.Args{"month": month})
	}
	if date == "" {
		return q, nil
	}
	if q.DocumentDate, err = entities.ParseDate(date); err != nil {
		return q, fault.New(fault.Invalid, "run_date_invalid", fault.Args{"date": date})
	}
	return q, nil
}

// unfinished names the run of a month on which work goes on, or has to.
func (v *visit) unfinished(month entities.Month) (string, error) {
	runs, err := v.Store.Runs(v.r.Context())
	for _, run := range runs {
		if run.Month == month && !run.Stage.Done() {
			return run.Name, err
		}
	}
	return "", err
}

// carryOut goes on with a run in the background and shows its page. What goes
// wrong at once is told there and then.
func (v *visit) carryOut(name string, fn func(context.Context) error, message string) error {
	err := v.workOn(v.r.Context(), name, fn)
	if err == nil {
		return v.done(runPath(name), message, "Run", name)
	}
	run, missing := v.Store.RunByName(v.r.Context(), name)
	if missing != nil {
		return missing
	}
	return v.showRun(run, err)
}

// continueRun takes up a run whose process is gone.
func (v *visit) continueRun() error {
	run, err := v.run()
	if err != nil {
		return err
	}
	may, err := v.runActions(run)
	if err != nil {
		return err
	}
	if !unfinished(run, run.Stage) {
		return v.redirect(runPath(run.Name))
	}
	if may.Issues {
		if err := v.confirm(); err != nil {
			return v.showRun(run, err)
		}
	}
	taken, carryOut, err := v.Runner.Begin(v.r.Context(), creditnotes.Request{Month: run.Month, Trigger: run.Trigger, Who: v.name()})
	if err != nil {
		return v.showRun(run, err)
	}
	return v.carryOut(taken.Name, carryOut, "run_continued")
}

// approveView is the page on which a run is released.
type approveView struct {
	Run       *creditnotes.Run
	Path      string
	Totals    []creditnotes.NoteTotal
	Control   sheetLine
	Failed    short[failedLine]
	Anomalies short[anomalyLine]
	Refused   error // why the visitor may not release it; nil: may
	Confirm   confirmView
}

// approvePage shows what is released, to be looked at once more.
func (v *visit) approvePage() error {
	run, err := v.run()
	if err != nil {
		return err
	}
	if run.Stage != creditnotes.StageDrafted {
		return fault.New(fault.Conflict, "run_not_drafted", fault.Args{"run": run.Name, "stage": string(run.Stage)})
	}
	return v.showApprove(run, nil)
}

func (v *visit) showApprove(run *creditnotes.Run, problem error) error {
	view, err := v.approveView(run)
	if err != nil {
		return err
	}
	if problem == nil {
		for _, f := range fault.Of(view.Refused) {
			v.faults = append(v.faults, problemLine{Text: v.Texts.Fault(v.lang, f)})
		}
	}
	title, err := v.text("run_approve_title", "Run", run.Name)
	if err != nil {
		return err
	}
	if problem != nil {
		return v.retry(problem, "run_approve", title, view)
	}
	return v.show("run_approve", title, view)
}

func (v *visit) approveView(run *creditnotes.Run) (view approveView, err error) {
	ctx := v.r.Context()
	b, err := v.snapshot(ctx)
	if err != nil {
		return view, err
	}
	view = approveView{Run: run, Path: runPath(run.Name), Refused: v.Runner.MayApprove(ctx, run, v.name()), Confirm: v.confirmView()}
	if view.Refused != nil && !fault.Is(view.Refused, fault.Forbidden) {
		return view, view.Refused
	}
	owners, err := v.Store.OwnerResults(ctx, run.ID)
	if err != nil {
		return view, err
	}
	view.Control, view.Failed = sheetTotal(b, owners), v.failedLines(b, owners)
	sums, err := v.Store.RunSums(ctx, []int64{run.ID})
	if err != nil {
		return view, err
	}
	view.Totals = mainFirst(sums[run.ID], b.Currency(), currencyOf)
	c, err := v.Runner.CompareRun(ctx, run)
	if err != nil {
		return view, err
	}
	view.Anomalies = v.anomalies(b, c)
	return view, nil
}

// approve releases a run and issues it, in the background.
func (v *visit) approve() error {
	run, err := v.run()
	if err != nil {
		return err
	}
	if err := v.confirm(); err != nil {
		return v.approveAgain(run, err)
	}
	err = v.workOn(v.r.Context(), run.Name, func(ctx context.Context) error {
		_, err := v.Runner.Approve(ctx, run.Name, v.who.User.Name)
		return err
	})
	if err != nil {
		return v.approveAgain(run, err)
	}
	return v.done(runPath(run.Name), "run_approved", "Run", run.Name)
}

// approveAgain shows the page of the release again, or that of the run when
// there is nothing to release any more.
func (v *visit) approveAgain(run *creditnotes.Run, problem error) error {
	now, err := v.Store.RunByName(v.r.Context(), run.Name)
	if err != nil {
		return err
	}
	if now.Stage != creditnotes.StageDrafted {
		return v.showRun(now, problem)
	}
	return v.showApprove(now, problem)
}

// discardRun throws a draft away.
func (v *visit) discardRun() error {
	run, err := v.run()
	if err != nil {
		return err
	}
	if v.r.FormValue("sure") != "true" {
		return v.redirect(runPath(run.Name))
	}
	if err := v.Runner.Discard(v.r.Context(), run.Name, v.name()); err != nil {
		return v.showRun(run, err)
	}
	if err := v.tasks.runs.ForgetLatest(v.r.Context(), "", run.Name); err != nil {
		return err
	}
	return v.done("/runs", "run_discarded", "Run", run.Name)
}

// previewPath is the address of a preview.
func previewPath(month entities.Month, date entities.Date) string {
	q := url.Values{"month": {string(month)}}
	if !date.IsZero() {
		q.Set("date", string(date))
	}
	return "/runs/preview?" + q.Encode()
}
