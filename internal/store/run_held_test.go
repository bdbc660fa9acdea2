package store_test

import (
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
)

func TestHeldSessionIsReportedWithTheFirstReason(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		backwards := func(s *sessions.Session) { s.End, s.Duration = s.Start.Add(-time.Minute), 0 }
		w.charged(
			charge("H-01", "ST-1", "2026-10-01 10:00", "1", invalid),
			charge("H-02", "NOWHERE", "2026-10-01 10:00", "1"),
			charge("H-03", "ST-1", "2019-10-01 10:00", "1"),
			charge("H-04", "ST-1", "2026-10-02 10:00", "1", backwards),
			charge("H-05", "ST-1", "2026-10-03 10:00", "-1"),
			charge("H-06", "ST-9", "2026-10-04 10:00", "1", lasting(7*24*time.Hour+time.Second)),
			charge("H-07", "ST-1", "2026-10-05 10:00", "25.3"),
			charge("H-08", "ST-2", "2026-10-06 10:00", "1"),
			charge("H-09", "ST-2", "2026-10-06 10:58", "1"),
			charge("H-10", "ST-1", "2026-10-07 10:00", "1", ofClass(sessions.Bilateral)),
			// None of these: a minute of overlap, seven days, the most the connector gives.
			charge("OK-1", "ST-2", "2026-10-07 10:00", "1"),
			charge("OK-2", "ST-2", "2026-10-07 10:59", "1"),
			charge("OK-3", "ST-1", "2026-10-08 10:00", "25.2"),
			charge("OK-4", "ST-2", "2026-10-12 10:00", "1", lasting(7*24*time.Hour)),
		)
		w.tells("2026-10", `
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
		w.proven()
	}, func(c *creditnotes.Configuration) { c.Connectors[0].MaxPowerKW = 22 * money.PerUnit })
}

// A session that ends in October and begins in November waits in both months.
func TestSessionThatEndsInTheMonthBeforeItBeginsIsNotLost(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(charge("S-1", "ST-1", "2026-11-01 10:00", "1", func(s *sessions.Session) { s.End, s.Duration = s.Start.AddDate(0, 0, -2), 0 }))
		for _, month := range []entities.Month{"2026-10", "2026-11", "2026-12"} {
			w.tells(month, `
				held S-1 a end_before_start
				received 1: credited 0 held 1 zero 0 excluded 0`)
		}
		w.proven()
	})
}

func TestReleasedSessionIsCreditedByTheNextRun(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10", invalid), charge("S-2", "ST-1", "2026-10-04 10:00", "20"))
		w.tells("2026-10", `
			GS-2026-00001 a→a 6.30 + 1.20 = 7.50 EUR
			ST-1 energy 2026-10 1× 20 kWh 6.30
			held S-1 a invalid
			received 2: credited 1 held 1 zero 0 excluded 0`)
		says(t, w.s.ReleaseSession(t.Context(), "anna", w.id("S-2"), ""), "session_credited")
		says(t, w.s.InvalidateSession(t.Context(), "anna", w.id("S-2"), ""), "session_credited")
		if err := w.s.ReleaseSession(t.Context(), "anna", w.id("S-1"), "charged indeed"); err != nil {
			t.Fatal(err)
		}
		w.tells("2026-11", `
			GS-2026-00002 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-10 1× 10 kWh 3.15 late
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.proven()
	})
}

func TestInvalidatedSessionIsNotCredited(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"))
		if err := w.s.InvalidateSession(t.Context(), "anna", w.id("S-1"), "test charge"); err != nil {
			t.Fatal(err)
		}
		w.now = w.now.Add(time.Minute)
		w.tells("2026-10", `
			held S-1 a invalid
			received 1: credited 0 held 1 zero 0 excluded 0`)
		w.proven()
	})
}

