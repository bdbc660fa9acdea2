package store_test

import (
	"cmp"
	"context"
	"iter"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/creditnotes/creditnotestest"
	"creditrun/internal/fault"
	"creditrun/internal/sessions"
	"creditrun/internal/store"
	"creditrun/internal/store/storetest"
)

// The words of the stories.
var (
	byAnna        = creditnotestest.ByAnna
	charge        = creditnotestest.Charge
	entityIn      = creditnotestest.EntityIn
	evening       = creditnotestest.Evening
	invalid       = creditnotestest.Invalid
	rate          = creditnotestest.Rate
	reversed      = creditnotestest.Reversed
	same          = creditnotestest.Same
	says          = creditnotestest.Says
	station       = creditnotestest.Station
	story         = creditnotestest.Story
	subCPO        = creditnotestest.SubCPO
	workedExample = creditnotestest.WorkedExample
)

type paper = creditnotestest.Paper

// world is a world in a database.
type world struct {
	*creditnotestest.World
	s   *store.Store
	url string

	notices int64 // that noticesUntilNow has listed
}

// inEach tells a story on both databases. Where the clock is not turned it is
// the evening of 2026-10-31, when October is run.
func inEach(t *testing.T, tell func(t *testing.T, w *world), changes ...func(c *creditnotes.Configuration)) {
	t.Helper()
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, url string) { tell(t, newWorld(t, url, changes...)) })
}

func newWorld(t *testing.T, url string, changes ...func(c *creditnotes.Configuration)) *world {
	t.Helper()
	w := &world{World: creditnotestest.NewWorld(t, openURL(url), changes...), url: url}
	w.s = w.Store.(tested).Store
	return w
}

// in is the world as another database has it.
func (w *world) in(t *testing.T, s *store.Store) *world {
	there := *w.World
	there.T, there.Store = t, tested{s}
	there.Runner = there.NewRunner(there.Store)
	return &world{World: &there, s: s}
}

// openURL opens the database of a URL.
func openURL(url string) creditnotestest.Open {
	return func(t *testing.T, now func() time.Time) func() creditnotestest.Store {
		return func() creditnotestest.Store { return tested{storetest.Open(t, url, now)} }
	}
}

// openSQLite opens an empty database in a file.
func openSQLite(t *testing.T, now func() time.Time) func() creditnotestest.Store {
	return openURL(storetest.SQLite(t))(t, now)
}

// openPostgres opens an empty database on the server for tests.
func openPostgres(t *testing.T, now func() time.Time) func() creditnotestest.Store {
	return openURL(storetest.Postgres(t))(t, now)
}

// eachOpen runs a test of any store on both databases.
func eachOpen(t *testing.T, test func(t *testing.T, open creditnotestest.Open)) {
	t.Run("sqlite", func(t *testing.T) { test(t, openSQLite) })
	if storetest.HasPostgres() {
		t.Run("postgres", func(t *testing.T) { test(t, openPostgres) })
	}
}

// tested is a store as creditnotestest wants it.
type tested struct{ *store.Store }

func (s tested) SaveConfiguration(ctx context.Context, who string, c *creditnotes.Configuration) error {
	_, err := s.Store.SaveConfiguration(ctx, who, c, nil)
	return err
}

func (s tested) SetSettings(ctx context.Context, who string, list []creditnotes.Setting) error {
	_, err := s.Store.SetSettings(ctx, who, list)
	return err
}

func (s tested) TakeSessions(ctx context.Context, list []sessions.Session, asCorrection bool) error {
	anything := make([]any, len(list))
	for i := range list {
		anything[i] = list[i]
	}
	_, err := s.ImportSessions(ctx, "test", from(anything...), store.ImportOptions{AsCorrection: asCorrection})
	return err
}

// table is a file of records.
func table[T any](list []T) iter.Seq2[creditnotes.FromFile[T], error] {
	return func(yield func(creditnotes.FromFile[T], error) bool) {
		for i, one := range list {
			if !yield(creditnotes.FromFile[T]{Value: one, Line: i + 2}, nil) {
				return
			}
		}
	}
}

func (s tested) TakeCollections(ctx context.Context, list []sessions.Collection) error {
	_, err := s.ImportCollections(ctx, "test", table(list), store.ImportOptions{})
	return err
}

func (s tested) TakeTopUps(ctx context.Context, list []creditnotes.TopUp) error {
	_, err := s.ImportTopUps(ctx, "test", table(list), store.ImportOptions{})
	return err
}

func (s tested) TakeRecords(ctx context.Context, list []creditnotes.CustomRecord) error {
	_, err := s.ImportRecords(ctx, "test", table(list), store.ImportOptions{})
	return err
}

func (s tested) InvalidateSessions(ctx context.Context, who string, ids []int64, reason string) (int, map[int64]*fault.Fault, error) {
	return s.Store.InvalidateSessions(ctx, who, ids, reason)
}

func (s tested) WithdrawObjection(ctx context.Context, who, number, answer string) error {
	return s.Store.WithdrawObjection(ctx, who, number, answer)
}

func (s tested) StoredFiles(ctx context.Context, noteID int64) ([]creditnotes.File, error) {
	return s.Files(ctx, noteID)
}

func (s tested) Mailings(ctx context.Context, noteID int64) ([]creditnotes.Delivery, error) {
	return s.Deliveries(ctx, noteID)
}

func (s tested) CurrentSessions(ctx context.Context) (list []sessions.Session, err error) {
	for row, err := range s.EachSession(ctx, creditnotes.SessionFilter{}) {
		if err != nil {
			return nil, err
		}
		list = append(list, row.Session)
	}
	return list, nil
}

func (s tested) Withdrawn(ctx context.Context, noteID int64) (bool, error) {
	var n int
	err := s.ReadDB().QueryRowContext(ctx, "SELECT count(*) FROM withdrawn_notes WHERE note_id = $1", noteID).Scan(&n)
	return n > 0, err
}

func (s tested) Count(ctx context.Context, table string) (n int, err error) {
	from := map[string]string{"notes": "credit_notes", "live lines": "lines WHERE live", "number counters": "number_counters", "audit entries": "audit"}
	return n, s.ReadDB().QueryRowContext(ctx, "SELECT count(*) FROM "+cmp.Or(from[table], table)).Scan(&n)
}

// sql changes the database behind everyone's back.
func (w *world) sql(statement string, args ...any) (int64, error) {
	result, err := w.s.WriteDB().ExecContext(w.T.Context(), statement, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (w *world) rows(table string) int {
	w.T.Helper()
	return count(w.T, w.s, table)
}

// unlock takes the triggers away that keep what is issued as it is.
func (w *world) unlock() {
	w.T.Helper()
	w.Ignored = append(w.Ignored, "verify_guard")
	query := "SELECT 'DROP TRIGGER ' || name FROM sqlite_master WHERE type = 'trigger'"
	if !w.s.IsSQLite() {
		query = `SELECT DISTINCT 'ALTER TABLE ' || c.relname || ' DISABLE TRIGGER USER' FROM pg_trigger t
			JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal AND c.relname NOT LIKE 'river%'`
	}
	rows, err := w.s.ReadDB().QueryContext(w.T.Context(), query)
	if err != nil {
		w.T.Fatal(err)
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var statement string
		if err := rows.Scan(&statement); err != nil {
			w.T.Fatal(err)
		}
		list = append(list, statement)
	}
	if err := rows.Err(); err != nil {
		w.T.Fatal(err)
	}
	for _, statement := range list {
		if _, err := w.sql(statement); err != nil {
			w.T.Fatal(err)
		}
	}
}
