package month

import (
	"creditrun/creditnotes"
	"creditrun/internal/web/page"
)

// compareView sets one run beside another.
type compareView struct {
	Runs          []creditnotes.Run // the latest first
	Earlier, Now  string            // names; empty: none is chosen
	Totals, Lines []changeLine
	List          *page.List
}

// ComparePage sets any two runs side by side, owner by owner.
func (v *Visit) ComparePage() error {
	runs, err := v.Store.Runs(v.R.Context())
	if err != nil {
		return err
	}
	view := compareView{Runs: runs, Earlier: v.R.FormValue("before"), Now: v.R.FormValue("run")}
	title, err := v.Text("run_compare")
	if err != nil {
		return err
	}
	if view.Earlier == "" || view.Now == "" {
		return v.Show("run_compare", title, view)
	}
	problem := v.compare(&view)
	if problem != nil {
		return v.Retry(problem, "run_compare", title, view)
	}
	return v.Show("run_compare", title, view)
}

// compare fills in the two runs that the address names.
func (v *Visit) compare(view *compareView) error {
	ctx := v.R.Context()
	earlier, err := v.Store.RunByName(ctx, view.Earlier)
	if err != nil {
		return err
	}
	run, err := v.Store.RunByName(ctx, view.Now)
	if err != nil {
		return err
	}
	c, err := v.Runner.CompareRuns(ctx, earlier, run)
	if err != nil {
		return err
	}
	b, err := v.Snapshot(ctx)
	if err != nil {
		return err
	}
	columns := v.changeColumns(b, c)
	columns[1].Text, columns[2].Text = earlier.Name, run.Name
	view.List = page.NewList(v.R.URL.Query(), page.ListOptions{Path: "/runs/compare", Fields: []string{"before", "run"}, Size: page.LinesPerPage, Empty: "run_notes_none"})
	for _, total := range c.Totals {
		view.Totals = append(view.Totals, v.changeLine(b, total))
	}
	for _, owner := range page.Rows(view.List, c.Owners, columns...) {
		view.Lines = append(view.Lines, v.changeLine(b, owner))
	}
	return view.List.Err()
}
