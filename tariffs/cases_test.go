package tariffs

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write what the cases give into their files")

// divider stands in a case between what is given and what follows from it.
const divider = "--- result ---\n"

// TestCasesAreToldInTestdata prices the sessions of every file in
// testdata/cases and compares amounts and reasons with the file.
func TestCasesAreToldInTestdata(t *testing.T) {
	files, err := filepath.Glob("testdata/cases/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			given, want, _ := strings.Cut(string(text), divider)
			got := outcomeOf(t, given)
			if *update {
				if err := os.WriteFile(file, []byte(given+divider+got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-file +now (go test ./tariffs -update accepts it):\n%s", diff)
			}
		})
	}
}

func outcomeOf(t *testing.T, given string) string {
	t.Helper()
	w := readWorld(t, given)
	book := w.book()
	pricer := book.Pricer()
	var out strings.Builder
	var d Decision
	for _, s := range w.sessions {
		place := book.network.PlaceOf(s.EVSEID, s.Connector)
		err := pricer.Price(s, place, &d)
		tell(&out, s, &d, err)
		var alone Decision
		_ = book.Pricer().Price(s, place, &alone)
		if alone.Path.ID != d.Path.ID {
			t.Errorf("%s has another path when it is priced alone: %s", s.ExternalID, alone.Path.JSON)
		}
	}
	return out.String()
}
