package api

import (
	"context"
	"net/http"
	"slices"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/payouts"
	"creditrun/internal/snapshot"
	"creditrun/internal/store"
	"creditrun/internal/tasks"
)

// remindersInput narrows the listing.
type remindersInput struct {
	Paging
	Entity string `query:"entity" doc:"key of the recipient"`
}

// reminders lists the reminders that were sent to entities that the visitor sees.
func (c *call) reminders(in *remindersInput) (*List[payouts.ReminderJSON], error) {
	page, err := c.page(in.Paging)
	if err != nil {
		return nil, err
	}
	some, place, _, err := c.Store.Reminders(c.ctx, store.ReminderFilter{Entity: in.Entity, Scope: snapshot.Scope(c.who)}, page)
	if err != nil {
		return nil, err
	}
	items := make([]payouts.ReminderJSON, len(some))
	for i := range some {
		items[i] = c.reminderJSON(&some[i])
	}
	return listed(c, items, place), nil
}

// reminderJSON does not tell recipients who sent a reminder.
func (c *call) reminderJSON(r *creditnotes.Reminder) payouts.ReminderJSON {
	out := payouts.JSONOfReminder(r)
	out.SentAt = c.at(out.SentAt)
	if !c.who.Operator {
		out.SentBy = ""
	}
	return out
}

// ReminderInput names a reminder.
type ReminderInput struct {
	Number string `path:"number" example:"MA-000001"`
}

// seenReminder is a reminder that the visitor sees.
func (c *call) seenReminder(number string) (*creditnotes.Reminder, error) {
	r, err := c.Store.Reminder(c.ctx, number)
	if err == nil && !c.who.Sees(r.Recipient) {
		err = fault.New(fault.NotFound, "reminder_unknown", fault.Args{"reminder": number})
	}
	return r, err
}

// Reminder is a reminder with its mailings.
type Reminder struct {
	payouts.ReminderJSON
	Deliveries []Delivery `json:"deliveries" nullable:"false"`
}

// reminder shows a reminder that the visitor sees.
func (c *call) reminder(in *ReminderInput) (*One[Reminder], error) {
	r, err := c.seenReminder(in.Number)
	if err != nil {
		return nil, err
	}
	out := Reminder{c.reminderJSON(r), []Delivery{}}
	mails, err := c.Store.ReminderDeliveries(c.ctx, r.ID)
	if err != nil {
		return nil, err
	}
	for i := range mails {
		out.Deliveries = append(out.Deliveries, c.deliveryOf(r.Number, &mails[i]))
	}
	return &One[Reminder]{out}, nil
}

// reminderFile gives the letter out as it was sent.
func (c *call) reminderFile(in *ReminderInput) (*fileOutput, error) {
	if _, err := c.seenReminder(in.Number); err != nil {
		return nil, err
	}
	f, err := c.Store.ReminderFile(c.ctx, in.Number)
	if err != nil {
		return nil, err
	}
	return &fileOutput{
		Status: http.StatusOK, ContentType: f.MediaType, ETag: `"` + f.SHA256 + `"`, Disposition: `attachment; filename="` + f.Name + `"`, Body: f.Content,
	}, nil
}

// dueReminders lists what would be sent today.
func (c *call) dueReminders(*struct{}) (*One[Items[payouts.DueReminderJSON]], error) {
	list, err := c.Store.DueReminders(c.ctx, c.snapshot.Day(c.Now()))
	if err != nil {
		return nil, err
	}
	items := []payouts.DueReminderJSON{}
	for i := range list {
		items = append(items, list[i].JSON())
	}
	return &One[Items[payouts.DueReminderJSON]]{Items[payouts.DueReminderJSON]{Items: items}}, nil
}

// sendRemindersInput chooses what is sent.
type sendRemindersInput struct {
	Body struct {
		Recipients []string `json:"recipients,omitempty" doc:"keys; without them, all that are due today"`
	}
}

// sendReminders sends the reminders that are due today, in the background.
func (c *call) sendReminders(in *sendRemindersInput) (*sentReminders, error) {
	maker, err := store.MakerOfReminders(c.Runner, c.Texts.Supports)
	if err != nil {
		return nil, err
	}
	var wanted func(*payouts.DueReminder) bool
	if keys := in.Body.Recipients; len(keys) > 0 {
		wanted = func(r *payouts.DueReminder) bool { return slices.Contains(keys, r.Recipient.Key) }
	}
	s, who, day := c.Store, c.name(), c.snapshot.Day(c.Now())
	state := c.reminding.Start(who, string(day), func(ctx context.Context, p *tasks.Progress) (numbers []string, err error) {
		maker.Progress = p.Set
		sent, err := s.SendReminders(ctx, who, day, wanted, maker)
		for i := range sent {
			numbers = append(numbers, sent[i].Number)
		}
		return numbers, err
	}).Within(c.within)
	if state.Err != nil {
		return nil, state.Err
	}
	out := &sentReminders{Status: http.StatusOK, Body: Items[payouts.ReminderJSON]{Items: []payouts.ReminderJSON{}}}
	if !state.Over() {
		out.Status, out.Location = http.StatusAccepted, workPath(state.ID)
	}
	for _, number := range state.Value {
		one, err := c.Store.Reminder(c.ctx, number)
		if err != nil {
			return nil, err
		}
		out.Body.Items = append(out.Body.Items, c.reminderJSON(one))
	}
	return out, nil
}

// sentReminders answers 202 while reminders are sent.
type sentReminders struct {
	Status   int
	Location string `header:"Location"`
	Body     Items[payouts.ReminderJSON]
}

// resendReminderInput says where a reminder is mailed.
type resendReminderInput struct {
	ReminderInput
	Body *struct {
		Addresses creditnotes.Addresses `json:"addresses,omitempty" enum:"present,stored,named" doc:"those that the recipient has now (when left out), those of the first mail, or those of to"`
		To        []string              `json:"to,omitempty" doc:"with addresses named"`
	}
}

// resendReminder mails the same letter once more.
func (c *call) resendReminder(in *resendReminderInput) (*One[Delivery], error) {
	if _, err := c.Store.Reminder(c.ctx, in.Number); err != nil {
		return nil, err
	}
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

// stopRemindersInput says why no reminders are sent.
type stopRemindersInput struct {
	Key  string `path:"key" doc:"of the recipient"`
	Body struct {
		Reason string `json:"reason" minLength:"1"`
		Since  string `json:"since,omitempty" format:"date" doc:"the first day without reminders; without it, today"`
	}
}

// stopReminders sends an entity no more reminders.
func (c *call) stopReminders(in *stopRemindersInput) (*none, error) {
	since := c.snapshot.Day(c.Now())
	if in.Body.Since != "" {
		var err error
		if since, err = entities.ParseDate(in.Body.Since); err != nil {
			return nil, c.invalid("body.since", "expected a date")
		}
	}
	return &none{}, c.Store.StopReminders(c.ctx, c.name(), in.Key, since, in.Body.Reason)
}

// resumeReminders sends an entity reminders again.
func (c *call) resumeReminders(in *keyInput) (*none, error) {
	return &none{}, c.Store.ResumeReminders(c.ctx, c.name(), in.Key)
}
