package store_test

import (
	"testing"
	"time"
)

// owing is a world in which a owes 3.15 after October: S-1 was credited and
// then taken back by its source.
func owing(t *testing.T, w *world) {
	t.Helper()
	w.charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"))
	w.month("2026-10")
	w.charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10", reversed))
	w.now = time.Date(2026, 12, 1, 11, 0, 0, 0, time.UTC)
	report := w.tells("2026-11", `
		carried a→a -3.15 + -0.60 = -3.75 EUR
		ST-1 energy 2026-10 1× -10 kWh -3.15 late correction
		received 1: credited 1 held 0 zero 0 excluded 0`)
	if n := report.Silent[0]; n.Number != "" || n.Hash != "" {
		t.Errorf("a negative note was issued: %s", n.Number)
	}
	w.proven()
}

func TestNegativeTotalIsCarriedToTheNextNote(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		owing(t, w)
		w.tells("2026-11", `received 0: credited 0 held 0 zero 0 excluded 0`)
		w.charged(charge("S-2", "ST-9", "2026-11-03 10:00", "10"))
		w.tells("2026-11", `
			GS-2026-00002 b→b 3.15 + 0.60 = 3.75 EUR
			ST-9 energy 2026-11 1× 10 kWh 3.15
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.charged(charge("S-3", "ST-1", "2026-11-03 10:00", "100"))
		report := w.tells("2026-11", `
			GS-2026-00003 a→a 28.35 + 5.39 = 33.74 EUR
			 carried_forward 2026-11 0× 0 kWh -3.15
			ST-1 energy 2026-11 1× 100 kWh 31.50
			received 1: credited 1 held 0 zero 0 excluded 0`)
		if n := report.Notes[0]; len(n.Document.CarriedForward) != 1 {
			t.Errorf("nothing tells where it comes from: %v", n.Document.CarriedForward)
		}
		w.charged(charge("S-4", "ST-1", "2026-11-04 10:00", "100"))
		w.tells("2026-11", `
			GS-2026-00004 a→a 31.50 + 5.99 = 37.49 EUR
			ST-1 energy 2026-11 1× 100 kWh 31.50
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.proven()
	})
}

func TestSumOfARunThatWaitsForReleaseIsNotBroughtAlong(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"))
		w.month("2026-10")
		w.charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10", reversed))
		w.now = time.Date(2026, 12, 1, 11, 0, 0, 0, time.UTC)
		w.set("release", "approve")
		w.tells("2026-10", `
			carried a→a -3.15 + -0.60 = -3.75 EUR
			ST-1 energy 2026-10 1× -10 kWh -3.15 correction
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.charged(charge("S-2", "ST-1", "2026-11-03 10:00", "100"))
		w.tells("2026-11", `
			draft a→a 31.50 + 5.99 = 37.49 EUR
			ST-1 energy 2026-11 1× 100 kWh 31.50
			received 1: credited 1 held 0 zero 0 excluded 0`)
	})
}

func TestCarriedSumsAddUp(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		owing(t, w)
		w.charged(charge("S-2", "ST-1", "2026-11-03 10:00", "2"))
		w.tells("2026-11", `
			carried a→a -2.52 + -0.48 = -3.00 EUR
			 carried_forward 2026-11 0× 0 kWh -3.15
			ST-1 energy 2026-11 1× 2 kWh 0.63
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.charged(charge("S-3", "ST-1", "2026-11-04 10:00", "8"))
		w.tells("2026-11", `
			zero a→a 0.00 + 0.00 = 0.00 EUR
			 carried_forward 2026-11 0× 0 kWh -2.52
			ST-1 energy 2026-11 1× 8 kWh 2.52
			received 1: credited 0 held 0 zero 1 excluded 0`)
		w.charged(charge("S-4", "ST-1", "2026-11-05 10:00", "10"))
		w.tells("2026-11", `
			GS-2026-00002 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-11 1× 10 kWh 3.15
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.proven()
	})
}

func TestCancelledNoteFreesTheSumItBroughtAlong(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		owing(t, w)
		w.charged(charge("S-2", "ST-1", "2026-11-03 10:00", "100"))
		w.month("2026-11")
		note := w.cancel("GS-2026-00002")
		if note.Net != -2835 || len(note.Positions) != 2 || note.Positions[0].Net != 315 {
			t.Errorf("%+v", note)
		}
		w.tells("2026-11", `
			GS-2026-00003 a→a 28.35 + 5.39 = 33.74 EUR
			 carried_forward 2026-11 0× 0 kWh -3.15
			ST-1 energy 2026-11 1× 100 kWh 31.50
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.proven()
	})
}

func TestDiscardedRunFreesTheSumItBroughtAlong(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		owing(t, w)
		w.charged(charge("S-2", "ST-1", "2026-11-03 10:00", "100"))
		w.set("release", "approve")
		run, err := w.runner.Run(t.Context(), byAnna("2026-11"))
		if err != nil {
			t.Fatal(err)
		}
		if err := w.runner.Discard(t.Context(), run.Name, "anna"); err != nil {
			t.Fatal(err)
		}
		w.set("release", "automatic")
		w.tells("2026-11", `
			GS-2026-00002 a→a 28.35 + 5.39 = 33.74 EUR
			 carried_forward 2026-11 0× 0 kWh -3.15
			ST-1 energy 2026-11 1× 100 kWh 31.50
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.proven()
	})
}

func TestCarriedCorrectionIsWithdrawnWithTheNoteItCorrects(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		owing(t, w)
		w.cancel("GS-2026-00001")
		w.charged(charge("S-2", "ST-1", "2026-11-03 10:00", "100"))
		w.tells("2026-11", `
			GS-2026-00002 a→a 31.50 + 5.99 = 37.49 EUR
			ST-1 energy 2026-11 1× 100 kWh 31.50
			received 2: credited 1 held 0 zero 0 excluded 0 withdrawn 1`)
		w.proven()
	})
}

func TestCorrectionBroughtAlongKeepsTheNoteFromBeingCancelled(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		owing(t, w)
		w.charged(charge("S-2", "ST-1", "2026-11-03 10:00", "100"))
		w.month("2026-11")
		_, err := w.tryCancel("GS-2026-00001")
		says(t, err, "cancel_corrected")
	})
}
