package web

import (
	"errors"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"creditrun/internal/snapshot"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/sessions"
)

// sessionListView is the list of sessions with its filter.
type sessionListView struct {
	Asked    map[string]string // what the filter says, by field
	Entities []choice
	Stations []choice
	Classes  []choice
	States   []choice
	Reasons  []choice
	Rows     []sessionListRow
	Pager    pagerView
	Filter   string // of the addresses of downloads and counts
	Here     string // this page
	Counts   bool   // there is a month to be counted
	Narrowed bool
	Export   bool
	Judge    bool
	Choose   bool   // some of the rows can be decided about
	Reused   bool   // they have the id of another session
	Chosen   bool   // they are ticked
	Reason   string // as it was typed

	ChooseAll string // this page with all ticked
}

// sessionListRow is one session of the list.
type sessionListRow struct {
	creditnotes.SessionRow
	Path     string
	Class    sessions.Class // stated or derived
	Station  string         // key; empty: unknown connector
	Owner    string         // name; empty: nobody
	NotePath string
	Choose   bool // it can be decided about
}

// sessionList lists the sessions that the visitor may see.
func (v *visit) sessionList() error {
	return v.showSessions(v.askedSessions(), nil)
}

// askedSessions is what the address asks for: the running month where it asks
// for nothing.
func (v *visit) askedSessions() url.Values {
	if v.r.URL.RawQuery == "" {
		return url.Values{"month": {string(v.thisMonth())}}
	}
	return v.query()
}

// showSessions shows the list, with what was wrong with a decision on top.
func (v *visit) showSessions(asked url.Values, problem error) error {
	b, err := v.network()
	if err != nil {
		return err
	}
	view, err := v.sessionFilterView(b, asked)
	if err != nil {
		return err
	}
	if err := errors.Join(problem, v.listSessions(b, asked, &view)); err != nil {
		title, missing := v.text("menu_sessions")
		if missing != nil {
			return missing
		}
		return v.retry(err, "sessions", title, view)
	}
	return v.showAs("sessions", "menu_sessions", view)
}

func (v *visit) listSessions(b *snapshot.Snapshot, asked url.Values, view *sessionListView) error {
	filter, err := v.sessionFilter(b, asked)
	if err != nil {
		return err
	}
	list, err := v.Store.ListSessions(v.r.Context(), filter, wanted(asked))
	if err != nil {
		return err
	}
	for i := range list.Sessions {
		row := sessionListRowOf(b, &list.Sessions[i])
		row.Choose = view.Judge && row.Choose
		view.Choose = view.Choose || row.Choose
		view.Rows = append(view.Rows, row)
	}
	all := maps.Clone(asked)
	all.Set("chosen", "all")
	view.Reused = asked.Get("reason") == string(sessions.IDReused)
	view.Chosen, view.ChooseAll = asked.Get("chosen") == "all", "/sessions?"+all.Encode()+"#judging"
	view.Pager = pagerOf("/sessions", asked, list.Next, list.Previous)
	return nil
}

func sessionListRowOf(b *snapshot.Snapshot, r *creditnotes.SessionRow) sessionListRow {
	row := sessionListRow{SessionRow: *r, Path: sessionPath(r.Session.ID), Class: b.Network.Class(&r.Session), Choose: undecided(r)}
	if place := b.Network.Place(r.Session.ConnectorID); place != nil {
		row.Station = place.Station.Key
		if owner := place.Owner(r.Session.Start); owner != nil {
			row.Owner = owner.Name
		}
	}
	if r.Number != "" {
		row.NotePath = "/notes/" + url.PathEscape(r.Number)
	}
	return row
}

// sessionsFilterOf is filterOf for sessions, where nothing asked for is a month.
func sessionsFilterOf(asked url.Values) string {
	if filter := filterOf(asked); filter != "" {
		return filter
	}
	return "?month="
}

