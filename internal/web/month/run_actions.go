package month

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/web/page"
	"creditrun/numbering"
)

// newRunView is the form that starts a run.
type newRunView struct {
	Month, Date string
	Approve     bool   // the run waits for a second person
	Mail        bool   // notes are mailed by themselves
	Range       string // key of the number range; empty: none is chosen
	Pattern     string
	Stops       []page.FindingLine
	Questions   []string // what has to be confirmed
	Confirms    string   // the value of the tick that confirms it for this month and date
	Confirm     page.ConfirmView
}

// NewRunPage asks for a month, and says what will happen and what stops it.
func (v *Visit) NewRunPage() error {
	if _, err := v.Network(); fault.Is(err, fault.NotReady) { // there is none yet
		return err
	}
	runs, err := v.Store.Runs(v.R.Context())
	if err != nil {
		return err
	}
	month, err := v.nextMonth(runs)
	if err != nil {
		return err
	}
	if wanted, err := entities.ParseMonth(v.R.FormValue("month")); err == nil {
		month = wanted
	}
	return v.showNewRun(string(month), "", nil)
}

func (v *Visit) showNewRun(month, date string, problem error) error {
	b, err := v.Snapshot(v.R.Context())
	if err != nil {
		return err
	}
	settings := b.Config.Settings
	view := newRunView{
		Month: month, Date: date, Approve: settings.Release == creditnotes.ReleaseApprove, Mail: settings.Mail, Confirm: v.ConfirmView(),
	}
	if r := b.Config.Range(settings.NumberRange); r != nil {
		view.Range, view.Pattern = r.Key, r.Pattern
	}
	for _, err := range []error{creditnotes.Ready(b.Config), b.Err} {
		for _, f := range fault.Of(err) {
			view.Stops = append(view.Stops, page.FindingLine{Text: v.Texts.PageFault(v.Lang, f), Fix: v.FixLink(f, b)})
		}
	}
	if view.Questions, err = v.runQuestions(month, date); err != nil {
		return err
	}
	view.Confirms = confirmation(month, date)
	title, err := v.Text("run_new")
	if err != nil {
		return err
	}
	switch {
	case problem == nil:
		return v.Show("run_new", title, view)
	case fault.Is(problem, fault.Unconfirmed): // the page asks
		v.Status = fault.Unconfirmed.HTTPStatus()
		return v.Show("run_new", title, view)
	}
	return v.Retry(problem, "run_new", title, view)
}

// runQuestions puts into words what has to be confirmed before a run begins.
func (v *Visit) runQuestions(month, date string) (list []string, err error) {
	q, err := v.request(month, date)
	if err != nil {
		return nil, nil // the form says so when it is sent
	}
	questions, err := v.Runner.Questions(v.R.Context(), q)
	if err != nil && len(fault.Of(err)) == 0 {
		return nil, err
	}
	for _, f := range questions {
		list = append(list, v.Texts.PageFault(v.Lang, f))
	}
	return list, nil
}

// confirmation is the value of the tick that confirms a run: it holds for one
// month and date, so that no other question is answered by it.
func confirmation(month, date string) string { return month + " " + date }

// StartRun starts a run and shows it. An unfinished one of the month is shown
// as it is, for it has settings of its own.
func (v *Visit) StartRun() error {
	month, date := strings.TrimSpace(v.R.FormValue("month")), strings.TrimSpace(v.R.FormValue("date"))
	q, err := v.request(month, date)
	if err != nil {
		return v.showNewRun(month, date, err)
	}
	if unfinished, err := v.unfinished(q.Month); err != nil || unfinished != "" {
		if err != nil {
			return err
		}
		return v.Done(page.RunPath(unfinished), "run_unfinished", "Run", unfinished)
	}
	b, err := v.Network()
	if err != nil {
		return v.showNewRun(month, date, err)
	}
	if b.Config.Settings.Release == creditnotes.ReleaseAutomatic {
		if err := v.Confirm(); err != nil {
			return v.showNewRun(month, date, err)
		}
	}
	q.Confirmed = v.R.FormValue("confirmed") == confirmation(month, date)
	run, carryOut, err := v.Runner.Begin(v.R.Context(), q)
	if err != nil {
		return v.showNewRun(month, date, err)
	}
	return v.carryOut(run.Name, carryOut, "run_started")
}

