package creditnotes_test

import (
	"slices"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/creditnotes/memory"
	"creditrun/entities"
)

func TestSumOfARunThatWaitsForReleaseIsNotBroughtAlong(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"))
		w.Month("2026-10")
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10", reversed))
		w.Now = time.Date(2026, 12, 1, 11, 0, 0, 0, time.UTC)
		w.Set("release", "approve")
		w.Tells("2026-10", `
			carried a→a -3.15 + -0.60 = -3.75 EUR
			ST-1 energy 2026-10 1× -10 kWh -3.15 correction
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.Charged(charge("S-2", "ST-1", "2026-11-03 10:00", "100"))
		w.Tells("2026-11", `
			draft a→a 31.50 + 5.99 = 37.49 EUR
			ST-1 energy 2026-11 1× 100 kWh 31.50
			received 1: credited 1 held 0 zero 0 excluded 0`)
	})
}

func TestCarriedSumsAddUp(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Owing()
		w.Charged(charge("S-2", "ST-1", "2026-11-03 10:00", "2"))
		w.Tells("2026-11", `
			carried a→a -2.52 + -0.48 = -3.00 EUR
			ST-1 energy 2026-11 1× 2 kWh 0.63
			 carried_forward 2026-11 0× 0 kWh -3.15
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.Charged(charge("S-3", "ST-1", "2026-11-04 10:00", "8"))
		w.Tells("2026-11", `
			zero a→a 0.00 + 0.00 = 0.00 EUR
			ST-1 energy 2026-11 1× 8 kWh 2.52
			 carried_forward 2026-11 0× 0 kWh -2.52
			received 1: credited 0 held 0 zero 1 excluded 0`)
		w.Charged(charge("S-4", "ST-1", "2026-11-05 10:00", "10"))
		w.Tells("2026-11", `
			GS-2026-00002 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-11 1× 10 kWh 3.15
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.Proven()
	})
}

func TestCarriedCorrectionIsWithdrawnWithTheNoteItCorrects(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Owing()
		w.Cancel("GS-2026-00001")
		w.Charged(charge("S-2", "ST-1", "2026-11-03 10:00", "100"))
		w.Tells("2026-11", `
			GS-2026-00002 a→a 31.50 + 5.99 = 37.49 EUR
			ST-1 energy 2026-11 1× 100 kWh 31.50
			received 2: credited 1 held 0 zero 0 excluded 0 withdrawn 1`)
		w.Proven()
	})
}

func TestCorrectionBroughtAlongKeepsTheNoteFromBeingCancelled(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Owing()
		w.Charged(charge("S-2", "ST-1", "2026-11-03 10:00", "100"))
		w.Month("2026-11")
		_, err := w.TryCancel("GS-2026-00001")
		says(t, err, "cancel_corrected")
	})
}

func TestMergedDebtIsBroughtAlongWhole(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.MergedDebt()
		w.Tells("2026-11", `received 0: credited 0 held 0 zero 0 excluded 0`)
		w.Charged(charge("S-2", "ST-1", "2026-11-03 10:00", "20"))
		w.Tells("2026-11", `
			GS-2026-00002 a+b→h 4.41 + 0.84 = 5.25 EUR
			ST-1 energy 2026-11 1× 20 kWh 6.30
			 carried_forward 2026-10 0× 0 kWh -3.15 late
			 carried_forward 2026-10 0× 0 kWh 1.26 late
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.Proven()
	}, merged)
}

