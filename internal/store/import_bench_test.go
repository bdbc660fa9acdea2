package store_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/intake"
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

// benchImported is how many rows BenchmarkImport takes in.
var benchImported = func() int {
	if n, err := strconv.Atoi(os.Getenv("CREDITRUN_BENCH_SESSIONS")); err == nil {
		return n
	}
	return 1_000_000
}()

// BenchmarkImport takes in a CSV file and compares that with the bare bulk
// insert of the same rows into the same table, with its indexes and its foreign
// key, in the same run: "empty" into an empty table, "large" into one with five
// times as many sessions, "known" the same file once more, in ratio to the bulk
// insert of "large". A ratio above 1 is faster than the bulk insert.
func BenchmarkImport(b *testing.B) {
	b.Run("sqlite", benchImportSQLite)
	if storetest.HasPostgres() {
		b.Run("postgres", benchImportPostgres)
	}
}

// benchCSV is a file of sessions at 500 connectors.
func benchCSV(prefix string, n int) []byte {
	var text bytes.Buffer
	text.WriteString("id,evse_id,connector,start,end,energy_kwh,medium_uid,class,partner\n")
	begin := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	for i := range n {
		start := begin.Add(time.Duration(i%43_000) * time.Minute)
		fmt.Fprintf(&text, "%s-%08d,DE*VLT*E%03d,%d,%s,%s,%d.%03d,04A1B2C3%06d,community,DE*ABC\n", prefix, i, i%250, i%2+1,
			start.Format(time.RFC3339), start.Add(47*time.Minute).Format(time.RFC3339), i%60, i%1000, i%5000)
	}
	return text.Bytes()
}

// timedImport takes a file in and returns how long that took.
func timedImport(b *testing.B, s *store.Store, text []byte, want store.ImportResult) time.Duration {
	b.Helper()
	began := time.Now()
	result, err := s.ImportSessions(b.Context(), "bench", intake.ReadCSV("bench.csv", bytes.NewReader(text)), store.ImportOptions{Name: "bench"})
	if err != nil || result != want {
		b.Fatalf("%+v, %v", result, err)
	}
	return time.Since(began)
}

// median is the middle one of three measurements: a single one is at the mercy of
// what else the machine does.
func median(measure func(i int64) time.Duration) time.Duration {
	took := []time.Duration{measure(0), measure(1), measure(2)}
	slices.Sort(took)
	return took[1]
}

func benchImportPostgres(b *testing.B) {
	for range b.N {
		url, n := storetest.Postgres(b), benchImported
		s := storetest.Open(b, url, storetest.Now)
		conn, err := pgx.Connect(b.Context(), url)
		if err != nil {
			b.Fatal(err)
		}
		do := func(query string, args ...any) {
			if _, err := conn.Exec(b.Context(), query, args...); err != nil {
				b.Fatal(err)
			}
		}
		names := store.RowColumns()["sessions"]
		columns := strings.Join(names, ", ")
		// shifted selects sessions under other ids.
		shifted := func(ids int64, prefix, where string) string {
			values := strings.NewReplacer("id, source, external_id", fmt.Sprintf("id + %d, source, '%s' || external_id", ids, prefix)).Replace(columns)
			return "SELECT " + values + " FROM sessions WHERE " + where
		}
		bare := func(query string, clear bool) time.Duration {
			var rows bytes.Buffer
			if _, err := conn.PgConn().CopyTo(b.Context(), &rows, "COPY ("+query+") TO STDOUT (FORMAT binary)"); err != nil {
				b.Fatal(err)
			}
			if clear {
				do("SET session_replication_role = replica") // tables that refer to sessions refuse to be emptied
				do("TRUNCATE sessions CASCADE")
				do("SET session_replication_role = origin")
			}
			began := time.Now()
			if _, err := conn.PgConn().CopyFrom(b.Context(), &rows, "COPY sessions ("+columns+") FROM STDIN (FORMAT binary)"); err != nil {
				b.Fatal(err)
			}
			return time.Since(began)
		}
		empty := timedImport(b, s, benchCSV("A", n), store.ImportResult{New: n})
		again := median(func(int64) time.Duration { return bare(shifted(0, "", "true"), true) })
		b.ReportMetric(float64(n)/empty.Seconds(), "empty-rows/s")
		b.ReportMetric(again.Seconds()/empty.Seconds(), "empty-ratio")
		for i := range int64(4) {
			do("INSERT INTO sessions (" + columns + ") " + shifted((i+1)*1e9, fmt.Sprintf("%c-", 'F'+i), "id < 1000000000"))
		}
		second := benchCSV("B", n)
		large := timedImport(b, s, second, store.ImportResult{New: n})
		again = median(func(i int64) time.Duration {
			return bare(shifted((9+i)*1e9, fmt.Sprintf("%c-", 'P'+i), "external_id LIKE 'B-%'"), false)
		})
		b.ReportMetric(again.Seconds()/large.Seconds(), "large-ratio")
		known := timedImport(b, s, second, store.ImportResult{Unchanged: n})
		b.ReportMetric(again.Seconds()/known.Seconds(), "known-ratio")
		b.Logf("empty %v, large %v, known %v, bare into large %v", empty, large, known, again)
		if err := conn.Close(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

func benchImportSQLite(b *testing.B) {
	for range b.N {
		n := benchImported
		s := storetest.Open(b, storetest.SQLite(b), storetest.Now)
		text := benchCSV("A", n)
		took := timedImport(b, s, text, store.ImportResult{New: n})
		known := timedImport(b, s, text, store.ImportResult{Unchanged: n})
		bare := bulkInsert(b, s)
		b.ReportMetric(float64(n)/took.Seconds(), "empty-rows/s")
		b.ReportMetric(bare.Seconds()/took.Seconds(), "empty-ratio")
		b.ReportMetric(bare.Seconds()/known.Seconds(), "known-ratio")
	}
}

// bulkInsert writes all sessions of a store into an empty one, as fast as the
// store can, and returns how long that took.
func bulkInsert(b *testing.B, from *store.Store) time.Duration {
	b.Helper()
	to := storetest.Open(b, storetest.SQLite(b), storetest.Now)
	columns := store.RowColumns()["sessions"]
	read, err := from.ReadDB().Query("SELECT " + strings.Join(columns, ", ") + " FROM sessions ORDER BY id")
	if err != nil {
		b.Fatal(err)
	}
	defer read.Close()
	var rows [][]any
	for read.Next() {
		row, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := read.Scan(into...); err != nil {
			b.Fatal(err)
		}
		rows = append(rows, row)
	}
	var took time.Duration
	err = to.InTx(b.Context(), func(tx *store.TestTx) error {
		if _, err := tx.SQL().Exec("INSERT INTO connectors (id, evse_id, number, type, power_type, max_power) " +
			"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i, 'E' || i, 1, '', '', 0 FROM n"); err != nil {
			return err
		}
		began := time.Now()
		_, err := tx.CopyFrom("sessions", columns, pgx.CopyFromRows(rows))
		took = time.Since(began)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return took
}
