package tariffs

import (
	"math"
	"time"
)

// Seconds of the local day and week, in which windows are compared.
const (
	daySeconds  = 24 * 60 * 60
	weekSeconds = 7 * daySeconds
)

// seconds returns the clock time as seconds since local midnight. It accepts
// exactly HH:MM from 00:00 to 24:00.
func (c ClockTime) seconds() (int64, bool) {
	if len(c) != 5 || c[2] != ':' {
		return 0, false
	}
	var digits [4]int64
	for i, at := range [4]int{0, 1, 3, 4} {
		if c[at] < '0' || c[at] > '9' {
			return 0, false
		}
		digits[i] = int64(c[at] - '0')
	}
	hours, minutes := digits[0]*10+digits[1], digits[2]*10+digits[3]
	if minutes > 59 || hours > 24 || hours == 24 && minutes > 0 {
		return 0, false
	}
	return (hours*60 + minutes) * 60, true
}

// hours is a compiled Window: which weekdays (bit 0 = Monday) it begins on,
// and from when to when. A window whose to is not after its from wraps.
type hours struct {
	days     uint8
	from, to int64 // seconds since midnight
}

const everyDay = 1<<7 - 1

// compile turns a valid window into hours. A missing from is midnight, a
// missing to the end of the day; equal ones are the whole day.
func (w Window) compile() hours {
	h := hours{to: daySeconds}
	for _, d := range w.Weekdays {
		h.days |= 1 << (d - 1)
	}
	if h.days == 0 {
		h.days = everyDay
	}
	if w.From != "" {
		h.from, _ = w.From.seconds()
	}
	if w.To != "" {
		h.to, _ = w.To.seconds()
	}
	if h.from == h.to {
		h.from, h.to = 0, daySeconds
	}
	return h
}

// why reports whether a local time of the week lies in the window: won if it
// does, else whether the weekday or the hour is the obstacle.
func (h hours) why(weekday int, second int64) code {
	today := h.days>>weekday&1 == 1
	if h.from < h.to {
		switch {
		case !today:
			return otherWeekday
		case second < h.from || second >= h.to:
			return outsideHours
		}
		return won
	}
	yesterday := h.days>>((weekday+6)%7)&1 == 1
	switch {
	case second >= h.from && today, second < h.to && yesterday:
		return won
	case second >= h.from || second < h.to:
		return otherWeekday
	}
	return outsideHours
}

// overlaps reports whether some local time of the week lies in both windows. It
// tries the moments at which either begins: where two windows share a moment,
// they share the begin of one of them.
func (h hours) overlaps(other hours) bool {
	return h.meetsBeginOf(other) || other.meetsBeginOf(h)
}

func (h hours) meetsBeginOf(other hours) bool {
	for day := range 7 {
		if other.days>>day&1 == 1 && h.why(day, other.from) == won {
			return true
		}
	}
	return false
}

// clock turns instants into local weekday and time of day. It remembers the
// stretch between two changes of the zone's offset, so that most sessions need
// an addition only. It is not safe for concurrent use.
type clock struct {
	zone     *time.Location
	from, to int64 // Unix seconds in which offset holds
	offset   int64
}

// local returns the weekday (0 = Monday) and the second of the local day.
func (c *clock) local(unix int64) (weekday int, second int64) {
	if unix < c.from || unix >= c.to {
		c.turn(unix)
	}
	// Day 0 of the Unix epoch was a Thursday.
	week := mod(unix+c.offset+3*daySeconds, weekSeconds)
	return int(week / daySeconds), week % daySeconds
}

// turn finds the stretch around an instant.
func (c *clock) turn(unix int64) {
	t := time.Unix(unix, 0).In(c.zone)
	_, offset := t.Zone()
	start, end := t.ZoneBounds()
	c.offset, c.from, c.to = int64(offset), math.MinInt64, math.MaxInt64
	if !start.IsZero() {
		c.from = start.Unix()
	}
	if !end.IsZero() {
		c.to = end.Unix()
	}
}

func mod(a, b int64) int64 {
	if m := a % b; m >= 0 {
		return m
	} else {
		return m + b
	}
}

// since returns a bound as Unix microseconds; sessions start at whole
// microseconds, so a finer bound is rounded up.
func since(t time.Time) int64 {
	if t.IsZero() {
		return math.MinInt64
	}
	micros := t.UnixMicro()
	if t.Nanosecond()%1000 != 0 {
		micros++
	}
	return micros
}

// until is since for an end: none is never.
func until(t time.Time) int64 {
	if t.IsZero() {
		return math.MaxInt64
	}
	return since(t)
}
