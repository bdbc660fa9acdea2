package main

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"creditrun/internal/store/storetest"
)

func TestTheClockIsComparedWithOneThatNoOneCanSet(t *testing.T) {
	begin := time.Date(2026, 10, 31, 20, 0, 0, 0, time.UTC)
	wall, elapsed := begin, time.Duration(0)
	watch := &clockWatch{now: func() time.Time { return wall }, elapsed: func() time.Duration { return elapsed }}
	for _, one := range []struct {
		name          string
		passed, shown time.Duration
		jumped        bool
	}{
		{"the first look", 0, 0, false},
		{"a quiet hour", time.Hour, time.Hour, false},
		{"a correction", time.Minute, 59 * time.Minute, false},
		{"ahead", time.Minute, 2 * time.Hour, true},
		{"and on", 5 * time.Second, 5 * time.Second, false},
		{"set back", time.Minute, -3 * time.Hour, true},
	} {
		wall, elapsed = wall.Add(one.shown), elapsed+one.passed
		if was, became, jumped := watch.look(); jumped != one.jumped || jumped && (became != wall || !was.Equal(wall.Add(one.passed-one.shown))) {
			t.Errorf("%s: jumped %t from %s to %s", one.name, jumped, was, became)
		}
	}
	if _, _, jumped := (&clockWatch{now: func() time.Time { return wall }}).look(); jumped {
		t.Error("it jumps without anything to compare with")
	}
}

func TestTheScheduleWaitsAfterAJumpUntilAPersonConfirms(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		said := &heard{}
		elapsed := time.Duration(0)
		a := &app{env: env{now: w.clock, elapsed: func() time.Duration { return elapsed }}, log: slog.New(slog.NewTextHandler(said, nil))}
		s := storetest.Open(t, w.db, w.clock)
		watch := &clockWatch{now: a.now, elapsed: a.elapsed}
		if !a.mayRing(t.Context(), s, watch) {
			t.Error("it waits without a jump")
		}
		w.now = w.now.Add(5 * time.Hour)
		for range 2 {
			if a.mayRing(t.Context(), s, watch) {
				t.Error("it begins months after a jump")
			}
		}
		if strings.Count(said.String(), "the clock has jumped") != 1 {
			t.Errorf("the log says %s", said)
		}
		if r := w.try("clock"); r.status != exitDone || !strings.Contains(r.stderr, "The schedule pauses until 2026-11-02T15:00:00Z") {
			t.Errorf("it ends with %d: %s", r.status, r.stderr)
		}
		w.do("clock", "confirm")
		if !a.mayRing(t.Context(), s, watch) {
			t.Error("it waits after the clock was confirmed")
		}
		if said := w.fails(exitFailed, "clock", "confirm"); !strings.Contains(said, "nothing to confirm") {
			t.Errorf("it says %q", said)
		}
	})
}
