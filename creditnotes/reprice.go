package creditnotes

import (
	"cmp"
	"encoding/json"
	"iter"
	"slices"
	"strings"
	"time"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/internal/settlement"
	"creditrun/tariffs"
)

// RepriceQuery names the sessions that are priced anew: those that were credited
// at a cost rate, or settled by a contract, that was wrong. One of Rate and
// Contract is given.
type RepriceQuery struct {
	Rate     string        `json:"rate,omitempty"`     // key of the cost rate
	Contract string        `json:"contract,omitempty"` // key of the contract
	From     entities.Date `json:"from"`               // in the operator's zone; of a contract the first day of a month
	Reason   string        `json:"reason"`             // as the price path names it
}

// Subject names what was wrong in the audit log.
func (q *RepriceQuery) Subject() string { return cmp.Or(q.Rate, q.Contract) + " " + string(q.From) }

// Check returns what is wrong with a query: a Usage fault for one that cannot be
// asked, NotFound for a key that no cost rate or contract has.
func (q *RepriceQuery) Check(config *Configuration) error {
	rate := func(r tariffs.CostRate) bool { return r.Key == q.Rate }
	switch {
	case (q.Rate == "") == (q.Contract == "") || q.From.IsZero():
		return fault.New(fault.Usage, "reprice_incomplete", nil)
	case q.Rate != "" && !slices.ContainsFunc(config.Tariffs.CostRates, rate):
		return fault.New(fault.NotFound, "reprice_unknown", fault.Args{"key": q.Rate})
	case q.Contract != "" && q.contract(config) == nil:
		return fault.New(fault.NotFound, "reprice_unknown", fault.Args{"key": q.Contract})
	case q.Contract != "" && !strings.HasSuffix(string(q.From), "-01"):
		return fault.New(fault.Usage, "reprice_not_first", fault.Args{"contract": q.Contract, "from": string(q.From)})
	}
	return nil
}

func (q *RepriceQuery) contract(config *Configuration) *settlement.Contract {
	i := slices.IndexFunc(config.Contracts, func(c settlement.Contract) bool { return c.Key == q.Contract })
	if i < 0 {
		return nil
	}
	return &config.Contracts[i]
}

// CreditedSession is a session with the line that credits it.
type CreditedSession struct {
	sessions.Session      // its current version
	Line             Line // that credits this version, or an earlier one that nothing was to be corrected of
	Currency         string
	Contract         string // that settled it, as its price path says
	Unfinished       bool   // the line belongs to a run that is not issued
}

// RepriceSum is what the sessions of an owner come to that are priced anew, in
// one currency.
type RepriceSum struct {
	Owner, Currency string
	Count
	Old, New money.Micros // net
}

// RepriceLeft counts sessions of which the price is left as it is, by the reason.
type RepriceLeft struct {
	Reason   string // a reason of domain.md §3.5, or one of the following
	Sessions int64
}

// The reasons beside those for which a run would hold the session.
const (
	RepriceUnfinished = "unfinished_run" // a run that is not issued credits it
	RepriceOwner      = "other_owner"    // its station belongs to another owner now
)

// RepriceResult is what a reprice changes, or would change.
type RepriceResult struct {
	RepriceQuery
	Sums      []RepriceSum    // by owner and currency
	Sessions  int64           // that are priced anew
	Unchanged int64           // that come to the same
	Left      []RepriceLeft   // by reason
	Months    []RepricedMonth // that are settled by the contract as it is now
}

// AppliedReprice is a reprice that was carried out.
type AppliedReprice struct {
	RepriceQuery
	ID                  int64
	Sessions            int64 // that were priced anew
	AppliedAt           time.Time
	AskedBy, ApprovedBy string
}

// RepricedMonth is a month of an owner that an earlier run settled by other terms
// than those of the contract now.
type RepricedMonth struct {
	OwnerID int64          `json:"-"`
	Owner   string         `json:"owner"`
	Month   entities.Month `json:"month"`
}

// Nothing reports whether a reprice changes nothing.
func (r *RepriceResult) Nothing() bool { return r.Sessions == 0 && len(r.Months) == 0 }

