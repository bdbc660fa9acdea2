package entities

import (
	"fmt"
	"strings"
	"time"
)

// Date is a calendar day without a zone, written 2006-01-02. The zero Date is
// "not set". Dates compare as strings do.
type Date string

// ParseDate reads a calendar day.
func ParseDate(s string) (Date, error) {
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return "", fmt.Errorf("not a date like 2026-10-31: %q", s)
	}
	return Date(s), nil
}

// DateOf returns the day on which t falls in a zone.
func DateOf(t time.Time, zone *time.Location) Date {
	return Date(t.In(zone).Format(time.DateOnly))
}

// IsZero reports whether the date is not set.
func (d Date) IsZero() bool { return d == "" }

// Before reports whether d is an earlier day than e.
func (d Date) Before(e Date) bool { return d < e }

// In returns the midnight with which the day begins in a zone. Where clocks
// skip midnight it is the first instant of the day, where they show it twice
// the first of both. A text that is no date gives the zero time.
func (d Date) In(zone *time.Location) time.Time {
	day, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return time.Time{}
	}
	return startOfDay(day, zone)
}

// startOfDay looks for the first instant at which the clocks of a zone show
// day (midnight in UTC) or later. time.Date would land somewhere beside a
// midnight that does not exist, on either side.
func startOfDay(day time.Time, zone *time.Location) time.Time {
	at := day.Add(-30 * time.Hour).In(zone) // before this midnight in every zone
	for {
		_, change := at.ZoneBounds()
		midnight := day.Add(-offset(at))
		if change.IsZero() || midnight.Before(change) {
			return midnight.In(zone)
		}
		at = change.In(zone)
		if at.Add(offset(at)).After(day) {
			return at
		}
	}
}

// offset is how far the clocks of t's zone are ahead of UTC.
func offset(t time.Time) time.Duration {
	_, seconds := t.Zone()
	return time.Duration(seconds) * time.Second
}

// DaysUntil is how many days later the date e is: negative when it is earlier,
// 0 when one of the two is not set.
func (d Date) DaysUntil(e Date) int {
	if d.IsZero() || e.IsZero() {
		return 0
	}
	return int(e.In(time.UTC).Sub(d.In(time.UTC)) / (24 * time.Hour))
}

// AddDays returns the day n days later.
func (d Date) AddDays(n int) Date {
	return Date(d.In(time.UTC).AddDate(0, 0, n).Format(time.DateOnly))
}

// Moment is where a dated value begins or ends: a calendar day, which begins
// at midnight in the zone of the thing it is about, or an instant with its
// offset (RFC 3339). The zero Moment is "not set".
type Moment string

// ParseMoment reads a day or an instant.
func ParseMoment(s string) (Moment, error) {
	if _, err := time.Parse(time.DateOnly, s); err == nil {
		return Moment(s), nil
	}
	if _, err := time.Parse(time.RFC3339, s); err == nil {
		return Moment(s), nil
	}
	return "", fmt.Errorf("neither a date like 2026-10-31 nor a time like 2026-10-31T12:00:00+01:00: %q", s)
}

// valid reports whether the moment is not set or can be read.
func (m Moment) valid() bool {
	if m.IsZero() {
		return true
	}
	_, err := ParseMoment(string(m))
	return err == nil
}

// IsZero reports whether the moment is not set.
func (m Moment) IsZero() bool { return m == "" }

// In returns the instant, seen from a zone.
func (m Moment) In(zone *time.Location) time.Time {
	if m.IsZero() {
		return time.Time{}
	}
	if !strings.Contains(string(m), "T") {
		return Date(m).In(zone)
	}
	t, err := time.Parse(time.RFC3339, string(m))
	if err != nil {
		return time.Time{}
	}
	return t
}
