package web

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"creditrun/internal/store/storetest"
)

// A backup was restored: an administrator says that nothing was issued after it.
func TestARestoreIsConfirmedOnAPage(t *testing.T) {
	old := newWorld(t)
	var file bytes.Buffer
	_, err := old.store.Backup(t.Context(), &file, "test")
	must(t, err)
	url := "sqlite:" + filepath.Join(t.TempDir(), "restored.db")
	must(t, storetest.Open(t, url, old.clock).Restore(t.Context(), "root", "backup", bytes.NewReader(file.Bytes()), int64(file.Len())))

	w := openWorld(t, url)
	anna := w.as("anna")
	anna.get("/").shows(t, "was restored from the backup", `href="/restore"`)
	if p := w.as("vera").get("/"); strings.Contains(p.body, `href="/restore"`) {
		t.Error("who may not confirm is asked to")
	}
	anna.get("/restore").shows(t, "I confirm that no document was issued", `name="confirm_password"`)
	for _, fields := range [][]string{{"confirm_password", password}, {"agreed", "true"}} {
		anna.post("/restore", fields...)
		if waits, err := w.store.Restored(t.Context()); err != nil || waits == nil {
			t.Errorf("%v confirms it, %v", fields, err)
		}
	}
	anna.post("/restore", "agreed", "true", "confirm_password", password).shows(t, "The restore is confirmed")
	if waits, err := w.store.Restored(t.Context()); err != nil || waits != nil {
		t.Errorf("it still waits, %v", err)
	}
	if p := anna.get("/restore"); p.path != "/" {
		t.Errorf("asked again at %s", p.path)
	}
}
