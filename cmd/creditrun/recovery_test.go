package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/store/storetest"
)

// inDatabase changes the database as no user can.
func (w *world) inDatabase(statement string) {
	w.Helper()
	driver, source := "pgx", w.db
	if path, ok := strings.CutPrefix(w.db, "sqlite:"); ok {
		driver, source = "sqlite", path
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		w.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(w.Context(), statement); err != nil {
		w.Fatalf("%s: %v", statement, err)
	}
}

// started starts a command as a process; what it says can be read meanwhile.
func (w *world) started(args ...string) (*exec.Cmd, *heard) {
	w.Helper()
	c, _ := w.process(args...)
	said := &heard{}
	c.Stdout, c.Stderr = said, said
	if err := c.Start(); err != nil {
		w.Fatal(err)
	}
	return c, said
}

// importing imports from a pipe that says nothing more: it holds the right to
// write sessions, and on SQLite to write at all.
func (w *world) importing() (c *exec.Cmd, said *heard, pipe io.Closer) {
	w.Helper()
	c, _ = w.process("import", "/dev/stdin")
	said = &heard{}
	c.Stdout, c.Stderr = said, said
	in, err := c.StdinPipe()
	if err != nil {
		w.Fatal(err)
	}
	if err := c.Start(); err != nil {
		w.Fatal(err)
	}
	content, err := os.ReadFile("testdata/sessions.csv")
	if err != nil {
		w.Fatal(err)
	}
	header, rows, _ := strings.Cut(string(content), "\n")
	row, _, _ := strings.Cut(rows, "\n")
	go func() { // more than anything reads at once
		fmt.Fprintln(in, header)
		for i := range 3000 {
			fmt.Fprintln(in, strings.Replace(row, "S-1", "P-"+itoa(i), 1))
		}
	}()
	return c, said, in
}

// holding waits until the import has been in one transaction for 200 ms: the
// ones before it are short, and an import stopped between two of them holds
// nothing.
func (w *world) holding() {
	w.Helper()
	const long = 200 * time.Millisecond
	if path, ok := strings.CutPrefix(w.db, "sqlite:"); ok {
		var record string
		var since time.Time
		until(w, "the import has begun", func() bool {
			content, _ := os.ReadFile(path + "-writer")
			if string(content) != record {
				record, since = string(content), time.Now()
			}
			return strings.Contains(record, "creditrun import") && time.Since(since) > long
		})
		return
	}
	db, err := sql.Open("pgx", w.db)
	if err != nil {
		w.Fatal(err)
	}
	defer db.Close()
	until(w, "the import has begun", func() bool {
		var n int
		_ = db.QueryRowContext(w.Context(), `
			SELECT count(*) FROM pg_stat_activity
			WHERE application_name LIKE 'creditrun import %' AND datname = current_database()
			AND xact_start < clock_timestamp() - $1 * interval '1 ms'`, long.Milliseconds()).Scan(&n)
		return n > 0
	})
}

// A process that hangs while it writes is named by those who wait; when it is
// gone they go on.
func TestWhoHoldsTheDatabaseIsNamed(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.small()
		hung, _, pipe := w.importing()
		defer pipe.Close()
		w.holding()
		if err := hung.Process.Signal(syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		waiting, said := w.started("run", "--month", "2026-10")
		named := regexp.MustCompile(`Waiting for creditrun import .*\b` + itoa(hung.Process.Pid) + `\b.*since 20`)
		until(t, "it says for whom it waits", func() bool { return named.MatchString(said.String()) })
		if err := hung.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = hung.Wait()
		if err := waiting.Wait(); err != nil {
			t.Fatalf("%v: %s", err, said)
		}
		if len(w.notes()) != 2 {
			t.Errorf("%d notes: %s", len(w.notes()), said)
		}
		w.clean()
	})
}

