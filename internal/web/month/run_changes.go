package month

import (
	"context"
	"slices"

	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
)

// leftOutLine is an owner that is left out of a run.
type leftOutLine struct {
	creditnotes.LeftOut
	Name string
}

// talk is what people decided and wrote about a run until it is released.
type talk struct {
	Path    string
	LeftOut []leftOutLine
	Remarks []creditnotes.Remark
	Redraft bool // the visitor may take an owner back in
	Write   bool // the visitor may add a remark
}

// talkOf reads who is left out of a run and what was written about it.
func (v *Visit) talkOf(b *snapshot.Snapshot, run *creditnotes.Run) (t talk, err error) {
	t.Path, t.Redraft = page.RunPath(run.Name), waitsForApproval(run) && v.May(access.Draft)
	t.Write = run.Stage.Numberless() && v.May(access.Preview)
	list, err := v.Store.LeftOut(v.R.Context(), run.ID)
	if err != nil {
		return t, err
	}
	for _, l := range list {
		if l.Stands() {
			t.LeftOut = append(t.LeftOut, leftOutLine{l, b.Names(l.Owner)})
		}
	}
	t.Remarks, err = v.Store.Remarks(v.R.Context(), run.ID)
	return t, err
}

// withoutLeftOut are the results of owners that no person left out: these are shown
// by themselves.
func withoutLeftOut(owners []creditnotes.OwnerResult) []creditnotes.OwnerResult {
	list := slices.Clone(owners)
	for i := range list {
		if list[i].Failed != nil && list[i].Failed.Key == creditnotes.LeftOutKey {
			list[i].Failed = nil
		}
	}
	return list
}

// LeaveOut leaves an owner out of a draft, which is drafted again in the background.
func (v *Visit) LeaveOut() error {
	return v.redraft("run_left_out_done", func(ctx context.Context, run, owner string) (*creditnotes.Run, func(context.Context) error, error) {
		return v.Runner.LeaveOut(ctx, run, owner, v.R.FormValue("reason"), v.Name())
	})
}

// TakeBackIn takes an owner back into a draft.
func (v *Visit) TakeBackIn() error {
	return v.redraft("run_taken_back_done", func(ctx context.Context, run, owner string) (*creditnotes.Run, func(context.Context) error, error) {
		return v.Runner.TakeBackIn(ctx, run, owner, v.Name())
	})
}

func (v *Visit) redraft(message string, change func(ctx context.Context, run, owner string) (*creditnotes.Run, func(context.Context) error, error)) error {
	run, err := v.run()
	if err != nil {
		return err
	}
	taken, carryOut, err := change(v.R.Context(), run.Name, v.R.FormValue("owner"))
	if err != nil {
		return v.showRun(run, err)
	}
	return v.carryOut(taken.Name, carryOut, message)
}

// AddRemark adds a remark to a run.
func (v *Visit) AddRemark() error {
	run, err := v.run()
	if err != nil {
		return err
	}
	if err := v.Runner.Remark(v.R.Context(), run.Name, v.Name(), v.R.FormValue("text")); err != nil {
		return v.showRun(run, err)
	}
	return v.Done(page.RunPath(run.Name), "run_remark_done")
}
