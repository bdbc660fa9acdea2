package creditnotestest

import (
	"slices"
	"testing"
	"time"

	"creditrun/creditnotes"
)

// Owing is a world in which a owes 3.15 after October: S-1 was credited and
// then taken back by its source.
func (w *World) Owing() {
	w.T.Helper()
	w.Charged(Charge("S-1", "ST-1", "2026-10-03 10:00", "10"))
	w.Month("2026-10")
	w.Charged(Charge("S-1", "ST-1", "2026-10-03 10:00", "10", Reversed))
	w.Now = time.Date(2026, 12, 1, 11, 0, 0, 0, time.UTC)
	report := w.Tells("2026-11", `
		carried a→a -3.15 + -0.60 = -3.75 EUR
		ST-1 energy 2026-10 1× -10 kWh -3.15 late correction
		received 1: credited 1 held 0 zero 0 excluded 0`)
	if n := report.Silent[0]; n.Number != "" || n.Hash != "" {
		w.T.Errorf("a negative note was issued: %s", n.Number)
	}
	w.Proven()
}

func negativeTotalIsCarriedToTheNextNote(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Owing()
		w.Tells("2026-11", `received 0: credited 0 held 0 zero 0 excluded 0`)
		w.Charged(Charge("S-2", "ST-9", "2026-11-03 10:00", "10"))
		w.Tells("2026-11", `
			GS-2026-00002 b→b 3.15 + 0.60 = 3.75 EUR
			ST-9 energy 2026-11 1× 10 kWh 3.15
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.Charged(Charge("S-3", "ST-1", "2026-11-03 10:00", "100"))
		report := w.Tells("2026-11", `
			GS-2026-00003 a→a 28.35 + 5.39 = 33.74 EUR
			ST-1 energy 2026-11 1× 100 kWh 31.50
			 carried_forward 2026-11 0× 0 kWh -3.15
			received 1: credited 1 held 0 zero 0 excluded 0`)
		if n := report.Notes[0]; len(n.Document.CarriedForward) != 1 {
			t.Errorf("nothing tells where it comes from: %v", n.Document.CarriedForward)
		}
		w.Charged(Charge("S-4", "ST-1", "2026-11-04 10:00", "100"))
		w.Tells("2026-11", `
			GS-2026-00004 a→a 31.50 + 5.99 = 37.49 EUR
			ST-1 energy 2026-11 1× 100 kWh 31.50
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.Proven()
	})
}

func cancelledNoteFreesTheSumItBroughtAlong(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Owing()
		w.Charged(Charge("S-2", "ST-1", "2026-11-03 10:00", "100"))
		w.Month("2026-11")
		note := w.Cancel("GS-2026-00002")
		if note.Net != -2835 || len(note.Positions) != 2 || note.Positions[1].Net != 315 {
			t.Errorf("%+v", note)
		}
		w.Tells("2026-11", `
			GS-2026-00003 a→a 28.35 + 5.39 = 33.74 EUR
			ST-1 energy 2026-11 1× 100 kWh 31.50
			 carried_forward 2026-11 0× 0 kWh -3.15
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.Proven()
	})
}

func discardedRunFreesTheSumItBroughtAlong(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Owing()
		w.Charged(Charge("S-2", "ST-1", "2026-11-03 10:00", "100"))
		w.Set("release", "approve")
		run, err := w.Runner.Run(t.Context(), ByAnna("2026-11"))
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Runner.Discard(t.Context(), run.Name, "anna"); err != nil {
			t.Fatal(err)
		}
		w.Set("release", "automatic")
		w.Tells("2026-11", `
			GS-2026-00002 a→a 28.35 + 5.39 = 33.74 EUR
			ST-1 energy 2026-11 1× 100 kWh 31.50
			 carried_forward 2026-11 0× 0 kWh -3.15
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.Proven()
	})
}

// Merged is a world in which a and b get their notes at h together.
func Merged(c *creditnotes.Configuration) {
	SubCPO(c, "h")
	EntityIn(c, "a").AlternateCredit, EntityIn(c, "b").AlternateCredit = "h", "h"
}

