package entities

import (
	"testing"
	"time"
	_ "time/tzdata"
)

func zoneOf(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func instant(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestADayBeginsWithItsFirstInstant(t *testing.T) {
	cases := map[string]struct {
		zone string
		day  Date
		want string
	}{
		"at midnight":                           {"Europe/Berlin", "2026-10-24", "2026-10-24T00:00:00+02:00"},
		"after the autumn change":               {"Europe/Berlin", "2026-11-01", "2026-11-01T00:00:00+01:00"},
		"at one where São Paulo skips midnight": {"America/Sao_Paulo", "2018-11-04", "2018-11-04T01:00:00-02:00"},
		"at one where Beirut skips midnight":    {"Asia/Beirut", "2022-03-27", "2022-03-27T01:00:00+03:00"},
		"at one where Cairo skips midnight":     {"Africa/Cairo", "2024-04-26", "2024-04-26T01:00:00+03:00"},
		"at one where Santiago skips midnight":  {"America/Santiago", "2022-09-11", "2022-09-11T01:00:00-03:00"},
		"after the hour that São Paulo repeats": {"America/Sao_Paulo", "2018-02-18", "2018-02-18T00:00:00-03:00"},
		"at the first of Havana's two":          {"America/Havana", "2023-11-05", "2023-11-05T00:00:00-04:00"},
		"with the next where Apia has no day":   {"Pacific/Apia", "2011-12-30", "2011-12-31T00:00:00+14:00"},
		"in UTC":                                {"UTC", "2026-02-28", "2026-02-28T00:00:00Z"},
		"furthest east":                         {"Pacific/Kiritimati", "2026-01-01", "2026-01-01T00:00:00+14:00"},
		"furthest west":                         {"Pacific/Niue", "2026-01-01", "2026-01-01T00:00:00-11:00"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := c.day.In(zoneOf(t, c.zone)).Format(time.RFC3339); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
	if !Date("nonsense").In(time.UTC).IsZero() || !Date("").In(time.UTC).IsZero() {
		t.Error("no day begins")
	}
}

func TestDaysFollowEachOtherWithoutAGapInEveryZone(t *testing.T) {
	for _, name := range []string{"America/Sao_Paulo", "Asia/Beirut", "Europe/Berlin", "America/Havana", "Asia/Tehran", "Australia/Lord_Howe"} {
		zone := zoneOf(t, name)
		for day := Date("2017-01-01"); day < "2024-01-01"; day = day.AddDays(1) {
			start := day.In(zone)
			if DateOf(start, zone) != day || DateOf(start.Add(-1), zone) != day.AddDays(-1) {
				t.Fatalf("%s: %s begins at %s", name, day, start)
			}
		}
	}
}

func TestAMomentIsADayInAZoneOrAnInstant(t *testing.T) {
	berlin, zero := zoneOf(t, "Europe/Berlin"), time.Time{}
	cases := map[Moment]time.Time{
		"2026-10-31":                instant(t, "2026-10-30T23:00:00Z"),
		"2026-10-31T12:00:00+05:00": instant(t, "2026-10-31T07:00:00Z"),
		"":                          zero,
		"Tuesday":                   zero,
	}
	for m, want := range cases {
		if got := m.In(berlin); !got.Equal(want) {
			t.Errorf("%q: got %s, want %s", m, got, want)
		}
	}
	for _, s := range []string{"", "2026-02-30", "2026-1-1", "31.10.2026", "2026-10-31T12:00:00", "2026-10-31 12:00"} {
		if m, err := ParseMoment(s); err == nil {
			t.Errorf("%q was read as %q", s, m)
		}
	}
	for _, s := range []string{"2026-02-28", "2026-10-31T12:00:00Z", "2026-10-31T12:00:00.5-03:00"} {
		if m, err := ParseMoment(s); err != nil || string(m) != s {
			t.Errorf("%q: got %q, %v", s, m, err)
		}
	}
}

func TestAnAgreementHoldsThroughItsLastDay(t *testing.T) {
	a := Agreement{ValidFrom: "2026-01-01", ValidUntil: "2026-12-31"}
	for day, want := range map[Date]bool{"2025-12-31": false, "2026-01-01": true, "2026-12-31": true, "2027-01-01": false} {
		if a.CoversDay(day) != want {
			t.Errorf("%s: got %v", day, !want)
		}
	}
	if (Agreement{SignedOn: "2020-01-01"}).CoversDay("2026-01-01") {
		t.Error("an agreement without dates holds")
	}
	if !(Agreement{ValidFrom: "2026-01-01"}).CoversDay("2099-01-01") {
		t.Error("an open-ended agreement ends")
	}
}
