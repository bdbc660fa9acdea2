package creditnotes

import (
	"cmp"
	"context"
	"errors"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/tariffs"
)

// Explanation answers "why this amount?" for one session, credited or not.
type Explanation struct {
	Session *sessions.Session
	Class   sessions.Class // stated, or derived from the medium
	Owner   string
	Outcome Outcome
	Reason  sessions.Reason // why it is held or excluded
	Warned  sessions.Reason // the rule that applies and only warns
	Other   string          // external id of the session that it overlaps
	Number  string          // of the note that credits it; empty: none yet
	Path    *tariffs.Path   // nil where no price was looked for
	Nets
	// Driver is the driver amount that its contract uses; nil: it uses none.
	Driver   *DriverAmount
	Steps    []tariffs.Step
	Reversed bool
}

// DriverAmount is what the driver was charged, net: the part that is a session
// fee is in the amount.
type DriverAmount struct{ Amount, Fee money.Micros }

// Outcome says what became, or would become, of a session.
type Outcome string

// The outcomes of an explanation.
const (
	OutcomePriced    Outcome = "priced"
	OutcomeHeld      Outcome = "held"
	OutcomeExcluded  Outcome = "excluded"
	OutcomeWithdrawn Outcome = "withdrawn" // taken back by its source before it was credited
)

// SettledLine is the line that decided what became of a session, with its price path.
type SettledLine struct {
	Line   Line
	Owner  string // key
	Path   []byte // JSON; empty for an excluded session
	Number string // of its document; empty for none, or a draft
}

// ExplainStore reads what an explanation needs.
type ExplainStore interface {
	// SettledLine returns the live line of a session, or nil.
	SettledLine(ctx context.Context, sessionID int64) (*SettledLine, error)
}

// Explain says why a session is paid what it is paid. A credited session is
// explained by what was stored with it; any other is drafted by itself.
func (r *Runner) Explain(ctx context.Context, store ExplainStore, s *sessions.Session) (*Explanation, error) {
	settled, err := store.SettledLine(ctx, s.ID)
	if err != nil {
		return nil, err
	}
	if settled != nil && settled.Line.Kind == LineCredit {
		return explainSettled(s, settled)
	}
	return r.explainOpen(ctx, s, settled)
}

func explainSettled(s *sessions.Session, settled *SettledLine) (*Explanation, error) {
	if len(settled.Path) == 0 {
		return nil, fault.New(fault.Conflict, "explain_path_gone", fault.Args{"session": s.ExternalID})
	}
	path, err := tariffs.ParsePath(settled.Path)
	if err != nil {
		return nil, fault.Wrap(fault.Conflict, "explain_path_gone", fault.Args{"session": s.ExternalID}, err)
	}
	e := &Explanation{
		Session: s, Class: path.Class, Owner: settled.Owner, Outcome: OutcomePriced, Number: settled.Number, Path: path,
		Reversed: s.Reversed,
	}
	e.settledAs(&settled.Line)
	e.steps()
	return e, nil
}

// explainOpen drafts the month of a session looking at nothing but it and what
// it overlaps.
func (r *Runner) explainOpen(ctx context.Context, s *sessions.Session, settled *SettledLine) (*Explanation, error) {
	config, err := r.Store.Configuration(ctx)
	if err != nil {
		return nil, err
	}
	zone, err := zoneOf(config)
	if err != nil {
		return nil, err
	}
	run := r.newRun(Request{Month: entities.MonthOf(s.End, zone)}, config)
	plan, err := r.plan(run, config)
	if err != nil {
		return nil, err
	}
	e := &Explanation{Session: s, Class: plan.Network.Class(s), Reversed: s.Reversed}
	var owner *entities.Entity
	if place := plan.Network.Place(s.ConnectorID); place != nil {
		owner = place.Owner(s.Start)
	}
	if owner != nil {
		e.Owner = owner.Key
	}
	if settled != nil && settled.Line.Kind == LineWithdrawn {
		e.Outcome = OutcomeWithdrawn
		return e, nil
	}
	if settled != nil { // as excluded
		e.Outcome = OutcomeExcluded
		if settled.Line.Kind == LineWithdrawn {
			e.Outcome = OutcomeWithdrawn
		} else if e.Reason = settled.Line.Reason; e.Reason == "" { // a line from before the reason was kept
			e.Reason = r.exclusion(run, plan, s, owner)
		}
		return e, nil
	}
	return e, r.draftOne(ctx, plan, run, s, owner, e)
}

func (r *Runner) exclusion(run *Run, plan *Plan, s *sessions.Session, owner *entities.Entity) sessions.Reason {
	d := newDrafter(plan, run, newShard(), nil, nil, nil)
	return sessions.Exclude(s, d.startDate, owner == plan.Network.Operator())
}

func (r *Runner) draftOne(ctx context.Context, plan *Plan, run *Run, s *sessions.Session, owner *entities.Entity, e *Explanation) error {
	shard := plan.oneShard()
	q := plan.query(run)
	q.Connectors, q.Since, q.Waiting = []int64{s.ConnectorID}, q.Until, []int64{s.ID}
	cursor, err := r.Store.OpenSessions(ctx, q)
	if err != nil {
		return err
	}
	defer cursor.Close()
	var paid []Reversal
	if s.Reversed { // it is withdrawn only where nothing was paid
		if paid, err = r.Store.PendingReversals(ctx, run, plan.query(run)); err != nil {
			return err
		}
	}
	d := newDrafter(plan, run, shard, onlyOne{cursor, s.ID}, newReversals(paid, plan).forShard(), &noteIDs{})
	for d.Next() {
		if d.line.Kind == LineExcluded {
			e.Outcome, e.Reason = OutcomeExcluded, d.line.Reason
			return nil
		}
		if d.line.Kind == LineWithdrawn {
			e.Outcome = OutcomeWithdrawn
			return nil
		}
		e.Outcome = OutcomePriced
		if d.line.Kind == LineCredit { // and not what is taken back beside it
			e.settledAs(&d.line)
		}
	}
	if err := r.nameOthers(ctx, d.holds, d.warned); err != nil {
		return err
	}
	if len(d.holds) > 0 {
		e.Outcome, e.Reason, e.Other = OutcomeHeld, d.holds[0].Reason, d.holds[0].Other
	}
	if len(d.warned) > 0 {
		e.Warned, e.Other = d.warned[0].Reason, d.warned[0].Other
	}
	if e.Path = cmp.Or(d.settled.path, d.decision.Path); e.Path != nil {
		e.steps()
	}
	if err := d.Err(); !errors.Is(err, errOwnerFailed) {
		return err
	}
	return nil
}

