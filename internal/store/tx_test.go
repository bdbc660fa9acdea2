package store_test

import (
	"errors"
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
