package store_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"creditrun/internal/fault"
	"creditrun/internal/store"
	"creditrun/internal/store/storetest"
)

// eachEmpty runs a test on databases without a schema.
func eachEmpty(t *testing.T, test func(t *testing.T, url string)) {
	t.Run("sqlite", func(t *testing.T) { test(t, "sqlite:"+filepath.Join(t.TempDir(), "new db.db")) })
	if storetest.HasPostgres() {
		t.Run("postgres", func(t *testing.T) { test(t, storetest.EmptyPostgres(t)) })
	}
}

func TestEmptyDatabaseIsMigrated(t *testing.T) {
	eachEmpty(t, func(t *testing.T, url string) {
		s := storetest.Open(t, url, storetest.Now)
		if current, err := s.SchemaIsCurrent(t.Context()); err != nil || current {
			t.Errorf("before: %v, %v", current, err)
		}
		if _, err := s.Configuration(t.Context()); !fault.Is(err, fault.NotReady) {
			t.Errorf("asking an old schema: %v", err)
		}
		for range 2 {
			if err := s.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			if current, err := s.SchemaIsCurrent(t.Context()); err != nil || !current {
				t.Errorf("after: %v, %v", current, err)
			}
		}
	})
}

func TestEightProcessesMigrateAtOnce(t *testing.T) {
	eachEmpty(t, func(t *testing.T, url string) {
		var all sync.WaitGroup
		for range 8 {
			s := storetest.Open(t, url, storetest.Now)
			all.Go(func() {
				if err := s.Migrate(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		s := storetest.Open(t, url, storetest.Now)
		if current, err := s.SchemaIsCurrent(t.Context()); err != nil || !current {
			t.Errorf("%v, %v", current, err)
		}
		var twice int
		err := s.ReadDB().QueryRow("SELECT count(*) - count(DISTINCT version_id) FROM goose_db_version").Scan(&twice)
		if err != nil || twice != 0 {
			t.Errorf("%d migrations were applied twice, %v", twice, err)
		}
	})
}

// columns lists the columns of a table.
func columns(t *testing.T, s *store.Store, table string) []string {
	t.Helper()
	rows, err := s.ReadDB().Query("SELECT * FROM " + table + " WHERE false")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestEveryFieldOfARowIsAColumn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		for table, fields := range store.RowColumns() {
			in, of := slices.Sorted(slices.Values(fields)), slices.Sorted(slices.Values(columns(t, s, table)))
			if !slices.Equal(in, of) {
				t.Errorf("%s: row %v, table %v", table, in, of)
			}
		}
	})
}

// schema describes all tables of ours: columns in order, and which may be
// empty.
func schema(t *testing.T, s *store.Store) []string {
	t.Helper()
	query := `SELECT table_name || '.' || column_name || CASE WHEN is_nullable = 'YES' THEN '?' ELSE '' END FROM information_schema.columns
		WHERE table_schema = 'public' AND table_name NOT LIKE 'river%' AND table_name NOT LIKE 'goose%' AND table_name <> 'frozen_notes'`
	if s.IsSQLite() {
		query = `SELECT t.name || '.' || c.name || CASE WHEN c."notnull" = 0 AND c.pk = 0 THEN '?' ELSE '' END FROM sqlite_master t JOIN pragma_table_info(t.name) c
			WHERE t.type = 'table' AND t.name NOT LIKE 'river%' AND t.name NOT LIKE 'goose%' AND t.name NOT LIKE 'sqlite%'`
	}
	rows, err := s.ReadDB().Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	slices.Sort(all)
	return all
}

func TestBothDialectsHaveTheSameColumns(t *testing.T) {
	var seen [][]string
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		seen = append(seen, schema(t, open()))
		if len(seen[0]) < 100 {
			t.Errorf("only %d columns", len(seen[0]))
		}
	})
	for _, other := range seen[1:] {
		if !slices.Equal(seen[0], other) {
			t.Errorf("SQLite:\n%s\nPostgreSQL:\n%s", strings.Join(seen[0], "\n"), strings.Join(other, "\n"))
		}
	}
}

