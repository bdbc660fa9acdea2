package notes

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/internal/snapshot"
	"creditrun/internal/store"
	"creditrun/internal/web/page"
)

// sessionView is the page of one session.
type sessionView struct {
	*page.FormState
	Path      string
	Session   *sessions.Session // the current version
	Class     sessions.Class    // stated or derived
	Derived   bool
	Medium    string // masked, unless the visitor judges sessions
	Station   string // name; empty: the connector is in no station
	Link      string // to the station
	Owner     string // name; empty: no one
	Row       creditnotes.SessionRow
	NotePath  string
	Held      heldAdvice
	Better    bool   // a run held it, and the next one would not
	Namesake  string // path of the session that has its id, while a person has to decide what this one is
	Versions  []sessionVersion
	Decisions []creditnotes.Decision
	Lines     []sessionLine
	Questions []questionLine
	Reasons   []page.Choice // of a question
	Signed    *signedView   // nil: there is no signed meter data
	Why       *whyView      // nil: it is loaded after the page
	Operator  bool
	Judge     bool   // the visitor may release it or make it invalid
	Release   bool   // a release would let it be credited
	Correct   bool   // the visitor may correct it
	Blocks    int    // sessions that the latest run held because they overlap this one
	End       string // of a correction, as it was typed
	Energy    string
	Answer    bool
	Text      string // of a question, as it was typed
	Reason    string
	Zone      *time.Location
}

// heldAdvice says what can be done about a session that is held.
type heldAdvice struct {
	Reason     sessions.Reason
	Releasable bool
	Other      string // external id of the session that it overlaps
	OtherPath  string
}

// sessionVersion is a version of a session, and what is different from the one
// before.
type sessionVersion struct {
	sessions.Session
	Current bool
}

// sessionLine is a line on a note.
type sessionLine struct {
	creditnotes.HistoryLine
	Owner string // name
	Path  string // of the note; empty: there is none
}

// SessionPage shows one session.
func (v *Visit) SessionPage() error { return v.showSession(v.Form("")) }

// The forms of the page of a session.
const (
	judgeForm   = "judge"
	blockedForm = "blocked"
	correctForm = "correct"
	askForm     = "ask"
	answerForm  = "answer"
)

// showSession shows a session and the forms of it.
func (v *Visit) showSession(f *page.FormState) error {
	b, h, err := v.visibleSession()
	if err != nil {
		return err
	}
	view, err := v.sessionView(b, h)
	if err != nil {
		return err
	}
	if view.FormState = f; !f.Ok() {
		view.Text, view.Reason, view.End, view.Energy = f.Text("text"), f.Text("reason"), f.Text("end"), f.Text("energy")
	}
	return v.ShowForm(f, "session", view.Session.ExternalID, view)
}

// visibleSession finds the session of the address; one that the visitor may
// not see is unknown.
func (v *Visit) visibleSession() (*snapshot.Snapshot, *creditnotes.SessionHistory, error) {
	b, err := v.Network()
	if err != nil {
		return nil, nil, err
	}
	unknown := fault.New(fault.NotFound, "session_not_found", fault.Args{"session": v.R.PathValue("id")})
	id, err := strconv.ParseInt(v.R.PathValue("id"), 10, 64)
	if err != nil {
		return nil, nil, unknown
	}
	h, err := v.Store.SessionHistory(v.R.Context(), id)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return nil, nil, err
	}
	if err != nil || !v.seesSession(b, &h.Versions[0]) { // in the same words
		return nil, nil, unknown
	}
	return b, h, nil
}

func (v *Visit) sessionView(b *snapshot.Snapshot, h *creditnotes.SessionHistory) (*sessionView, error) {
	s := &h.Versions[0]
	view := &sessionView{
		Path: page.SessionPath(s.ID), Session: s, Class: b.Network.Class(s), Derived: s.Class == "", Medium: snapshot.MediumSeen(v.Who, s.MediumUID),
		Operator: v.Who.Operator, Zone: b.Network.Zone(), Answer: v.May(access.SettleObjections),
	}
	if v.Who.Operator {
		view.Decisions = h.Decisions
	}
	if place := b.Network.Place(s.ConnectorID); place != nil {
		view.Station, view.Link, view.Zone = place.Station.Name, v.LinkIfAllowed(page.StationPath(place.Station.Key)), place.Zone
		if owner := place.Owner(s.Start); owner != nil {
			view.Owner = owner.Name
		}
	}
	v.addHistory(b, h, view)
	if err := v.addSigned(b, h, view); err != nil {
		return nil, err
	}
	if err := v.addState(view); err != nil {
		return nil, err
	}
	var err error
	if view.Questions, err = v.questionLines(s); err != nil {
		return nil, err
	}
	view.Reasons = v.Choices("question_reason_%s", "", creditnotes.QuestionReasons()...)
	if settled(view.Row.State) {
		view.Why, err = v.why(b, s)
	}
	return view, err
}

