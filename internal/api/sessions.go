package api

import (
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/ocmf"
	"creditrun/internal/sessions"
	"creditrun/internal/snapshot"
)

// Session is a charging session.
type Session struct {
	Session      string                   `json:"session" doc:"the external id"`
	Source       string                   `json:"source"`
	Version      int                      `json:"version" doc:"a correction is the next one"`
	EVSEID       string                   `json:"evse_id"`
	Connector    int                      `json:"connector" doc:"number at the EVSE; 0: the source has no number"`
	ConnectorID  string                   `json:"connector_id,omitempty" doc:"as an OCPI source names a connector that the network does not know"`
	MediumUID    string                   `json:"medium_uid,omitempty" doc:"for users of Sub-CPOs its last four characters"`
	Class        sessions.Class           `json:"class" enum:"internal,bilateral,community" doc:"stated, or derived from the medium"`
	Partner      string                   `json:"partner,omitempty"`
	Start        time.Time                `json:"start"`
	End          time.Time                `json:"end"`
	Duration     int64                    `json:"duration_s"`
	Energy       money.Quantity           `json:"energy_kwh"`
	Status       sessions.Status          `json:"status" enum:"valid,invalid"`
	Reversed     bool                     `json:"reversed,omitempty" doc:"its source took it back"`
	Released     bool                     `json:"released,omitempty" doc:"credited in spite of its reason"`
	DriverAmount *money.Micros            `json:"driver_amount,omitempty" doc:"what the driver was charged, net, as the source states it"`
	DriverFee    *money.Micros            `json:"driver_fee,omitempty" doc:"the fixed part of it"`
	Currency     string                   `json:"currency,omitempty" doc:"of the driver amount"`
	CollectedAt  time.Time                `json:"collected_at,omitzero"`
	UpdatedAt    time.Time                `json:"updated_at,omitzero" doc:"when the source last changed it"`
	ReceivedAt   time.Time                `json:"received_at"`
	ReusedID     string                   `json:"reused_id,omitempty" doc:"the id under which it was sent, where another session has that id"`
	IDReused     bool                     `json:"id_reused,omitempty" doc:"a person has to decide what the record under reused_id is"`
	Signature    ocmf.Verdict             `json:"signature,omitempty" enum:"valid,invalid,no_key,unsupported,unreadable" doc:"what the check of its signed meter data found"`
	SignedEnergy *money.Quantity          `json:"signed_energy_kwh,omitempty" doc:"what the meter signed"`
	State        creditnotes.SessionState `json:"state,omitempty" enum:"open,held,drafted,credited,zero,excluded,withdrawn"`
	Reason       sessions.Reason          `json:"reason,omitempty" doc:"for which it is held or excluded"`
	Next         creditnotes.SessionState `json:"next,omitempty" enum:"held,credited,zero,excluded,withdrawn" doc:"what the next run would make of it, where it waits"`
	NextReason   sessions.Reason          `json:"next_reason,omitempty" doc:"for which the next run would hold or exclude it"`
	NextNet      *money.Micros            `json:"next_net,omitempty" doc:"what the next run would credit it with; of one that would be held, what it would come to"`
	NextCurrency string                   `json:"next_currency,omitempty" doc:"of next_net"`
	Overlaps     string                   `json:"overlaps,omitempty" doc:"the session for which it is held"`
	Number       string                   `json:"number,omitempty" doc:"of the credit note"`
}

func (c *call) sessionOf(s *sessions.Session) Session {
	out := Session{
		Session: s.ExternalID, Source: s.Source, Version: s.Version, EVSEID: s.EVSEID, Connector: s.Connector, MediumUID: snapshot.MediumSeen(c.who, s.MediumUID),
		Class: s.Class, Partner: s.Partner, Start: c.at(s.Start), End: c.at(s.End), Duration: s.Duration, Energy: s.Energy, Status: s.Status,
		Reversed: s.Reversed, Released: s.Released, DriverAmount: s.DriverAmount, Currency: s.Currency, CollectedAt: c.at(s.CollectedAt),
		ConnectorID: s.OCPIConnector, DriverFee: s.DriverFee, UpdatedAt: c.at(s.UpdatedAt), ReceivedAt: c.at(s.ReceivedAt),
		ReusedID: s.ReusedID, IDReused: s.IDReused,
	}
	if s.Signed != nil {
		out.Signature, out.SignedEnergy = s.Signed.Verdict, s.Signed.Energy
	}
	if c.snapshot.Network != nil {
		out.Class = c.snapshot.Network.Class(s)
	}
	return out
}

