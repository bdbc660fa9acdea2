package api

import (
	"context"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/tasks"
)

// reviewRunInput narrows the review of a run.
type reviewRunInput struct {
	RunInput
	Paging
	Change string `query:"change" enum:"left_out,failed,first,nothing,recipient,address,bank,tax,contract,price,discount,amount"`
}

// reviewRun tells what is other about each owner than on its last document.
func (c *call) reviewRun(in *reviewRunInput) (*List[creditnotes.OwnerReviewJSON], error) {
	run, err := c.Store.RunByName(c.ctx, in.Name)
	if err != nil {
		return nil, err
	}
	review, err := c.Runner.Review(c.ctx, run)
	if err != nil {
		return nil, err
	}
	var all []creditnotes.OwnerReviewJSON
	for i := range review.Owners {
		if o := &review.Owners[i]; in.Change == "" || o.Has(creditnotes.ReviewKind(in.Change)) {
			all = append(all, o.JSON(c.words))
		}
	}
	some, place, err := cut(c, in.Paging, all, func(o *creditnotes.OwnerReviewJSON) string { return o.Owner + "/" + o.Currency })
	if err != nil {
		return nil, err
	}
	return listed(c, some, place), nil
}

// LeftOutOwner is an owner that was left out of a run.
type LeftOutOwner struct {
	Owner    string    `json:"owner"`
	Reason   string    `json:"reason"`
	At       time.Time `json:"at"`
	Who      string    `json:"who"`
	UndoneAt time.Time `json:"undone_at,omitzero" doc:"when it was taken back in"`
	UndoneBy string    `json:"undone_by,omitempty"`
}

func (c *call) leftOut(in *RunInput) (*List[LeftOutOwner], error) {
	run, err := c.Store.RunByName(c.ctx, in.Name)
	if err != nil {
		return nil, err
	}
	list, err := c.Store.LeftOut(c.ctx, run.ID)
	items := make([]LeftOutOwner, len(list))
	for i, l := range list {
		items[i] = LeftOutOwner{l.Owner, l.Reason, c.at(l.At), l.Who, c.at(l.UndoneAt), l.UndoneBy}
	}
	return listed(c, items, ""), err
}

// leaveOutInput names an owner, and why it is left out.
type leaveOutInput struct {
	RunInput
	Body struct {
		Owner  string `json:"owner" minLength:"1"`
		Reason string `json:"reason" minLength:"1" maxLength:"200" doc:"the person who releases the run reads it"`
	}
}

func (c *call) leaveOut(in *leaveOutInput) (*startedRun, error) {
	run, carryOut, err := c.Runner.LeaveOut(c.ctx, in.Name, in.Body.Owner, in.Body.Reason, c.name())
	return c.redrafted(run, carryOut, err)
}

// takeBackInput names an owner.
type takeBackInput struct {
	RunInput
	Body struct {
		Owner string `json:"owner" minLength:"1"`
	}
}

func (c *call) takeBack(in *takeBackInput) (*startedRun, error) {
	run, carryOut, err := c.Runner.TakeBackIn(c.ctx, in.Name, in.Body.Owner, c.name())
	return c.redrafted(run, carryOut, err)
}

// redrafted lets a run be drafted again in the background.
func (c *call) redrafted(run *creditnotes.Run, carryOut func(context.Context) error, err error) (*startedRun, error) {
	if err != nil {
		return nil, err
	}
	begun := c.runOf(run)
	// Why it fails is kept with the run.
	c.runs.Start("", begun.Run, func(ctx context.Context, _ *tasks.Progress) (bool, error) { return true, carryOut(ctx) })
	return &startedRun{begun.Report, begun}, nil
}

func (c *call) remarks(in *RunInput) (*List[creditnotes.Remark], error) {
	run, err := c.Store.RunByName(c.ctx, in.Name)
	if err != nil {
		return nil, err
	}
	list, err := c.Store.Remarks(c.ctx, run.ID)
	for i := range list {
		list[i].At = c.at(list[i].At)
	}
	return listed(c, list, ""), err
}

// remarkInput is a remark about a run.
type remarkInput struct {
	RunInput
	Body struct {
		Text string `json:"text" minLength:"1" maxLength:"2000"`
	}
}

func (c *call) addRemark(in *remarkInput) (*List[creditnotes.Remark], error) {
	if err := c.Runner.Remark(c.ctx, in.Name, c.name(), in.Body.Text); err != nil {
		return nil, err
	}
	return c.remarks(&in.RunInput)
}

// compareRunsInput names two runs.
type compareRunsInput struct {
	Paging
	Before string `query:"before" required:"true" example:"2026-09"`
	Run    string `query:"run" required:"true" example:"2026-10"`
}

// ComparedNet is what an owner gets in one run and in another.
type ComparedNet struct {
	Owner      string `json:"owner"`
	Currency   string `json:"currency"`
	Before     string `json:"before"`
	Now        string `json:"now"`
	Difference string `json:"difference"`
}

func (c *call) compareRuns(in *compareRunsInput) (*List[ComparedNet], error) {
	before, err := c.Store.RunByName(c.ctx, in.Before)
	if err != nil {
		return nil, err
	}
	run, err := c.Store.RunByName(c.ctx, in.Run)
	if err != nil {
		return nil, err
	}
	compared, err := c.Runner.CompareRuns(c.ctx, before, run)
	if err != nil {
		return nil, err
	}
	some, place, err := cut(c, in.Paging, compared.Owners, func(n *creditnotes.NetChange) string { return n.Owner + "/" + n.Currency })
	if err != nil {
		return nil, err
	}
	items := make([]ComparedNet, len(some))
	for i, n := range some {
		digits := digitsOf(n.Currency)
		items[i] = ComparedNet{n.Owner, n.Currency, n.Before.Format(digits), n.Now.Format(digits), n.Difference.Format(digits)}
	}
	return listed(c, items, place), nil
}