// request reads month and document date of a form.
func (v *Visit) request(month, date string) (q creditnotes.Request, err error) {
	q = creditnotes.Request{Trigger: creditnotes.Manual, Who: v.Name()}
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
func (v *Visit) unfinished(month entities.Month) (string, error) {
	runs, err := v.Store.Runs(v.R.Context())
	for _, run := range runs {
		if run.Month == month && !run.Stage.Done() {
			return run.Name, err
		}
	}
	return "", err
}

// carryOut goes on with a run in the background and shows its page. What goes
// wrong at once is told there and then.
func (v *Visit) carryOut(name string, fn func(context.Context) error, message string) error {
	err := v.WorkOn(v.R.Context(), name, fn)
	if err == nil {
		return v.Done(page.RunPath(name), message, "Run", name)
	}
	run, missing := v.Store.RunByName(v.R.Context(), name)
	if missing != nil {
		return missing
	}
	return v.showRun(run, err)
}

// ContinueRun takes up a run whose process is gone.
func (v *Visit) ContinueRun() error {
	run, err := v.run()
	if err != nil {
		return err
	}
	may, err := v.runActions(run)
	if err != nil {
		return err
	}
	if !unfinished(run, run.Stage) {
		return v.Redirect(page.RunPath(run.Name))
	}
	if may.Issues {
		if err := v.Confirm(); err != nil {
			return v.showRun(run, err)
		}
	}
	taken, carryOut, err := v.Runner.Begin(v.R.Context(), creditnotes.Request{Month: run.Month, Trigger: run.Trigger, Who: v.Name()})
	if err != nil {
		return v.showRun(run, err)
	}
	return v.carryOut(taken.Name, carryOut, "run_continued")
}

// approveView is the page on which a run is released.
type approveView struct {
	Run       *creditnotes.Run
	Seen      int // how often the draft was changed by now
	Path      string
	Totals    []creditnotes.NoteTotal // of credit notes
	Fees      []creditnotes.NoteTotal // of fee invoices
	Control   sheetLine
	Failed    short[failedLine]
	Talk      talk
	Anomalies short[anomalyLine]
	Kinds     []reviewKind // what is other than on the last documents
	Refused   error        // why the visitor may not release it; nil: may
	Confirm   page.ConfirmView
}

// ApprovePage shows what is released, to be looked at once more.
func (v *Visit) ApprovePage() error {
	run, err := v.run()
	if err != nil {
		return err
	}
	if run.Stage != creditnotes.StageDrafted {
		return fault.New(fault.Conflict, "run_not_drafted", fault.Args{"run": run.Name, "stage": string(run.Stage)})
	}
	return v.showApprove(run, nil)
}

func (v *Visit) showApprove(run *creditnotes.Run, problem error) error {
	view, err := v.approveView(run)
	if err != nil {
		return err
	}
	if problem == nil {
		for _, f := range fault.Of(view.Refused) {
			v.Faults = append(v.Faults, page.ProblemLine{Text: v.Texts.PageFault(v.Lang, f)})
		}
	}
	title, err := v.Text("run_approve_title", "Run", run.Name)
	if err != nil {
		return err
	}
	if problem != nil {
		return v.Retry(problem, "run_approve", title, view)
	}
	return v.Show("run_approve", title, view)
}

func (v *Visit) approveView(run *creditnotes.Run) (view approveView, err error) {
	ctx := v.R.Context()
	b, err := v.Snapshot(ctx)
	if err != nil {
		return view, err
	}
	view = approveView{Run: run, Path: page.RunPath(run.Name), Refused: v.Runner.MayApprove(ctx, run, v.Name()), Confirm: v.ConfirmView()}
	if view.Refused != nil && !fault.Is(view.Refused, fault.Forbidden) {
		return view, view.Refused
	}
	if view.Seen, err = v.Runner.DraftChanges(ctx, run); err != nil {
		return view, err
	}
	owners, err := v.Store.OwnerResults(ctx, run.ID)
	if err != nil {
		return view, err
	}
	view.Control, view.Failed = sheetTotal(b, owners), v.failedLines(b, withoutLeftOut(owners))
	if view.Talk, err = v.talkOf(b, run); err != nil {
		return view, err
	}
	sums, err := v.Store.RunSums(ctx, []int64{run.ID})
	if err != nil {
		return view, err
	}
	view.Totals = totalsOfKind(b, sums[run.ID], numbering.CreditNote)
	view.Fees = totalsOfKind(b, sums[run.ID], numbering.Invoice)
	review, err := v.Runner.Review(ctx, run)
	if err != nil {
		return view, err
	}
	view.Anomalies, view.Kinds = v.anomalies(b, review.Comparison), kindsOf(review, view.Path)
	return view, nil
}

// Approve releases a run and issues it, in the background.
func (v *Visit) Approve() error {
	run, err := v.run()
	if err != nil {
		return err
	}
	if err := v.Confirm(); err != nil {
		return v.approveAgain(run, err)
	}
	var seen []int
	if n, err := strconv.Atoi(v.R.FormValue("seen")); err == nil {
		seen = append(seen, n)
	}
	err = v.WorkOn(v.R.Context(), run.Name, func(ctx context.Context) error {
		_, err := v.Runner.Approve(ctx, run.Name, v.Who.User.Name, seen...)
		return err
	})
	if err != nil {
		return v.approveAgain(run, err)
	}
	return v.Done(page.RunPath(run.Name), "run_approved", "Run", run.Name)
}

// approveAgain shows the page of the release again, or that of the run when
// there is nothing to release any more.
func (v *Visit) approveAgain(run *creditnotes.Run, problem error) error {
	now, err := v.Store.RunByName(v.R.Context(), run.Name)
	if err != nil {
		return err
	}
	if now.Stage != creditnotes.StageDrafted {
		return v.showRun(now, problem)
	}
	return v.showApprove(now, problem)
}

// DiscardRun throws a draft away.
func (v *Visit) DiscardRun() error {
	run, err := v.run()
	if err != nil {
		return err
	}
	if v.R.FormValue("sure") != "true" {
		return v.Redirect(page.RunPath(run.Name))
	}
	if err := v.Runner.Discard(v.R.Context(), run.Name, v.Name()); err != nil {
		return v.showRun(run, err)
	}
	if err := v.Work.Runs.ForgetLatest(v.R.Context(), "", run.Name); err != nil {
		return err
	}
	return v.Done("/runs", "run_discarded", "Run", run.Name)
}

// previewPath is the address of a preview.
func previewPath(month entities.Month, date entities.Date) string {
	q := url.Values{"month": {string(month)}}
	if !date.IsZero() {
		q.Set("date", string(date))
	}
	return "/runs/preview?" + q.Encode()
}
