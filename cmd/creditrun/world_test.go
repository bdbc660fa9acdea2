package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/store/storetest"
)

var update = flag.Bool("update", false, "write the golden files")

// world is all that a command sees: database, mail, clock, environment.
type world struct {
	testing.TB
	dir   string
	db    string
	mail  string
	now   time.Time
	vars  map[string]string
	stdin string
	// answers says that a person sits at the terminal.
	answers bool
}

// newWorld is a day in November 2026, after the month end of the small network.
func newWorld(t testing.TB, db string) *world {
	t.Helper()
	dir := t.TempDir()
	return &world{
		TB: t, dir: dir, db: db, mail: "folder:" + filepath.Join(dir, "outbox"),
		now: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC), vars: map[string]string{"CREDITRUN_USER": "erika", "CREDITRUN_LISTEN": "127.0.0.1:0"},
	}
}

// eachWorld runs a test on both databases.
func eachWorld(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	storetest.EachURL(t, func(t *testing.T, url string) { test(t, newWorld(t, url)) })
}

// result is what a command leaves behind.
type result struct {
	status         int
	stdout, stderr string
}

func (w *world) args(args []string) []string {
	return append([]string{"--db", w.db, "--mail", w.mail}, args...)
}

func (w *world) clock() time.Time { return w.now }

// try runs a command line in this process.
func (w *world) try(args ...string) result { return w.tryUntil(w.Context(), &heard{}, args...) }

// tryUntil runs a command line until it or the context ends.
func (w *world) tryUntil(ctx context.Context, stderr *heard, args ...string) result {
	var stdout bytes.Buffer
	now := w.now
	status := run(ctx, w.args(args), env{
		stdin: strings.NewReader(w.stdin), stdout: &stdout, stderr: stderr,
		getenv: func(name string) string { return w.vars[name] }, now: func() time.Time { return now },
		answers: w.answers,
	})
	return result{status, stdout.String(), stderr.String()}
}

// heard is what a command has said so far.
type heard struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (h *heard) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.Write(p)
}

func (h *heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.String()
}

// do runs a command line that works and returns what it prints.
func (w *world) do(args ...string) string {
	w.Helper()
	r := w.try(args...)
	if r.status != exitDone {
		w.Fatalf("creditrun %v ends with %d:\n%s", args, r.status, r.stderr)
	}
	return r.stdout
}

// fails runs a command line that does not work and returns what it says.
func (w *world) fails(status int, args ...string) string {
	w.Helper()
	r := w.try(args...)
	if r.status != status || r.stdout != "" || !strings.HasPrefix(r.stderr, "creditrun: ") {
		w.Fatalf("creditrun %v ends with %d, not %d; stdout %q, stderr:\n%s", args, r.status, status, r.stdout, r.stderr)
	}
	return r.stderr
}

// read runs a command with --json.
func (w *world) read(into any, args ...string) {
	w.Helper()
	out := w.do(append(args, "--json")...)
	decoder := json.NewDecoder(strings.NewReader(out))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		w.Fatalf("creditrun %v --json: %v\n%s", args, err, out)
	}
	if decoder.More() {
		w.Fatalf("creditrun %v --json prints more than one value:\n%s", args, out)
	}
}

// notes lists the notes of the world.
func (w *world) notes(args ...string) []noteRowJSON {
	w.Helper()
	var list []noteRowJSON
	w.read(&list, append([]string{"notes"}, args...)...)
	return list
}

// clean asks for the proof of the books.
func (w *world) clean() {
	w.Helper()
	var proof struct {
		Clean    bool     `json:"clean"`
		Problems []string `json:"problems"`
	}
	if err := json.Unmarshal([]byte(w.do("verify", "--json")), &proof); err != nil || !proof.Clean || len(proof.Problems) > 0 {
		w.Errorf("the books are not clean: %v %v", err, proof)
	}
}

// file writes a file of the test.
func (w *world) file(name, content string) string {
	w.Helper()
	path := filepath.Join(w.dir, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		w.Fatal(err)
	}
	return path
}

// process makes creditrun in a process of its own, with the world's clock.
func (w *world) process(args ...string) (*exec.Cmd, *bytes.Buffer) {
	w.Helper()
	c := exec.CommandContext(w.Context(), os.Args[0], w.args(args)...)
	c.Env = append(os.Environ(), childClock+"="+w.now.Format(time.RFC3339))
	for name, value := range w.vars {
		c.Env = append(c.Env, name+"="+value)
	}
	out := &bytes.Buffer{}
	c.Stdout, c.Stderr = out, out
	return c, out
}

// small imports the network and the sessions of domain.md §6.7, and one more.
func (w *world) small() *world {
	w.Helper()
	w.do("import", "testdata/network.yaml", "testdata/sessions.csv")
	return w
}

// perth imports three months of real charging sessions.
func (w *world) perth() *world {
	w.Helper()
	w.now = time.Date(2019, 9, 2, 9, 0, 0, 0, time.UTC)
	w.do("import", "../../internal/intake/testdata/perth/network.yaml", w.file("sessions.csv", unzipped(w, "sessions.csv.gz")))
	return w
}

var perthMonths = []string{"2019-06", "2019-07", "2019-08"}

func unzipped(t testing.TB, name string) string {
	t.Helper()
	file, err := os.Open(filepath.Join("..", "..", "internal", "intake", "testdata", "perth", name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// comparableNotes are what must be the same however notes came about: all but
// the seal, which covers when they were issued.
func comparableNotes(rows []noteRowJSON) []creditnotes.NoteJSON {
	list := make([]creditnotes.NoteJSON, len(rows))
	for i, row := range rows {
		list[i] = row.NoteJSON
		list[i].Hash = ""
	}
	return list
}

// golden compares with a file of testdata.
func golden(t testing.TB, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if goldenText(t, name) != got {
		t.Errorf("%s differs; -update writes it\n%s", path, got)
	}
}

func goldenText(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// until asks again and again, for a bounded time.
func until(t testing.TB, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}
