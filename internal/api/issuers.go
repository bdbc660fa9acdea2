package api

import (
	"creditrun/creditnotes"
	"creditrun/internal/snapshot"
)

// issuerInput asks for one page of a comparison.
type issuerInput struct {
	Paging
	Key     string `path:"key" doc:"of the entity that issued the media"`
	Month   string `query:"month" example:"2026-10" doc:"default: the last month"`
	Finding string `query:"finding" enum:"agrees,differs,issuer_only,owner_only,open,apart" doc:"only sessions with this finding"`
}

// IssuerControl is one page of the comparison of both sides of an issuer, with the
// totals of the month.
type IssuerControl struct {
	Link string `header:"Link" doc:"the next page, as rel=next"`
	Body struct {
		Items[creditnotes.IssuerRowJSON]
		Month  string                       `json:"month"`
		Totals creditnotes.IssuerTotalsJSON `json:"totals" doc:"of the whole month"`
	}
}

func (c *call) issuerControl(in *issuerInput) (*IssuerControl, error) {
	e, err := c.stored(in.Key)
	if err != nil {
		return nil, err
	}
	if err := c.snapshot.Valid(); err != nil {
		return nil, err
	}
	month, err := c.month(in.Month)
	if err != nil {
		return nil, err
	}
	if in.Month == "" {
		month = month.Prev()
	}
	page, err := c.page(in.Paging)
	if err != nil {
		return nil, err
	}
	var findings []creditnotes.IssuerFinding
	if in.Finding != "" {
		findings = append(findings, creditnotes.IssuerFinding(in.Finding))
	}
	q := creditnotes.NewIssuerQuery(c.snapshot.Config, c.snapshot.Network, e.Key, month)
	q.Seen = snapshot.OwnersSide(c.who)
	list, err := creditnotes.ListIssuer(c.ctx, c.Store, q, findings, page)
	if err != nil {
		return nil, err
	}
	items := make([]creditnotes.IssuerRowJSON, len(list.Rows))
	for i := range list.Rows {
		items[i] = list.Rows[i].JSON(c.zone())
	}
	some := listed(c, items, list.Next)
	out := &IssuerControl{Link: some.Link}
	out.Body.Items, out.Body.Month, out.Body.Totals = some.Body, string(month), list.Totals.JSON()
	return out, nil
}
