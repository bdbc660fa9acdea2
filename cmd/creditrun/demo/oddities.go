package demo

import (
	"strings"
	"time"

	"creditrun/entities"
)

// change does something to a session that nothing was done to yet: the first
// one that starts on a day of the month or soon after it and fits. Days stay
// clear of the ends of the month, so what is changed arrives in its month.
func (s *scene) change(m entities.Month, day int, fits func(*record) bool, do func(*record)) {
	from := m.FirstDay().AddDays(day - 1).In(s.zone)
	for _, r := range s.records {
		if !r.start.Before(from) && !s.taken[r] && fits(r) {
			s.taken[r] = true
			do(r)
			return
		}
	}
}

// again adds what is reported once more of a session.
func (s *scene) again(r *record, arrives time.Time, do func(*record)) {
	c := *r
	c.arrives = arrives
	do(&c)
	s.taken[&c] = true
	s.records = append(s.records, &c)
}

// sub reports whether a session would be credited if nothing were wrong with it.
func sub(r *record) bool {
	switch r.place.kind() {
	case "OWN", "NEU", "GMH":
		return false
	}
	if r.place.contracted() {
		return false
	}
	return r.place.station != "FRM-03" && r.place.station != "SWB-06" && r.wh > 5_000
}

func at(kind string) func(*record) bool {
	return func(r *record) bool { return sub(r) && r.place.kind() == kind && !r.place.dc }
}

// longAC finds a session with room for another one within it.
func longAC(r *record) bool { return sub(r) && !r.place.dc && r.end.Sub(r.start) > time.Hour }

// onlyCommunity finds a session where only the COMMUNITY tariff has a price.
func onlyCommunity(r *record) bool { return sub(r) && !r.place.allClasses }

// plantImplausible makes sessions that cannot have been (domain.md §3.5).
func (s *scene) plantImplausible(m entities.Month) {
	s.change(m, 4, at("HOT"), func(r *record) {
		r.end = r.start.Add(9*24*time.Hour + 17*time.Minute)
		r.arrives = r.end.Add(2 * time.Minute)
		s.clear(r)
	})
	s.change(m, 8, longAC, func(r *record) { r.wh = 912_400 })
	s.change(m, 10, at("TIC"), func(r *record) { r.wh = -r.wh })
	s.change(m, 11, at("LYO"), func(r *record) { r.end = r.start.Add(-25 * time.Minute) })
	s.change(m, 15, longAC, func(r *record) {
		s.again(r, r.arrives, func(c *record) {
			c.id += "-B"
			c.start = r.start.Add(r.end.Sub(r.start) / 2).Truncate(time.Second)
			c.end = c.start.Add(20 * time.Minute)
			c.wh = 2_100
		})
	})
}

// clear removes the others from a connector that a session kept busy.
func (s *scene) clear(r *record) {
	kept := s.records[:0:0]
	for _, other := range s.records {
		busy := other.place == r.place && other != r && other.end.After(r.start) && other.start.Before(r.end)
		if !busy {
			kept = append(kept, other)
		}
	}
	s.records = kept
}

// strange is an EVSE that no station has.
const strange = "DE*MST*E9901"

// plantHeld makes sessions that wait for other reasons than their figures.
func (s *scene) plantHeld(m entities.Month) {
	for _, day := range [...]int{5, 9, 14, 18, 21} {
		s.change(m, day, sub, func(r *record) { r.status = "invalid" })
	}
	for _, day := range [...]int{7, 13, 19} {
		s.change(m, day, sub, func(r *record) {
			r.evse, r.connector = strange, 1
			r.id = strings.Replace(r.id, r.place.tail(), "E9901", 1) + "-" + r.place.tail()
		})
	}
	for i, day := range [...]int{6, 12, 20} {
		s.change(m, day, onlyCommunity, func(r *record) {
			r.class, r.partner, r.cents, r.auth = "", "", 0, "WHITELIST"
			r.medium = s.media[i]
		})
		s.change(m, day+2, onlyCommunity, func(r *record) {
			r.class, r.cents, r.auth, r.medium = "", 0, "AUTH_REQUEST", "F000000001"
			r.partner = s.partner[i%len(s.partner)]
		})
	}
}

// plantAgain reports sessions more than once: the same, corrected before they
// are credited and, where a month follows, after that.
func (s *scene) plantAgain(m entities.Month, followed bool) {
	same := func(*record) {}
	s.change(m, 16, sub, func(r *record) { s.again(r, r.arrives.Add(3*time.Hour), same) })
	s.change(m, 17, sub, func(r *record) {
		s.again(r, r.arrives.Add(26*time.Hour), func(c *record) { c.wh -= 1_250 })
	})
	if !followed {
		return
	}
	next := m.End(s.zone).Add(11*24*time.Hour + 10*time.Hour)
	s.change(m, 18, sub, func(r *record) { s.again(r, next, same) })
	s.change(m, 10, at("PKH"), func(r *record) {
		s.again(r, next.Add(time.Hour), func(c *record) { c.wh -= c.wh / 3 })
	})
	s.change(m, 12, func(r *record) bool { return sub(r) && r.place.dc }, func(r *record) {
		s.again(r, next.Add(2*time.Hour), func(c *record) { c.wh += 840 })
	})
}

// forgotten is what two fast chargers still had in their memory: from before
// the start date for credit notes, and from before the station had an owner.
var forgotten = [...]struct {
	station string
	from    entities.Date
	count   int
}{{"SWB-07", "2024-12-19", 3}, {"FRM-05", "2025-02-12", 2}}

// plantOld has these sessions read out on the fourth day of a month.
func (s *scene) plantOld(m entities.Month) {
	for _, f := range forgotten {
		for _, r := range s.history(f.station, f.from)[:f.count] {
			r.arrives = m.Start(s.zone).Add(3*24*time.Hour + 8*time.Hour)
			s.records = append(s.records, r)
		}
	}
}

// history makes the sessions at the fast chargers of a station in ten days.
func (s *scene) history(station string, from entities.Date) []*record {
	var list []*record
	for n := range 10 {
		for _, p := range s.places {
			if p.station == station && p.dc {
				list = append(list, p.day(s, from.AddDays(n))...)
			}
		}
	}
	return list
}
