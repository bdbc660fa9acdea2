package store_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/creditnotes/creditnotestest"
	"creditrun/internal/fault"
	"creditrun/internal/store"
	"creditrun/internal/store/storetest"
)

// migrationNumbers lists the numbers of the migrations of a dialect, ascending.
func migrationNumbers(t *testing.T, dialect string) (numbers []int64) {
	t.Helper()
	files, err := filepath.Glob("migrations/" + dialect + "/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, file := range files {
		numbers = append(numbers, numberOf(t, file))
	}
	return numbers
}

func numberOf(t *testing.T, file string) int64 {
	t.Helper()
	text, _, _ := strings.Cut(path.Base(file), "_")
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A database of an older version has what was released applied already: a
// migration that is changed or put in between would never reach it. With each
// release the test is run with -update, which adds the new ones to the list.
func TestReleasedMigrationsStayAsTheyAre(t *testing.T) {
	const list = "migrations/released.txt"
	content, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	released, never, highest := map[string]string{}, []string{}, int64(0)
	for lines := bufio.NewScanner(bytes.NewReader(content)); lines.Scan(); {
		name, sum, _ := strings.Cut(lines.Text(), " ")
		switch name {
		case "#":
		case "never":
			never = strings.Fields(sum)
		default:
			released[name] = sum
			highest = max(highest, numberOf(t, name))
		}
	}
	files, err := filepath.Glob("migrations/*/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	var added []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name, sum, number := strings.TrimPrefix(filepath.ToSlash(file), "migrations/"), fmt.Sprintf("%x", sha256.Sum256(text)), numberOf(t, file)
		switch {
		case slices.Contains(never, strconv.FormatInt(number, 10)):
			t.Errorf("%s has a number that was left out for good", name)
		case released[name] == "" && number <= highest:
			t.Errorf("%s is new and has a lower number than %d, which is released", name, highest)
		case released[name] == "":
			added = append(added, name+" "+sum)
		case released[name] != sum:
			t.Errorf("%s is released and was changed", name)
		}
		delete(released, name)
	}
	for name := range released {
		t.Errorf("%s is released and is gone", name)
	}
	if len(never) == 0 || highest < 23 {
		t.Errorf("the list of released migrations is not whole: %v, %d", never, highest)
	}
	if *update && !t.Failed() {
		slices.Sort(added)
		if err := os.WriteFile(list, append(content, strings.Join(append(added, ""), "\n")...), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestADatabaseOfANewerVersionIsRefused(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		s := storetest.Open(t, url, storetest.Now)
		run(t, s, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, true)")
		_, err := s.SchemaIsCurrent(t.Context())
		says(t, err, "schema_newer")
		says(t, s.Migrate(t.Context()), "schema_newer")
	})
}

// earlier drafts notes as earlier versions did: their positions have no prices.
type earlier struct{ creditnotestest.Store }

func (s earlier) WriteDraft(ctx context.Context, run *creditnotes.Run, fn func(creditnotes.DraftWriter) error) error {
	return s.Store.WriteDraft(ctx, run, func(w creditnotes.DraftWriter) error { return fn(earlierDrafts{w}) })
}

type earlierDrafts struct{ creditnotes.DraftWriter }

func (w earlierDrafts) SaveDrafts(notes []*creditnotes.Note) error {
	for _, n := range notes {
		n.Document.UnitPrices = false
		for i := range n.Positions {
			n.Positions[i].CreditedAgain, n.Positions[i].Prices = "", nil
		}
	}
	return w.DraftWriter.SaveDrafts(notes)
}

// grown is a database with documents, a cancellation and sessions of each kind.
func grown(t *testing.T) *world {
	w := newWorld(t, storetest.SQLite(t))
	w.Runner = w.NewRunner(earlier{w.Store})
	w.Charged(workedExample()...)
	w.Month("2026-10")
	w.Cancel("GS-2026-00001")
	w.Now = w.Now.Add(24 * time.Hour)
	w.Backdated("2026-10")
	return w
}

// Every version of the schema was in use somewhere, with data in it.
func TestEveryVersionIsBroughtUpToDateWithItsData(t *testing.T) {
	t.Parallel()
	w, young := grown(t), newWorld(t, storetest.SQLite(t)) // documents are there from the third version on
	young.Charged(workedExample()...)
	want, err := w.s.Notes(t.Context(), creditnotes.NoteFilter{})
	if err != nil || len(want) < 3 {
		t.Fatalf("%d notes, %v", len(want), err)
	}
	upgrade := func(t *testing.T, url string, version int64) {
		w, want := w, want
		if version < 3 {
			w, want = young, nil
		}
		s := storetest.Open(t, url, w.Clock)
		if err := s.MigrateTo(t.Context(), version); err != nil {
			t.Fatal(err)
		}
		if current, err := s.SchemaIsCurrent(t.Context()); err != nil || current {
			t.Errorf("schema %d is taken for the newest: %v", version, err)
		}
		var without []string
		if version < 26 { // then recipients had rows once they were decided
			without = append(without, "delivery_recipients")
		}
		if err := s.LoadFrom(t.Context(), w.s, without...); err != nil {
			t.Fatal(err)
		}
		if version >= 7 && version < 23 {
			run(t, s, `INSERT INTO bank_changes (id, entity_key, holder, iban, bic, asked_at, asked_by, state, decided_at, decided_by)
				VALUES (1, 'a', 'A', 'DE02120300000000202051', '', '2026-10-31 19:00:00+00:00', 'anna', 'waiting', NULL, '')`)
		}
		if err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		older := w.in(t, s)
		if version < 40 { // the audit log names reports of a later version
			older.Ignored = append(slices.Clone(older.Ignored), "verify_report_gone")
		}
		older.Proven()
		got, err := s.Notes(t.Context(), creditnotes.NoteFilter{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(want, got); diff != "" && len(want)+len(got) > 0 {
			t.Errorf("the notes have changed:\n%s", diff)
		}
		if version == 2 { // sessions that wait are credited by the new version
			older.Month("2026-10")
			older.Proven()
		}
		if _, err := s.Configuration(t.Context()); err != nil {
			t.Error(err)
		}
	}
	numbers := migrationNumbers(t, "sqlite")
	if !slices.Equal(numbers, migrationNumbers(t, "postgres")) {
		t.Fatal("the two databases have different migrations")
	}
	for _, version := range numbers[:len(numbers)-1] {
		t.Run(fmt.Sprint("sqlite/", version), func(t *testing.T) {
			t.Parallel()
			upgrade(t, "sqlite:"+filepath.Join(t.TempDir(), "old.db"), version)
		})
		// PostgreSQL takes seconds for each: the latest versions, and some before.
		if storetest.HasPostgres() && (version > numbers[len(numbers)-1]-8 || version%4 == 2) {
			t.Run(fmt.Sprint("postgres/", version), func(t *testing.T) {
				t.Parallel()
				upgrade(t, storetest.EmptyPostgres(t), version)
			})
		}
	}
}

// A backup is restored by a later version: into a database without tables.
func TestARestoreSaysWhichSchemaItNeeds(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		var file bytes.Buffer
		if _, err := w.s.Backup(t.Context(), &file, "test"); err != nil {
			t.Fatal(err)
		}
		newer := bytes.Replace(file.Bytes(), []byte(`"schema":`), []byte(`"schema":9`), 1)
		s := storetest.Open(t, "sqlite:"+filepath.Join(t.TempDir(), "a.db"), w.Clock)
		says(t, s.Restore(t.Context(), "anna", "a", bytes.NewReader(newer), int64(len(newer))), "backup_newer")
		// The other database takes it, too.
		if w.s.IsSQLite() && storetest.HasPostgres() {
			s = storetest.Open(t, storetest.Postgres(t), w.Clock)
		}
		if err := s.Restore(t.Context(), "anna", "a", bytes.NewReader(file.Bytes()), int64(file.Len())); err != nil {
			t.Fatal(err)
		}
		if _, err := store.CheckBackup("a", bytes.NewReader(newer), int64(len(newer))); !fault.Is(err, fault.Invalid) {
			t.Errorf("%v", err)
		}
	})
}