// settledAs takes the figures of the line that settles the session.
func (e *Explanation) settledAs(l *Line) {
	e.Nets = l.Nets
	if l.ByDriver {
		e.Driver = &DriverAmount{l.DriverAmount, l.DriverFee}
	}
}

// steps breaks the price down into the bands it is made of.
func (e *Explanation) steps() {
	if e.Path.Prices != nil && !e.Reversed {
		e.Steps = tariffs.Breakdown(&e.Path.Prices.Prices, e.Session.Energy, e.Session.Duration, e.Path.Prices.EnergyStepWh)
	}
}

// onlyOne closes every session but one: the others only stand beside it.
type onlyOne struct {
	SessionCursor
	id int64
}

// Open implements SessionCursor.
func (c onlyOne) Open() bool { return c.SessionCursor.Open() && c.Session().ID == c.id }

// ExplanationJSON is the explanation as formats.md §4 prints it.
type ExplanationJSON struct {
	Session  string          `json:"session"`
	Class    sessions.Class  `json:"class"`
	Owner    string          `json:"owner"`
	Outcome  Outcome         `json:"outcome"`
	Reason   sessions.Reason `json:"reason"`
	Warned   sessions.Reason `json:"warned,omitempty"`
	Overlaps string          `json:"overlaps,omitempty"`
	Number   string          `json:"number"`
	Rule     tariffs.Rule    `json:"rule"`
	Tariff   string          `json:"tariff"`
	CostRate string          `json:"cost_rate"`
	Version  int             `json:"cost_rate_version"`
	Discount string          `json:"discount_percent"`
	ContractJSON
	Repriced   *tariffs.PathReprice `json:"repriced,omitempty"` // why it was priced anew
	Currency   string               `json:"currency"`
	Components ComponentsJSON       `json:"components"`
	Total      string               `json:"total"`
	Steps      []tariffs.Step       `json:"steps"`
	Tried      []tariffs.Tried      `json:"tried"`
}

// ComponentsJSON are the components of a price with six decimals.
type ComponentsJSON struct {
	Energy string `json:"energy"`
	Time   string `json:"time"`
	Fee    string `json:"fee"`
	// Of a session that a contract settles.
	Share           string `json:"share,omitempty"`
	ElectricityCost string `json:"electricity_cost,omitempty"`
	ElectricityTax  string `json:"electricity_tax,omitempty"`
	SessionFees     string `json:"session_fees,omitempty"`
}

// ContractJSON is what an explanation says of the contract that settles a
// session (formats.md §4): the driver amount that it uses, and the cost of
// electricity that it deducts.
type ContractJSON struct {
	Contract             string `json:"contract,omitempty"`
	DriverAmount         string `json:"driver_amount,omitempty"`
	DriverFee            string `json:"driver_fee,omitempty"`
	ElectricityCostBasis string `json:"electricity_cost_basis,omitempty"`
	SharePercent         string `json:"share_percent,omitempty"`
}

// JSON turns the explanation into its contract.
func (e *Explanation) JSON() ExplanationJSON {
	out := ExplanationJSON{
		Session: e.Session.ExternalID, Class: e.Class, Owner: e.Owner, Outcome: e.Outcome, Reason: e.Reason, Warned: e.Warned, Overlaps: e.Other, Number: e.Number,
		Discount:   "0",
		Components: ComponentsJSON{Energy: e.NetEnergy.String(), Time: e.NetTime.String(), Fee: e.NetFee.String()},
		Total:      e.Total().String(), Steps: e.Steps, Tried: []tariffs.Tried{},
	}
	if out.Steps == nil {
		out.Steps = []tariffs.Step{}
	}
	p := e.Path
	if p == nil {
		return out
	}
	out.Rule, out.Tariff, out.Currency, out.Discount, out.Tried = p.Rule, p.Tariff, p.Currency, p.Discount.String(), p.Tried
	out.Repriced = p.Repriced
	if p.CostRate != nil {
		out.CostRate, out.Version = p.CostRate.Key, p.CostRate.Version
	}
	if p.Contract != nil {
		e.contract(&out, p.Contract)
	}
	return out
}

// contract adds what the contract makes of the session.
func (e *Explanation) contract(out *ExplanationJSON, c *tariffs.PathContract) {
	out.Contract = c.Key
	out.Components.Share, out.Components.ElectricityCost = e.NetShare.String(), e.NetElectricityCost.String()
	out.Components.ElectricityTax, out.Components.SessionFees = e.NetElectricityTax.String(), e.NetSessionFees.String()
	if e.Driver != nil {
		out.DriverAmount, out.DriverFee = e.Driver.Amount.String(), e.Driver.Fee.String()
	}
	if c.Share != nil {
		out.SharePercent, out.ElectricityCostBasis = c.Share.String(), c.CostOf(e.Session.Energy).String()
	}
}
