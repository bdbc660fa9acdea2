package store_test

import (
	"fmt"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/creditnotes/creditnotestest"
	"creditrun/creditnotes/memory"
	"creditrun/internal/store/storetest"
)

// All stories are told on SQLite, the main ones on PostgreSQL, where each takes
// a second.
func TestStories(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { creditnotestest.Stories(t, openSQLite) })
	if storetest.HasPostgres() {
		t.Run("postgres", func(t *testing.T) { creditnotestest.MainStories(t, openPostgres) })
	}
}

func TestContract(t *testing.T) { eachOpen(t, creditnotestest.Contract) }

// A history goes in a database as it goes in memory.
func TestWhatIsOwedIsPaidWhateverHappens(t *testing.T) {
	eachOpen(t, func(t *testing.T, open creditnotestest.Open) {
		for seed := range uint64(2) {
			t.Run(fmt.Sprint("history ", seed), func(t *testing.T) {
				t.Parallel()
				inMemory := func(_ *testing.T, now func() time.Time) func() creditnotestest.Store {
					s := memory.New(now)
					return func() creditnotestest.Store { return s.Another() }
				}
				want, got := creditnotestest.History(t, inMemory, seed), creditnotestest.History(t, open, seed)
				if diff := gocmp.Diff(want, got); diff != "" {
					t.Errorf("- in memory + in the database\n%s", diff)
				}
			})
		}
	})
}