// undecided tells whether a session can still be released or made invalid.
func undecided(r *creditnotes.SessionRow) bool {
	return (r.State == creditnotes.SessionOpen || r.State == creditnotes.SessionHeld) && (!r.Session.Reversed || r.Session.IDReused)
}

func sessionPath(id int64) string { return "/sessions/" + strconv.FormatInt(id, 10) }

// sessionFilter reads the filter of an address and narrows it to what the
// visitor may see.
func (v *visit) sessionFilter(b *snapshot.Snapshot, asked url.Values) (f creditnotes.SessionFilter, err error) {
	f = creditnotes.SessionFilter{
		State: creditnotes.SessionState(asked.Get("state")), Reason: sessions.Reason(asked.Get("reason")),
		Name: strings.TrimSpace(asked.Get("text")), Medium: strings.TrimSpace(asked.Get("medium")),
	}
	if !v.may(access.JudgeSessions) { // a longer one would tell what is masked
		f.Medium = lastOfMedium(f.Medium)
	}
	month, err := monthOf(asked.Get("month"))
	if err != nil {
		return f, err
	}
	if !month.IsZero() {
		f.From, f.Until = month.Start(b.Network.Zone()), month.End(b.Network.Zone())
	}
	if class := sessions.Class(asked.Get("class")); class != "" {
		f.Matches = func(s *sessions.Session) bool { return b.Network.Class(s) == class }
	}
	if f.Connectors, err = v.connectorsOf(b, asked.Get("station")); err != nil {
		return f, err
	}
	owner, err := v.entityKey(b, asked.Get("owner"))
	switch {
	case err != nil:
	case owner != "":
		f.Owned = b.Network.Holdings(owner)
	case !v.who.Operator:
		f.Owned = b.Network.Holdings(v.scope()...)
	}
	return f, err
}

// lastOfMedium is what of a medium everybody sees who sees its sessions.
func lastOfMedium(uid string) string {
	letters := []rune(uid)
	return string(letters[max(0, len(letters)-4):])
}

// connectorsOf are the connectors of a station that the visitor sees, by its
// key or name; nil where none is asked for.
func (v *visit) connectorsOf(b *snapshot.Snapshot, text string) (ids []int64, err error) {
	if text == "" {
		return nil, nil
	}
	for _, s := range b.Network.Stations() {
		if (s.Key == text || strings.EqualFold(s.Name, text)) && v.seesStation(s) {
			ids = []int64{}
			for _, place := range b.Places()[s.Key] {
				ids = append(ids, place.Connector.ID)
			}
			if s.Key == text {
				return ids, nil
			}
		}
	}
	if ids == nil {
		err = fault.New(fault.NotFound, "station_not_found", fault.Args{"station": text})
	}
	return ids, err
}

// sessionFilterView is the form of the filter as the address asks for it.
func (v *visit) sessionFilterView(b *snapshot.Snapshot, asked url.Values) (view sessionListView, err error) {
	view = sessionListView{
		Asked: map[string]string{}, Entities: v.entitiesOffered(b), Filter: sessionsFilterOf(asked), Here: "/sessions" + sessionsFilterOf(asked),
		Counts: asked.Get("month") != "", Narrowed: v.r.URL.RawQuery != "", Export: v.may(access.Export), Judge: v.may(access.JudgeSessions),
	}
	for _, field := range []string{"month", "owner", "station", "text", "medium"} {
		view.Asked[field] = asked.Get(field)
	}
	for _, s := range b.Network.Stations() {
		if v.seesStation(s) {
			view.Stations = append(view.Stations, choice{Value: s.Key, Text: s.Name})
		}
	}
	if len(view.Stations) > mostOffered {
		view.Stations = nil
	}
	if view.Classes, err = v.choices("class_%s", asked.Get("class"), string(sessions.Internal), string(sessions.Bilateral), string(sessions.Community)); err != nil {
		return view, err
	}
	view.States, err = v.choices("session_state_%s", asked.Get("state"), string(creditnotes.SessionOpen), string(creditnotes.SessionHeld),
		string(creditnotes.SessionDrafted), string(creditnotes.SessionCredited), string(creditnotes.SessionZero), string(creditnotes.SessionExcluded),
		string(creditnotes.SessionWithdrawn))
	if err != nil {
		return view, err
	}
	view.Reasons, err = v.choices("reason_%s", asked.Get("reason"), heldReasonWords()...)
	return view, err
}

