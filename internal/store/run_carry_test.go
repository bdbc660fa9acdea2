package store_test

import (
	"slices"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
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

// merged is a world in which a and b get their notes at h together.
func merged(c *creditnotes.Configuration) {
	subCPO(c, "h")
	entityIn(c, "a").AlternateCredit, entityIn(c, "b").AlternateCredit = "h", "h"
}

// mergedDebt leaves a sum of a −3.15 and b +1.26 to h behind, after October.
func mergedDebt(t *testing.T, w *world) {
	t.Helper()
	w.set("consolidate_by_recipient", "true")
	w.charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"))
	w.month("2026-10")
	w.charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10", reversed), charge("B-1", "ST-9", "2026-10-04 10:00", "4"))
	w.tells("2026-10", `
		carried a+b→h -1.89 + -0.36 = -2.25 EUR
		ST-1 energy 2026-10 1× -10 kWh -3.15 correction
		ST-9 energy 2026-10 1× 4 kWh 1.26
		received 2: credited 2 held 0 zero 0 excluded 0`)
	w.now = time.Date(2026, 11, 30, 22, 30, 0, 0, time.UTC)
}

func TestMergedDebtIsBroughtAlongWhole(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		mergedDebt(t, w)
		w.tells("2026-11", `received 0: credited 0 held 0 zero 0 excluded 0`)
		w.charged(charge("S-2", "ST-1", "2026-11-03 10:00", "20"))
		w.tells("2026-11", `
			GS-2026-00002 a+b→h 4.41 + 0.84 = 5.25 EUR
			 carried_forward 2026-10 0× 0 kWh -3.15 late
			ST-1 energy 2026-11 1× 20 kWh 6.30
			 carried_forward 2026-10 0× 0 kWh 1.26 late
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.proven()
	}, merged)
}

func TestShareOfAMergedDebtIsPaidByTheNextRunOnceApart(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		mergedDebt(t, w)
		w.set("consolidate_by_recipient", "false")
		report := w.tells("2026-11", `
			GS-2026-00002 b→h 1.26 + 0.24 = 1.50 EUR
			 carried_forward 2026-10 0× 0 kWh 1.26 late
			received 0: credited 0 held 0 zero 0 excluded 0`)
		if n := report.Notes[0]; n.PeriodFrom != "2026-10-03" || n.PeriodTo != "2026-10-04" {
			t.Errorf("period %s – %s", n.PeriodFrom, n.PeriodTo)
		}
		same(t, w.details("GS-2026-00002"), `B-1 v1 credit 4 kWh 1.260000 2026-10`)
		w.charged(charge("S-2", "ST-1", "2026-11-03 10:00", "20"))
		w.tells("2026-11", `
			GS-2026-00003 a→h 3.15 + 0.60 = 3.75 EUR
			 carried_forward 2026-10 0× 0 kWh -3.15 late
			ST-1 energy 2026-11 1× 20 kWh 6.30
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.proven()
	}, merged)
}

func TestShareFollowsItsOwnerToAnotherRecipient(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		mergedDebt(t, w)
		w.entity("b").AlternateCredit = ""
		w.save()
		w.tells("2026-11", `
			GS-2026-00002 b→b 1.26 + 0.24 = 1.50 EUR
			 carried_forward 2026-10 0× 0 kWh 1.26 late
			received 0: credited 0 held 0 zero 0 excluded 0`)
		w.proven()
	}, merged)
}

func TestShareIsPaidThoughItsOwnerHasNoStationAnyMore(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		mergedDebt(t, w)
		w.set("consolidate_by_recipient", "false")
		if _, err := w.sql("UPDATE station_owners SET entity_key = 'a' WHERE entity_key = 'b'"); err != nil {
			t.Fatal(err)
		}
		w.tells("2026-11", `
			GS-2026-00002 b→h 1.26 + 0.24 = 1.50 EUR
			 carried_forward 2026-10 0× 0 kWh 1.26 late
			received 0: credited 0 held 0 zero 0 excluded 0`)
		w.proven()
	}, merged)
}

