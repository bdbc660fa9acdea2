package store_test

import (
	"testing"
	"time"

	"creditrun/internal/fault"
	"creditrun/internal/store"
	"creditrun/internal/store/storetest"
)

func TestTimesThatGORMWritesAreInMicroseconds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		logins := open().WebSessions()
		if err := logins.CommitCtx(t.Context(), "token", []byte("data"), storetest.Now().Add(900*time.Nanosecond)); err != nil {
			t.Fatal(err)
		}
		if _, found, err := logins.FindCtx(t.Context(), "token"); found || err != nil {
			t.Errorf("a login that ends in this microsecond is found: %v, %v", found, err)
		}
	})
}

func TestMissingColumnOfAModelIsAnOldSchema(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		if _, err := s.WriteDB().ExecContext(t.Context(), "ALTER TABLE webhooks DROP COLUMN description"); err != nil {
			t.Fatal(err)
		}
		_, err := s.Webhooks(t.Context())
		if f := fault.Of(err); len(f) != 1 || f[0].Key != "schema_old" {
			t.Errorf("a column is missing: %v", err)
		}
	})
}
