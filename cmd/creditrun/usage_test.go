package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"creditrun/internal/store/storetest"
)

func TestWrongUsageSaysTheWayOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, storetest.SQLite(t)).small()
	for line, want := range map[string]string{
		"nonsense":                                   "Try 'creditrun --help'.",
		"help nonsense":                              "Try 'creditrun help --help'.",
		"run":                                        "--month is required, such as --month 2026-10",
		"run --mont 2026-10":                         "Try 'creditrun run --help'.",
		"run --month 2026-13":                        "Try 'creditrun run --help'.",
		"run --month 2026-10 --date x":               "--date",
		"run 2026-10":                                "Try 'creditrun run --help'.",
		"preview":                                    "--month is required",
		"readiness --month october":                  "--month",
		"import":                                     "Try 'creditrun import --help'.",
		"export nonsense":                            "Try 'creditrun export --help'.",
		"export notes --month 2026":                  "--month",
		"sessions --month 10":                        "--month",
		"sessions --state lost":                      "states are open, held, drafted, credited, zero, excluded, withdrawn",
		"sessions release S-1":                       "--reason is required",
		"sessions release --blocked-by":              "Try 'creditrun sessions release --help'.",
		"sessions correct S-1":                       "--reason is required",
		"sessions correct S-1 --end x --reason r":    "such as 2026-10-31T12:00:00+01:00",
		"sessions correct S-1 --energy x --reason r": "an energy in kWh such as 12.345",
		"sessions invalidate":                        "Try 'creditrun sessions invalidate --help'.",
		"price":                                      "--rate is required",
		"price --rate com --energy-kwh":              "Try 'creditrun price --help'.",
		"price --rate com --energy-kwh 1.2345678":    "at most 6 decimals, such as 12.345",
		"price --rate com --duration 3":              "such as 1h30m",
		"price --rate com --start yesterday":         "such as 2026-10-31T22:00:00+01:00",
		"explain":                                    "Try 'creditrun explain --help'.",
		"approve":                                    "Try 'creditrun approve --help'.",
		"discard 1 2":                                "Try 'creditrun discard --help'.",
		"cancel GS-2026-00001":                       "--reason is required; it is printed on the cancellation",
		"cancel X --reason x --date x":               "--date",
		"object GS-2026-00001":                       "--reason is required",
		"object GS-2026-00001 --withdraw":            "--withdraw needs --answer",
		"object GS-2026-00001 --answer x":            "--answer goes with --withdraw",
		"object X --withdraw --reason x":             "--reason does not go with --withdraw",
		"resend":                                     "Try 'creditrun resend --help'.",
		"notes show":                                 "Try 'creditrun notes show --help'.",
		"runs show":                                  "Try 'creditrun runs show --help'.",
		"settings set active":                        "Try 'creditrun settings set --help'.",
		"serve --only web,cellar":                    "parts are scheduler, delivery",
		"verify now":                                 "Try 'creditrun verify --help'.",
		"deliver now":                                "Try 'creditrun deliver --help'.",
		"migrate now":                                "Try 'creditrun migrate --help'.",
		"demo here":                                  "Try 'creditrun demo --help'.",
		"notes --db mysql://x":                       "Name one as sqlite:creditrun.db or postgres://user@host/name",
	} {
		if said := w.fails(exitUsage, strings.Fields(line)...); !strings.Contains(said, want) {
			t.Errorf("creditrun %s says %q", line, said)
		}
	}
}

func TestWithoutACommandThereIsHelp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite:"+filepath.Join(t.TempDir(), "none.db"))
	for _, line := range []string{"", "--help", "help", "export", "help notes show", "run --help"} {
		r := w.try(strings.Fields(line)...)
		if r.status != exitDone || !strings.Contains(r.stdout, "Usage:") || r.stderr != "" {
			t.Errorf("creditrun %s ends with %d: %s%s", line, r.status, r.stdout, r.stderr)
		}
	}
	if _, err := os.Stat(strings.TrimPrefix(w.db, "sqlite:")); err == nil {
		t.Error("asking for help made a database")
	}
}

