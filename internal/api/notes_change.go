package api

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/money"
	"creditrun/internal/store"
)

// digitsOf is how many minor digits a currency has.
func digitsOf(currency string) int {
	digits, _ := money.Digits(currency)
	return digits
}

// cancelInput says why a note is cancelled.
type cancelInput struct {
	NoteInput
	Body struct {
		Reason string `json:"reason" minLength:"1" doc:"is printed on the cancellation"`
		Date   string `json:"date,omitempty" example:"2026-11-12" doc:"of the cancellation; today when left out"`
	}
}

// issuedNote is a note with its address.
type issuedNote struct {
	Location string `header:"Location"`
	Body     creditnotes.NoteJSON
}

// cancel issues a cancellation.
func (c *call) cancel(in *cancelInput) (*issuedNote, error) {
	q := creditnotes.CancelRequest{Number: in.Number, Reason: in.Body.Reason, Who: c.name()}
	var err error
	if q.Date, err = day(in.Body.Date); err != nil {
		return nil, err
	}
	note, err := c.Runner.Cancel(context.WithoutCancel(c.ctx), q)
	if err != nil {
		return nil, err
	}
	out := note.JSON()
	if out.InPayment, err = c.Store.PayoutOnItsWay(c.ctx, in.Number); err != nil {
		return nil, err
	}
	return &issuedNote{Base + "/credit-notes/" + url.PathEscape(note.Number), out}, nil
}

// Delivery is one mailing of a note.
type Delivery struct {
	ID         int64                     `json:"id"`
	Number     string                    `json:"number"`
	Recipient  string                    `json:"recipient,omitempty" doc:"key"`
	State      creditnotes.DeliveryState `json:"state" enum:"queued,sending,sent,incomplete,failed,parked" doc:"sent: every recipient accepted; incomplete: some did, others are open"`
	Copy       int                       `json:"copy" doc:"0 is the original"`
	To         []string                  `json:"to" nullable:"false"`
	Recipients []DeliveryRecipient       `json:"recipients" nullable:"false" doc:"what became of the mail at each address"`
	ReplyTo    string                    `json:"reply_to,omitempty"`
	MessageID  string                    `json:"message_id"`
	Attempts   int                       `json:"attempts"`
	Reply      string                    `json:"reply,omitempty" doc:"what the server said last"`
	CreatedAt  time.Time                 `json:"created_at"`
	SentAt     time.Time                 `json:"sent_at,omitzero"`
}

// DeliveryRecipient is what became of a mail at one address.
type DeliveryRecipient struct {
	Address string                     `json:"address"`
	State   creditnotes.RecipientState `json:"state" enum:"queued,sending,accepted,deferred,refused,bounced,parked,suppressed"`
	Reply   string                     `json:"reply,omitempty" doc:"of the server, or why it was not asked"`
}

func (c *call) deliveryOf(number string, d *creditnotes.Delivery) Delivery {
	recipients := []DeliveryRecipient{}
	for _, r := range d.Recipients {
		recipients = append(recipients, DeliveryRecipient{r.Address, r.State, r.Reply})
	}
	return Delivery{
		Recipients: recipients,
		ID:         d.ID, Number: number, State: d.State, Copy: d.Copy, To: d.To, ReplyTo: d.ReplyTo, MessageID: d.MessageID, Attempts: d.Attempts,
		Reply: d.Reply, CreatedAt: c.at(d.CreatedAt), SentAt: c.at(d.SentAt),
	}
}

// resendInput says where a note is mailed again.
type resendInput struct {
	NoteInput
	Body *struct {
		Addresses creditnotes.Addresses `json:"addresses,omitempty" enum:"present,stored,named" doc:"those that the recipient has now (when left out), those stored with the note, or those of to"`
		To        []string              `json:"to,omitempty" nullable:"false" doc:"means named"`
	}
}

// resend queues the identical documents once more.
func (c *call) resend(in *resendInput) (*One[Delivery], error) {
	q := creditnotes.ResendRequest{Number: in.Number, Who: c.name()}
	if in.Body != nil {
		if q.Addresses, q.To = in.Body.Addresses, in.Body.To; q.Addresses == "" && len(q.To) > 0 {
			q.Addresses = creditnotes.AddressesNamed
		}
		if len(q.To) > 0 && q.Addresses != creditnotes.AddressesNamed {
			return nil, c.invalid("body.to", "expected only with addresses named")
		}
	}
	delivery, err := c.Runner.Resend(c.ctx, q)
	if err != nil {
		return nil, err
	}
	return &One[Delivery]{c.deliveryOf(in.Number, delivery)}, nil
}

// ResentRun is what became of sending the mails of a run again.
type ResentRun struct {
	Deliveries []Delivery    `json:"deliveries" nullable:"false" doc:"that are queued now"`
	Skipped    []SkippedNote `json:"skipped" nullable:"false"`
}

// SkippedNote is a note that was not mailed again.
type SkippedNote struct {
	Number string `json:"number"`
	Reason string `json:"reason" example:"resend_parked"`
	Text   string `json:"text"`
}

// resendRunInput says where the notes of a run are mailed again.
type resendRunInput struct {
	Name string `path:"name" example:"2026-10"`
	Body *struct {
		Addresses creditnotes.Addresses `json:"addresses,omitempty" enum:"present,stored" doc:"those that the recipient has now (when left out), or those stored with the note"`
	}
}

