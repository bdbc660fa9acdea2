package store_test

import (
	"fmt"
	"testing"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/internal/store"
	"creditrun/internal/store/storetest"
)

// eachDatabase runs a benchmark on SQLite, and on PostgreSQL where there is one.
func eachDatabase(b *testing.B, bench func(b *testing.B, s *store.Store)) {
	b.Run("sqlite", func(b *testing.B) { bench(b, storetest.Open(b, storetest.SQLite(b), storetest.Now)) })
	if storetest.HasPostgres() {
		b.Run("postgres", func(b *testing.B) { bench(b, storetest.Open(b, storetest.Postgres(b), storetest.Now)) })
	}
}

// BenchmarkNetworkImport imports 10,000 entities with 20,000 connectors.
func BenchmarkNetworkImport(b *testing.B) {
	c := network()
	for i := range 10_000 {
		key, station := fmt.Sprintf("e%05d", i), fmt.Sprintf("S%05d", i)
		c.Entities = append(c.Entities, entities.Entity{Key: key, Parent: "a", Name: "E", Country: "DE"})
		c.Stations = append(c.Stations, entities.Station{Key: station, TimeZone: "Europe/Berlin",
			Owners: []entities.Ownership{{From: "2022-01-01", Entity: key}}})
		for n := range 2 {
			c.Connectors = append(c.Connectors, entities.Connector{EVSEID: "DE*VLT*" + station, Number: n + 1, Station: station,
				Tariffs: []entities.ConnectorTariff{{From: "2022-01-01", Community: "COM"}}})
		}
	}
	eachDatabase(b, func(b *testing.B, s *store.Store) {
		for b.Loop() {
			if _, err := s.SaveConfiguration(b.Context(), "bench", c, []creditnotes.Setting{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkSessionImport imports 100,000 sessions, new in the first round and
// unchanged in the others.
func BenchmarkSessionImport(b *testing.B) {
	const n = 100_000
	many := func(yield func(sessions.Session, error) bool) {
		for i := range n {
			one := session(fmt.Sprintf("S-%08d", i), money.Quantity(i))
			one.Connector = i % 500
			if !yield(one, nil) {
				return
			}
		}
	}
	eachDatabase(b, func(b *testing.B, s *store.Store) {
		rounds := 0
		for b.Loop() {
			if _, err := s.ImportSessions(b.Context(), "bench", many, store.ImportOptions{}); err != nil {
				b.Fatal(err)
			}
			rounds++
		}
		b.ReportMetric(float64(rounds*n)/b.Elapsed().Seconds(), "sessions/s")
	})
}
