package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/internal/store/storetest"
)

func TestFailuresAreToldInWordsOfTheTrade(t *testing.T) {
	t.Parallel()
	w := newWorld(t, storetest.SQLite(t)).small()
	w.do("run", "--month", "2026-10")
	w.do("cancel", "GS-2026-00002", "--reason", "wrong tariff")
	for line, want := range map[string]string{
		"import nowhere.yaml":                     "There is no file nowhere.yaml",
		"settings set colour red":                 "There is no setting colour. There are: active, ",
		"settings set mail maybe":                 "Expected: true | false",
		"settings set number_range re":            "not valid for documents of the type credit_note",
		"settings set number_range zz":            "There is no number range zz",
		"approve 2026-09":                         "2026-09",
		"approve 2026-10":                         "Only a drafted run can be released",
		"discard 2026-10":                         "2026-10",
		"runs show 2026-09":                       "2026-09",
		"notes show GS-1":                         "There is no credit note GS-1",
		"resend GS-1":                             "There is no credit note GS-1",
		"cancel GS-1 --reason x":                  "There is no credit note GS-1",
		"cancel GS-2026-00002 --reason x":         "already been cancelled by ST-2026-00001",
		"explain S-0":                             "There is no session S-0",
		"sessions --owner c":                      "c",
		"sessions release S-0 --reason x":         "There is no session S-0",
		"sessions release S-1 --reason x":         "is on a credit note or a draft already",
		"price --rate none --energy-kwh 1":        "none",
		"notes show GS-2026-00001 --pdf /no/x":    "/no/x",
		"export network --out /no/x":              "/no/x",
		"export notes --out testdata/golden.x/y":  "",
		"notes --db sqlite:/nowhere/x.db":         "There is no database file /nowhere/x.db",
		"migrate --db sqlite:/nowhere/x.db":       "Check that its folder exists",
		"notes --db sqlite:testdata/network.yaml": "is not a SQLite database",
		"notes --db postgres://127.0.0.1:1/x":     "cannot be reached",
	} {
		if strings.Contains(line, "golden.x") {
			line = strings.ReplaceAll(line, "testdata/golden.x", w.file("file", ""))
		}
		if said := w.fails(exitFailed, strings.Fields(line)...); !strings.Contains(said, want) || strings.Contains(said, "sql: ") {
			t.Errorf("creditrun %s says %q", line, said)
		}
	}
	w.mail = "pigeon:loft"
	if said := w.fails(exitUsage, "deliver"); !strings.Contains(said, "smtp://") {
		t.Errorf("of an unknown transport it says %q", said)
	}
}

// fields lists the keys of a JSON object, or of the first of an array.
func fields(t testing.TB, text string) []string {
	t.Helper()
	var object map[string]any
	if list := []map[string]any{}; json.Unmarshal([]byte(text), &list) == nil {
		if len(list) > 0 {
			object = list[0]
		}
	} else if err := json.Unmarshal([]byte(text), &object); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return slices.Sorted(maps.Keys(object))
}

