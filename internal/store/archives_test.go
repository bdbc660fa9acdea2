package store_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

func TestAnArchiveIsKeptInParts(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		content := bytes.Repeat([]byte("0123456789abcdef"), 150_000) // 2.4 MB
		keep := func() *creditnotes.KeptArchive {
			kept, err := w.s.KeepArchive(t.Context(), "arno", 2026, func(out io.Writer) error {
				for part := range bytes.Lines(content) {
					if _, err := out.Write(part); err != nil {
						return err
					}
				}
				return nil
			})
			w.ok(err)
			return kept
		}
		first := keep()
		broken := errors.New("broken")
		if _, err := w.s.KeepArchive(t.Context(), "arno", 2026, func(out io.Writer) error {
			_, err := out.Write(content)
			return errors.Join(err, broken)
		}); !errors.Is(err, broken) {
			t.Errorf("%v", err)
		}
		if list, err := w.s.Archives(t.Context()); err != nil || len(list) != 1 || list[0] != *first || first.Size != int64(len(content)) || first.MadeBy != "arno" {
			t.Errorf("%+v, %v", list, err)
		}
		var read []byte
		for part, err := range w.s.ArchiveContent(t.Context(), first.ID) {
			w.ok(err)
			read = append(read, part...)
		}
		if !bytes.Equal(read, content) {
			t.Errorf("%d bytes of %d", len(read), len(content))
		}
		second := keep() // takes the place of the first
		if _, err := w.s.Archive(t.Context(), first.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("the first: %v", err)
		}
		w.ok(w.s.DeleteArchive(t.Context(), "anna", second.ID))
		if n := w.rows("archives") + w.rows("archive_parts"); n != 0 {
			t.Errorf("%d rows are left", n)
		}
	})
}

// archived are the rows of the tables of the archive of a year.
func (w *world) archived(year int) map[string][]string {
	w.T.Helper()
	got := map[string][]string{}
	for _, table := range w.s.ArchiveTables(year, time.UTC) {
		for row, err := range table.Rows(w.T.Context()) {
			w.ok(err)
			if len(row) != len(table.Columns) {
				w.T.Errorf("%s: %d values for %d columns", table.Name, len(row), len(table.Columns))
			}
			got[table.Name] = append(got[table.Name], strings.Join(row, ";"))
		}
	}
	return got
}

func TestTheTablesOfAnArchive(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.October()
		w.dearer()
		w.reprice(creditnotes.RepriceQuery{Rate: "com", From: "2026-10-01"}, "a EUR 1×: 3.150000 → 3.600000\n1 anew, 0 as before")
		got := w.archived(2026)
		same(t, strings.Join(got["positions"], "\n"), "GS-2026-00001;1;a;ST-1;energy;2026-10;1;10;EUR;3.15;s19;;"+
			`[{"tariff":"COM","unit":"kwh","price":"0.35","discount":"10","quantity":10000000}]`)
		if n := len(got["audit"]); n == 0 || len(got["reprices"]) != 1 || !strings.Contains(got["reprices"][0], ";com;;2026-10-01;rate was wrong;1;") {
			t.Errorf("%d entries, %v", n, got["reprices"])
		}
		for f, err := range w.s.ArchiveFiles(t.Context(), 2026) {
			w.ok(err)
			t.Errorf("a file %s", f.Name)
		}
	})
}
