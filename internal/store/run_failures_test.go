package store_test

import (
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes/creditnotestest"
	"creditrun/internal/store"
)

func TestAScheduledRunThatFailsIsToldOnce(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		hook := w.hooked(store.RunFailed)
		w.Charged(workedExample()...)
		w.Now = evening("2026-10-31").Add(4 * time.Hour)
		healthy := w.Runner
		w.Runner = w.NewRunner(creditnotestest.Breaking{Store: w.s})
		for range 3 {
			if _, err := w.Runner.RunDue(t.Context(), "schedule"); err == nil {
				t.Fatal("it went well")
			}
			w.Now = w.Now.Add(5 * time.Minute)
		}
		if f := w.Failure("2026-10"); f == nil || !f.At.Equal(w.Now.Add(-5*time.Minute)) {
			t.Errorf("%+v", f)
		}
		told := w.told(hook.ID)
		if len(told) != 1 || !strings.Contains(told[0], `"run":"2026-10","month":"2026-10","stage":"released","notes":1`) ||
			!strings.Contains(told[0], `"failure":{"at":"2026-10-31T23:00:00Z","reasons":[],"reference":"`) {
			t.Errorf("%q", told)
		}
		w.Runner = healthy
		if done, err := w.Runner.RunDue(t.Context(), "schedule"); err != nil || len(done) != 1 {
			t.Errorf("%v, %v", done, err)
		}
		if f := w.Failure("2026-10"); f != nil {
			t.Errorf("%+v", f)
		}
	})
}

func TestAScheduledRunThatCannotBeginIsKeptWithItsMonth(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		hook := w.hooked(store.RunFailed)
		w.Charged(workedExample()...)
		w.Set("number_range", "")
		w.Now = evening("2026-10-31").Add(4 * time.Hour)
		for range 2 {
			if _, err := w.Runner.RunDue(t.Context(), "schedule"); err == nil {
				t.Fatal("it went well")
			}
		}
		list, err := w.Runner.DueFailures(t.Context())
		if err != nil || len(list) != 1 || list[0].Month != "2026-10" || len(list[0].Faults) != 1 || list[0].Faults[0].Key != "range_missing" {
			t.Fatalf("%+v, %v", list, err)
		}
		want := `run.failed {"run":"","month":"2026-10","stage":"","notes":0,"totals":[],` +
			`"failure":{"at":"2026-10-31T23:00:00Z","reasons":[{"reason":"range_missing","args":{"range":"","type":"credit_note"}}]}}`
		if told := w.told(hook.ID); len(told) != 1 || told[0] != want {
			t.Errorf("%q\nwant %q", told, want)
		}
		w.Set("number_range", "gs")
		if done, err := w.Runner.RunDue(t.Context(), "schedule"); err != nil || len(done) != 1 {
			t.Errorf("%v, %v", done, err)
		}
		if n := w.rows("month_failures"); n != 0 {
			t.Errorf("%d months still fail", n)
		}
	})
}
