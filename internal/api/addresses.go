package api

import (
	"time"

	"creditrun/creditnotes"
)

// MarkedAddress is an e-mail address that gets no more mails.
type MarkedAddress struct {
	Address  string               `json:"address" doc:"in lower case, the domain in punycode"`
	Kind     creditnotes.MarkKind `json:"kind" enum:"bounced,complained" doc:"a mail came back, or was reported as abuse"`
	Reason   string               `json:"reason" doc:"in the words of the mail system"`
	Number   string               `json:"number" doc:"of the credit note whose mail it was"`
	MarkedAt time.Time            `json:"marked_at"`
	MarkedBy string               `json:"marked_by"`
	Reporter string               `json:"reporter" doc:"who sent the report, by its own account"`
}

func (c *call) markedAddresses(in *struct{ Paging }) (*List[MarkedAddress], error) {
	all, err := c.Store.MarkedAddresses(c.ctx)
	if err != nil {
		return nil, err
	}
	some, place, err := cut(c, in.Paging, all, func(m *creditnotes.MarkedAddress) string { return m.Address })
	if err != nil {
		return nil, err
	}
	items := make([]MarkedAddress, len(some))
	for i, m := range some {
		m.MarkedAt = c.at(m.MarkedAt)
		items[i] = MarkedAddress(m)
	}
	return listed(c, items, place), nil
}

// liftInput names an address.
type liftInput struct {
	Body struct {
		Address string `json:"address" minLength:"3"`
	}
}

func (c *call) liftAddress(in *liftInput) (*none, error) {
	return &none{}, c.Store.LiftAddress(c.ctx, c.name(), in.Body.Address)
}