func TestEveryListingHasItsFieldsInJSON(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		const run = "run period notes held failed control"
		const note = "number kind owner owners recipient language currency date period positions net taxes gross mention"
		for _, one := range [][2]string{
			{"import testdata/network.yaml testdata/sessions.csv", "file"},
			{"settings", "active mail create_zero_notes language number_range tax_account community_discount_percent revenue_account start_date release"},
			{"readiness --month 2026-10", "month ready findings held"},
			{"preview --month 2026-10", run},
			{"sessions", "session source evse_id connector class start end energy_kwh status state"},
			{"explain S-2", "class owner outcome rule tariff cost_rate discount_percent components total tried"},
			{"run --month 2026-10", run},
			{"runs", "run month trigger stage document_date cutoff created_by approved_by"},
			{"runs show 2026-10", run},
			{"notes", note + " run delivery"},
			{"notes show GS-2026-00001", note},
			{"sessions --state credited", "number"},
			{"sessions --state held", "reason"},
			{"explain S-6", "class owner outcome reason"},
			{"price --rate com --energy-kwh 12.345", "energy time fee total bands"},
			{"deliver", "sent"},
			{"cancel GS-2026-00001 --reason x", note + " cancels"},
			{"verify", "clean problems"},
		} {
			got := fields(t, w.do(append(strings.Fields(one[0]), "--json")...))
			for _, field := range strings.Fields(one[1]) {
				if !slices.Contains(got, field) {
					t.Errorf("creditrun %s --json has no %s, only %v", one[0], field, got)
				}
			}
		}
		var preview creditnotes.ReportJSON
		w.read(&preview, "preview", "--month", "2026-10")
		if len(preview.Notes) != 1 || preview.Notes[0].Number != nil {
			t.Errorf("a preview gives numbers: %+v", preview.Notes)
		}
		for _, line := range []string{"sessions --month 2025-01", "notes --run none", "sessions --limit 1 --owner b --state zero"} {
			if out := w.do(append(strings.Fields(line), "--json")...); out != "[]\n" {
				t.Errorf("creditrun %s --json prints %q for nothing", line, out)
			}
		}
	})
}

func TestTheFeatureIsTurnedOnAfterAskingTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t, storetest.SQLite(t)).small()
	w.do("settings", "set", "active", "false")
	if said := w.fails(exitFailed, "run", "--month", "2026-10"); !strings.Contains(said, "Switch them on in the settings (active)") {
		t.Errorf("a run without the feature says %q", said)
	}
	for answers, on := range map[string]string{"": "false", "yes\n": "false", "yes\nno\n": "false", "no\nyes\n": "false", "yes\nyes\n": "true"} {
		w.do("settings", "set", "active", "false")
		w.stdin = answers
		r := w.try("settings", "set", "active", "true")
		asked := strings.Count(r.stderr, "[yes/no]")
		if !strings.Contains(r.stderr, "charged service") || r.stdout != "" || on == "true" && (r.status != exitDone || asked != 2) || on == "false" && r.status != exitUsage {
			t.Errorf("after %q it ends with %d: %s", answers, r.status, r.stderr)
		}
		var settings map[string]string
		w.read(&settings, "settings")
		if settings["active"] != on {
			t.Errorf("after %q active is %s", answers, settings["active"])
		}
	}
	w.do("settings", "set", "active", "false")
	w.do("settings", "set", "active", "true", "--yes")
}

func TestImportingTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.small()
		w.now = w.now.AddDate(0, 0, 1)
		network, sessions := w.do("export", "network"), w.do("sessions", "--json")
		var again []imported
		w.read(&again, "import", "testdata/network.yaml", "testdata/sessions.csv")
		for _, change := range again[0].Network {
			if change.Created != 0 || change.Updated != 0 {
				t.Errorf("%+v", change)
			}
		}
		if s := again[1].Sessions; s.New != 0 || s.Corrected != 0 || s.Rejected != 0 || s.Unchanged != 7 {
			t.Errorf("%+v", s)
		}
		if diff := cmp.Diff(network+sessions, w.do("export", "network")+w.do("sessions", "--json")); diff != "" {
			t.Error(diff)
		}
		w.clean()
	})
}

