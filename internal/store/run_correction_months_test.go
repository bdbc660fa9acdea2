package store_test

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/sessions"
)

// november is a world in which S-1 was credited for October and N-1 for
// November.
func november(t *testing.T, w *world) {
	t.Helper()
	w.charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"))
	w.month("2026-10")
	w.now = time.Date(2026, 12, 1, 11, 0, 0, 0, time.UTC)
	w.charged(charge("N-1", "ST-1", "2026-11-03 10:00", "10"))
	w.month("2026-11")
}

func TestRunOfAnEarlierMonthLeavesALaterCorrectionAlone(t *testing.T) {
	for name, again := range map[string]struct {
		kWh     string
		changes []func(*sessions.Session)
		october string // of the later month's run
	}{
		"corrected": {"9", nil, `
			carried a→a -0.32 + -0.06 = -0.38 EUR
			ST-1 energy 2026-11 1× -1 kWh -0.32 correction
			received 1: credited 1 held 0 zero 0 excluded 0`},
		"invalid": {"10", []func(*sessions.Session){invalid}, `
			carried a→a -3.15 + -0.60 = -3.75 EUR
			ST-1 energy 2026-11 1× -10 kWh -3.15 correction
			held N-1 a invalid
			received 1: credited 0 held 1 zero 0 excluded 0`},
		"reversed": {"10", []func(*sessions.Session){reversed}, `
			carried a→a -3.15 + -0.60 = -3.75 EUR
			ST-1 energy 2026-11 1× -10 kWh -3.15 correction
			received 1: credited 1 held 0 zero 0 excluded 0`},
	} {
		t.Run(name, func(t *testing.T) {
			inEach(t, func(t *testing.T, w *world) {
				november(t, w)
				w.charged(charge("N-1", "ST-1", "2026-11-03 10:00", again.kWh, again.changes...), charge("S-2", "ST-1", "2026-10-04 10:00", "100"))
				w.tells("2026-10", `
					GS-2026-00003 a→a 31.50 + 5.99 = 37.49 EUR
					ST-1 energy 2026-10 1× 100 kWh 31.50
					received 1: credited 1 held 0 zero 0 excluded 0`)
				w.tells("2026-11", again.october)
				w.proven()
			})
		})
	}
}

func TestSessionThatMovedToALaterMonthWaitsForIt(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(charge("S-1", "ST-1", "2026-10-31 22:30", "10"))
		w.month("2026-10")
		w.now = time.Date(2026, 12, 1, 11, 0, 0, 0, time.UTC)
		w.charged(charge("S-1", "ST-1", "2026-10-31 23:30", "20"))
		w.tells("2026-10", `received 0: credited 0 held 0 zero 0 excluded 0`)
		w.tells("2026-11", `
			GS-2026-00002 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-10 1× -10 kWh -3.15 late correction
			ST-1 energy 2026-11 1× 20 kWh 6.30 correction
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.proven()
	})
}

func TestSessionThatMovedToAnEarlierMonthIsTakenBackInAPositionOfItsOwnMonth(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.now = time.Date(2026, 12, 1, 11, 0, 0, 0, time.UTC)
		w.charged(charge("S-1", "ST-1", "2026-10-31 23:30", "10"))
		w.month("2026-11")
		w.charged(charge("S-1", "ST-1", "2026-10-31 22:30", "20"))
		w.tells("2026-10", `
			GS-2026-00002 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-10 1× 20 kWh 6.30 correction
			ST-1 energy 2026-11 1× -10 kWh -3.15 correction
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.proven()
	})
}

