package intake

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/internal/fault"
)

func readNetwork(t *testing.T, text string) *Network {
	t.Helper()
	n, err := ReadNetwork("network.yaml", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func sample(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// withoutLines forgets where settings stood, which writing does not keep.
func withoutLines(n *Network) *Network {
	for i := range n.Settings {
		n.Settings[i].Line = 0
	}
	return n
}

func TestNetworkSurvivesBeingWrittenAndReadAgain(t *testing.T) {
	for _, path := range []string{"testdata/network.yaml", "testdata/perth/network.yaml"} {
		t.Run(path, func(t *testing.T) {
			first := readNetwork(t, sample(t, path))
			var once, twice bytes.Buffer
			if err := WriteNetwork(&once, first); err != nil {
				t.Fatal(err)
			}
			second := readNetwork(t, once.String())
			if diff := cmp.Diff(withoutLines(first), withoutLines(second)); diff != "" {
				t.Errorf("read, written, read (-first +second):\n%s", diff)
			}
			if err := WriteNetwork(&twice, second); err != nil {
				t.Fatal(err)
			}
			if once.String() != twice.String() {
				t.Error("writing an equal network gave other bytes")
			}
			if os.Getenv("SHOW") != "" {
				t.Log(once.String())
			}
		})
	}
}

// lines prints faults the way they are compared in tests.
func lines(err error) string {
	var b strings.Builder
	for _, f := range fault.Of(err) {
		b.WriteString(f.Error() + "\n")
	}
	if b.Len() == 0 && err != nil {
		b.WriteString("not a fault: " + err.Error())
	}
	return b.String()
}
