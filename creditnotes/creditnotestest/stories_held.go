package creditnotestest

import (
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
)

func heldSessionIsReportedWithTheFirstReason(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		backwards := func(s *sessions.Session) { s.End, s.Duration = s.Start.Add(-time.Minute), 0 }
		w.Charged(
			Charge("H-01", "ST-1", "2026-10-01 10:00", "1", Invalid),
			Charge("H-02", "NOWHERE", "2026-10-01 10:00", "1"),
			Charge("H-03", "ST-1", "2019-10-01 10:00", "1"),
			Charge("H-04", "ST-1", "2026-10-02 10:00", "1", backwards),
			Charge("H-05", "ST-1", "2026-10-03 10:00", "-1"),
			Charge("H-06", "ST-9", "2026-10-04 10:00", "1", Lasting(7*24*time.Hour+time.Second)),
			Charge("H-07", "ST-1", "2026-10-05 10:00", "25.3"),
			Charge("H-08", "ST-2", "2026-10-06 10:00", "1"),
			Charge("H-09", "ST-2", "2026-10-06 10:58", "1"),
			Charge("H-10", "ST-1", "2026-10-07 10:00", "1", OfClass(sessions.Bilateral)),
			// None of these: a minute of overlap, seven days, the most the connector gives.
			Charge("OK-1", "ST-2", "2026-10-07 10:00", "1"),
			Charge("OK-2", "ST-2", "2026-10-07 10:59", "1"),
			Charge("OK-3", "ST-1", "2026-10-08 10:00", "25.2"),
			Charge("OK-4", "ST-2", "2026-10-12 10:00", "1", Lasting(7*24*time.Hour)),
		)
		w.Tells("2026-10", `
			GS-2026-00001 a→a 9.06 + 1.72 = 10.78 EUR
			ST-1 energy 2026-10 1× 25.2 kWh 7.94
			ST-2 energy 2026-10 4× 4 kWh 1.12
			held H-02  unknown_connector
			held H-03  no_owner
			held H-01 a invalid
			held H-04 a end_before_start
			held H-05 a negative_energy
			held H-07 a too_much_energy
			held H-09 a overlap
			held H-10 a unpriced
			held H-06 b too_long
			received 14: credited 5 held 9 zero 0 excluded 0`)
		w.Proven()
	}, func(c *creditnotes.Configuration) { c.Connectors[0].MaxPowerKW = 22 * money.PerUnit })
}

func releasedSessionIsCreditedByTheNextRun(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Charged(Charge("S-1", "ST-1", "2026-10-03 10:00", "10", Invalid), Charge("S-2", "ST-1", "2026-10-04 10:00", "20"))
		w.Tells("2026-10", `
			GS-2026-00001 a→a 6.30 + 1.20 = 7.50 EUR
			ST-1 energy 2026-10 1× 20 kWh 6.30
			held S-1 a invalid
			received 2: credited 1 held 1 zero 0 excluded 0`)
		Says(t, w.Release("S-2", ""), "session_credited")
		Says(t, w.Invalidate("S-2", ""), "session_credited")
		if err := w.Release("S-1", "charged indeed"); err != nil {
			t.Fatal(err)
		}
		w.Tells("2026-11", `
			GS-2026-00002 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-10 1× 10 kWh 3.15 late
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.Proven()
	})
}

func overlapWithACreditedSessionStaysAnOverlap(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Now = time.Date(2027, 1, 2, 11, 0, 0, 0, time.UTC)
		w.Charged(
			Charge("S-1", "ST-1", "2026-09-30 20:00", "10", Lasting(3*time.Hour)),
			Charge("S-2", "ST-1", "2026-09-30 22:30", "5", Lasting(3*time.Hour)), // ends in October
		)
		w.Tells("2026-09", `
			GS-2027-00001 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-09 1× 10 kWh 3.15
			received 1: credited 1 held 0 zero 0 excluded 0`)
		for _, month := range []entities.Month{"2026-10", "2026-11", "2026-12", "2026-10"} {
			w.Tells(month, `
				held S-2 a overlap
				received 1: credited 0 held 1 zero 0 excluded 0`)
		}
		if err := w.Release("S-2", "two cars"); err != nil {
			t.Fatal(err)
		}
		w.Tells("2026-12", `
			GS-2027-00002 a→a 1.58 + 0.30 = 1.88 EUR
			ST-1 energy 2026-10 1× 5 kWh 1.58 late
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.Proven()
	})
}

func sessionAtAnUnknownConnectorWaitsForTheNetwork(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Charged(Charge("S-1", "ST-5", "2026-10-03 10:00", "10"))
		w.Tells("2026-10", `
			held S-1  unknown_connector
			received 1: credited 0 held 1 zero 0 excluded 0`)
		w.Config = SmallNetwork()
		Station(w.Config, "ST-5", "b", "COM")
		w.Save()
		w.Tells("2026-10", `
			GS-2026-00001 b→b 3.15 + 0.60 = 3.75 EUR
			ST-5 energy 2026-10 1× 10 kWh 3.15
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.Proven()
	})
}

func sessionBeforeTheFirstOwnerWaits(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Charged(
			Charge("S-1", "ST-1", "2026-10-03 10:00", "10"), Charge("S-2", "ST-9", "2026-10-03 10:00", "20"),
			Charge("S-3", "ST-1", "2026-10-16 10:00", "10"), Charge("S-4", "ST-7", "2026-10-16 10:00", "40"),
		)
		w.Tells("2026-10", `
			GS-2026-00001 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-10 1× 10 kWh 3.15
			held S-1  no_owner
			held S-2  no_owner
			held S-4  no_owner
			received 4: credited 1 held 3 zero 0 excluded 0`)
		w.Proven()
	}, func(c *creditnotes.Configuration) {
		c.Stations[0].Owners[0].From, c.Stations[2].Owners[0].From = "2026-10-15", "2026-10-15"
		Station(c, "ST-7", "", "COM").Owners = nil
	})
}

func sessionsThatAreNeverCreditedAreClosedForGood(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Set("start_date", "2026-10-02")
		w.Charged(
			Charge("S-1", "ST-1", "2026-10-01 23:30", "10"), // ends on the start date
			Charge("S-2", "ST-1", "2026-10-02 00:30", "20"),
			Charge("S-3", "ST-0", "2026-10-03 10:00", "40", Invalid), // of the operator: before all other reasons
		)
		w.Tells("2026-10", `
			GS-2026-00001 a→a 6.30 + 1.20 = 7.50 EUR
			ST-1 energy 2026-10 1× 20 kWh 6.30
			received 3: credited 1 held 0 zero 0 excluded 2`)
		w.Set("start_date", "")
		w.Config.Stations[3].Owners[0].Entity = "b"
		w.Save()
		w.Tells("2026-10", `received 0: credited 0 held 0 zero 0 excluded 0`)
		w.Proven()
	}, func(c *creditnotes.Configuration) { Station(c, "ST-0", "op", "COM") })
}
