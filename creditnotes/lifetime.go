package creditnotes

import (
	"context"
	"iter"
	"maps"
	"slices"
	"time"

	"creditrun/internal/fault"
	"creditrun/internal/money"
)

// LifetimeQuery asks for the lifetime control (settlement.md §8).
type LifetimeQuery struct {
	Stations []string  // keys; empty: all, and the connectors that no station claims
	Until    time.Time // sessions that end at or after it are left out; zero: none is
}

// LifetimeStore reads what the lifetime control adds up. What it costs grows
// with the sessions of the stations that are asked for.
type LifetimeStore interface {
	// Lifetimes counts the current versions of the sessions by EVSE and outcome.
	// A session that its source took back counts as withdrawn with the energy
	// that it had. What has no outcome yet, or one of a run that is not issued,
	// is held.
	Lifetimes(ctx context.Context, q LifetimeQuery) ([]LifetimeCount, error)
	// LifetimeNets adds up the lines on documents that stand, on zero notes and
	// on sums carried forward by EVSE and currency.
	LifetimeNets(ctx context.Context, q LifetimeQuery) ([]LifetimeNet, error)
	// LifetimeMeters yields the current versions of the sessions, without those
	// taken back, by station, EVSE and start.
	LifetimeMeters(ctx context.Context, q LifetimeQuery) iter.Seq2[MeterReading, error]
}

// The outcomes of sessions on documents.
const (
	OutcomeCredited Outcome = "credited"
	OutcomeZero     Outcome = "zero" // settled without a document, for 0.00
)

// LifetimeCount counts the sessions of one EVSE with one outcome.
type LifetimeCount struct {
	Station string // key; empty: no station claims the EVSE
	EVSEID  string
	Outcome Outcome
	Count   Count
}

// LifetimeNet is what the lines of one EVSE come to in one currency.
type LifetimeNet struct {
	Station, EVSEID, Currency string
	Net                       money.Micros
}

// MeterReading is a session with its meter values in Wh thousandths, as far as
// they are known.
type MeterReading struct {
	Station, EVSEID, Session string
	Start, End               time.Time
	MeterStart, MeterStop    *money.Quantity
}

// MeterJump is the energy that a meter counted between the end of one session
// and the start of the next; negative where it ran back or was replaced.
type MeterJump struct {
	EVSEID         string
	After, Before  string // external ids of the two sessions
	From, Until    time.Time
	Stopped, Began money.Quantity
}

// Energy is what the meter counted in between.
func (j *MeterJump) Energy() money.Quantity { return j.Began - j.Stopped }

// Lifetime is the lifetime control of a station or of one of its EVSEs.
type Lifetime struct {
	EVSEID   string // empty: the whole station
	Control  Control
	Credited map[string]money.Micros // by currency
	// FirstMeter and LastMeter are the first and the last value of the meter of
	// an EVSE; nil: none is known. A whole station has none.
	FirstMeter, LastMeter *money.Quantity
	Jumped                money.Quantity // the sum of the jumps
	JumpCount             int
}

// StationLifetime is the lifetime control of a station and of its EVSEs.
type StationLifetime struct {
	Station string // key; empty: connectors that no station claims
	Lifetime
	EVSEs []Lifetime // by id
	Jumps []MeterJump
}

// Lifetimes makes the lifetime control of stations, by key. A station without
// any session is not among them.
func Lifetimes(ctx context.Context, store LifetimeStore, q LifetimeQuery) ([]StationLifetime, error) {
	counts, err := store.Lifetimes(ctx, q)
	if err != nil {
		return nil, err
	}
	nets, err := store.LifetimeNets(ctx, q)
	if err != nil {
		return nil, err
	}
	return lifetimesOf(counts, nets, store.LifetimeMeters(ctx, q))
}

// lifetimesOf adds up what a store read.
func lifetimesOf(counts []LifetimeCount, nets []LifetimeNet, meters iter.Seq2[MeterReading, error]) ([]StationLifetime, error) {
	all := lifetimes{}
	for i := range counts {
		c := &counts[i]
		station, evse := all.at(c.Station, c.EVSEID)
		station.Control.count(c.Outcome, c.Count)
		evse.Control.count(c.Outcome, c.Count)
	}
	for _, n := range nets {
		station, evse := all.at(n.Station, n.EVSEID)
		station.Credited[n.Currency] += n.Net
		evse.Credited[n.Currency] += n.Net
	}
	var last *MeterReading
	for reading, err := range meters {
		if err != nil {
			return nil, err
		}
		all.read(&reading, last)
		last = new(reading)
	}
	return all.sorted(), nil
}

