package store_test

import (
	"testing"

	"creditrun/creditnotes"
)

// Sums of lines never change, and those of runs that an older version issued are
// made when the schema is brought up to date.
func TestLinesAreAddedUpOnce(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"), charge("S-2", "ST-2", "2026-10-04 10:00", "20"))
		w.Month("2026-10")
		tells := func() string { return w.Analysis(creditnotes.ByStation, "2026-10") }
		before := tells()
		for _, statement := range []string{"UPDATE line_sums SET net = 0", "DELETE FROM line_sums"} {
			if _, err := w.sql(statement); err == nil {
				t.Errorf("%s: done", statement)
			}
		}
		w.edited("UPDATE line_sums SET net = net + 1 WHERE station_key = 'ST-2'", "verify_line_sums")
		w.edited("UPDATE line_sums SET net = net - 1 WHERE station_key = 'ST-2'")
		w.unlock()
		if n, err := w.sql("DELETE FROM line_sums"); err != nil || n != 2 {
			t.Fatal(n, err)
		}
		for range 2 { // the second time there is nothing left to do
			if err := w.s.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			if after := tells(); after != before {
				t.Errorf("%s\nand not\n%s", after, before)
			}
		}
	})
}
