package month

import (
	"slices"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/store"
	"creditrun/internal/web/page"
	"creditrun/numbering"
)

// runsPerPage is how many runs the list shows at once: a good year.
const runsPerPage = 20

// runsView lists the runs.
type runsView struct {
	List    *page.List
	Runs    []runLine
	Month   entities.Month   // that a preview is offered of
	Preview bool             // the visitor may look at one
	Draft   bool             // the visitor may start a run
	Failed  []monthTrouble   // months whose scheduled run could not begin
	Clock   *store.ClockJump // for which the schedule pauses; nil: it does not
}

// monthTrouble is why the scheduled run of a month could not begin.
type monthTrouble struct {
	Month entities.Month
	troubleView
}

// runLine is one run with what it makes or made.
type runLine struct {
	creditnotes.Run
	Badge     string // class of the stage's badge
	Documents int
	Totals    []creditnotes.NoteTotal // of credit notes
	Fees      []creditnotes.NoteTotal // of fee invoices
}

func (v *Visit) monthTroubles() (list []monthTrouble, err error) {
	failed, err := v.Runner.DueFailures(v.R.Context())
	if err != nil {
		return nil, err
	}
	for _, f := range failed {
		reasons, err := v.sentences(f.Faults, f.Reference)
		if err != nil {
			return nil, err
		}
		list = append(list, monthTrouble{f.Month, troubleView{f.At, reasons}})
	}
	return list, nil
}

// RunsPage lists the runs, the latest first.
func (v *Visit) RunsPage() error {
	ctx := v.R.Context()
	runs, err := v.Store.Runs(ctx)
	if err != nil {
		return err
	}
	view := runsView{Preview: v.May(access.Preview), Draft: v.May(access.Draft)}
	if view.Month, err = v.nextMonth(runs); err != nil {
		return err
	}
	if view.Failed, err = v.monthTroubles(); err != nil {
		return err
	}
	if view.Clock, err = v.Store.ClockPause(ctx); err != nil {
		return err
	}
	view.List = page.NewList(v.R.URL.Query(), page.ListOptions{Path: "/runs", Size: runsPerPage, Order: "-created", Empty: "runs_none"})
	runs = page.Rows(view.List, runs, runColumns...)
	ids := make([]int64, len(runs))
	for i := range runs {
		ids[i] = runs[i].ID
	}
	sums, err := v.Store.RunSums(ctx, ids)
	if err != nil {
		return err
	}
	b, err := v.Snapshot(ctx)
	if err != nil {
		return err
	}
	for _, run := range runs {
		line := runLine{Run: run, Badge: stageBadge(run.Stage), Totals: totalsOfKind(b, sums[run.ID], numbering.CreditNote), Fees: totalsOfKind(b, sums[run.ID], numbering.Invoice)}
		for _, total := range sums[run.ID] {
			line.Documents += total.Notes
		}
		view.Runs = append(view.Runs, line)
	}
	return v.ShowList("runs", "menu_runs", view, view.List.Err())
}

var runColumns = []page.Column[creditnotes.Run]{
	{Head: page.Head{Key: "name", Message: "run_name"}, By: page.ByText(func(r creditnotes.Run) string { return r.Name })},
	{Head: page.Head{Key: "month", Message: "run_month"}, By: page.ByText(func(r creditnotes.Run) string { return string(r.Month) })},
	{Head: page.Head{Key: "stage", Message: "run_stage"}, By: page.ByText(func(r creditnotes.Run) string { return string(r.Stage) })},
	{Head: page.Head{Key: "trigger", Message: "run_trigger"}, By: page.ByText(func(r creditnotes.Run) string { return string(r.Trigger) })},
	{Head: page.Head{Key: "created", Message: "run_created"}, By: page.By(func(r creditnotes.Run) int64 { return r.ID })},
	{Head: page.Head{Key: "approved", Message: "run_approved_by"}, By: page.ByText(func(r creditnotes.Run) string { return r.ApprovedBy })},
	{Head: page.Head{Message: "run_documents", Num: true}},
	{Head: page.Head{Message: "run_net", Num: true}},
	{Head: page.Head{Message: "run_gross", Num: true}},
}

// ConfirmClock says that the clock is right after it has jumped.
func (v *Visit) ConfirmClock() error {
	if err := v.Store.ConfirmClock(v.R.Context(), v.Name()); err != nil {
		return err
	}
	return v.Done("/runs", "runs_clock_confirmed")
}

// stageBadge is how a stage looks.
func stageBadge(stage creditnotes.Stage) string {
	switch stage {
	case creditnotes.StageCompleted:
		return "good"
	case creditnotes.StageDrafted:
		return "warn"
	}
	return ""
}

// nextMonth is the month that a person would run now: the latest that is due,
// else that of the next run where a run has had the one before, else the last one
// that is over.
func (v *Visit) nextMonth(runs []creditnotes.Run) (entities.Month, error) {
	b, err := v.Snapshot(v.R.Context())
	if err != nil {
		return "", err
	}
	last := entities.MonthOf(v.Now(), v.Zone()).Prev()
	if b.Operator() == nil {
		return last, nil
	}
	due, err := creditnotes.Due(b.Config, runs, v.Now())
	if err != nil {
		return last, err
	}
	if len(due) == 0 {
		ran := slices.ContainsFunc(runs, func(r creditnotes.Run) bool { return r.Stage != creditnotes.StageDiscarded && !r.Month.Before(last) })
		if next, err := v.nextRun(b, runs); err == nil && ran && !next.Month.IsZero() {
			return next.Month, nil
		}
		return last, nil
	}
	return due[len(due)-1], nil
}