// A run of a process that hangs is taken over when nothing was heard of it for
// two minutes; the process that hung writes nothing more.
func TestAHungRunIsTakenOver(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.perth()
		hung, hungSaid := w.started("run", "--month", "2019-06")
		until(t, "the run has begun", func() bool { return w.stageOf("2019-06") != "" })
		if err := hung.Process.Signal(syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(w.db, "sqlite:") && w.writes(hung) {
			_ = hung.Process.Kill() // no other process can write as long as it holds the file
		} else if began := w.stageOf("2019-06"); began == creditnotes.StageDrafting {
			if r := w.try("run", "--month", "2019-06"); r.status != exitFailed || !strings.Contains(r.stderr, "pid "+itoa(hung.Process.Pid)) {
				t.Errorf("it ends with %d and does not name the process that has the run: %s", r.status, r.stderr)
			}
		}
		// Three minutes later.
		if strings.HasPrefix(w.db, "sqlite:") {
			w.now = w.now.Add(3 * time.Minute)
		} else {
			w.inDatabase("UPDATE processes SET seen_at = seen_at - interval '3 minutes'")
			w.inDatabase("UPDATE runs SET lease_until = lease_until - interval '3 minutes'")
		}
		w.do("run", "--month", "2019-06")
		_ = hung.Process.Signal(syscall.SIGCONT)
		_ = hung.Wait()
		if got := totalsOf(w.notes()); len(got) == 0 || !strings.HasPrefix(goldenText(t, "perth.golden"), got) {
			t.Errorf("not the notes of June, once each:\n%s\n%s", got, hungSaid)
		}
		w.clean()
	})
}

// writes reports whether a process holds the SQLite file.
func (w *world) writes(c *exec.Cmd) bool {
	content, _ := os.ReadFile(strings.TrimPrefix(w.db, "sqlite:") + "-writer")
	return strings.Contains(string(content), `"PID":`+itoa(c.Process.Pid)+",")
}

// Mails that a process had taken when it was killed are sent by one that serves.
func TestServeTakesUpTheJobsOfADeadProcess(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.ran()
		dead := "ARRAY['" + strings.Repeat("A", 26) + "']"
		if strings.HasPrefix(w.db, "sqlite:") {
			dead = `jsonb('["` + strings.Repeat("A", 26) + `"]')`
		}
		w.inDatabase("UPDATE river_job SET state = 'running', attempt = 1, attempted_at = created_at, attempted_by = " + dead + " WHERE kind = 'deliver_note'")
		served, said := w.started("serve", "--only", "delivery")
		until(t, "the mails are sent", w.mailed)
		w.stopped(served, said)
		w.clean()
	})
}

// stopped ends a process as the system does, and checks that it ends well and
// soon. One that has not said anything may not have begun.
func (w *world) stopped(c *exec.Cmd, said *heard) {
	w.Helper()
	began := time.Now()
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		w.Fatal(err)
	}
	if err := c.Wait(); err != nil && said.String() != "" && !strings.Contains(said.String(), "the same command goes on where it was") {
		w.Errorf("it ends with %v: %s", err, said)
	}
	if took := time.Since(began); took > 15*time.Second {
		w.Errorf("it took %s to end", took)
	}
}

// A process that is told to stop ends in every stage.
func TestEveryStageEndsWhenItIsTold(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.small()
		c, said, pipe := w.importing()
		defer pipe.Close()
		w.holding()
		w.stopped(c, said)
		for _, wait := range []time.Duration{20 * time.Millisecond, 80 * time.Millisecond, 200 * time.Millisecond} {
			c, said := w.started("run", "--month", "2026-10")
			time.Sleep(wait)
			w.stopped(c, said)
		}
		w.do("run", "--month", "2026-10")

		hangs := make(chan struct{})
		server := (&mailServer{kept: func(int) error { <-hangs; return nil }}).start(t)
		defer close(hangs)
		before := w.mail
		w.mail = server.url()
		serve, said := w.started("serve")
		pages := regexp.MustCompile(`admin pages: http://(\S+)`)
		until(t, "it listens", func() bool { return pages.MatchString(said.String()) })
		body, open := io.Pipe()
		defer open.Close()
		go func() { // a request that does not end
			r, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodPost, "http://"+pages.FindStringSubmatch(said.String())[1]+"/login", body)
			if err == nil {
				_, _ = http.DefaultClient.Do(r)
			}
		}()
		began := time.Now()
		if err := serve.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		_ = serve.Wait()
		if took := time.Since(began); took > 30*time.Second {
			t.Errorf("serve took %s to end", took)
		}
		w.mail = before
	})
}

