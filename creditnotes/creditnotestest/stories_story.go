package creditnotestest

import (
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
)

func workedExampleIsCreditedToTheCent(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Charged(WorkedExample()...)
		w.Tells("2026-10", `
			GS-2026-00001 a→a 16.84 + 3.20 = 20.04 EUR
			ST-1 energy 2026-10 2× 22.345 kWh 7.04
			ST-2 energy 2026-10 3× 35 kWh 9.80
			held S-6 a invalid
			received 6: credited 5 held 1 zero 0 excluded 0`)
		w.HasNumbers("GS-2026-00001")
	})
}

func runningAMonthTwiceCreditsNothingTwice(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Charged(WorkedExample()...)
		w.Month("2026-10")
		again := w.Tells("2026-10", `
			held S-6 a invalid
			received 1: credited 0 held 1 zero 0 excluded 0`)
		if again.Name != "2026-10-2" || again.Stage != creditnotes.StageCompleted {
			t.Errorf("run %s is %s", again.Name, again.Stage)
		}
		if n := w.Count("notes"); n != 1 {
			t.Errorf("%d notes", n)
		}
		w.Proven()
	})
}

func monthsMayBeRunInAnyOrder(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Now = time.Date(2026, 12, 2, 11, 0, 0, 0, time.UTC)
		w.Charged(
			Charge("S-1", "ST-1", "2026-10-03 10:00", "10"),
			Charge("S-2", "ST-1", "2026-11-03 10:00", "20"),
		)
		w.Tells("2026-09", `received 0: credited 0 held 0 zero 0 excluded 0`)
		w.Tells("2026-11", `
			GS-2026-00001 a→a 9.45 + 1.80 = 11.25 EUR
			ST-1 energy 2026-10 1× 10 kWh 3.15 late
			ST-1 energy 2026-11 1× 20 kWh 6.30
			received 2: credited 2 held 0 zero 0 excluded 0`)
		w.Charged(Charge("S-3", "ST-1", "2026-10-04 10:00", "100"))
		w.Tells("2026-10", `
			GS-2026-00002 a→a 31.50 + 5.99 = 37.49 EUR
			ST-1 energy 2026-10 1× 100 kWh 31.50
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.Proven()
	})
}

func lateSessionIsPricedAsOfItsOwnStart(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		dearer := Rate("com", 700_000, time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC))
		w.Config.Tariffs.CostRates = append(w.Config.Tariffs.CostRates, dearer)
		w.Config.Stations[0].Owners = append(w.Config.Stations[0].Owners, entities.Ownership{From: "2026-11-01", Entity: "b"})
		w.Save()
		w.Month("2026-10")
		w.Now = time.Date(2026, 12, 1, 11, 0, 0, 0, time.UTC)
		w.Charged(
			Charge("S-1", "ST-1", "2026-10-03 10:00", "10"),
			Charge("S-2", "ST-1", "2026-11-03 10:00", "10"),
		)
		w.Tells("2026-11", `
			GS-2026-00001 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-10 1× 10 kWh 3.15 late
			GS-2026-00002 b→b 6.30 + 1.20 = 7.50 EUR
			ST-1 energy 2026-11 1× 10 kWh 6.30
			received 2: credited 2 held 0 zero 0 excluded 0`)
		note, err := w.Store.NoteByNumber(t.Context(), "GS-2026-00001")
		if err != nil {
			t.Fatal(err)
		}
		for d, err := range w.Store.Details(t.Context(), note) {
			if err != nil || !d.Late || d.Month != "2026-10" {
				t.Errorf("%+v, %v", d, err)
			}
		}
		w.Proven()
	})
}

func sessionReceivedAfterTheCutOffIsLate(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Now = time.Date(2026, 10, 31, 22, 30, 0, 0, time.UTC)
		w.Charged(Charge("S-1", "ST-1", "2026-10-03 10:00", "10"))
		w.Now = w.Now.Add(time.Hour)
		w.Charged(Charge("S-2", "ST-1", "2026-10-04 10:00", "10"))
		now := w.Now
		w.Now = time.Date(2026, 10, 31, 22, 40, 0, 0, time.UTC)
		w.Tells("2026-10", `
			GS-2026-00001 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-10 1× 10 kWh 3.15
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.Now = now
		w.Tells("2026-11", `
			GS-2026-00002 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-10 1× 10 kWh 3.15 late
			received 1: credited 1 held 0 zero 0 excluded 0`)
	})
}
