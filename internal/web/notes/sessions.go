package notes

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
)

// sessionListView is the list of sessions with its filter.
type sessionListView struct {
	List     *page.List
	Entities []page.Choice
	Stations []page.Choice
	Classes  []page.Choice
	States   []page.Choice
	Nexts    []page.Choice // what the next run would make of them
	Reasons  []page.Choice
	Rows     []sessionListRow
	Counts   bool // there is a month to be counted
	Narrowed bool
	Judge    bool
	Choose   bool   // some of the rows can be decided about
	Reused   bool   // they have the id of another session
	Chosen   bool   // they are ticked
	Reason   string // as it was typed

	ChooseAll string // this page with all ticked
	Upload    string // page on which files are uploaded; empty: not for the visitor
}

// sessionListRow is one session of the list.
type sessionListRow struct {
	creditnotes.SessionRow
	Path     string
	Class    sessions.Class // stated or derived
	Station  string         // key; empty: unknown connector
	Owner    string         // name; empty: no one
	NotePath string
	Choose   bool          // it can be decided about
	Net      *money.Amount // that the next run would credit, or would if it were not held; nil: unknown
}

// SessionList lists the sessions that the visitor may see.
func (v *Visit) SessionList() error {
	return v.showSessions(v.askedSessions(), nil)
}

// sessionFields are the parameters of the filter of sessions.
var sessionFields = []string{"month", "owner", "station", "state", "next", "reason", "class", "text", "medium", "from", "until"}

// askedSessions is the list of sessions as the address asks for it: those of the
// running month where it asks for nothing.
func (v *Visit) askedSessions() *page.List {
	l := page.NewList(v.R.URL.Query(), page.ListOptions{
		Path: "/sessions", Fields: sessionFields, Size: page.RowsPerPage, Order: "-end", Empty: "sessions_none", Unfiltered: "month=",
	})
	if v.R.URL.RawQuery == "" {
		l.Set("month", string(v.ThisMonth()))
	}
	return l
}

// showSessions shows the list, with what was wrong with a decision on top.
func (v *Visit) showSessions(l *page.List, problem error) error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	view := v.sessionFilterView(b, l)
	if err := v.AddSaved(l); err != nil {
		return err
	}
	return v.ShowList("sessions", "menu_sessions", view, errors.Join(problem, v.listSessions(b, &view)))
}

func (v *Visit) listSessions(b *snapshot.Snapshot, view *sessionListView) error {
	l := view.List
	heads := []page.Head{
		{Message: "session_name"}, {Key: "end", Message: "session_end"}, {Message: "session_station"}, {Message: "notes_owner"}, {Message: "session_class"},
		{Message: "session_duration", Num: true}, {Text: "kWh", Num: true}, {Message: "session_state"}, {Message: "session_note"},
	}
	if view.Judge {
		heads = slices.Insert(heads, 0, page.Head{Message: "session_choose", Unseen: true})
	}
	l.SetHeads(heads...)
	filter, err := v.sessionFilter(b, l)
	if err != nil {
		return err
	}
	list, err := v.Store.ListSessions(v.R.Context(), filter, l.Page("end"))
	if err != nil {
		return err
	}
	for i := range list.Sessions {
		row := sessionListRowOf(b, &list.Sessions[i])
		row.Choose = view.Judge && row.Choose
		view.Choose = view.Choose || row.Choose
		view.Rows = append(view.Rows, row)
	}
	view.Reused = l.Text("reason") == string(sessions.IDReused)
	view.Chosen, view.ChooseAll = v.R.URL.Query().Get("chosen") == "all", l.Here("chosen", "all")+"#judging"
	l.Cursors(list.Next, list.Previous)
	if v.May(access.Export) {
		l.Export("/sessions.csv", "CSV", "")
		l.Export("/sessions.xlsx", "XLSX", "")
	}
	return nil
}

func sessionListRowOf(b *snapshot.Snapshot, r *creditnotes.SessionRow) sessionListRow {
	row := sessionListRow{SessionRow: *r, Path: page.SessionPath(r.Session.ID), Class: b.Network.Class(&r.Session), Choose: undecided(r)}
	if digits, known := money.Digits(r.Currency); r.Net != nil && known {
		row.Net = new(r.Net.Round(digits))
	}
	if place := b.Network.Place(r.Session.ConnectorID); place != nil {
		row.Station = place.Station.Key
		if owner := place.Owner(r.Session.Start); owner != nil {
			row.Owner = owner.Name
		}
	}
	if r.Number != "" {
		row.NotePath = page.NumberPath(r.Number)
	}
	return row
}

