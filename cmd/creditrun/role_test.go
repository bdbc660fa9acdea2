package main

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"creditrun/internal/store/storetest"
)

// appRole creates the role of the running program and returns the URL of the
// database for it.
func (w *world) appRole() (role, asRole string) {
	w.Helper()
	owner, err := sql.Open("pgx", w.db)
	if err != nil {
		w.Fatal(err)
	}
	role = fmt.Sprintf("creditrun_app_%d", os.Getpid())
	if _, err := owner.Exec("CREATE ROLE " + role + " LOGIN PASSWORD 'secret'"); err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() {
		_, err := owner.Exec("DROP OWNED BY " + role + "; DROP ROLE " + role)
		if err := errors.Join(err, owner.Close()); err != nil {
			w.Error(err)
		}
	})
	u, err := url.Parse(w.db)
	if err != nil {
		w.Fatal(err)
	}
	u.User = url.UserPassword(role, "secret")
	return role, u.String()
}

func TestTheProgramWorksWithALeastPrivilegeRole(t *testing.T) {
	t.Parallel()
	if !storetest.HasPostgres() {
		return // SQLite has no roles; TestMain says that PostgreSQL is missing
	}
	w := newWorld(t, storetest.Postgres(t))
	w.small()
	role, asRole := w.appRole()
	w.do("migrate", "--app-role", role)
	w.db = asRole
	w.do("run", "--month", "2026-10")
	w.do("deliver")
	number := *w.notes()[0].Number
	w.do("resend", number)
	w.do("settings", "set", "payment_terms.net_days", "21")
	w.do("users", "add", "olga", "--role", "viewer", "--full-name", "Olga")
	w.do("cancel", number, "--reason", "wrong tariff")
	w.do("import", "testdata/network.yaml")
	w.do("run", "--month", "2026-10")
	w.clean()

	app, err := sql.Open("pgx", asRole)
	if err != nil {
		t.Fatal(err)
	}
	defer app.Close()
	for _, statement := range []string{
		"ALTER TABLE audit DISABLE TRIGGER ALL",
		"ALTER TABLE credit_notes DISABLE TRIGGER credit_notes_immutable",
		"DROP TRIGGER files_immutable ON files",
		"CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
		"SET session_replication_role = replica",
		"TRUNCATE audit", "TRUNCATE lines", "TRUNCATE sessions CASCADE",
		"DROP TABLE files", "DROP INDEX lines_live",
		"UPDATE audit SET who = 'x'", "DELETE FROM audit", "DELETE FROM audit_head",
		"UPDATE files SET content = 'x'", "DELETE FROM files",
		"DELETE FROM goose_db_version", "CREATE TABLE extra (id bigint)",
	} {
		var refused *pgconn.PgError
		if _, err := app.Exec(statement); !errors.As(err, &refused) || refused.Code != "42501" {
			t.Errorf("%s: %v, want insufficient privilege", statement, err)
		}
	}
}

func TestTheRoleOfTheProgramMustNotBeTheOwner(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		r := w.try("migrate", "--app-role", "creditrun")
		if r.status != exitUsage || !strings.Contains(r.stderr, "role") {
			t.Errorf("ends with %d: %s", r.status, r.stderr)
		}
		if strings.HasPrefix(w.db, "postgres") {
			if r := w.try("migrate", "--app-role", "not_there"); r.status != exitFailed || !strings.Contains(r.stderr, "CREATE ROLE not_there") {
				t.Errorf("ends with %d: %s", r.status, r.stderr)
			}
		}
	})
}
