package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"creditrun/configs"
	"creditrun/internal/fault"
	"creditrun/internal/store/storetest"
)

func TestLogNamesNobody(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		var out bytes.Buffer
		log := newLog(&out, configs.Config{LogFormat: format})
		log.Error("background work", "err", fmt.Errorf("mail: %w", errors.New("550 <inn@harbour.example>: user unknown")),
			"reply", "to=hotel@alster.example", "reason", "IBAN DE91 1000 0000 0123 4567 89 and DE02120300000000202051", "run", "2026-10")
		for _, never := range []string{"harbour", "alster", "4567", "0202051"} {
			if strings.Contains(out.String(), never) {
				t.Errorf("%s: %s", format, out.String())
			}
		}
		if !strings.Contains(out.String(), "user unknown") || !strings.Contains(out.String(), "2026-10") || strings.Count(out.String(), "\n") != 1 {
			t.Errorf("%s: %q", format, out.String())
		}
	}
}

// Everything that needs the database fails while it is away, many times.
func TestAnOutageIsLoggedWhenItBeginsAndWhenItEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		away := newOutage(slog.New(slog.NewTextHandler(&out, nil)), time.Now)
		log := slog.New(away).With("part", "pages")
		lost := fault.Wrap(fault.Unavailable, "database_lost", nil, errors.New("connection refused"))
		var down atomic.Bool
		down.Store(true)
		ctx, cancel := context.WithCancel(t.Context())
		go away.watch(ctx, func(context.Context) error {
			if down.Load() {
				return lost
			}
			return nil
		})
		for range 101 { // not at a moment at which the database is asked
			time.Sleep(time.Second)
			log.Error("page failed", "err", fmt.Errorf("page: %w", lost))
		}
		log.Error("page failed", "err", errors.New("something else"))
		down.Store(false)
		time.Sleep(time.Minute)
		cancel()
		synctest.Wait()
		text := out.String()
		if strings.Count(text, "database lost") != 1 || strings.Count(text, "database is back") != 1 || strings.Count(text, "\n") != 3 ||
			!strings.Contains(text, "something else") || !strings.Contains(text, "away=1m4") {
			t.Errorf("%s", text)
		}
	})
}

// A month end in the log: each stage once, nothing per document, no one's
// address.
func TestAMonthEndIsAFewLinesInTheLog(t *testing.T) {
	t.Parallel()
	w := newWorld(t, storetest.SQLite(t)).small()
	var out bytes.Buffer
	a := &app{env: env{stdout: &bytes.Buffer{}, stderr: &heard{}, getenv: func(string) string { return "" }, now: w.clock}, db: w.db, mail: w.mail}
	if err := a.configure("serve"); err != nil {
		t.Fatal(err)
	}
	a.serving = true
	a.log = newLog(&out, a.config)
	s, err := a.store(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	q, err := (&monthFlags{month: "2026-10"}).request("erika")
	if err != nil {
		t.Fatal(err)
	}
	if err := a.runMonth(t.Context(), q, "", false); err != nil {
		t.Fatal(err)
	}
	var events []string
	for line := range strings.Lines(out.String()) {
		_, rest, _ := strings.Cut(line, "msg=")
		events = append(events, strings.TrimSpace(rest))
	}
	text := strings.Join(events, "\n")
	for _, want := range []string{
		`"run begun" run=2026-10 month=2026-10 trigger=manual`, `"run drafted" run=2026-10 month=2026-10 owners=2 failed_owners=0 sessions=7`,
		`"run released"`, `"run issued" run=2026-10 month=2026-10 documents=2`, `"run completed" run=2026-10 month=2026-10 documents=2 without_e_invoice=0 without_xrechnung=2`,
	} {
		if strings.Count(text, want) != 1 {
			t.Errorf("%s is not there once in:\n%s", want, text)
		}
	}
	if len(events) > 8 {
		t.Errorf("%d lines:\n%s", len(events), text)
	}
	for _, never := range []string{"@", "DE0212", "DE9110", "Harbour", "Hotel", "Alster"} {
		if strings.Contains(text, never) {
			t.Errorf("the log names %s:\n%s", never, text)
		}
	}
}
