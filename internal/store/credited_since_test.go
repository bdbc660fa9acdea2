package store_test

import (
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/tariffs"
)

func TestATriedRecordIsWhatSavingMakesOfIt(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.October()
		before, err := w.s.Configuration(ctx)
		w.ok(err)
		r := creditnotes.Record{Section: creditnotes.SectionRates, Key: "com"}
		seen, err := before.Fingerprint(r)
		w.ok(err)
		changed := &creditnotes.Configuration{Tariffs: tariffs.Config{CostRates: []tariffs.CostRate{rate("com", 400_000, october)}}}
		tried, err := w.s.TryRecord(ctx, "anna", r, seen, changed)
		w.ok(err)
		untouched, err := w.s.Configuration(ctx)
		w.ok(err)
		if diff := gocmp.Diff(before, untouched); diff != "" {
			t.Errorf("trying changed the configuration: %s", diff)
		}
		_, err = w.s.SaveRecord(ctx, "anna", r, seen, changed)
		w.ok(err)
		after, err := w.s.Configuration(ctx)
		w.ok(err)
		if diff := gocmp.Diff(after, tried); diff != "" {
			t.Errorf("another one was stored than was tried: %s", diff)
		}
		if _, err := w.s.TryRecord(ctx, "anna", r, seen, changed); !fault.Is(err, fault.Conflict) {
			t.Errorf("a record that was changed meanwhile is tried: %v", err)
		}
	})
}

func TestSessionsCreditedSinceAreCountedByCostRateAndDay(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.October()
		c, err := w.s.Configuration(t.Context())
		w.ok(err)
		var all []int64
		for _, one := range c.Connectors {
			all = append(all, one.ID)
		}
		count := func(want int64, connectors []int64, rate string, day int) {
			t.Helper()
			n, err := w.s.CreditedSince(t.Context(), connectors, rate, october.AddDate(0, 0, day-1))
			w.ok(err)
			if n != want {
				t.Errorf("since %d October %q: %d, want %d", day, rate, n, want)
			}
		}
		count(1, all, "com", 1) // that of November is not credited yet
		count(1, all, "", 3)
		count(0, all, "com", 4)
		count(0, all, "lp", 1)
		count(0, nil, "com", 1)
	})
}
