package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/store/storetest"
)

func TestTheArchiveOfAYearIsTheSameTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t, storetest.SQLite(t)).small()
	w.do("run", "--month", "2026-10")
	folder := t.TempDir()
	read := func(name string) string {
		content, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	w.do("export", "archive", "--year", "2026", filepath.Join(folder, "a"))
	w.do("export", "archive", "--year", "2026", filepath.Join(folder, "1.zip"))
	w.do("export", "archive", "--year", "2026", filepath.Join(folder, "2.zip"))
	if read("1.zip") != read("2.zip") {
		t.Error("two archives differ")
	}
	sums := read("a/SHA256SUMS")
	xml, pdf := strings.Index(sums, "documents/GS-2026-00001-factur-x.xml"), strings.Index(sums, "documents/GS-2026-00001.pdf")
	if xml < 0 || pdf < xml || !strings.Contains(sums, "  index.xml\n") || !strings.Contains(sums, "verfahrensdokumentation.txt") {
		t.Errorf("%s", sums)
	}
	if got := read("a/tables/documents.csv"); !strings.Contains(got, "GS-2026-00001;credit_note;2026-11-02;a;EUR;16.84;3.20;20.04;") {
		t.Errorf("%s", got)
	}
	var quota []quotaJSON
	if w.read(&quota, "export", "quota", "--year", "2026"); len(quota) == 0 {
		t.Error("no charge points")
	}
	w.fails(exitUsage, "export", "quota", "--year", "26")
	var preview creditnotes.RepriceJSON
	if w.read(&preview, "reprice", "--rate", "com", "--from", "2026-10-01"); preview.State != "preview" || preview.Sessions != 0 || preview.Unchanged == 0 {
		t.Errorf("%+v", preview)
	}
	w.fails(exitFailed, "reprice", "--rate", "nothing", "--from", "2026-10-01")
}
