package einvoice

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	update = flag.Bool("update", false, "write the golden files anew")
	// The standards' own validators are not part of this repository: with
	// -out the samples can be given to them.
	out = flag.String("out", "", "write every sample in every form to this folder")
)

// kept are the samples with golden files: one of each tax case and type.
var kept = []string{
	"S.en.cii", "S.en.ubl", "S.xr.cii", "S.xr.ubl", "S-positions.en.cii", "S-positions.xr.ubl", "S-exempt-mixed.en.cii",
	"S-reduced-mixed.xr.ubl", "S-empty.en.cii", "S-hostile.en.cii", "S-taxnumber.xr.ubl",
	"Z.en.cii", "Z.xr.ubl", "E.en.cii", "E.xr.ubl", "AE.en.cii", "AE.xr.ubl", "K.en.cii", "K.xr.ubl", "G.en.cii", "G.xr.ubl",
	"O.en.cii", "O.en.ubl", "O.xr.cii", "O.xr.ubl", "O-minimal.en.cii", "JPY.en.cii", "KWD.en.ubl",
	"cancellation-261.en.cii", "cancellation-261.xr.ubl", "cancellation-384.en.cii", "cancellation-389.xr.ubl",
	"cancellation-rich.xr.ubl", "S-prices.en.cii", "S-prices.xr.ubl",
	"fees.en.cii", "fees.xr.cii", "fees.en.ubl", "fees.xr.ubl", "fees-AE.xr.cii", "fees-negative.en.ubl", "fees-JPY.en.ubl",
	"fees-cancelled.en.cii", "fees-cancelled.xr.cii", "fees-cancelled.en.ubl", "fees-cancelled.xr.ubl",
}

func TestDocumentsAreTheGoldenOnes(t *testing.T) {
	words := texts(t)
	written := map[string][]byte{}
	for name, s := range samples() {
		for file, content := range s.write(t, name, words) {
			written[file] = content
			if *out != "" {
				save(t, filepath.Join(*out, file), content)
			}
		}
	}
	for _, name := range kept {
		content, ok := written[name+".xml"]
		if !ok {
			t.Errorf("no sample %s", name)
			continue
		}
		path := filepath.Join("testdata", name+".xml")
		if *update {
			save(t, path, content)
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Errorf("%v (go test -update writes it)", err)
			continue
		}
		if diff := cmp.Diff(string(want), string(content)); diff != "" {
			t.Errorf("%s (-golden +written):\n%s", name, diff)
		}
	}
}

func save(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
