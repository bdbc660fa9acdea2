package web

import (
	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/store"
)

// runsPerPage is how many runs the list shows at once: a good year.
const runsPerPage = 20

// runsView lists the runs.
type runsView struct {
	List    *List
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
	Totals    []creditnotes.NoteTotal
}

func (v *visit) monthTroubles() (list []monthTrouble, err error) {
	failed, err := v.Runner.DueFailures(v.r.Context())
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

// runsPage lists the runs, the latest first.
func (v *visit) runsPage() error {
	ctx := v.r.Context()
	runs, err := v.Store.Runs(ctx)
	if err != nil {
		return err
	}
	view := runsView{Preview: v.may(access.Preview), Draft: v.may(access.Draft)}
	if view.Month, err = v.nextMonth(runs); err != nil {
		return err
	}
	if view.Failed, err = v.monthTroubles(); err != nil {
		return err
	}
	if view.Clock, err = v.Store.ClockPause(ctx); err != nil {
		return err
	}
	view.List = NewList(v.r.URL.Query(), ListOptions{Path: "/runs", Size: runsPerPage, Order: "-created", Empty: "runs_none"})
	runs = Rows(view.List, runs, runColumns...)
	ids := make([]int64, len(runs))
	for i := range runs {
		ids[i] = runs[i].ID
	}
	sums, err := v.Store.RunSums(ctx, ids)
	if err != nil {
		return err
	}
	b, err := v.snapshot(ctx)
	if err != nil {
		return err
	}
	for _, run := range runs {
		line := runLine{Run: run, Badge: stageBadge(run.Stage), Totals: mainFirst(sums[run.ID], b.Currency(), currencyOf)}
		for _, total := range line.Totals {
			line.Documents += total.Notes
		}
		view.Runs = append(view.Runs, line)
	}
	return v.showList("runs", "menu_runs", view, view.List.Err())
}

var runColumns = []Column[creditnotes.Run]{
	{Head{Key: "name", Message: "run_name"}, ByText(func(r creditnotes.Run) string { return r.Name })},
	{Head{Key: "month", Message: "run_month"}, ByText(func(r creditnotes.Run) string { return string(r.Month) })},
	{Head{Key: "stage", Message: "run_stage"}, ByText(func(r creditnotes.Run) string { return string(r.Stage) })},
	{Head{Key: "trigger", Message: "run_trigger"}, ByText(func(r creditnotes.Run) string { return string(r.Trigger) })},
	{Head{Key: "created", Message: "run_created"}, By(func(r creditnotes.Run) int64 { return r.ID })},
	{Head{Key: "approved", Message: "run_approved_by"}, ByText(func(r creditnotes.Run) string { return r.ApprovedBy })},
	{Head: Head{Message: "run_documents", Num: true}},
	{Head: Head{Message: "run_net", Num: true}},
	{Head: Head{Message: "run_gross", Num: true}},
}

// confirmClock says that the clock is right after it has jumped.
func (v *visit) confirmClock() error {
	if err := v.Store.ConfirmClock(v.r.Context(), v.name()); err != nil {
		return err
	}
	return v.done("/runs", "runs_clock_confirmed")
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

// nextMonth is the month that somebody would run now: the latest that is due,
// else the last one that is over.
func (v *visit) nextMonth(runs []creditnotes.Run) (entities.Month, error) {
	b, err := v.snapshot(v.r.Context())
	if err != nil {
		return "", err
	}
	last := entities.MonthOf(v.Now(), v.zone()).Prev()
	if b.Operator() == nil {
		return last, nil
	}
	due, err := creditnotes.Due(b.Config, runs, v.Now())
	if err != nil || len(due) == 0 {
		return last, err
	}
	return due[len(due)-1], nil
}
