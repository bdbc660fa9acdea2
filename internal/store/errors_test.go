package store_test

import (
	"testing"

	"creditrun/internal/fault"
	"creditrun/internal/store"
	"creditrun/internal/store/storetest"
)

// A zero byte, which PostgreSQL takes in no text, is a mistake of who sends it: SQLite
// knows no such run, PostgreSQL says that the text is not readable.
func TestATextWithAZeroByteIsAMistakeOfItsSender(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		if _, err := open().RunByName(t.Context(), "2026-11\x00"); !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Invalid) {
			t.Errorf("it is no fault of the sender: %v", err)
		}
	})
}