// heldReasonWords are the reasons for which sessions are held, in the order in
// which they are checked, and then those for which they are excluded.
func heldReasonWords() []string {
	return []string{
		string(sessions.ReasonInvalid), string(sessions.IDReused), string(sessions.UnknownConnector), string(sessions.NoOwner), string(sessions.EndBeforeStart),
		string(sessions.NegativeEnergy), string(sessions.InTheFuture), string(sessions.TooLong), string(sessions.DurationMismatch),
		string(sessions.TooMuchEnergy), string(sessions.MeterMismatch), string(sessions.Overlap),
		string(sessions.Unpriced), string(sessions.OwnerFailed), string(sessions.BeforeStartDate), string(sessions.OperatorOwned),
	}
}

// sessionCountsView counts the sessions of a filter by state and reason.
type sessionCountsView struct {
	Month  entities.Month
	Counts []sessionCountLine
	Total  creditnotes.Count
	Back   string
}

// sessionCountLine counts one state, and leads to its sessions.
type sessionCountLine struct {
	creditnotes.SessionCount
	Path string
}

// sessionCounts counts the sessions of a month: as a part of the list, or as a
// page of its own.
func (v *visit) sessionCounts() error {
	b, err := v.network()
	if err != nil {
		return err
	}
	asked := v.askedSessions()
	if asked.Get("month") == "" {
		asked.Set("month", string(v.thisMonth()))
	}
	filter, err := v.sessionFilter(b, asked)
	if err != nil {
		return err
	}
	counts, err := v.Store.SessionCounts(v.r.Context(), filter)
	if err != nil {
		return err
	}
	view := sessionCountsView{Month: entities.Month(asked.Get("month")), Back: "/sessions" + filterOf(asked)}
	for _, c := range counts {
		view.Total = view.Total.Plus(c.Count)
		asked.Set("state", string(c.State))
		asked.Del("reason")
		if c.Reason != "" {
			asked.Set("reason", string(c.Reason))
		}
		view.Counts = append(view.Counts, sessionCountLine{c, "/sessions" + filterOf(asked)})
	}
	if v.refreshes() {
		return v.part("session_counts", "counts", view)
	}
	return v.showAs("session_counts", "session_counts", view)
}

// findSession opens the session with an external id; where several sources use
// it, their list.
func (v *visit) findSession() error {
	name := strings.TrimSpace(v.r.FormValue("name"))
	if name == "" {
		return v.redirect("/sessions")
	}
	b, err := v.network()
	if err != nil {
		return err
	}
	found, err := v.Store.FindSessions(v.r.Context(), name)
	if err != nil {
		return err
	}
	found = slices.DeleteFunc(found, func(s sessions.Session) bool { return !v.seesSession(b, &s) })
	found = slices.CompactFunc(found, func(x, y sessions.Session) bool { return x.Source == y.Source && x.ExternalID == y.ExternalID })
	switch len(found) {
	case 0:
		return fault.New(fault.NotFound, "session_not_found", fault.Args{"session": name})
	case 1:
		return v.redirect(sessionPath(found[0].ID))
	}
	return v.redirect("/sessions?" + url.Values{"text": {found[0].ExternalID}}.Encode())
}

// seesSession tells whether the visitor may see a session: whoever sees the
// owner of the station when it started (domain.md §2.3).
func (v *visit) seesSession(b *snapshot.Snapshot, s *sessions.Session) bool {
	if v.who.Operator {
		return true
	}
	place := b.Network.Place(s.ConnectorID)
	if place == nil {
		return false
	}
	owner := place.Owner(s.Start)
	return owner != nil && v.who.Sees(owner.Key)
}
