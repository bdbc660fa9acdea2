package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"creditrun/internal/store/storetest"
)

// another is the same world with an empty database.
func (w *world) another() *world {
	w.Helper()
	other := *w
	if strings.HasPrefix(w.db, "sqlite:") {
		other.db = "sqlite:" + filepath.Join(w.TempDir(), "restored.db")
	} else {
		other.db = storetest.Postgres(w.TB)
	}
	return &other
}

func shows(t testing.TB, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing in:\n%s", part, text)
		}
	}
}

// The backup is of the evening before the month end. What was issued after it is
// lost with the database, but not the folder with the documents.
func TestNothingIsNumberedTwiceAfterARestore(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.small()
		file, archive := filepath.Join(w.dir, "evening.backup"), filepath.Join(w.dir, "archive")
		shows(t, w.do("backup", file), "0 documents", "audit head")
		w.do("run", "--month", "2026-10", "--out", archive)
		if err := os.WriteFile(filepath.Join(archive, "readme.pdf"), []byte("no document"), 0o600); err != nil {
			t.Fatal(err)
		}

		w = w.another()
		shows(t, w.do("restore", file), "0 documents")
		for _, command := range [][]string{{"run", "--month", "2026-10"}, {"deliver"}} {
			shows(t, w.fails(exitFailed, command...), "restored from the backup", "verify --against")
		}
		shows(t, w.do("readiness", "--month", "2026-10"), "stops", "restored from the backup")

		found := w.try("verify", "--against", archive)
		if found.status != exitFailed {
			t.Errorf("verify ends with %d", found.status)
		}
		shows(t, found.stdout, "GS-2026-00001 is not in the database", "GS-2026-00002 is not in the database", "2 would be given twice")
		shows(t, w.fails(exitFailed, "restore", "--confirm"), "GS-2026-00001", "would be given twice", "--advance")
		w.do("restore", "--advance", "--reason", "issued on 31 October, documents in /mnt/archive")
		shows(t, w.fails(exitFailed, "run", "--month", "2026-10"), "restored from the backup")
		shows(t, w.do("verify", "--against", archive), "2 documents known", "0 would be given twice")

		w.do("run", "--month", "2026-10")
		if notes := w.notes(); len(notes) != 2 || *notes[0].Number == "GS-2026-00001" || *notes[1].Number != "GS-2026-00003" && *notes[0].Number != "GS-2026-00003" {
			t.Errorf("%d notes, the first %s", len(notes), *notes[0].Number)
		}
		w.clean()
		shows(t, w.do("deliver"), "sent 2")
		shows(t, w.fails(exitFailed, "restore", "--confirm"), "No restore waits")
	})
}

// Whether the mails that waited were sent after the backup, only a person knows.
func TestMailsThatWaitedAreNotSentTwiceAfterARestore(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.small()
		file, archive := filepath.Join(w.dir, "a.backup"), filepath.Join(w.dir, "archive")
		w.do("run", "--month", "2026-10", "--out", archive)
		w.do("backup", file)
		w.do("deliver")

		parked := w.another()
		parked.do("restore", file)
		shows(t, parked.fails(exitFailed, "deliver"), "restored from the backup")
		shows(t, parked.fails(exitFailed, "resend", "GS-2026-00001"), "restored from the backup")
		shows(t, parked.fails(exitFailed, "cancel", "GS-2026-00001", "--reason", "wrong"), "restored from the backup")
		shows(t, parked.fails(exitUsage, "restore", "--confirm"), "--mails send", "--mails park")
		shows(t, parked.try("verify", "--against", filepath.Join(w.dir, "outbox")).stdout, "2 documents known") // the mails hold them, too
		parked.do("restore", "--confirm", "--mails", "park")
		shows(t, parked.fails(exitFailed, "deliver"), "2 notes have not reached all their recipients")
		shows(t, parked.try("deliveries", "--open").stdout, "parked", "deliveries settle")
		parked.clean()

		sent := w.another()
		sent.do("restore", file)
		sent.do("restore", "--confirm", "--mails", "send")
		shows(t, sent.do("deliver"), "sent 2")
		sent.clean()
	})
}

