package creditnotes_test

import (
	"slices"
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/sessions"
)

func TestSessionMayBeCorrectedTwice(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.October()
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "12"))
		w.Month("2026-11")
		w.Charged(charge("S-3", "ST-1", "2026-11-04 10:00", "100"), charge("S-1", "ST-1", "2026-10-03 10:00", "99"))
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "8")) // 99 kWh was never credited
		w.Tells("2026-11", `
			GS-2026-00003 a→a 30.24 + 5.75 = 35.99 EUR
			ST-1 energy 2026-10 1× -4 kWh -1.26 late correction
			ST-1 energy 2026-11 1× 100 kWh 31.50
			received 2: credited 2 held 0 zero 0 excluded 0`)
		same(t, w.Details("GS-2026-00003"), `
			S-1 v2 reversal -12 kWh -3.780000 2026-10 corrects GS-2026-00002
			S-1 v4 credit 8 kWh 2.520000 2026-10 corrects GS-2026-00002
			S-3 v1 credit 100 kWh 31.500000 2026-11`)
		w.Proven()
	})
}

func TestSessionCorrectedToAnotherOwnerIsTakenFromTheFirst(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.October()
		w.Corrected(charge("S-1", "ST-9", "2026-10-03 10:00", "10"))
		w.Tells("2026-11", `
			GS-2026-00002 a→a 28.35 + 5.39 = 33.74 EUR
			ST-1 energy 2026-10 1× -10 kWh -3.15 late correction
			ST-1 energy 2026-11 1× 100 kWh 31.50
			GS-2026-00003 b→b 3.15 + 0.60 = 3.75 EUR
			ST-9 energy 2026-10 1× 10 kWh 3.15 late correction
			received 2: credited 2 held 0 zero 0 excluded 0`)
		same(t, w.Details("GS-2026-00002"), `
			S-1 v1 reversal -10 kWh -3.150000 2026-10 corrects GS-2026-00001
			S-2 v1 credit 100 kWh 31.500000 2026-11`)
		same(t, w.Details("GS-2026-00003"), `S-1 v2 credit 10 kWh 3.150000 2026-10 corrects GS-2026-00001`)
		w.Proven()
	})
}

func TestSessionCorrectedBeforeItIsCreditedIsPlain(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"))
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "12"))
		w.Tells("2026-10", `
			GS-2026-00001 a→a 3.78 + 0.72 = 4.50 EUR
			ST-1 energy 2026-10 1× 12 kWh 3.78
			received 1: credited 1 held 0 zero 0 excluded 0`)
		same(t, w.Details("GS-2026-00001"), `S-1 v2 credit 12 kWh 3.780000 2026-10`)
		w.Proven()
	})
}

func TestCorrectionOfACancelledNoteIsPlain(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.October()
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "12"))
		w.Cancel("GS-2026-00001")
		w.Tells("2026-11", `
			GS-2026-00002 a→a 35.28 + 6.70 = 41.98 EUR
			ST-1 energy 2026-10 1× 12 kWh 3.78 late
			ST-1 energy 2026-11 1× 100 kWh 31.50
			received 2: credited 2 held 0 zero 0 excluded 0`)
		w.Proven()
	})
}

func TestCancelledCorrectionIsMadeAgain(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.October()
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "12"))
		w.Month("2026-11")
		w.Cancel("GS-2026-00002")
		w.Tells("2026-11", `
			GS-2026-00003 a→a 32.13 + 6.10 = 38.23 EUR
			ST-1 energy 2026-10 1× 2 kWh 0.63 late correction
			ST-1 energy 2026-11 1× 100 kWh 31.50
			received 2: credited 2 held 0 zero 0 excluded 0`)
		same(t, w.Details("GS-2026-00003"), `
			S-1 v1 reversal -10 kWh -3.150000 2026-10 corrects GS-2026-00001
			S-1 v2 credit 12 kWh 3.780000 2026-10 corrects GS-2026-00001
			S-2 v1 credit 100 kWh 31.500000 2026-11`)
		w.Proven()
	})
}

