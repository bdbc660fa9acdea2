package storetest

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
)

// pool keeps the databases of tests that ended. Emptying one is several times
// faster than making another one, which copies a thousand files.
var pool struct {
	mu   sync.Mutex
	idle []string
}

// pristine is what a database has when it was just made: its schema in short, and
// the rows that migrations leave.
var pristine struct {
	once   sync.Once
	schema string
	rows   map[string][]byte
	counts map[string]int64 // where sequences stand; 0 is never used
	err    error
}

// mostBytes is the size above which a database is not worth emptying.
const mostBytes = 100 << 20

// takeDatabase returns the name of an empty, migrated database that no other test
// uses.
func takeDatabase() (string, error) {
	for {
		name := popIdle()
		if name == "" {
			return makeDatabase()
		}
		if emptied(name) {
			return name, nil
		}
		if err := dropDatabase(name); err != nil {
			return "", err
		}
	}
}

func popIdle() string {
	pool.mu.Lock()
	defer pool.mu.Unlock()
	if len(pool.idle) == 0 {
		return ""
	}
	name := pool.idle[len(pool.idle)-1]
	pool.idle = pool.idle[:len(pool.idle)-1]
	return name
}

func makeDatabase() (string, error) {
	template, err := postgresTemplate()
	if err != nil {
		return "", err
	}
	name, err := addDatabase(" TEMPLATE " + template + copied())
	if err != nil {
		return "", err
	}
	pristine.once.Do(func() { pristine.err = readPristine(name) })
	return name, pristine.err
}

// giveBack keeps a database for the next test.
func giveBack(name string) {
	pool.mu.Lock()
	defer pool.mu.Unlock()
	pool.idle = append(pool.idle, name)
}

// Main runs the tests of a package and drops the databases that they leave. It
// prints one line when PostgreSQL is not tested. The packages with tests on both
// databases call it from TestMain.
func Main(m *testing.M) int {
	if !HasPostgres() {
		fmt.Fprintf(os.Stderr, "tested on SQLite only: set %s=postgres://… to a server where databases may be created to test on PostgreSQL too\n", PostgresVariable)
	}
	status := m.Run()
	for name := popIdle(); name != ""; name = popIdle() {
		if err := dropDatabase(name); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	return status
}

// schemaInShort changes with anything that a test may do to the schema: triggers
// disabled, rights given, tables, columns and functions changed.
const schemaInShort = `SELECT md5(string_agg(x, ',' ORDER BY x)) FROM (
	SELECT concat_ws(' ', 'relation', oid, relname, relacl) AS x FROM pg_class WHERE relnamespace = 'public'::regnamespace
	UNION ALL SELECT concat_ws(' ', 'trigger', tgrelid, tgname, tgenabled, tgfoid) FROM pg_trigger
	UNION ALL SELECT concat_ws(' ', 'column', a.attrelid, a.attname, a.atttypid, a.attnotnull, a.attisdropped, a.attacl)
		FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid AND c.relnamespace = 'public'::regnamespace
	UNION ALL SELECT concat_ws(' ', 'constraint', conrelid, conname, convalidated) FROM pg_constraint
	UNION ALL SELECT concat_ws(' ', 'default', adrelid, adnum, md5(pg_get_expr(adbin, adrelid))) FROM pg_attrdef
	UNION ALL SELECT concat_ws(' ', 'function', oid, proname, md5(prosrc), proacl) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
	UNION ALL SELECT concat_ws(' ', 'schema', nspname, nspacl) FROM pg_namespace WHERE nspname NOT LIKE 'pg\_%'
	UNION ALL SELECT concat_ws(' ', 'setting', setrole, setconfig) FROM pg_db_role_setting
		WHERE setdatabase IN (SELECT oid FROM pg_database WHERE datname = current_database())
) everything`

const allTables = "SELECT quote_ident(relname) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1"

// readPristine reads what every database has when it was just made.
func readPristine(name string) error {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, databaseURL(name))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if err := conn.QueryRow(ctx, schemaInShort).Scan(&pristine.schema); err != nil {
		return err
	}
	rows, err := conn.Query(ctx, allTables)
	if err != nil {
		return err
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	pristine.rows = map[string][]byte{}
	for _, table := range tables {
		var content bytes.Buffer
		if _, err := conn.PgConn().CopyTo(ctx, &content, "COPY "+table+" TO STDOUT"); err != nil {
			return err
		}
		if content.Len() > 0 {
			pristine.rows[table] = content.Bytes()
		}
	}
	pristine.counts = map[string]int64{}
	rows, err = conn.Query(ctx, "SELECT quote_ident(sequencename), coalesce(last_value, 0) FROM pg_sequences WHERE schemaname = 'public'")
	if err != nil {
		return err
	}
	var sequence string
	var count int64
	_, err = pgx.ForEachRow(rows, []any{&sequence, &count}, func() error { pristine.counts[sequence] = count; return nil })
	return err
}

// emptied makes a database as it was when it was made. It reports false where that
// cannot be done: the schema was changed, it is large, or this user may not.
func emptied(name string) bool {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, databaseURL(name))
	if err != nil {
		return false
	}
	defer conn.Close(ctx)
	const guarded = `DO $$ DECLARE name text; BEGIN
		FOR name IN SELECT tgrelid::regclass || ' ENABLE TRIGGER ' || quote_ident(tgname) FROM pg_trigger WHERE tgenabled = 'D' AND NOT tgisinternal
		LOOP EXECUTE 'ALTER TABLE ' || name; END LOOP;
	END $$`
	if _, err := conn.Exec(ctx, guarded); err != nil {
		return false
	}
	var schema string
	var size int64
	if err := conn.QueryRow(ctx, schemaInShort).Scan(&schema); err != nil || schema != pristine.schema {
		return false
	}
	if err := conn.QueryRow(ctx, "SELECT pg_database_size(current_database())").Scan(&size); err != nil || size > mostBytes {
		return false
	}
	const empty = `SET session_replication_role = replica;
		SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid();
		DO $$ DECLARE name text; BEGIN
			FOR name IN ` + allTables + ` LOOP EXECUTE 'DELETE FROM ' || name; END LOOP;
		END $$`
	if _, err := conn.PgConn().Exec(ctx, empty).ReadAll(); err != nil {
		return false
	}
	for table, content := range pristine.rows {
		if _, err := conn.PgConn().CopyFrom(ctx, bytes.NewReader(content), "COPY "+table+" FROM STDIN"); err != nil {
			return false
		}
	}
	for sequence, count := range pristine.counts {
		if _, err := conn.Exec(ctx, "SELECT setval($1::regclass, greatest($2, 1), $2 > 0)", sequence, count); err != nil {
			return false
		}
	}
	return true
}

// databaseOf is what a test has of the pool until it ends.
func databaseOf(t testing.TB) string {
	t.Helper()
	name, err := takeDatabase()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { giveBack(name) })
	return name
}