// MergedDebt leaves a sum of a −3.15 and b +1.26 to h behind, after October.
func (w *World) MergedDebt() {
	w.T.Helper()
	w.Set("consolidate_by_recipient", "true")
	w.Charged(Charge("S-1", "ST-1", "2026-10-03 10:00", "10"))
	w.Month("2026-10")
	w.Charged(Charge("S-1", "ST-1", "2026-10-03 10:00", "10", Reversed), Charge("B-1", "ST-9", "2026-10-04 10:00", "4"))
	w.Tells("2026-10", `
		carried a+b→h -1.89 + -0.36 = -2.25 EUR
		ST-1 energy 2026-10 1× -10 kWh -3.15 correction
		ST-9 energy 2026-10 1× 4 kWh 1.26
		received 2: credited 2 held 0 zero 0 excluded 0`)
	w.Now = time.Date(2026, 11, 30, 22, 30, 0, 0, time.UTC)
}

func cancelledNoteFreesTheSharesOfAMergedDebt(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.MergedDebt()
		w.Charged(Charge("S-2", "ST-1", "2026-11-03 10:00", "20"))
		w.Month("2026-11")
		note := w.Cancel("GS-2026-00002")
		if months := note.Document.CarriedMonths; len(months) != 2 || months[0].Net != 315 || months[0].Energy != 10_000_000 {
			t.Errorf("%+v", months)
		}
		Same(t, w.Details("ST-2026-00001"), `
			S-1 v1 reversal 10 kWh 3.150000 2026-10 corrects GS-2026-00001
			S-1 v2 credit 0 kWh 0.000000 2026-10 corrects GS-2026-00001
			S-2 v1 credit -20 kWh -6.300000 2026-11
			B-1 v1 credit -4 kWh -1.260000 2026-10`)
		w.Tells("2026-11", `
			GS-2026-00003 a+b→h 4.41 + 0.84 = 5.25 EUR
			ST-1 energy 2026-11 1× 20 kWh 6.30
			 carried_forward 2026-10 0× 0 kWh -3.15 late
			 carried_forward 2026-10 0× 0 kWh 1.26 late
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.Proven()
	}, Merged)
}

func sessionsOfSumsCarriedTwiceAreListed(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Owing()
		w.Charged(Charge("S-2", "ST-1", "2026-11-03 10:00", "2"))
		w.Month("2026-11")
		w.Charged(Charge("S-3", "ST-1", "2026-11-04 10:00", "20"))
		note := w.Month("2026-11").Notes[0]
		Same(t, w.Details("GS-2026-00002"), `
			S-1 v1 reversal -10 kWh -3.150000 2026-10 corrects GS-2026-00001
			S-1 v2 credit 0 kWh 0.000000 2026-10 corrects GS-2026-00001
			S-2 v1 credit 2 kWh 0.630000 2026-11
			S-3 v1 credit 20 kWh 6.300000 2026-11`)
		months := note.CarriedMonths(&note.Positions[1])
		if want := []creditnotes.CarriedMonth{
			{Position: 2, Month: "2026-10", Sessions: 1, Energy: -10_000_000, Net: -315},
			{Position: 2, Month: "2026-11", Sessions: 1, Energy: 2_000_000, Net: 63},
		}; !slices.Equal(months, want) {
			t.Errorf("%+v", months)
		}
		var listed []string
		for d, err := range note.DetailsOf(&note.Positions[1], w.Store.Details(t.Context(), note)) {
			if err != nil {
				t.Fatal(err)
			}
			listed = append(listed, d.Session.ExternalID)
		}
		if !slices.Equal(listed, []string{"S-1", "S-1", "S-2"}) {
			t.Errorf("under the sum: %v", listed)
		}
		w.Proven()
	})
}

func correctionsOfSumsCarriedTwiceAreWithdrawnTogether(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Owing()
		w.Charged(Charge("S-2", "ST-1", "2026-11-03 10:00", "2"))
		w.Month("2026-11") // carries −2.52, the debt among it
		w.Cancel("GS-2026-00001")
		w.Tells("2026-11", `
			GS-2026-00002 a→a 0.63 + 0.12 = 0.75 EUR
			ST-1 energy 2026-11 1× 2 kWh 0.63
			received 2: credited 1 held 0 zero 0 excluded 0 withdrawn 1`)
		w.Proven()
	})
}
