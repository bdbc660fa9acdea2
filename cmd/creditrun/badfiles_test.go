package main

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/internal/store/storetest"
)

// badFile is a file of testdata with one fault in it.
type badFile struct {
	file, replace, with string
	want                []string // line or record, field, expectation
}

var badFiles = map[string]badFile{
	"unknown key":           {"network.yaml", "street: Seeweg 5", "stret: Seeweg 5", []string{"line 10", "entities[0].stret", "expected one of the fields key,"}},
	"unquoted price":        {"network.yaml", `per_kwh: "0.35"`, "per_kwh: 0.35", []string{"line 13", "cost_rates[0].energy[0].per_kwh", "in quotes", "0.35 without quotes"}},
	"too many decimals":     {"network.yaml", `per_kwh: "0.35"`, `per_kwh: "0.1234567"`, []string{"line 13", "per_kwh", "at most 6 decimals"}},
	"two bands, one bound":  {"network.yaml", `{up_to_wh: 1, per_kwh: "0.28"}`, `{up_to_wh: 9, per_kwh: "0"}, {up_to_wh: 9, per_kwh: "1"}`, []string{"line 14", "hotel", "energy", "the same bound 9"}},
	"impossible date":       {"network.yaml", "from: 2022-01-01, purchase", "from: 2022-02-30, purchase", []string{"line 16", "community_tariffs[0].versions[0].from", "such as 2026-10-31", "2022-02-30"}},
	"duplicate key":         {"network.yaml", "key: b, parent", "key: a, parent", []string{"line 11", "entities[1].key", "occurs once (it is also on line 10)"}},
	"duplicate field":       {"network.yaml", "key: b, parent", "parent: a, key: b, parent", []string{"line 11", "entities[1].parent", "the field once"}},
	"orphan":                {"network.yaml", "key: b, parent: voltnetz", "key: b, parent: c", []string{"line 11", "“b”", "parent “c”, which does not exist"}},
	"circle":                {"network.yaml", "key: b, parent: voltnetz", "key: b, parent: b", []string{"b → b"}},
	"two roots":             {"network.yaml", "key: b, parent: voltnetz", "key: b", []string{"line 11", "parent"}},
	"unknown currency":      {"network.yaml", "key: hotel, currency: EUR", "key: hotel, currency: XXX", []string{"line 14", "cost_rates[1].currency", "ISO 4217 such as EUR"}},
	"range of another type": {"network.yaml", "number_range: gs", "number_range: re", []string{"“re” is not valid for documents of the type credit_note"}},
	"unknown range":         {"network.yaml", "number_range: gs", "number_range: zz", []string{"no number range zz"}},
	"ranges that collide":   {"network.yaml", "ST-{YYYY}", "GS-{YYYY}", []string{"“st”", "“gs”", "could give the same number"}},
	"unknown rate":          {"network.yaml", "purchase: com}", "purchase: com2}", []string{"com2"}},
	"unknown zone":          {"network.yaml", "time_zone: Europe/Berlin, bank", "time_zone: Europe/Berln, bank", []string{"line 2", "time_zone"}},
	"broken YAML":           {"network.yaml", "key: a, parent", "key: [, parent", []string{"line 10", "valid YAML"}},

	"impossible start":  {"sessions.csv", "2026-10-05T10", "2026-10-35T10", []string{"line 4", "start", "such as 2026-10-31T12:00:00+01:00", "2026-10-35T10"}},
	"no offset":         {"sessions.csv", "2026-10-05T10:00:00+02:00", "2026-10-05T10:00:00", []string{"line 4", "start", "offset"}},
	"energy too exact":  {"sessions.csv", "12.345", "12.3456789", []string{"line 3", "energy_kwh", "at most 6 decimals"}},
	"unknown class":     {"sessions.csv", "bilateral", "partner", []string{"line 6", "class", "internal, bilateral, community"}},
	"unknown status":    {"sessions.csv", "invalid", "void", []string{"line 7", "status", "valid or invalid"}},
	"missing column":    {"sessions.csv", "evse_id,", "evse,", []string{"line 1", "evse_id", "this column"}},
	"too many cells":    {"sessions.csv", "S-4,", "S-4,,", []string{"line 5", "8 fields"}},
	"a session unnamed": {"sessions.csv", "S-5,", ",", []string{"line 6", "id"}},
}

