package mailer

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func files(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func openFolder(t *testing.T, dir string) Transport {
	t.Helper()
	tr, err := Open("folder:" + dir)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func TestAFolderKeepsEveryMailOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "outbox")
	tr := openFolder(t, dir)
	m := aMessage(t)
	copied := *m
	copied.Copy = 1
	odd := *m
	odd.Number = "GS/2026.1"
	for _, m := range []*Message{m, m, &copied, &odd} {
		if _, err := tr.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"GS-2026-00001.copy1.eml", "GS-2026-00001.eml", emlName(&odd)}
	if diff := cmp.Diff(want, files(t, dir)); diff != "" {
		t.Error(diff)
	}
	content, err := os.ReadFile(filepath.Join(dir, "GS-2026-00001.eml"))
	if err != nil || !bytes.Equal(content, m.Content) {
		t.Errorf("the file has other bytes than the mail: %v", err)
	}
	if !tr.Repeatable() || tr.Close() != nil {
		t.Error("a folder can be written again and needs no closing")
	}
}

func TestNumbersThatLookAlikeGetFilesOfTheirOwn(t *testing.T) {
	seen := map[string]string{}
	for _, number := range []string{"GS-1", "GS/1", "GS.1", "GS 1", "GS_1", "GS:1", "..", "", "GS-1.copy1"} {
		name := emlName(&Message{Number: number})
		if other, taken := seen[name]; taken {
			t.Errorf("%q and %q are both %s", number, other, name)
		}
		seen[name] = number
	}
}

func TestAnUnwritableFolderIsTriedAgainAndHoldsNoHalfFile(t *testing.T) {
	t.Run("it cannot be made", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := openFolder(t, filepath.Join(file, "outbox")).Send(t.Context(), aMessage(t))
		if OutcomeOf(err) != OutcomeOutage || !hasFault(err, "folder_unwritable") {
			t.Errorf("%v", err)
		}
	})
	for name, broken := range map[string]fullDisk{
		"the disk is full while writing": {onWrite: syscall.ENOSPC},
		"the disk is full at the end":    {onSync: syscall.ENOSPC},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			f := &folder{path: dir, create: func(dir, pattern string) (tempFile, error) {
				file, err := os.CreateTemp(dir, pattern)
				broken.File = file
				return broken, err
			}}
			_, err := f.Send(t.Context(), aMessage(t))
			if OutcomeOf(err) != OutcomeOutage || !hasFault(err, "folder_unwritable") || !errors.Is(err, syscall.ENOSPC) {
				t.Errorf("%v", err)
			}
			if left := files(t, dir); len(left) != 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// fullDisk is a file that takes half of what it is given.
type fullDisk struct {
	*os.File
	onWrite, onSync error
}

func (f fullDisk) Write(p []byte) (int, error) {
	if f.onWrite == nil {
		return f.File.Write(p)
	}
	n, _ := f.File.Write(p[:len(p)/2])
	return n, f.onWrite
}

func (f fullDisk) Sync() error { return f.onSync }

func TestWhatADeadProcessLeftBehindIsSwept(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{".GS-2026-00001.eml.123.tmp", ".GS-2026-00002.eml.123.tmp"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := openFolder(t, dir).Send(t.Context(), aMessage(t)); err != nil {
		t.Fatal(err)
	}
	want := []string{".GS-2026-00002.eml.123.tmp", "GS-2026-00001.eml"}
	if diff := cmp.Diff(want, files(t, dir)); diff != "" {
		t.Error(diff)
	}
}

func TestTwoProcessesMayWriteTheSameMail(t *testing.T) {
	dir, m := t.TempDir(), aMessage(t)
	var writers sync.WaitGroup
	for range 8 {
		writers.Go(func() {
			for range 10 {
				if _, err := openFolder(t, dir).Send(t.Context(), m); OutcomeOf(err) == OutcomeRefused {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	if diff := cmp.Diff([]string{"GS-2026-00001.eml"}, files(t, dir)); diff != "" {
		t.Error(diff)
	}
}

func TestACancelledMailIsNotWritten(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := t.TempDir()
	if _, err := openFolder(t, dir).Send(ctx, aMessage(t)); OutcomeOf(err) != OutcomeRetry || len(files(t, dir)) != 0 {
		t.Errorf("%v", err)
	}
}