func TestOverlapWithACreditedSessionStaysAnOverlap(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.now = time.Date(2027, 1, 2, 11, 0, 0, 0, time.UTC)
		w.charged(
			charge("S-1", "ST-1", "2026-09-30 20:00", "10", lasting(3*time.Hour)),
			charge("S-2", "ST-1", "2026-09-30 22:30", "5", lasting(3*time.Hour)), // ends in October
		)
		w.tells("2026-09", `
			GS-2027-00001 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-09 1× 10 kWh 3.15
			received 1: credited 1 held 0 zero 0 excluded 0`)
		for _, month := range []entities.Month{"2026-10", "2026-11", "2026-12", "2026-10"} {
			w.tells(month, `
				held S-2 a overlap
				received 1: credited 0 held 1 zero 0 excluded 0`)
		}
		if err := w.s.ReleaseSession(t.Context(), "anna", w.id("S-2"), "two cars"); err != nil {
			t.Fatal(err)
		}
		w.tells("2026-12", `
			GS-2027-00002 a→a 1.58 + 0.30 = 1.88 EUR
			ST-1 energy 2026-10 1× 5 kWh 1.58 late
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.proven()
	})
}

func TestSessionAtAnUnknownConnectorWaitsForTheNetwork(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(charge("S-1", "ST-5", "2026-10-03 10:00", "10"))
		w.tells("2026-10", `
			held S-1  unknown_connector
			received 1: credited 0 held 1 zero 0 excluded 0`)
		w.config = smallNetwork()
		station(w.config, "ST-5", "b", "COM")
		w.save()
		w.tells("2026-10", `
			GS-2026-00001 b→b 3.15 + 0.60 = 3.75 EUR
			ST-5 energy 2026-10 1× 10 kWh 3.15
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.proven()
	})
}

func TestSessionBeforeTheFirstOwnerWaits(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(
			charge("S-1", "ST-1", "2026-10-03 10:00", "10"), charge("S-2", "ST-9", "2026-10-03 10:00", "20"),
			charge("S-3", "ST-1", "2026-10-16 10:00", "10"), charge("S-4", "ST-7", "2026-10-16 10:00", "40"),
		)
		w.tells("2026-10", `
			GS-2026-00001 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-10 1× 10 kWh 3.15
			held S-1  no_owner
			held S-2  no_owner
			held S-4  no_owner
			received 4: credited 1 held 3 zero 0 excluded 0`)
		w.proven()
	}, func(c *creditnotes.Configuration) {
		c.Stations[0].Owners[0].From, c.Stations[2].Owners[0].From = "2026-10-15", "2026-10-15"
		station(c, "ST-7", "", "COM").Owners = nil
	})
}

func TestSessionsThatAreNeverCreditedAreClosedForGood(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.set("start_date", "2026-10-02")
		w.charged(
			charge("S-1", "ST-1", "2026-10-01 23:30", "10"), // ends on the start date
			charge("S-2", "ST-1", "2026-10-02 00:30", "20"),
			charge("S-3", "ST-0", "2026-10-03 10:00", "40", invalid), // of the operator: before all other reasons
		)
		w.tells("2026-10", `
			GS-2026-00001 a→a 6.30 + 1.20 = 7.50 EUR
			ST-1 energy 2026-10 1× 20 kWh 6.30
			received 3: credited 1 held 0 zero 0 excluded 2`)
		w.set("start_date", "")
		w.config.Stations[3].Owners[0].Entity = "b"
		w.save()
		w.tells("2026-10", `received 0: credited 0 held 0 zero 0 excluded 0`)
		w.proven()
	}, func(c *creditnotes.Configuration) { station(c, "ST-0", "op", "COM") })
}