// undecided reports whether a session can still be released or made invalid.
func undecided(r *creditnotes.SessionRow) bool {
	return (r.State == creditnotes.SessionOpen || r.State == creditnotes.SessionHeld) && (!r.Session.Reversed || r.Session.IDReused)
}

// sessionFilter is the filter of a list, narrowed to what the visitor may see.
func (v *Visit) sessionFilter(b *snapshot.Snapshot, l *page.List) (creditnotes.SessionFilter, error) {
	f := creditnotes.SessionFilter{
		State: creditnotes.SessionState(l.Choice("state", sessionStates...)), Next: creditnotes.SessionState(l.Choice("next", nextStates...)), Reason: sessions.Reason(l.Choice("reason", heldReasonWords()...)),
		Name: l.Text("text"), Medium: l.Text("medium"), Connectors: v.stationField(b, l, "station"),
	}
	if !v.May(access.JudgeSessions) { // a longer one would tell what is masked
		f.Medium = lastOfMedium(f.Medium)
	}
	if month := l.Month("month"); !month.IsZero() && l.Err() == nil {
		f.From, f.Until = month.Start(b.Network.Zone()), month.End(b.Network.Zone())
	}
	if day := l.Day("from"); day != "" {
		f.From = later(f.From, day.In(b.Network.Zone()))
	}
	if day := l.Day("until"); day != "" {
		f.Until = earlier(f.Until, day.AddDays(1).In(b.Network.Zone()))
	}
	if class := sessions.Class(l.Choice("class", sessionClasses...)); class != "" {
		f.Matches = func(s *sessions.Session) bool { return b.Network.Class(s) == class }
	}
	if owner := v.EntityField(b, l, "owner"); owner != "" {
		f.Owned = b.Network.Holdings(owner)
	} else if !v.Who.Operator {
		f.Owned = b.Holdings(v.Who)
	}
	return f, l.Err()
}

// later is the later one of two instants.
func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// earlier is the earlier one of two instants, of which the first may be zero.
func earlier(a, b time.Time) time.Time {
	if !a.IsZero() && a.Before(b) {
		return a
	}
	return b
}

// What fields of the filter offer.
var (
	sessionClasses = []string{string(sessions.Internal), string(sessions.Bilateral), string(sessions.Community)}
	sessionStates  = []string{
		string(creditnotes.SessionOpen), string(creditnotes.SessionHeld), string(creditnotes.SessionDrafted), string(creditnotes.SessionCredited),
		string(creditnotes.SessionZero), string(creditnotes.SessionExcluded), string(creditnotes.SessionWithdrawn),
	}
)

// nextStates are what the next run may make of a session.
var nextStates = []string{
	string(creditnotes.SessionHeld), string(creditnotes.SessionCredited), string(creditnotes.SessionZero), string(creditnotes.SessionExcluded),
	string(creditnotes.SessionWithdrawn),
}

// lastOfMedium is what of a medium everyone sees who sees its sessions.
func lastOfMedium(uid string) string {
	letters := []rune(uid)
	return string(letters[max(0, len(letters)-4):])
}

// stationField are the connectors of the station that a field of a filter names
// by its key or name; nil where it is empty. One that the visitor does not see
// is a fault.
func (v *Visit) stationField(b *snapshot.Snapshot, l *page.List, field string) (ids []int64) {
	text := l.Text(field)
	if text == "" {
		return nil
	}
	for _, s := range b.Network.Stations() {
		if (s.Key == text || strings.EqualFold(s.Name, text)) && v.SeesStation(s) {
			ids = []int64{}
			for _, place := range b.Places()[s.Key] {
				ids = append(ids, place.Connector.ID)
			}
			if s.Key == text {
				return ids
			}
		}
	}
	if ids == nil {
		l.Add(fault.New(fault.NotFound, "station_not_found", fault.Args{"station": text}))
	}
	return ids
}

