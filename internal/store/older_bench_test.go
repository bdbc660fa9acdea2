package store_test

import (
	"context"
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
// older sessions, and among 5,000,000 in another database, in turn. What it
// takes depends on what is open; the ratio is what counts.
func BenchmarkAmongOlderSessions(b *testing.B) {
	if !storetest.HasPostgres() {
		b.Fatal("BenchmarkAmongOlderSessions needs PostgreSQL: run it with make bench")
	}
	few, many := newOlderWorld(b, 1_000_000), newOlderWorld(b, 5_000_000)
	b.ResetTimer()
	for _, l := range olderLooks {
		best := map[*olderWorld]time.Duration{few: time.Hour, many: time.Hour}
		for range 7 { // whatever else the machine does, it does to both
			for _, w := range []*olderWorld{few, many} {
				began := time.Now()
				n, err := l.look(w)
				if err != nil || n != l.want {
					b.Fatalf("%s: %d sessions, want %d, %v", l.name, n, l.want, err)
				}
				best[w] = min(best[w], time.Since(began))
			}
		}
		b.ReportMetric(float64(best[few].Milliseconds()), l.name+"-1M-ms")
		b.ReportMetric(float64(best[many].Milliseconds()), l.name+"-5M-ms")
		b.ReportMetric(best[many].Seconds()/best[few].Seconds(), l.name+"-ratio")
	}
}

// olderLooks are what looks at a month, and how many sessions each finds.
var olderLooks = []struct {
	name string
	want int
	look func(w *olderWorld) (sessions int, err error)
}{
	{"preview", benchOctober + benchWaiting, func(w *olderWorld) (int, error) {
		report, err := w.runner.Preview(w.ctx, creditnotes.Request{Month: "2026-10", Trigger: creditnotes.Manual, Who: "bench"})
		if err != nil {
			return 0, err
		}
		return int(report.Total.Received.Sessions), nil
	}},
	{"so-far", benchOctober + benchWaiting, func(w *olderWorld) (int, error) {
		m, err := w.runner.MonthSoFar(w.ctx, "2026-10")
		if err != nil {
			return 0, err
		}
		n := m.Total.Sessions + m.Earlier.Sessions
		for _, held := range m.Held {
			n += held.Sessions
		}
		return int(n), nil
	}},
	{"readiness", benchWaiting, func(w *olderWorld) (int, error) {
		ready, err := w.runner.Readiness(w.ctx, "2026-10")
		if err != nil {
			return 0, err
		}
		n := 0
		for _, held := range ready.Held {
			n += held.Sessions
		}
		return n, nil
	}},
	{"held-list", creditnotes.DefaultLimit, func(w *olderWorld) (int, error) {
		list, err := w.s.ListSessions(w.ctx, creditnotes.SessionFilter{State: creditnotes.SessionHeld}, creditnotes.Page{})
		return len(list.Sessions), err
	}},
}

// olderWorld is a network in November 2026, after the run of September, with
// sessions that were credited long ago.
type olderWorld struct {
	ctx    context.Context
	now    time.Time
	s      *store.Store
	runner *creditnotes.Runner
}

func newOlderWorld(b *testing.B, older int) *olderWorld {
	b.Helper()
	w := &olderWorld{ctx: b.Context(), now: time.Date(2026, 10, 1, 8, 0, 0, 0, time.UTC)}
	url := storetest.Postgres(b)
	w.s = storetest.Open(b, url, w.clock)
	w.runner = &creditnotes.Runner{Store: w.s, Texts: plainTexts{}, Now: w.clock,
		MessageID: func(number string, copy int, _ string) string { return number + strconv.Itoa(copy) }}
	config, settings := benchNetwork(benchOwners)
	for i := range settings {
		if settings[i].Key == "release" {
			settings[i].Value = "automatic"
		}
	}
	if _, err := w.s.SaveConfiguration(w.ctx, "bench", config, settings); err != nil {
		b.Fatal(err)
	}
	db, err := sql.Open("pgx", url)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	insertOlder(b, db, older, w.now.AddDate(-older/1_000_000, 0, 0), w.now.AddDate(0, -1, 0))
	imported := func(list iter.Seq2[sessions.Session, error]) {
		if _, err := w.s.ImportSessions(w.ctx, "bench", list, store.ImportOptions{Name: "bench"}); err != nil {
			b.Fatal(err)
		}
	}
	imported(benchOpen("held", benchWaiting, w.now.AddDate(0, -1, 0), sessions.Invalid))
	if _, err := w.runner.Run(w.ctx, creditnotes.Request{Month: "2026-09", Trigger: creditnotes.Manual, Who: "bench"}); err != nil {
		b.Fatal(err)
	}
	october := w.now
	w.now = time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	imported(benchOpen("october", benchOctober, october, sessions.Valid))
	if _, err := db.Exec("VACUUM ANALYZE"); err != nil { // as PostgreSQL does by itself after so many rows
		b.Fatal(err)
	}
	return w
}

func (w *olderWorld) clock() time.Time { return w.now }

// insertOlder makes sessions that were credited long ago, spread over all
// connectors and a time.
func insertOlder(b *testing.B, db *sql.DB, n int, from, until time.Time) {
	b.Helper()
	const plugs = benchOwners * benchStations * benchPlugs
	step := until.Sub(from) / time.Duration(n/plugs+1)
	began := time.Now()
	for _, statement := range []string{fmt.Sprintf(`
		INSERT INTO sessions (id, source, external_id, version, current, connector_id, medium_uid, class, partner, auth_method,
			started_at, ended_at, duration_s, energy, status, reversed, currency, received_at, released, fingerprint)
		SELECT g, 'older', 'o-' || g, 1, true, 1 + g %% %d, '', 'community', '', '', at, at + interval '40 minutes', 2400, 8000000, 'valid', false, '',
			at + interval '1 hour', false, ''
		FROM (SELECT g, timestamptz '%s' + g / %d * interval '%d seconds' + (g::bigint * 7919) %% 3600 * interval '1 second' AS at
			FROM generate_series(1, %d) AS g) AS older`,
		plugs, from.Format(time.RFC3339), plugs, int(step.Seconds()), n), fmt.Sprintf(`
		INSERT INTO lines (run_id, owner_id, session_id, path_id, kind, energy, net_energy, net_time, net_fee, live)
		SELECT 0, 1, g, 1, 'credit', 8000000, 2800000, 0, 0, true FROM generate_series(1, %d) AS g`, n),
		fmt.Sprintf("INSERT INTO id_counters (name, next) VALUES ('session', %[1]d) ON CONFLICT (name) DO UPDATE SET next = %[1]d", n+1)} {
		if _, err := db.Exec(statement); err != nil {
			b.Fatal(err)
		}
	}
	b.Logf("%d older sessions made in %s", n, time.Since(began).Round(time.Second))
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
