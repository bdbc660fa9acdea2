package creditnotes_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/entities"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestRunFiresOnTheLastDayOfTheMonth(t *testing.T) {
	for _, one := range []struct {
		zone, clock string
		review      int
		month       entities.Month
		want        string
	}{
		{"Europe/Berlin", "23:30", 0, "2026-10", "2026-10-31T23:30:00+01:00"},
		{"Europe/Berlin", "23:30", 0, "2026-02", "2026-02-28T23:30:00+01:00"},
		{"Europe/Berlin", "23:30", 0, "2028-02", "2028-02-29T23:30:00+01:00"},
		{"Europe/Berlin", "00:00", 0, "2026-12", "2026-12-31T00:00:00+01:00"},
		{"Europe/Berlin", "06:00", 3, "2026-12", "2027-01-03T06:00:00+01:00"},
		{"Europe/Berlin", "06:00", 31, "2026-01", "2026-03-03T06:00:00+01:00"},
		// The clock goes forward on 2024-03-31 at 02:00: half past two is not there.
		{"Europe/Berlin", "02:30", 0, "2024-03", "2024-03-31T03:30:00+02:00"},
		{"Europe/Berlin", "01:59", 0, "2024-03", "2024-03-31T01:59:00+01:00"},
		// It goes back on 2027-10-31 at 03:00: half past two comes twice.
		{"Europe/Berlin", "02:30", 0, "2027-10", "2027-10-31T02:30:00+02:00"},
		// St. John's is three and a half hours behind, and changed at one past midnight until 2011.
		{"America/St_Johns", "23:30", 0, "2026-10", "2026-10-31T23:30:00-02:30"},
		{"America/St_Johns", "02:30", 8, "2026-02", "2026-03-08T03:30:00-02:30"},
		{"America/St_Johns", "01:30", 1, "2026-10", "2026-11-01T01:30:00-02:30"},
		{"America/St_Johns", "23:30", 0, "2009-10", "2009-10-31T23:30:00-02:30"}, // came twice
		{"America/St_Johns", "00:30", 1, "2009-10", "2009-11-01T00:30:00-03:30"},
		// Lord Howe changes by half an hour.
		{"Australia/Lord_Howe", "02:15", 4, "2026-09", "2026-10-04T02:45:00+11:00"},
		{"Australia/Lord_Howe", "01:45", 5, "2026-03", "2026-04-05T01:45:00+11:00"},
		{"Asia/Kathmandu", "23:30", 0, "2026-10", "2026-10-31T23:30:00+05:45"},
	} {
		s := creditnotes.DefaultSettings()
		s.RunTime, s.ReviewDays = one.clock, one.review
		schedule := creditnotes.NewMonthEnd(s, zone(t, one.zone))
		got := schedule.Of(one.month)
		if got.Format(time.RFC3339) != one.want {
			t.Errorf("%s %s+%d %s: %s, want %s", one.month, one.clock, one.review, one.zone, got.Format(time.RFC3339), one.want)
		}
		if next := schedule.Next(got.Add(-time.Microsecond)); !next.Equal(got) {
			t.Errorf("%s: after the moment before comes %s", one.month, next)
		}
		if next := schedule.Next(got); !next.Equal(schedule.Of(one.month.Next())) {
			t.Errorf("%s: after it comes %s", one.month, next)
		}
	}
}

func TestEveryMonthFiresOnce(t *testing.T) {
	for _, name := range []string{"Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia"} {
		for _, review := range []int{0, 1, 15, 31} {
			schedule := creditnotes.MonthEnd{Zone: zone(t, name), Hour: 2, Minute: 30, ReviewDays: review}
			at := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
			fired := 0
			for {
				next := schedule.Next(at)
				if !next.After(at) {
					t.Fatalf("%s: %s does not come after %s", name, next, at)
				}
				if next.After(time.Date(2034, 1, 1, 0, 0, 0, 0, time.UTC)) {
					break
				}
				at = next
				fired++
			}
			if fired != 120 {
				t.Errorf("%s +%d: fired %d times in ten years", name, review, fired)
			}
		}
	}
}