func TestEveryCommandShowsExamplesThatCanBeTyped(t *testing.T) {
	t.Parallel()
	a := &app{}
	root := a.root()
	shown := map[string]bool{}
	var visit func(c *cobra.Command)
	visit = func(c *cobra.Command) {
		for _, sub := range c.Commands() {
			visit(sub)
		}
		if !c.HasParent() || c.Name() == "completion" || c.Parent().Name() == "completion" {
			return
		}
		_, path, _ := strings.Cut(c.CommandPath(), " ")
		shown[path] = true
		if len(examples[path]) == 0 {
			t.Errorf("creditrun %s shows no example", path)
		}
		for _, example := range examples[path] {
			words := strings.Fields(strings.NewReplacer(`"`, "", " > network.yaml", "").Replace(example))
			found, rest, err := (&app{}).root().Find(words[1:])
			if err == nil {
				err = found.ParseFlags(rest)
			}
			if err != nil || words[0] != "creditrun" || !strings.HasPrefix(found.CommandPath(), c.CommandPath()) {
				t.Errorf("%q in the help of %s: %v", example, path, err)
			}
		}
	}
	visit(root)
	for path := range examples {
		if !shown[path] {
			t.Errorf("there is no command %q", path)
		}
	}
}

func TestTheProcessTellsItsVersionAndItsStatus(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]int{"--version": exitDone, "nonsense": exitUsage, "notes show X --db sqlite:/nowhere/x.db": exitFailed} {
		c := exec.CommandContext(t.Context(), os.Args[0], strings.Fields(line)...)
		c.Env = append(os.Environ(), childClock+"=now")
		var stdout, stderr bytes.Buffer
		c.Stdout, c.Stderr = &stdout, &stderr
		_ = c.Run()
		if got := c.ProcessState.ExitCode(); got != want || (stdout.Len() > 0) != (want == exitDone) || (stderr.Len() > 0) == (want == exitDone) {
			t.Errorf("creditrun %s ends with %d: %q, %q", line, got, &stdout, &stderr)
		}
		if want == exitDone && !strings.Contains(stdout.String(), " go1.") {
			t.Errorf("the version is %q", &stdout)
		}
	}
}

// A flag wins over the environment, which wins over the file.
func TestTheNearestConfigurationWins(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	path := func(name string) string { return filepath.Join(w.dir, name+".db") }
	config := w.file("creditrun.yaml", "db: sqlite:"+path("file")+"\nmail: folder:"+w.dir+"/file\n")
	try := func(vars map[string]string, args ...string) {
		t.Helper()
		var stderr bytes.Buffer
		status := run(t.Context(), append([]string{"migrate", "--config", config}, args...), env{
			stdin: strings.NewReader(""), stdout: &bytes.Buffer{}, stderr: &stderr, now: w.clock,
			getenv: func(name string) string { return vars[name] },
		})
		if status != exitDone {
			t.Fatal(stderr.String())
		}
	}
	made := func(want ...string) {
		t.Helper()
		for _, name := range []string{"file", "environment", "flag"} {
			_, err := os.Stat(path(name))
			if (err == nil) != strings.Contains(strings.Join(want, " "), name) {
				t.Errorf("of the databases %v were to be made; %s: %v", want, name, err)
			}
		}
	}
	environment := map[string]string{"CREDITRUN_DB": "sqlite:" + path("environment")}
	try(environment, "--db", "sqlite:"+path("flag"))
	made("flag")
	try(environment)
	made("flag", "environment")
	try(nil)
	made("flag", "environment", "file")

	w.db = "sqlite:" + path("file")
	broken := w.file("broken.yaml", "db: sqlite:x.db\nlisten: 8080\nmial: folder:x\n")
	said := w.fails(exitUsage, "notes", "--config", broken)
	for _, want := range []string{"mial", "listen", "broken.yaml:2", "broken.yaml:3"} {
		if !strings.Contains(said, want) {
			t.Errorf("of a broken configuration it says %q, without %q", said, want)
		}
	}
}