// resendRun mails everything of a run again that failed.
func (c *call) resendRun(in *resendRunInput) (*One[ResentRun], error) {
	addresses := creditnotes.AddressesPresent
	if in.Body != nil && in.Body.Addresses != "" {
		addresses = in.Body.Addresses
	}
	resent, err := c.Runner.ResendRun(c.ctx, in.Name, addresses, c.name())
	if err != nil {
		return nil, err
	}
	out := ResentRun{Deliveries: []Delivery{}, Skipped: []SkippedNote{}}
	for i := range resent.Queued {
		out.Deliveries = append(out.Deliveries, c.deliveryOf(resent.Numbers[i], &resent.Queued[i]))
	}
	for _, s := range resent.Skipped {
		out.Skipped = append(out.Skipped, SkippedNote{s.Number, s.Reason.Key, c.words(s.Reason)})
	}
	return &One[ResentRun]{out}, nil
}

// deliveriesInput narrows the listing.
type deliveriesInput struct {
	Paging
	State string `query:"state" enum:"queued,sending,sent,incomplete,failed,parked"`
}

// deliveries lists the mailings of all notes.
func (c *call) deliveries(in *deliveriesInput) (*List[Delivery], error) {
	below, err := c.below(in.Paging)
	if err != nil {
		return nil, err
	}
	list, err := c.Store.ListDeliveries(c.ctx, store.DeliveryFilter{
		State: creditnotes.DeliveryState(in.State), Below: below, Limit: in.Limit + 1,
	})
	if err != nil {
		return nil, err
	}
	var items []Delivery
	for i := range list[:min(len(list), in.Limit)] {
		items = append(items, c.deliveryOf(list[i].Number, &list[i].Delivery))
		items[i].Recipient = list[i].Recipient
	}
	return listed(c, items, lastOf(list, in.Limit, func(d *store.DeliveryEntry) int64 { return d.ID })), nil
}

// below reads a cursor of a listing that goes down by id; 0: from the top.
func (c *call) below(p Paging) (int64, error) {
	place, err := c.after(p)
	if err != nil || place == "" {
		return 0, err
	}
	id, err := strconv.ParseInt(place, 10, 64)
	if err != nil || id <= 0 {
		return 0, cursorInvalid(p)
	}
	return id, nil
}

// lastOf is the place behind a page of a list that holds one element more
// where there is a next page; else nothing.
func lastOf[T any](list []T, limit int, id func(*T) int64) string {
	if len(list) <= limit {
		return ""
	}
	return strconv.FormatInt(id(&list[limit-1]), 10)
}

// Objection is a recipient's protest against a note.
type Objection struct {
	ID        int64                      `json:"id"`
	Number    string                     `json:"number"`
	RaisedAt  time.Time                  `json:"raised_at"`
	RaisedBy  string                     `json:"raised_by"`
	Reason    string                     `json:"reason" doc:"code of what is objected to"`
	Text      string                     `json:"text"`
	State     creditnotes.ObjectionState `json:"state" enum:"open,withdrawn,cancelled"`
	SettledAt time.Time                  `json:"settled_at,omitzero"`
	SettledBy string                     `json:"settled_by,omitempty"`
	Answer    string                     `json:"answer,omitempty" doc:"of a withdrawal; else the number of the cancellation"`
}

func (c *call) objectionsTo(note *creditnotes.Note) ([]Objection, error) {
	list, err := c.Store.Objections(c.ctx, creditnotes.ObjectionFilter{NoteID: note.ID})
	out := []Objection{}
	for _, o := range list {
		out = append(out, Objection{
			o.ID, o.Number, c.at(o.RaisedAt), o.RaisedBy, o.Reason, o.Text, o.State, c.at(o.SettledAt), o.SettledBy, o.Answer,
		})
	}
	return out, err
}

// objectInput says what a recipient objects to.
type objectInput struct {
	NoteInput
	Body struct {
		Reason string `json:"reason,omitempty" enum:"amount,price,sessions,tax,period,recipient,other"`
		Text   string `json:"text" minLength:"1"`
	}
}

// object raises an objection to a note.
func (c *call) object(in *objectInput) (*One[Objection], error) {
	note, err := c.note(in.Number)
	if err != nil {
		return nil, err
	}
	if err := c.Store.Object(c.ctx, c.name(), note.Number, in.Body.Reason, in.Body.Text); err != nil {
		return nil, err
	}
	return c.latestObjection(note)
}

// withdrawInput says what settled an objection.
type withdrawInput struct {
	NoteInput
	Body struct {
		Answer string `json:"answer" minLength:"1"`
	}
}

// withdraw settles the open objection: the note stands.
func (c *call) withdraw(in *withdrawInput) (*One[Objection], error) {
	note, err := c.note(in.Number)
	if err != nil {
		return nil, err
	}
	if err := c.Store.WithdrawObjection(c.ctx, c.name(), note.Number, in.Body.Answer); err != nil {
		return nil, err
	}
	return c.latestObjection(note)
}

func (c *call) latestObjection(note *creditnotes.Note) (*One[Objection], error) {
	list, err := c.objectionsTo(note)
	if err != nil {
		return nil, err
	}
	return &One[Objection]{list[0]}, nil
}