func TestCancelledNoteFreesTheSharesOfAMergedDebt(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		mergedDebt(t, w)
		w.charged(charge("S-2", "ST-1", "2026-11-03 10:00", "20"))
		w.month("2026-11")
		note := w.cancel("GS-2026-00002")
		if months := note.Document.CarriedMonths; len(months) != 2 || months[0].Net != 315 || months[0].Energy != 10_000_000 {
			t.Errorf("%+v", months)
		}
		same(t, w.details("ST-2026-00001"), `
			S-1 v1 reversal 10 kWh 3.150000 2026-10 corrects GS-2026-00001
			S-1 v2 credit 0 kWh 0.000000 2026-10 corrects GS-2026-00001
			S-2 v1 credit -20 kWh -6.300000 2026-11
			B-1 v1 credit -4 kWh -1.260000 2026-10`)
		w.tells("2026-11", `
			GS-2026-00003 a+b→h 4.41 + 0.84 = 5.25 EUR
			 carried_forward 2026-10 0× 0 kWh -3.15 late
			ST-1 energy 2026-11 1× 20 kWh 6.30
			 carried_forward 2026-10 0× 0 kWh 1.26 late
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.proven()
	}, merged)
}

func TestSessionsOfSumsCarriedTwiceAreListed(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		owing(t, w)
		w.charged(charge("S-2", "ST-1", "2026-11-03 10:00", "2"))
		w.month("2026-11")
		w.charged(charge("S-3", "ST-1", "2026-11-04 10:00", "20"))
		note := w.month("2026-11").Notes[0]
		same(t, w.details("GS-2026-00002"), `
			S-1 v1 reversal -10 kWh -3.150000 2026-10 corrects GS-2026-00001
			S-1 v2 credit 0 kWh 0.000000 2026-10 corrects GS-2026-00001
			S-2 v1 credit 2 kWh 0.630000 2026-11
			S-3 v1 credit 20 kWh 6.300000 2026-11`)
		months := note.CarriedMonths(&note.Positions[0])
		if want := []creditnotes.CarriedMonth{
			{Position: 1, Month: "2026-10", Sessions: 1, Energy: -10_000_000, Net: -315},
			{Position: 1, Month: "2026-11", Sessions: 1, Energy: 2_000_000, Net: 63},
		}; !slices.Equal(months, want) {
			t.Errorf("%+v", months)
		}
		var beneath []string
		for d, err := range note.DetailsOf(&note.Positions[0], w.s.Details(t.Context(), note)) {
			if err != nil {
				t.Fatal(err)
			}
			beneath = append(beneath, d.Session.ExternalID)
		}
		if !slices.Equal(beneath, []string{"S-1", "S-1", "S-2"}) {
			t.Errorf("beneath the sum: %v", beneath)
		}
		w.proven()
	})
}

func TestCorrectionsOfSumsCarriedTwiceAreWithdrawnTogether(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		owing(t, w)
		w.charged(charge("S-2", "ST-1", "2026-11-03 10:00", "2"))
		w.month("2026-11") // carries −2.52, the debt among it
		w.cancel("GS-2026-00001")
		w.tells("2026-11", `
			GS-2026-00002 a→a 0.63 + 0.12 = 0.75 EUR
			ST-1 energy 2026-11 1× 2 kWh 0.63
			received 2: credited 1 held 0 zero 0 excluded 0 withdrawn 1`)
		w.proven()
	})
}

func TestGrossDecidesWhereTaxesDiffer(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(charge("S-1", "ST-1", "2026-10-03 10:00", "100"))
		w.month("2026-10")
		w.now = time.Date(2026, 11, 30, 22, 30, 0, 0, time.UTC)
		// −31.50 at 19 % and +31.50 exempt: net 0.00, gross −5.99.
		w.charged(charge("S-1", "ST-1", "2026-10-03 10:00", "0"), charge("S-2", "ST-1", "2026-11-03 10:00", "100"))
		w.tells("2026-11", `
			carried a→a 0.00 + -5.99 = -5.99 EUR
			ST-1 energy 2026-10 1× -100 kWh -31.50 late correction
			ST-1 energy 2026-11 1× 100 kWh 31.50
			received 2: credited 2 held 0 zero 0 excluded 0`)
		// +1.00 more: net positive, gross still negative.
		w.charged(charge("S-3", "ST-1", "2026-11-04 10:00", "10"))
		w.tells("2026-11", `
			carried a→a 3.15 + -5.99 = -2.84 EUR
			 carried_forward 2026-11 0× 0 kWh 31.50
			 carried_forward 2026-11 0× 0 kWh -31.50
			ST-1 energy 2026-11 1× 10 kWh 3.15
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.charged(charge("S-4", "ST-1", "2026-11-05 10:00", "10"))
		w.tells("2026-11", `
			GS-2026-00002 a→a 6.30 + -5.99 = 0.31 EUR
			 carried_forward 2026-11 0× 0 kWh 34.65
			 carried_forward 2026-11 0× 0 kWh -31.50
			ST-1 energy 2026-11 1× 10 kWh 3.15
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.proven()
	}, func(c *creditnotes.Configuration) {
		entityIn(c, "a").Taxes = []entities.TaxTreatment{{From: "2026-11-01", Account: "small"}}
	})
}

func TestNetOfNothingWithTaxIsADocument(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(charge("S-1", "ST-1", "2026-10-03 10:00", "100"))
		w.month("2026-10")
		w.now = time.Date(2026, 11, 30, 22, 30, 0, 0, time.UTC)
		w.charged(charge("S-1", "ST-1", "2026-10-03 10:00", "0"), charge("S-2", "ST-1", "2026-11-03 10:00", "100"))
		w.tells("2026-11", `
			GS-2026-00002 a→a 0.00 + 5.99 = 5.99 EUR
			ST-1 energy 2026-10 1× -100 kWh -31.50 late correction
			ST-1 energy 2026-11 1× 100 kWh 31.50
			received 2: credited 2 held 0 zero 0 excluded 0`)
		w.proven()
	}, func(c *creditnotes.Configuration) {
		entityIn(c, "a").Taxes = []entities.TaxTreatment{{From: "2020-01-01", Account: "small"}, {From: "2026-11-01", Account: "s19"}}
	})
}

func TestOffsetToNothingIsToldByTheNextDocument(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		owing(t, w)
		w.charged(charge("S-2", "ST-1", "2026-11-03 10:00", "10"))
		w.tells("2026-11", `
			zero a→a 0.00 + 0.00 = 0.00 EUR
			 carried_forward 2026-11 0× 0 kWh -3.15
			ST-1 energy 2026-11 1× 10 kWh 3.15
			received 1: credited 0 held 0 zero 1 excluded 0`)
		settled, err := w.s.SettledNotes(t.Context(), []string{"a"}, 5)
		if err != nil || len(settled) != 2 || settled[0] != (creditnotes.SettledNote{Month: "2026-11", State: creditnotes.Zero, Recipient: "a", Currency: "EUR", Net: 315}) {
			t.Errorf("%+v, %v", settled, err)
		}
		if settled, err := w.s.SettledNotes(t.Context(), []string{"b"}, 5); err != nil || len(settled) != 0 {
			t.Errorf("b sees %+v, %v", settled, err)
		}
		w.charged(charge("S-3", "ST-1", "2026-11-04 10:00", "10"), charge("S-9", "ST-9", "2026-11-04 10:00", "10"))
		notes := w.month("2026-11").Notes
		if got := notes[0].Document.Offsets; len(got) != 1 || got[0] != (creditnotes.Offset{Month: "2026-11", Credits: 315}) {
			t.Errorf("told to a: %+v", got)
		}
		if got := notes[1].Document.Offsets; got != nil {
			t.Errorf("told to b: %+v", got)
		}
		w.charged(charge("S-4", "ST-1", "2026-11-05 10:00", "10"))
		if got := w.month("2026-11").Notes[0].Document.Offsets; got != nil {
			t.Errorf("told twice: %+v", got)
		}
		w.proven()
	})
}

func TestVerifyFindsASumThatIsNotTheOneCarried(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		owing(t, w)
		w.charged(charge("S-2", "ST-1", "2026-11-03 10:00", "100"))
		w.month("2026-11")
		w.unlock()
		if _, err := w.sql("UPDATE positions SET net = net - 1, sum = sum - 10000 WHERE component = 'energy' AND note_id IN (SELECT id FROM credit_notes WHERE state = 'carried')"); err != nil {
			t.Fatal(err)
		}
		if got := w.problems(); !slices.Equal(got, []string{"verify_lines", "verify_carried"}) {
			t.Error(got)
		}
	})
}
