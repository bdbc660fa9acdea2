package creditnotes_test

import (
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/sessions"
)

func TestSessionThatEndsAtMidnightBelongsToTheNextMonth(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Now = time.Date(2026, 12, 2, 11, 0, 0, 0, time.UTC)
		w.Charged(
			charge("before", "ST-1", "2026-10-31 22:59", "1", lasting(time.Hour+59*time.Second)),
			charge("at midnight", "ST-2", "2026-10-31 23:00", "2"),
			charge("over midnight", "ST-9", "2026-10-31 23:30", "4"),
		)
		w.Tells("2026-10", `
			GS-2026-00001 a→a 0.32 + 0.06 = 0.38 EUR
			ST-1 energy 2026-10 1× 1 kWh 0.32
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.Tells("2026-11", `
			GS-2026-00002 a→a 0.56 + 0.11 = 0.67 EUR
			ST-2 energy 2026-11 1× 2 kWh 0.56
			GS-2026-00003 b→b 1.26 + 0.24 = 1.50 EUR
			ST-9 energy 2026-11 1× 4 kWh 1.26
			received 2: credited 2 held 0 zero 0 excluded 0`)
	})
}

func TestMonthIsCutInTheZoneOfTheOperator(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Now = evening("2026-11-30")
		// Half past five in the afternoon of October in New York is half past
		// eleven in Berlin; an hour later October is over there.
		w.Charged(charge("in", "ST-1", "2026-10-31 22:00", "10", lasting(90*time.Minute)),
			charge("out", "ST-1", "2026-10-31 23:40", "20"))
		report := w.Tells("2026-10", `
			GS-2026-00001 a→a 7.00 + 1.33 = 8.33 EUR
			ST-1 energy 2026-10 1× 10 kWh 7.00
			received 1: credited 1 held 0 zero 0 excluded 0`)
		if n := report.Notes[0]; n.PeriodFrom != "2026-10-31" || n.PeriodTo != "2026-10-31" || n.Date != "2026-11-30" {
			t.Errorf("period %s to %s, dated %s", n.PeriodFrom, n.PeriodTo, n.Date)
		}
		w.Tells("2026-11", `
			GS-2026-00002 a→a 14.00 + 2.66 = 16.66 EUR
			ST-1 energy 2026-11 1× 20 kWh 14.00
			received 1: credited 1 held 0 zero 0 excluded 0`)
	}, func(c *creditnotes.Configuration) {
		// The afternoon price of the station's zone, not of the operator's.
		c.Stations[0].TimeZone = "America/New_York"
		afternoon := rate("pm", 700_000, time.Time{})
		c.Tariffs.CostRates = append(c.Tariffs.CostRates, afternoon)
		c.Tariffs.ChargePoint[0].Purchase = append(c.Tariffs.ChargePoint[0].Purchase, conditionAt("pm", "17:00", "19:00"))
		c.Connectors[0].Tariffs[0].ChargePoint = "LP"
	})
}

func TestClockChangeNeitherLosesNorDoublesAnHour(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		// The clock goes back on 2026-10-25 at 03:00: the hour from two to three
		// comes twice.
		twice := time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC)
		at := func(start time.Time) func(*sessions.Session) {
			return func(s *sessions.Session) { s.Start, s.End, s.Duration = start, start.Add(50*time.Minute), 3000 }
		}
		w.Charged(
			charge("first", "ST-1", "2026-10-25 01:00", "10", at(twice)),
			charge("second", "ST-1", "2026-10-25 01:00", "10", at(twice.Add(time.Hour))),
		)
		w.Tells("2026-10", `
			GS-2026-00001 a→a 6.30 + 1.20 = 7.50 EUR
			ST-1 energy 2026-10 2× 20 kWh 6.30
			received 2: credited 2 held 0 zero 0 excluded 0`)
		run, err := w.s.RunByName(t.Context(), "2026-10")
		if err != nil {
			t.Fatal(err)
		}
		zone, _ := time.LoadLocation("Europe/Berlin")
		if from, until := run.Period(zone); until.Sub(from) != 31*24*time.Hour+time.Hour {
			t.Errorf("October lasts %s", until.Sub(from))
		}
	})
}

func TestOwnerIsWhoOwnedTheStationWhenTheSessionStarted(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(
			charge("before", "ST-1", "2026-10-14 23:30", "10"),
			charge("after", "ST-1", "2026-10-15 10:00", "20"),
		)
		w.Tells("2026-10", `
			GS-2026-00001 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-10 1× 10 kWh 3.15
			GS-2026-00002 b→b 6.30 + 1.20 = 7.50 EUR
			ST-1 energy 2026-10 1× 20 kWh 6.30
			received 2: credited 2 held 0 zero 0 excluded 0`)
		w.Proven()
	}, func(c *creditnotes.Configuration) {
		c.Stations[0].Owners = append(c.Stations[0].Owners, entities.Ownership{From: "2026-10-15", Entity: "b"})
	})
}
