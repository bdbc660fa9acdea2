package creditnotes

import (
	"cmp"
	"slices"
	"time"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
)

// AccrualKind says what is owed without a document.
type AccrualKind string

// The kinds of accruals.
const (
	AccruedSessions AccrualKind = "sessions"
	AccruedMonthly  AccrualKind = "monthly" // guarantees, bonuses and custom records of months that have ended
	AccruedHeld     AccrualKind = "held"    // sessions that wait for a reason
)

// AccrualState says why something was on no document on a day.
type AccrualState string

// The states of accruals.
const (
	AccrualOpen      AccrualState = "open"      // it is on no document now either
	AccrualDraft     AccrualState = "draft"     // it is on a draft
	AccrualCarried   AccrualState = "carried"   // a negative sum that waits for the next document
	AccrualLater     AccrualState = "later"     // a document of a later date has it
	AccrualCancelled AccrualState = "cancelled" // taken off: a document of that day had it and was cancelled later
)

// Accrual is what an owner was owed at the end of a day and no document of that
// day or before said, net and exact.
type Accrual struct {
	Owner    string // key; empty: held sessions without an owner
	Currency string // empty: held sessions of unknown value
	Kind     AccrualKind
	State    AccrualState
	Reason   sessions.Reason // of held sessions
	Count
	Net     money.Micros
	Unknown int64 // held sessions whose value is unknown
}

// AccrualTotal is what is accrued in a currency.
type AccrualTotal struct {
	Currency string
	Sessions money.Micros
	Monthly  money.Micros
	Held     money.Micros // what held sessions would come to
}

// Owed is the total without what is held.
func (t *AccrualTotal) Owed() money.Micros { return t.Sessions + t.Monthly }

// AccrualList is what was owed and on no document at the end of a day
// (settlement.md §10.4). What documents say by their date is not in it.
type AccrualList struct {
	Day      entities.Date
	AsOf     time.Time // when the open month was last looked at
	Complete bool      // false: the open month is being looked at, and only what is on documents now is in the list
	Rows     []Accrual
	Totals   []AccrualTotal // by currency
	Unknown  int64          // held sessions whose value is unknown
}

// Whole is a Conflict fault where the list is not complete.
func (l *AccrualList) Whole() error {
	if l.Complete {
		return nil
	}
	return fault.New(fault.Conflict, "accruals_incomplete", fault.Args{"day": string(l.Day)})
}

// NewAccrualList sorts rows, joins what is alike, and adds them up.
func NewAccrualList(day entities.Date, rows []Accrual) *AccrualList {
	list := &AccrualList{Day: day}
	at := map[Accrual]int{}
	for i := range rows {
		r := &rows[i]
		key := *r
		key.Count, key.Net, key.Unknown = Count{}, 0, 0
		place, known := at[key]
		if !known {
			place = len(list.Rows)
			at[key], list.Rows = place, append(list.Rows, key)
		}
		sum := &list.Rows[place]
		sum.Count, sum.Net, sum.Unknown = sum.Count.Plus(r.Count), sum.Net+r.Net, sum.Unknown+r.Unknown
	}
	list.Rows = slices.DeleteFunc(list.Rows, func(r Accrual) bool { return r.Net == 0 && r.Sessions == 0 && r.Unknown == 0 })
	slices.SortFunc(list.Rows, func(a, b Accrual) int {
		return cmp.Or(cmp.Compare(a.Owner, b.Owner), cmp.Compare(a.Currency, b.Currency), -cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.State, b.State),
			cmp.Compare(a.Reason, b.Reason))
	})
	for i := range list.Rows {
		list.add(&list.Rows[i])
	}
	slices.SortFunc(list.Totals, func(a, b AccrualTotal) int { return cmp.Compare(a.Currency, b.Currency) })
	return list
}

func (l *AccrualList) add(r *Accrual) {
	l.Unknown += r.Unknown
	if r.Currency == "" {
		return
	}
	i := slices.IndexFunc(l.Totals, func(t AccrualTotal) bool { return t.Currency == r.Currency })
	if i < 0 {
		i, l.Totals = len(l.Totals), append(l.Totals, AccrualTotal{Currency: r.Currency})
	}
	switch t := &l.Totals[i]; r.Kind {
	case AccruedHeld:
		t.Held += r.Net
	case AccruedMonthly:
		t.Monthly += r.Net
	default:
		t.Sessions += r.Net
	}
}

// AccrualJSON is a row of an accrual list as programs read it.
type AccrualJSON struct {
	Owner    string          `json:"owner" doc:"key; empty: held sessions without an owner"`
	Kind     AccrualKind     `json:"kind" doc:"sessions, monthly (guarantees, bonuses, custom records) or held"`
	State    AccrualState    `json:"state" doc:"open, draft, carried (a negative sum that waits), later (on a document of a later date) or cancelled (taken off)"`
	Reason   sessions.Reason `json:"reason,omitempty" doc:"of held sessions"`
	Sessions int64           `json:"sessions"`
	Energy   string          `json:"energy_kwh"`
	Net      string          `json:"net" doc:"with 6 decimals; of held sessions what they would come to"`
	Currency string          `json:"currency"`
	Unknown  int64           `json:"unknown" doc:"held sessions whose value is unknown"`
}

// AccrualTotalJSON is a total of an accrual list as programs read it.
type AccrualTotalJSON struct {
	Currency string `json:"currency"`
	Sessions string `json:"sessions"`
	Monthly  string `json:"monthly"`
	Owed     string `json:"owed" doc:"sessions and monthly sums"`
	Held     string `json:"held" doc:"what held sessions would come to"`
}

// AccrualListJSON is an accrual list as programs read it.
type AccrualListJSON struct {
	Day      entities.Date      `json:"day"`
	Complete bool               `json:"complete" doc:"false: the open month is being looked at; ask again"`
	AsOf     *time.Time         `json:"as_of,omitempty"`
	Rows     []AccrualJSON      `json:"rows" nullable:"false"`
	Totals   []AccrualTotalJSON `json:"totals" nullable:"false"`
	Unknown  int64              `json:"unknown" doc:"held sessions whose value is unknown"`
}

// JSON is the list as programs read it.
func (l *AccrualList) JSON() AccrualListJSON {
	out := AccrualListJSON{Day: l.Day, Complete: l.Complete, Rows: []AccrualJSON{}, Totals: []AccrualTotalJSON{}, Unknown: l.Unknown}
	if !l.AsOf.IsZero() {
		out.AsOf = new(l.AsOf)
	}
	for _, r := range l.Rows {
		out.Rows = append(out.Rows, AccrualJSON{r.Owner, r.Kind, r.State, r.Reason, r.Sessions, r.Energy.String(), r.Net.String(), r.Currency, r.Unknown})
	}
	for _, t := range l.Totals {
		out.Totals = append(out.Totals, AccrualTotalJSON{t.Currency, t.Sessions.String(), t.Monthly.String(), t.Owed().String(), t.Held.String()})
	}
	return out
}
