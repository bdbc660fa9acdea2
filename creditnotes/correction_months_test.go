package creditnotes_test

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/creditnotes/creditnotestest"
)

func TestSessionThatMovedToAnEarlierMonthIsTakenBackInAPositionOfItsOwnMonth(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Now = time.Date(2026, 12, 1, 11, 0, 0, 0, time.UTC)
		w.Charged(charge("S-1", "ST-1", "2026-10-31 23:30", "10"))
		w.Month("2026-11")
		w.Charged(charge("S-1", "ST-1", "2026-10-31 22:30", "20"))
		w.Tells("2026-10", `
			GS-2026-00002 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-10 1× 20 kWh 6.30 correction
			ST-1 energy 2026-11 1× -10 kWh -3.15 correction
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.Proven()
	})
}

func TestSessionOfAStationThatWasSoldIsACorrectionOnBothSides(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.October()
		w.Config.Stations[0].Owners[0].Entity = "b" // ST-1 was b's all along
		w.Save()
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "12"), charge("B-1", "ST-2", "2026-11-03 10:00", "100"))
		w.Tells("2026-11", `
			GS-2026-00002 a→a 24.85 + 4.72 = 29.57 EUR
			ST-1 energy 2026-10 1× -10 kWh -3.15 late correction
			ST-2 energy 2026-11 1× 100 kWh 28.00
			GS-2026-00003 b→b 35.28 + 6.70 = 41.98 EUR
			ST-1 energy 2026-10 1× 12 kWh 3.78 late correction
			ST-1 energy 2026-11 1× 100 kWh 31.50
			received 3: credited 3 held 0 zero 0 excluded 0`)
		same(t, w.Details("GS-2026-00003"), `
			S-1 v2 credit 12 kWh 3.780000 2026-10 corrects GS-2026-00001
			S-2 v1 credit 100 kWh 31.500000 2026-11`)
		note, err := w.s.NoteByNumber(t.Context(), "GS-2026-00003")
		if err != nil {
			t.Fatal(err)
		}
		for d, err := range note.DetailsOf(&note.Positions[0], w.s.Details(t.Context(), note)) {
			if err != nil || d.Session.ExternalID != "S-1" || !d.Line.Correction {
				t.Errorf("of the correction: %+v, %v", d, err)
			}
		}
		w.Proven()
	})
}

// oneShard is a store that takes one shard of a draft and dies.
type oneShard struct {
	creditnotes.Store
	shards int
}

func (s *oneShard) WriteDraft(ctx context.Context, run *creditnotes.Run, fn func(creditnotes.DraftWriter) error) error {
	if s.shards++; s.shards > 1 {
		return creditnotestest.ErrCrash
	}
	return s.Store.WriteDraft(ctx, run, fn)
}

func TestCorrectionToAnotherOwnerIsMarkedAfterACrashBetweenTheTwo(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.October()
		w.Corrected(charge("S-1", "ST-9", "2026-10-03 10:00", "10"))
		w.Runner.Workers, w.Runner.Store = 1, &oneShard{Store: w.s}
		if _, err := w.Runner.Run(t.Context(), byAnna("2026-11")); !errors.Is(err, creditnotestest.ErrCrash) {
			t.Fatal(err)
		}
		w.Runner.Store = w.s
		w.Tells("2026-11", `
			GS-2026-00002 a→a 28.35 + 5.39 = 33.74 EUR
			ST-1 energy 2026-10 1× -10 kWh -3.15 late correction
			ST-1 energy 2026-11 1× 100 kWh 31.50
			GS-2026-00003 b→b 3.15 + 0.60 = 3.75 EUR
			ST-9 energy 2026-10 1× 10 kWh 3.15 late correction
			received 2: credited 2 held 0 zero 0 excluded 0`)
		same(t, w.Details("GS-2026-00003"), `S-1 v2 credit 10 kWh 3.150000 2026-10 corrects GS-2026-00001`)
		w.Proven()
	}, func(c *creditnotes.Configuration) { // so many connectors of a are a shard
		for i := range 400 {
			connector := c.Connectors[0]
			connector.EVSEID += "*" + strconv.Itoa(i)
			c.Connectors = append(c.Connectors, connector)
		}
	})
}
