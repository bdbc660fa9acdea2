package api

import (
	"cmp"
	"context"
	"net/http"
	"strconv"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/tasks"
)

// Reprice is a reprice that was carried out.
type Reprice struct {
	ID int64 `json:"id"`
	creditnotes.RepriceQuery
	Sessions   int64     `json:"sessions" doc:"that were priced anew"`
	AppliedAt  time.Time `json:"applied_at"`
	AskedBy    string    `json:"asked_by"`
	ApprovedBy string    `json:"approved_by"`
}

// reprices lists what was priced anew.
func (c *call) reprices(in *pageInput) (*List[Reprice], error) {
	all, err := c.Store.Reprices(c.ctx)
	if err != nil {
		return nil, err
	}
	some, place, err := cut(c, in.Paging, all, func(r *creditnotes.AppliedReprice) string { return strconv.FormatInt(r.ID, 10) })
	if err != nil {
		return nil, err
	}
	items := make([]Reprice, len(some))
	for i, r := range some {
		items[i] = Reprice{r.ID, r.RepriceQuery, r.Sessions, c.at(r.AppliedAt), r.AskedBy, r.ApprovedBy}
	}
	return listed(c, items, place), nil
}

// repriceAsked names the sessions that are priced anew.
type repriceAsked struct {
	Rate     string `json:"rate,omitempty" doc:"key of the cost rate that was wrong; a rate or a contract"`
	Contract string `json:"contract,omitempty" doc:"key of the contract that was wrong"`
	From     string `json:"from" format:"date" doc:"first day: of a rate by the start of the session, of a contract the first of a month"`
}

func (c *call) repriceQuery(in *repriceAsked) (q creditnotes.RepriceQuery, err error) {
	q = creditnotes.RepriceQuery{Rate: in.Rate, Contract: in.Contract}
	if q.From, err = entities.ParseDate(in.From); err != nil {
		return q, c.invalid("body.from", "expected a date")
	}
	return q, nil
}

// previewRepriceInput asks what a reprice would change.
type previewRepriceInput struct{ Body repriceAsked }

// previewReprice says what a reprice would change.
func (c *call) previewReprice(in *previewRepriceInput) (*One[creditnotes.RepriceJSON], error) {
	q, err := c.repriceQuery(&in.Body)
	if err != nil {
		return nil, err
	}
	result, err := c.Store.PreviewReprice(c.ctx, q, nil)
	if err != nil {
		return nil, err
	}
	return repriceOf(result, "preview"), nil
}

// repriceInput asks for a reprice.
type repriceInput struct {
	Body struct {
		Rate     string `json:"rate,omitempty" doc:"key of the cost rate that was wrong; a rate or a contract"`
		Contract string `json:"contract,omitempty" doc:"key of the contract that was wrong"`
		From     string `json:"from" format:"date" doc:"first day: of a rate by the start of the session, of a contract the first of a month"`
		Reason   string `json:"reason" minLength:"1" maxLength:"200" doc:"as the price path names it"`
	}
}

// repriced answers 202 while sessions are priced.
type repriced struct {
	Status   int
	Location string `header:"Location"`
	Body     creditnotes.RepriceJSON
}

// reprice prices sessions anew, or lets that wait for a second person, in the
// background.
func (c *call) reprice(in *repriceInput) (*repriced, error) {
	q, err := c.repriceQuery(&repriceAsked{in.Body.Rate, in.Body.Contract, in.Body.From})
	if err != nil {
		return nil, err
	}
	q.Reason = in.Body.Reason
	s, who := c.Store, c.name()
	state := c.repricing.Start(who, cmp.Or(q.Rate, q.Contract), func(ctx context.Context, p *tasks.Progress) (creditnotes.RepriceJSON, error) {
		done, waiting, err := s.Reprice(ctx, who, q, p.Set)
		switch {
		case err != nil:
			return creditnotes.RepriceJSON{}, err
		case waiting != nil:
			out := repriceOf(&creditnotes.RepriceResult{RepriceQuery: q}, "waiting")
			out.Body.Change = waiting.ID
			return out.Body, nil
		case done.Nothing():
			return repriceOf(done, "nothing").Body, nil
		}
		return repriceOf(done, "applied").Body, nil
	}).Within(c.within)
	switch {
	case state.Err != nil:
		return nil, state.Err
	case !state.Over():
		return &repriced{http.StatusAccepted, workPath(state.ID), repriceOf(&creditnotes.RepriceResult{RepriceQuery: q}, "applying").Body}, nil
	}
	return &repriced{http.StatusOK, "", state.Value}, nil
}

func repriceOf(r *creditnotes.RepriceResult, state string) *One[creditnotes.RepriceJSON] {
	out := &One[creditnotes.RepriceJSON]{r.JSON()}
	out.Body.State = state
	return out
}
