package creditnotestest

import (
	"testing"
	"time"

	"creditrun/internal/sessions"
)

// November is a world in which S-1 was credited for October and N-1 for
// November.
func (w *World) November() {
	w.T.Helper()
	w.Charged(Charge("S-1", "ST-1", "2026-10-03 10:00", "10"))
	w.Month("2026-10")
	w.Now = time.Date(2026, 12, 1, 11, 0, 0, 0, time.UTC)
	w.Charged(Charge("N-1", "ST-1", "2026-11-03 10:00", "10"))
	w.Month("2026-11")
}

func runOfAnEarlierMonthLeavesALaterCorrectionAlone(t *testing.T, open Open) {
	for name, again := range map[string]struct {
		kWh     string
		changes []func(*sessions.Session)
		october string // of the later month's run
	}{
		"corrected": {"9", nil, `
			carried a→a -0.32 + -0.06 = -0.38 EUR
			ST-1 energy 2026-11 1× -1 kWh -0.32 correction
			received 1: credited 1 held 0 zero 0 excluded 0`},
		"invalid": {"10", []func(*sessions.Session){Invalid}, `
			carried a→a -3.15 + -0.60 = -3.75 EUR
			ST-1 energy 2026-11 1× -10 kWh -3.15 correction
			held N-1 a invalid
			received 1: credited 0 held 1 zero 0 excluded 0`},
		"reversed": {"10", []func(*sessions.Session){Reversed}, `
			carried a→a -3.15 + -0.60 = -3.75 EUR
			ST-1 energy 2026-11 1× -10 kWh -3.15 correction
			received 1: credited 1 held 0 zero 0 excluded 0`},
	} {
		t.Run(name, func(t *testing.T) {
			tell(t, open, func(t *testing.T, w *World) {
				w.November()
				w.Charged(Charge("N-1", "ST-1", "2026-11-03 10:00", again.kWh, again.changes...), Charge("S-2", "ST-1", "2026-10-04 10:00", "100"))
				w.Tells("2026-10", `
					GS-2026-00003 a→a 31.50 + 5.99 = 37.49 EUR
					ST-1 energy 2026-10 1× 100 kWh 31.50
					received 1: credited 1 held 0 zero 0 excluded 0`)
				w.Tells("2026-11", again.october)
				w.Proven()
			})
		})
	}
}

func sessionThatMovedToALaterMonthWaitsForIt(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Charged(Charge("S-1", "ST-1", "2026-10-31 22:30", "10"))
		w.Month("2026-10")
		w.Now = time.Date(2026, 12, 1, 11, 0, 0, 0, time.UTC)
		w.Charged(Charge("S-1", "ST-1", "2026-10-31 23:30", "20"))
		w.Tells("2026-10", `received 0: credited 0 held 0 zero 0 excluded 0`)
		w.Tells("2026-11", `
			GS-2026-00002 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-10 1× -10 kWh -3.15 late correction
			ST-1 energy 2026-11 1× 20 kWh 6.30 correction
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.Proven()
	})
}

func correctionNamesTheDocumentThatBroughtTheSumAlong(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Charged(Charge("S-1", "ST-1", "2026-10-03 10:00", "10"))
		w.Month("2026-10")
		w.Charged(Charge("S-1", "ST-1", "2026-10-03 10:00", "4"))
		w.Tells("2026-10", `
			carried a→a -1.89 + -0.36 = -2.25 EUR
			ST-1 energy 2026-10 1× -6 kWh -1.89 correction
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.Now = time.Date(2026, 12, 1, 11, 0, 0, 0, time.UTC)
		w.Charged(Charge("S-2", "ST-1", "2026-11-03 10:00", "100"))
		w.Month("2026-11")
		Same(t, w.Details("GS-2026-00002"), `
			S-1 v1 reversal -10 kWh -3.150000 2026-10 corrects GS-2026-00001
			S-1 v2 credit 4 kWh 1.260000 2026-10 corrects GS-2026-00001
			S-2 v1 credit 100 kWh 31.500000 2026-11`)
		w.Charged(Charge("S-1", "ST-1", "2026-10-03 10:00", "8"))
		w.Month("2026-11")
		Same(t, w.Details("GS-2026-00003"), `
			S-1 v2 reversal -4 kWh -1.260000 2026-10 corrects GS-2026-00002
			S-1 v3 credit 8 kWh 2.520000 2026-10 corrects GS-2026-00002`)
		w.Proven()
	})
}
