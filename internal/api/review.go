package api

import (
	"creditrun/creditnotes"
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