// settled reports whether a session is explained by what was stored with it,
// which is quick; any other has to be priced first.
func settled(state creditnotes.SessionState) bool {
	return state != creditnotes.SessionOpen && state != creditnotes.SessionHeld && state != creditnotes.SessionExcluded &&
		state != creditnotes.SessionWithdrawn
}

// addHistory adds versions and lines. A user of a Sub-CPO sees those of the own
// entities: the station may have changed hands between two versions.
func (v *Visit) addHistory(b *snapshot.Snapshot, h *creditnotes.SessionHistory, view *sessionView) {
	for i := range h.Versions {
		if v.seesSession(b, &h.Versions[i]) {
			view.Versions = append(view.Versions, sessionVersion{h.Versions[i], i == 0})
		}
	}
	for _, l := range h.Lines {
		if !snapshot.SeesLine(v.Who, &l) {
			continue
		}
		line := sessionLine{HistoryLine: l, Owner: b.Names(l.Owner)}
		if l.Number != "" {
			line.Path = page.NumberPath(l.Number)
		}
		view.Lines = append(view.Lines, line)
	}
}

// addState finds what became of the current version.
func (v *Visit) addState(view *sessionView) error {
	s := view.Session
	filter := creditnotes.SessionFilter{Name: s.ExternalID, From: s.End, Until: s.End.Add(time.Microsecond), Connectors: []int64{s.ConnectorID}}
	list, err := v.Store.ListSessions(v.R.Context(), filter, creditnotes.Page{Limit: creditnotes.MostRows})
	if err != nil {
		return err
	}
	for _, row := range list.Sessions {
		if row.Session.ID == s.ID {
			view.Row = row
		}
	}
	if view.Row.Session.ID == 0 { // it became a version of another session
		return fault.New(fault.NotFound, "session_not_found", fault.Args{"session": v.R.PathValue("id")})
	}
	if s.IDReused {
		namesakes, err := v.Store.FindSessions(v.R.Context(), s.Source+"/"+s.ReusedID)
		if err != nil {
			return err
		}
		view.Namesake = page.SessionPath(namesakes[0].ID)
	}
	if view.Row.Number != "" {
		view.NotePath = page.NumberPath(view.Row.Number)
	}
	held := view.Row.Reason
	if view.Row.Next != "" {
		held = view.Row.NextReason
	}
	view.Better = view.Row.State == creditnotes.SessionHeld && view.Row.Next != "" && view.Row.Next != creditnotes.SessionHeld
	if !view.Better && held != "" && (view.Row.State == creditnotes.SessionHeld || view.Row.Next == creditnotes.SessionHeld) {
		view.Held = heldAdvice{Reason: held, Releasable: held.Releasable() && !s.Released, Other: view.Row.Other}
		if view.Row.OtherID != 0 {
			view.Held.OtherPath = page.SessionPath(view.Row.OtherID)
		}
	}
	view.Judge = v.May(access.JudgeSessions) && undecided(&view.Row)
	view.Release = view.Held.Reason == "" || view.Held.Releasable
	if view.Correct = v.May(access.JudgeSessions) && !s.Reversed; view.Correct {
		view.Blocks, err = v.Store.CountBlocked(v.R.Context(), s.ID)
	}
	return err
}

// CorrectSession stores what the visitor corrects of a session.
func (v *Visit) CorrectSession() error {
	b, h, err := v.visibleSession()
	if err != nil {
		return err
	}
	s := &h.Versions[0]
	f := v.Form(correctForm)
	reason, change := reasonIn(f), v.sessionChange(b, f, s)
	if !f.Ok() || f.Fail(v.Store.CorrectSession(v.R.Context(), v.Name(), versionIn(f, h.Versions), change, reason, idsOf(f.All("released")))) {
		return v.showSession(f)
	}
	return v.backTo(s, "session_corrected")
}

