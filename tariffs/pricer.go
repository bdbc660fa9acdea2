package tariffs

import (
	"encoding/binary"
	"time"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
)

// Decision is the purchase price of one session and why. It is filled again
// and again; what it points to belongs to the Book and is never changed.
type Decision struct {
	Class  sessions.Class
	Owner  *entities.Entity // of the station at the start; nil: none
	Priced bool             // false: the session is held unpriced
	// The following are set when Priced.
	Rule     Rule
	Tariff   string
	Rate     *CostRate
	Prices   *Prices       // in force at the start
	Discount money.Percent // 0 unless the COMMUNITY rule won
	Energy   money.Micros
	Time     money.Micros
	Fee      money.Micros
	Total    money.Micros
	Currency string
	// Path explains the decision, also of a session that is not priced and of
	// one whose conditions are ambiguous.
	Path *Path
}

// Pricer prices sessions by a Book. It keeps what it has learned about places
// and paths, so it is not safe for concurrent use: each worker has its own.
type Pricer struct {
	book   *Book
	sites  map[*entities.Place]*site
	last   *site
	clocks map[*time.Location]*clock
	paths  int
	found  outcome
	key    []byte
}

// maxPaths bounds the memory of a Pricer; beyond it forgets and starts anew.
const maxPaths = 1 << 16

// Pricer returns a new Pricer of the book.
func (b *Book) Pricer() *Pricer {
	return &Pricer{book: b, sites: map[*entities.Place]*site{}, clocks: map[*time.Location]*clock{}}
}

// Price decides the purchase price of a session at its place (domain.md §5)
// and fills d. A session that has no price is no error: d.Priced is false.
// A reversed session is worth 0 in every component. Errors are
// ambiguous_conditions (Conflict: nothing says which condition wins),
// class_unknown, place_unknown and session_price_too_large (Invalid).
//
// Price does not allocate for sessions whose path it has seen before.
func (p *Pricer) Price(s *sessions.Session, place *entities.Place, d *Decision) error {
	*d = Decision{}
	at, err := p.site(s, place)
	if err != nil {
		return err
	}
	if err := p.who(s, place, d); err != nil {
		return err
	}
	o := &p.found
	at.resolve(o, s.Start.UnixMicro())
	if d.Path, err = p.intern(at, o); err != nil {
		return err
	}
	if o.clash[1] != nil {
		return o.ambiguity(s, place)
	}
	if o.rate == nil {
		return nil
	}
	d.Priced, d.Rule, d.Tariff, d.Discount = true, o.rule, o.tariff, o.discount(p.book.discount)
	d.Rate, d.Prices, d.Currency = o.rate.CostRate, o.prices.Prices, o.rate.Currency
	if s.Reversed {
		return nil
	}
	return d.fill(s, o)
}

// fill computes the amounts.
func (d *Decision) fill(s *sessions.Session, o *outcome) error {
	var sum components
	if !sum.price(o.prices, o.rate.step, int64(s.Energy), s.Duration, money.Hundred-d.Discount) {
		d.Priced = false
		return fault.New(fault.Invalid, "session_price_too_large", fault.Args{
			"rate": o.rate.Key, "session": s.ExternalID, "energy_kwh": s.Energy.String(), "duration_s": s.Duration,
		})
	}
	d.Energy, d.Time, d.Fee, d.Total = sum.energy, sum.time, sum.fee, sum.total
	return nil
}

// who finds class and owner of the session.
func (p *Pricer) who(s *sessions.Session, place *entities.Place, d *Decision) error {
	d.Class = s.Class
	if d.Class == "" {
		d.Class = p.book.network.Class(s)
	}
	switch d.Class {
	case sessions.Internal, sessions.Bilateral, sessions.Community:
	default:
		return fault.New(fault.Invalid, "class_unknown", fault.Args{"class": string(d.Class), "session": s.ExternalID})
	}
	d.Owner = place.Owner(s.Start)
	p.found.class, p.found.owner = d.Class, ""
	if d.Owner != nil {
		p.found.owner = d.Owner.Key
	}
	return nil
}

// site returns the compiled place.
func (p *Pricer) site(s *sessions.Session, place *entities.Place) (*site, error) {
	if place == nil {
		return nil, fault.New(fault.Invalid, "place_unknown", fault.Args{
			"session": s.ExternalID, "evse": s.EVSEID, "connector": s.Connector,
		})
	}
	if p.last != nil && p.last.place == place {
		return p.last, nil
	}
	at, ok := p.sites[place]
	if !ok {
		var err error
		if at, err = p.book.compileSite(place, p.clock(place.Zone)); err != nil {
			return nil, err
		}
		p.sites[place] = at
	}
	p.last = at
	return at, nil
}

// clock returns the clock of a zone; places of one zone share it.
func (p *Pricer) clock(zone *time.Location) *clock {
	c, ok := p.clocks[zone]
	if !ok {
		c = &clock{zone: zone}
		p.clocks[zone] = c
	}
	return c
}

// intern returns the path of an outcome. Its key holds everything in which two
// paths of one place can differ.
func (p *Pricer) intern(at *site, o *outcome) (*Path, error) {
	k := append(p.key[:0], o.class[0])
	k = binary.LittleEndian.AppendUint32(k, uint32(o.eraNumber))
	for _, why := range o.reasons {
		k = append(k, byte(why))
	}
	k = append(k, endOfReasons, byte(o.community))
	k = binary.LittleEndian.AppendUint32(k, uint32(o.communityNumber))
	k = binary.LittleEndian.AppendUint32(k, uint32(o.rateNumber))
	k = binary.LittleEndian.AppendUint32(k, uint32(o.entry))
	k = append(k, o.owner...)
	p.key = k
	if path, ok := at.paths[string(k)]; ok {
		return path, nil
	}
	path := at.path(o, p.book.discount)
	if err := path.seal(); err != nil {
		return nil, err
	}
	p.remember(at, string(k), path)
	return path, nil
}

// endOfReasons ends the reasons in a key; no reason has this code.
const endOfReasons = 0xFF

func (p *Pricer) remember(at *site, key string, path *Path) {
	p.makeRoom(at)
	at.paths[key] = path
}

// makeRoom makes room for one more path.
func (p *Pricer) makeRoom(at *site) {
	if p.paths >= maxPaths {
		clear(p.sites)
		clear(at.paths)
		clear(at.contracted)
		p.paths = 0
		p.sites[at.place] = at
	}
	p.paths++
}
