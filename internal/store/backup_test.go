package store_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/store"
	"creditrun/internal/store/storetest"
)

// A month is run and cancelled while one backup after the other is made. Each is
// the books as they were at one moment.
func TestABackupIsOneMomentOfABusyDatabase(t *testing.T) {
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		w.Charged(workedExample()...)
		other := storetest.Open(t, url, storetest.Now) // the clock of the world is turned meanwhile
		over := make(chan bool)
		var backups [][]byte
		go func() {
			defer close(over)
			w.Month("2026-10")
			w.Cancel("GS-2026-00001")
			w.Backdated("2026-10")
		}()
		for done := false; !done; {
			select {
			case <-over:
				done = true
			default:
			}
			var file bytes.Buffer
			if _, err := other.Backup(t.Context(), &file, "test"); err != nil {
				t.Fatal(err)
			}
			backups = append(backups, file.Bytes())
		}
		step := max(1, len(backups)/5)
		for i := len(backups) - 1; i >= 0; i -= step {
			restored := w.in(t, storetest.Open(t, storetest.SQLite(t), w.Clock))
			content := backups[i]
			if _, err := store.CheckBackup("a", bytes.NewReader(content), int64(len(content))); err != nil {
				t.Fatal(err)
			}
			if err := restored.s.Restore(t.Context(), "anna", "a", bytes.NewReader(content), int64(len(content))); err != nil {
				t.Fatal(fmt.Errorf("backup %d of %d: %w", i, len(backups), err))
			}
			restored.Proven()
		}
	})
}

// The queue is not in a backup: what was to be made is queued again by a restore,
// however long ago it was issued.
func TestARestoreQueuesTheDocumentsThatWereBeingMade(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Charged(charge("S-a", "ST-1", "2026-10-03 10:00", "10"))
		if _, err := w.Runner.Run(t.Context(), byAnna("2026-10")); err != nil {
			t.Fatal(err)
		}
		var file bytes.Buffer
		if _, err := w.s.Backup(t.Context(), &file, "test"); err != nil {
			t.Fatal(err)
		}
		w.Now = w.Now.AddDate(0, 0, 3)
		restored := storetest.Open(t, storetest.SQLite(t), w.Clock)
		if err := restored.Restore(t.Context(), "anna", "a", bytes.NewReader(file.Bytes()), int64(file.Len())); err != nil {
			t.Fatal(err)
		}
		v, err := creditnotes.Verify(t.Context(), restored, creditnotes.AuditHead{})
		if err != nil || !v.Clean() || len(v.Rendering) != 1 {
			t.Errorf("after the restore: %v, %v, %v", v.Problems, v.Rendering, err)
		}
	})
}

// What banks answered refers to files that are written later, which is checked at the
// end only.
func TestWhatBanksAnsweredIsRestored(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.exported()
		both := booking{"-22.50", "B-1", "2027-01-04", "", []string{detail("PO-00000001", "15.00", "", ""), detail("PO-00000002", "7.50", "", "")}}.String()
		same(t, w.answered(camt("camt.054", ownAccount, both)), "2 executed")
		var file bytes.Buffer
		if _, err := w.s.Backup(t.Context(), &file, "test"); err != nil {
			t.Fatal(err)
		}
		url := storetest.SQLite(t)
		if strings.HasPrefix(w.url, "postgres") {
			url = storetest.Postgres(t)
		}
		restored := w.in(t, storetest.Open(t, url, w.Clock))
		if err := restored.s.Restore(t.Context(), "anna", "a", bytes.NewReader(file.Bytes()), int64(file.Len())); err != nil {
			t.Fatal(err)
		}
		same(t, restored.paid(), "a executed 2027-01-04, b executed 2027-01-04")
		restored.Proven()
	})
}