func TestAnArchiveThatIsNotCompleteConfirmsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, storetest.SQLite(t)).small()
	file, archive := filepath.Join(w.dir, "a.backup"), filepath.Join(w.dir, "archive")
	w.do("run", "--month", "2026-10", "--out", archive)
	w.do("backup", file)
	w = w.another()
	w.do("restore", file)
	shows(t, w.try("verify", "--against", w.TempDir()).stdout, "holds no document", "lacks GS-2026-00002")
	changed := filepath.Join(archive, "GS-2026-00001.csv")
	if err := os.WriteFile(changed, []byte("other"), 0o600); err != nil {
		t.Fatal(err)
	}
	shows(t, w.try("verify", "--against", archive).stdout, changed+" bears a number")
	shows(t, w.fails(exitFailed, "run", "--month", "2026-11"), "restored from the backup")
	// Zipped it is the same archive.
	if err := os.RemoveAll(archive); err != nil {
		t.Fatal(err)
	}
	folder := w.TempDir()
	w.do("export", "notes", "--format", "zip", "--out", filepath.Join(folder, "all.zip"))
	shows(t, w.do("verify", "--against", folder), "2 documents known")
}

// An archive as old as the backup agrees with it, whatever was issued after it.
func TestAnArchiveAsOldAsTheBackupConfirmsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, storetest.SQLite(t)).small()
	file, archive := filepath.Join(w.dir, "a.backup"), filepath.Join(w.dir, "archive")
	w.do("run", "--month", "2026-10", "--out", archive)
	w.do("deliver")
	w.do("backup", file)
	w.do("cancel", "GS-2026-00001", "--reason", "wrong") // its document is not in the archive
	w = w.another()
	w.do("restore", file)
	found := w.try("verify", "--against", archive)
	if found.status != exitDone {
		t.Errorf("verify ends with %d", found.status)
	}
	shows(t, found.stdout, "2 documents known", "0 would be given twice")
	shows(t, found.stderr, "The newest document in the archive is GS-2026-00002, issued on 2026-", "no document issued after the backup", "restore --confirm")
	if strings.Contains(found.stderr, "Confirmed") {
		t.Errorf("an old archive confirms:\n%s", found.stderr)
	}
	for _, command := range [][]string{{"run", "--month", "2026-11"}, {"deliver"}, {"cancel", "GS-2026-00001", "--reason", "wrong"}} {
		shows(t, w.fails(exitFailed, command...), "restored from the backup")
	}
	w.do("restore", "--confirm")
	w.do("cancel", "GS-2026-00001", "--reason", "wrong")
}

// A backup leaves out the queue. Documents that were being made when it was taken
// are made by the restore, which is not confirmed yet.
func TestDocumentsThatWereBeingMadeAreMadeByTheRestore(t *testing.T) {
	t.Parallel()
	w := newWorld(t, storetest.SQLite(t)).small()
	file, archive := filepath.Join(w.dir, "a.backup"), filepath.Join(w.dir, "archive")
	w.inDatabase("CREATE TRIGGER no_files BEFORE INSERT ON files BEGIN SELECT RAISE(ABORT, 'not now'); END")
	w.try("run", "--month", "2026-10")
	w.inDatabase("DROP TRIGGER no_files")
	w.do("backup", file)
	w.do("run", "--month", "2026-10", "--out", archive) // goes on
	w = w.another()
	w.now = w.now.AddDate(0, 0, 3)
	shows(t, w.do("restore", file), "2 documents")
	w.clean()
	shows(t, w.fails(exitFailed, "deliver"), "restored from the backup")
	shows(t, w.do("verify", "--against", archive), "2 documents known") // the same files, made again
	w.do("restore", "--confirm", "--mails", "send")
	shows(t, w.do("deliver"), "sent 2")
}

func TestABackupIsRestoredWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.small()
		w.do("run", "--month", "2026-10")
		file := filepath.Join(w.dir, "a.backup")
		w.do("backup", file)
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		shows(t, w.fails(exitFailed, "restore", file), "not empty")
		empty := w.another()
		for name, text := range map[string]string{
			"cut.backup":     string(content[:len(content)-100]),
			"changed.backup": strings.Replace(string(content), "\"documents\":2", "\"documents\":3", 1),
		} {
			shows(t, empty.fails(exitFailed, "restore", w.file(name, text)), "its checksum does not fit", "Nothing was changed")
		}
		shows(t, empty.fails(exitFailed, "restore", "testdata/network.yaml"), "not a backup of creditrun")
		if path, ok := strings.CutPrefix(empty.db, "sqlite:"); ok {
			if _, err := os.Stat(path); err == nil {
				t.Error("a restore that was refused left a database")
			}
		}
		empty.do("restore", file)
		// The same rows, read again.
		again := filepath.Join(w.dir, "b.backup")
		empty.do("backup", again)
		w.do("backup", file) // the same bytes
		w.do("settings", "set", "community_discount_percent", "11")
		shows(t, w.fails(exitFailed, "backup", file), "exists already with other content", "--force")
		w.do("backup", file, "--force")
	})
}
