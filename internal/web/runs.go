package web

import (
	"strconv"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/store"
)

// runsPerPage is how many runs the list shows at once: a good year.
const runsPerPage = 20

// runsView lists the runs.
type runsView struct {
	Runs    []runLine
	Month   entities.Month // that a preview is offered of
	Preview bool           // the visitor may look at one
	Draft   bool           // the visitor may start a run
	Pager   pagerView
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

// pagerView are the addresses of the pages beside a part of a list; empty:
// there is none.
type pagerView struct{ Newer, Older string }

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
	runs, view.Pager = slicePage(runs, v.pageNumber(), runsPerPage, "/runs?")
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
	return v.showAs("runs", "menu_runs", view)
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

// pageNumber is which part of a list is asked for, from 1 on.
func (v *visit) pageNumber() int {
	n, err := strconv.Atoi(v.r.FormValue("page"))
	if err != nil || n < 1 {
		return 1
	}
	return n
}

// slicePage cuts one page out of a list; base is the address without the
// number of the page and ends in ? or &.
func slicePage[T any](list []T, page, size int, base string) ([]T, pagerView) {
	page = min(page, max(1, (len(list)+size-1)/size))
	from, until := (page-1)*size, min(page*size, len(list))
	var pager pagerView
	if page > 1 {
		pager.Newer = base + "page=" + strconv.Itoa(page-1)
	}
	if until < len(list) {
		pager.Older = base + "page=" + strconv.Itoa(page+1)
	}
	return list[from:until], pager
}
