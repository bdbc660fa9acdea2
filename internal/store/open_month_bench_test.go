package store_test

import (
	"context"
	"iter"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/sessions"
	"creditrun/internal/store"
	"creditrun/internal/store/storetest"
)

// BenchmarkOpenMonth measures the open month with 1,000,000 sessions: the first
// computation, pages after it, and how long it takes until an import, a release and
// a collection show. On SQLite, and where there is one, on PostgreSQL.
func BenchmarkOpenMonth(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { benchOpenMonth(b, storetest.SQLite(b)) })
	if storetest.HasPostgres() {
		b.Run("postgres", func(b *testing.B) { benchOpenMonth(b, storetest.Postgres(b)) })
	}
}

func benchOpenMonth(b *testing.B, url string) {
	now := time.Date(2026, 10, 31, 22, 30, 0, 0, time.UTC)
	s := storetest.Open(b, url, func() time.Time { return now })
	ctx := b.Context()
	config, settings := benchNetwork(benchOwners)
	if _, err := s.SaveConfiguration(ctx, "bench", config, settings); err != nil {
		b.Fatal(err)
	}
	var first []sessions.Session
	all := func(yield func(sessions.Session, error) bool) {
		for one, err := range benchCharging() {
			if len(first) < 10 {
				first = append(first, one)
			}
			if !yield(one, err) {
				return
			}
		}
	}
	if _, err := s.ImportSessions(ctx, "bench", all, store.ImportOptions{Name: "bench"}); err != nil {
		b.Fatal(err)
	}
	runner := &creditnotes.Runner{Store: s, Texts: plainTexts{}, Now: func() time.Time { return now }, Workers: 1}
	open := &creditnotes.OpenMonth{Runner: runner, Store: s}
	measure := func(name string, times int, do func() error) {
		best := time.Hour
		for range times {
			began := time.Now()
			if err := do(); err != nil {
				b.Fatalf("%s: %v", name, err)
			}
			best = min(best, time.Since(began))
		}
		b.Logf("%s: %s", name, best)
		b.ReportMetric(float64(best.Microseconds())/1000, name+"-ms")
	}
	refresh := func() error { _, err := open.Refresh(ctx); return err }
	sofar := func() error { _, _, err := open.MonthSoFar(ctx); return err }
	measure("first", 1, refresh)
	measure("month-first", 1, sofar)
	measure("month", 3, sofar)
	owner := config.Entities[1].Key
	filter := creditnotes.SettlementFilter{Open: creditnotes.WithOpen, Month: "2026-10"}
	ofOwner := filter
	ofOwner.Owners = []string{owner}
	for _, look := range []struct {
		name string
		look func(context.Context) (int, error)
	}{
		{"page", listing(s, filter, creditnotes.RecordPage{})}, {"page-owner", listing(s, ofOwner, creditnotes.RecordPage{})},
		{"page-net", listing(s, filter, creditnotes.RecordPage{ByNet: true})}, {"totals", totalling(s, filter)}, {"totals-owner", totalling(s, ofOwner)},
	} {
		measure(look.name, 3, func() error { _, err := look.look(ctx); return err })
	}
	next := first[0]
	next.ExternalID, next.Start, next.End = "next", next.Start.Add(30*24*time.Hour), next.End.Add(30*24*time.Hour)
	for _, change := range []struct {
		name   string
		change func() error
	}{
		{"import", func() error { _, err := s.ImportSessions(ctx, "bench", from(next), store.ImportOptions{}); return err }},
		{"correction", func() error {
			next.Energy++
			_, err := s.ImportSessions(ctx, "bench", from(next), store.ImportOptions{})
			return err
		}},
		{"collection", func() error {
			_, err := s.ImportCollections(ctx, "bench", table([]sessions.Collection{{Source: first[1].Source, ExternalID: first[1].ExternalID, At: now}}), store.ImportOptions{})
			return err
		}},
		{"import-10000", func() error {
			_, err := s.ImportSessions(ctx, "bench", renamed(benchCharging(), 10_000), store.ImportOptions{})
			return err
		}},
	} {
		if err := change.change(); err != nil {
			b.Fatal(err)
		}
		began := time.Now()
		if err := refresh(); err != nil {
			b.Fatal(err)
		}
		if err := sofar(); err != nil {
			b.Fatal(err)
		}
		b.Logf("%s: %s", change.name, time.Since(began))
		b.ReportMetric(float64(time.Since(began).Microseconds())/1000, change.name+"-ms")
	}
}

// renamed are the first sessions of a source with other ids.
func renamed(source iter.Seq2[sessions.Session, error], n int) iter.Seq2[sessions.Session, error] {
	return func(yield func(sessions.Session, error) bool) {
		for s, err := range source {
			s.ExternalID += "-again"
			if n--; n < 0 || !yield(s, err) {
				return
			}
		}
	}
}
