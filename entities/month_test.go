package entities

import (
	"testing"
	"time"
)

func TestSessionEndingAtMidnightBelongsToTheNextMonth(t *testing.T) {
	berlin := zoneOf(t, "Europe/Berlin")
	cases := map[string]Month{
		"2026-11-01T00:00:00+01:00":        "2026-11",
		"2026-10-31T23:59:59.999999+01:00": "2026-10",
		"2026-10-31T23:00:00Z":             "2026-11",
		"2026-10-31T22:59:59Z":             "2026-10",
		"2026-09-30T22:00:00Z":             "2026-10", // summer time
		"2026-12-31T23:00:00Z":             "2027-01",
	}
	for at, want := range cases {
		if got := MonthOf(instant(t, at), berlin); got != want {
			t.Errorf("%s: got %s, want %s", at, got, want)
		}
	}
}

func TestAMonthIsAHalfOpenIntervalInTheOperatorsZone(t *testing.T) {
	berlin := zoneOf(t, "Europe/Berlin")
	m := Month("2026-10")
	if got := m.Start(berlin).Format(time.RFC3339); got != "2026-10-01T00:00:00+02:00" {
		t.Errorf("starts %s", got)
	}
	if got := m.End(berlin).Format(time.RFC3339); got != "2026-11-01T00:00:00+01:00" {
		t.Errorf("ends %s", got)
	}
	if !m.Contains(m.Start(berlin), berlin) || m.Contains(m.End(berlin), berlin) || m.Contains(m.Start(berlin).Add(-1), berlin) {
		t.Error("the bounds are not half-open")
	}
}

func TestEveryInstantBelongsToTheMonthThatContainsIt(t *testing.T) {
	// St John's put its clocks back at 00:01: 1 November 2009 began, and a
	// minute later it was 31 October once more.
	for _, name := range []string{"America/St_Johns", "America/Sao_Paulo", "Asia/Beirut", "Europe/London", "Pacific/Apia"} {
		zone := zoneOf(t, name)
		for m := Month("2009-01"); m < "2012-03"; m = m.Next() {
			for _, shift := range []time.Duration{-2 * time.Hour, -time.Second, 0, time.Second, 30 * time.Minute, 90 * time.Minute} {
				at := m.Start(zone).Add(shift)
				if got := MonthOf(at, zone); !got.Contains(at, zone) {
					t.Errorf("%s: %s is not in %s", name, at, got)
				}
			}
		}
	}
}

func TestMonthsAreCountedThroughTheYears(t *testing.T) {
	if Month("2026-12").Next() != "2027-01" || Month("2026-01").Prev() != "2025-12" || Month("2026-03").AddMonths(-14) != "2025-01" {
		t.Error("months are miscounted")
	}
	for m, last := range map[Month]Date{"2024-02": "2024-02-29", "2026-02": "2026-02-28", "2026-10": "2026-10-31", "2026-12": "2026-12-31"} {
		if m.LastDay() != last || m.FirstDay() != Date(m)+"-01" || last.Month() != m {
			t.Errorf("%s: %s to %s", m, m.FirstDay(), m.LastDay())
		}
	}
	if !Month("2025-12").Before("2026-01") || Month("2026-01").Before("2026-01") {
		t.Error("months are out of order")
	}
}

func TestWhatIsNoMonthIsRefused(t *testing.T) {
	if m, err := ParseMonth("2026-10"); err != nil || m != "2026-10" {
		t.Errorf("got %q, %v", m, err)
	}
	for _, s := range []string{"", "2026", "2026-13", "2026-1", "2026-10-01", "10/2026"} {
		if _, err := ParseMonth(s); err == nil {
			t.Errorf("%q was taken for a month", s)
		}
	}
	var none Month
	if !none.IsZero() || none.FirstDay() != "" || none.LastDay() != "" || none.Next() != "" || Date("").Month() != "" {
		t.Error("no month has days")
	}
}