// lifetimes are stations by key while they are added up.
type lifetimes map[string]*lifetimeOfStation

type lifetimeOfStation struct {
	StationLifetime
	evses map[string]*Lifetime
}

func (l lifetimes) at(station, evse string) (*StationLifetime, *Lifetime) {
	s := l[station]
	if s == nil {
		s = &lifetimeOfStation{evses: map[string]*Lifetime{}}
		s.Station, s.Credited = station, map[string]money.Micros{}
		l[station] = s
	}
	e := s.evses[evse]
	if e == nil {
		e = &Lifetime{EVSEID: evse, Credited: map[string]money.Micros{}}
		s.evses[evse] = e
	}
	return &s.StationLifetime, e
}

// count adds to received and to the column of an outcome.
func (c *Control) count(o Outcome, n Count) {
	column := map[Outcome]*Count{
		OutcomeCredited: &c.Credited, OutcomeHeld: &c.Held, OutcomeZero: &c.Zero, OutcomeExcluded: &c.Excluded, OutcomeWithdrawn: &c.Withdrawn,
	}[o]
	c.Received = c.Received.Plus(n)
	if column != nil {
		*column = column.Plus(n)
	}
}

// read takes the next session of an EVSE, and compares its meter with where the
// session before it stopped.
func (l lifetimes) read(r, last *MeterReading) {
	station, evse := l.at(r.Station, r.EVSEID)
	for _, value := range []*money.Quantity{r.MeterStart, r.MeterStop} {
		if value == nil {
			continue
		}
		if evse.FirstMeter == nil {
			evse.FirstMeter = value
		}
		evse.LastMeter = value
	}
	if last == nil || last.Station != r.Station || last.EVSEID != r.EVSEID || last.MeterStop == nil || r.MeterStart == nil {
		return
	}
	jump := MeterJump{EVSEID: r.EVSEID, After: last.Session, Before: r.Session, From: last.End, Until: r.Start, Stopped: *last.MeterStop, Began: *r.MeterStart}
	if jump.Energy() == 0 {
		return
	}
	station.Jumps = append(station.Jumps, jump)
	for _, of := range []*Lifetime{&station.Lifetime, evse} {
		of.Jumped += jump.Energy()
		of.JumpCount++
	}
}

func (l lifetimes) sorted() []StationLifetime {
	list := make([]StationLifetime, 0, len(l))
	for _, key := range slices.Sorted(maps.Keys(l)) {
		s := l[key]
		for _, evse := range slices.Sorted(maps.Keys(s.evses)) {
			s.EVSEs = append(s.EVSEs, *s.evses[evse])
		}
		list = append(list, s.StationLifetime)
	}
	return list
}

// StationProof is what the sessions, the lines and the documents of a station
// say, each added up by itself.
type StationProof struct {
	Station  string
	Received Count                   // current versions, as the sessions say
	Settled  Count                   // current versions that a line settles, as the lines say
	Open     Count                   // current versions without a line
	Lines    map[string]money.Micros // by currency: the lines on notes that stand
	Printed  map[string]money.Micros // by currency: the positions of these notes
}

// lifetime proves the lifetime control in both directions: every session of a
// station has one outcome with its energy, and what its lines come to is what
// stands on documents for it.
func (v *Verification) lifetime(ctx context.Context, store VerifyStore) error {
	stations, err := store.StationProofs(ctx)
	for i := range stations {
		s := &stations[i]
		v.addStation(s)
		if s.Received != s.Settled.Plus(s.Open) {
			v.add("verify_station_sessions", fault.Args{"station": s.Station})
		}
		currencies := maps.Clone(s.Lines)
		maps.Copy(currencies, s.Printed)
		for _, currency := range slices.Sorted(maps.Keys(currencies)) {
			if s.Lines[currency] != s.Printed[currency] {
				v.add("verify_station_money", fault.Args{"station": s.Station, "currency": currency,
					"lines": s.Lines[currency].String(), "documents": s.Printed[currency].String()})
			}
		}
	}
	return err
}