// The database goes away while a process serves, and comes back.
func TestServeOutlivesAnOutageOfTheDatabase(t *testing.T) {
	t.Parallel()
	if !storetest.HasPostgres() {
		return // a SQLite file does not go away
	}
	w := newWorld(t, storetest.Postgres(t)).small()
	served, said := w.started("serve", "--only", "delivery")
	until(t, "it serves", func() bool { return strings.Contains(said.String(), "creditrun serves") })
	server, err := sql.Open("pgx", os.Getenv(storetest.PostgresVariable))
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	name := w.db[strings.LastIndex(w.db, "/")+1:]
	name, _, _ = strings.Cut(name, "?")
	for _, statement := range []string{
		"ALTER DATABASE " + name + " WITH ALLOW_CONNECTIONS false",
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name + "'",
	} {
		if _, err := server.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	if said := w.fails(exitFailed, "notes"); !strings.Contains(said, "cannot be reached") {
		t.Errorf("it says %q", said)
	}
	if _, err := server.Exec("ALTER DATABASE " + name + " WITH ALLOW_CONNECTIONS true"); err != nil {
		t.Fatal(err)
	}
	w.do("run", "--month", "2026-10")
	until(t, "the mails are sent", w.mailed)
	w.stopped(served, said)
	w.clean()
}

// A month that is finished is not run again when nothing of it is open.
func TestAFinishedMonthMakesNoEmptyRun(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.ran().do("sessions", "release", "S-6", "--reason", "checked")
		w.do("run", "--month", "2026-10")
		r := w.try("run", "--month", "2026-10")
		if r.status != exitDone || !strings.Contains(r.stderr, "Nothing of 2026-10 is open") {
			t.Errorf("it ends with %d: %s", r.status, r.stderr)
		}
		var runs []runJSON
		if w.read(&runs, "runs"); len(runs) != 2 {
			t.Errorf("%d runs", len(runs))
		}
	})
}

// A copy that may only be read proves its books all the same.
func TestAReadOnlyCopyCanBeVerified(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		w := newWorld(t, storetest.SQLite(t)).ran()
		folder := filepath.Join(w.dir, "copy")
		copied := filepath.Join(folder, "copy.db")
		content, err := os.ReadFile(strings.TrimPrefix(w.db, "sqlite:"))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(copied, content, 0o444); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(folder, 0o555); err != nil {
			t.Fatal(err)
		}
		defer os.Chmod(folder, 0o755)
		w.db = "sqlite:" + copied
		c, _ := w.process("verify")
		var out bytes.Buffer
		c.Stdout, c.Stderr = &out, &out
		asNobody(t, c, folder)
		if err := c.Run(); err != nil || !strings.Contains(out.String(), ": clean\n") {
			t.Errorf("%v: %s", err, out.String())
		}
		if entries, err := os.ReadDir(folder); err != nil || len(entries) != 1 {
			t.Errorf("beside the copy there are %v: %v", entries, err)
		}
	})
	if !storetest.HasPostgres() {
		return
	}
	t.Run("postgres", func(t *testing.T) {
		w := newWorld(t, storetest.Postgres(t)).ran()
		separator := "?"
		if strings.Contains(w.db, "?") {
			separator = "&"
		}
		w.db += separator + "default_transaction_read_only=on"
		w.clean()
		if said := w.fails(exitFailed, "run", "--month", "2026-10"); !strings.Contains(said, "may only be read") {
			t.Errorf("it says %q", said)
		}
	})
}

// asNobody runs a command as a user to whom rights of files mean something: root
// writes everywhere.
func asNobody(t *testing.T, c *exec.Cmd, folder string) {
	t.Helper()
	if os.Getuid() != 0 {
		return
	}
	const nobody = 65534
	for dir := folder; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if info, err := os.Stat(dir); err == nil && info.Mode().Perm()&0o001 == 0 {
			if err := os.Chmod(dir, info.Mode().Perm()|0o011); err != nil {
				t.Fatal(err)
			}
		}
	}
	program, err := os.ReadFile(c.Path)
	if err != nil {
		t.Fatal(err)
	}
	open := filepath.Join(filepath.Dir(folder), "creditrun.test")
	if err := os.WriteFile(open, program, 0o755); err != nil {
		t.Fatal(err)
	}
	c.Path = open
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody, NoSetGroups: true}}
}

func itoa(n int) string { return strconv.Itoa(n) }
