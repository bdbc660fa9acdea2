package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The JSON in docs/formats.md is a promise to other programs: every field in it
// is printed.
func TestARunPrintsWhatFormatsPromises(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/formats.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)## 4\\..*?```json\n(.*?)```").FindSubmatch(page)
	if blocks == nil {
		t.Fatal("docs/formats.md §4 has no JSON")
	}
	w := newWorld(t, "sqlite:"+t.TempDir()+"/w.db")
	network := strings.Replace(goldenText(t, "network.yaml"), "email: [inn@harbour.example], ", "", 1) // an owner that fails
	w.do("import", w.file("network.yaml", network), "testdata/sessions.csv")
	printed := fieldsIn(t, []byte(w.do("run", "--month", "2026-10", "--json")))
	for _, field := range slices.Sorted(maps.Keys(fieldsIn(t, blocks[1]))) {
		if !printed[field] {
			t.Errorf("a run prints no %s", field)
		}
	}
}

// fieldsIn lists the fields of a JSON value with the way to each, such as
// notes.positions.net.
func fieldsIn(t *testing.T, text []byte) map[string]bool {
	t.Helper()
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	fields := map[string]bool{}
	var walk func(at string, value any)
	walk = func(at string, value any) {
		switch value := value.(type) {
		case map[string]any:
			for key, inner := range value {
				field := strings.TrimPrefix(fmt.Sprintf("%s.%s", at, key), ".")
				fields[field] = true
				walk(field, inner)
			}
		case []any:
			for _, inner := range value {
				walk(at, inner)
			}
		}
	}
	walk("", value)
	return fields
}
