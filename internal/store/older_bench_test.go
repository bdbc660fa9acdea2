package store_test

import (
	"database/sql"
	"fmt"
	"iter"
	"strconv"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/internal/store"
	"creditrun/internal/store/storetest"
)

// What is open in BenchmarkAmongOlderSessions: sessions of October, and of
// September some that were held, each at another connector.
const (
	benchOctober = 53_000
	benchWaiting = 3_000
)

// BenchmarkAmongOlderSessions measures what looks at a month among 1,000,000
// older sessions, and again among 5,000,000, in the same database. What it
// takes depends on what is open; the ratio is what counts.
func BenchmarkAmongOlderSessions(b *testing.B) {
	if !storetest.HasPostgres() {
		b.Fatal("BenchmarkAmongOlderSessions needs PostgreSQL: run it with make bench")
	}
	now := time.Date(2026, 10, 1, 8, 0, 0, 0, time.UTC)
	url := storetest.Postgres(b)
	s := storetest.Open(b, url, func() time.Time { return now })
	ctx := b.Context()
	config, settings := benchNetwork()
	for i := range settings {
		if settings[i].Key == "release" {
			settings[i].Value = "automatic"
		}
	}
	if _, err := s.SaveConfiguration(ctx, "bench", config, settings); err != nil {
		b.Fatal(err)
	}
	db, err := sql.Open("pgx", url)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	// The older of the older sessions get the lower ids later.
	insertOlder(b, db, 4_000_000, 5_000_000, now.AddDate(-1, 0, 0), now.AddDate(0, -1, 0))
	if _, err := db.Exec("INSERT INTO id_counters (name, next) VALUES ('session', 5000001) ON CONFLICT (name) DO UPDATE SET next = 5000001"); err != nil {
		b.Fatal(err)
	}
	runner := &creditnotes.Runner{Store: s, Texts: plainTexts{}, Now: func() time.Time { return now },
		MessageID: func(number string, copy int, _ string) string { return number + strconv.Itoa(copy) }}
	imported := func(list iter.Seq2[sessions.Session, error]) {
		if _, err := s.ImportSessions(ctx, "bench", list, store.ImportOptions{Name: "bench"}); err != nil {
			b.Fatal(err)
		}
	}
	imported(benchOpen("held", benchWaiting, now.AddDate(0, -1, 0), sessions.Invalid))
	if _, err := runner.Run(ctx, creditnotes.Request{Month: "2026-09", Trigger: creditnotes.Manual, Who: "bench"}); err != nil {
		b.Fatal(err)
	}
	imported(benchOpen("october", benchOctober, now, sessions.Valid))
	now = time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	looks := []struct {
		name string
		look func() (sessions int, err error)
	}{
		{"preview", func() (int, error) {
			report, err := runner.Preview(ctx, creditnotes.Request{Month: "2026-10", Trigger: creditnotes.Manual, Who: "bench"})
			if err != nil {
				return 0, err
			}
			return int(report.Total.Received.Sessions), nil
		}},
		{"so-far", func() (int, error) {
			m, err := runner.MonthSoFar(ctx, "2026-10")
			if err != nil {
				return 0, err
			}
			n := m.Total.Sessions + m.Earlier.Sessions
			for _, held := range m.Held {
				n += held.Sessions
			}
			return int(n), nil
		}},
		{"held-list", func() (int, error) {
			list, err := s.ListSessions(ctx, creditnotes.SessionFilter{State: creditnotes.SessionHeld}, creditnotes.Page{})
			return len(list.Sessions), err
		}},
	}
	const open = benchOctober + benchWaiting
	wanted := map[string]int{"preview": open, "so-far": open, "held-list": creditnotes.DefaultLimit}
	took := map[string]time.Duration{}
	b.ResetTimer()
	for _, older := range []string{"1M", "5M"} {
		if older == "5M" {
			insertOlder(b, db, 0, 4_000_000, now.AddDate(-5, 0, 0), now.AddDate(-1, -1, 0))
		}
		if _, err := db.Exec("VACUUM ANALYZE"); err != nil { // as PostgreSQL does by itself after so many rows
			b.Fatal(err)
		}
		for _, l := range looks {
			best := time.Hour
			for range 3 {
				began := time.Now()
				n, err := l.look()
				if err != nil || n != wanted[l.name] {
					b.Fatalf("%s among %s: %d sessions, %v", l.name, older, n, err)
				}
				best = min(best, time.Since(began))
			}
			b.ReportMetric(float64(best.Milliseconds()), l.name+"-"+older+"-ms")
			if older == "5M" {
				b.ReportMetric(best.Seconds()/took[l.name].Seconds(), l.name+"-ratio")
			}
			took[l.name] = best
		}
	}
}

// insertOlder makes sessions with ids above after up to last, spread over all
// connectors and a time, that were credited long ago.
func insertOlder(b *testing.B, db *sql.DB, after, last int, from, until time.Time) {
	b.Helper()
	const plugs = benchOwners * benchStations * benchPlugs
	step := until.Sub(from) / time.Duration((last-after)/plugs+1)
	began := time.Now()
	for _, statement := range []string{fmt.Sprintf(`
		INSERT INTO sessions (id, source, external_id, version, current, connector_id, medium_uid, class, partner, auth_method,
			started_at, ended_at, duration_s, energy, status, reversed, currency, received_at, released, fingerprint)
		SELECT g, 'older', 'o-' || g, 1, true, 1 + g %% %d, '', 'community', '', '', at, at + interval '40 minutes', 2400, 8000000, 'valid', false, '',
			at + interval '1 hour', false, ''
		FROM (SELECT g, timestamptz '%s' + (g - %d) / %d * interval '%d seconds' + (g::bigint * 7919) %% 3600 * interval '1 second' AS at
			FROM generate_series(%d, %d) AS g) AS older`,
		plugs, from.Format(time.RFC3339), after, plugs, int(step.Seconds()), after+1, last), fmt.Sprintf(`
		INSERT INTO lines (run_id, owner_id, session_id, path_id, kind, energy, net_energy, net_time, net_fee, live)
		SELECT 0, 1, g, 1, 'credit', 8000000, 2800000, 0, 0, true FROM generate_series(%d, %d) AS g`, after+1, last)} {
		if _, err := db.Exec(statement); err != nil {
			b.Fatal(err)
		}
	}
	b.Logf("%d older sessions made in %s", last-after, time.Since(began).Round(time.Second))
}

// benchOpen yields sessions that wait for a run, one after the other at all
// connectors.
func benchOpen(name string, n int, month time.Time, status sessions.Status) iter.Seq2[sessions.Session, error] {
	const plugs = benchOwners * benchStations * benchPlugs
	return func(yield func(sessions.Session, error) bool) {
		for i := range n {
			plug := i * 3 % plugs
			start := month.Add(time.Duration(i/plugs)*4*time.Hour + time.Duration(i%600)*time.Minute)
			s := sessions.Session{
				Source: "bench", ExternalID: name + "-" + strconv.Itoa(i), EVSEID: benchEVSE(plug/(benchStations*benchPlugs), plug/benchPlugs%benchStations),
				Connector: plug%benchPlugs + 1, Class: sessions.Community, Start: start, End: start.Add(time.Hour), Duration: 3600,
				Energy: 10 * money.PerUnit, Status: status,
			}
			if !yield(s, nil) {
				return
			}
		}
	}
}