// sessionsInput narrows the listing.
type sessionsInput struct {
	Paging
	Month   string    `query:"month" example:"2026-10" doc:"those that end in it"`
	From    time.Time `query:"from" doc:"those that end at or after it"`
	Until   time.Time `query:"until" doc:"those that end before it"`
	Owner   string    `query:"owner" doc:"key: those at connectors this entity owned when they started"`
	Station string    `query:"station" doc:"key"`
	State   string    `query:"state" enum:"open,held,drafted,credited,zero,excluded,withdrawn"`
	Next    string    `query:"next" enum:"held,credited,zero,excluded,withdrawn" doc:"what the next run would make of sessions that wait; reason is then the one for which it would"`
	Reason  string    `query:"reason" doc:"held or excluded for it"`
	Class   string    `query:"class" enum:"internal,bilateral,community"`
	Session string    `query:"session" doc:"the beginning of the external id"`
	Medium  string    `query:"medium" doc:"the end of the medium uid"`
}

func (c *call) sessions(in *sessionsInput) (*List[Session], error) {
	f, err := c.sessionFilter(in)
	if err != nil {
		return nil, err
	}
	page, err := c.page(in.Paging)
	if err != nil {
		return nil, err
	}
	list, err := c.Store.ListSessions(c.ctx, f, page)
	if err != nil {
		return nil, err
	}
	items := make([]Session, len(list.Sessions))
	for i := range list.Sessions {
		row := &list.Sessions[i]
		items[i] = c.sessionOf(&row.Session)
		items[i].Next, items[i].NextReason, items[i].NextNet, items[i].NextCurrency = row.Next, row.NextReason, row.Net, row.Currency
		items[i].State, items[i].Reason, items[i].Number, items[i].Overlaps = row.State, row.Reason, row.Number, row.Other
	}
	return listed(c, items, list.Next), nil
}

func (c *call) sessionFilter(in *sessionsInput) (f creditnotes.SessionFilter, err error) {
	if err := c.snapshot.Valid(); err != nil {
		return f, err
	}
	network := c.snapshot.Network
	f = creditnotes.SessionFilter{
		From: in.From, Until: in.Until, State: creditnotes.SessionState(in.State), Next: creditnotes.SessionState(in.Next), Reason: sessions.Reason(in.Reason),
		Name: in.Session, Medium: in.Medium, Owned: c.snapshot.Holdings(c.who),
	}
	if in.Month != "" {
		month, err := c.month(in.Month)
		if err != nil {
			return f, err
		}
		f.From, f.Until = month.Start(c.zone()), month.End(c.zone())
	}
	if in.Owner != "" {
		owner, err := c.stored(in.Owner)
		if err != nil {
			return f, err
		}
		f.Owned = network.Holdings(owner.Key)
	}
	if in.Station != "" {
		if f.Connectors, err = c.connectorsOf(in.Station); err != nil {
			return f, err
		}
	}
	if len(in.Medium) > 4 && !c.who.May(access.JudgeSessions) { // or it would tell what is masked
		return f, c.invalid("query.medium", "expected at most four characters")
	}
	if in.Class != "" {
		f.Matches = func(s *sessions.Session) bool { return network.Class(s) == sessions.Class(in.Class) }
	}
	return f, nil
}

// connectorsOf are the connectors of a station that the visitor sees.
func (c *call) connectorsOf(station string) ([]int64, error) {
	if _, err := c.station(&keyInput{station}); err != nil {
		return nil, err
	}
	ids := []int64{}
	for i := range c.snapshot.Config.Connectors {
		if one := &c.snapshot.Config.Connectors[i]; one.Station == station {
			ids = append(ids, one.ID)
		}
	}
	return ids, nil
}

// SessionInput names a session.
type SessionInput struct {
	ID string `path:"id" doc:"the external id; source/id, with the slash as %2F, where several sources have it"`
}

