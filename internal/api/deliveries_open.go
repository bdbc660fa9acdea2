package api

import (
	"strconv"
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/store"
)

// OpenDelivery is a recipient that has not got the latest mail of a note.
type OpenDelivery struct {
	Run       string                     `json:"run"`
	Month     string                     `json:"month"`
	Number    string                     `json:"number"`
	Recipient string                     `json:"recipient" doc:"key"`
	Copy      int                        `json:"copy" doc:"0 is the original"`
	Delivery  creditnotes.DeliveryState  `json:"delivery" enum:"queued,sending,incomplete,failed,parked"`
	Address   string                     `json:"address"`
	State     creditnotes.RecipientState `json:"state" enum:"queued,sending,deferred,refused,bounced,parked,suppressed"`
	Reason    string                     `json:"reason" doc:"of the server, or why it was not asked"`
	Todo      creditnotes.Todo           `json:"todo" enum:"nothing,correct,ask" doc:"nothing: it goes on by itself; correct: the address, then send the mail again; ask: the recipient, then settle the mail"`
	Since     time.Time                  `json:"since"`
	DueAt     time.Time                  `json:"due_at,omitzero" doc:"when it is tried again"`
}

// openInput narrows the listing.
type openInput struct {
	Paging
	Run string `query:"run" example:"2026-10"`
}

// openDeliveries lists the recipients of all runs that have not got their mail.
func (c *call) openDeliveries(in *openInput) (*List[OpenDelivery], error) {
	place, err := c.openPlace(in.Paging)
	if err != nil {
		return nil, err
	}
	list, err := c.Store.OpenRecipients(c.ctx, store.OpenFilter{Run: in.Run, After: place, Limit: in.Limit + 1})
	if err != nil {
		return nil, err
	}
	next := ""
	if len(list) > in.Limit {
		list = list[:in.Limit]
		last := list[len(list)-1]
		next = strconv.FormatInt(last.Mailing, 10) + "~" + last.Address
	}
	items := make([]OpenDelivery, len(list))
	for i, r := range list {
		items[i] = OpenDelivery{
			r.Run, r.Month, r.Number, r.Recipient, r.Copy, r.Mailed, r.Address, r.State, r.Reply, r.State.Todo(), c.at(r.Since), c.at(r.DueAt),
		}
	}
	return listed(c, items, next), nil
}

func (c *call) openPlace(p Paging) (store.OpenPlace, error) {
	text, err := c.after(p)
	if err != nil || text == "" {
		return store.OpenPlace{}, err
	}
	id, address, found := strings.Cut(text, "~")
	mailing, err := strconv.ParseInt(id, 10, 64)
	if err != nil || !found {
		return store.OpenPlace{}, cursorInvalid(p)
	}
	return store.OpenPlace{Mailing: mailing, Address: address}, nil
}

// settleInput says what a person knows of a parked mail.
type settleInput struct {
	NoteInput
	Body struct {
		Outcome string `json:"outcome" enum:"arrived,again"`
	}
}

// settleMail ends that the mail of a note is parked.
func (c *call) settleMail(in *settleInput) (*none, error) {
	return &none{}, c.Store.SettleMail(c.ctx, c.name(), in.Number, in.Body.Outcome == "arrived")
}