func TestSessionOfAStationThatWasSoldIsACorrectionOnBothSides(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		october(t, w)
		w.config.Stations[0].Owners[0].Entity = "b" // ST-1 was b's all along
		w.save()
		w.charged(charge("S-1", "ST-1", "2026-10-03 10:00", "12"), charge("B-1", "ST-2", "2026-11-03 10:00", "100"))
		w.tells("2026-11", `
			GS-2026-00002 a→a 24.85 + 4.72 = 29.57 EUR
			ST-1 energy 2026-10 1× -10 kWh -3.15 late correction
			ST-2 energy 2026-11 1× 100 kWh 28.00
			GS-2026-00003 b→b 35.28 + 6.70 = 41.98 EUR
			ST-1 energy 2026-10 1× 12 kWh 3.78 late correction
			ST-1 energy 2026-11 1× 100 kWh 31.50
			received 3: credited 3 held 0 zero 0 excluded 0`)
		same(t, w.details("GS-2026-00003"), `
			S-1 v2 credit 12 kWh 3.780000 2026-10 corrects GS-2026-00001
			S-2 v1 credit 100 kWh 31.500000 2026-11`)
		note, err := w.s.NoteByNumber(t.Context(), "GS-2026-00003")
		if err != nil {
			t.Fatal(err)
		}
		for d, err := range note.DetailsOf(&note.Positions[0], w.s.Details(t.Context(), note)) {
			if err != nil || d.Session.ExternalID != "S-1" || !d.Line.Correction {
				t.Errorf("beneath the correction: %+v, %v", d, err)
			}
		}
		w.proven()
	})
}

// oneShard is a store that takes one shard of a draft and dies.
type oneShard struct {
	creditnotes.Store
	shards int
}

func (s *oneShard) WriteDraft(ctx context.Context, run *creditnotes.Run, fn func(creditnotes.DraftWriter) error) error {
	if s.shards++; s.shards > 1 {
		return errCrash
	}
	return s.Store.WriteDraft(ctx, run, fn)
}

func TestCorrectionToAnotherOwnerIsMarkedAfterACrashBetweenTheTwo(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		october(t, w)
		w.corrected(charge("S-1", "ST-9", "2026-10-03 10:00", "10"))
		w.runner.Workers, w.runner.Store = 1, &oneShard{Store: w.s}
		if _, err := w.runner.Run(t.Context(), byAnna("2026-11")); !errors.Is(err, errCrash) {
			t.Fatal(err)
		}
		w.runner.Store = w.s
		w.tells("2026-11", `
			GS-2026-00002 a→a 28.35 + 5.39 = 33.74 EUR
			ST-1 energy 2026-10 1× -10 kWh -3.15 late correction
			ST-1 energy 2026-11 1× 100 kWh 31.50
			GS-2026-00003 b→b 3.15 + 0.60 = 3.75 EUR
			ST-9 energy 2026-10 1× 10 kWh 3.15 late correction
			received 2: credited 2 held 0 zero 0 excluded 0`)
		same(t, w.details("GS-2026-00003"), `S-1 v2 credit 10 kWh 3.150000 2026-10 corrects GS-2026-00001`)
		w.proven()
	}, func(c *creditnotes.Configuration) { // so many connectors of a are a shard
		for i := range 400 {
			connector := c.Connectors[0]
			connector.EVSEID += "*" + strconv.Itoa(i)
			c.Connectors = append(c.Connectors, connector)
		}
	})
}

func TestCorrectionNamesTheDocumentThatBroughtTheSumAlong(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"))
		w.month("2026-10")
		w.charged(charge("S-1", "ST-1", "2026-10-03 10:00", "4"))
		w.tells("2026-10", `
			carried a→a -1.89 + -0.36 = -2.25 EUR
			ST-1 energy 2026-10 1× -6 kWh -1.89 correction
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.now = time.Date(2026, 12, 1, 11, 0, 0, 0, time.UTC)
		w.charged(charge("S-2", "ST-1", "2026-11-03 10:00", "100"))
		w.month("2026-11")
		same(t, w.details("GS-2026-00002"), `
			S-1 v1 reversal -10 kWh -3.150000 2026-10 corrects GS-2026-00001
			S-1 v2 credit 4 kWh 1.260000 2026-10 corrects GS-2026-00001
			S-2 v1 credit 100 kWh 31.500000 2026-11`)
		w.charged(charge("S-1", "ST-1", "2026-10-03 10:00", "8"))
		w.month("2026-11")
		same(t, w.details("GS-2026-00003"), `
			S-1 v2 reversal -4 kWh -1.260000 2026-10 corrects GS-2026-00002
			S-1 v3 credit 8 kWh 2.520000 2026-10 corrects GS-2026-00002`)
		w.proven()
	})
}
