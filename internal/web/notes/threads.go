package notes

import (
	"strconv"

	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
)

// threadsView lists what the operator and Sub-CPOs write to each other.
type threadsView struct {
	List     *page.List
	Kinds    []page.Choice
	States   []page.Choice
	Entities []page.Choice
	Rows     []threadLine
	Operator bool
	New      bool // the visitor may begin a conversation
	Announce bool // there is a page of announcements for the visitor
}

// threadLine is one thread in the list.
type threadLine struct {
	creditnotes.Thread
	Path       string
	EntityName string
	Reason     string // in words; empty: none
	Mine       bool   // it is the visitor's turn
}

// States of threads that a filter offers.
const (
	threadsOpen    = "open"
	threadsWaiting = "waiting" // for the visitor
	threadsSettled = "settled"
)

func threadPath(id int64) string { return "/questions/" + strconv.FormatInt(id, 10) }

// side is that of the visitor.
func (v *Visit) side() creditnotes.Side {
	if v.Who.Operator {
		return creditnotes.OperatorSide
	}
	return creditnotes.SubCPOSide
}

// Threads lists questions, objections and conversations, the latest first.
func (v *Visit) Threads() error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	l := page.NewList(v.R.URL.Query(), page.ListOptions{Path: "/questions", Fields: []string{"kind", "state", "entity"}, Size: page.RowsPerPage, Empty: "threads_none"})
	l.SetHeads(page.Head{Message: "thread_subject"}, page.Head{Message: "thread_state"}, page.Head{Message: "thread_kind"}, page.Head{Message: "thread_reason"}, page.Head{Message: "thread_entity"},
		page.Head{Message: "thread_opened"}, page.Head{Message: "thread_changed"})
	kinds := []string{string(creditnotes.QuestionThread), string(creditnotes.ObjectionThread), string(creditnotes.ConversationThread)}
	kind, state := l.Choice("kind", kinds...), l.Choice("state", threadsOpen, threadsWaiting, threadsSettled)
	f := creditnotes.ThreadFilter{Kind: creditnotes.ThreadKind(kind), Entity: v.EntityField(b, l, "entity"), Open: state == threadsOpen, Settled: state == threadsSettled, Scope: snapshot.Scope(v.Who)}
	if state == threadsWaiting {
		f.WaitsFor = v.side()
	}
	view := threadsView{List: l, Kinds: v.Choices("thread_kind_%s", kind, kinds...), States: v.Choices("threads_%s", state, threadsOpen, threadsWaiting, threadsSettled),
		Entities: v.EntitiesOffered(b), Operator: v.Who.Operator, New: v.mayWrite(), Announce: v.CanOpen("/announcements")}
	list, err := v.Store.Threads(v.R.Context(), f, l.Below(), page.RowsPerPage+1)
	if err != nil {
		return err
	}
	list = page.More(l, list, page.ParamBelow, func(t creditnotes.Thread) string { return page.FormatID(t.ID) })
	for _, t := range list {
		view.Rows = append(view.Rows, v.threadLine(b, t))
	}
	return v.ShowList("threads", "menu_questions", view, l.Err())
}

func (v *Visit) threadLine(b *snapshot.Snapshot, t creditnotes.Thread) threadLine {
	line := threadLine{Thread: t, Path: threadPath(t.ID), Mine: t.WaitsFor == v.side(), Reason: v.threadReason(&t)}
	if t.Entity != "" {
		line.EntityName = b.Names(t.Entity)
	}
	return line
}

// threadReason is the reason of a question or an objection in words.
func (v *Visit) threadReason(t *creditnotes.Thread) string {
	switch t.Kind {
	case creditnotes.QuestionThread:
		return v.questionReason(t.Reason)
	case creditnotes.ObjectionThread:
		return v.objectionReason(t.Reason)
	}
	return ""
}

func (v *Visit) questionReason(code string) string {
	return v.Choices("question_reason_%s", "", code)[0].Text
}
func (v *Visit) objectionReason(code string) string {
	return v.Choices("objection_reason_%s", "", code)[0].Text
}

// mayWrite reports whether the visitor may write in threads.
func (v *Visit) mayWrite() bool { return v.May(access.Object) }

// threadView is one thread.
type threadView struct {
	*page.FormState
	threadLine
	Messages []messageLine
	About    string // page of what it is about; empty: none that the visitor may open
	Cancel   string // page where the note is cancelled; empty: not for the visitor
	Seen     string // the last message
	Reply    bool
	Answer   bool // the visitor may answer the question or settle the objection
	Close    bool
	Text     string
	Said     string // the answer as it was typed
}

// messageLine is a message in a thread.
type messageLine struct {
	creditnotes.Message
	Mine   bool
	Cancel string // number of the cancellation that settled an objection
}

// The forms of the page of a thread.
const (
	replyForm  = "reply"
	closeForm  = "close"
	settleThat = "answer"
)

// ThreadPage shows a thread.
func (v *Visit) ThreadPage() error { return v.showThread(v.Form("")) }

