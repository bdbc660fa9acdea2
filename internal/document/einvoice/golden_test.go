package einvoice

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
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
var kept = map[string]string{
	"en16931-2017": `
		S.cii S.ubl S-positions.cii S-exempt-mixed.cii S-empty.cii S-hostile.cii Z.cii E.cii AE.cii K.cii G.cii O.cii O.ubl
		O-minimal.cii JPY.cii KWD.ubl cancellation-261.cii cancellation-384.cii fees.cii fees.ubl fees-negative.ubl fees-JPY.ubl
		fees-cancelled.cii fees-cancelled.ubl S-prices.cii`,
	"xrechnung-3.0": `
		S.cii S.ubl S-positions.ubl S-reduced-mixed.ubl S-taxnumber.ubl Z.ubl E.ubl AE.ubl K.ubl G.ubl O.cii O.ubl
		cancellation-261.ubl cancellation-389.ubl cancellation-rich.ubl fees.cii fees.ubl fees-AE.cii fees-cancelled.cii fees-cancelled.ubl S-prices.ubl`,
	"peppol-selfbilling-3.0": `
		S.ubl S-positions.ubl S-hostile.ubl Z.ubl E.ubl AE.ubl K.ubl G.ubl O.ubl JPY.ubl cancellation-261.ubl cancellation-389.ubl`,
	"peppol-billing-3.0": `
		fees.ubl fees-AE.ubl fees-cancelled.ubl fees-negative.ubl`,
	"france-1.2": `
		FR.cii FR.ubl FR-positions.cii FR-AE.cii FR-cancellation-261.cii FR-cancellation-261.ubl FR-cancellation-384.ubl FR-fees.cii
		FR-fees-cancelled.ubl`,
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
	for _, name := range keptFiles() {
		content, ok := written[name]
		if !ok {
			t.Errorf("no sample %s", name)
			continue
		}
		path := filepath.Join("testdata", name)
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

// keptFiles lists the golden files of all profiles.
func keptFiles() (list []string) {
	for folder, names := range kept {
		for _, name := range strings.Fields(names) {
			list = append(list, folder+"/"+name+".xml")
		}
	}
	slices.Sort(list)
	return list
}

func save(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
