package store_test

import (
	"slices"
	"testing"

	"creditrun/creditnotes"
)

// A line that disappears leaves a session that every later draft takes for
// settled. Only the proof looks at everything.
func TestVerifyFindsASessionThatEveryRunTakesForSettled(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"), charge("S-2", "ST-9", "2026-10-04 10:00", "10", invalid))
		w.Set("start_date", "2026-10-04")
		w.Tells("2026-10", `
			held S-2 b invalid
			received 2: credited 0 held 1 zero 0 excluded 1`)
		w.Proven()
		w.unlock()
		if n, err := w.sql("DELETE FROM lines WHERE session_id = $1", w.ID("S-1")); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		if report := w.Month("2026-10"); report.Total.Received.Sessions != 1 {
			t.Errorf("%+v", report.Total)
		}
		if got := w.Problems(); !slices.Contains(got, "verify_forgotten") {
			t.Errorf("verify finds %v", got)
		}
	})
}

func TestVerifySinceLeavesOutWhatIsEarlier(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"))
		w.Month("2026-10")
		w.Now = w.Now.AddDate(0, 1, 0)
		since := w.Now
		w.Charged(charge("S-2", "ST-1", "2026-11-03 10:00", "20"), charge("S-3", "ST-9", "2026-11-03 10:00", "20"))
		w.Month("2026-11")
		look := func() (*creditnotes.Verification, []string) {
			t.Helper()
			v, err := creditnotes.VerifySince(t.Context(), w.s, creditnotes.AuditHead{}, since)
			if err != nil {
				t.Fatal(err)
			}
			var keys []string
			for _, p := range v.Problems {
				keys = append(keys, p.Key)
			}
			return v, keys
		}
		if v, keys := look(); v.Notes != 2 || v.Files != 2 || v.Runs != 1 || len(keys) != 0 {
			t.Errorf("%d notes, %d files, %d runs, problems %v", v.Notes, v.Files, v.Runs, keys)
		}
		w.unlock()
		for _, statement := range []string{
			"UPDATE lines SET net_energy = net_energy + 1 WHERE energy = 10000000", "UPDATE credit_notes SET hash = 'x' WHERE number = 'GS-2026-00001'",
		} {
			if n, err := w.sql(statement); n != 1 || err != nil {
				t.Fatal(n, err)
			}
		}
		if _, keys := look(); slices.ContainsFunc(keys, func(k string) bool { return k != "verify_guard" }) {
			t.Errorf("what was earlier is looked at: %v", keys)
		}
		if n, err := w.sql("UPDATE lines SET net_energy = net_energy + 1 WHERE note_id = (SELECT id FROM credit_notes WHERE number = 'GS-2026-00002')"); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		if _, keys := look(); !slices.Contains(keys, "verify_lines") {
			t.Errorf("a changed line of a note since then is not found: %v", keys)
		}
		if n, err := w.sql("UPDATE credit_notes SET number = NULL, sequence = NULL, state = 'draft' WHERE number = 'GS-2026-00001'"); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		if _, keys := look(); !slices.Contains(keys, "verify_note_gone") {
			t.Errorf("an earlier note that is gone is not found: %v", keys)
		}
	})
}
