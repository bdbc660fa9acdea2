package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A mistyped name of a database is said, and no empty database is proven clean.
func TestAMistypedDatabaseIsNotMade(t *testing.T) {
	path := filepath.Join(t.TempDir(), "credtirun.db")
	w := newWorld(t, "sqlite:"+path)
	for _, command := range [][]string{
		{"verify"}, {"notes"}, {"runs"}, {"sessions"}, {"accounts"}, {"payouts"}, {"control"}, {"settings"}, {"readiness"},
		{"preview", "--month", "2026-10"}, {"run", "--month", "2026-10", "--yes"}, {"export", "network"}, {"backup", filepath.Join(t.TempDir(), "b")},
	} {
		if said := w.fails(1, command...); !strings.Contains(said, "credtirun.db") || !strings.Contains(said, "--db") {
			t.Errorf("%s says %q", command[0], said)
		}
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Fatalf("%s makes a database: %v", command[0], err)
		}
	}
	w.do("migrate")
	w.do("verify")
}
