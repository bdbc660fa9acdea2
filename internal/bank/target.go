package bank

import (
	"time"

	"creditrun/entities"
)

// IsTargetDay reports whether banks settle SEPA credit transfers on a day: it is
// no Saturday, no Sunday, and none of the six closing days of TARGET, which are
// New Year's Day, Good Friday, Easter Monday, 1 May, and 25 and 26 December
// (long-term calendar of the ECB, in force since 2002). A text that is no date
// is no such day.
func IsTargetDay(day entities.Date) bool {
	t, err := time.Parse(time.DateOnly, string(day))
	return err == nil && open(t)
}

// NextTargetDay returns the first TARGET day that is not before a day: the day
// itself if it is one. A text that is no date gives the zero Date.
func NextTargetDay(day entities.Date) entities.Date {
	t, err := time.Parse(time.DateOnly, string(day))
	if err != nil {
		return ""
	}
	for !open(t) {
		t = t.AddDate(0, 0, 1)
	}
	return entities.Date(t.Format(time.DateOnly))
}

func open(t time.Time) bool {
	if t.Weekday() == time.Saturday || t.Weekday() == time.Sunday {
		return false
	}
	switch t.Format("01-02") {
	case "01-01", "05-01", "12-25", "12-26":
		return false
	}
	sunday := easter(t.Year())
	return !t.Equal(sunday.AddDate(0, 0, -2)) && !t.Equal(sunday.AddDate(0, 0, 1))
}

// easter is Easter Sunday of the Gregorian calendar, by the algorithm of Meeus,
// Jones and Butcher.
func easter(year int) time.Time {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	g := (8*b + 13) / 25
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return time.Date(year, time.Month(n/31), n%31+1, 0, 0, 0, 0, time.UTC)
}
