package main

import (
	"os"
	"path/filepath"
	"testing"

	"creditrun/internal/store/storetest"
)

// What a person has worked on is not overwritten by a command that writes a file
// of the same name.
func TestNoCommandOverwritesADifferentFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t, storetest.SQLite(t)).small()
	w.do("run", "--month", "2026-10")
	const mine = "what a person wrote"
	for _, command := range [][]string{
		{"export", "network", "--out"},
		{"export", "notes", "--format", "csv", "--out"},
		{"export", "notes", "--format", "zip", "--out"},
		{"notes", "show", "GS-2026-00001", "--pdf"},
		{"backup"},
	} {
		path := w.file("out", mine)
		shows(t, w.fails(exitFailed, append(command, path)...), path+" exists already with other content", "--force")
		if content, err := os.ReadFile(path); err != nil || string(content) != mine {
			t.Errorf("%v: overwritten, %v", command, err)
		}
		w.do(append(command, path, "--force")...)
		if content, err := os.ReadFile(path); err != nil || string(content) == mine {
			t.Errorf("%v --force: not overwritten, %v", command, err)
		}
		w.do(append(command, path)...) // the same bytes
	}

	folder := filepath.Join(w.dir, "live")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	database := filepath.Join(folder, "creditrun.db")
	if err := os.WriteFile(database, []byte(mine), 0o600); err != nil {
		t.Fatal(err)
	}
	shows(t, w.fails(exitFailed, "demo", "--out", folder), database)
	if content, err := os.ReadFile(database); err != nil || string(content) != mine {
		t.Errorf("the demo removed a database, %v", err)
	}
}
