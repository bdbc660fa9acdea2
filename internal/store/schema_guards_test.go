package store_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"creditrun/internal/store"
	"creditrun/internal/store/storetest"
)

// TestGuardsAreThoseOfTheMigrations keeps the lists that verify compares with
// up to date: a migration that adds a guard runs this test with -update, on
// both databases.
func TestGuardsAreThoseOfTheMigrations(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		guards, err := s.GuardsThere(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, name := range slices.Sorted(maps.Keys(guards)) {
			fmt.Fprintf(&b, "%s\t%s\n", name, guards[name])
		}
		name := "postgres.txt"
		if s.IsSQLite() {
			name = "sqlite.txt"
		}
		path := filepath.Join("guards", name)
		if *update {
			if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if string(want) != b.String() {
			t.Errorf("%s is not what the migrations create; run this test with -update on both databases", path)
		}
		if len(guards) < 40 {
			t.Errorf("only %d guards", len(guards))
		}
	})
}