// found finds the current version of a session that the visitor sees.
func (c *call) found(name string) (*sessions.Session, error) {
	if err := c.snapshot.Valid(); err != nil {
		return nil, err
	}
	versions, err := c.Store.FindSessions(c.ctx, name)
	if err != nil {
		return nil, err
	}
	current := map[string]*sessions.Session{}
	for i := range versions {
		s := &versions[i]
		if known := current[s.Source]; known == nil || known.Version < s.Version {
			current[s.Source] = s
		}
	}
	var seen []*sessions.Session
	for _, s := range current {
		if c.snapshot.SeesSession(c.who, s) {
			seen = append(seen, s)
		}
	}
	switch len(seen) {
	case 0:
		return nil, fault.New(fault.NotFound, "session_not_found", fault.Args{"session": name})
	case 1:
		return seen[0], nil
	}
	return nil, fault.New(fault.Usage, "session_ambiguous", fault.Args{"session": name, "count": len(seen)})
}

// SessionHistory is a session with everything that is kept of it.
type SessionHistory struct {
	Session
	Versions  []Session     `json:"versions" nullable:"false" doc:"the latest first"`
	Decisions []Decision    `json:"decisions" nullable:"false" doc:"the latest first; only for users of the operator"`
	Lines     []HistoryLine `json:"lines" nullable:"false" doc:"what paid it, took it back or closed it"`
}

// Decision is what a person decided about a session.
type Decision struct {
	At     time.Time `json:"at"`
	Who    string    `json:"who"`
	Action string    `json:"action"`
	Reason string    `json:"reason"`
}

// HistoryLine is one settlement of a version of a session.
type HistoryLine struct {
	Version     int                  `json:"version"`
	Run         string               `json:"run"`
	Owner       string               `json:"owner"`
	Kind        creditnotes.LineKind `json:"kind" enum:"credit,reversal,excluded,withdrawn"`
	Live        bool                 `json:"live" doc:"not undone by a cancellation"`
	Number      string               `json:"number,omitempty"`
	NoteState   creditnotes.State    `json:"note_state,omitempty"`
	Energy      money.Quantity       `json:"energy_kwh"`
	NetEnergy   money.Micros         `json:"net_energy"`
	NetTime     money.Micros         `json:"net_time"`
	NetFee      money.Micros         `json:"net_fee"`
	Currency    string               `json:"currency,omitempty"`
	CancelledBy string               `json:"cancelled_by,omitempty"`
}

// session shows a session with its history. A user of a Sub-CPO sees of it what
// happened at own connectors and stands on own notes.
func (c *call) session(in *SessionInput) (*One[SessionHistory], error) {
	s, err := c.found(in.ID)
	if err != nil {
		return nil, err
	}
	history, err := c.Store.SessionHistory(c.ctx, s.ID)
	if err != nil {
		return nil, err
	}
	out := SessionHistory{Session: c.sessionOf(s), Versions: []Session{}, Decisions: []Decision{}, Lines: []HistoryLine{}}
	for i := range history.Versions {
		if v := &history.Versions[i]; c.snapshot.SeesSession(c.who, v) {
			out.Versions = append(out.Versions, c.sessionOf(v))
		}
	}
	if !c.who.Operator {
		history.Decisions = nil // who decided, and in which words, is the operator's business
	}
	for _, d := range history.Decisions {
		out.Decisions = append(out.Decisions, Decision{c.at(d.At), d.Who, d.Action, d.Reason})
	}
	for _, l := range history.Lines {
		if snapshot.SeesLine(c.who, &l) {
			out.Lines = append(out.Lines, HistoryLine{
				l.Version, l.Run, l.Owner, l.Kind, l.Live, l.Number, l.NoteState, l.Energy, l.NetEnergy, l.NetTime, l.NetFee, l.Currency, l.CancelledBy,
			})
		}
	}
	return &One[SessionHistory]{out}, nil
}

// explanation tells why a session is paid what it is paid.
func (c *call) explanation(in *SessionInput) (*One[creditnotes.ExplanationJSON], error) {
	s, err := c.found(in.ID)
	if err != nil {
		return nil, err
	}
	explanation, err := c.Runner.Explain(c.ctx, c.Store, s)
	if err != nil {
		return nil, err
	}
	out := explanation.JSON()
	out.Tried = c.snapshot.TriedSeen(c.who, out.Tried)
	return &One[creditnotes.ExplanationJSON]{out}, nil
}
