package creditnotes_test

import (
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/sessions"
)

// A session that ends in October and begins in November waits in both months.
func TestSessionThatEndsInTheMonthBeforeItBeginsIsNotLost(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(charge("S-1", "ST-1", "2026-11-01 10:00", "1", func(s *sessions.Session) { s.End, s.Duration = s.Start.AddDate(0, 0, -2), 0 }))
		for _, month := range []entities.Month{"2026-10", "2026-11", "2026-12"} {
			w.Tells(month, `
				held S-1 a end_before_start
				received 1: credited 0 held 1 zero 0 excluded 0`)
		}
		w.Proven()
	})
}

func TestInvalidatedSessionIsNotCredited(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"))
		if err := w.Invalidate("S-1", "test charge"); err != nil {
			t.Fatal(err)
		}
		w.Now = w.Now.Add(time.Minute)
		w.Tells("2026-10", `
			held S-1 a invalid
			received 1: credited 0 held 1 zero 0 excluded 0`)
		w.Proven()
	})
}

func TestSessionsOverNothingAreSettledAsZero(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "0"), charge("S-2", "ST-9", "2026-10-03 10:00", "10"))
		w.Tells("2026-10", `
			GS-2026-00001 b→b 3.15 + 0.60 = 3.75 EUR
			ST-9 energy 2026-10 1× 10 kWh 3.15
			zero a→a 0.00 + 0.00 = 0.00 EUR
			ST-1 energy 2026-10 1× 0 kWh 0.00
			received 2: credited 1 held 0 zero 1 excluded 0`)
		w.Tells("2026-10", `received 0: credited 0 held 0 zero 0 excluded 0`)
		w.Set("create_zero_notes", "true")
		if report := w.Month("2026-11"); report.Total.Received.Sessions != 0 {
			t.Errorf("they came back: %+v", report.Total)
		}
		w.Proven()
	})
}

func TestZeroNotesAreNumberedForWhoeverOwnsAStation(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Set("create_zero_notes", "true")
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "0"))
		report := w.Tells("2026-10", `
			GS-2026-00001 a→a 0.00 + 0.00 = 0.00 EUR
			ST-1 energy 2026-10 1× 0 kWh 0.00
			GS-2026-00002 b→b 0.00 + 0.00 = 0.00 CHF
			received 1: credited 1 held 0 zero 0 excluded 0`)
		if n := report.Notes[1]; n.PeriodFrom != "2026-10-01" || n.PeriodTo != "2026-10-31" {
			t.Errorf("period %s to %s", n.PeriodFrom, n.PeriodTo)
		}
		w.Proven()
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
			tell(t, func(t *testing.T, w *world) {
				w.Set("create_zero_notes", "true", "consolidate_by_recipient", consolidate)
				w.Tells("2026-10", want)
				w.Proven()
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
	tell(t, func(t *testing.T, w *world) {
		w.Set("create_zero_notes", "true")
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"))
		w.Tells("2026-10", `
			GS-2026-00001 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-10 1× 10 kWh 3.15
			GS-2026-00002 b→b 0.00 + 0.00 = 0.00 EUR
			received 1: credited 1 held 0 zero 0 excluded 0`)
		_, err := w.Try("2026-10")
		says(t, err, "run_nothing_open")
		w.Tells("2026-11", `
			GS-2026-00003 a→a 0.00 + 0.00 = 0.00 EUR
			GS-2026-00004 b→b 0.00 + 0.00 = 0.00 EUR
			received 0: credited 0 held 0 zero 0 excluded 0`)
	})
}

// Sessions that are held for longer than the setting says are counted, and without
// a deadline none is.
func TestReadinessCountsSessionsThatAreHeldForTooLong(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Now = evening("2026-10-31")
		w.Charged(charge("old", "ST-1", "2026-08-03 10:00", "-1"), charge("young", "ST-1", "2026-10-03 10:00", "-1"))
		for days, want := range map[string][]string{"60": {"warns held_overdue count=1 days=60"}, "10": {"warns held_overdue count=2 days=10"}, "0": nil} {
			w.Set("held_deadline_days", days)
			if diff := gocmp.Diff(want, w.saysReadiness("2026-10", "held_overdue")); diff != "" {
				t.Errorf("%s days: %s", days, diff)
			}
		}
	})
}