// sessionFilterView is the form of the filter as the address asks for it.
func (v *Visit) sessionFilterView(b *snapshot.Snapshot, l *page.List) (view sessionListView) {
	view = sessionListView{
		List: l, Entities: v.EntitiesOffered(b), Counts: l.Text("month") != "", Narrowed: v.R.URL.RawQuery != "", Judge: v.May(access.JudgeSessions), Upload: v.LinkIfAllowed("/uploads"),
	}
	for _, s := range b.Network.Stations() {
		if v.SeesStation(s) {
			view.Stations = append(view.Stations, page.Choice{Value: s.Key, Text: s.Name})
		}
	}
	if len(view.Stations) > page.MaxOffered {
		view.Stations = nil
	}
	view.Classes = v.Choices("class_%s", l.Text("class"), sessionClasses...)
	view.States = v.Choices("session_state_%s", l.Text("state"), sessionStates...)
	view.Nexts = v.Choices("session_next_%s", l.Text("next"), nextStates...)
	view.Reasons = v.Choices("reason_%s", l.Text("reason"), heldReasonWords()...)
	return view
}

// heldReasonWords are the reasons for which sessions are held, in the order in
// which they are checked, and then those for which they are excluded.
func heldReasonWords() []string {
	return []string{
		string(sessions.ReasonInvalid), string(sessions.IDReused), string(sessions.UnknownConnector), string(sessions.NoOwner), string(sessions.EndBeforeStart),
		string(sessions.NegativeEnergy), string(sessions.InTheFuture), string(sessions.TooLong), string(sessions.DurationMismatch),
		string(sessions.TooMuchEnergy), string(sessions.MeterMismatch), string(sessions.SignatureInvalid), string(sessions.Overlap),
		string(sessions.Unpriced), string(sessions.NoDriverAmount), string(sessions.ContractCurrency), string(sessions.NotCollected),
		string(sessions.NotDue), string(sessions.OwnerFailed), string(sessions.BeforeStartDate), string(sessions.OperatorOwned),
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

// SessionCounts counts the sessions of a month: as a part of the list, or as a
// page of its own.
func (v *Visit) SessionCounts() error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	l := v.askedSessions()
	if l.Text("month") == "" {
		l.Set("month", string(v.ThisMonth()))
	}
	filter, err := v.sessionFilter(b, l)
	if err != nil {
		return err
	}
	counts, err := v.Store.SessionCounts(v.R.Context(), filter)
	if err != nil {
		return err
	}
	view := sessionCountsView{Month: entities.Month(l.Text("month")), Back: l.Address()}
	for _, c := range counts {
		view.Total = view.Total.Plus(c.Count)
		view.add(l, c)
	}
	if v.Refreshes() {
		return v.Part("session_counts", "counts", view)
	}
	return v.ShowAs("session_counts", "session_counts", view)
}

// add adds a count. Of sessions that wait it is one for each outcome of the next
// run, whatever an earlier one said of them.
func (view *sessionCountsView) add(l *page.List, c creditnotes.SessionCount) {
	path := l.Address("state", string(c.State), "reason", string(c.Reason))
	if c.Next != "" {
		c.State, c.Reason = creditnotes.SessionOpen, c.NextReason
		path = l.Address("state", "", "next", string(c.Next), "reason", string(c.NextReason))
	}
	for i := range view.Counts {
		if one := &view.Counts[i]; one.Path == path {
			one.Count = one.Count.Plus(c.Count)
			return
		}
	}
	view.Counts = append(view.Counts, sessionCountLine{c, path})
}

// FindSession opens the session with an external id; where several sources use
// it, their list.
func (v *Visit) FindSession() error {
	name := strings.TrimSpace(v.R.FormValue("name"))
	if name == "" {
		return v.Redirect("/sessions")
	}
	b, err := v.Network()
	if err != nil {
		return err
	}
	found, err := v.Store.FindSessions(v.R.Context(), name)
	if err != nil {
		return err
	}
	found = slices.DeleteFunc(found, func(s sessions.Session) bool { return !v.seesSession(b, &s) })
	found = slices.CompactFunc(found, func(x, y sessions.Session) bool { return x.Source == y.Source && x.ExternalID == y.ExternalID })
	switch len(found) {
	case 0:
		return fault.New(fault.NotFound, "session_not_found", fault.Args{"session": name})
	case 1:
		return v.Redirect(page.SessionPath(found[0].ID))
	}
	return v.Redirect("/sessions?" + url.Values{"text": {found[0].ExternalID}}.Encode())
}

// seesSession reports whether the visitor may see a session.
func (v *Visit) seesSession(b *snapshot.Snapshot, s *sessions.Session) bool {
	return b.SeesSession(v.Who, s)
}