func TestSessionsOverNothingAreSettledAsZero(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(charge("S-1", "ST-1", "2026-10-03 10:00", "0"), charge("S-2", "ST-9", "2026-10-03 10:00", "10"))
		w.tells("2026-10", `
			GS-2026-00001 b→b 3.15 + 0.60 = 3.75 EUR
			ST-9 energy 2026-10 1× 10 kWh 3.15
			zero a→a 0.00 + 0.00 = 0.00 EUR
			ST-1 energy 2026-10 1× 0 kWh 0.00
			received 2: credited 1 held 0 zero 1 excluded 0`)
		w.tells("2026-10", `received 0: credited 0 held 0 zero 0 excluded 0`)
		w.set("create_zero_notes", "true")
		if report := w.month("2026-11"); report.Total.Received.Sessions != 0 {
			t.Errorf("they came back: %+v", report.Total)
		}
		w.proven()
	})
}

func TestZeroNotesAreNumberedForWhoeverOwnsAStation(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.set("create_zero_notes", "true")
		w.charged(charge("S-1", "ST-1", "2026-10-03 10:00", "0"))
		report := w.tells("2026-10", `
			GS-2026-00001 a→a 0.00 + 0.00 = 0.00 EUR
			ST-1 energy 2026-10 1× 0 kWh 0.00
			GS-2026-00002 b→b 0.00 + 0.00 = 0.00 CHF
			received 1: credited 1 held 0 zero 0 excluded 0`)
		if n := report.Notes[1]; n.PeriodFrom != "2026-10-01" || n.PeriodTo != "2026-10-31" {
			t.Errorf("period %s to %s", n.PeriodFrom, n.PeriodTo)
		}
		w.proven()
	}, func(c *creditnotes.Configuration) {
		entityIn(c, "b").Currency = "CHF"
		subCPO(c, "c") // owned a station until the day before the document date
		subCPO(c, "d") // will own it tomorrow
		s := station(c, "ST-3", "c", "COM")
		s.Owners = append(s.Owners, ownership("2026-10-31", "op"), ownership("2026-11-01", "d"))
	})
}

// domain.md §9.5: in the currency of the owner, not of who gets the note.
func TestAZeroNoteIsInTheCurrencyOfItsOwner(t *testing.T) {
	for consolidate, want := range map[string]string{
		"false": `
			GS-2026-00001 a→op2 0.00 + 0.00 = 0.00 CHF
			GS-2026-00002 b→op2 0 + 0 = 0 JPY
			GS-2026-00003 c→op2 0.00 + 0.00 = 0.00 CHF
			received 0: credited 0 held 0 zero 0 excluded 0`,
		"true": `
			GS-2026-00001 a+c→op2 0.00 + 0.00 = 0.00 CHF
			GS-2026-00002 b→op2 0 + 0 = 0 JPY
			received 0: credited 0 held 0 zero 0 excluded 0`,
	} {
		t.Run("consolidated "+consolidate, func(t *testing.T) {
			inEach(t, func(t *testing.T, w *world) {
				w.set("create_zero_notes", "true", "consolidate_by_recipient", consolidate)
				w.tells("2026-10", want)
				w.proven()
			}, func(c *creditnotes.Configuration) {
				subCPO(c, "op2")
				subCPO(c, "c")
				station(c, "ST-c", "c", "COM")
				for key, currency := range map[string]string{"op2": "EUR", "a": "CHF", "b": "JPY", "c": "CHF"} {
					e := entityIn(c, key)
					e.Currency = currency
					if key != "op2" {
						e.AlternateCredit = "op2"
					}
				}
			})
		})
	}
}

func TestMonthRunAgainMakesNoSecondZeroNote(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.set("create_zero_notes", "true")
		w.charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"))
		w.tells("2026-10", `
			GS-2026-00001 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-10 1× 10 kWh 3.15
			GS-2026-00002 b→b 0.00 + 0.00 = 0.00 EUR
			received 1: credited 1 held 0 zero 0 excluded 0`)
		_, err := w.try("2026-10")
		says(t, err, "run_nothing_open")
		w.tells("2026-11", `
			GS-2026-00003 a→a 0.00 + 0.00 = 0.00 EUR
			GS-2026-00004 b→b 0.00 + 0.00 = 0.00 EUR
			received 0: credited 0 held 0 zero 0 excluded 0`)
	})
}