func TestAnExportedNetworkIsTheSameElsewhere(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"testdata/network.yaml", "../../docs/examples/network.yaml", "../../internal/intake/testdata/perth/network.yaml"} {
		t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) {
			here := newWorld(t, storetest.SQLite(t))
			here.do("import", file)
			exported := here.do("export", "network")
			eachWorld(t, func(t *testing.T, w *world) {
				w.do("import", w.file("network.yaml", exported))
				if diff := cmp.Diff(exported, w.do("export", "network")); diff != "" {
					t.Error(diff)
				}
				out := filepath.Join(w.dir, "out.yaml")
				w.do("export", "network", "--out", out)
				if content, err := os.ReadFile(out); err != nil || string(content) != exported {
					t.Errorf("the file holds something else: %v", err)
				}
				before := w.do("settings", "--json")
				w.do("import", file)
				if diff := cmp.Diff(before, w.do("settings", "--json")); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func TestAFolderOfDocumentsHoldsTheStoredBytes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, storetest.SQLite(t)).small()
	folder, exported := filepath.Join(w.dir, "documents"), filepath.Join(w.dir, "exported")
	w.do("run", "--month", "2026-10", "--out", folder)
	w.do("export", "notes", "--out", exported, "--month", "2026-10")
	for _, name := range []string{"GS-2026-00001.pdf", "GS-2026-00001.csv", "GS-2026-00002.pdf", "GS-2026-00002.csv"} {
		a, errA := os.ReadFile(filepath.Join(folder, name))
		b, errB := os.ReadFile(filepath.Join(exported, name))
		if errA != nil || errB != nil || len(a) == 0 || !bytes.Equal(a, b) {
			t.Errorf("%s: %d and %d bytes, %v, %v", name, len(a), len(b), errA, errB)
		}
	}
	bundle, list := filepath.Join(w.dir, "x.zip"), filepath.Join(w.dir, "list.csv")
	w.do("export", "notes", "--format", "zip", "--out", bundle)
	archive, err := zip.OpenReader(bundle)
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	stored, err := os.ReadDir(exported)
	if err != nil || len(archive.File) != len(stored) {
		t.Errorf("%d files in the ZIP, %d in the folder, %v", len(archive.File), len(stored), err)
	}
	w.do("export", "notes", "--format", "csv", "--out", list)
	if got, err := os.ReadFile(list); err != nil || bytes.Count(got, []byte("\nGS-2026-")) != 2 {
		t.Errorf("%s, %v", got, err)
	}
	w.do("export", "notes", "--format", "xlsx", "--out", filepath.Join(w.dir, "list.xlsx"))
	csv := filepath.Join(w.dir, "x.csv")
	if out := w.do("notes", "show", "GS-2026-00001", "--csv", csv); out != "" {
		t.Errorf("writing a file prints %q", out)
	}
	content, err := os.ReadFile(csv)
	if err != nil || !strings.Contains(string(content), "GS-2026-00001;S-2;DE*VLT*E1;") || !strings.Contains(string(content), ";3.888675;") {
		t.Errorf("%v: %s", err, content)
	}
	workbook := filepath.Join(w.dir, "x.xlsx")
	w.do("notes", "show", "GS-2026-00001", "--xlsx", workbook)
	if content, err := os.ReadFile(workbook); err != nil || !bytes.HasPrefix(content, []byte("PK")) {
		t.Errorf("workbook: %v", err)
	}
}

func TestAnImportCanBeCheckedBefore(t *testing.T) {
	t.Parallel()
	w := newWorld(t, storetest.SQLite(t)).small()
	text := strings.Replace(goldenText(t, "network.yaml"), "Seeweg 5", "Seeweg 6", 1)
	text = strings.Replace(text, "  - {key: a, parent", "  - {key: neu, parent: voltnetz, name: Neu, country: DE}\n  - {key: a, parent", 1)
	changed, more := w.file("network.yaml", text), w.file("sessions.csv", goldenText(t, "sessions.csv"))
	for range 2 {
		said := w.do("import", "--check", changed, more)
		for _, want := range []string{"Checked only, nothing was changed. " + changed, "created: neu\n", "updated: a (street)\n", "unchanged: ", "0 new"} {
			if !strings.Contains(said, want) {
				t.Errorf("%q is missing in\n%s", want, said)
			}
		}
	}
	said := w.do("import", changed)
	if strings.Contains(said, "Checked only") || !strings.Contains(said, "updated: a (street)\n") {
		t.Errorf("the import says\n%s", said)
	}
	var done []imported
	w.read(&done, "import", "--check", changed)
	if len(done) != 1 || !done[0].Checked || len(done[0].Network) == 0 {
		t.Fatalf("%+v", done)
	}
	for _, section := range done[0].Network {
		if section.Created+section.Updated > 0 || len(section.Records) != section.Unchanged {
			t.Errorf("%+v", section)
		}
	}
}