// state is everything a bad file could have changed.
func (w *world) state() string {
	w.Helper()
	return w.do("export", "network") + w.do("sessions", "--json") + w.do("settings", "--json")
}

func TestABadFileNamesTheFaultAndChangesNothing(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.small()
		before := w.state()
		for name, bad := range badFiles {
			good := goldenText(t, bad.file)
			// Something good comes first, and must not get in either.
			good = strings.Replace(good, "Hotel Nord", "Hotel North", 1)
			good = strings.Replace(good, "S-1,DE*VLT*E1,", "S-0,DE*VLT*E1,", 1)
			content := strings.Replace(good, bad.replace, bad.with, 1)
			if content == good {
				t.Errorf("%s: there is no %q in %s", name, bad.replace, bad.file)
			}
			path := w.file("bad-"+bad.file, content)
			said := w.fails(exitFailed, "import", path)
			for _, want := range append(bad.want, path) {
				if !strings.Contains(said, want) {
					t.Errorf("%s: it says %q, without %q", name, said, want)
				}
			}
		}
		if diff := cmp.Diff(before, w.state()); diff != "" {
			t.Errorf("bad files changed something:\n%s", diff)
		}
		w.clean()
	})
}

func TestAnEmptyDatabaseStaysEmptyAfterABadFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t, storetest.SQLite(t))
	before := w.do("settings", "--json") + w.do("export", "network")
	w.fails(exitFailed, "import", w.file("network.yaml", strings.Replace(goldenText(t, "network.yaml"), "number_range: gs", "number_range: re", 1)))
	if diff := cmp.Diff(before, w.do("settings", "--json")+w.do("export", "network")); diff != "" {
		t.Error(diff)
	}
	for _, line := range []string{"run --month 2026-10", "preview --month 2026-10", "readiness", "sessions", "price --rate com"} {
		if said := w.fails(exitFailed, strings.Fields(line)...); !strings.Contains(said, "Import a network file first") {
			t.Errorf("creditrun %s says %q about an empty database", line, said)
		}
	}
}

func TestEveryFaultOfAFileIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, storetest.SQLite(t))
	content := strings.NewReplacer("street: Seeweg 5", "stret: x", `per_kwh: "0.35"`, "per_kwh: 0.35", "from: 2022-01-01, purchase", "from: never, purchase").Replace(goldenText(t, "network.yaml"))
	if said := w.fails(exitFailed, "import", w.file("bad.yaml", content)); strings.Count(said, "creditrun: ") != 3 {
		t.Errorf("of three faults it says %q", said)
	}
}

func TestKeepGoingTakesTheGoodSessionsAndWritesTheOthers(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.do("import", "testdata/network.yaml")
		content := strings.NewReplacer("12.345", "12.3456789", "bilateral", "partner").Replace(goldenText(t, "sessions.csv"))
		path := w.file("sessions.csv", content)
		w.fails(exitFailed, "import", path)
		var done []imported
		w.read(&done, "import", "--keep-going", path)
		if s := done[0].Sessions; s.New != 5 || s.Rejected != 2 {
			t.Errorf("%+v", s)
		}
		rejected, err := os.ReadFile(path + ".rejected")
		if err != nil {
			t.Fatal(err)
		}
		want := []string{"# line 3, energy_kwh: expected ", "got 12.3456789", "S-2,DE*VLT*E1,", "# line 6, class: expected ", "got partner", "S-5,DE*VLT*E2,"}
		for _, part := range want {
			if !strings.Contains(string(rejected), part) {
				t.Errorf("the rejected records lack %q:\n%s", part, rejected)
			}
		}
		if n := strings.Count(string(rejected), "\n"); n != 4 {
			t.Errorf("%d lines of rejected records:\n%s", n, rejected)
		}
		// A person corrects them in place; the next import leaves that file alone.
		w.file("sessions.csv.rejected", "corrected")
		w.read(&done, "import", "--keep-going", path)
		if done[0].Rejected != path+".rejected.2" {
			t.Errorf("the rejected records are in %s", done[0].Rejected)
		}
	})
}
