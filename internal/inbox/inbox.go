// Package inbox knows what waits for a person: the kinds of things, the right
// that each needs, how it is counted and where it is dealt with. Pages, the API
// and the digest of mails ask it. A new kind is one entry in kinds.
package inbox

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/money"
	"creditrun/internal/snapshot"
	"creditrun/internal/store"
)

// Kind names one kind of things that wait.
type Kind string

// The kinds. The last two are those of Sub-CPOs.
const (
	Questions     Kind = "questions"     // on sessions
	Objections    Kind = "objections"    // to credit notes
	Conversations Kind = "conversations" // of Sub-CPOs
	Changes       Kind = "changes"       // that another person asked for
	Drafts        Kind = "drafts"        // runs to be released that another person began
	Payouts       Kind = "payouts"       // batches to be approved that another person prepared
	Mails         Kind = "mails"         // that did not reach everyone
	Bank          Kind = "bank"          // entries that match nothing
	Held          Kind = "held"          // sessions that the next run would hold
	Ending        Kind = "ending"        // certificates and agreements that end within 60 days
	Answers       Kind = "answers"       // messages of the operator
	Replies       Kind = "replies"       // of the operator to a question or an objection
)

// Item is what waits of one kind.
type Item struct {
	Kind Kind
	store.Pile
	Link string // page where it is dealt with
}

// Asked is who asks what waits, and when.
type Asked struct {
	Store *store.Store
	Who   *access.Visitor
	Now   time.Time
	// Snapshot is the present configuration.
	Snapshot *snapshot.Snapshot
}

// entry is one kind: who sees it, how it is counted and where it is dealt with.
type entry struct {
	kind   Kind
	right  access.Right
	subCPO bool // for Sub-CPOs alone; else for the operator alone
	count  func(a *Asked, ctx context.Context) (store.Pile, error)
	link   string
	one    string // the page of a single one, with %s for its name; empty: link
}

// kinds are all kinds in the order in which they are shown.
var kinds = []entry{
	{Questions, access.SettleObjections, false, waiting(creditnotes.QuestionThread, creditnotes.OperatorSide), "/questions?kind=question&state=waiting", "/questions/%s"},
	{Objections, access.SettleObjections, false, (*Asked).objections, "/questions?kind=objection&state=open", "/questions/%s"},
	{Conversations, access.SettleObjections, false, waiting(creditnotes.ConversationThread, creditnotes.OperatorSide), "/questions?kind=conversation&state=waiting", "/questions/%s"},
	{Drafts, access.Approve, false, (*Asked).drafts, "/runs", "/runs/%s"},
	{Changes, access.ChangeEntities, false, (*Asked).changes, "/changes", ""},
	{Payouts, access.Approve, false, (*Asked).payouts, "/payouts", "/payout-batches/%s"},
	{Bank, access.Draft, false, (*Asked).bank, "/bank", "/bank/%s"},
	{Mails, access.Send, false, (*Asked).mails, "/mails/open", ""},
	{Held, access.JudgeSessions, false, (*Asked).held, "/sessions/held", ""},
	{Ending, access.ChangeEntities, false, (*Asked).ending, "/ending", ""},
	{Answers, access.Read, true, waiting(creditnotes.ConversationThread, creditnotes.SubCPOSide), "/questions?kind=conversation&state=waiting", "/questions/%s"},
	{Replies, access.Read, true, (*Asked).replies, "/questions?state=waiting", "/questions/%s"},
}

// Kinds lists all kinds.
func Kinds() []Kind {
	list := make([]Kind, len(kinds))
	for i, k := range kinds {
		list[i] = k.kind
	}
	return list
}

// Of lists what waits for the person who asks: kinds of which nothing waits are
// not in the list.
func Of(ctx context.Context, a Asked) ([]Item, error) {
	var list []Item
	for _, k := range kinds {
		if k.subCPO == a.Who.Operator || !a.Who.May(k.right) {
			continue
		}
		pile, err := k.count(&a, ctx)
		if err != nil {
			return nil, fmt.Errorf("inbox, %s: %w", k.kind, err)
		}
		if pile.Count == 0 {
			continue
		}
		link := k.link
		if k.one != "" && pile.Count == 1 && pile.Only != "" {
			link = fmt.Sprintf(k.one, pile.Only)
		}
		list = append(list, Item{k.kind, pile, link})
	}
	return list, nil
}

