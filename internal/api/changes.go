package api

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"creditrun/creditnotes"
)

// Change is a change that decides where money goes and waits, or waited, for a
// second person.
type Change struct {
	ID        int64           `json:"id"`
	Matter    string          `json:"matter" enum:"bank,alternate_address,station_owner,connector_station,billing_email,reply_to,setting,adjustment,reprice"`
	Subject   string          `json:"subject" doc:"key of the entity or station, EVSE id and number of the connector, or key of the setting"`
	Before    json.RawMessage `json:"before,omitempty" doc:"what it replaces"`
	After     json.RawMessage `json:"after" doc:"what shall be"`
	State     string          `json:"state" enum:"waiting,approved,rejected,replaced"`
	AskedAt   time.Time       `json:"asked_at"`
	AskedBy   string          `json:"asked_by"`
	DecidedAt time.Time       `json:"decided_at,omitzero"`
	DecidedBy string          `json:"decided_by,omitempty"`
}

func (c *call) changeOf(p *creditnotes.Proposal) Change {
	return Change{
		ID: p.ID, Matter: string(p.Matter), Subject: p.Subject, Before: json.RawMessage(p.Before), After: json.RawMessage(p.After), State: string(p.State),
		AskedAt: c.at(p.AskedAt), AskedBy: p.AskedBy, DecidedAt: c.at(p.DecidedAt), DecidedBy: p.DecidedBy,
	}
}

func changePath(id int64) string { return Base + "/changes/" + strconv.FormatInt(id, 10) }

func changePaths(waiting []creditnotes.Proposal) (paths []string) {
	for _, p := range waiting {
		paths = append(paths, changePath(p.ID))
	}
	return paths
}

func proposalID(p *creditnotes.Proposal) string { return strconv.FormatInt(p.ID, 10) }

// changesInput narrows the listing.
type changesInput struct {
	Paging
	Waiting bool   `query:"waiting" doc:"only those that wait"`
	Matter  string `query:"matter"`
	Subject string `query:"subject"`
}

func (c *call) changes(in *changesInput) (*List[Change], error) {
	all, err := c.Store.Proposals(c.ctx, creditnotes.ProposalFilter{Waiting: in.Waiting, Matter: creditnotes.Matter(in.Matter), Subject: in.Subject})
	if err != nil {
		return nil, err
	}
	some, place, err := cut(c, in.Paging, all, proposalID)
	if err != nil {
		return nil, err
	}
	items := make([]Change, len(some))
	for i := range some {
		items[i] = c.changeOf(&some[i])
	}
	return listed(c, items, place), nil
}

func (c *call) change(in *IDInput) (*One[Change], error) {
	p, err := c.Store.Proposal(c.ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &One[Change]{c.changeOf(p)}, nil
}

func (c *call) approveChange(in *IDInput) (*One[Change], error) {
	return c.decideChange(in, c.Store.Approve)
}

func (c *call) rejectChange(in *IDInput) (*One[Change], error) {
	return c.decideChange(in, c.Store.Reject)
}

func (c *call) decideChange(in *IDInput, decide func(ctx context.Context, who string, id int64) error) (*One[Change], error) {
	if err := decide(c.ctx, c.name(), in.ID); err != nil {
		return nil, err
	}
	return c.change(in)
}