// Repricer prices credited sessions by the configuration as it is now, with the
// code that drafts a run. It is used by one goroutine.
type Repricer struct {
	query   RepriceQuery
	plan    *Plan
	drafter *drafter
	result  RepriceResult
	owners  map[int64]*entities.Entity
	sums    map[repriceKey]*RepriceSum
	left    map[string]int64
}

type repriceKey struct{ owner, currency string }

// NewRepricer compiles a configuration. The contracts that runs froze count but
// for the months of the contract that is repriced. Faults are those of Check, and
// of a configuration that contradicts itself.
func NewRepricer(config *Configuration, frozen []FrozenContracts, q RepriceQuery) (*Repricer, error) {
	if err := q.Check(config); err != nil {
		return nil, err
	}
	month := entities.Month(string(q.From)[:len("2006-01")])
	plan, err := newPlan(config, q.From, month)
	if err != nil {
		return nil, err
	}
	r := &Repricer{query: q, plan: plan, owners: map[int64]*entities.Entity{}, sums: map[repriceKey]*RepriceSum{}, left: map[string]int64{}}
	for _, e := range plan.Network.Tree.Walk() {
		r.owners[e.ID] = e
	}
	r.result.RepriceQuery = q
	plan.group(func(*entities.Entity) bool { return true })
	plan.forgetObstacles()
	for _, g := range plan.groups {
		for _, o := range g.owners {
			o.due = true
		}
	}
	plan.freeze(r.thaw(config, frozen, month))
	run := &Run{Name: string(month), Month: month, Settings: config.Settings, DocumentDate: q.From}
	r.drafter = newDrafter(plan, run, plan.oneShard(), nil, nil, &noteIDs{})
	return r, nil
}

// Since is the beginning of the first day.
func (r *Repricer) Since() time.Time { return r.query.From.In(r.plan.Network.Zone()) }

// Owner is the key of the owner of the contract; empty for a cost rate.
func (r *Repricer) Owner() string {
	if c := r.query.contract(r.plan.Config); c != nil {
		return c.Owner
	}
	return ""
}

// thaw leaves out the months that are settled by the contract as it is now, and
// returns the rest.
func (r *Repricer) thaw(config *Configuration, frozen []FrozenContracts, from entities.Month) (rest []FrozenContracts) {
	c := r.query.contract(config)
	for _, f := range frozen {
		owner := r.owners[f.OwnerID]
		if c == nil || owner == nil || owner.Key != c.Owner || f.Month.Before(from) || r.sameTerms(owner, &f) {
			rest = append(rest, f)
			continue
		}
		r.result.Months = append(r.result.Months, RepricedMonth{f.OwnerID, owner.Key, f.Month})
	}
	slices.SortFunc(r.result.Months, func(a, b RepricedMonth) int { return cmp.Compare(a.Month, b.Month) })
	return rest
}

// sameTerms reports whether the contracts that count for a month are those that a
// run froze.
func (r *Repricer) sameTerms(owner *entities.Entity, f *FrozenContracts) bool {
	now := []settlement.Contract{}
	for _, c := range r.plan.contracts.InForce(owner.Key, f.Month) {
		now = append(now, *c)
	}
	a, errA := json.Marshal(now)
	b, errB := json.Marshal(append([]settlement.Contract{}, f.Contracts...))
	return errA == nil && errB == nil && string(a) == string(b)
}

// Each prices sessions and yields those that come to something else now; each
// counts until the next. An error ends it.
func (r *Repricer) Each(credited iter.Seq2[*CreditedSession, error]) iter.Seq2[*CreditedSession, error] {
	return func(yield func(*CreditedSession, error) bool) {
		for one, err := range credited {
			if err != nil {
				yield(nil, err)
				return
			}
			differs, err := r.price(one)
			if err != nil {
				yield(nil, err)
				return
			}
			if differs && !yield(one, nil) {
				return
			}
		}
	}
}

