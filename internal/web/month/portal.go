package month

import (
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/snapshot"
	"creditrun/internal/store"
	"creditrun/internal/web/page"
)

// portalView is the first page of a user of a Sub-CPO.
type portalView struct {
	Entity    string
	Notes     []page.NoteListRow
	Year      int
	Totals    []creditnotes.NoteTotal
	Month     ownMonth
	Statement string // link to the account statement; empty: none
	AllNotes  string
	Sessions  string
	Inbox     []inboxLine                // what waits for the visitor
	Announced []creditnotes.Announcement // what the operator announces
	Settled   []creditnotes.SettledNote  // without a document
	Reminders int                        // that were sent to the entity and those below it
	Earned    earnedView
	Questions []store.AskedQuestion // of the visitor
}

// How many credit notes and owners the portal begins with.
const (
	portalNotes  = 5
	portalOwners = 50
	// How many stations and questions.
	portalStations  = 10
	portalQuestions = 5
)

// portal is home for a user of a Sub-CPO: everything on it is of the own
// entity or of those below it.
func (v *Visit) portal(b *snapshot.Snapshot) error {
	if b.Network == nil {
		return b.Err
	}
	ctx, entity := v.R.Context(), v.Who.User.Entity
	scope := snapshot.Scope(v.Who)
	view := portalView{
		Entity: v.EntityName(entity), Year: v.Now().In(v.Zone()).Year(), Month: v.ownMonth(b),
		AllNotes: v.NearestAllowed("/notes"), Sessions: v.NearestAllowed("/sessions"),
	}
	if statement := page.EntityPath(entity) + "/statement"; v.CanOpen(statement) {
		view.Statement = statement
	}
	list, err := v.Store.ListNotes(ctx, creditnotes.NoteFilter{Scope: scope}, creditnotes.Page{Limit: portalNotes})
	if err != nil {
		return err
	}
	if view.Notes, err = v.NoteRows(b, list.Notes); err != nil {
		return err
	}
	if view.Settled, err = v.Store.SettledNotes(ctx, scope, portalNotes); err != nil {
		return err
	}
	if view.Reminders, err = v.Store.CountReminders(ctx, store.ReminderFilter{Scope: scope}); err != nil {
		return err
	}
	first := entities.MonthOf(time.Date(view.Year, time.January, 15, 0, 0, 0, 0, time.UTC), time.UTC)
	view.Totals, err = v.Store.NoteTotals(ctx, creditnotes.NoteFilter{Scope: scope, FromMonth: first, UntilMonth: first.AddMonths(11)})
	if err != nil {
		return err
	}
	page.MainFirst(view.Totals, b.Currency(), page.CurrencyOf)
	if view.Inbox, err = v.inbox(b); err != nil {
		return err
	}
	if view.Announced, err = v.Store.ShownAnnouncements(ctx, scope, entities.Date(v.Today())); err != nil {
		return err
	}
	if view.Earned, err = v.earned(b, scope); err != nil {
		return err
	}
	if view.Questions, err = v.Store.QuestionsAsked(ctx, v.Name(), portalQuestions); err != nil {
		return err
	}
	return v.ShowAs("portal", "menu_home", view)
}

// ownMonth is the current month at the stations of a Sub-CPO.
type ownMonth struct {
	Month    entities.Month
	Known    bool
	AsOf     string
	Owners   []ownTally
	More     int // owners that are only in the sums
	Sessions int64
	Energy   money.Quantity
	Held     int64 // sessions under review
	Owed     []page.Sum
}

// ownTally is what the sessions of one owner come to.
type ownTally struct {
	Name     string
	Sessions int64
	Energy   money.Quantity
	Held     int64
	Owed     []page.Sum // expected, net
}

// ownMonth picks from the figures of the month those of the owners whom the
// visitor sees.
func (v *Visit) ownMonth(b *snapshot.Snapshot) ownMonth {
	view := ownMonth{Month: entities.MonthOf(v.Now(), v.Zone())}
	now, _, _ := v.monthSoFar()
	if now == nil {
		return view
	}
	view.Known = true
	view.AsOf = now.at.In(v.Zone()).Format(time.TimeOnly)
	owed := map[string]money.Micros{}
	for _, o := range now.Owners {
		if !v.Who.Sees(o.Owner) {
			continue
		}
		for currency, net := range o.Owed {
			owed[currency] += net
		}
		if len(view.Owners) < portalOwners {
			view.Owners = append(view.Owners, ownTally{b.Network.Tree.Entity(o.Owner).Name, o.Sessions, o.Energy, o.Held.Sessions, page.SumsOf(o.Owed, b.Currency())})
		} else {
			view.More++
		}
		view.Sessions += o.Sessions
		view.Energy += o.Energy
		view.Held += o.Held.Sessions
	}
	view.Owed = page.SumsOf(owed, b.Currency())
	return view
}
