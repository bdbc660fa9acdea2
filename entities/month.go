package entities

import (
	"fmt"
	"time"
)

// monthLayout is how a Month is written.
const monthLayout = "2006-01"

// Month is a calendar month, written 2026-10. As a span of time it is
// half-open and cut in the operator's zone (domain.md §3.3). The zero Month is
// "not set". Months compare as strings do.
type Month string

// ParseMonth reads a month.
func ParseMonth(s string) (Month, error) {
	if _, err := time.Parse(monthLayout, s); err != nil {
		return "", fmt.Errorf("not a month like 2026-10: %q", s)
	}
	return Month(s), nil
}

// MonthOf returns the month to which the instant t belongs in a zone: the one
// with Start ≤ t < End.
func MonthOf(t time.Time, zone *time.Location) Month {
	local := t.In(zone)
	m := Month(local.Format(monthLayout))
	// Clocks that go back over midnight show the old month once more after
	// the new one has begun.
	if local.Hour() == 23 && !t.Before(m.End(zone)) {
		return m.Next()
	}
	return m
}

// Month returns the month of a day, or the zero Month for the zero Date.
func (d Date) Month() Month {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return ""
	}
	return Month(t.Format(monthLayout))
}

// IsZero reports whether the month is not set.
func (m Month) IsZero() bool { return m == "" }

// Before reports whether m is an earlier month than n.
func (m Month) Before(n Month) bool { return m < n }

// Start is the first instant of the month in a zone.
func (m Month) Start(zone *time.Location) time.Time { return m.FirstDay().In(zone) }

// End is the first instant that no longer belongs to the month.
func (m Month) End(zone *time.Location) time.Time { return m.Next().Start(zone) }

// Contains reports whether an instant belongs to the month in a zone.
func (m Month) Contains(t time.Time, zone *time.Location) bool {
	return !t.Before(m.Start(zone)) && t.Before(m.End(zone))
}

// Next is the month after this one.
func (m Month) Next() Month { return m.AddMonths(1) }

// Prev is the month before this one.
func (m Month) Prev() Month { return m.AddMonths(-1) }

// AddMonths returns the month n months later. What is no month stays as it is.
func (m Month) AddMonths(n int) Month {
	t, err := time.Parse(monthLayout, string(m))
	if err != nil {
		return m
	}
	return Month(t.AddDate(0, n, 0).Format(monthLayout))
}

// FirstDay is the first day of the month.
func (m Month) FirstDay() Date {
	if m.IsZero() {
		return ""
	}
	return Date(m) + "-01"
}

// LastDay is the last day of the month.
func (m Month) LastDay() Date {
	if m.IsZero() {
		return ""
	}
	return m.Next().FirstDay().AddDays(-1)
}