// price reports whether a session comes to something else now, and adds it up.
func (r *Repricer) price(one *CreditedSession) (bool, error) {
	d := r.drafter
	place := d.placeOf(one.ConnectorID)
	if place == nil {
		return r.leave(string(sessions.UnknownConnector)), nil
	}
	o := d.shard.owners[place.Owner(one.Start)]
	if o == nil || o.entity.ID != one.Line.OwnerID {
		return r.leave(RepriceOwner), nil
	}
	contract := d.contract(&one.Session, place, o)
	if r.query.Contract != "" && one.Contract == "" && contract == nil {
		return false, nil
	}
	held, err := d.value(&one.Session, place, o, contract)
	if err != nil {
		if len(fault.Of(err)) == 0 {
			return false, err
		}
		held = sessions.OwnerFailed
	}
	switch {
	case held != "":
		return r.leave(string(held)), nil
	case d.settled.Nets == one.Line.Nets && d.settled.currency == one.Currency:
		r.result.Unchanged++
		return false, nil
	case one.Unfinished:
		return r.leave(RepriceUnfinished), nil
	}
	r.result.Sessions++
	old := r.sum(o.entity.Key, one.Currency)
	old.Old += one.Line.Total()
	next := r.sum(o.entity.Key, d.settled.currency)
	next.New += d.settled.Total()
	next.Add(one.Energy)
	return true, nil
}

func (r *Repricer) leave(reason string) bool {
	r.left[reason]++
	return false
}

func (r *Repricer) sum(owner, currency string) *RepriceSum {
	key := repriceKey{owner, currency}
	if r.sums[key] == nil {
		r.sums[key] = &RepriceSum{Owner: owner, Currency: currency}
	}
	return r.sums[key]
}

// Result is what was found so far.
func (r *Repricer) Result() *RepriceResult {
	result := r.result
	for _, sum := range r.sums {
		result.Sums = append(result.Sums, *sum)
	}
	slices.SortFunc(result.Sums, func(a, b RepriceSum) int {
		return cmp.Or(cmp.Compare(a.Owner, b.Owner), cmp.Compare(a.Currency, b.Currency))
	})
	for reason, n := range r.left {
		result.Left = append(result.Left, RepriceLeft{reason, n})
	}
	slices.SortFunc(result.Left, func(a, b RepriceLeft) int { return cmp.Compare(a.Reason, b.Reason) })
	return &result
}

// RepriceJSON is what a program reads of a reprice.
type RepriceJSON struct {
	RepriceQuery
	Sessions  int64             `json:"sessions"`
	Unchanged int64             `json:"unchanged"`
	Owners    []RepriceSumJSON  `json:"owners"`
	Left      []RepriceLeftJSON `json:"left"`
	Months    []RepricedMonth   `json:"months"`
	State     string            `json:"state"`            // preview, applying, waiting, applied or nothing
	Change    int64             `json:"change,omitempty"` // the id under which it waits
}

// RepriceSumJSON is the sum of an owner; amounts are net, with six decimals.
type RepriceSumJSON struct {
	Owner      string `json:"owner"`
	Currency   string `json:"currency"`
	Sessions   int64  `json:"sessions"`
	Energy     string `json:"energy_kwh"`
	Old        string `json:"old_net"`
	New        string `json:"new_net"`
	Difference string `json:"difference"`
}

// RepriceLeftJSON counts the sessions that are left as they are for one reason.
type RepriceLeftJSON struct {
	Reason   string `json:"reason"`
	Sessions int64  `json:"sessions"`
}

// JSON turns the result into its contract.
func (r *RepriceResult) JSON() RepriceJSON {
	out := RepriceJSON{RepriceQuery: r.RepriceQuery, Sessions: r.Sessions, Unchanged: r.Unchanged,
		Owners: []RepriceSumJSON{}, Left: []RepriceLeftJSON{}, Months: append([]RepricedMonth{}, r.Months...)}
	for _, s := range r.Sums {
		out.Owners = append(out.Owners, RepriceSumJSON{s.Owner, s.Currency, int64(s.Sessions), s.Energy.String(), s.Old.String(), s.New.String(), (s.New - s.Old).String()})
	}
	for _, l := range r.Left {
		out.Left = append(out.Left, RepriceLeftJSON(l))
	}
	return out
}
