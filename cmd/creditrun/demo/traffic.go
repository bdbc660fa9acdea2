package demo

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"creditrun/entities"
)

// seed makes the traffic what it is.
const seed = 20221001

// day makes the sessions that begin at a place on a day. It depends on the
// place and the day alone.
func (p *place) day(s *scene, day entities.Date) []*record {
	midnight := day.In(p.zone)
	serial := uint64(day.In(time.UTC).Unix() / 86_400)
	random := rand.New(rand.NewPCG(seed, uint64(p.number)<<32|serial))
	closes := p.clock(day.AddDays(1), p.habits.opens)
	free := p.clock(day, p.habits.opens)
	var list []*record
	for _, start := range p.arrivals(random, day, midnight.Weekday()) {
		if start.Before(free) {
			start = free.Add(time.Duration(1+random.IntN(12)) * time.Minute)
		}
		r := p.visit(random, start, closes)
		if r == nil {
			break
		}
		r.id = fmt.Sprintf("%s-%s-%d-%d", midnight.Format("20060102"), p.tail(), p.plug, len(list)+1)
		s.drive(random, r)
		r.arrives = s.arrival(r)
		list, free = append(list, r), r.end
	}
	return list
}

// clock is the moment at which the clocks of the place show a full hour.
func (p *place) clock(day entities.Date, hour int) time.Time {
	t := day.In(p.zone)
	return time.Date(t.Year(), t.Month(), t.Day(), hour, 0, 0, 0, p.zone)
}

// arrivals draws when cars come on a day.
func (p *place) arrivals(random *rand.Rand, day entities.Date, weekday time.Weekday) []time.Time {
	h := p.habits
	many := h.perDay[(weekday+6)%7]
	many += many * (random.IntN(61) - 30) / 100
	n := many / 100
	if random.IntN(100) < many%100 {
		n++
	}
	var list []time.Time
	for range n {
		hour, on := h.hour(random), day
		if hour < h.opens {
			on = day.AddDays(1)
		}
		list = append(list, p.clock(on, hour).Add(time.Duration(random.IntN(3600))*time.Second))
	}
	slices.SortFunc(list, time.Time.Compare)
	return list
}

// shortestVisit is less than what is left of a day when no one comes any more.
const shortestVisit = 6 * time.Minute

// visit is one car at the place: how long, and how much.
func (p *place) visit(random *rand.Rand, start, closes time.Time) *record {
	if closes.Sub(start) < shortestVisit {
		return nil
	}
	watts, need := p.car(random)
	seconds := int64(p.habits.shortest*60 + random.IntN((p.habits.longest-p.habits.shortest)*60+1))
	if p.dc {
		seconds = need*3600/watts + 45 + random.Int64N(500)
		if random.IntN(8) == 0 { // had a coffee meanwhile
			seconds += random.Int64N(4500)
		}
	}
	if random.IntN(40) == 0 { // changed their mind
		seconds, need = 35+random.Int64N(80), 4+random.Int64N(140)
	}
	seconds = min(seconds, int64(closes.Sub(start)/time.Second))
	return &record{
		place: p, evse: p.evse, connector: p.plug,
		start: start, end: start.Add(time.Duration(seconds) * time.Second),
		wh: min(need, watts*seconds/3600),
	}
}

// car draws what a car takes on average, in watts, and how much it needs.
func (p *place) car(random *rand.Rand) (watts, need int64) {
	if p.dc {
		watts = min(p.watts, 60_000+random.Int64N(90_000)) * (55 + random.Int64N(35)) / 100
		return watts, 8_000 + random.Int64N(26_000) + random.Int64N(26_000)
	}
	onboard := [...]int64{3_700, 7_400, 11_000, 11_000, 11_000, 11_000, 22_000}
	watts = min(p.watts, onboard[random.IntN(len(onboard))]) * (93 + random.Int64N(6)) / 100
	return watts, 4_000 + random.Int64N(22_000) + random.Int64N(22_000)
}

// foreign are roaming partners without a bilateral contract.
var foreign = [...]string{"FR*XPL", "SE*XMP", "AT*BSP"}

// drive says who charges: a driver with a medium of the network, a customer of
// a bilateral partner, or any other driver. Where only the COMMUNITY tariff has a price
// it is any driver.
func (s *scene) drive(random *rand.Rand, r *record) {
	draw := random.IntN(100)
	switch {
	case r.place.contracted():
		s.driveByContract(random, r)
	case r.place.kind() == "OWN":
		r.auth, r.medium = "WHITELIST", s.house[random.IntN(len(s.house))]
	case r.place.allClasses && draw < 22:
		r.auth, r.medium = "WHITELIST", s.media[random.IntN(len(s.media))]
	case r.place.allClasses && draw < 36:
		r.auth, r.partner, r.medium = "AUTH_REQUEST", s.partner[random.IntN(len(s.partner))], card(random)
	case draw < 70:
		r.auth, r.partner, r.medium = "AUTH_REQUEST", foreign[random.IntN(len(foreign))], card(random)
	default: // scanned the QR code and paid
		r.auth, r.class = "COMMAND", "community"
		if !r.place.free {
			r.cents = (r.wh*r.place.centsPerKWh() + 500) / 1000
		}
	}
}

func card(random *rand.Rand) string { return fmt.Sprintf("F0%08X", random.Uint32()) }

// centsPerKWh is what the display asks for.
func (p *place) centsPerKWh() int64 {
	if p.dc {
		return 69
	}
	return 55
}

// offline are stations that lose their connection for the last days of every
// month: what happens then is reported in the next one.
var offline = [...]string{"SWB-06", "FRM-03"}

// offlineDays is how many days that are.
const offlineDays = 3

// arrival is when the operator receives a session.
func (s *scene) arrival(r *record) time.Time {
	m := entities.MonthOf(r.end, s.zone)
	if slices.Contains(offline[:], r.place.station) && !r.end.Before(m.LastDay().AddDays(1-offlineDays).In(s.zone)) {
		return m.End(s.zone).Add(9 * time.Hour)
	}
	return r.end.Add(2 * time.Minute)
}