// versionIn is the version of a session that a form has seen, else the current
// one: where there is a later one by now, the store says so.
func versionIn(f *page.FormState, versions []sessions.Session) int64 {
	id, err := strconv.ParseInt(f.Text("id"), 10, 64)
	if err != nil || !slices.ContainsFunc(versions, func(s sessions.Session) bool { return s.ID == id }) {
		return versions[0].ID
	}
	return id
}

// sessionChange reads the form of a correction: a local time without a zone is
// that of the station.
func (v *Visit) sessionChange(b *snapshot.Snapshot, f *page.FormState, s *sessions.Session) (change creditnotes.SessionChange) {
	change.Invalid = f.Checked("invalid")
	if text := f.Text("end"); text != "" {
		var err error
		zone := b.Network.Zone()
		if place := b.Network.Place(s.ConnectorID); place != nil {
			zone = place.Zone
		}
		if change.End, err = time.ParseInLocation("2006-01-02T15:04:05", text, zone); err != nil {
			change.End, err = time.ParseInLocation("2006-01-02T15:04", text, zone)
		}
		if err != nil {
			f.Fail(fault.New(fault.Invalid, "session_correction_value", fault.Args{"value": text, "expected": "2026-10-31T12:00"}).At("end"))
		}
	}
	if text := f.Text("energy"); text != "" {
		kWh, err := money.ParseQuantity(strings.ReplaceAll(text, ",", "."))
		if err != nil || kWh < 0 {
			f.Fail(fault.New(fault.Invalid, "session_correction_value", fault.Args{"value": text, "expected": "12.345 kWh"}).At("energy"))
		}
		change.Energy = &kWh
	}
	return change
}

// reasonIn reads why a person decides something, which has to be said.
func reasonIn(f *page.FormState) string {
	reason := f.Text("reason")
	if reason == "" {
		f.Fail(fault.New(fault.Invalid, "decision_without_reason", nil).At("reason"))
	}
	return reason
}

// ReleaseBlocked releases all sessions that are held because they overlap this
// one.
func (v *Visit) ReleaseBlocked() error {
	_, h, err := v.visibleSession()
	if err != nil {
		return err
	}
	f := v.Form(blockedForm)
	reason := reasonIn(f)
	if !f.Ok() {
		return v.showSession(f)
	}
	ids, err := v.Runner.Blocked(v.R.Context(), &h.Versions[0])
	if f.Fail(err) {
		return v.showSession(f)
	}
	done, _, err := v.Store.ReleaseSessions(v.R.Context(), v.Name(), ids, reason)
	if err != nil {
		return err
	}
	return v.Done(page.SessionPath(h.Versions[0].ID), "sessions_done_release", "Count", done)
}

// backTo shows the version of a session that has taken the place of another.
func (v *Visit) backTo(s *sessions.Session, message string) error {
	h, err := v.Store.SessionHistory(v.R.Context(), s.ID)
	if err != nil {
		return err
	}
	return v.Done(page.SessionPath(h.Versions[0].ID), message)
}

// AskAboutSession keeps a question of a visitor.
func (v *Visit) AskAboutSession() error {
	_, h, err := v.visibleSession()
	if err != nil {
		return err
	}
	s := &h.Versions[0]
	f := v.Form(askForm)
	if _, err := v.Store.AskAboutSession(v.R.Context(), v.Name(), s.Source, s.ExternalID, f.Text("reason"), f.Text("text")); f.Fail(err) {
		return v.showSession(f)
	}
	return v.Done(page.SessionPath(s.ID)+"#questions", "session_asked")
}

// AnswerQuestion answers a question about the session.
func (v *Visit) AnswerQuestion() error {
	_, h, err := v.visibleSession()
	if err != nil {
		return err
	}
	s := &h.Versions[0]
	questions, err := v.Store.SessionQueries(v.R.Context(), store.QuestionFilter{Source: s.Source, ExternalID: s.ExternalID})
	if err != nil {
		return err
	}
	for _, q := range questions {
		if strconv.FormatInt(q.ID, 10) == v.R.PathValue("question") {
			if f := v.Form(answerForm); f.Fail(v.Store.AnswerSessionQuery(v.R.Context(), v.Name(), q.ID, f.Text("answer"))) {
				return v.showSession(f)
			}
			return v.Done(page.SessionPath(s.ID)+"#questions", "session_answered")
		}
	}
	return v.Nowhere()
}
