package creditnotes

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
)

// Tally is what some sessions come to.
type Tally struct {
	Sessions int64
	Energy   money.Quantity
	Owed     map[string]money.Micros // exact, net, by currency; nil: nothing
}

// DayTally is what the sessions that end on a day come to.
type DayTally struct {
	Day entities.Date // in the operator's zone
	Tally
}

// OwnerTally is what an owner's sessions of the month come to.
type OwnerTally struct {
	Owner string // key; empty for sessions without an owner, which are held
	Tally
	Held Count
}

// HeldTally counts the sessions that wait for one reason.
type HeldTally struct {
	Reason sessions.Reason
	Count
}

// MonthSoFar is a month in real time: what the next run would credit of it, to
// the micro-unit and before positions are rounded (domain.md §6.3). Sessions
// that a run has credited already are not in it.
type MonthSoFar struct {
	Month   entities.Month
	Days    []DayTally   // every day of the month
	Total   Tally        // of all days
	Earlier Tally        // lines of other months that wait too: late sessions, corrections
	Owners  []OwnerTally // in walk order: those with a session of the month or a held one
	Held    []HeldTally  // by reason, also of earlier months
}

// MonthSoFar adds up a month as it is now. It takes the time of a preview and
// no more memory for more sessions. Only a network or tariffs that contradict
// themselves come back as faults: no range, account or address is asked for.
func (r *Runner) MonthSoFar(ctx context.Context, month entities.Month) (*MonthSoFar, error) {
	config, err := r.Store.Configuration(ctx)
	if err != nil {
		return nil, err
	}
	run := r.newRun(Request{Month: month}, config)
	plan, err := r.plan(run, config)
	if err != nil {
		return nil, err
	}
	calendar := newCalendar(month, plan.Network.Zone())
	whole := newMonthSums(calendar)
	var mu sync.Mutex
	err = r.survey(ctx, plan, run, false, func() surveyPage {
		return &monthPage{newMonthSums(calendar), whole, &mu}
	})
	if err != nil {
		return nil, err
	}
	return whole.result(month, plan.Network.Tree), nil
}

// calendar knows when the days of a month begin; the last entry is the end of
// the last.
type calendar []time.Time

func newCalendar(month entities.Month, zone *time.Location) calendar {
	var c calendar
	for day := month.FirstDay(); ; day = day.AddDays(1) {
		c = append(c, day.In(zone))
		if day == month.Next().FirstDay() {
			return c
		}
	}
}

// day is the place of an instant's day in the month; false outside it.
func (c calendar) day(at time.Time) (int, bool) {
	i, begins := slices.BinarySearchFunc(c, at, time.Time.Compare)
	if !begins {
		i--
	}
	return i, i >= 0 && i < len(c)-1
}

// monthSums are the sums of a month, or of one shard of it.
type monthSums struct {
	calendar calendar
	days     []Tally
	earlier  Tally
	owners   map[string]*OwnerTally
	reasons  map[sessions.Reason]Count
}

func newMonthSums(c calendar) *monthSums {
	return &monthSums{
		calendar: c, days: make([]Tally, len(c)-1), owners: map[string]*OwnerTally{}, reasons: map[sessions.Reason]Count{},
	}
}

// monthPage is one shard of a month.
type monthPage struct {
	*monthSums
	whole *monthSums
	mu    *sync.Mutex // of the whole
}

func (p *monthPage) keep(*drafter) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.whole.plus(p.monthSums)
}

func (s *monthSums) credited(l *Line, o *owner, e entry) {
	one := Tally{Energy: l.Energy}
	if e.settlesSession {
		one.Sessions = 1
	}
	net := l.Total()
	day, ok := s.calendar.day(e.end)
	if !ok {
		s.earlier.add(one, e.currency, net)
		return
	}
	s.days[day].add(one, e.currency, net)
	s.owner(o.entity.Key).add(one, e.currency, net)
}

func (s *monthSums) held(h Hold) {
	count := Count{1, h.Energy}
	s.reasons[h.Reason] = s.reasons[h.Reason].Plus(count)
	o := s.owner(h.Owner)
	o.Held = o.Held.Plus(count)
}

func (s *monthSums) owner(key string) *OwnerTally {
	o := s.owners[key]
	if o == nil {
		o = &OwnerTally{Owner: key}
		s.owners[key] = o
	}
	return o
}

// add counts something of which an amount is owed.
func (t *Tally) add(some Tally, currency string, net money.Micros) {
	t.Sessions += some.Sessions
	t.Energy += some.Energy
	if t.Owed == nil {
		t.Owed = map[string]money.Micros{}
	}
	t.Owed[currency] += net
}

func (t *Tally) plus(u Tally) {
	t.Sessions += u.Sessions
	t.Energy += u.Energy
	for currency, net := range u.Owed {
		t.add(Tally{}, currency, net)
	}
}

func (s *monthSums) plus(other *monthSums) {
	for i := range s.days {
		s.days[i].plus(other.days[i])
	}
	s.earlier.plus(other.earlier)
	for key, o := range other.owners {
		mine := s.owner(key)
		mine.plus(o.Tally)
		mine.Held = mine.Held.Plus(o.Held)
	}
	for reason, count := range other.reasons {
		s.reasons[reason] = s.reasons[reason].Plus(count)
	}
}

func (s *monthSums) result(month entities.Month, tree *entities.Tree) *MonthSoFar {
	m := &MonthSoFar{Month: month, Earlier: s.earlier}
	for i, day := range s.days {
		m.Days = append(m.Days, DayTally{month.FirstDay().AddDays(i), day})
		m.Total.plus(day)
	}
	for o := range maps.Values(s.owners) {
		m.Owners = append(m.Owners, *o)
	}
	slices.SortFunc(m.Owners, func(a, b OwnerTally) int { return cmp.Compare(tree.Rank(a.Owner), tree.Rank(b.Owner)) })
	for reason, count := range s.reasons {
		m.Held = append(m.Held, HeldTally{reason, count})
	}
	slices.SortFunc(m.Held, func(a, b HeldTally) int { return cmp.Compare(a.Reason, b.Reason) })
	return m
}