func TestShareOfAMergedDebtIsPaidByTheNextRunOnceApart(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.MergedDebt()
		w.Set("consolidate_by_recipient", "false")
		report := w.Tells("2026-11", `
			GS-2026-00002 b→h 1.26 + 0.24 = 1.50 EUR
			 carried_forward 2026-10 0× 0 kWh 1.26 late
			received 0: credited 0 held 0 zero 0 excluded 0`)
		if n := report.Notes[0]; n.PeriodFrom != "2026-10-03" || n.PeriodTo != "2026-10-04" {
			t.Errorf("period %s – %s", n.PeriodFrom, n.PeriodTo)
		}
		same(t, w.Details("GS-2026-00002"), `B-1 v1 credit 4 kWh 1.260000 2026-10`)
		w.Charged(charge("S-2", "ST-1", "2026-11-03 10:00", "20"))
		w.Tells("2026-11", `
			GS-2026-00003 a→h 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-11 1× 20 kWh 6.30
			 carried_forward 2026-10 0× 0 kWh -3.15 late
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.Proven()
	}, merged)
}

func TestShareFollowsItsOwnerToAnotherRecipient(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.MergedDebt()
		w.Entity("b").AlternateCredit = ""
		w.Save()
		w.Tells("2026-11", `
			GS-2026-00002 b→b 1.26 + 0.24 = 1.50 EUR
			 carried_forward 2026-10 0× 0 kWh 1.26 late
			received 0: credited 0 held 0 zero 0 excluded 0`)
		w.Proven()
	}, merged)
}

func TestShareIsPaidThoughItsOwnerHasNoStationAnyMore(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.MergedDebt()
		w.Set("consolidate_by_recipient", "false")
		w.s.Tamper(func(d *memory.Data) {
			d.Configuration.Stations[2].Owners[0].Entity = "a"
		})
		w.Tells("2026-11", `
			GS-2026-00002 b→h 1.26 + 0.24 = 1.50 EUR
			 carried_forward 2026-10 0× 0 kWh 1.26 late
			received 0: credited 0 held 0 zero 0 excluded 0`)
		w.Proven()
	}, merged)
}

func TestGrossDecidesWhereTaxesDiffer(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "100"))
		w.Month("2026-10")
		w.Now = time.Date(2026, 11, 30, 22, 30, 0, 0, time.UTC)
		// −31.50 at 19 % and +31.50 exempt: net 0.00, gross −5.99.
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "0"), charge("S-2", "ST-1", "2026-11-03 10:00", "100"))
		w.Tells("2026-11", `
			carried a→a 0.00 + -5.99 = -5.99 EUR
			ST-1 energy 2026-10 1× -100 kWh -31.50 late correction
			ST-1 energy 2026-11 1× 100 kWh 31.50
			received 2: credited 2 held 0 zero 0 excluded 0`)
		// +1.00 more: net positive, gross still negative.
		w.Charged(charge("S-3", "ST-1", "2026-11-04 10:00", "10"))
		w.Tells("2026-11", `
			carried a→a 3.15 + -5.99 = -2.84 EUR
			ST-1 energy 2026-11 1× 10 kWh 3.15
			 carried_forward 2026-11 0× 0 kWh 31.50
			 carried_forward 2026-11 0× 0 kWh -31.50
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.Charged(charge("S-4", "ST-1", "2026-11-05 10:00", "10"))
		w.Tells("2026-11", `
			GS-2026-00002 a→a 6.30 + -5.99 = 0.31 EUR
			ST-1 energy 2026-11 1× 10 kWh 3.15
			 carried_forward 2026-11 0× 0 kWh 34.65
			 carried_forward 2026-11 0× 0 kWh -31.50
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.Proven()
	}, func(c *creditnotes.Configuration) {
		entityIn(c, "a").Taxes = []entities.TaxTreatment{{From: "2026-11-01", Account: "small"}}
	})
}

func TestNetOfNothingWithTaxIsADocument(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "100"))
		w.Month("2026-10")
		w.Now = time.Date(2026, 11, 30, 22, 30, 0, 0, time.UTC)
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "0"), charge("S-2", "ST-1", "2026-11-03 10:00", "100"))
		w.Tells("2026-11", `
			GS-2026-00002 a→a 0.00 + 5.99 = 5.99 EUR
			ST-1 energy 2026-10 1× -100 kWh -31.50 late correction
			ST-1 energy 2026-11 1× 100 kWh 31.50
			received 2: credited 2 held 0 zero 0 excluded 0`)
		w.Proven()
	}, func(c *creditnotes.Configuration) {
		entityIn(c, "a").Taxes = []entities.TaxTreatment{{From: "2020-01-01", Account: "small"}, {From: "2026-11-01", Account: "s19"}}
	})
}

func TestOffsetToNothingIsToldByTheNextDocument(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Owing()
		w.Charged(charge("S-2", "ST-1", "2026-11-03 10:00", "10"))
		w.Tells("2026-11", `
			zero a→a 0.00 + 0.00 = 0.00 EUR
			ST-1 energy 2026-11 1× 10 kWh 3.15
			 carried_forward 2026-11 0× 0 kWh -3.15
			received 1: credited 0 held 0 zero 1 excluded 0`)
		w.Charged(charge("S-3", "ST-1", "2026-11-04 10:00", "10"), charge("S-9", "ST-9", "2026-11-04 10:00", "10"))
		notes := w.Month("2026-11").Notes
		if got := notes[0].Document.Offsets; len(got) != 1 || got[0] != (creditnotes.Offset{Month: "2026-11", Credits: 315}) {
			t.Errorf("told to a: %+v", got)
		}
		if got := notes[1].Document.Offsets; got != nil {
			t.Errorf("told to b: %+v", got)
		}
		w.Charged(charge("S-4", "ST-1", "2026-11-05 10:00", "10"))
		if got := w.Month("2026-11").Notes[0].Document.Offsets; got != nil {
			t.Errorf("told twice: %+v", got)
		}
		w.Proven()
	})
}

func TestVerifyFindsASumThatIsNotTheOneCarried(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Owing()
		w.Charged(charge("S-2", "ST-1", "2026-11-03 10:00", "100"))
		w.Month("2026-11")
		w.s.Tamper(func(d *memory.Data) {
			for i := range d.Notes {
				if d.Notes[i].State == creditnotes.Carried {
					d.Notes[i].Positions[0].Net--
					d.Notes[i].Positions[0].Sum -= 10_000
				}
			}
		})
		if got := w.Problems(); !slices.Equal(got, []string{"verify_lines", "verify_carried", "verify_station_money", "verify_report_balance", "verify_report_sums"}) {
			t.Error(got)
		}
	})
}