func (v *Visit) showThread(f *page.FormState) error {
	t, messages, err := v.visibleThread()
	if err != nil {
		return err
	}
	b, err := v.Network()
	if err != nil {
		return err
	}
	view := threadView{FormState: f, threadLine: v.threadLine(b, *t)}
	for _, m := range messages {
		view.Messages = append(view.Messages, messageLine{Message: m, Mine: m.Side == v.side()})
		view.Seen = strconv.FormatInt(m.ID, 10)
	}
	conversation := t.Kind == creditnotes.ConversationThread
	settles := v.May(access.SettleObjections) && !t.Settled
	view.Reply = v.mayWrite() && (!t.Settled || conversation)
	view.Answer, view.Close = settles && !conversation, conversation && !t.Settled && v.mayWrite()
	if err := v.addAbout(t, &view); err != nil {
		return err
	}
	if !f.Ok() {
		view.Text, view.Said = f.In(replyForm).Text("text"), f.In(settleThat).Text("answer")
	}
	return v.ShowForm(f, "thread", v.Message("thread_title", "Subject", t.Subject), view)
}

// addAbout links to what a thread is about.
func (v *Visit) addAbout(t *creditnotes.Thread, view *threadView) error {
	switch t.Kind {
	case creditnotes.ObjectionThread:
		view.About, view.Cancel = v.LinkIfAllowed(page.NumberPath(t.Subject)), ""
		if view.Answer {
			view.Cancel = v.LinkIfAllowed(page.NumberPath(t.Subject) + "/cancel")
		}
		return v.addCancellation(t, view)
	case creditnotes.QuestionThread:
		list, err := v.Store.FindSessions(v.R.Context(), t.Subject)
		if fault.Is(err, fault.NotFound) || err == nil && len(list) == 0 {
			return nil
		}
		if err != nil {
			return err
		}
		view.About = v.LinkIfAllowed(page.SessionPath(list[0].ID))
	}
	return nil
}

// addCancellation links to the cancellation that settled an objection.
func (v *Visit) addCancellation(t *creditnotes.Thread, view *threadView) error {
	last := len(view.Messages) - 1
	if !t.Settled || last < 1 {
		return nil
	}
	note, err := v.Store.NoteByNumber(v.R.Context(), t.Subject)
	if err != nil {
		return err
	}
	list, err := v.Store.Objections(v.R.Context(), creditnotes.ObjectionFilter{NoteID: note.ID})
	for _, o := range list {
		if o.ID == t.MatterID && o.State == creditnotes.ObjectionCancelled {
			view.Messages[last].Cancel = o.Answer
		}
	}
	return err
}

// visibleThread is the thread of the address; one that the visitor may not see is
// unknown.
func (v *Visit) visibleThread() (*creditnotes.Thread, []creditnotes.Message, error) {
	id, err := page.ParseID(v.R.PathValue("id"))
	if err != nil {
		return nil, nil, fault.New(fault.NotFound, "thread_unknown", fault.Args{"thread": v.R.PathValue("id")})
	}
	return v.Store.Thread(v.R.Context(), id, snapshot.Scope(v.Who))
}

// ReplyToThread writes a message.
func (v *Visit) ReplyToThread() error {
	t, _, err := v.visibleThread()
	if err != nil {
		return err
	}
	f := v.Form(replyForm)
	if f.Fail(v.Store.Reply(v.R.Context(), v.Name(), t.ID, f.Text("text"))) {
		return v.showThread(f)
	}
	return v.Done(threadPath(t.ID)+"#last", "thread_replied")
}

// AnswerThread answers a question, or settles an objection: the note stands.
func (v *Visit) AnswerThread() error {
	t, _, err := v.visibleThread()
	if err != nil {
		return err
	}
	f := v.Form(settleThat)
	ctx, answer := v.R.Context(), f.Text("answer")
	switch t.Kind {
	case creditnotes.QuestionThread:
		err = v.Store.AnswerSessionQuery(ctx, v.Name(), t.MatterID, answer)
	case creditnotes.ObjectionThread:
		err = v.Store.WithdrawObjection(ctx, v.Name(), t.Subject, answer, strconv.FormatInt(t.MatterID, 10))
	default:
		return v.Nowhere()
	}
	if f.Fail(err) {
		return v.showThread(f)
	}
	return v.Done(threadPath(t.ID)+"#last", "thread_answered")
}

// CloseThread ends a conversation.
func (v *Visit) CloseThread() error {
	t, _, err := v.visibleThread()
	if err != nil {
		return err
	}
	f := v.Form(closeForm)
	if f.Fail(v.Store.CloseThread(v.R.Context(), v.Name(), t.ID, f.Sent())) {
		return v.showThread(f)
	}
	return v.Done(threadPath(t.ID), "thread_is_closed")
}

// newThreadView is the form of a conversation.
type newThreadView struct {
	*page.FormState
	Operator            bool
	Entities            []page.Choice
	Entity, Title, Text string
}

// NewThreadPage shows the form of a conversation.
func (v *Visit) NewThreadPage() error { return v.showNewThread(v.Form("")) }

func (v *Visit) showNewThread(f *page.FormState) error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	view := newThreadView{FormState: f, Operator: v.Who.Operator, Entities: v.EntitiesOffered(b), Entity: f.Text("entity"), Title: f.Text("title"), Text: f.Text("text")}
	if view.Entity == "" {
		view.Entity = v.R.URL.Query().Get("entity")
	}
	return v.ShowForm(f, "thread_new", v.Message("thread_new"), view)
}

// AddThread begins a conversation.
func (v *Visit) AddThread() error {
	f := v.Form("")
	entity := v.Who.User.Entity
	if v.Who.Operator {
		entity = f.Text("entity")
	}
	id, err := v.Store.Converse(v.R.Context(), v.Name(), entity, f.Text("title"), f.Text("text"))
	if f.Fail(err) {
		return v.showNewThread(f)
	}
	return v.Done(threadPath(id), "thread_replied")
}
