package api

import (
	"strconv"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/inbox"
	"creditrun/internal/money"
	"creditrun/internal/snapshot"
)

// InboxItem is what waits of one kind.
type InboxItem struct {
	Kind   inbox.Kind   `json:"kind" enum:"questions,objections,conversations,changes,drafts,payouts,mails,bank,held,ending,answers,replies"`
	Count  int          `json:"count"`
	Oldest time.Time    `json:"oldest" doc:"since when the oldest waits"`
	Values []InboxValue `json:"values" nullable:"false" doc:"what it comes to"`
	Page   string       `json:"page" doc:"where it is dealt with on the pages"`
}

// InboxValue is an amount in one currency.
type InboxValue struct {
	Currency string `json:"currency"`
	Amount   string `json:"amount"`
}

// inbox lists what waits for the person of the token.
func (c *call) inbox(*struct{}) (*One[Items[InboxItem]], error) {
	list, err := inbox.Of(c.ctx, inbox.Asked{Store: c.Store, Who: c.who, Now: c.Now(), Snapshot: c.snapshot})
	items := []InboxItem{}
	for _, item := range list {
		out := InboxItem{Kind: item.Kind, Count: item.Count, Oldest: c.at(item.Oldest), Values: []InboxValue{}, Page: item.Link}
		for _, v := range item.Values {
			digits, _ := money.Digits(v.Currency)
			out.Values = append(out.Values, InboxValue{v.Currency, v.Amount.Format(digits)})
		}
		items = append(items, out)
	}
	return &One[Items[InboxItem]]{Items[InboxItem]{Items: items}}, err
}

// Thread is what the operator and a Sub-CPO write to each other about a matter.
type Thread struct {
	ID        int64                  `json:"id"`
	Kind      creditnotes.ThreadKind `json:"kind" enum:"question,objection,conversation"`
	Entity    string                 `json:"entity,omitempty" doc:"key of the Sub-CPO; none: the operator asks itself"`
	Subject   string                 `json:"subject" doc:"source and id of the session, number of the note, or the title"`
	Reason    string                 `json:"reason,omitempty" doc:"code, of a question or an objection"`
	State     string                 `json:"state" enum:"open,settled"`
	WaitsFor  creditnotes.Side       `json:"waits_for,omitempty" enum:"operator,sub_cpo" doc:"whose turn it is"`
	OpenedAt  time.Time              `json:"opened_at"`
	OpenedBy  string                 `json:"opened_by"`
	ChangedAt time.Time              `json:"changed_at" doc:"of the last message"`
}

// Message is one of a thread.
type Message struct {
	ID   int64            `json:"id"`
	At   time.Time        `json:"at"`
	Who  string           `json:"who"`
	Side creditnotes.Side `json:"side" enum:"operator,sub_cpo"`
	Text string           `json:"text"`
}

// ShownThread is a thread with its messages.
type ShownThread struct {
	Thread
	Messages []Message `json:"messages" nullable:"false"`
}

func (c *call) threadOf(t *creditnotes.Thread) Thread {
	out := Thread{ID: t.ID, Kind: t.Kind, Entity: t.Entity, Subject: t.Subject, Reason: t.Reason, State: "open", WaitsFor: t.WaitsFor,
		OpenedAt: c.at(t.OpenedAt), OpenedBy: t.OpenedBy, ChangedAt: c.at(t.ChangedAt)}
	if t.Settled {
		out.State = "settled"
	}
	return out
}

// threadsInput narrows the listing.
type threadsInput struct {
	Paging
	Kind     creditnotes.ThreadKind `query:"kind" enum:"question,objection,conversation"`
	State    string                 `query:"state" enum:"open,settled"`
	WaitsFor creditnotes.Side       `query:"waits_for" enum:"operator,sub_cpo"`
	Entity   string                 `query:"entity" doc:"key of the Sub-CPO"`
}

