package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"creditrun/internal/store/storetest"
)

// smallDisk is a folder on a file system of its own with little room; where this
// user may not mount one, a folder whose files may not grow.
type smallDisk struct {
	*world
	path    string
	mounted bool
}

func (w *world) smallDisk(size string) *smallDisk {
	w.Helper()
	d := &smallDisk{world: w, path: filepath.Join(w.dir, "disk")}
	if err := os.Mkdir(d.path, 0o700); err != nil {
		w.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", d.path, "tmpfs", 0, "size="+size); err == nil {
		d.mounted = true
		w.Cleanup(func() {
			if err := syscall.Unmount(d.path, syscall.MNT_DETACH); err != nil {
				w.Error(err)
			}
		})
	}
	return d
}

// fill leaves so many kilobytes free.
func (d *smallDisk) fill(left int) {
	d.Helper()
	if !d.mounted {
		return
	}
	var fs syscall.Statfs_t
	if err := syscall.Statfs(d.path, &fs); err != nil {
		d.Fatal(err)
	}
	room := int(fs.Bavail)*int(fs.Bsize) - left<<10
	if err := os.WriteFile(filepath.Join(d.path, "ballast"), make([]byte, max(0, room)), 0o600); err != nil {
		d.Fatal(err)
	}
}

func (d *smallDisk) free() { _ = os.Remove(filepath.Join(d.path, "ballast")) }

// full runs a command for which there is no room, and checks that it ends with
// one sentence and goes no further.
func (d *smallDisk) full(args ...string) string {
	d.Helper()
	c, out := d.process(args...)
	if !d.mounted { // files may have as many blocks of 512 bytes as the database has now
		c = exec.CommandContext(d.Context(), "/bin/sh", append([]string{"-c", `ulimit -f 300; exec "$@"`, "sh"}, c.Args...)...)
		c.Env, c.Stdout, c.Stderr = append(os.Environ(), childClock+"="+d.now.Format("2006-01-02T15:04:05Z07:00")), out, out
	}
	_ = c.Run()
	sentences := 0
	for line := range strings.Lines(out.String()) {
		if strings.HasPrefix(line, "creditrun: ") {
			sentences++
		}
	}
	if c.ProcessState.ExitCode() != exitFailed || sentences != 1 || strings.Contains(out.String(), "level=") || strings.Contains(out.String(), "Nothing was changed") {
		d.Errorf("creditrun %v ends with %d and %d sentences:\n%s", args, c.ProcessState.ExitCode(), sentences, out)
	}
	return out.String()
}

// Every stage for which there is no room ends in one sentence, and goes on when
// there is.
func TestEveryStageEndsOnAFullDiskAndGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, storetest.SQLite(t)).small()
	disk := w.smallDisk("3m")
	content, err := os.ReadFile(strings.TrimPrefix(w.db, "sqlite:"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(disk.path, "books.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	w.db = "sqlite:" + path
	stages := map[string]bool{}
	for left := 0; left < 1200; left += 130 { // a little more room each time
		disk.fill(left)
		c, out := disk.process("run", "--month", "2026-10")
		if !disk.mounted {
			break
		}
		if err := c.Run(); err == nil {
			break
		}
		disk.free()
		if !strings.Contains(out.String(), "no room left") {
			t.Errorf("with %d kB left it says %s", left, out)
		}
		stages[string(w.stageOf("2026-10"))] = true
	}
	t.Logf("stopped in the stages %v", stages)
	disk.free()
	disk.fill(0)
	if said := disk.full("run", "--month", "2026-11", "--yes"); !strings.Contains(said, "no room left") {
		t.Errorf("it says %q", said)
	}
	disk.free()
	w.do("run", "--month", "2026-10")
	if len(w.notes()) != 2 {
		t.Errorf("%d notes", len(w.notes()))
	}
	out := filepath.Join(disk.path, "documents")
	if err := os.Mkdir(out, 0o700); err != nil {
		t.Fatal(err)
	}
	disk.fill(40)
	if said := disk.full("export", "notes", "--out", out); !strings.Contains(said, "files were written to") {
		t.Errorf("it says %q", said)
	}
	w.mail = "folder:" + filepath.Join(disk.path, "outbox")
	disk.full("deliver")
	disk.free()
	w.do("export", "notes", "--out", out)
	w.do("deliver")
	w.clean()
}
