package api

import (
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

// analysisInput asks for an analysis.
type analysisInput struct {
	By       string `query:"by" enum:"owner,station,tariff,month" default:"owner"`
	From     string `query:"from" example:"2026-01" doc:"first month; default: eleven months before the last one"`
	Until    string `query:"until" example:"2026-10" doc:"last month; default: the month before this one"`
	Owner    string `query:"owner" doc:"key"`
	Below    bool   `query:"below" doc:"with owner: also the entities below it"`
	Currency string `query:"currency"`
}

// Analysis is what was settled, and what waits.
type Analysis struct {
	Body creditnotes.AnalysisJSON
}

func (c *call) analysis(in *analysisInput) (*Analysis, error) {
	if err := c.snapshot.Valid(); err != nil {
		return nil, err
	}
	q := creditnotes.AnalysisQuery{By: creditnotes.AnalysisBy(in.By), Currency: in.Currency}
	var err error
	if q.Until, err = c.month(in.Until); err != nil {
		return nil, err
	}
	if in.Until == "" {
		q.Until = q.Until.Prev()
	}
	q.From = q.Until.AddMonths(-11)
	if in.From != "" {
		if q.From, err = c.month(in.From); err != nil {
			return nil, err
		}
	}
	if q.Until < q.From {
		return nil, fault.New(fault.Invalid, "list_value_unknown", fault.Args{"value": in.From})
	}
	if in.Owner != "" {
		if _, err := c.stored(in.Owner); err != nil {
			return nil, err
		}
	}
	q.Owners = c.snapshot.OwnersSeen(c.who, in.Owner, in.Below)
	a, err := creditnotes.Analyze(c.ctx, c.Store, q)
	if err != nil {
		return nil, err
	}
	return &Analysis{a.JSON(func(t time.Time) time.Time { return c.at(t) })}, nil
}