// waiting counts the threads of a kind that wait for a side.
func waiting(kind creditnotes.ThreadKind, side creditnotes.Side) func(*Asked, context.Context) (store.Pile, error) {
	return func(a *Asked, ctx context.Context) (store.Pile, error) {
		return a.Store.ThreadPile(ctx, kind, side, snapshot.Scope(a.Who))
	}
}

func (a *Asked) name() string { return a.Who.User.Name }

func (a *Asked) objections(ctx context.Context) (store.Pile, error) {
	return a.Store.ObjectionPile(ctx)
}

func (a *Asked) changes(ctx context.Context) (store.Pile, error) {
	return a.Store.ProposalPile(ctx, a.name())
}

func (a *Asked) drafts(ctx context.Context) (store.Pile, error) {
	return a.Store.DraftPile(ctx, a.name())
}

func (a *Asked) payouts(ctx context.Context) (store.Pile, error) {
	return a.Store.PayoutPile(ctx, a.name())
}

func (a *Asked) bank(ctx context.Context) (store.Pile, error)  { return a.Store.BankPile(ctx) }
func (a *Asked) mails(ctx context.Context) (store.Pile, error) { return a.Store.MailPile(ctx) }

// held is what the next run would hold, with what it would come to if it were
// released; nothing before the open month was read.
func (a *Asked) held(ctx context.Context) (pile store.Pile, err error) {
	sums, err := a.Store.HeldSums(ctx, []time.Time{a.Now}, time.Time{})
	if err != nil || len(sums) == 0 {
		return pile, err
	}
	values := map[string]money.Micros{}
	for _, s := range sums {
		pile = pile.With(store.Pile{Count: int(s.Sessions), Oldest: s.Oldest, Newest: s.Oldest})
		if s.Currency != "" {
			values[s.Currency] += s.Worth
		}
	}
	for _, currency := range slices.Sorted(maps.Keys(values)) {
		if digits, known := money.Digits(currency); known {
			pile.Values = append(pile.Values, store.PileValue{Currency: currency, Amount: values[currency].Round(digits)})
		}
	}
	return pile, nil
}

// replies are the questions and objections of Sub-CPOs that wait for them.
func (a *Asked) replies(ctx context.Context) (store.Pile, error) {
	questions, err := waiting(creditnotes.QuestionThread, creditnotes.SubCPOSide)(a, ctx)
	if err != nil {
		return store.Pile{}, err
	}
	objections, err := waiting(creditnotes.ObjectionThread, creditnotes.SubCPOSide)(a, ctx)
	return questions.With(objections), err
}

// Paper is a certificate or an agreement that ends soon.
type Paper struct {
	Entity *entities.Entity
	Kind   PaperKind
	Until  entities.Date
}

// PaperKind says what ends.
type PaperKind string

// What ends.
const (
	Agreement   PaperKind = "agreement"   // on self-billing
	Certificate PaperKind = "certificate" // of a reseller of electricity
)

// Papers lists what ends within 60 days and is not followed by another one, in
// the order of the entities; nothing while the network is broken.
func Papers(b *snapshot.Snapshot, now time.Time) (list []Paper) {
	if b.Network == nil {
		return nil
	}
	day := b.Day(now)
	for i := range b.Config.Entities {
		e := &b.Config.Entities[i]
		if !e.Active {
			continue
		}
		if e.Parent != "" && e.Agreement.CoversDay(day) && !e.Agreement.CoversDay(day.AddDays(entities.CertificateWarningDays)) {
			list = append(list, Paper{e, Agreement, e.Agreement.ValidUntil})
		}
		if len(e.CertificateWarnings(day)) > 0 {
			_, until := e.ResellerOn(day)
			list = append(list, Paper{e, Certificate, until})
		}
	}
	return list
}

// ending counts what ends soon. It waits since the day on which it was first
// warned of.
func (a *Asked) ending(context.Context) (pile store.Pile, err error) {
	for _, p := range Papers(a.Snapshot, a.Now) {
		since := p.Until.AddDays(-entities.CertificateWarningDays).In(time.UTC)
		pile = pile.With(store.Pile{Count: 1, Oldest: since, Newest: since})
	}
	return pile, nil
}
