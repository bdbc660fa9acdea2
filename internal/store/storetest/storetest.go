// Package storetest gives tests empty, migrated databases: a SQLite file
// always, and a PostgreSQL database where a server for tests is named. It is
// for tests only.
package storetest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"creditrun/internal/store"
)

// PostgresVariable names the environment variable with the URL of a server on
// which databases may be created and dropped.
const PostgresVariable = "CREDITRUN_TEST_POSTGRES"

// Now is the clock of the stores that Each opens: half past midnight in
// Berlin, after the month end of October 2026.
func Now() time.Time { return time.Date(2026, 10, 31, 23, 30, 0, 0, time.UTC) }

// Each runs a test on SQLite, and on PostgreSQL where there is one. Every call
// of open is another process on the same database; all are closed when the
// test ends.
func Each(t *testing.T, test func(t *testing.T, open func() *store.Store)) {
	t.Helper()
	EachAt(t, Now, test)
}

// EachAt is Each with a clock of the test's own.
func EachAt(t *testing.T, now func() time.Time, test func(t *testing.T, open func() *store.Store)) {
	t.Helper()
	EachURL(t, func(t *testing.T, url string) {
		test(t, func() *store.Store { return Open(t, url, now) })
	})
}

// EachURL is Each for a test that opens its stores by URL.
func EachURL(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t)) })
	if HasPostgres() {
		t.Run("postgres", func(t *testing.T) { test(t, Postgres(t)) })
	}
}

// HasPostgres reports whether a server for tests is named.
func HasPostgres() bool { return os.Getenv(PostgresVariable) != "" }

// Open opens a store that is closed when the test ends.
func Open(t testing.TB, url string, now func() time.Time) *store.Store {
	t.Helper()
	return OpenWith(t, url, store.Options{Now: now, LeaseClock: now})
}

// OpenWith opens a store with options that is closed when the test ends.
func OpenWith(t testing.TB, url string, options store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), url, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

var sqliteTemplate = sync.OnceValues(func() ([]byte, error) {
	folder, err := os.MkdirTemp("", "creditrun-template-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "template.db")
	if err := migrate("sqlite:" + path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// SQLite returns the URL of an empty, migrated SQLite database.
func SQLite(t testing.TB) string {
	t.Helper()
	content, err := sqliteTemplate()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "test.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return "sqlite:" + path
}

// Postgres returns the URL of an empty, migrated database on the server for
// tests, which is the test's alone until it ends.
func Postgres(t testing.TB) string {
	t.Helper()
	return databaseURL(databaseOf(t))
}

// copied is how a database is copied in a fraction of the time: file by file.
// Servers before PostgreSQL 15 do it anyway.
var copied = sync.OnceValue(func() string {
	server, err := sql.Open("pgx", os.Getenv(PostgresVariable))
	if err != nil {
		return ""
	}
	defer server.Close()
	var version int
	if err := server.QueryRow("SELECT current_setting('server_version_num')::int").Scan(&version); err != nil || version < 150000 {
		return ""
	}
	return " STRATEGY FILE_COPY"
})

// EmptyPostgres returns the URL of a database without a schema.
func EmptyPostgres(t testing.TB) string {
	t.Helper()
	return createDatabase(t, "")
}

var databases sync.Mutex // numbers the databases of this process
var database int

// KeptPostgres returns the URL of an empty, migrated database for several tests
// to copy from, and what drops it when they are done.
func KeptPostgres() (url string, drop func() error, err error) {
	template, err := postgresTemplate()
	if err != nil {
		return "", nil, err
	}
	name, err := addDatabase(" TEMPLATE " + template + copied())
	return databaseURL(name), func() error { return dropDatabase(name) }, err
}

// PostgresCopy returns the URL of a copy of a database to which nothing is
// connected; it is dropped when the test ends.
func PostgresCopy(t testing.TB, kept string) string {
	t.Helper()
	u, err := url.Parse(kept)
	if err != nil {
		t.Fatal(err)
	}
	return createDatabase(t, " TEMPLATE "+strings.TrimPrefix(u.Path, "/")+copied())
}

func createDatabase(t testing.TB, from string) string {
	t.Helper()
	name, err := addDatabase(from)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := dropDatabase(name); err != nil {
			t.Error(err)
		}
	})
	return databaseURL(name)
}

func addDatabase(from string) (string, error) {
	databases.Lock()
	database++
	name := fmt.Sprintf("creditrun_test_%d_%d", os.Getpid(), database)
	databases.Unlock()
	return name, onServer("DROP DATABASE IF EXISTS "+name+" WITH (FORCE)", "CREATE DATABASE "+name+from)
}

func dropDatabase(name string) error {
	return onServer("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)")
}

// postgresTemplate migrates a database once per state of the migrations, for
// all processes that test, and leaves it on the server.
var postgresTemplate = sync.OnceValues(func() (string, error) {
	name, err := templateName()
	if err != nil {
		return "", err
	}
	server, err := sql.Open("pgx", os.Getenv(PostgresVariable))
	if err != nil {
		return "", err
	}
	defer server.Close()
	ctx := context.Background()
	conn, err := server.Conn(ctx)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock(20261031)"); err != nil {
		return "", err
	}
	var ready bool
	if err := conn.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)", name).Scan(&ready); err != nil || ready {
		return name, err
	}
	// Under another name until it is complete.
	making := name + "_making"
	for _, statement := range []string{"DROP DATABASE IF EXISTS " + making + " WITH (FORCE)", "CREATE DATABASE " + making} {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return "", err
		}
	}
	if err := migrate(databaseURL(making)); err != nil {
		return "", err
	}
	_, err = conn.ExecContext(ctx, "ALTER DATABASE "+making+" RENAME TO "+name)
	return name, err
})

// templateName is the same as long as the migrations are.
func templateName() (string, error) {
	_, file, _, _ := runtime.Caller(0)
	files, err := filepath.Glob(filepath.Join(filepath.Dir(file), "..", "migrations", "postgres", "*.sql"))
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		sum.Write(content)
	}
	return "creditrun_template_" + hex.EncodeToString(sum.Sum(nil))[:16], nil
}

func migrate(url string) error {
	ctx := context.Background()
	s, err := store.Open(ctx, url, store.Options{Now: Now})
	if err != nil {
		return err
	}
	if err := s.Migrate(ctx); err != nil {
		s.Close()
		return err
	}
	return s.Close()
}

func onServer(statements ...string) error {
	server, err := sql.Open("pgx", os.Getenv(PostgresVariable))
	if err != nil {
		return err
	}
	defer server.Close()
	for _, statement := range statements {
		if _, err := server.Exec(statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

func databaseURL(name string) string {
	u, err := url.Parse(os.Getenv(PostgresVariable))
	if err != nil {
		return ""
	}
	u.Path = "/" + name
	return u.String()
}
