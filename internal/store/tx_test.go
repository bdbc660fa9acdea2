package store_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"gorm.io/gorm"

	"creditrun/internal/store"
	"creditrun/internal/store/storetest"
)

func TestManyRowsAreWrittenInsideTheTransaction(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		rows := make([][]any, 1234)
		for i := range rows {
			rows[i] = []any{"setting" + time.Duration(i).String(), "v", storetest.Now(), "me"}
		}
		columns := []string{"key", "value", "changed_at", "changed_by"}
		stop := errors.New("stop")
		write := func(end error) error {
			return s.InTx(t.Context(), func(tx *store.TestTx) error {
				n, err := tx.CopyFrom("settings", columns, pgx.CopyFromRows(rows))
				if err != nil || n != 1234 {
					t.Errorf("wrote %d rows: %v", n, err)
				}
				return end
			})
		}
		if err := write(stop); !errors.Is(err, stop) {
			t.Fatal(err)
		}
		if n := count(t, s, "settings"); n != 0 {
			t.Fatalf("%d rows are left of a rolled back transaction", n)
		}
		if err := write(nil); err != nil {
			t.Fatal(err)
		}
		if n := count(t, s, "settings"); n != 1234 {
			t.Fatalf("%d rows", n)
		}
		err := s.InTx(t.Context(), func(tx *store.TestTx) error {
			_, err := tx.CopyFrom("settings", columns, pgx.CopyFromRows(rows[:1]))
			return err
		})
		if !errors.Is(err, gorm.ErrDuplicatedKey) {
			t.Fatalf("a row that is there already: %v", err)
		}
	})
}

func TestIDsAreConsecutive(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		var got []int64
		for _, n := range []int{1, 5, 2} {
			err := open().InTx(t.Context(), func(tx *store.TestTx) error {
				first, err := tx.TakeIDs("thing", n)
				got = append(got, first)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if got[0] != 1 || got[1] != 2 || got[2] != 7 {
			t.Errorf("ids begin at %v", got)
		}
	})
}

func count(t *testing.T, s *store.Store, table string) (n int) {
	t.Helper()
	if err := s.ReadDB().QueryRow("SELECT count(*) FROM " + table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTransactionIsTriedAgainWhenTheDatabaseAsksForIt(t *testing.T) {
	if !storetest.HasPostgres() {
		return // only PostgreSQL has writers that can get in each other's way
	}
	s := storetest.Open(t, storetest.Postgres(t), storetest.Now)
	run(t, s, "INSERT INTO id_counters (name, next) VALUES ('a', 1), ('b', 1)")
	var all sync.WaitGroup
	for _, order := range [][]string{{"a", "b"}, {"b", "a"}} {
		all.Go(func() {
			for range 3 {
				err := s.InTx(t.Context(), func(tx *store.TestTx) error {
					for _, name := range order { // a deadlock in the making
						if _, err := tx.TakeIDs(name, 1); err != nil {
							return err
						}
						if _, err := tx.Exec("SELECT pg_sleep(0.005)"); err != nil {
							return err
						}
					}
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	var next int
	if err := s.ReadDB().QueryRow("SELECT min(next) FROM id_counters WHERE name IN ('a', 'b')").Scan(&next); err != nil || next != 7 {
		t.Errorf("next is %d, %v", next, err)
	}
}

func TestPanicRollsBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		func() {
			defer func() { _ = recover() }()
			_ = s.InTx(t.Context(), func(tx *store.TestTx) error {
				if _, err := tx.TakeIDs("x", 1); err != nil {
					t.Error(err)
				}
				panic("broken")
			})
		}()
		if n := count(t, s, "id_counters"); n != 0 {
			t.Errorf("%d rows are left", n)
		}
	})
}