func TestCorrectedEndMovesTheSessionToItsMonth(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.October()
		w.Corrected(charge("S-1", "ST-2", "2026-11-02 10:00", "10"))
		w.Tells("2026-11", `
			GS-2026-00002 a→a 31.15 + 5.92 = 37.07 EUR
			ST-1 energy 2026-10 1× -10 kWh -3.15 late correction
			ST-1 energy 2026-11 1× 100 kWh 31.50
			ST-2 energy 2026-11 1× 10 kWh 2.80 correction
			received 2: credited 2 held 0 zero 0 excluded 0`)
		w.Proven()
	})
}

func TestSessionCorrectedIntoExclusionIsTakenBack(t *testing.T) {
	for name, changed := range map[string]sessions.Session{
		"before the start date": charge("S-1", "ST-1", "2026-10-01 10:00", "10"),
		"of the operator":       charge("S-1", "ST-0", "2026-10-03 10:00", "10"),
	} {
		t.Run(name, func(t *testing.T) {
			tell(t, func(t *testing.T, w *world) {
				w.Set("start_date", "2026-10-02")
				w.October()
				w.Corrected(changed)
				w.Tells("2026-11", `
					GS-2026-00002 a→a 28.35 + 5.39 = 33.74 EUR
					ST-1 energy 2026-10 1× -10 kWh -3.15 late correction
					ST-1 energy 2026-11 1× 100 kWh 31.50
					received 2: credited 1 held 0 zero 0 excluded 1`)
				w.Proven()
			}, func(c *creditnotes.Configuration) { station(c, "ST-0", "op", "COM") })
		})
	}
}

// unpriced is of a partner with whom nothing was agreed.
func unpriced(s *sessions.Session) { s.Class = sessions.Bilateral }

// settlement.md §2: its own line on the control sheet, and nothing holds it: not
// an unknown connector, not a station without an owner, not a price that is not
// there.
func TestWhatWasTakenBackBeforeItWasCreditedIsWithdrawn(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		for _, back := range [][]func(*sessions.Session){nil, {reversed}} {
			w.Charged(
				charge("S-1", "ST-1", "2026-10-03 10:00", "10", back...),
				charge("S-2", "NOWHERE", "2026-10-03 10:00", "10", back...),
				charge("S-3", "ST-1", "2026-10-04 10:00", "10", append(slices.Clone(back), unpriced)...),
				charge("S-4", "ST-9", "2026-10-04 10:00", "10"),
			)
		}
		w.Set("create_zero_notes", "true")
		report := w.Tells("2026-10", `
			GS-2026-00001 a→a 0.00 + 0.00 = 0.00 EUR
			GS-2026-00002 b→b 3.15 + 0.60 = 3.75 EUR
			ST-9 energy 2026-10 1× 10 kWh 3.15
			received 4: credited 1 held 0 zero 0 excluded 0 withdrawn 3`)
		if c := report.Total; !c.Balanced() || c.Withdrawn != (creditnotes.Count{Sessions: 3}) || c.Received.Energy != 10_000_000 {
			t.Errorf("%+v", c)
		}
		if got := report.JSON(nil).Control.Withdrawn.Sessions; got != 3 {
			t.Errorf("%d in the JSON", got)
		}
		found, err := w.s.FindSessions(t.Context(), "S-1")
		if err != nil || len(found) != 2 {
			t.Fatalf("%+v, %v", found, err)
		}
		if e, err := w.Runner.Explain(t.Context(), w.s, &found[0]); err != nil || e.Outcome != creditnotes.OutcomeWithdrawn {
			t.Errorf("%+v, %v", e, err)
		}
		w.Tells("2026-10", "received 0: credited 0 held 0 zero 0 excluded 0")
		w.Proven()
	})
}