// threads lists threads, the latest first.
func (c *call) threads(in *threadsInput) (*List[Thread], error) {
	below, err := c.below(in.Paging)
	if err != nil {
		return nil, err
	}
	f := creditnotes.ThreadFilter{Kind: in.Kind, Entity: in.Entity, Open: in.State == "open", Settled: in.State == "settled", WaitsFor: in.WaitsFor, Scope: snapshot.Scope(c.who)}
	list, err := c.Store.Threads(c.ctx, f, below, in.Limit+1)
	if err != nil {
		return nil, err
	}
	place := lastOf(list, in.Limit, func(t *creditnotes.Thread) int64 { return t.ID })
	list = list[:min(len(list), in.Limit)]
	items := make([]Thread, len(list))
	for i := range list {
		items[i] = c.threadOf(&list[i])
	}
	return listed(c, items, place), nil
}

// thread shows one with its messages.
func (c *call) thread(in *IDInput) (*One[ShownThread], error) {
	t, messages, err := c.Store.Thread(c.ctx, in.ID, snapshot.Scope(c.who))
	if err != nil {
		return nil, err
	}
	out := ShownThread{c.threadOf(t), []Message{}}
	for _, m := range messages {
		out.Messages = append(out.Messages, Message{m.ID, c.at(m.At), m.Who, m.Side, m.Text})
	}
	return &One[ShownThread]{out}, nil
}

// askInput is a question on a session.
type askInput struct {
	SessionInput
	Body struct {
		Reason string `json:"reason,omitempty" enum:"price,energy,time,owner,missing,held,other"`
		Text   string `json:"text" minLength:"1"`
	}
}

// ask asks about a session that the visitor sees.
func (c *call) ask(in *askInput) (*One[ShownThread], error) {
	s, err := c.found(in.ID)
	if err != nil {
		return nil, err
	}
	id, err := c.Store.AskAboutSession(c.ctx, c.name(), s.Source, s.ExternalID, in.Body.Reason, in.Body.Text)
	if err != nil {
		return nil, err
	}
	threads, err := c.Store.ThreadIDs(c.ctx, creditnotes.QuestionThread, []int64{id}, nil)
	if err != nil {
		return nil, err
	}
	return c.thread(&IDInput{threads[id]})
}

// converseInput begins a conversation.
type converseInput struct {
	Body struct {
		Entity  string `json:"entity,omitempty" doc:"key of the Sub-CPO; of a user of one, its own"`
		Subject string `json:"subject" minLength:"1" maxLength:"200"`
		Text    string `json:"text" minLength:"1"`
	}
}

// converse begins a conversation with a Sub-CPO.
func (c *call) converse(in *converseInput) (*One[ShownThread], error) {
	entity := in.Body.Entity
	if entity == "" && !c.who.Operator {
		entity = c.who.User.Entity
	}
	if !c.who.Sees(entity) {
		return nil, fault.New(fault.NotFound, "entity_unknown", fault.Args{"entity": entity}).At("entity")
	}
	id, err := c.Store.Converse(c.ctx, c.name(), entity, in.Body.Subject, in.Body.Text)
	if err != nil {
		return nil, err
	}
	return c.thread(&IDInput{id})
}

// messageInput is a message in a thread.
type messageInput struct {
	IDInput
	Body struct {
		Text string `json:"text" minLength:"1"`
	}
}

// reply writes a message in a thread.
func (c *call) reply(in *messageInput) (*One[ShownThread], error) {
	if _, err := c.thread(&in.IDInput); err != nil {
		return nil, err
	}
	if err := c.Store.Reply(c.ctx, c.name(), in.ID, in.Body.Text); err != nil {
		return nil, err
	}
	return c.thread(&in.IDInput)
}