// due asks which months are due for an operator in Berlin that is active since
// the middle of August 2026.
func due(t *testing.T, now string, change func(*creditnotes.Configuration), runs ...creditnotes.Run) []entities.Month {
	t.Helper()
	config := &creditnotes.Configuration{
		Entities:    []entities.Entity{{Key: "op", TimeZone: "Europe/Berlin"}, {Key: "a", Parent: "op"}},
		Settings:    creditnotes.DefaultSettings(),
		ActiveSince: time.Date(2026, 8, 15, 0, 0, 0, 0, time.UTC),
	}
	config.Settings.Active = true
	if change != nil {
		change(config)
	}
	months, err := creditnotes.Due(config, runs, instant(t, now))
	if err != nil {
		t.Fatal(err)
	}
	return months
}

func instant(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04:05", s, zone(t, "Europe/Berlin"))
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestDatabaseTellsWhatIsDue(t *testing.T) {
	run := func(month entities.Month, trigger creditnotes.Trigger, stage creditnotes.Stage, cutoff string) creditnotes.Run {
		return creditnotes.Run{Month: month, Trigger: trigger, Stage: stage, Cutoff: instant(t, cutoff)}
	}
	inactive := func(c *creditnotes.Configuration) { c.Settings.Active = false }
	withdrawn := func(c *creditnotes.Configuration) { c.Settings.CreditRun = false }
	review := func(c *creditnotes.Configuration) { c.Settings.ReviewDays = 3 }
	for name, one := range map[string]struct {
		now    string
		change func(*creditnotes.Configuration)
		runs   []creditnotes.Run
		want   []entities.Month
	}{
		"nothing before the first month end":   {now: "2026-08-31 23:29:59"},
		"the month that ends":                  {now: "2026-08-31 23:30:00", want: []entities.Month{"2026-08"}},
		"nothing while the feature is off":     {now: "2026-10-31 23:30:00", change: inactive},
		"nothing without the licence right":    {now: "2026-10-31 23:30:00", change: withdrawn},
		"everything that was missed, in order": {now: "2026-10-31 23:30:00", want: []entities.Month{"2026-08", "2026-09", "2026-10"}},
		"after the review window":              {now: "2026-09-02 23:30:00", change: review},
		"when the review window ends":          {now: "2026-09-03 23:30:00", change: review, want: []entities.Month{"2026-08"}},
		"the month before, if its review ends later": {now: "2026-08-16 00:00:00", change: func(c *creditnotes.Configuration) {
			c.Settings.ReviewDays = 15
			c.ActiveSince = instant(t, "2026-08-15 23:00:00")
		}, want: []entities.Month{"2026-07"}},
		"not what was run":                            {now: "2026-09-01 10:00:00", runs: []creditnotes.Run{run("2026-08", creditnotes.Schedule, creditnotes.StageCompleted, "2026-08-31 23:30:00")}},
		"not what waits for approval":                 {now: "2026-09-01 10:00:00", runs: []creditnotes.Run{run("2026-08", creditnotes.Schedule, creditnotes.StageDrafted, "2026-08-31 23:30:00")}},
		"what was begun and not finished":             {now: "2026-09-01 10:00:00", runs: []creditnotes.Run{run("2026-08", creditnotes.Schedule, creditnotes.StageDrafting, "2026-08-31 23:30:00")}, want: []entities.Month{"2026-08"}},
		"what was released and not issued":            {now: "2026-09-01 10:00:00", runs: []creditnotes.Run{run("2026-08", creditnotes.Schedule, creditnotes.StageReleased, "2026-08-31 23:30:00")}, want: []entities.Month{"2026-08"}},
		"what was discarded":                          {now: "2026-09-01 10:00:00", runs: []creditnotes.Run{run("2026-08", creditnotes.Schedule, creditnotes.StageDiscarded, "2026-08-31 23:30:00")}, want: []entities.Month{"2026-08"}},
		"not what was run by hand after the firing":   {now: "2026-09-01 10:00:00", runs: []creditnotes.Run{run("2026-08", creditnotes.Manual, creditnotes.StageIssued, "2026-08-31 23:30:00")}},
		"what was only run by hand before the firing": {now: "2026-09-01 10:00:00", runs: []creditnotes.Run{run("2026-08", creditnotes.Manual, creditnotes.StageCompleted, "2026-08-31 23:29:59")}, want: []entities.Month{"2026-08"}},
		"a run of another month counts for nothing":   {now: "2026-09-01 10:00:00", runs: []creditnotes.Run{run("2026-07", creditnotes.Schedule, creditnotes.StageCompleted, "2026-08-31 23:30:00")}, want: []entities.Month{"2026-08"}},
	} {
		if diff := cmp.Diff(one.want, due(t, one.now, one.change, one.runs...)); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}
