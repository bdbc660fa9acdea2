package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/store"
	"creditrun/internal/store/storetest"
)

// BenchmarkRecords measures lists and totals of records, and the analysis, among
// 1,000,000 lines of 100 owners and 10 months, on SQLite and, where there is one, on PostgreSQL.
func BenchmarkRecords(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { benchRecords(b, storetest.SQLite(b), "sqlite") })
	if storetest.HasPostgres() {
		b.Run("postgres", func(b *testing.B) { benchRecords(b, storetest.Postgres(b), "pgx") })
	}
}

const (
	benchRecorded  = 1_000_000
	benchRecordOf  = 100 // owners
	benchRecordFor = 10  // months
)

func benchRecords(b *testing.B, url, driver string) {
	now := time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	s := storetest.Open(b, url, func() time.Time { return now })
	config, settings := benchNetwork(benchOwners)
	if _, err := s.SaveConfiguration(b.Context(), "bench", config, settings); err != nil {
		b.Fatal(err)
	}
	insertRecorded(b, url, driver)
	began := time.Now()
	if err := s.SumRecords(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(time.Since(began).Seconds(), "first-s")
	owner := config.Entities[1].Key
	page := creditnotes.RecordPage{}
	for _, look := range []struct {
		name string
		look func(ctx context.Context) (int, error)
	}{
		{"page-all", listing(s, creditnotes.SettlementFilter{}, page)},
		{"page-month", listing(s, creditnotes.SettlementFilter{Month: "2026-05"}, page)},
		{"page-owner", listing(s, creditnotes.SettlementFilter{Owners: []string{owner}}, page)},
		{"page-awaited", listing(s, creditnotes.SettlementFilter{Collected: creditnotes.DriverAwaited}, page)},
		{"page-net", listing(s, creditnotes.SettlementFilter{Month: "2026-05"}, creditnotes.RecordPage{ByNet: true})},
		{"page-net-all", listing(s, creditnotes.SettlementFilter{}, creditnotes.RecordPage{ByNet: true})},
		{"totals-all", totalling(s, creditnotes.SettlementFilter{})},
		{"totals-month", totalling(s, creditnotes.SettlementFilter{Month: "2026-05"})},
		{"analysis-owner", analyzing(s, creditnotes.ByOwner)},
		{"analysis-station", analyzing(s, creditnotes.ByStation)},
		{"totals-owner-month", totalling(s, creditnotes.SettlementFilter{Month: "2026-05", Owners: []string{owner}})},
	} {
		best := time.Hour
		for range 3 {
			began := time.Now()
			if n, err := look.look(b.Context()); err != nil || n == 0 {
				b.Fatalf("%s: %d records, %v", look.name, n, err)
			}
			best = min(best, time.Since(began))
		}
		b.Logf("%s: %s", look.name, best)
		b.ReportMetric(float64(best.Microseconds())/1000, look.name+"-ms")
	}
}

type recordBooks interface {
	Records(context.Context, creditnotes.SettlementFilter, creditnotes.RecordPage) (creditnotes.RecordList, error)
	RecordTotals(context.Context, creditnotes.SettlementFilter) ([]creditnotes.RecordTotal, error)
}

func listing(s recordBooks, f creditnotes.SettlementFilter, p creditnotes.RecordPage) func(context.Context) (int, error) {
	return func(ctx context.Context) (int, error) {
		list, err := s.Records(ctx, f, p)
		return len(list.Records), err
	}
}

func totalling(s recordBooks, f creditnotes.SettlementFilter) func(context.Context) (int, error) {
	return func(ctx context.Context) (int, error) {
		list, err := s.RecordTotals(ctx, f)
		if len(list) == 0 {
			return 0, err
		}
		return int(list[0].Records), err
	}
}

func analyzing(s *store.Store, by creditnotes.AnalysisBy) func(context.Context) (int, error) {
	return func(ctx context.Context) (int, error) {
		a, err := creditnotes.Analyze(ctx, s, creditnotes.AnalysisQuery{By: by, From: "2026-01", Until: "2026-10", Currency: "EUR"})
		if err != nil {
			return 0, err
		}
		return len(a.Rows), nil
	}
}

// insertRecorded makes credited sessions of owners and months, a note each.
func insertRecorded(b *testing.B, url, driver string) {
	b.Helper()
	if driver == "sqlite" {
		url = url[len("sqlite:"):]
	}
	db, err := sql.Open(driver, url)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	numbers := fmt.Sprintf("(WITH RECURSIVE g (g) AS (SELECT 1 UNION ALL SELECT g + 1 FROM g WHERE g < %d) SELECT g FROM g) AS g", benchRecorded)
	at := "strftime('%Y-%m-%d %H:%M:%S', '2026-01-01', '+' || (g / 100 % 10) || ' months', '+' || (g * 7919 % 2419200) || ' seconds') || '+00:00'"
	if driver != "sqlite" {
		at = "timestamptz '2026-01-01 00:00Z' + (g / 100 % 10) * interval '1 month' + (g::bigint * 7919 % 2419200) * interval '1 second'"
	}
	notes := benchRecordOf * benchRecordFor
	for _, statement := range []string{
		`INSERT INTO runs (id, name, month, trigger, stage, document_date, cutoff, settings, created_at, created_by, approved_by, lease_token, lease_until)
			VALUES (1, 'bench', '2026-10', 'manual', 'completed', '2026-10-31', '2026-11-01 00:00:00+00:00', '{}', '2026-11-01 00:00:00+00:00', '', '', '', '2026-11-01 00:00:00+00:00')`,
		fmt.Sprintf(`INSERT INTO credit_notes (id, run_id, kind, state, ordinal, scope, period, recipient_key, language, currency, date, period_from, period_to, net, tax, gross, document, hash)
			SELECT g, 1, 'credit_note', 'draft', g, '', '', (SELECT min(key) FROM entities), 'de', 'EUR', '2026-10-31', '2026-10-01', '2026-10-31', 0, 0, 0, '{}', '' FROM %s WHERE g <= %d`, numbers, notes),
		fmt.Sprintf(`INSERT INTO credit_note_owners (note_id, owner_id, place) SELECT g, 2 + g %% %d, 0 FROM %s WHERE g <= %d`, benchRecordOf, numbers, notes),
		"UPDATE credit_notes SET state = 'zero'",
		`INSERT INTO price_paths (id, content) VALUES (1, '{}')`,
		fmt.Sprintf(`INSERT INTO sessions (id, source, external_id, version, current, connector_id, medium_uid, class, partner, auth_method,
				started_at, ended_at, duration_s, energy, status, reversed, driver_amount, currency, received_at, released, fingerprint, collected_at, collection_known_at)
			SELECT g, 'bench', 'b-' || g, 1, true, 1 + g %% 1000, '', 'community', '', '', %[1]s, %[1]s, 2400, 8000000, 'valid', false, 4900000, 'EUR', %[1]s, false, '',
				CASE WHEN g %% 10 > 0 THEN %[1]s END, CASE WHEN g %% 10 > 0 THEN %[1]s END FROM %[2]s`, at, numbers),
		fmt.Sprintf(`INSERT INTO lines (note_id, run_id, owner_id, session_id, path_id, kind, energy, net_energy, net_time, net_fee, net_share, net_electricity_cost, driver_amount, live)
			SELECT 1 + g %% %d, 1, 2 + (1 + g %% %d) %% %d, g, 1, 'credit', 8000000, 0, 0, 0, 2160000 + g %% 1000, 1100000, 4900000, true FROM %s`, notes, notes, benchRecordOf, numbers),
		// 50 stations of each owner in each month.
		fmt.Sprintf(`INSERT INTO line_sums (note_id, owner_id, month, station_key, rule, tariff, sessions, energy, net, driver_amount, driver_share, collected_amount, collected_share, unknown)
			SELECT 1 + g %% %d, 2 + (1 + g %% %d) %% %d, '2026-' || substr('0' || (1 + g %% 10), length('0' || (1 + g %% 10)) - 1, 2), 'st-' || (g %% %d) || '-' || (g / %d), 'share', '',
				20, 160000000, 64000000, 98000000, 64000000, 90000000, 57000000, 0 FROM %s WHERE g <= %d`, notes, notes, benchRecordOf, benchRecordOf, notes, numbers, 50*notes),
		"ANALYZE",
	} {
		if _, err := db.Exec(statement); err != nil {
			b.Fatalf("%.80s: %v", statement, err)
		}
	}
}