// answer settles a question or an objection.
func (c *call) answer(in *messageInput) (*One[ShownThread], error) {
	t, _, err := c.Store.Thread(c.ctx, in.ID, nil)
	if err != nil {
		return nil, err
	}
	switch t.Kind {
	case creditnotes.QuestionThread:
		err = c.Store.AnswerSessionQuery(c.ctx, c.name(), t.MatterID, in.Body.Text)
	case creditnotes.ObjectionThread:
		err = c.Store.WithdrawObjection(c.ctx, c.name(), t.Subject, in.Body.Text, strconv.FormatInt(t.MatterID, 10))
	default: // a conversation has messages and an end
		err = fault.New(fault.Conflict, "thread_settled", fault.Args{"subject": t.Subject})
	}
	if err != nil {
		return nil, err
	}
	return c.thread(&in.IDInput)
}

// closeThread ends a conversation.
func (c *call) closeThread(in *IDInput) (*One[ShownThread], error) {
	if _, err := c.thread(in); err != nil {
		return nil, err
	}
	if err := c.Store.CloseThread(c.ctx, c.name(), in.ID); err != nil {
		return nil, err
	}
	return c.thread(in)
}

// Announcement is what the operator announces in the portal.
type Announcement struct {
	ID          int64     `json:"id"`
	Entity      string    `json:"entity,omitempty" doc:"key of the Sub-CPO; none: all"`
	Title       string    `json:"title"`
	Text        string    `json:"text"`
	Until       string    `json:"until,omitempty" format:"date" doc:"the last day on which it is shown"`
	AnnouncedAt time.Time `json:"announced_at"`
	AnnouncedBy string    `json:"announced_by,omitempty" doc:"for users of the operator"`
	WithdrawnAt time.Time `json:"withdrawn_at,omitzero"`
}

func (c *call) announcementOf(a *creditnotes.Announcement) Announcement {
	out := Announcement{a.ID, a.Entity, a.Title, a.Text, string(a.Until), c.at(a.AnnouncedAt), a.AnnouncedBy, c.at(a.WithdrawnAt)}
	if !c.who.Operator {
		out.AnnouncedBy = ""
	}
	return out
}

// announcements lists what was announced, the latest first; a Sub-CPO gets what
// it is shown today.
func (c *call) announcements(in *pageInput) (*List[Announcement], error) {
	below, err := c.below(in.Paging)
	if err != nil {
		return nil, err
	}
	var list []creditnotes.Announcement
	place := ""
	if c.who.Operator {
		list, err = c.Store.Announcements(c.ctx, below, in.Limit+1)
		place = lastOf(list, in.Limit, func(a *creditnotes.Announcement) int64 { return a.ID })
		list = list[:min(len(list), in.Limit)]
	} else {
		list, err = c.Store.ShownAnnouncements(c.ctx, snapshot.Scope(c.who), c.snapshot.Day(c.Now()))
	}
	items := make([]Announcement, len(list))
	for i := range list {
		items[i] = c.announcementOf(&list[i])
	}
	return listed(c, items, place), err
}

// announceInput is a new announcement.
type announceInput struct {
	Body struct {
		Entity string `json:"entity,omitempty" doc:"key of the Sub-CPO; none: all"`
		Title  string `json:"title" minLength:"1" maxLength:"200"`
		Text   string `json:"text" minLength:"1"`
		Until  string `json:"until,omitempty" format:"date" doc:"the last day on which it is shown; none: until it is withdrawn"`
	}
}

// announced is an announcement that was made.
type announced struct {
	ID int64 `json:"id"`
}

// announce shows a text in the portal.
func (c *call) announce(in *announceInput) (*One[announced], error) {
	id, err := c.Store.Announce(c.ctx, c.name(), creditnotes.Announcement{Entity: in.Body.Entity, Title: in.Body.Title, Text: in.Body.Text, Until: entities.Date(in.Body.Until)})
	return &One[announced]{announced{id}}, err
}

// withdrawAnnouncement ends an announcement.
func (c *call) withdrawAnnouncement(in *IDInput) (*none, error) {
	return &none{}, c.Store.WithdrawAnnouncement(c.ctx, c.name(), in.ID)
}
