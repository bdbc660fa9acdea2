package creditnotestest

import (
	"testing"
	"time"
)

// October is a world in which S-1 was credited for October: 10 kWh at ST-1, and
// S-2 with 100 kWh keeps the later notes above nothing.
func (w *World) October() {
	w.T.Helper()
	w.Charged(Charge("S-1", "ST-1", "2026-10-03 10:00", "10"))
	w.Tells("2026-10", `
		GS-2026-00001 a→a 3.15 + 0.60 = 3.75 EUR
		ST-1 energy 2026-10 1× 10 kWh 3.15
		received 1: credited 1 held 0 zero 0 excluded 0`)
	w.Now = time.Date(2026, 12, 1, 11, 0, 0, 0, time.UTC)
	w.Charged(Charge("S-2", "ST-1", "2026-11-03 10:00", "100"))
}

func correctedSessionIsTakenBackAndPaidAnew(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.October()
		w.Charged(Charge("S-1", "ST-1", "2026-10-03 10:00", "12"))
		w.Tells("2026-11", `
			GS-2026-00002 a→a 32.13 + 6.10 = 38.23 EUR
			ST-1 energy 2026-10 1× 2 kWh 0.63 late correction
			ST-1 energy 2026-11 1× 100 kWh 31.50
			received 2: credited 2 held 0 zero 0 excluded 0`)
		Same(t, w.Details("GS-2026-00002"), `
			S-1 v1 reversal -10 kWh -3.150000 2026-10 corrects GS-2026-00001
			S-1 v2 credit 12 kWh 3.780000 2026-10 corrects GS-2026-00001
			S-2 v1 credit 100 kWh 31.500000 2026-11`)
		w.Tells("2026-11", `received 0: credited 0 held 0 zero 0 excluded 0`)
		w.Proven()
	})
}

// The new owner's note is cancelled and made again: what it pays is a correction
// as before, for the first owner's payment stays taken back.
func correctionToAnotherOwnerStaysOneAfterACancellation(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.October()
		w.Corrected(Charge("S-1", "ST-9", "2026-10-03 10:00", "10"))
		w.Month("2026-11")
		w.Cancel("GS-2026-00003")
		w.Tells("2026-11", `
			GS-2026-00004 b→b 3.15 + 0.60 = 3.75 EUR
			ST-9 energy 2026-10 1× 10 kWh 3.15 late correction
			received 1: credited 1 held 0 zero 0 excluded 0`)
		Same(t, w.Details("GS-2026-00004"), `S-1 v2 credit 10 kWh 3.150000 2026-10 corrects GS-2026-00001`)
		w.Proven()
	})
}

func creditCDRTakesBackWhatWasPaid(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.October()
		w.Charged(Charge("S-1", "ST-1", "2026-10-03 10:00", "10", Reversed))
		w.Tells("2026-11", `
			GS-2026-00002 a→a 28.35 + 5.39 = 33.74 EUR
			ST-1 energy 2026-10 1× -10 kWh -3.15 late correction
			ST-1 energy 2026-11 1× 100 kWh 31.50
			received 2: credited 2 held 0 zero 0 excluded 0`)
		w.Charged(Charge("S-1", "ST-1", "2026-10-03 10:00", "10")) // the original once more
		w.Tells("2026-11", `received 0: credited 0 held 0 zero 0 excluded 0`)
		w.Proven()
	})
}

func noteWithALaterCorrectionIsNotCancelled(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.October()
		w.Charged(Charge("S-1", "ST-1", "2026-10-03 10:00", "12"))
		w.Month("2026-11")
		_, err := w.TryCancel("GS-2026-00001")
		Says(t, err, "cancel_corrected")
		// The later one first, and then it goes.
		w.Cancel("GS-2026-00002")
		w.Cancel("GS-2026-00001")
		w.Tells("2026-11", `
			GS-2026-00003 a→a 35.28 + 6.70 = 41.98 EUR
			ST-1 energy 2026-10 1× 12 kWh 3.78 late
			ST-1 energy 2026-11 1× 100 kWh 31.50
			received 2: credited 2 held 0 zero 0 excluded 0`)
		w.Proven()
	})
}

func correctionThatIsHeldTakesBackAndPaysWhenReleased(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.October()
		w.Charged(Charge("S-1", "ST-1", "2026-10-03 10:00", "12", Invalid))
		w.Tells("2026-11", `
			GS-2026-00002 a→a 28.35 + 5.39 = 33.74 EUR
			ST-1 energy 2026-10 1× -10 kWh -3.15 late correction
			ST-1 energy 2026-11 1× 100 kWh 31.50
			held S-1 a invalid
			received 2: credited 1 held 1 zero 0 excluded 0`)
		if err := w.Release("S-1", "12 it was"); err != nil {
			t.Fatal(err)
		}
		w.Tells("2026-11", `
			GS-2026-00003 a→a 3.78 + 0.72 = 4.50 EUR
			ST-1 energy 2026-10 1× 12 kWh 3.78 late
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.Proven()
	})
}
