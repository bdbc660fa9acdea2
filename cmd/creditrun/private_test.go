package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// Documents, mails and exports hold personal data and bank accounts.
func TestWhatCommandsWriteIsForOneUserAlone(t *testing.T) {
	folder := t.TempDir() // is there already, and stays as it is
	if err := os.Chmod(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	eachWorld(t, func(t *testing.T, w *world) {
		root := filepath.Join(folder, filepath.Base(t.Name()))
		if err := os.Mkdir(root, 0o755); err != nil {
			t.Fatal(err)
		}
		w.mail = "folder:" + filepath.Join(root, "mails")
		w.small()
		bad := w.file("bad.csv", "id,evse_id,start,end,energy_kwh\nx,DE*1,when,then,1\n")
		w.do("import", "--keep-going", bad)
		if info, err := os.Stat(bad + ".rejected"); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("rejected records: %v, %v", info, err)
		}
		w.do("run", "--month", "2026-10", "--out", filepath.Join(root, "documents"))
		w.do("deliver")
		w.do("export", "notes", "--format", "zip", "--out", filepath.Join(root, "notes.zip"))
		w.do("export", "network", "--out", filepath.Join(root, "network.yaml"))
		seen := map[string]int{}
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || path == root {
				return err
			}
			info, err := entry.Info()
			if err != nil {
				return err
			}
			want := fs.FileMode(0o600)
			if entry.IsDir() {
				want = 0o700
			}
			if info.Mode().Perm() != want {
				t.Errorf("%s: %s", path, info.Mode())
			}
			seen[filepath.Ext(path)]++
			return nil
		})
		if err != nil || seen[".pdf"] == 0 || seen[".eml"] == 0 || seen[".zip"] == 0 || seen[".yaml"] == 0 {
			t.Errorf("%v, %v", seen, err)
		}
		if info, err := os.Stat(root); err != nil || info.Mode().Perm() != 0o755 {
			t.Errorf("the folder of before: %v, %v", info.Mode(), err)
		}
	})
}