const issuedNote = `INSERT INTO entities (id, key, name, legal_name, street, postcode, city, country, vat_id, tax_number, register_number, emails, reply_to, phone,
		language, currency, time_zone, customer_ref, bank_holder, bank_iban, bank_bic, taxes, agreement, session_detail, active)
	VALUES (1, 'op', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', 'csv', true);
INSERT INTO number_ranges (key, name, pattern, next, reset, valid_for, scope, active) VALUES ('gs', '', '', 1, 'never', '[]', 'issuer', true);
INSERT INTO runs (id, name, month, trigger, stage, document_date, cutoff, settings, created_at, created_by, approved_by, lease_token, lease_until)
	VALUES (1, '2026-10', '2026-10', 'manual', 'drafted', '2026-10-31', '2026-10-31 23:00:00+00:00', '{}', '2026-10-31 23:00:00+00:00', '', '', '', '2026-10-31 23:00:00+00:00');
INSERT INTO credit_notes (id, run_id, kind, state, ordinal, scope, period, recipient_key, language, currency, date, period_from, period_to, net, tax, gross, document, hash)
	VALUES (1, 1, 'credit_note', 'draft', 1, '', '', 'op', 'de', 'EUR', '2026-10-31', '', '', 100, 19, 119, '{}', '');
INSERT INTO positions (note_id, ordinal, owner_id, station_key, station_name, component, month, late, correction, sessions, energy, sum, net, tax_account)
	VALUES (1, 1, 1, 'ST', '', 'energy', '2026-10', false, false, 1, 1, 1, 100, 's');
INSERT INTO note_taxes (note_id, ordinal, account, ledger_account, name, category, rate, base, tax, exemption_code, exemption)
	VALUES (1, 1, 'de', '', '', 'S', 1900, 100, 19, '', '');
INSERT INTO credit_note_owners (note_id, owner_id, place) VALUES (1, 1, 1);
INSERT INTO lines (note_id, run_id, owner_id, session_id, path_id, kind, energy, net_energy, net_time, net_fee, live) VALUES (1, 1, 1, 7, 1, 'credit', 1, 1, 0, 0, true);
INSERT INTO own_charges (note_id, run_id, owner_id, session_id, kind, contract, correction, tax, energy, driver_amount, net, live)
	VALUES (1, 1, 1, 7, 'own_charging', 'k', false, 0, 1, 1, 1, true);
INSERT INTO files (note_id, kind, name, media_type, sha256, content, created_at) VALUES (1, 'pdf', 'a', 'b', 'c', 'd', '2026-10-31 23:00:00+00:00');
UPDATE positions SET net = 100;
UPDATE credit_notes SET state = 'issued', number = 'GS-1', range_key = 'gs', sequence = 1, issued_at = '2026-10-31 23:00:00+00:00';
UPDATE runs SET stage = 'issued'`

func TestIssuedNotesAreImmutable(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		run(t, s, strings.Split(issuedNote, ";\n")...)
		for _, statement := range []string{
			"UPDATE credit_notes SET net = 1, gross = 20",
			"UPDATE credit_notes SET number = 'GS-2'",
			"DELETE FROM credit_notes",
			"UPDATE positions SET net = 1",
			"DELETE FROM positions",
			"INSERT INTO positions (note_id, ordinal, owner_id, station_key, station_name, component, month, late, correction, sessions, energy, sum, net, carried_from, tax_account, tax) SELECT note_id, 2, owner_id, station_key, station_name, component, month, late, correction, sessions, energy, sum, net, carried_from, tax_account, tax FROM positions",
			"UPDATE note_taxes SET tax = 1",
			"DELETE FROM note_taxes",
			"UPDATE credit_note_owners SET place = 2",
			"DELETE FROM credit_note_owners",
			"UPDATE lines SET net_energy = 2",
			"UPDATE lines SET live = false",
			"UPDATE lines SET tax = 1",
			"UPDATE lines SET sale_amount = 1",
			"UPDATE lines SET correction = true",
			"DELETE FROM lines",
			"UPDATE own_charges SET net = 2",
			"UPDATE own_charges SET live = false",
			"DELETE FROM own_charges",
			"UPDATE files SET content = 'x'",
			"DELETE FROM files",
		} {
			err := s.InTx(t.Context(), func(tx *store.TestTx) error {
				_, err := tx.Exec(statement)
				return err
			})
			if !fault.Is(err, fault.Conflict) || fault.Of(err)[0].Key != "immutable" {
				t.Errorf("%s: %v", statement, err)
			}
		}
		// One session is paid once.
		if _, err := s.WriteDB().Exec("INSERT INTO lines (note_id, run_id, owner_id, session_id, path_id, kind, energy, net_energy, net_time, net_fee, live) SELECT 2, run_id, owner_id, session_id, path_id, kind, energy, net_energy, net_time, net_fee, live FROM lines"); err == nil {
			t.Error("a session was paid twice")
		}
	})
}

func TestOpeningSaysWhatIsWrong(t *testing.T) {
	folder := t.TempDir()
	run(t, storetest.Open(t, "sqlite:"+filepath.Join(folder, "a.db"), storetest.Now), "CREATE TABLE x (a)")
	for url, key := range map[string]string{
		"mysql://root:secret@localhost/x":               "database_url",
		"sqlite:":                                       "database_url",
		"postgres://user:secret@localhost:0x/x":         "database_url",
		"postgres://user:secret@127.0.0.1:1/x":          "database_unreachable",
		"sqlite:" + folder:                              "database_not_writable",
		"sqlite:" + filepath.Join(folder, "no", "x.db"): "database_not_writable",
		"sqlite:migrate_test.go":                        "database_not_a_database",
	} {
		_, err := store.Open(t.Context(), url, store.Options{Now: storetest.Now})
		faults := fault.Of(err)
		if len(faults) == 0 || faults[0].Key != key {
			t.Errorf("%s: %v", url, err)
			continue
		}
		if text := fmt.Sprint(faults[0].Args); strings.Contains(text, "secret") {
			t.Errorf("the message shows the password: %s", text)
		}
	}
}

func TestFullDiskIsToldAsSuch(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite(t), storetest.Now)
	var pages int
	if err := s.WriteDB().QueryRow("PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	run(t, s, fmt.Sprintf("PRAGMA max_page_count = %d", pages+1))
	list := make([]any, 5000)
	for i := range list {
		list[i] = session(fmt.Sprint("S-", i), 1)
	}
	_, err := s.ImportSessions(t.Context(), "test", from(list...), store.ImportOptions{})
	if !fault.Is(err, fault.Unavailable) || fault.Of(err)[0].Key != "database_full" {
		t.Errorf("%v", err)
	}
	if n := count(t, s, "sessions"); n != 0 {
		t.Errorf("%d sessions are left", n)
	}
}
